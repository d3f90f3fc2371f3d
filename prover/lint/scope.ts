// The rules of one list of a policy, its own or those of its delegation, and the variants with some of them left out. Not trusted.

import { type Atom, atomsOf, F, isObject, type Json, judge, type Literal, possible, type Rule, T, U } from "../kernel/index.js";
import { loadPolicy } from "../load.js";
import type { ParsedPolicy, RuleMention } from "../results.js";
import type { Edit } from "./types.js";

type JsonObject = { readonly [key: string]: Json };

/** A rule as it stands in the document, and as the kernel loaded it. */
export type Listed = { readonly index: number; readonly stated: JsonObject; readonly rule: Rule; readonly pointer: string };

/** The lists that lint looks at. */
export type ListPath = "/rules" | "/delegation/rules";

const objectsOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Returns the rules that the policy states in `list`, in its order; none where the delegation has no rules of its own. */
export function listedRules({ document }: ParsedPolicy, list: ListPath): readonly Listed[] {
  const { delegation } = document;
  const stated = objectsOf(list === "/rules" ? document["rules"] : isObject(delegation) ? delegation["rules"] : []);
  const loaded = loadPolicy({ language: "atmost/1", name: "-", version: "-", rules: stated });
  if (loaded.kind === "invalid") throw new Error("the rules of a policy that was loaded do not load");
  const rules = loaded.policy.lists[0]?.rules ?? [];
  return stated.flatMap((rule, index) => {
    const found = rules[index];
    return found === undefined ? [] : [{ index, stated: rule, rule: found, pointer: `${list}/${index}` }];
  });
}

/** Returns the rule as findings name it. */
export function mentionOf({ stated, rule, pointer }: Listed): RuleMention {
  const { because } = stated;
  return { id: rule.id, effect: rule.effect, pointer, ...(typeof because === "string" ? { because } : {}) };
}

// What must hold where a rule matters: an allow where it is true, the others where they are not false. Only parts that are predicates are named.
function needs({ rule: { effect, condition } }: Listed): readonly Literal[] {
  const [holds, fails] = effect === "allow" ? [T, F] : [T | U, F | U];
  return (condition.kind === "all" ? condition.items : [condition]).flatMap((part) => {
    if (part.kind === "atom") return [{ atom: part, truths: part.predicate.kind === "action" ? T : holds }];
    return part.kind === "not" && part.item.kind === "atom" ? [{ atom: part.item, truths: fails }] : [];
  });
}

const actionAtom = ({ rule }: Listed): Atom | undefined => (rule.action.kind === "atom" ? rule.action : undefined);

/** Returns false only if no request is one of which both rules matter: then neither has a part in what the other one changes. */
export function overlap(a: Listed, b: Listed): boolean {
  const [one, other] = [actionAtom(a), actionAtom(b)];
  if (one === undefined || other === undefined) return true;
  const [named, pattern] = a.rule.actions === undefined ? [b.rule.actions, one] : [a.rule.actions, other];
  if (named?.every((text) => judge(pattern.predicate, text) !== T)) return false;
  return possible([...new Map([...needs(a), ...needs(b)].map((literal) => [`${literal.atom.id} ${literal.truths}`, literal])).values()]);
}

const startsWith = (path: readonly string[], start: readonly string[]): boolean => start.every((key, i) => path[i] === key);

/** Returns true iff the rule says something of the field at `path`, of what it stands in or of what is in it. */
export const looksAt = ({ rule }: Listed, path: readonly string[]): boolean =>
  atomsOf(rule.condition).some((atom) => startsWith(atom.path, path) || startsWith(path, atom.path));

/** Returns a rule of this id, or of one that none of `rules` has. */
export const freshId = (id: string, rules: readonly JsonObject[]): string =>
  rules.some((rule) => rule["id"] === id) ? freshId(`${id}'`, rules) : id;

/** Returns the edits that put `rules` in place of a list's. */
export const replaceRules = (list: ListPath, rules: readonly JsonObject[]): Edit => ({ op: "replace", path: list, value: rules });

/** Returns the edits that leave the keys out that the document has. */
export const dropKeys = ({ document }: ParsedPolicy, ...keys: readonly string[]): readonly Edit[] =>
  keys.filter((key) => Object.hasOwn(document, key)).map((key) => ({ op: "remove", path: `/${key}` }));

/** Returns the edits that leave out these rules of a list, the last ones first so that each path is right when its turn comes. */
export const removeRules = (rules: readonly Listed[]): readonly Edit[] =>
  [...rules].sort((a, b) => b.index - a.index).map(({ pointer }) => ({ op: "remove", path: pointer }));

/** Returns a rule that holds of every request, with what it says besides. */
export const everything = (effect: "allow" | "deny", rules: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: freshId(effect === "allow" ? "everything" : "outside", rules),
  effect,
  action: "**",
  ...more,
});

/** Returns the rule with another effect. */
export function withEffect(stated: JsonObject, effect: "allow" | "deny"): JsonObject {
  const { reviewers: _, ...rule } = stated;
  return { ...rule, effect };
}
