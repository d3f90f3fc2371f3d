// Lint finds nothing in the policies of proofs/, save where a flaw is the story of the scenario or beyond its format. Of each of those it is
// said here why it stays, and exactly what is found.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createProver, findImporter, type ImportOptions, lint, type ParsedPolicy, parsePolicyAsync } from "../../src/index.js";

const proofs = fileURLToPath(new URL("../../proofs/", import.meta.url));
const clock = () => performance.now();
const prover = createProver({ clock });
afterAll(() => prover.close());

type Exemption = { readonly why: string; readonly findings: readonly string[] };
const exempt: Readonly<Record<string, Exemption>> = {
  "runtime-governance/broken-template.yaml": {
    why: "a planned failure: that it lets through what nobody knows is what the scenario shows",
    findings: ["missing_field not-after-personal"],
  },
  "openshell-clone/admin-maximum.yaml": {
    why: "the rules of OpenShell can not ask for a query without a parameter. A GET without `service` is git's older protocol, and reads",
    findings: ["missing_field network_policies/forge/endpoints/0/deny_rules/1"],
  },
};

const files = readdirSync(proofs, { recursive: true, encoding: "utf8" })
  .map((file) => file.split(sep).join("/"))
  .filter((file) => /\.(?:ya?ml|json)$/.test(file));
const policies = files.filter((file) => !/\.(?:claims|certificates)\.[a-z]+$/.test(file)).toSorted();
const read = (file: string) => readFileSync(join(proofs, file), "utf8");

type Source = ImportOptions & { readonly import: string; readonly file: string };
const isSource = (value: unknown): value is Source => typeof value === "object" && value !== null && "import" in value && "file" in value;

/** What claims files say of the policies that they import, by the file: what may be handed on, and limits. */
const imports = new Map(
  files
    .filter((file) => /\.claims\.[a-z]+$/.test(file))
    .flatMap((file) => {
      const { policies: named = {} }: { policies?: Readonly<Record<string, unknown>> } = parse(read(file));
      return Object.values(named)
        .filter(isSource)
        .map(
          (source) =>
            [
              relative(proofs, join(proofs, dirname(file), source.file))
                .split(sep)
                .join("/"),
              source,
            ] as const,
        );
    }),
);

async function policyOf(file: string): Promise<ParsedPolicy> {
  let input: unknown = read(file);
  if (parse(read(file)).language !== "atmost/1") {
    const { import: format = "openshell", file: _, ...options } = imports.get(file) ?? {};
    const imported = findImporter(format)?.(read(file), { ...options, fileName: file });
    if (imported?.kind !== "ok") throw new Error(`${file} is no policy: ${JSON.stringify(imported)}`);
    input = imported.document;
  }
  const parsed = await parsePolicyAsync(input);
  if (parsed.kind !== "ok") throw new Error(`${file} is no policy: ${JSON.stringify(parsed.problems)}`);
  return parsed.policy;
}

describe("the policies of proofs/", () => {
  test("are all looked at: our own, the generated ones, and those in OpenShell's format as the claims import them", () => {
    const folders = new Set(policies.map((file) => dirname(file)));
    expect([...folders].toSorted()).toEqual([
      "approval-flow",
      "openshell-clone",
      "role-company",
      "runtime-governance",
      "runtime-governance/agents",
      "spawned-agents",
      "workflow-scopes",
    ]);
    expect(policies.filter((file) => file.startsWith("runtime-governance/agents/"))).toHaveLength(30);
    expect([...imports.keys()].filter((file) => !policies.includes(file))).toEqual([]);
    expect(imports.size).toBeGreaterThan(10);
    expect(Object.keys(exempt).filter((file) => !policies.includes(file))).toEqual([]);
  });

  test.each(policies)("%s", async (file) => {
    const { findings, undecided } = await lint(await policyOf(file), { prover, clock });
    expect(undecided).toEqual([]);
    const { why, findings: known } = exempt[file] ?? { why: "nothing is found", findings: [] };
    expect(
      findings.map(({ kind, pointer, rule }) => `${kind} ${rule?.id ?? pointer}`),
      why,
    ).toEqual(known);
  });
});
