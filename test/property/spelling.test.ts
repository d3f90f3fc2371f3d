// How a policy is written changes nothing: the order of its rules, rules that stand twice, and what they are called.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LinkResult } from "../../prover/index.js";
import { arbPair, type PolicyDocument, type Random, type RuleDocument, randomFrom } from "../generators/index.js";
import { fail, holds, shuffled, sideOf, Tally, testProver, timeLimit } from "./support.js";

const RUNS = 2_500;
// "Within a few nodes": this many, or a quarter of a larger certificate.
const NODES_MORE_MAX = 4;

type Respell = (rules: readonly RuleDocument[], random: Random) => readonly RuleDocument[];

const respellings: { readonly [name: string]: Respell } = {
  order: (rules, random) => shuffled(rules, random),
  duplication: (rules, random) => [...rules, ...rules.filter(() => random() < 0.5).map((rule, at) => ({ ...rule, id: `again ${at}` }))],
  renaming: (rules, random) => rules.map((rule, at) => ({ ...rule, id: `${Math.floor(random() * 1_000)} ~/${at}` })),
};

function respelt(policy: PolicyDocument, respell: Respell, random: Random): PolicyDocument {
  const { delegation } = policy;
  return {
    ...policy,
    rules: respell(policy.rules, random),
    ...(typeof delegation === "object" ? { delegation: { rules: respell(delegation.rules, random) } } : {}),
  };
}

const nodesOf = (result: LinkResult): number | undefined =>
  result.kind === "contained" || result.kind === "review" ? Number(Object(result.certificate["counts"])["nodes"]) : undefined;

test("the order of rules, rules that stand twice, and other ids change neither answer nor size of proof", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  const prover = testProver();
  let widest = 0;
  await holds("spelling", RUNS, fc.tuple(arbPair(), fc.boolean(), fc.nat()), async ([{ lower, upper }, isView, seed]) => {
    const random = randomFrom(seed);
    const before = await prover.checkContainment(sideOf(lower, isView).subject, sideOf(upper).subject);
    tally.answer(before);
    const all: Respell = (rules, source) => Object.values(respellings).reduce((list, respell) => respell(list, source), rules);
    for (const [name, respell] of [...Object.entries(respellings), ["all three", all] as const]) {
      const [below, above] = [respelt(lower, respell, random), respelt(upper, respell, random)];
      const after = await prover.checkContainment(sideOf(below, isView).subject, sideOf(above).subject);
      tally.answer(after);
      if (before.kind === "undecided" || after.kind === "undecided") continue;
      if (before.kind !== after.kind)
        fail(`${name} changed the answer`, { lower, upper, isView, below, above, before: before.kind, after });
      const [least = 0, most = 0] = [nodesOf(before) ?? 0, nodesOf(after) ?? 0].sort((a, b) => a - b);
      widest = Math.max(widest, most - least);
      if (most - least > Math.max(NODES_MORE_MAX, most / 4))
        fail(`${name} changed the size of the proof`, { lower, upper, below, above, least, most });
    }
  });
  tally.report("spelling");
  console.log(`the widest difference between two proofs of one claim: ${widest} nodes`);
  expect(tally.count("contained")).toBeGreaterThan(0);
});
