// The OpenShell importer against a plain re-statement of what OpenShell decides, on random policies and requests. Test code, not trusted.

import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { loadPolicy, type Policy } from "../../prover/kernel/index.js";
import type { JsonObject } from "../../src/import/index.js";
import { importOpenshell } from "../../src/import/openshell/index.js";
import { propertyParameters } from "../generators/index.js";
import { oddFrom } from "./import-openshell-odd.js";
import { type Case, cases, requestFrom } from "./import-openshell-policies.js";
import { decideOpenshell } from "./import-openshell-reference.js";

const ranks = { deny: 0, ask: 1, allow: 2 };
const seeds = (length: number) => fc.array(fc.nat(), { minLength: length, maxLength: length });
const load = (document: JsonObject): Policy => {
  const loaded = loadPolicy(document);
  if (loaded.kind === "invalid") throw new Error(`${loaded.pointer}: ${loaded.message}`);
  return loaded.policy;
};
const imported = ({ policy, workdir }: Case) => importOpenshell(JSON.stringify(policy), workdir === undefined ? {} : { workdir });

/** The imported policy; undefined where endpoints meet of which OpenShell's order would decide. */
function loadOrSkip(each: Case): Policy | undefined {
  const result = imported(each);
  if (result.kind === "ok") return load(result.document);
  expect(result.problems.map(({ code }) => code).filter((code) => code !== "ambiguous_overlap")).toEqual([]);
  return undefined;
}

test("an imported policy decides as a plain re-statement of OpenShell does", { timeout: 600_000 }, () => {
  const tally = { policies: 0, refused: 0, allow: 0, ask: 0, deny: 0 };
  fc.assert(
    fc.property(cases, seeds(20), (each, list) => {
      const policy = loadOrSkip(each);
      tally[policy === undefined ? "refused" : "policies"] += 1;
      for (const seed of policy === undefined ? [] : list) {
        const request = requestFrom(each, seed);
        const expected = decideOpenshell(each.policy, request, each.workdir);
        tally[expected] += 1;
        expect([request, decide(policy as Policy, request as JsonObject)]).toEqual([request, expected]);
      }
    }),
    propertyParameters("openshell decides as OpenShell does", 1_400),
  );
  console.log(`openshell: ${JSON.stringify(tally)}`);
  expect(tally.policies).toBeGreaterThan(2 * tally.refused);
  expect(Math.min(tally.allow, tally.ask, tally.deny)).toBeGreaterThan(tally.policies / 10);
});

test("a spoilt request is permitted no more than any request that it may have been meant as", { timeout: 600_000 }, () => {
  const tally: Record<string, number> = { permitted: 0, held: 0, deny: 0 };
  fc.assert(
    fc.property(cases, seeds(15), (each, list) => {
      const policy = loadOrSkip(each);
      for (const seed of policy === undefined ? [] : list) {
        const request = requestFrom(each, seed);
        const odd = oddFrom(request, seed);
        const bound = Math.min(...odd.meant.map((meant) => ranks[decideOpenshell(each.policy, meant, each.workdir)]));
        const decision = decide(policy as Policy, odd.request);
        const was = decideOpenshell(each.policy, request, each.workdir);
        const outcome = decision !== "deny" ? "permitted" : was === "deny" ? "deny" : "held";
        tally[outcome] = (tally[outcome] ?? 0) + 1;
        if (ranks[decision] > bound) expect({ field: odd.field, request: odd.request, decision }).toEqual({ bound });
      }
    }),
    propertyParameters("openshell fails closed", 600),
  );
  console.log(`openshell, spoilt: ${JSON.stringify(tally)}`);
  expect(Math.min(...Object.values(tally))).toBeGreaterThan(100);
});
