// Questions about parts of policies, put to the prover as links between policies that nobody wrote: lists of their rules, with other effects.
// Not trusted: what is asked decides what an answer means, and the tests hold that to the evaluator; each "none" is a checked certificate.

import { type Condition, type Json, type Policy, type Rule, type RuleList, restrictionsOf, T, truthOf, U } from "../kernel/index.js";
import type { Certificate, LinkResult, ParsedPolicy, Subject, UndecidedReason } from "../results.js";
import { sha256Hex } from "../sha256.js";

/** What is needed of a prover: `createProver` makes such. */
export type LinkProver = {
  readonly checkContainment: (
    lower: Subject,
    upper: Subject,
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ) => Promise<LinkResult>;
};

/** The bounds on the questions of one call. Past `questionsMax` the rest is undecided, `search_bound`. */
export type AskOptions = {
  /** 1..600000 ms for each question. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly questionsMax?: number;
};

export type Request = { readonly [key: string]: Json };

/** What a question found: nothing, proved; one request, replayed; or no answer. */
export type Found =
  | { readonly kind: "none"; readonly certificate: Certificate }
  | { readonly kind: "some"; readonly requests: readonly Request[] }
  | { readonly kind: "undecided"; readonly reason: UndecidedReason };

const always: Condition = { kind: "all", key: "all()", items: [] };

/** Returns an allow rule of this condition, which may be about the action too. */
export const allowRule = (condition: Condition): Rule => ({ id: "part", effect: "allow", pointer: "", condition, action: always });
/** Returns the rule as one of another effect. */
export const withEffect = (rule: Rule, effect: Rule["effect"]): Rule => ({ ...rule, effect });

/** Returns the list of these rules, those that name their actions found by them. */
export function listOf(rules: readonly Rule[]): RuleList {
  const named = new Map<string, Rule[]>();
  for (const rule of rules)
    for (const action of rule.actions ?? []) {
      const known = named.get(action);
      if (known === undefined) named.set(action, [rule]);
      else known.push(rule);
    }
  return { rules, named, others: rules.filter(({ actions }) => actions === undefined) };
}

/** Returns the list with more rules. */
export const extended = (list: RuleList, rules: readonly Rule[]): RuleList =>
  rules.length === 0 ? list : { rules: [...list.rules, ...rules], named: list.named, others: [...list.others, ...rules] };

/** Returns the list with each ask as a rule of that effect. */
export const withAsks = (list: RuleList, effect: "allow" | "deny"): RuleList =>
  list.rules.some((rule) => rule.effect === "ask")
    ? listOf(list.rules.map((rule) => (rule.effect === "ask" ? withEffect(rule, effect) : rule)))
    : list;

// The condition that is true exactly where `condition` is false.
const negated = (condition: Condition): Condition =>
  condition.kind === "not" ? condition.item : { kind: "not", key: `not(${condition.key})`, item: condition };

/** Returns allow rules of which one holds exactly where `rule` is false: none of them holds where the rule restricts. */
export const whereFalse = ({ condition }: Rule): readonly Rule[] =>
  (condition.kind === "all" ? condition.items : [condition]).map((part) => allowRule(negated(part)));

const digests = new WeakMap<RuleList, string>();
function digestOf(list: RuleList): string {
  const known = digests.get(list);
  if (known !== undefined) return known;
  const digest = sha256Hex(JSON.stringify(list.rules.map(({ effect, condition }) => [effect, condition.key])));
  digests.set(list, digest);
  return digest;
}

/** Returns the policy that decides the least of what these lists decide, as a side of a link. Its hash names its rules, no document. */
export function subjectOf(lists: readonly RuleList[], limits: Policy["limits"] = new Map()): ParsedPolicy {
  const sha256 = sha256Hex(
    JSON.stringify(["lists", ...lists.map(digestOf), ...[...limits.values()].map(({ name, text }) => [name, text])]),
  );
  const loaded: Policy = { sha256, view: false, lists, limits, restrictions: restrictionsOf(lists) };
  return { kind: "policy", document: {}, name: "lists", version: "1", sha256, loaded };
}

/** Returns true iff the rule has its effect on the request: an allow where it is true, an ask or a deny where it is not false. */
export const takesEffect = (rule: Rule, request: unknown): boolean =>
  (truthOf(rule.condition, request) & (rule.effect === "allow" ? T : T | U)) !== 0;

/** Asks questions of one prover, within the bounds. */
export class Asker {
  #left: number;
  #stopped = false;

  constructor(
    readonly prover: LinkProver,
    readonly options: AskOptions,
    questionsMax: number,
  ) {
    this.#left = options.questionsMax ?? questionsMax;
  }

  /** Why nothing more is answered; undefined while questions are. Whoever works between questions looks here, and stops. */
  get ended(): UndecidedReason | undefined {
    if (this.#stopped) return "shutdown";
    return this.options.signal?.aborted === true ? "deadline" : this.#left < 0 ? "search_bound" : undefined;
  }

  /** Returns the answer of the prover for a link, `undecided` once the bounds are met. */
  async link(lower: Subject, upper: Subject): Promise<LinkResult> {
    const effort = { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;
    if (this.options.signal?.aborted === true) return { kind: "undecided", reason: "deadline", effort };
    if (--this.#left < 0) return { kind: "undecided", reason: "search_bound", effort };
    const { deadlineMs, signal } = this.options;
    const result = await this.prover.checkContainment(lower, upper, {
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.#stopped ||= result.kind === "undecided" && result.reason === "shutdown";
    return result;
  }

  /** Returns requests that all lists of `lower` permit and some list of `upper` does not, or that there are none. */
  async find(lower: readonly RuleList[], upper: readonly RuleList[]): Promise<Found> {
    const result = await this.link(subjectOf(lower), subjectOf(upper));
    switch (result.kind) {
      case "contained":
        return { kind: "none", certificate: result.certificate };
      case "undecided":
        return { kind: "undecided", reason: result.reason };
      default:
        return { kind: "some", requests: result.counterexamples.flatMap((one) => (one.kind === "request" ? [one.request] : [])) };
    }
  }
}
