// Requests against a claim, explained by the policies that the claim names: what each decides, by which rules, in which file and line.
// Not trusted: every decision here is the evaluator's.

import { evaluate, isObject, type Json, type RuleMention } from "../../prover/core.js";
import { statedAt } from "../cli/render-decisions.js";
import type { Party } from "./plan.js";
import { lineOfRule } from "./policies.js";
import type { PartyDecision, PlacedRule, Witness } from "./results.js";

function placed({ named }: Party, rule: RuleMention): PlacedRule {
  const line = lineOfRule(named, rule);
  const stated = statedAt(named.policy.document, rule.pointer);
  return { ...rule, file: named.file, ...(line === undefined ? {} : { line }), ...(stated === undefined ? {} : { stated }) };
}

/** Returns what the policy decides of `request`, and by which rules. */
export function decisionOf(party: Party, request: unknown): PartyDecision {
  const { decision, rules, near } = evaluate(party.named.subject, request);
  return {
    role: party.role,
    policy: `${party.named.policy.name} ${party.named.policy.version}`,
    decision,
    rules: rules.map((rule) => placed(party, rule)),
    near: near.map((miss) => ({ ...miss, rule: placed(party, miss.rule) })),
  };
}

/** Returns the witness that `request` is, by every party. */
export const witnessOf = (title: string, parties: readonly Party[], request: { readonly [key: string]: Json }): Witness => ({
  kind: "request",
  title,
  request,
  decisions: parties.map((party) => decisionOf(party, request)),
});

/** Returns the rules that the witnesses blame, each once: those that made the decisions, else those that were nearest. */
export function blameOf(witnesses: readonly Witness[]): readonly PlacedRule[] {
  const decisions = witnesses.flatMap((witness) => (witness.kind === "request" ? witness.decisions : []));
  const made = decisions.flatMap(({ rules }) => rules);
  const rules = made.length > 0 ? made : decisions.flatMap(({ near }) => near.map(({ rule }) => rule));
  return [...new Map(rules.map((rule) => [JSON.stringify([rule.file, rule.pointer, rule.id]), rule])).values()];
}

/** Returns a JSON value as an object, undefined where it is none. */
export const asObject = (value: unknown): { readonly [key: string]: Json } | undefined => (isObject(value) ? value : undefined);
