// The prover's answers as the JSON that crosses borders: snake_case keys, nothing of ours inside. Not trusted.

import type { Json } from "./kernel/index.js";
import type { Counterexample, Evaluation, LinkResult, RuleMention, SpawnResult } from "./results.js";

type JsonObject = { readonly [key: string]: Json };

/** Returns `{id, effect, pointer, because?, truth?}`. */
export const encodeRule = ({ id, effect, pointer, because, truth }: RuleMention): JsonObject => ({
  id,
  effect,
  pointer,
  ...(because === undefined ? {} : { because }),
  ...(truth === undefined ? {} : { truth }),
});

/** Returns `{decision, rules, near}`. */
export const encodeEvaluation = ({ decision, rules, near }: Evaluation): JsonObject => ({
  decision,
  rules: rules.map(encodeRule),
  near: near.map(({ rule, field, predicate, expected, got, truth, summary }) => ({
    rule: encodeRule(rule),
    field,
    predicate,
    expected,
    ...(got === undefined ? {} : { got }),
    truth,
    summary,
  })),
});

/** Returns `{request, lower, upper, summary}`, or `{limit, lower, upper, summary}` where a limit is greater. */
export const encodeCounterexample = (example: Counterexample): JsonObject =>
  example.kind === "limit"
    ? { limit: example.limit, lower: example.lower, upper: example.upper, summary: example.summary }
    : {
        request: example.request,
        lower: encodeEvaluation(example.lower),
        upper: encodeEvaluation(example.upper),
        summary: example.summary,
      };

/** Returns `{result, reason?, certificate?, counterexamples?}`. */
export function encodeLink(result: LinkResult): JsonObject {
  switch (result.kind) {
    case "contained":
      return { result: result.kind, certificate: result.certificate };
    case "review":
      return { result: result.kind, certificate: result.certificate, counterexamples: result.counterexamples.map(encodeCounterexample) };
    case "exceeds":
      return { result: result.kind, counterexamples: result.counterexamples.map(encodeCounterexample) };
    case "undecided":
      return { result: result.kind, reason: result.reason };
  }
}

/** Returns `{verdict, policies, links}` of design section 5; who signs it adds `attestation`. */
export const encodeSpawnResult = ({ verdict, policies, links }: SpawnResult): JsonObject => ({
  verdict,
  policies: { ...policies },
  links: links.map(({ lower, upper, result }) => ({ lower, upper, ...encodeLink(result) })),
});
