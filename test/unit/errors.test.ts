// The registry of errors, held to the documentation and to the sources, both ways.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { errorGroups, errors, findError, isErrorCode } from "../../src/errors.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const sources = ["src", "prover"]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => relative(root, file) !== join("src", "errors.ts"))
  .map((file) => ({ file: relative(root, file), text: readFileSync(file, "utf8") }));

/** The ways in which the sources write a code: as a member, as the first text of what makes a problem, or in a union of codes. */
const codePatterns = [
  /\bcode: (?:[a-z.]+ \? )?"([a-z0-9_]+)"/g,
  /\b(?:mismatch|finding|refuse|refused|httpProblem|problem|local|input|fail|failure|usage)\(\s*(?:report,\s*)?"([a-z0-9]+(?:_[a-z0-9]+)*)"/g,
  /#add\(\s*(?:[a-zA-Z]+ \? )?"([a-z0-9_]+)"/g,
];
const unions = /export type (?:SigningCode|UndecidedReason) =([^;]+);/g;
/** Codes of zod's own, which never leave the file they stand in. */
const inner = new Set(["custom", "unrecognized_keys", "invalid_union"]);

const usedCodes = (): ReadonlyMap<string, string> => {
  const used = new Map<string, string>();
  for (const { file, text } of sources) {
    for (const pattern of codePatterns) for (const [, code = ""] of text.matchAll(pattern)) used.set(code, file);
    for (const [, union = ""] of text.matchAll(unions)) for (const [, code = ""] of union.matchAll(/"([a-z_]+)"/g)) used.set(code, file);
  }
  for (const code of inner) used.delete(code);
  return used;
};

// Tables may be padded for the eye.
const documented = (): readonly (readonly string[])[] =>
  [...readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^\| `([a-z0-9_]+)` *\| (.+?) *\| ([0-9]+|–) *\| ([0-9]) *\|$/gm)].map(
    (row) => row.slice(1),
  );

describe("the registry of errors", () => {
  it("holds every code that the sources name", () => {
    expect(sources.length).toBeGreaterThan(50);
    const used = usedCodes();
    expect(used.size).toBeGreaterThan(60);
    expect([...used].filter(([code]) => !isErrorCode(code))).toEqual([]);
  });

  it("holds no code that no source names", () => {
    const unused = Object.keys(errors).filter((code) => !sources.some(({ text }) => text.includes(`"${code}"`)));
    expect(unused).toEqual([]);
  });

  it("is what docs/errors.md says, row by row", () => {
    const rows = Object.entries(errors).map(([code, { message, status, exitCode }]) => [
      code,
      message,
      status === 200 ? "–" : String(status),
      String(exitCode),
    ]);
    const byCode = (left: readonly string[], right: readonly string[]) => ((left[0] ?? "") < (right[0] ?? "") ? -1 : 1);
    expect([...documented()].sort(byCode)).toEqual([...rows].sort(byCode));
  });

  it("has each code in one group of the docs only", () => {
    const grouped = errorGroups.flatMap(({ codes }) => codes);
    expect(new Set(grouped).size).toBe(grouped.length);
    expect([...grouped].sort()).toEqual(Object.keys(errors).sort());
  });

  it("words every message alike: lower case, no full stop, and only statuses and exit codes that are used", () => {
    for (const { message, status, exitCode } of Object.values(errors)) {
      expect(message).toMatch(/^[a-z].*[^.]$/);
      expect([200, 400, 401, 404, 405, 408, 413, 415, 421, 431, 500, 503]).toContain(status);
      expect([0, 1, 2, 3, 4]).toContain(exitCode);
    }
  });

  it("takes a code that it does not know as our own fault, `constructor` too", () => {
    expect(findError("no_such_code")).toBe(errors.internal);
    expect(isErrorCode("constructor")).toBe(false);
  });
});
