// The parser, the kernel's loader and the schema agree on what a policy is.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Json } from "../../prover/kernel/index.js";
import { problemsOf } from "../../prover/language/issues.js";
import { setOwn } from "../../prover/language/json-parts.js";
import { parsePolicy, parseRequest } from "../../prover/language/parse.js";
import { parsePolicyAsync, parseRequestAsync } from "../../prover/language/parse-async.js";
import { passesQuickly } from "../../prover/language/quick.js";
import { policySchema } from "../../prover/language/schema.js";
import { loadPolicy } from "../../prover/load.js";
import { mutateString } from "../generators/mutate.js";
import { arbPolicy } from "../generators/policies.js";
import { propertyParameters, randomFrom } from "../generators/seed.js";

type Edit = { readonly kind: "replace" | "remove" | "rename" | "add" | "respell" | "double"; readonly pick: number; readonly value: Json };

const awkward: readonly Json[] = [
  null,
  true,
  "",
  "x",
  "**",
  "/a/../b",
  "API.example.com",
  0,
  -1,
  0.5,
  1e21,
  1234567890.1234567,
  [],
  {},
  [null],
  "unlimited",
  "all",
  "none",
  { eq: 1 },
  { where: {} },
  { where: {}, eq: 1 },
  { action: { eq: "x" } },
  { '["\\u0061ction"]': { eq: 1 } },
  { only: [], has: ["a"] },
  { not: {} },
  { rules: [] },
  ["x", ""],
  "allow",
  "ask",
  "2026-12-01T00:00:00Z",
  "2026-06-30T23:59:60Z",
  { name: "t", version: "1" },
  { USD: "1.0" },
  { usd: 1 },
  { cidr: "10.0.0.1/8" },
  { each: {} },
  { some: { each: { eq: [] } } },
  { "a..b": { present: true } },
  JSON.parse('{"__proto__":{"eq":1}}'),
  { matches: "(a)\\1" },
];
const names = [
  "action",
  "when",
  "unless",
  "modify",
  "reviewers",
  "template",
  "limits",
  "$schema",
  "delegation",
  "all",
  "not",
  "a.b",
  "eq",
  "path",
  "where",
  "each",
  "__proto__",
  "constructor",
  "",
];

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("replace", "remove", "rename", "add", "respell", "double"),
  pick: fc.nat(),
  value: fc.constantFrom(...awkward),
});

/** Returns `value` with the edit made at its `pick`-th place, counted from the root down. */
function edited(value: Json, { kind, pick, value: put }: Edit): Json {
  const random = randomFrom(pick);
  let places = 0;
  const count = (here: Json): void => {
    places++;
    if (typeof here === "object" && here !== null) for (const member of Object.values(here)) count(member);
  };
  count(value);
  let left = pick % places;
  const walk = (here: Json): Json => {
    if (left-- === 0) return kind === "respell" && typeof here === "string" ? mutateString(here, random).toWellFormed() : put;
    if (Array.isArray(here)) {
      const items = here.map((item: Json) => walk(item));
      return kind === "double" && left === -1 && items.length > 0 ? [...items, items[0] ?? null] : items;
    }
    if (typeof here !== "object" || here === null) return here;
    const result: { [key: string]: Json } = {};
    for (const [key, member] of Object.entries(here)) {
      const hit = left === 0;
      const name = names[Math.floor(random() * names.length)] ?? "";
      if (hit && kind === "remove") left--;
      else if (hit && kind === "rename") {
        left--;
        setOwn(result, name, member);
      } else if (hit && kind === "add") {
        left--;
        setOwn(result, key, member);
        setOwn(result, name, put);
      } else setOwn(result, key, walk(member));
    }
    return result;
  };
  return walk(value);
}

const mutatedPolicy: fc.Arbitrary<Json> = fc
  .tuple(arbPolicy(), fc.array(edit, { minLength: 1, maxLength: 2 }))
  .map(([policy, edits]) => edits.reduce<Json>(edited, policy as unknown as Json));

/**
 * What the kernel leaves to the parser, as it decides nothing: names and texts for people, the length and spelling of literals, limits that
 * grant nothing or no more than they say, a list of no actions (which no action matches). All else the kernel refuses too.
 */
const isLeftToTheParser = (code: string, pointer: string) =>
  ["pattern_not_canonical", "pattern_too_long", "too_many_rules", "number_too_precise"].includes(code) ||
  /^\/(?:template|name|version|description|\$schema|limits)/.test(pointer) ||
  /^(?:\/delegation)?\/rules\/\d+\/(?:id|because|reviewers|action$)/.test(pointer);

describe("the parser, the kernel and the schema agree", () => {
  test("every generated policy is accepted by all three, from JSON, YAML and values to one hash", () => {
    fc.assert(
      fc.property(arbPolicy(), (generated) => {
        const document = JSON.parse(JSON.stringify(generated));
        const result = parsePolicy(document);
        expect(result.kind === "ok" ? [] : result.problems).toEqual([]);
        expect(problemsOf(policySchema, document)).toEqual([]);
        const hash = result.kind === "ok" ? result.policy.sha256 : "";
        for (const text of [JSON.stringify(document), stringify(document)])
          expect(parsePolicy(text)).toMatchObject({ kind: "ok", policy: { sha256: hash } });
      }),
      propertyParameters("generated policies are accepted", 300),
    );
  });

  test("a changed policy is accepted iff the kernel loads it and the schema accepts it, and the schema explains every refusal", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(mutatedPolicy, (document) => {
        const result = parsePolicy(document);
        const loaded = loadPolicy(document).kind === "loaded";
        const found = problemsOf(policySchema, document);
        seen[result.kind === "ok" ? "accepted" : "refused"]++;
        expect(result.kind === "ok").toBe(loaded && found.length === 0);
        if (result.kind === "invalid") expect(result.problems.map(({ code }) => code)).not.toContain("kernel_refused");
        if (loaded && passesQuickly(document)) expect(found).toEqual([]);
        if (loaded) expect(found.filter(({ code, pointer }) => !isLeftToTheParser(code, pointer))).toEqual([]);
      }),
      propertyParameters("parser, kernel and schema agree", 2000),
    );
    // Both sides must have been seen, or the property says nothing.
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(0);
    console.log(`accepted ${seen.accepted}, refused ${seen.refused}`);
  });

  test("the parser that loads what it needs answers like the one that has it all: policies and requests, of JSON, YAML and values", async () => {
    const seen = { ok: 0, invalid: 0 };
    const broken = fc
      .tuple(mutatedPolicy, fc.nat(), fc.constantFrom("", "\u0000", "[", "&a ", "\ud800", '"', "}"))
      .map(([document, at, put]) => {
        const text = JSON.stringify(document);
        return put === "" ? text : `${text.slice(0, at % text.length)}${put}${text.slice(at % text.length)}`;
      });
    await fc.assert(
      fc.asyncProperty(mutatedPolicy, broken, async (document, text) => {
        for (const input of [document, JSON.stringify(document), stringify(document), text, [text]]) {
          const [sync, late] = [parsePolicy(input), await parsePolicyAsync(input)];
          seen[sync.kind]++;
          if (sync.kind === "invalid" || late.kind === "invalid") expect(late).toEqual(sync);
          else expect([late.policy.sha256, late.policy.document]).toEqual([sync.policy.sha256, sync.policy.document]);
          expect(await parseRequestAsync(input)).toEqual(parseRequest(input));
        }
      }),
      propertyParameters("both parsers agree", 300),
    );
    expect(Math.min(seen.ok, seen.invalid)).toBeGreaterThan(0);
  });
});
