// One document in each foreign format, and what the importer makes of it, to the byte: test/golden. What lint says of it is said here.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createProver, findImporter, type ImportOptions, importers, lint, parsePolicy } from "../../src/index.js";

// Clocks that stand: what is decided here does not hang on how busy the machine is.
const prover = createProver();
afterAll(() => prover.close());

const golden = resolve(import.meta.dirname, "../golden");
const read = (name: string) => readFileSync(resolve(golden, name), "utf8");
const anchors: ImportOptions = { workdir: "/w", home: "/home/me" };

const cases: Readonly<Record<string, { readonly file: string; readonly options: ImportOptions; readonly lint: readonly string[] }>> = {
  openshell: { file: "openshell.yaml", options: anchors, lint: [] },
  "claude-code": { file: "claude-code.json", options: anchors, lint: [] },
  "aws-iam": { file: "aws-iam.json", options: {}, lint: [] },
  "agent-passport": { file: "agent-passport.json", options: {}, lint: [] },
  // The importer's note says why: it is a start, which permits nothing until somebody has looked at it.
  "mcp-tools": { file: "mcp-tools.json", options: { server: "tracker" }, lint: ["denies_nothing get_issue"] },
};

describe("golden files", () => {
  test("are there for every importer", () => {
    expect(Object.keys(cases).toSorted()).toEqual(Object.keys(importers).toSorted());
  });

  test.each(Object.entries(cases))("%s", async (format, { file, options, lint: said }) => {
    const result = findImporter(format)?.(read(file), { ...options, fileName: file });
    if (result?.kind !== "ok") throw new Error(JSON.stringify(result));
    expect(`${JSON.stringify(result.document, null, 2)}\n`).toBe(read(`${format}.expected.json`));
    const parsed = parsePolicy(result.document);
    if (parsed.kind !== "ok") throw new Error(JSON.stringify(parsed.problems));
    const report = await lint(parsed.policy, { prover, clock: () => 0 });
    expect(report.undecided).toEqual([]);
    expect(report.findings.map((finding) => `${finding.kind} ${finding.rule?.id ?? ""}`)).toEqual(said);
  });
});
