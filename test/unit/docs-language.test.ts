// The examples of docs/language.md are what the parser takes.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readJsonText } from "../../prover/language/json.js";
import { parsePolicy, parseRequest } from "../../prover/language/parse.js";

const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
const reading = { bytesMax: 65_536, tooLarge: "too_large", nestingMax: 32, exact: true };

test("the page has a policy, a request and conditions", () => {
  expect(examples.length).toBeGreaterThanOrEqual(4);
});

test.each(examples)("the example is accepted: %s", (text) => {
  const { value } = readJsonText(text, reading);
  expect(value).toBeTypeOf("object");
  const keys = Object.keys(value ?? {});
  const when = { id: "r", effect: "allow", action: "x", when: value };
  const result = keys.includes("language")
    ? parsePolicy(text)
    : keys.includes("action")
      ? parseRequest(text)
      : parsePolicy({ language: "atmost/1", name: "p", version: "1", rules: [when] });
  expect(result).toMatchObject({ kind: "ok" });
});
