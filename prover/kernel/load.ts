// TRUSTED. Reads a policy document strictly, stops at its first problem, and shares equal conditions by their `key`.

import { type Automaton, alt, compileExpression, compileTexts } from "./automata.js";
import { canonicalJson, isObject, type Json, sha256Hex } from "./canonical.js";
import { parsePattern, type TextKind } from "./patterns.js";
import { parseAmount, parseBlock, parseField, parseTime } from "./values.js";

export type Scalar = null | boolean | number | string;
export type Predicate =
  | { readonly kind: "in"; readonly values: ReadonlySet<unknown>; readonly texts: () => Automaton }
  | { readonly kind: TextKind; readonly automaton: Automaton }
  | { readonly kind: "cidr"; readonly blocks: readonly (readonly [bigint, bigint])[] }
  | { readonly kind: "lt" | "lte" | "gt" | "gte"; readonly bound: number }
  | { readonly kind: "each" | "some"; readonly inner: Condition; readonly where: boolean }
  | { readonly kind: "only" | "has"; readonly keys: ReadonlySet<string> }
  | { readonly kind: "present" };
/** One predicate on one field. Atoms with equal `key` are equal. */
export type Atom = {
  readonly kind: "atom";
  readonly key: string;
  readonly path: readonly string[];
  readonly predicate: Predicate;
  readonly argument: Json;
};
export type Condition =
  | Atom
  | { readonly kind: "all" | "any"; readonly key: string; readonly items: readonly Condition[] }
  | { readonly kind: "not"; readonly key: string; readonly item: Condition };
export type Effect = "allow" | "ask" | "deny";
/** A rule, with its action, `when` and `unless` as one condition; `actions` are the texts it names where none has a wildcard. */
export type Rule = {
  readonly id: string;
  readonly effect: Effect;
  readonly pointer: string;
  readonly condition: Condition;
  readonly action: Condition;
  readonly actions?: readonly string[];
};
/** The rules of one list; those that name their actions are found by them. */
export type RuleList = {
  readonly rules: readonly Rule[];
  readonly named: ReadonlyMap<string, readonly Rule[]>;
  readonly others: readonly Rule[];
};
/** An amount in units of its limit; undefined is `"unlimited"`. */
export type Limit = { readonly name: string; readonly amount: bigint | undefined; readonly text: string };
/** What the kernel knows of a policy, or of its delegable view. It decides the least of what its `lists` decide. */
export type Policy = {
  readonly sha256: string;
  readonly view: boolean;
  readonly lists: readonly RuleList[];
  readonly limits: ReadonlyMap<string, Limit>;
};
export type Loaded =
  | { readonly kind: "loaded"; readonly policy: Policy }
  | { readonly kind: "invalid"; readonly pointer: string; readonly message: string };

class Invalid extends Error {
  constructor(
    readonly pointer: string,
    message: string,
  ) {
    super(message);
  }
}
const refuse = (at: string, message: string): never => {
  throw new Invalid(at, message);
};
const child = (at: string, key: string | number) => `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
const known = <T extends string>(kinds: readonly T[], name: string): T | undefined => kinds.find((kind) => kind === name);
const textKinds = ["prefix", "suffix", "contains", "glob", "matches", "path", "host", "route", "url"] as const;

function readObject(value: unknown, at: string, keys?: readonly string[]): { readonly [key: string]: Json } {
  if (!isObject(value)) return refuse(at, "expected an object");
  if (keys !== undefined) for (const key of Object.keys(value)) if (!keys.includes(key)) refuse(child(at, key), "unknown key");
  return value;
}
const readList = (value: unknown, at: string): readonly Json[] => (Array.isArray(value) ? value : refuse(at, "expected a list"));
const readText = (value: unknown, at: string): string => (typeof value === "string" ? value : refuse(at, "expected a string"));
const readTexts = (value: unknown, at: string): readonly string[] =>
  Array.isArray(value) ? value.map((item, i) => readText(item, child(at, i))) : [readText(value, at)];
function readScalar(value: unknown, at: string): Scalar {
  if (typeof value === "object" && value !== null) refuse(at, "expected a scalar");
  return typeof value === "number" ? readNumber(value, at) : (value as Scalar);
}
function readNumber(value: unknown, at: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return refuse(at, "expected a finite number");
  const digits = String(value)
    .replace(/e.*|[-.]/g, "")
    .replace(/^0+|0+$/g, "");
  return digits.length > 15 ? refuse(at, "expected at most 15 significant digits") : value + 0;
}

const group = (kind: "all" | "any", items: readonly Condition[]): Condition => {
  const unique = [...new Map(items.map((item) => [item.key, item])).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const [only] = unique;
  if (only !== undefined && unique.length === 1) return only;
  return {
    kind,
    key: `${kind}(${unique.map((item) => item.key).join()})`,
    items: unique,
  };
};
const not = (item: Condition): Condition => (item.kind === "not" ? item.item : { kind: "not", key: `not(${item.key})`, item });
const atom = (path: readonly string[], predicate: Predicate, argument: Json): Condition => ({
  kind: "atom",
  key: `${canonicalJson([path, predicate.kind, argument])}`,
  path,
  predicate,
  argument,
});

// INVARIANT: an automaton depends on its patterns alone, so sharing it between policies changes no answer.
const automata = new Map<string, Automaton>();
const automataMax = 4096;

function loadPatterns(path: readonly string[], kind: TextKind, value: unknown, at: string): Condition {
  const patterns = [...new Set(readTexts(value, at))].sort();
  const key = `${kind}${canonicalJson(patterns)}`;
  let automaton = automata.get(key);
  if (automaton === undefined) {
    const expressions = patterns.map((text) => {
      const expression = parsePattern(kind, text);
      return typeof expression === "string" ? refuse(at, `\`${text}\`: ${expression}`) : expression;
    });
    automaton = compileExpression(alt(...expressions)) ?? refuse(at, "the pattern expands to too many states");
    if (automata.size >= automataMax) automata.clear();
    automata.set(key, automaton);
  }
  return atom(path, { kind, automaton }, patterns);
}

function loadIn(path: readonly string[], values: readonly Scalar[]): Condition {
  let texts: Automaton | undefined;
  const load = () => (texts ??= compileTexts(values.filter((value) => typeof value === "string")));
  const sorted = [...new Map(values.map((value) => [`${canonicalJson(value)}`, value])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return atom(
    path,
    { kind: "in", values: new Set(values), texts: load },
    sorted.map(([, value]) => value),
  );
}

function loadPredicate(path: readonly string[], name: string, value: Json, at: string): Condition {
  const text = known(textKinds, name);
  if (text !== undefined) return loadPatterns(path, text, value, at);
  switch (name) {
    case "eq":
      return loadIn(path, [readScalar(value, at)]);
    case "in":
      return loadIn(
        path,
        readList(value, at).map((item, i) => readScalar(item, child(at, i))),
      );
    case "cidr": {
      const texts = [...new Set(readTexts(value, at))].sort();
      return atom(
        path,
        {
          kind: name,
          blocks: texts.map((block) => parseBlock(block) ?? refuse(at, `\`${block}\`: expected a block such as 10.0.0.0/8`)),
        },
        texts,
      );
    }
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return atom(path, { kind: name, bound: readNumber(value, at) }, readNumber(value, at));
    case "before":
    case "after": {
      const bound = parseTime(readText(value, at)) ?? refuse(at, "expected an RFC 3339 time");
      return atom(path, { kind: name === "before" ? "lt" : "gte", bound }, bound);
    }
    case "each":
    case "some": {
      const { where, ...others } = readObject(value, at);
      if (where !== undefined && Object.keys(others).length > 0) refuse(at, "expected `where` to stand alone");
      const inner = where === undefined ? loadPredicates([], others, at) : loadCondition(where, child(at, "where"), true);
      return atom(path, { kind: name, inner, where: where !== undefined }, [where !== undefined, inner.key]);
    }
    case "keys": {
      const entries = Object.entries(readObject(value, at, ["only", "has"]));
      if (entries.length === 0) refuse(at, "expected `only` or `has`");
      return group(
        "all",
        entries.map(([key, list]) => {
          const keys = [...new Set(readList(list, child(at, key)).map((item, i) => readText(item, child(child(at, key), i))))].sort();
          return atom(path, { kind: key === "only" ? "only" : "has", keys: new Set(keys) }, keys);
        }),
      );
    }
    case "present": {
      const present = atom(path, { kind: name }, true);
      return value === true ? present : value === false ? not(present) : refuse(at, "expected true or false");
    }
    default:
      return refuse(at, "unknown predicate");
  }
}

function loadPredicates(path: readonly string[], value: unknown, at: string): Condition {
  const entries = Object.entries(readObject(value, at));
  if (entries.length === 0) refuse(at, "expected a predicate");
  return group(
    "all",
    entries.map(([name, argument]) => loadPredicate(path, name, argument, child(at, name))),
  );
}

function loadCondition(value: unknown, at: string, element: boolean): Condition {
  const load = ([key, member]: readonly [string, Json]): Condition => {
    const place = child(at, key);
    if (key === "all" || key === "any")
      return group(
        key,
        readList(member, place).map((item, i) => loadCondition(item, child(place, i), element)),
      );
    if (key === "not") return not(loadCondition(member, place, element));
    const path = parseField(key) ?? refuse(place, "expected a field");
    if (path[0] === "action" && !element) refuse(place, "the action is no field");
    return loadPredicates(path, member, place);
  };
  return group("all", Object.entries(readObject(value, at)).map(load));
}

const ruleKeys = ["id", "effect", "action", "when", "unless", "because", "reviewers"];

function loadRules(value: unknown, at: string, implied: readonly Rule[]): RuleList {
  const ids = new Set<string>();
  const rules = readList(value, at).map((item, i): Rule => {
    const pointer = child(at, i);
    const { id, effect: name, action, when, unless, because, reviewers } = readObject(item, pointer, ruleKeys);
    const effect =
      known(["allow", "ask", "deny"], readText(name, `${pointer}/effect`)) ?? refuse(`${pointer}/effect`, "expected an effect");
    if (ids.size === ids.add(readText(id, `${pointer}/id`)).size || id === "") refuse(`${pointer}/id`, "expected an id of its own");
    if (because !== undefined) readText(because, `${pointer}/because`);
    if (
      reviewers !== undefined &&
      (effect !== "ask" || readTexts(readList(reviewers, `${pointer}/reviewers`), `${pointer}/reviewers`).includes(""))
    )
      refuse(`${pointer}/reviewers`, "expected names, on an ask");
    const actions = readTexts(action, `${pointer}/action`);
    if (actions.length === 0) refuse(`${pointer}/action`, "expected at least one action");
    const parts = [loadPatterns(["action"], "action", actions, `${pointer}/action`)];
    if (when !== undefined) parts.push(loadCondition(when, `${pointer}/when`, false));
    if (unless !== undefined) parts.push(not(loadCondition(unless, `${pointer}/unless`, false)));
    const made = {
      id: String(id),
      effect,
      pointer,
      condition: group("all", parts),
      action: group("all", parts.slice(0, 1)),
    };
    return actions.some((text) => /[*?\\]/.test(text)) ? made : { ...made, actions: [...new Set(actions)] };
  });
  const named = new Map<string, Rule[]>();
  for (const rule of rules)
    for (const action of rule.actions ?? []) {
      const list = named.get(action);
      if (list === undefined) named.set(action, [rule]);
      else list.push(rule);
    }
  return {
    rules: [...rules, ...implied],
    named,
    others: [...rules.filter((rule) => rule.actions === undefined), ...implied],
  };
}

function loadLimits(value: Json | undefined): {
  readonly limits: Map<string, Limit>;
  readonly implied: readonly Rule[];
} {
  const { expires, depth = 0, children = 0, spend = {} } = readObject(value ?? {}, "/limits", ["expires", "depth", "children", "spend"]);
  const limits = new Map<string, Limit>();
  for (const [name, count] of Object.entries({ depth, children })) {
    const valid = count === "unlimited" || (Number.isSafeInteger(count) && Number(count) >= 0);
    if (!valid) refuse(`/limits/${name}`, 'expected a count or "unlimited"');
    limits.set(name, { name, amount: count === "unlimited" ? undefined : BigInt(Number(count)), text: String(count) });
  }
  if (spend === "unlimited") limits.set("spend", { name: "spend", amount: undefined, text: spend });
  else
    for (const [currency, amount] of Object.entries(readObject(spend, "/limits/spend"))) {
      const at = child("/limits/spend", currency);
      if (!/^[A-Z][A-Z0-9]{0,15}$/.test(currency)) refuse(at, "expected a currency such as USD");
      const units = amount === "unlimited" ? undefined : (parseAmount(readText(amount, at)) ?? refuse(at, "expected a decimal"));
      limits.set(`spend.${currency}`, { name: `spend.${currency}`, amount: units, text: String(amount) });
    }
  if (expires === undefined) return { limits, implied: [] };
  const condition = not(loadPredicate(["context", "time"], "before", expires, "/limits/expires"));
  return {
    limits,
    implied: [{ id: "limits.expires", effect: "deny", pointer: "/limits/expires", condition, action: group("all", []) }],
  };
}

const documentKeys = ["language", "name", "version", "rules", "description", "template", "delegation", "limits", "$schema"];

function load(document: unknown, view: boolean): Policy {
  const root = readObject(document, "", documentKeys);
  const text = canonicalJson(document) ?? refuse("", "expected JSON without lone surrogates, not nested too deeply");
  if (root["language"] !== "atmost/1") refuse("/language", 'expected "atmost/1"');
  for (const key of ["name", "version"]) if (readText(root[key], `/${key}`) === "") refuse(`/${key}`, "expected a text");
  for (const key of ["description", "$schema"]) if (root[key] !== undefined) readText(root[key], `/${key}`);
  const { limits, implied } = loadLimits(root["limits"]);
  const own = loadRules(root["rules"], "/rules", implied);
  const { delegation = "none" } = root;
  const nothing: RuleList = { rules: [], named: new Map(), others: [] };
  const handed =
    delegation === "all"
      ? own
      : delegation === "none"
        ? nothing
        : loadRules(readObject(delegation, "/delegation", ["rules"])["rules"], "/delegation/rules", []);
  const depth = limits.get("depth");
  if (!view || depth === undefined) return { sha256: sha256Hex(text), view, lists: [own], limits };
  const left = depth.amount === undefined ? undefined : depth.amount - 1n;
  const lists = left !== undefined && left < 0n ? [nothing] : handed === own ? [own] : [own, handed];
  limits.set("depth", {
    name: "depth",
    amount: left === undefined || left > 0n ? left : 0n,
    text: `${left === undefined ? "unlimited" : left > 0n ? left : 0n}`,
  });
  return { sha256: sha256Hex(text), view, lists, limits };
}

/** Returns the policy that `document` states, or its first problem. With `view`, the policy's delegable view. */
export function loadPolicy(document: unknown, view = false): Loaded {
  try {
    return { kind: "loaded", policy: load(document, view) };
  } catch (problem) {
    if (problem instanceof Invalid) return { kind: "invalid", pointer: problem.pointer, message: problem.message };
    throw problem;
  }
}

/** Returns the condition that `value` states in the policy language, `{"action": …}` included; undefined where it states none. */
export function loadStated(value: unknown): Condition | undefined {
  try {
    const only = isObject(value) && Object.keys(value).length === 1 ? value["action"] : undefined;
    return canonicalJson(value) === undefined
      ? undefined
      : only === undefined
        ? loadCondition(value, "", false)
        : loadPatterns(["action"], "action", only, "");
  } catch (problem) {
    if (problem instanceof Invalid) return undefined;
    throw problem;
  }
}

/** Returns why `text` is no pattern of `kind`; undefined where it is one. */
export function patternProblem(kind: TextKind | "cidr" | "time", text: string): string | undefined {
  if (kind === "cidr") return parseBlock(text) === undefined ? "expected a block such as 10.0.0.0/8, without host bits" : undefined;
  if (kind === "time") return parseTime(text) === undefined ? "expected an RFC 3339 time" : undefined;
  const expression = parsePattern(kind, text);
  if (typeof expression === "string") return expression;
  return compileExpression(expression) === undefined ? "the pattern expands to too many states" : undefined;
}

/** Returns the limits of `lower` that are greater than those of `upper`. */
export function limitEscapes(
  lower: Policy,
  upper: Policy,
): readonly { readonly limit: string; readonly lower: string; readonly upper: string }[] {
  return [...lower.limits.values()].flatMap((limit) => {
    const bound = upper.limits.get(limit.name) ??
      (limit.name.startsWith("spend") ? upper.limits.get("spend") : undefined) ?? { amount: 0n, text: "0" };
    const within = bound.amount === undefined || (limit.amount !== undefined && limit.amount <= bound.amount);
    return within ? [] : [{ limit: limit.name, lower: limit.text, upper: bound.text }];
  });
}
