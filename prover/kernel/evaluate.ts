// TRUSTED. What a policy decides of a request: the definition of the language.

import { accepts } from "./automata.js";
import { isObject } from "./canonical.js";
import type { Condition, Policy, Predicate, Rule, RuleList } from "./load.js";
import { formKinds, isCanonical } from "./patterns.js";
import { parseIp } from "./values.js";

/** A truth, or several as a set of bits. */
export type Truth = number;
export const T = 1;
export const F = 2;
export const U = 4;
export const all3 = 7;
export type Decision = "deny" | "ask" | "allow";
/** Decisions by rank, the least first. */
export const decisions: readonly Decision[] = ["deny", "ask", "allow"];

export const absent = Symbol("absent");
export const obscured = Symbol("obscured");

/** Returns what stands at `path` below `root`, `absent`, or `obscured` where the path leads through an array or a scalar. */
export function resolve(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (!isObject(value)) return obscured;
    if (!Object.hasOwn(value, key)) return absent;
    value = value[key];
  }
  return value;
}

/** Returns the truth of `predicate` on what `resolve` found. */
export function judge(predicate: Predicate, value: unknown): Truth {
  if (value === absent) return F;
  if (value === obscured) return predicate.kind === "present" ? F : U;
  switch (predicate.kind) {
    case "present":
      return T;
    case "in":
      if (value !== null && typeof value !== "string" && typeof value !== "boolean" && !Number.isFinite(value)) return U;
      return predicate.values.has(value) ? T : F;
    case "lt":
      return typeof value !== "number" || !Number.isFinite(value) ? U : value < predicate.bound ? T : F;
    case "lte":
      return typeof value !== "number" || !Number.isFinite(value) ? U : value <= predicate.bound ? T : F;
    case "gt":
      return typeof value !== "number" || !Number.isFinite(value) ? U : value > predicate.bound ? T : F;
    case "gte":
      return typeof value !== "number" || !Number.isFinite(value) ? U : value >= predicate.bound ? T : F;
    case "cidr": {
      const address = typeof value === "string" ? parseIp(value) : undefined;
      if (address === undefined) return U;
      return predicate.blocks.some(([first, last]) => address >= first && address <= last) ? T : F;
    }
    case "only":
      return !isObject(value) ? U : Object.keys(value).every((key) => predicate.keys.has(key)) ? T : F;
    case "has":
      return !isObject(value) ? U : [...predicate.keys].every((key) => Object.hasOwn(value, key)) ? T : F;
    case "each":
    case "some": {
      if (!Array.isArray(value)) return U;
      const seen = value.reduce((bits: Truth, item) => bits | (predicate.where && !isObject(item) ? U : truthOf(predicate.inner, item)), 0);
      if (predicate.kind === "each") return seen & F ? F : seen & U ? U : T;
      return seen & T ? T : seen & U ? U : F;
    }
    default: {
      if (typeof value !== "string") return U;
      const form = formKinds.find((kind) => kind === predicate.kind);
      return form !== undefined && !isCanonical(form, value) ? U : accepts(predicate.automaton, value) ? T : F;
    }
  }
}

/** Returns the truth of `condition` on a request, or on the element of an array. */
export function truthOf(condition: Condition, root: unknown): Truth {
  switch (condition.kind) {
    case "atom":
      return judge(condition.predicate, resolve(root, condition.path));
    case "not": {
      const truth = truthOf(condition.item, root);
      return truth === U ? U : truth === T ? F : T;
    }
    case "all":
    case "any": {
      const stop = condition.kind === "all" ? F : T;
      let result = T + F - stop;
      for (const item of condition.items) {
        const truth = truthOf(item, root);
        if (truth === stop) return stop;
        if (truth === U) result = U;
      }
      return result;
    }
  }
}

function decideList(list: RuleList, action: string, request: unknown): number {
  const named = list.named.get(action) ?? [];
  const rules = named.length === 0 ? list.others : list.others.length === 0 ? named : [...named, ...list.others];
  let rank = 0;
  let asks = false;
  for (const rule of rules) {
    const truth = truthOf(rule.condition, request);
    if (truth === F) continue;
    if (rule.effect === "deny") return 0;
    if (rule.effect === "ask") asks = true;
    if (truth === T) rank = 2;
  }
  return asks ? Math.min(rank, 1) : rank;
}

/** Returns the decision of `policy` on any value: total, pure, and independent of the order of rules. */
export function decide(policy: Policy, request: unknown): Decision {
  const action = isObject(request) ? resolve(request, ["action"]) : absent;
  if (typeof action !== "string" || !isCanonical("action", action)) return "deny";
  const rank = policy.lists.reduce((least, list) => Math.min(least, least && decideList(list, action, request)), 2);
  return decisions[rank] ?? "deny";
}

/** Returns true iff `request` is decided higher by `lower` than by `upper`: a counterexample to containment. */
export function escapes(lower: Policy, upper: Policy, request: unknown): boolean {
  return decisions.indexOf(decide(lower, request)) > decisions.indexOf(decide(upper, request));
}

/** Returns the rules of `list` whose truth on `request` is not false. */
export const liveRules = (list: RuleList, request: unknown): readonly Rule[] =>
  list.rules.filter((rule) => truthOf(rule.condition, request) !== F);
