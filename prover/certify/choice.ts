// The choice of the next step on a branch: which rule stops its request, and whether that rule is shown to hold on the whole branch or is
// split on. Not trusted.

import {
  type Condition,
  type Effect,
  F,
  type Policy,
  type Relation,
  type Rule,
  stopsToo,
  T,
  type Truth,
  truthOf,
  U,
} from "../kernel/index.js";
import { groupLiterals } from "./facts.js";
import type { Lemma, Pivot, Proof, RulePlace } from "./proof.js";
import type { Request } from "./request.js";
import { cover, refute } from "./shown.js";
import { stop } from "./stopped.js";
import { leafOf, type Tracked } from "./tracked.js";

/** What a search is about. */
export type Asked = { readonly lower: Policy; readonly upper: Policy; readonly relation: Relation };

type Fork = { readonly pivot: Pivot; readonly into: readonly Truth[] };

/** The next step: look at the branch again, as something was shown of it; split it; or one case for each permission of a list of `lower`. */
export type Choice = { readonly kind: "again" } | ({ readonly kind: "split" } & Fork) | { readonly kind: "permits"; readonly list: number };

/** The most rules above that are tried on a branch without a request that says which of them matter. */
const directMax = 6;
/** The same, of those that restrict, where a rule that permits stands in both policies. */
const directBesideMax = 64;

/** Returns the rule as what to split on. */
export function pivotOf(asked: Asked, side: "lower" | "upper", list: number, rule: Rule): Pivot {
  const index = (side === "lower" ? asked.lower : asked.upper).lists[list]?.rules.indexOf(rule) ?? -1;
  const place: RulePlace = { side, list, rule: index };
  return { condition: rule.condition, place };
}

/** Returns the leaf by which no request of `branch` escapes; undefined where the branch is not settled yet. */
export const leafOn = ({ lower, upper, relation }: Asked, branch: Tracked, by: readonly Lemma[]): Proof | undefined =>
  leafOf(branch, lower, upper, relation, by);

/** Returns what `policy` decides of a request of `branch`, 0 to 2: what the branch knows already is not asked again. */
export function rankOn(branch: Tracked, policy: Policy, request: Request): number {
  let least = 2;
  for (const list of policy.lists) {
    const rules = branch.rules(list);
    const restricts = (effect: Effect) => rules.some((rule) => rule.effect === effect && meets(branch, rule.condition, request, T | U));
    const grants = (effect: Effect) =>
      rules.some((rule) => rule.effect === effect && branch.truths(rule.condition) === T) ||
      rules.some((rule) => rule.effect === effect && meets(branch, rule.condition, request, T));
    if (restricts("deny")) return 0;
    if (!grants("allow")) least = Math.min(least, grants("ask") ? 1 : 0);
    else if (restricts("ask")) least = Math.min(least, 1);
  }
  return least;
}

function meets(branch: Tracked, condition: Condition, request: Request, wanted: Truth): boolean {
  const truths = branch.truths(condition);
  return (truths & wanted) !== 0 && (!(truths & ~wanted) || (truthOf(condition, request) & wanted) !== 0);
}

/** Shows what it can of the rules above before any request is made, where few of them come into question. */
export function showDirectly(asked: Asked, branch: Tracked, by: Lemma[]): void {
  const known = groupLiterals(branch.literals());
  for (const policyList of asked.upper.lists) {
    const all = branch.ordered(policyList).filter(({ condition }) => branch.truths(condition) !== F);
    const rules = all.filter((rule) => !stopsToo(asked.lower, rule));
    const [permits, harmful] = [rules.filter(({ effect }) => effect !== "deny"), rules.filter(({ effect }) => effect !== "allow")];
    const held = all.some(({ effect, condition }) => effect !== "deny" && branch.truths(condition) === T);
    if (held ? harmful.length > directBesideMax : rules.length > directMax || permits.length === 0) return;
    for (const { condition } of harmful) if (!refute(branch, condition, T | U, by, known)) return;
    if (!held && cover(branch, permits, by) !== undefined) return;
  }
}

/**
 * Returns the next step on `branch`, of which `request` is one that does not escape: a rule that stops it is shown to hold on the whole
 * branch, or split on.
 * @param cased the lists of `lower` that are cased already
 * @param low what `lower` decides of the request
 * @param by gets the lemmas that were applied to the branch
 * @throws Stopped where there is no step that says anything new
 */
export function chooseStep(asked: Asked, branch: Tracked, cased: ReadonlySet<number>, request: Request, low: number, by: Lemma[]): Choice {
  // Where `upper` permits whatever `lower` says, what `lower` says is of no matter.
  const found = above(asked, branch, request, low === 0 ? branch.highest(asked.lower) : low, low > 0, by);
  if (found === "shown" && leafOn(asked, branch, by) !== undefined) return { kind: "again" };
  if (low === 0) {
    const stopped = lowerStop(asked, branch, cased, request);
    return typeof stopped === "number" ? { kind: "permits", list: stopped } : { kind: "split", pivot: stopped, into: [T | U, F] };
  }
  if (typeof found === "object") return { kind: "split", ...found };
  // All rules above are settled: what is left is an ask below that this request meets, and others of the branch may not.
  for (const [list, policyList] of asked.lower.lists.entries())
    for (const rule of branch.ordered(policyList))
      if (rule.effect === "ask" && truthOf(rule.condition, request) !== F && branch.truths(rule.condition) & F)
        return { kind: "split", pivot: pivotOf(asked, "lower", list, rule), into: [T | U, F] };
  return upperAsks(asked, branch, by);
}

// Shows that `upper` permits on the whole branch as much as `top`; else returns what to split on, or "open" where it need not be `sought`.
function above(asked: Asked, branch: Tracked, request: Request, top: number, sought: boolean, by: Lemma[]): "shown" | "open" | Fork {
  const known = groupLiterals(branch.literals());
  for (const [list, policyList] of asked.upper.lists.entries()) {
    const harmful = branch.ordered(policyList).filter((rule) => {
      const stops = rule.effect === "deny" || (rule.effect === "ask" && asked.relation === "contained" && top === 2);
      return stops && !stopsToo(asked.lower, rule) && branch.truths(rule.condition) !== F;
    });
    const met = harmful.find(({ condition }) => truthOf(condition, request) !== F);
    if (met !== undefined) return sought ? { pivot: pivotOf(asked, "upper", list, met), into: [T | U, F] } : "open";
    const permits = branch.ordered(policyList).filter(({ effect, condition }) => effect !== "deny" && truthOf(condition, request) === T);
    if (permits.length === 0 && !sought) return "open";
    for (const rule of harmful)
      if (branch.truths(rule.condition) !== F && !refute(branch, rule.condition, T | U, by, known))
        return sought ? { pivot: pivotOf(asked, "upper", list, rule), into: [T | U, F] } : "open";
    const open = cover(branch, permits, by);
    if (open !== undefined) return sought ? { pivot: open, into: [T, F | U] } : "open";
  }
  return "shown";
}

function upperAsks(asked: Asked, branch: Tracked, by: Lemma[]): Choice {
  for (const [list, policyList] of asked.upper.lists.entries())
    for (const rule of branch.ordered(policyList))
      if (rule.effect === "ask" && branch.truths(rule.condition) !== F && !refute(branch, rule.condition, T | U, by)) {
        const pivot = pivotOf(asked, "upper", list, rule);
        const now = branch.truths(rule.condition);
        if (now & F) return { kind: "split", pivot, into: [T | U, F] };
      }
  return stop("search_bound");
}

// What makes `lower` deny: one of its denies, or a list none of whose rules permits.
function lowerStop(asked: Asked, branch: Tracked, cased: ReadonlySet<number>, request: Request): Pivot | number {
  for (const [list, policyList] of asked.lower.lists.entries())
    for (const rule of branch.ordered(policyList))
      if (rule.effect === "deny" && truthOf(rule.condition, request) !== F) return pivotOf(asked, "lower", list, rule);
  for (const list of asked.lower.lists.keys()) if (!cased.has(list)) return list;
  return stop("search_bound");
}
