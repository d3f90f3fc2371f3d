// Lint's findings on generated policies: what it says can be removed is removed, and both a proof and a second evaluator see no change.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import {
  applyEdits,
  delegableView,
  type Edit,
  type Evidence,
  type Finding,
  lint,
  type ParsedPolicy,
  type Side,
  verifyCertificate,
} from "../../prover/index.js";
import { arbPair, type JsonObject, type PolicyDocument, type PolicyPair } from "../generators/index.js";
import { referenceDecision, referenceView } from "./reference.js";
import { fail, holds, parsed, requestsFor, testProver, timeLimit } from "./support.js";

const RUNS = 2_000;
const REQUESTS = 24;

// One policy of two that are alike: most of the rules of one are covered by those of the other.
function merged({ lower, upper }: PolicyPair, handOn: boolean): PolicyDocument {
  const named = (rules: PolicyDocument["rules"], prefix: string) => rules.map((rule) => ({ ...rule, id: `${prefix}${rule.id}` }));
  const rules = [...named(upper.rules, "u "), ...named(lower.rules, "l ")];
  const delegation = { rules: named(lower.rules, "d ") };
  return { ...upper, rules, ...(handOn ? { delegation, limits: { ...upper.limits, depth: 1 } } : {}) };
}

const documentOf = (policy: ParsedPolicy, edits: readonly Edit[]): JsonObject => applyEdits(policy.document, edits);

function subjectOf(policy: ParsedPolicy, { edits, view, sha256 }: Side) {
  const made = parsed(documentOf(policy, edits));
  if (made.sha256 !== sha256) fail("a side is not what its edits make", { document: policy.document, edits });
  return view ? delegableView(made) : made;
}

function checkEvidence(policy: ParsedPolicy, evidence: Evidence): void {
  if (evidence.kind === "certificate") {
    const checked = verifyCertificate(evidence.certificate, subjectOf(policy, evidence.lower), subjectOf(policy, evidence.upper));
    if (checked.kind !== "accepted" || checked.relation !== "contained")
      fail("a certificate is refused", { policy: policy.document, evidence });
  } else if (evidence.kind === "request") {
    const document = documentOf(policy, evidence.of.edits);
    const reference = evidence.of.view ? referenceView(document, evidence.request) : referenceDecision(document, evidence.request);
    const kernel = decide(subjectOf(policy, evidence.of).loaded, evidence.request);
    if (reference !== evidence.decision || kernel !== evidence.decision)
      fail("a request is decided otherwise", { policy: policy.document, evidence });
  }
}

// Each removable rule by itself; all of them; and some that are no asks, chosen by the bits of `choice`. Of one list the last ones come first,
// so that every pointer is still right when its turn comes.
function removals(findings: readonly Finding[], choice: number): readonly (readonly Edit[])[] {
  const removable = findings.filter((finding) => finding.removable).toReversed();
  const some = removable.filter(({ rule }, i) => rule?.effect !== "ask" && ((choice >>> (i % 32)) & 1) === 1);
  const sets = [...removable.map((finding) => [finding]), ...(removable.length > 1 ? [removable] : []), ...(some.length > 1 ? [some] : [])];
  return sets.map((set) => set.map(({ pointer }): Edit => ({ op: "remove", path: pointer })));
}

test("what lint calls removable is removed without a change, and every piece of evidence holds", {
  timeout: timeLimit(RUNS) * 2,
}, async () => {
  const prover = testProver();
  const kinds = new Map<string, number>();
  let applied = 0;
  let open = 0;
  await holds("lint", RUNS, fc.tuple(arbPair(), fc.boolean(), fc.integer()), async ([pair, handOn, seed]) => {
    const document = merged(pair, handOn);
    const policy = parsed(document);
    const { findings, undecided } = await lint(prover, policy, { now: Date.parse("2030-01-01T00:00:00Z") });
    open += undecided.length;
    for (const { kind, evidence } of findings) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (evidence.length === 0) fail("a finding rests on nothing", { document, kind });
      for (const piece of evidence) checkEvidence(policy, piece);
    }
    for (const edits of removals(findings, seed)) {
      applied++;
      const without = parsed(documentOf(policy, edits));
      const sides = handOn
        ? ([
            [policy, without],
            [delegableView(policy), delegableView(without)],
          ] as const)
        : ([[policy, without]] as const);
      for (const [whole, less] of sides) {
        // A policy with hundreds of ways to be undecided is one all the same: only a counterexample is a failure here.
        const answers = [await prover.checkContainment(whole, less), await prover.checkContainment(less, whole)];
        if (answers.some(({ kind }) => kind === "exceeds" || kind === "review"))
          fail("removing it changes something", { document, edits, answers });
        open += answers.filter(({ kind }) => kind === "undecided").length;
      }
      const after = without.document;
      for (const request of requestsFor(document, after, seed, REQUESTS))
        if (
          referenceDecision(document, request) !== referenceDecision(after, request) ||
          referenceView(document, request) !== referenceView(after, request)
        )
          fail("the second evaluator sees a change", { document, edits, request });
    }
  });
  console.log(`lint: ${JSON.stringify(Object.fromEntries(kinds))}, ${applied} removals, ${open} undecided`);
  expect(applied).toBeGreaterThan(0);
  await prover.close();
});
