// A lint report is empty for policies that do what they seem to, leaves open what it has no room for, and is bounded in work.

import { afterAll, describe, expect, test } from "vitest";
import { createProver, encodeLint, lint } from "../../prover/index.js";
import { inShort, lintedBy, policyOf, read } from "./lint-checked.js";

const prover = createProver({ clock: () => performance.now(), solver: "none" });
afterAll(() => prover.close());
const linted = lintedBy(prover);

describe("lint", () => {
  const clean = policyOf(
    [
      { action: ["fs:read", "fs:write"], when: { path: { path: "/repo/**" } } },
      { effect: "ask", action: "tool:issue", when: { "args.repo": { in: ["a", "b"] } }, reviewers: ["me"] },
      { effect: "deny", action: "fs:**", when: { path: { path: "/**/.env*" } } },
    ],
    {
      delegation: { rules: [{ id: "d", effect: "allow", ...read }] },
      limits: { expires: "2030-01-01T00:00:00Z", depth: 1, children: 2, spend: { USD: "1" } },
    },
  );

  test("is silent of policies that do what they seem to", async () => {
    for (const policy of [clean, policyOf([]), policyOf([{ action: "**" }]), policyOf([{ effect: "ask", action: "a" }, { action: "b" }])])
      expect(await linted(policy, { now: 0 })).toMatchObject({ findings: [], undecided: [] });
  });

  test("leaves open, by name and reason, what it has no room or time for, and finds nothing there", async () => {
    const policy = policyOf([read, read, { effect: "deny", action: "net" }]);
    const none = await linted(policy, { bounds: { checksMax: 0 } });
    expect(none.findings).toEqual([]);
    expect(none.undecided.map(({ pointer, reason }) => [pointer, reason])).toEqual([0, 1, 2].map((i) => [`/rules/${i}`, "lint_bound"]));
    const few = await linted(policy, { bounds: { rulesMax: 1 } });
    expect(few.undecided).toHaveLength(2);
    expect(inShort(few)).toEqual(["denies_nothing /rules/2"]);
    let time = 0;
    const late = await linted(policy, { clock: () => time++ * 1_000, deadlineMs: 1 });
    expect(late.undecided.map(({ reason }) => reason)).toEqual(["deadline", "deadline", "deadline"]);
    const aborted = await linted(policy, { signal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ findings: [], checks: 0 });
    const canonical = await linted(policyOf([{ action: "x", when: { h: { host: ["A*", "a"] } } }]), { bounds: { patternsMax: 1 } });
    expect(canonical.undecided).toMatchObject([{ kind: "never_canonical", reason: "lint_bound" }]);
  });

  test("an undecided link is an open question, not a finding", async () => {
    const effort = { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;
    const unsure = { checkContainment: async () => ({ kind: "undecided", reason: "solver_failed", effort }) as const };
    const report = await lint(unsure, policyOf([read, read], { delegation: "all" }), { now: 0 });
    expect(report.findings).toEqual([]);
    expect(report.undecided.map(({ reason }) => reason)).toEqual(["solver_failed", "solver_failed", "solver_failed"]);
  });

  test("its JSON holds what was found, and nothing that is not JSON", async () => {
    const encoded = encodeLint(await linted(policyOf([read, read, { action: "x", when: { any: [] } }])));
    expect(JSON.parse(JSON.stringify(encoded))).toEqual(encoded);
    expect(encoded).toMatchObject({
      policy: { name: "planted" },
      findings: [{ kind: "redundant" }, { kind: "never_matches" }],
      undecided: [],
    });
  });

  // No clock: what it may cost is bounded by work alone, so that a slow machine changes nothing.
  test("a policy of 100 rules is within the bounds on work", { timeout: 120_000 }, async () => {
    const rules = Array.from({ length: 100 }, (_, i) => ({
      effect: i % 5 === 4 ? "deny" : i % 7 === 6 ? "ask" : "allow",
      action: i % 2 === 0 ? "fs:*" : ["fs:read", "fs:write"],
      when: { path: { path: [`/area${i % 40}/x${i}/**`, `/shared/${i}/*.ts`] } },
    }));
    const report = await linted(policyOf(rules));
    expect(report.undecided).toEqual([]);
  });
});
