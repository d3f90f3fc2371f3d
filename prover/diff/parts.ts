// The parts of the difference of one kind, such as deny → allow: which rules' regions cover all of it, and a request for each that no other
// region covers. Not trusted: that nothing is left over is proved, and every request is replayed.
//
// Let `high` be the policy that decides higher. Where `low` denies, one of its denies takes effect which `high` does not have, or none does and
// a rule of `high` grants what no rule of `low` grants. Where `low` asks, one of its asks takes effect which `high` does not have. So rules that
// both policies have never need an item.

import { decide } from "../evaluate/decide.js";
import type { Policy, Rule, RuleList } from "../kernel/index.js";
import type { UndecidedReason } from "../results.js";
import { type Asker, extended, type Found, listOf, type Request, takesEffect, whereFalse, withAsks, withEffect } from "./question.js";

/** One kind of change, as the policy that decides higher sees it. */
export type Kind = { readonly high: Policy; readonly low: Policy; readonly to: "allow" | "ask"; readonly from: "ask" | "deny" };

/** A rule by whose region a part is told, whose it is, and a request that only this part has. */
export type Part = { readonly of: "high" | "low"; readonly rule: Rule; readonly except: readonly Rule[]; readonly request: Request };

/** The parts of one kind; `reason` where it is not proved that these are all, or that none can be left out. */
export type Parts = { readonly parts: readonly Part[]; readonly reason?: UndecidedReason };

const rulesOf = ({ lists }: Policy): readonly Rule[] => lists.flatMap((list) => list.rules);
const unique = (rules: readonly Rule[]): readonly Rule[] => [...new Map(rules.map((rule) => [rule.condition.key, rule])).values()];

// The question for requests of a kind, besides those on regions: lists that must all permit, and rules above that must not hold.
class Question {
  readonly #below: readonly RuleList[];
  readonly #asks: readonly Rule[];

  constructor(
    readonly kind: Kind,
    readonly asker: Asker,
  ) {
    const { high, low, to, from } = kind;
    this.#below = [
      ...high.lists.map((list) => withAsks(list, to === "allow" ? "deny" : "allow")),
      ...(from === "ask" ? low.lists.map((list) => withAsks(list, "allow")) : []),
    ];
    this.#asks = to === "ask" ? unique(rulesOf(high).filter(({ effect }) => effect === "ask")) : [];
  }

  isOne(request: Request): boolean {
    return decide(this.kind.high, request) === this.kind.to && decide(this.kind.low, request) === this.kind.from;
  }

  // Requests on which the restriction `rule` of low takes effect, and none of the others does.
  restricted(rule: Rule, others: readonly Rule[]): Promise<Found> {
    return this.#find(this.#with(others), [listOf(whereFalse(rule))]);
  }

  // Requests that `rule` of high grants, and that no rule of low grants or denies, and none of the others grants.
  granted(rule: Rule, others: readonly Rule[]): Promise<Found> {
    const denies = unique(rulesOf(this.kind.low).filter(({ effect }) => effect === "deny"));
    const own = listOf([withEffect(rule, "allow")]);
    const grants = others.map((other) => withEffect(other, "allow"));
    const above = this.kind.low.lists.map((list) =>
      extended(withAsks(listOf(list.rules.filter(({ effect }) => effect !== "deny")), "allow"), grants),
    );
    return this.#find([...this.#with(denies), own], above);
  }

  #with(denies: readonly Rule[]): readonly RuleList[] {
    const [first, ...more] = this.#below;
    if (first === undefined) return [];
    const fresh = denies.filter(({ condition }) => !first.rules.some((r) => r.effect === "deny" && r.condition.key === condition.key));
    const added = extended(
      first,
      fresh.map((rule) => withEffect(rule, "deny")),
    );
    return [added, ...more];
  }

  // Where high must ask, some ask of it must take effect besides: first any request is looked for, then one by each of the asks.
  async #find(below: readonly RuleList[], above: readonly RuleList[]): Promise<Found> {
    const first = await this.#one(below, above);
    if (first.kind === "none" || this.kind.to === "allow") return first;
    if (first.kind === "some" && first.requests.length > 0) return first;
    let last: Found | undefined;
    for (const ask of this.#asks) {
      const asked = await this.#one(
        below,
        above.map((list) => extended(list, whereFalse(ask))),
      );
      if (asked.kind === "some" && asked.requests.length > 0) return asked;
      if (last?.kind !== "undecided") last = asked;
    }
    return last ?? first;
  }

  async #one(below: readonly RuleList[], above: readonly RuleList[]): Promise<Found> {
    const found = await this.asker.find(below, above);
    // INVARIANT: no request is told that is not of this kind as the evaluator decides.
    return found.kind === "some" ? { kind: "some", requests: found.requests.filter((request) => this.isOne(request)) } : found;
  }
}

type Seek = (rule: Rule, others: readonly Rule[]) => Promise<Found>;
type Covered = { readonly rules: readonly (readonly [Rule, Request])[]; readonly reason?: UndecidedReason };

const firstOf = (found: Found): Request | undefined => (found.kind === "some" ? found.requests[0] : undefined);
const reasonOf = (found: Found): UndecidedReason => (found.kind === "undecided" ? found.reason : "search_bound");

// Lists each candidate that has something outside of those listed; then leaves out each that has nothing outside of the others.
async function cover(candidates: readonly Rule[], seek: Seek): Promise<Covered> {
  let reason: UndecidedReason | undefined;
  const listed = new Map<Rule, Request>();
  for (const rule of candidates) {
    const found = await seek(rule, [...listed.keys()]);
    const request = firstOf(found);
    if (request !== undefined) listed.set(rule, request);
    else if (found.kind !== "none") reason ??= reasonOf(found);
  }
  for (const [rule, request] of [...listed]) {
    const others = [...listed.keys()].filter((other) => other !== rule);
    if (!others.some((other) => takesEffect(other, request))) continue;
    const found = await seek(rule, others);
    const own = firstOf(found);
    if (own !== undefined) listed.set(rule, own);
    else if (found.kind === "none") listed.delete(rule);
    else reason ??= reasonOf(found);
  }
  return { rules: [...listed], ...(reason === undefined ? {} : { reason }) };
}

function candidatesOf({ high, low, to, from }: Kind): { readonly restricts: readonly Rule[]; readonly grants: readonly Rule[] } {
  const restricts = unique(rulesOf(low).filter(({ effect }) => effect === from)).filter(({ condition }) => {
    const own = high.restrictions.get(condition.key);
    return to === "allow" ? own === undefined : own !== "deny";
  });
  if (from === "ask") return { restricts, grants: [] };
  const known = new Set(low.lists.length === 1 ? rulesOf(low).flatMap((r) => (r.effect === "deny" ? [] : [r.condition.key])) : []);
  const grants = rulesOf(high).filter(({ effect }) => effect === "allow" || (effect === "ask" && to === "ask"));
  const asksFirst = [...grants.filter(({ effect }) => effect === "ask"), ...grants.filter(({ effect }) => effect !== "ask")];
  return { restricts, grants: unique(asksFirst).filter(({ condition }) => !known.has(condition.key)) };
}

/** Returns the parts that cover all requests of a kind. */
export async function partsOf(kind: Kind, asker: Asker): Promise<Parts> {
  // A policy without asks never asks.
  if (kind.to === "ask" && !rulesOf(kind.high).some(({ effect }) => effect === "ask")) return { parts: [] };
  const question = new Question(kind, asker);
  const { restricts, grants } = candidatesOf(kind);
  const restricted = await cover(restricts, (rule, others) => question.restricted(rule, others));
  // Grants take effect where they are true, whatever their own effect is.
  const allowed = grants.map((rule) => withEffect(rule, "allow"));
  const granted = await cover(allowed, (rule, others) => question.granted(rule, others));
  const except = restricted.rules.map(([rule]) => rule);
  const reason = restricted.reason ?? granted.reason;
  return {
    parts: [
      ...restricted.rules.map(([rule, request]): Part => ({ of: "low", rule, except: [], request })),
      ...granted.rules.map(([rule, request]): Part => ({ of: "high", rule: originalOf(rule, grants), except, request })),
    ],
    ...(reason === undefined ? {} : { reason }),
  };
}

const originalOf = (rule: Rule, grants: readonly Rule[]): Rule =>
  grants.find(({ condition }) => condition.key === rule.condition.key) ?? rule;

/** The kinds in which `high` decides higher than `low`, least first. */
export const kindsOf = (high: Policy, low: Policy): readonly Kind[] => [
  { high, low, to: "allow", from: "deny" },
  { high, low, to: "ask", from: "deny" },
  { high, low, to: "allow", from: "ask" },
];
