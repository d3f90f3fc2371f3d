// The laws of an order: reflexive, transitive, kept by denies below and allows above; a view is below its policy.
import fc from "fast-check";
import { test } from "vitest";
import { delegableView, type LinkResult, verifyCertificate } from "../../prover/index.js";
import {
  arbAnyCondition,
  arbChain,
  arbPair,
  arbPolicy,
  conditionsOf,
  isJsonObject,
  type JsonObject,
  narrowCondition,
  type PolicyDocument,
} from "../generators/index.js";
import { fail, holds, parsed, severityOf, sideOf, Tally, testProver, timeLimit } from "./support.js";

const RUNS = 2_000;
// Less than half of the pairs are contained, and only those say something here.
const RUNS_PAIRS = 4_500;

test("every policy is contained in itself, under its own name and under another", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  const prover = testProver();
  await holds("reflexive", RUNS, arbPolicy(), async (document) => {
    const policy = parsed(document);
    for (const other of [policy, parsed({ ...document, name: "another", description: "the same rules" })]) {
      const result = await prover.checkContainment(policy, other);
      tally.answer(result);
      if (result.kind !== "contained" && result.kind !== "undecided") fail("not contained in itself", { document, result });
    }
  });
  tally.report("reflexive");
});

test("the delegable view is contained in its policy, and the certificate says that it is a view", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  const prover = testProver();
  await holds("view below policy", RUNS, arbPolicy(), async (document) => {
    const policy = parsed(document);
    const view = delegableView(policy);
    const result = await prover.checkContainment(view, policy);
    tally.answer(result);
    if (result.kind !== "contained" && result.kind !== "undecided") fail("the view is not below its policy", { document, result });
    if (result.kind !== "contained") return;
    if (verifyCertificate(result.certificate, view, policy).kind !== "accepted") fail("a certificate is not accepted", { document });
    // The same hash on both sides, and yet another claim: a view is no policy.
    if (verifyCertificate(result.certificate, policy, policy).kind !== "refused")
      fail("a view's certificate is taken for its policy's", { document });
  });
  tally.report("view below policy");
});

const severityMax = (...results: readonly LinkResult[]): number => Math.max(...results.map((result) => severityOf(result) ?? 2));

test("containment and review are transitive along chains", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  const prover = testProver();
  await holds("transitive", RUNS, arbChain(), async ({ child, delegable, boundary, max }) => {
    const policies = [child, delegable, boundary, max].map((document) => sideOf(document).subject);
    const links = new Map<string, LinkResult>();
    for (const [i, lower] of policies.entries())
      for (const [j, upper] of policies.entries()) {
        if (i >= j) continue;
        const result = await prover.checkContainment(lower, upper);
        tally.answer(result);
        links.set(`${i}${j}`, result);
      }
    for (const [i, j, k] of ["012", "013", "023", "123"].map((triple) => [...triple])) {
      const [first, second, whole] = [links.get(`${i}${j}`), links.get(`${j}${k}`), links.get(`${i}${k}`)];
      if (first === undefined || second === undefined || whole === undefined || whole.kind === "undecided") continue;
      const premise = severityMax(first, second);
      if (premise < 2) tally.add(premise === 0 ? "triples contained" : "triples in review");
      if (premise < 2 && severityMax(whole) > premise)
        fail("not transitive", { triple: [i, j, k], links: [first.kind, second.kind, whole.kind], child, delegable, boundary, max, whole });
    }
  });
  tally.report("transitive");
});

/** Returns a condition that the policies know, another one of theirs made narrower, or a stranger. */
function conditionFrom(documents: readonly PolicyDocument[], stranger: JsonObject, pick: number): JsonObject {
  const own = conditionsOf(documents).filter(isJsonObject);
  const chosen = own[pick % Math.max(1, own.length)];
  if (chosen === undefined || pick % 3 === 0) return stranger;
  return pick % 3 === 1 ? chosen : narrowCondition(chosen, Math.floor(pick / 3));
}

test("a deny below or an allow above never makes an answer worse", { timeout: timeLimit(RUNS_PAIRS) }, async () => {
  const tally = new Tally();
  const prover = testProver();
  const actions = fc.constantFrom("**", "fs:**", "fs:read", "f*:read", "x:**");
  const cases = fc.tuple(arbPair(), arbAnyCondition({ fieldsMax: 2 }), actions, fc.nat(9_999));
  await holds("monotone", RUNS_PAIRS, cases, async ([{ lower, upper }, stranger, action, pick]) => {
    const [below, above] = [sideOf(lower).subject, sideOf(upper).subject];
    const before = await prover.checkContainment(below, above);
    tally.answer(before);
    const worst = severityOf(before);
    if (worst === undefined || worst === 2) return;
    const rule = { id: "added", action, when: conditionFrom([lower, upper], stranger, pick) };
    const narrower: PolicyDocument = { ...lower, rules: [...lower.rules, { ...rule, effect: "deny" }] };
    const wider: PolicyDocument = { ...upper, rules: [...upper.rules, { ...rule, effect: "allow" }] };
    for (const [name, after] of [
      ["a deny below", await prover.checkContainment(sideOf(narrower).subject, above)],
      ["an allow above", await prover.checkContainment(below, sideOf(wider).subject)],
    ] as const) {
      tally.answer(after);
      if (after.kind !== "undecided" && severityMax(after) > worst)
        fail(`${name} made the answer worse`, { lower, upper, rule, before: before.kind, after });
    }
  });
  tally.report("monotone");
});
