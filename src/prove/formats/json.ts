// Answers for machines: snake_case keys, nothing of ours inside. Not trusted.

import type { Json } from "../../../prover/core.js";
import type { Change, ClaimResult, PartyDecision, PlacedRule, Totals, Witness } from "../results.js";

type JsonObject = { readonly [key: string]: Json };

const encodePlace = ({ file, line }: { readonly file: string; readonly line?: number }): JsonObject => ({
  file,
  ...(line === undefined ? {} : { line }),
});

const encodeRule = (rule: PlacedRule): JsonObject => ({
  id: rule.id,
  effect: rule.effect,
  pointer: rule.pointer,
  ...(rule.because === undefined ? {} : { because: rule.because }),
  ...(rule.truth === undefined ? {} : { truth: rule.truth }),
  ...encodePlace(rule),
});

const encodeDecision = ({ role, policy, decision, rules, near }: PartyDecision): JsonObject => ({
  role,
  policy,
  decision,
  rules: rules.map(encodeRule),
  near: near.map(({ rule, field, predicate, expected, got, summary }) => ({
    rule: encodeRule(rule),
    field,
    predicate,
    expected,
    ...(got === undefined ? {} : { got }),
    summary,
  })),
});

const encodeWitness = (witness: Witness): JsonObject =>
  witness.kind === "limit"
    ? { link: witness.title, limit: witness.limit, lower: witness.lower, upper: witness.upper }
    : { link: witness.title, request: witness.request, decisions: witness.decisions.map(encodeDecision) };

const encodeChange = (change: Change): JsonObject => ({ kind: change.kind, what: change.what, ...encodePlace(change) });

/** Returns one claim's answer, without what is kept of it. */
export const encodeClaim = (result: ClaimResult): JsonObject => ({
  name: result.name,
  because: result.because,
  claim: result.claim,
  ...encodePlace(result),
  expect: result.expect,
  found: result.found,
  outcome: result.outcome,
  summary: result.summary,
  policies: result.policies.map((policy) => ({ ...policy })),
  links: result.links.map((link) => ({ ...link })),
  counterexamples: result.witnesses.map(encodeWitness),
  blame: result.blame.map(encodeRule),
  ...(result.changes === undefined ? {} : { changes: result.changes.map(encodeChange) }),
  ms: result.ms,
});

/** Returns `{claims, totals}`. */
export const encodeReport = (results: readonly ClaimResult[], totals: Totals): JsonObject => ({
  claims: results.map(encodeClaim),
  totals: { ...totals },
});
