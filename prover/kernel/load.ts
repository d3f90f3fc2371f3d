// TRUSTED. Reads a policy document strictly, stops at its first problem, and shares equal conditions by their `key`.
import { type Automaton, alt, compileExpression, compileTexts } from "./automata.js";
import { attempt, canonicalJson, isObject, type Json, refuse, sha256Hex } from "./canonical.js";
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
type Path = readonly string[];
type Keyed<Kind> = { readonly kind: Kind; readonly key: string };
/** One predicate on one field. Atoms with equal `key` or `id` are equal. */
export type Atom = Keyed<"atom"> & { readonly id: number; readonly path: Path; readonly predicate: Predicate; readonly argument: Json };
type Group = Keyed<"all" | "any"> & { readonly items: readonly Condition[] };
/** A condition; of equal ones, the `key` is equal. */ export type Condition = Atom | Group | (Keyed<"not"> & { readonly item: Condition });
/** What a rule does where it holds. */ export type Effect = "allow" | "ask" | "deny";
type Named = { readonly id: string; readonly effect: Effect; readonly pointer: string; readonly actions?: readonly string[] };
/** A rule, with its action, `when` and `unless` as one condition; `actions` are the texts it names where none has a wildcard. */
export type Rule = Named & { readonly condition: Condition; readonly action: Condition };
type ByName = ReadonlyMap<string, readonly Rule[]>;
/** The rules of one list; those that name their actions are found by them. */
export type RuleList = { readonly rules: readonly Rule[]; readonly named: ByName; readonly others: readonly Rule[] };
/** An amount in units of its limit; undefined is `"unlimited"`. */
export type Limit = { readonly name: string; readonly amount: bigint | undefined; readonly text: string };
type Limits = ReadonlyMap<string, Limit>;
type Restrictions = ReadonlyMap<string, Effect>;
/** What the kernel knows of a policy, or of its delegable view. It decides the least of what its `lists` decide; `restrictions` are the denies,
 * and the asks beside them, by the key of their condition. */
export type Policy = {
  readonly sha256: string;
  readonly view: boolean;
  readonly lists: readonly RuleList[];
  readonly limits: Limits;
  readonly restrictions: Restrictions;
};
type Invalid = { readonly kind: "invalid"; readonly pointer: string; readonly message: string };
/** A policy, or the first problem of its document. */ export type Loaded = { readonly kind: "loaded"; readonly policy: Policy } | Invalid;

const child = (at: string, key: string | number) => `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
const known = <Name extends string>(names: readonly Name[], name: string): Name | undefined => names.find((n) => n === name);
const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

type Read<Value> = (value: unknown, at: string) => Value;
const readText: Read<string> = (value, at) => (typeof value === "string" ? value : refuse("expected a string", at));
const readList = <Value>(value: unknown, at: string, read: Read<Value>): readonly Value[] =>
  Array.isArray(value) ? value.map((item, i) => read(item, `${at}/${i}`)) : refuse("expected a list", at);
const readTexts: Read<readonly string[]> = (value, at) => (Array.isArray(value) ? readList(value, at, readText) : [readText(value, at)]);
const readNumber: Read<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isFinite(value)) return refuse("expected a finite number", at);
  const [digits = ""] = /[1-9](?:[0-9.]*[1-9])?/.exec(String(value).replace(/e.*/, "")) ?? [];
  return digits.replace(".", "").length > 15 ? refuse("expected at most 15 significant digits", at) : value + 0;
};
const readTime: Read<number> = (value, at) => parseTime(readText(value, at)) ?? refuse("expected an RFC 3339 time", at);
const readScalar: Read<Json> = (value, at) => {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  return typeof value === "object" ? refuse("expected a scalar", at) : readNumber(value, at);
};
function readObject(value: unknown, at: string, keys?: readonly string[]): { readonly [key: string]: Json } {
  if (!isObject(value)) return refuse("expected an object", at);
  const unknown = keys && Object.keys(value).find((key) => !keys.includes(key));
  return unknown === undefined ? value : refuse("unknown key", child(at, unknown));
}

// INVARIANT: equal keys say the same, and an automaton depends on its patterns alone: what is shared between policies changes no answer.
const shared = new Map<string, Condition>();
const automata = new Map<string, Automaton>();
const sharedMax = 4096;
let atoms = 0;

function share(condition: Condition): Condition {
  if (shared.size >= sharedMax) shared.clear();
  shared.set(condition.key, condition);
  return condition;
}
function not(item: Condition): Condition {
  const key = `not(${item.key})`;
  return item.kind === "not" ? item.item : (shared.get(key) ?? share({ kind: "not", key, item }));
}
function group(kind: "all" | "any", parts: readonly Condition[]): Condition {
  if (parts[0] && parts.length === 1) return parts[0];
  const flat = parts.flatMap((part) => (part.kind === kind ? part.items : [part]));
  const items = [...new Map(flat.map((item) => [item.key, item])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const [only] = items;
  if (only && items.length === 1) return only;
  const key = `${kind}(${items.map((item) => item.key).join()})`;
  return shared.get(key) ?? share({ kind, key, items });
}
// INVARIANT: all texts here are well-formed, so JSON tells arguments apart. Keys are as long as what they stand for, however deep it nests.
function atom(path: Path, argument: Json, kind: string, make: () => Predicate, inner?: Condition): Condition {
  const plain = JSON.stringify([path, kind, argument]);
  const key = inner ? `${kind}(${plain},${inner.key})` : plain;
  return shared.get(key) ?? share({ kind: "atom", key, id: atoms++, path, predicate: make(), argument });
}

const patternMax = 4096;
const listMax = 8192;

function loadPatterns(path: Path, kind: TextKind, value: unknown, at: string): Condition {
  const patterns = sorted(readTexts(value, at));
  if (patterns.length > listMax) refuse("the list is too long", at);
  return atom(path, patterns, kind, () => {
    const key = JSON.stringify([kind, patterns]);
    const read = (text: string) => {
      const expression = text.length > patternMax ? "the pattern is too long" : parsePattern(kind, text);
      return typeof expression === "string" ? refuse(`\`${text}\`: ${expression}`, at) : expression;
    };
    const compile = () => compileExpression(alt(...patterns.map(read))) ?? refuse("the pattern expands to too many states", at);
    const language = automata.get(key) ?? compile();
    if (automata.size >= sharedMax) automata.clear();
    automata.set(key, language);
    const form = formKinds.find((name) => name === kind);
    return { kind, language, form: form && formOf(form) };
  });
}
function loadIn(path: Path, values: readonly Json[]): Condition {
  const unique = new Map(values.map((value) => [JSON.stringify(value), value]));
  const argument = sorted([...unique.keys()]).map((key) => unique.get(key) ?? null);
  const language = compileTexts(argument.filter((value) => typeof value === "string"));
  return atom(path, argument, "in", () => ({ kind: "in", values: new Set(argument), language, form: undefined }));
}

function loadPredicate(path: Path, name: string, value: Json, at: string): Condition {
  const text = known(textKinds, name);
  if (text !== undefined && text !== "action") return loadPatterns(path, text, value, at);
  if (name === "eq" || name === "in") return loadIn(path, name === "eq" ? [readScalar(value, at)] : readList(value, at, readScalar));
  if (name === "cidr") {
    const texts = sorted(readTexts(value, at));
    const read = (block: string) => parseBlock(block) ?? refuse(`\`${block}\`: expected a block such as 10.0.0.0/8`, at);
    return atom(path, texts, name, () => ({ kind: name, blocks: texts.map(read) }));
  }
  if (name === "lt" || name === "lte" || name === "gt" || name === "gte") {
    const bound = readNumber(value, at);
    return atom(path, bound, name, () => ({ kind: name, bound }));
  }
  if (name === "before") return loadPredicate(path, "lt", readTime(value, at), at);
  if (name === "after") return loadPredicate(path, "gte", readTime(value, at), at); // milliseconds of years of four digits: at most 15
  if (name === "each" || name === "some") {
    const { where, ...others } = readObject(value, at);
    if (where !== undefined && Object.keys(others).length > 0) refuse("expected `where` to stand alone", at);
    const inner = where === undefined ? loadPredicates([], others, at) : loadCondition(where, `${at}/where`, true);
    return atom(path, where !== undefined, name, () => ({ kind: name, inner, where: where !== undefined }), inner);
  }
  if (name === "keys") {
    const parts = Object.entries(readObject(value, at, ["only", "has"])).map(([kind, list]) => {
      const keys = sorted(readList(list, `${at}/${kind}`, readText));
      return atom(path, keys, kind, () => ({ kind: kind === "only" ? kind : "has", keys: new Set(keys) }));
    });
    return parts.length === 0 ? refuse("expected `only` or `has`", at) : group("all", parts);
  }
  if (name !== "present") return refuse("unknown predicate", at);
  const present = atom(path, true, name, () => ({ kind: name }));
  return value === true ? present : value === false ? not(present) : refuse("expected true or false", at);
}
function loadPredicates(path: Path, value: unknown, at: string): Condition {
  const parts = Object.entries(readObject(value, at)).map(([name, argument]) => loadPredicate(path, name, argument, child(at, name)));
  return parts.length === 0 ? refuse("expected a predicate", at) : group("all", parts);
}
function loadCondition(value: unknown, at: string, element: boolean): Condition {
  const parts = Object.entries(readObject(value, at)).map(([key, member]) => {
    const place = child(at, key);
    const load: Read<Condition> = (item, there) => loadCondition(item, there, element);
    if (key === "all" || key === "any") return group(key, readList(member, place, load));
    if (key === "not") return not(load(member, place));
    const path = parseField(key) ?? refuse("expected a field", place);
    return path[0] === "action" && !element ? refuse("the action is no field", place) : loadPredicates(path, member, place);
  });
  return group("all", parts);
}

function loadRules(value: unknown, at: string, implied: readonly Rule[]): RuleList {
  const ids = new Set<string>();
  const keys = ["id", "effect", "action", "when", "unless", "because", "reviewers"];
  const rules = readList(value, at, (item, pointer): Rule => {
    const { id, effect: name, action, when, unless, because, reviewers } = readObject(item, pointer, keys);
    const read = readText(name, `${pointer}/effect`);
    const effect = known(["allow", "ask", "deny"], read) ?? refuse("expected an effect", `${pointer}/effect`);
    if (ids.size === ids.add(readText(id, `${pointer}/id`)).size || id === "") refuse("expected an id of its own", `${pointer}/id`);
    if (because !== undefined) readText(because, `${pointer}/because`);
    const named = reviewers === undefined || (effect === "ask" && !readList(reviewers, `${pointer}/reviewers`, readText).includes(""));
    if (!named) refuse("expected names, on an ask", `${pointer}/reviewers`);
    const actions = readTexts(action, `${pointer}/action`);
    if (actions.length === 0) refuse("expected at least one action", `${pointer}/action`);
    const parts = [loadPatterns(["action"], "action", actions, `${pointer}/action`)];
    if (when !== undefined) parts.push(loadCondition(when, `${pointer}/when`, false));
    if (unless !== undefined) parts.push(not(loadCondition(unless, `${pointer}/unless`, false)));
    const rule = { id: String(id), effect, pointer, condition: group("all", parts), action: group("all", parts.slice(0, 1)) };
    return actions.some((text) => /[*?\\]/.test(text)) ? rule : { ...rule, actions: [...new Set(actions)] };
  });
  const named = new Map<string, Rule[]>();
  for (const [rule, action] of rules.flatMap((rule) => (rule.actions ?? []).map((action) => [rule, action] as const))) {
    const list = named.get(action) ?? [];
    list.push(rule);
    named.set(action, list);
  }
  const others = [...rules.filter((rule) => rule.actions === undefined), ...implied];
  return { rules: [...rules, ...implied], named, others };
}

function loadLimits(value: Json, limits: Map<string, Limit>): readonly Rule[] {
  const { expires, depth = 0, children = 0, spend = {} } = readObject(value, "/limits", ["expires", "depth", "children", "spend"]);
  const load = (name: string, text: Json, at: string, read: Read<bigint>) =>
    limits.set(name, { name, amount: text === "unlimited" ? undefined : read(text, at), text: String(text) });
  const count: Read<bigint> = (n, at) =>
    Number.isSafeInteger(n) && Number(n) >= 0 ? BigInt(Number(n)) : refuse('expected a count or "unlimited"', at);
  load("depth", depth, "/limits/depth", count);
  load("children", children, "/limits/children", count);
  if (spend === "unlimited") load("spend", spend, "/limits/spend", count);
  else
    for (const [currency, amount] of Object.entries(readObject(spend, "/limits/spend"))) {
      const at = child("/limits/spend", currency);
      if (!/^[A-Z][A-Z0-9]{0,15}$/.test(currency)) refuse("expected a currency such as USD", at);
      load(`spend.${currency}`, amount, at, (text) => parseAmount(readText(text, at)) ?? refuse("expected a decimal", at));
    }
  if (expires === undefined) return [];
  const condition = not(loadPredicate(["context", "time"], "before", expires, "/limits/expires"));
  return [{ id: "limits.expires", effect: "deny", pointer: "/limits/expires", condition, action: group("all", []) }];
}

function restrictionsOf(lists: readonly RuleList[]): Restrictions {
  const rules = lists.flatMap((list) => list.rules);
  const keyed = (effect: Effect) => rules.filter((rule) => rule.effect === effect).map((rule) => [rule.condition.key, effect] as const);
  return new Map([...keyed("ask"), ...keyed("deny")]);
}

const documentKeys = ["language", "name", "version", "rules", "description", "template", "delegation", "limits", "$schema"];

function load(document: unknown, view: boolean): Loaded {
  const root = readObject(document, "", documentKeys);
  const text = canonicalJson(document) ?? refuse("expected JSON without lone surrogates, not nested too deeply");
  if (root["language"] !== "atmost/1") refuse('expected "atmost/1"', "/language");
  for (const key of ["name", "version"]) if (readText(root[key], `/${key}`) === "") refuse("expected a text", `/${key}`);
  for (const key of ["description", "$schema"]) if (root[key] !== undefined) readText(root[key], `/${key}`);
  const limits = new Map<string, Limit>();
  const own = loadRules(root["rules"], "/rules", loadLimits(root["limits"] === undefined ? {} : root["limits"], limits));
  const { delegation = "none" } = root;
  const rules = delegation === "all" || delegation === "none" ? [] : readObject(delegation, "/delegation", ["rules"])["rules"];
  const handed = delegation === "all" ? own : loadRules(rules, "/delegation/rules", []);
  const sha256 = sha256Hex(text);
  if (!view) return { kind: "loaded", policy: { sha256, view, lists: [own], limits, restrictions: restrictionsOf([own]) } };
  const depth = limits.get("depth")?.amount;
  const left = depth === undefined ? undefined : depth > 0n ? depth - 1n : 0n;
  limits.set("depth", { name: "depth", amount: left, text: String(left ?? "unlimited") });
  const lists = depth === 0n ? [loadRules([], "", [])] : [...new Set([own, handed])];
  return { kind: "loaded", policy: { sha256, view, lists, limits, restrictions: restrictionsOf(lists) } };
}
/** Returns the policy that `document` states, or its first problem. With `view`, the policy's delegable view. Never throws. */
export const loadPolicy = (document: unknown, view = false): Loaded =>
  attempt(
    () => load(document, view),
    (message, pointer) => ({ kind: "invalid", pointer, message }),
  );
/** Returns the condition that `value` states in the policy language, `{"action": …}` included; undefined where it states none. */
export function loadStated(value: unknown): Condition | undefined {
  const action = isObject(value) && Object.keys(value).length === 1 ? value["action"] : undefined;
  const read = () => (action === undefined ? loadCondition(value, "", false) : loadPatterns(["action"], "action", action, ""));
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
