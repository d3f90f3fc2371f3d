// The Claude Code importer ends in an answer whatever the text, and what it hands out always parses.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../prover/index.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import type { ImportOptions } from "../../src/import/index.js";
import { propertyParameters } from "../generators/index.js";
import { anchors, settings } from "./import-claude-code-permissions.js";

describe("text of any kind", () => {
  const piece = fc.constantFrom(
    ..."Bash Read Edit WebFetch Agent mcp__ a b / // ~/ ./ ** * ? : :* ( ) \\ [ ] domain: . ' \" $ ; & | # 1 __".split(" "),
    " ",
    "\n",
    "é",
  );
  const rule = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 9 }).map((parts) => parts.join("")),
    fc
      .tuple(fc.constantFrom("Bash", "Read", "Edit", "WebFetch", "Agent", "Skill", "mcp__s__t"), fc.array(piece, { maxLength: 6 }))
      .map(([tool, parts]) => `${tool}(${parts.join("")})`),
  );
  // Of these most are accepted, so that what comes out is seen as often as what is refused.
  const word = fc.constantFrom("git", "a", "x.y", "src", "é", "*a", "b*", "?", "**");
  const words = fc.array(word, { minLength: 1, maxLength: 4 });
  const likely = fc.oneof(
    fc.tuple(words, fc.constantFrom("", ":*", "*")).map(([parts, tail]) => `Bash(${parts.join(" ")}${tail})`),
    fc
      .tuple(fc.constantFrom("Read", "Edit"), fc.constantFrom("", "./", "/", "//", "~/"), words, fc.constantFrom("", "/", "/**"))
      .map(([tool, start, parts, end]) => `${tool}(${start}${parts.join("/")}${end})`),
    words.map((parts) => `WebFetch(domain:${parts.join(".")})`),
    fc.constantFrom("Bash", "Read", "mcp__s", "mcp__s__t", "mcp__s__t*", "WebSearch", "Agent(x)"),
  );
  const list = fc.array(fc.oneof({ weight: 5, arbitrary: likely }, { weight: 1, arbitrary: rule }), { maxLength: 2 });
  const options = fc.constantFrom<ImportOptions>({}, anchors, { workdir: "/", home: "/" }, { workdir: "x" });

  it("ends in an answer, the same every time, and what is handed out always parses", () => {
    let accepted = 0;
    fc.assert(
      fc.property(list, list, list, options, (allow, ask, deny, given) => {
        const text = settings({ allow, ask, deny });
        const result = importClaudeCode(text, given);
        expect(importClaudeCode(text, given)).toEqual(result);
        if (result.kind === "refused") expect(result.problems.length).toBeGreaterThan(0);
        else {
          accepted += 1;
          expect(parsePolicy(result.document).kind).toBe("ok");
        }
      }),
      propertyParameters("claude-code: settings of any kind", 1_000),
    );
    if (process.env["ATMOST_RUNS"] === undefined) expect(accepted).toBeGreaterThan(10);
  });

  it("single rules of every shape are accepted often enough for this to mean something", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(rule, likely), fc.constantFrom("allow", "ask", "deny"), (text, effect) => {
        const result = importClaudeCode(settings({ [effect]: [text] }), anchors);
        if (result.kind === "refused") return;
        accepted += 1;
        expect(parsePolicy(result.document).kind).toBe("ok");
      }),
      propertyParameters("claude-code: single rules", 2_000),
    );
    if (process.env["ATMOST_RUNS"] === undefined) expect(accepted).toBeGreaterThan(100);
  });

  it("never throws on what is no settings file", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(importClaudeCode(text)).toEqual(importClaudeCode(text));
      }),
      propertyParameters("claude-code: any text is answered", 500),
    );
    for (const text of ["[".repeat(200_000), '{"permissions":'.repeat(5_000), " ".repeat(1_100_000)]) {
      expect(importClaudeCode(text).kind).toBe("refused");
    }
  });
});
