// The evaluator is the language: it agrees with the second evaluator, which was written from language.md alone.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, decisions } from "../../prover/evaluate/decide.js";
import { T, truthOf, U } from "../../prover/kernel/index.js";
import { loadPolicy } from "../../prover/load.js";
import { arbPair, arbPolicy, conditionsOf, type PolicyDocument, predicateNames } from "../generators/index.js";
import { referenceCondition } from "./reference.js";
import { fail, holds, rankOf, requestsFor, sideOf, Tally, timeLimit } from "./support.js";

const RUNS = 2_500;
const seeds = fc.nat();

test("the kernel and the reference decide every request alike, of policies and of their views", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  const names = new Set<string>();
  await holds("kernel agrees with reference", RUNS, fc.tuple(arbPair(), seeds), ([{ lower, upper }, seed]) => {
    const sides = [sideOf(lower), sideOf(upper), sideOf(lower, true), sideOf(upper, true)];
    const text = JSON.stringify(conditionsOf([lower, upper]));
    for (const name of predicateNames) if (text.includes(`"${name}":`)) names.add(name);
    for (const request of requestsFor(lower, upper, seed, 12))
      for (const side of sides) {
        const [kernel, reference] = [decide(side.subject.loaded, request), side.reference(request)];
        tally.add(kernel);
        if (kernel !== reference)
          fail("kernel and reference differ", { kernel, reference, view: side.isView, policy: side.document, request });
      }
  });
  tally.report("kernel and reference");
  expect([...names].sort()).toEqual([...predicateNames].sort());
});

test("the truth of every condition is the same to both, unknown included", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  await holds("truths agree", RUNS, fc.tuple(arbPolicy(), seeds), ([policy, seed]) => {
    for (const when of conditionsOf([policy])) {
      if (when === undefined) continue;
      const rules = [{ id: "r", effect: "allow", action: "**", when }];
      const loaded = loadPolicy({ language: "atmost/1", name: "n", version: "1", rules });
      if (loaded.kind !== "loaded") return fail("the kernel refuses a generated condition", { when });
      const condition = loaded.policy.lists[0]?.rules[0]?.condition;
      for (const request of requestsFor({ rules }, {}, seed, 10)) {
        if (condition === undefined || decide(loaded.policy, { ...Object(request), action: "a" }) === undefined) continue;
        const asked = { ...Object(request), action: "a" };
        const truth = truthOf(condition, asked);
        const kernel = truth === T ? "true" : truth === U ? "unknown" : "false";
        const reference = referenceCondition(when, asked);
        tally.add(kernel);
        if (kernel !== reference) fail("truths differ", { kernel, reference, when, request: asked });
      }
    }
  });
  tally.report("truths");
});

/** The delegation as a policy of its own; undefined where it is `none`. */
function delegationOf(policy: PolicyDocument): PolicyDocument | undefined {
  const { delegation = "none", limits: _limits, ...rest } = policy;
  if (delegation === "none") return undefined;
  return delegation === "all" ? policy : { ...rest, rules: delegation.rules };
}

test("the delegable view decides the least of its policy and its delegation, and nothing without depth", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  await holds("view is the minimum", RUNS, fc.tuple(arbPolicy(), seeds), ([document, seed]) => {
    const [policy, view] = [sideOf(document), sideOf(document, true)];
    const delegation = delegationOf(document);
    const handed = delegation === undefined ? undefined : sideOf(delegation);
    const depth = document.limits?.depth ?? 0;
    for (const request of requestsFor(document, delegation ?? document, seed, 15)) {
      const least = handed === undefined || depth === 0 ? 0 : Math.min(rankOf(policy, request), rankOf(handed, request));
      tally.add(decisions[least] ?? "none");
      if (rankOf(view, request) !== least) fail("the view is not the minimum", { document, request, least, got: rankOf(view, request) });
    }
  });
  tally.report("view");
});
