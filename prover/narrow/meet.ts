// The rules of the pointwise minimum of two lists of rules, as a person writes them. Not trusted: the result is proved as a whole.
//
// Of every grant of the one and every grant of the other there is a rule that needs both, an ask where one of them asks; and every deny of
// either. A grant whose every request the other list grants too stays as it is, beside the asks of the other list.

import { type Asker, listOf, withEffect } from "../diff/question.js";
import { type Effect, isObject, type Json, type Rule } from "../kernel/index.js";
import { loadPolicy } from "../load.js";
import { type Budget, meetActions } from "./actions.js";

type JsonObject = { readonly [key: string]: Json };

/** A rule that is being written. */
export type Draft = {
  readonly id: string;
  readonly effect: Effect;
  readonly action: readonly string[];
  readonly when?: Json;
  readonly unless?: Json;
  /** `because` and `reviewers` of where it comes from. */
  readonly more: JsonObject;
  /** Where its parts come from, `child.read+parent.repo`: its id once it is written of more than one. */
  readonly origin: string;
};

/** Returns the rule as the language writes it. */
export const writeDraft = ({ id, effect, action, when, unless, more }: Draft): JsonObject => ({
  id,
  effect,
  action: action.length === 1 ? (action[0] ?? "") : action,
  ...(when === undefined ? {} : { when }),
  ...(unless === undefined ? {} : { unless }),
  ...(effect === "ask" ? more : Object.fromEntries(Object.entries(more).filter(([key]) => key !== "reviewers"))),
});

/** Returns the drafts of a list as a document states it; `label` names the policy. */
export function draftsOf(rules: Json | undefined, label: string): readonly Draft[] {
  return (Array.isArray(rules) ? rules : []).filter(isObject).map((rule): Draft => {
    const { id, effect, action = "**", when, unless, because, reviewers } = rule;
    return {
      id: String(id),
      effect: effect === "deny" || effect === "ask" ? effect : "allow",
      action: Array.isArray(action) ? action.map(String) : [String(action)],
      ...(when === undefined ? {} : { when }),
      ...(unless === undefined ? {} : { unless }),
      more: { ...(because === undefined ? {} : { because }), ...(reviewers === undefined ? {} : { reviewers }) },
      origin: `${label}.${String(id)}`,
    };
  });
}

/** Returns the drafts with ids that no two of them share. */
export function withIds(drafts: readonly Draft[]): readonly Draft[] {
  const taken = new Set<string>();
  return drafts.map((draft) => {
    let id = draft.id;
    for (let n = 2; taken.has(id); n++) id = `${draft.id}~${n}`;
    taken.add(id);
    return { ...draft, id };
  });
}

/** Returns what the kernel loads of the drafts, in their order; undefined where it refuses them. */
export function loadDrafts(drafts: readonly Draft[], limits: JsonObject = {}): readonly Rule[] | undefined {
  const document = { language: "atmost/1", name: "drafts", version: "1", rules: withIds(drafts).map(writeDraft), limits };
  const loaded = loadPolicy(document);
  return loaded.kind === "loaded" ? loaded.policy.lists[0]?.rules : undefined;
}

const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

function allOf(a: Json | undefined, b: Json | undefined): Json | undefined {
  if (a === undefined || b === undefined || same(a, b)) return a ?? b;
  const shared = isObject(a) && isObject(b) && Object.keys(a).some((key) => Object.hasOwn(b, key));
  return isObject(a) && isObject(b) && !shared ? { ...a, ...b } : { all: [a, b] };
}

const anyOf = (a: Json | undefined, b: Json | undefined): Json | undefined =>
  a === undefined || b === undefined || same(a, b) ? (a ?? b) : { any: [a, b] };

// The rule that needs both. Undefined where there is no action for both; "too_many" where the actions can not be written.
function both(a: Draft, b: Draft, budget: Budget): Draft | "too_many" | undefined {
  const action = meetActions(a.action, b.action, budget);
  if (action === undefined) return "too_many";
  if (action.length === 0) return undefined;
  const [when, unless] = [allOf(a.when, b.when), anyOf(a.unless, b.unless)];
  const origin = `${a.origin}+${b.origin}`;
  return {
    id: origin,
    effect: a.effect === "ask" || b.effect === "ask" ? "ask" : "allow",
    action,
    ...(when === undefined ? {} : { when }),
    ...(unless === undefined ? {} : { unless }),
    more: { ...b.more, ...a.more },
    origin,
  };
}

const grant = (rule: Rule): Rule => withEffect(rule, "allow");
type Sided = { readonly draft: Draft; readonly rule: Rule };

async function within(asker: Asker, rule: Rule, others: readonly Rule[]): Promise<boolean> {
  const found = await asker.find([listOf([grant(rule)])], [listOf(others.map(grant))]);
  return found.kind === "none";
}

// What the two grants permit together: the one of them that says it all where there is one, else both.
async function pair(a: Sided, b: Sided, asker: Asker, budget: Budget): Promise<Draft | "too_many" | undefined> {
  const joined = both(a.draft, b.draft, budget);
  if (joined === undefined || joined === "too_many") return joined;
  const { id, origin, effect, more } = joined;
  if (await within(asker, a.rule, [b.rule])) return a.draft.effect === effect ? a.draft : { ...a.draft, id, origin, effect, more };
  const rule = loadDrafts([joined])?.[0];
  // An ask also restricts where it is unknown, so that one which is never true may still be of use: what is not is left out later.
  if (effect === "allow" && rule !== undefined && (await within(asker, rule, []))) return undefined;
  if (await within(asker, b.rule, [a.rule])) return { ...b.draft, id, origin, effect, more };
  return joined;
}

/**
 * Returns the rules of the least of two lists, the first one's kept as they are where that can be; `too_many` past a bound, or once `asker`
 * has ended.
 */
export async function meet(
  own: readonly Draft[],
  bound: readonly Draft[],
  asker: Asker,
  draftsMax: number,
  budget: Budget,
): Promise<readonly Draft[] | "too_many"> {
  const [ownRules, boundRules] = [loadDrafts(own), loadDrafts(bound)];
  if (ownRules === undefined || boundRules === undefined) return "too_many";
  const sided = (drafts: readonly Draft[], rules: readonly Rule[]): readonly Sided[] =>
    drafts.flatMap((draft, i) => {
      const rule = rules[i];
      return rule === undefined ? [] : [{ draft, rule }];
    });
  const [mine, theirs] = [sided(own, ownRules), sided(bound, boundRules)];
  const grants = theirs.filter(({ draft }) => draft.effect !== "deny");
  const result: Draft[] = [];
  for (const a of mine) {
    if (asker.ended !== undefined) return "too_many";
    if (a.draft.effect === "deny") {
      result.push(a.draft);
      continue;
    }
    const whole = await within(
      asker,
      a.rule,
      grants.map(({ rule }) => rule),
    );
    if (whole) result.push(a.draft);
    // Where all of it is granted above, only what asks above is still to be told, and an ask asks already.
    const partners = !whole ? grants : a.draft.effect === "ask" ? [] : grants.filter(({ draft }) => draft.effect === "ask");
    for (const b of partners) {
      const made = asker.ended === undefined ? await pair(a, b, asker, budget) : "too_many";
      if (made === "too_many" || result.length > draftsMax) return "too_many";
      if (made !== undefined) result.push(made);
    }
  }
  const denied = new Set(mine.flatMap(({ draft, rule }) => (draft.effect === "deny" ? [rule.condition.key] : [])));
  for (const { draft, rule } of theirs)
    if (draft.effect === "deny" && !denied.has(rule.condition.key)) result.push({ ...draft, id: draft.origin });
  return result;
}
