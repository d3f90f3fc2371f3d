// TRUSTED. What a policy document says, as conditions; equal ones are shared. It refuses what it can not read, and leaves to the parser
// (`../language/`) to say all that is wrong, and to look at what decides nothing: texts for people, the length of literals.
import { Automaton, alt, compile, literal } from "./automata.js";
import { attempt, canonicalJson, isObject, type Json, refuse } from "./canonical.js";
import { formKinds, formOf, parsePattern, type TextKind, textKinds } from "./patterns.js";
import { parseAmount, parseBlock, parseField, parseTime } from "./values.js";

/** What is asked of one value. `language` holds the strings it is true of, among those of `form`; `where` says that `inner` has fields. */
export type Predicate =
  | { readonly kind: "in"; readonly values: ReadonlySet<unknown>; readonly language: Automaton; readonly form: undefined }
  | { readonly kind: TextKind; readonly language: Automaton; readonly form: Automaton | undefined }
  | { readonly kind: "cidr"; readonly blocks: readonly (readonly [bigint, bigint])[] }
  | { readonly kind: "lt" | "lte" | "gt" | "gte"; readonly bound: number }
  | { readonly kind: "each" | "some"; readonly inner: Condition; readonly where: boolean }
  | { readonly kind: "only" | "has"; readonly keys: ReadonlySet<string> }
  | { readonly kind: "present" };
type Keyed<Kind> = { readonly kind: Kind; readonly key: string };
type Path = readonly string[];
type About = { readonly id: number; readonly path: Path; readonly predicate: Predicate; readonly argument: Json };
/** One predicate on one field. Atoms with equal `key` or `id` are equal. */
export type Atom = Keyed<"atom"> & About;
type Group = Keyed<"all" | "any"> & { readonly items: readonly Condition[] };
/** A condition; of equal ones, the `key` is equal. */
export type Condition = Atom | Group | (Keyed<"not"> & { readonly item: Condition });
/** What a rule does where it holds. */
export type Effect = "allow" | "ask" | "deny";
type Named = { readonly id: string; readonly effect: Effect; readonly pointer: string; readonly actions?: readonly string[] };
/** A rule, with its action, `when` and `unless` as one condition; `actions` are the texts it names where none has a wildcard. */
export type Rule = Named & { readonly condition: Condition; readonly action: Condition };
type ByName = ReadonlyMap<string, readonly Rule[]>;
/** The rules of one list; those that name their actions are found by them. */
export type RuleList = { readonly rules: readonly Rule[]; readonly named: ByName; readonly others: readonly Rule[] };
/** An amount in units of 10^-30; undefined is `"unlimited"`. */
export type Limit = { readonly name: string; readonly amount: bigint | undefined; readonly text: string };
type Limits = ReadonlyMap<string, Limit>;
type Restrictions = ReadonlyMap<string, Effect>;
type Identity = { readonly sha256: string; readonly view: boolean };
/** A policy, or its delegable `view`. It decides the least of what its `lists` decide; `restrictions` are the denies, and the asks that are
 * none, by the key of their condition. */
export type Policy = Identity & { readonly lists: readonly RuleList[]; readonly limits: Limits; readonly restrictions: Restrictions };
/** A policy, or why the document is none. */
export type Loaded = { readonly kind: "loaded"; readonly policy: Policy } | { readonly kind: "invalid"; readonly message: string };

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();
const textOf = (value: unknown): string => (typeof value === "string" ? value : refuse("expected a string"));
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : refuse("expected a list"));
const textsOf = (value: unknown): readonly string[] => sorted((Array.isArray(value) ? value : [value]).map(textOf));
// Returns an object that has no other keys than these.
function objectOf(value: unknown, ...keys: readonly string[]): { readonly [key: string]: Json } {
  if (!isObject(value)) return refuse("expected an object");
  return keys.length === 0 || Object.keys(value).every((key) => keys.includes(key)) ? value : refuse("unknown key");
}

const [keptMax, patternMax, listMax] = [8_000_000, 4096, 8192];
const [conditions, automata] = [new Map<string, Condition>(), new Map<string, Automaton>()];
let [atoms, kept] = [0, 0]; // `kept`: about the characters of all keys that are shared, with what stands behind them
// INVARIANT: equal keys say the same, and an automaton depends on its patterns alone: what is shared between policies changes no answer.
function shareIn<Value>(shared: Map<string, Value>, key: string, make: () => Value, weight = 1): Value {
  const known = shared.get(key);
  if (known !== undefined) return known;
  const value = make();
  kept += weight * (key.length + 64);
  if (kept > keptMax) for (const all of [conditions, automata]) all.clear();
  if (kept > keptMax) kept = 0;
  shared.set(key, value);
  return value;
}
function not(item: Condition): Condition {
  const key = `not(${item.key})`;
  return item.kind === "not" ? item.item : shareIn(conditions, key, () => ({ kind: "not", key, item }));
}
function group(kind: "all" | "any", parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.items : [part]));
  const items = [...new Map(flat.map((item) => [item.key, item])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const key = `${kind}(${items.map((item) => item.key).join()})`;
  return items[0] && items.length === 1 ? items[0] : shareIn(conditions, key, () => ({ kind, key, items }));
}
// INVARIANT: all texts here are well-formed, so JSON tells arguments apart. Keys are as long as what they stand for, however deep it nests.
function atom(path: Path, argument: Json, kind: string, make: () => Predicate, inner?: Condition): Condition {
  const plain = JSON.stringify([path, kind, argument]);
  const key = inner ? `${kind}(${plain},${inner.key})` : plain;
  return shareIn(conditions, key, () => ({ kind: "atom", key, id: atoms++, path, predicate: make(), argument }));
}

function loadPatterns(path: Path, kind: TextKind, value: unknown): Condition {
  const patterns = textsOf(value);
  if (patterns.length > listMax || patterns.some((text) => text.length > patternMax)) refuse("a pattern or their list is too long");
  const read = (text: string) => {
    const expression = parsePattern(kind, text);
    return typeof expression === "string" ? refuse(`\`${text}\`: ${expression}`) : expression;
  };
  const form = formKinds.find((name) => name === kind);
  // A character of a pattern may be read as a part of an expression, which takes some four hundred bytes.
  const language = () => shareIn(automata, JSON.stringify([kind, patterns]), () => compile(alt(patterns.map(read))), 32);
  return atom(path, patterns, kind, () => ({ kind, language: language(), form: form && formOf(form) }));
}
function loadIn(path: Path, values: readonly unknown[]): Condition {
  if (values.some((value) => typeof value === "object" && value !== null)) refuse("expected scalars");
  const argument = sorted(values.map((value) => JSON.stringify(value))).map((text): Json => JSON.parse(text));
  const language = new Automaton(() => alt(argument.filter((value) => typeof value === "string").map(literal)));
  return atom(path, argument, "in", () => ({ kind: "in", values: new Set(argument), language, form: undefined }));
}
function loadPredicate(path: Path, name: string, value: Json): Condition {
  const text = textKinds.find((kind) => kind === name && kind !== "action");
  if (text !== undefined) return loadPatterns(path, text, value);
  if (name === "eq" || name === "in") return loadIn(path, name === "eq" ? [value] : listOf(value));
  if (name === "cidr") {
    const read = (text: string) => parseBlock(text) ?? refuse(`\`${text}\`: expected a block such as 10.0.0.0/8`);
    const texts = textsOf(value);
    return atom(path, texts, name, () => ({ kind: name, blocks: texts.map(read) }));
  }
  const time = () => parseTime(textOf(value)) ?? refuse("expected an RFC 3339 time");
  if (name === "before" || name === "after") return loadPredicate(path, name === "before" ? "lt" : "gte", time());
  if (name === "lt" || name === "lte" || name === "gt" || name === "gte") {
    const bound = typeof value === "number" ? value + 0 : refuse("expected a number");
    return atom(path, bound, name, () => ({ kind: name, bound }));
  }
  if (name === "each" || name === "some") {
    const { where, ...others } = objectOf(value);
    if (where !== undefined && Object.keys(others).length > 0) refuse("expected `where` to stand alone");
    const inner = where === undefined ? loadPredicates([], others) : loadCondition(where, true);
    return atom(path, where !== undefined, name, () => ({ kind: name, inner, where: where !== undefined }), inner);
  }
  if (name === "keys") {
    const parts = Object.entries(objectOf(value, "only", "has")).map(([kind, list]) => {
      const keys = sorted(listOf(list).map(textOf));
      return atom(path, keys, kind, () => ({ kind: kind === "only" ? kind : "has", keys: new Set(keys) }));
    });
    return parts.length === 0 ? refuse("expected `only` or `has`") : group("all", parts);
  }
  if (name !== "present" || typeof value !== "boolean") return refuse("unknown predicate");
  const present = atom(path, true, name, () => ({ kind: name }));
  return value ? present : not(present);
}
function loadPredicates(path: Path, value: unknown): Condition {
  const parts = Object.entries(objectOf(value)).map(([name, argument]) => loadPredicate(path, name, argument));
  return parts.length === 0 ? refuse("expected a predicate") : group("all", parts);
}
function loadCondition(value: unknown, element = false): Condition {
  const parts = Object.entries(objectOf(value)).map(([key, member]) => {
    if (key === "not") return not(loadCondition(member, element));
    const items = () => listOf(member).map((item) => loadCondition(item, element));
    if (key === "all" || key === "any") return group(key, items());
    const path = parseField(key) ?? refuse("expected a field");
    return path[0] === "action" && !element ? refuse("the action is no field") : loadPredicates(path, member);
  });
  return group("all", parts);
}

const ruleKeys = ["id", "effect", "action", "when", "unless", "because", "reviewers"];
function loadRules(value: unknown, at: string, implied: readonly Rule[]): RuleList {
  const named = new Map<string, Rule[]>();
  const rules = listOf(value).map((item, i): Rule => {
    const { id, effect: name, action, when = {}, unless } = objectOf(item, ...ruleKeys);
    const effect: Effect = name === "allow" || name === "ask" || name === "deny" ? name : refuse("expected an effect");
    const actions = textsOf(action);
    const acts = loadPatterns(["action"], "action", actions);
    const parts = [acts, loadCondition(when), ...(unless === undefined ? [] : [not(loadCondition(unless))])];
    const rule = { id: textOf(id), effect, pointer: `${at}/${i}`, condition: group("all", parts), action: acts };
    return actions.some((text) => /[*?\\]/.test(text)) ? rule : { ...rule, actions };
  });
  for (const [rule, action] of rules.flatMap((rule) => (rule.actions ?? []).map((action) => [rule, action] as const)))
    if (!named.get(action)?.push(rule)) named.set(action, [rule]);
  return { rules: [...rules, ...implied], named, others: [...rules.filter(({ actions }) => !actions), ...implied] };
}

function loadLimits(value: Json, limits: Map<string, Limit>): readonly Rule[] {
  const { expires, depth = 0, children = 0, spend = {} } = objectOf(value, "expires", "depth", "children", "spend");
  const whole = spend === "unlimited" ? { spend } : {};
  const each = Object.entries(spend === "unlimited" ? {} : objectOf(spend)).map(([key, amount]) => [`spend.${key}`, amount] as const);
  for (const [name, amount] of [...Object.entries({ depth, children, ...whole }), ...each]) {
    const text = typeof amount === "number" ? String(amount) : textOf(amount);
    limits.set(name, { name, amount: text === "unlimited" ? undefined : (parseAmount(text) ?? refuse("expected an amount")), text });
  }
  if (expires === undefined) return [];
  const condition = not(loadPredicate(["context", "time"], "before", expires));
  return [{ id: "limits.expires", effect: "deny", pointer: "/limits/expires", condition, action: group("all", []) }];
}

/** Returns the denies of some lists, and the asks that are none, by the key of their condition. */
export function restrictionsOf(lists: readonly RuleList[]): Restrictions {
  const rules = lists.flatMap((list) => list.rules.filter(({ effect }) => effect !== "allow"));
  return new Map(rules.sort((a, b) => (a.effect < b.effect ? -1 : 1)).map(({ condition: { key }, effect }) => [key, effect]));
}
const oneGeneration = 10n ** 30n;
const documentKeys = ["language", "name", "version", "rules", "description", "template", "delegation", "limits", "$schema"];
/** The SHA-256 of the UTF-8 bytes of a text, as 64 lower-case hex digits. */
export type Sha256 = (text: string) => string;
function load(document: unknown, sha256: Sha256, view: boolean): Policy {
  const text = canonicalJson(document) ?? refuse("expected JSON without lone surrogates, not nested too deeply");
  const { language, delegation = "none", limits: granted = {}, rules } = objectOf(document, ...documentKeys);
  if (language !== "atmost/1") refuse("expected the language `atmost/1`");
  const limits = new Map<string, Limit>();
  const own = loadRules(rules, "/rules", loadLimits(granted, limits));
  const handed = delegation === "none" || delegation === "all" ? [] : objectOf(delegation, "rules")["rules"];
  const others = delegation === "all" ? own : loadRules(handed, "/delegation/rules", []);
  const depth = limits.get("depth")?.amount;
  const left = depth === undefined ? undefined : depth - oneGeneration; // below 0, nothing may be spawned: every policy exceeds it
  if (view) limits.set("depth", { name: "depth", amount: left, text: left === undefined ? "unlimited" : String(left / oneGeneration) });
  const lists = !view ? [own] : left !== undefined && left < 0n ? [loadRules([], "", [])] : [...new Set([own, others])];
  return { sha256: sha256(text), view, lists, limits, restrictions: restrictionsOf(lists) };
}
/** Returns the policy that `document` states, or its first problem. With `view`, the policy's delegable view. Never throws. */
export function loadPolicy(document: unknown, sha256: Sha256, view = false): Loaded {
  const invalid = (message: string): Loaded => ({ kind: "invalid", message });
  return attempt(() => ({ kind: "loaded", policy: load(document, sha256, view) }), invalid);
}
/** Returns the condition that `value` states in the policy language, `{"action": …}` included; undefined where it states none. */
export function loadStated(value: unknown): Condition | undefined {
  const action = isObject(value) && Object.keys(value).length === 1 ? value["action"] : undefined;
  const read = () => (action === undefined ? loadCondition(value) : loadPatterns(["action"], "action", action));
  return canonicalJson(value) === undefined ? undefined : attempt(read, () => undefined);
}
/** Returns the limits of `lower` that are greater than those of `upper`. */
export function limitEscapes(lower: Policy, upper: Policy) {
  return [...lower.limits.values()].flatMap(({ name, amount, text }) => {
    const all = name.startsWith("spend") ? upper.limits.get("spend") : undefined;
    const bound = upper.limits.get(name) ?? all ?? { amount: 0n, text: "0" };
    const within = bound.amount === undefined || (amount !== undefined && amount <= bound.amount);
    return within ? [] : [{ limit: name, lower: text, upper: bound.text }];
  });
}
