// The OpenShell importer against a plain re-statement of what OpenShell decides, on random policies and requests. Test code, not trusted.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Decision, decide } from "../../prover/evaluate/decide.js";
import type { Policy } from "../../prover/kernel/index.js";
import { loadPolicy } from "../../prover/load.js";
import type { JsonObject } from "../../src/import/index.js";
import { importOpenshell } from "../../src/import/openshell/index.js";
import { propertyParameters } from "../generators/index.js";
import { faultIn } from "./import-openshell-faults.js";
import { oddFrom } from "./import-openshell-odd.js";
import { type Case, cases, chooser, profiles, requestFrom } from "./import-openshell-policies.js";
import { decideOpenshell, decideProfile, type OpenshellRequest, unsettled } from "./import-openshell-reference.js";

const ranks = { deny: 0, ask: 1, allow: 2 };
const seeds = (length: number) => fc.array(fc.nat(), { minLength: length, maxLength: length });
const load = (document: JsonObject): Policy => {
  const loaded = loadPolicy(document);
  if (loaded.kind === "invalid") throw new Error(loaded.message);
  return loaded.policy;
};
// Whoever asks cuts path parameters off first. A route that still has one is permitted no more than the route without it.
const isAsExpected = ({ route = "" }: OpenshellRequest, decision: Decision, expected: Decision): boolean =>
  route.includes(";") ? ranks[decision] <= ranks[expected] : decision === expected;
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
        const decision = decide(policy as Policy, request as JsonObject);
        if (!isAsExpected(request, decision, expected)) expect({ request, decision }).toEqual({ request, decision: expected });
      }
    }),
    propertyParameters("openshell decides as OpenShell does", 1_250),
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
    propertyParameters("openshell fails closed", 500),
  );
  console.log(`openshell, spoilt: ${JSON.stringify(tally)}`);
  expect(Math.min(...Object.values(tally))).toBeGreaterThan(100);
});

test("endpoints that only an order could settle are refused by name and place, and nothing else is", { timeout: 600_000 }, () => {
  const tally = { refused: 0, accepted: 0 };
  fc.assert(
    fc.property(cases, (each) => {
      const expected = unsettled(each.policy);
      const result = imported(each);
      const found = result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
      tally[result.kind === "ok" ? "accepted" : "refused"] += 1;
      for (const pointer of expected) expect(found).toContain(`ambiguous_overlap ${pointer}`);
      expect(found.filter((problem) => !problem.startsWith("ambiguous_overlap /network_policies/"))).toEqual([]);
    }),
    propertyParameters("openshell refuses what an order decides", 400),
  );
  console.log(`openshell, overlaps: ${JSON.stringify(tally)}`);
  expect(Math.min(tally.refused, tally.accepted)).toBeGreaterThan(50);
});

test("a policy with a fault in it is refused by the fault's name and place", { timeout: 600_000 }, () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(cases, fc.nat(), (each, seed) => {
      const { document, problem } = faultIn(each, chooser(seed));
      const result = importOpenshell(JSON.stringify(document), each.workdir === undefined ? {} : { workdir: each.workdir });
      const found = result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
      expect(found).toContain(problem);
      seen.add(problem.split(" ")[0] ?? "");
    }),
    propertyParameters("openshell names faults", 600),
  );
  const codes = [
    "ambiguous_glob",
    "invalid_value",
    "missing_key",
    "not_canonical",
    "not_enforced",
    "not_supported",
    "unknown_key",
    "wrong_type",
  ];
  expect([...seen].toSorted()).toEqual(codes);
});

test("an imported provider profile decides as one entry does, and lends its credentials at its endpoints", { timeout: 600_000 }, () => {
  const tally = { allow: 0, ask: 0, deny: 0 };
  fc.assert(
    fc.property(profiles, seeds(20), (profile, list) => {
      const result = importOpenshell(JSON.stringify(profile));
      const policy = result.kind === "ok" ? load(result.document) : undefined;
      if (policy === undefined) expect(JSON.stringify(result)).toContain("ambiguous_overlap");
      const { id, endpoints, binaries } = profile;
      const as: Case = {
        policy: { version: 1, network_policies: { [id]: { endpoints, binaries: binaries.map((path) => ({ path })) } } },
        workdir: undefined,
      };
      for (const seed of policy === undefined ? [] : list) {
        const request = requestFrom(as, seed);
        const expected = decideProfile(profile, request);
        tally[expected] += 1;
        const decision = decide(policy as Policy, request as JsonObject);
        if (!isAsExpected(request, decision, expected)) expect({ request, decision }).toEqual({ request, decision: expected });
      }
    }),
    propertyParameters("openshell profiles", 250),
  );
  console.log(`openshell, profiles: ${JSON.stringify(tally)}`);
  expect(Math.min(tally.allow, tally.ask, tally.deny)).toBeGreaterThan(20);
});
