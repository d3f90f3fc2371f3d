// Changes to policies that make them narrower or wider, and to values that put them just beside a border.
// Test code, not trusted: the changes are meant to narrow or widen, and the properties never rely on it.
import { addressText, parseAddress } from "../property/reference-forms.js";
import type { Json, JsonObject, PolicyDocument, RuleDocument } from "./documents.js";

/** A source of numbers in [0, 1). */
export type Random = () => number;

const NARROW_KINDS = [
  "add_conjunct",
  "remove_rule",
  "add_deny",
  "narrow_pattern",
  "allow_to_ask",
  "narrow_action",
  "add_unless",
  "split_rule",
  "narrow_limits",
  "to_deny",
] as const;
const WIDEN_KINDS = ["drop_when", "add_allow", "remove_deny", "ask_to_allow", "widen_action", "widen_limits"] as const;

/** Every kind of change that is meant to narrow. */
export const narrowings: readonly NarrowKind[] = NARROW_KINDS;
/** Every kind of change that is meant to widen. */
export const widenings: readonly WidenKind[] = WIDEN_KINDS;

/** A kind of change that lets no request through which the policy denied. */
export type NarrowKind = (typeof NARROW_KINDS)[number];
/** A kind of change that denies no request which the policy let through. */
export type WidenKind = (typeof WIDEN_KINDS)[number];

/** One change as plain data, so that fast-check can shrink it. `pick` chooses the place; `condition` and `action` are used where the kind needs them. */
export type Edit<Kind> = {
  readonly kind: Kind;
  readonly pick: number;
  readonly condition: JsonObject;
  readonly action: string | readonly string[];
};

/** True of a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True of a JSON array. */
export function isJsonArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

function pickIndex(indices: readonly number[], pick: number): number {
  return indices.length === 0 ? -1 : (indices[pick % indices.length] ?? -1);
}

function indicesOf(policy: PolicyDocument, effect: RuleDocument["effect"]): readonly number[] {
  return policy.rules.flatMap((rule, index) => (rule.effect === effect ? [index] : []));
}

function freshId(policy: PolicyDocument, stem: string): string {
  const taken = new Set(policy.rules.map((rule) => rule.id));
  let count = 1;
  while (taken.has(`${stem}${count}`)) count += 1;
  return `${stem}${count}`;
}

function withRule(policy: PolicyDocument, index: number, change: (rule: RuleDocument) => RuleDocument): PolicyDocument {
  return { ...policy, rules: policy.rules.map((rule, at) => (at === index ? change(rule) : rule)) };
}

function conjunction(first: JsonObject | undefined, second: JsonObject): JsonObject {
  return first === undefined ? second : { all: [first, second] };
}

// ---- narrower arguments ----

function narrowSegments(pattern: string, separator: string): string {
  const segments = pattern.split(separator);
  const at = segments.lastIndexOf("**");
  if (at >= 0) return segments.with(at, at === 0 && separator === "." ? "*" : `a${separator}**`).join(separator);
  if (pattern.includes("\\")) return pattern;
  return pattern.replace("*", "a");
}

function narrowUrl(pattern: string): string {
  if (pattern.startsWith("*:")) return `https${pattern.slice(1)}`;
  const [head = "", query] = pattern.split("?");
  const at = head.indexOf("/", head.indexOf("://") + 3);
  const route = narrowSegments(head.slice(at), "/");
  return `${head.slice(0, at)}${route}${query === undefined ? "" : `?${query}`}`;
}

function narrowBlock(block: string): string {
  const [address = "", length = "0"] = block.split("/");
  const bits = address.includes(":") ? 128 : 32;
  return Number(length) < bits ? `${address}/${Number(length) + 1}` : block;
}

function narrowString(name: string, text: string): string {
  switch (name) {
    case "prefix":
    case "contains":
      return `${text}a`;
    case "suffix":
      return `a${text}`;
    case "glob":
      return text.includes("\\") ? text : text.replace("*", "a");
    case "path":
    case "route":
      return narrowSegments(text, "/");
    case "host":
      return narrowSegments(text, ".");
    case "url":
      return narrowUrl(text);
    case "cidr":
      return narrowBlock(text);
    default:
      return text;
  }
}

function narrowEntry(name: string, argument: Json, pick: number): readonly [string, Json] {
  if (name === "lte") return ["lt", argument];
  if (name === "gte") return ["gt", argument];
  if (name === "lt" && typeof argument === "number") return [name, argument - 1];
  if (name === "gt" && typeof argument === "number") return [name, argument + 1];
  if (name === "keys" && isJsonObject(argument)) {
    const only = argument["only"];
    return isJsonArray(only) ? [name, { ...argument, only: only.slice(1) }] : [name, argument];
  }
  if ((name === "each" || name === "some") && isJsonObject(argument)) {
    return [name, argument["where"] === undefined ? narrowPredicates(argument, pick) : argument];
  }
  if (isJsonArray(argument)) {
    if (name === "in" || argument.length > 1) return [name, argument.filter((_, at) => at !== pick % argument.length)];
    return [name, argument.map((item) => (typeof item === "string" ? narrowString(name, item) : item))];
  }
  return [name, typeof argument === "string" ? narrowString(name, argument) : argument];
}

function narrowPredicates(predicates: JsonObject, pick: number): JsonObject {
  const entries = Object.entries(predicates);
  const at = pick % Math.max(1, entries.length);
  return Object.fromEntries(
    entries.flatMap(([name, argument], index) => {
      if (index !== at) return [[name, argument]];
      const [newName, narrower] = narrowEntry(name, argument, pick);
      // INVARIANT: a renamed predicate does not push out one of the same name that is already there.
      return newName !== name && newName in predicates ? [[name, argument]] : [[newName, narrower]];
    }),
  );
}

/** Returns a condition with one predicate in a positive place made narrower, where there is one. `pick` chooses which. */
export function narrowCondition(condition: JsonObject, pick: number): JsonObject {
  const entries = Object.entries(condition);
  const at = pick % Math.max(1, entries.length);
  const next = Math.floor(pick / Math.max(1, entries.length));
  return Object.fromEntries(
    entries.map(([key, value], index) => {
      if (index !== at || key === "not") return [key, value];
      if (isJsonArray(value)) {
        const chosen = next % Math.max(1, value.length);
        return [key, value.map((item, i) => (i === chosen && isJsonObject(item) ? narrowCondition(item, next) : item))];
      }
      return [key, isJsonObject(value) ? narrowPredicates(value, next) : value];
    }),
  );
}

function narrowAction(action: string | readonly string[]): string | readonly string[] {
  if (typeof action !== "string") return action.length > 1 ? action.slice(1) : action.map((item) => narrowSegments(item, ":"));
  return narrowSegments(action, ":");
}

function narrowLimits(policy: PolicyDocument): PolicyDocument {
  const { depth = 0, expires, ...rest } = policy.limits ?? {};
  const lessDepth = depth === "unlimited" ? 2 : Math.max(0, depth - 1);
  return {
    ...policy,
    limits: { ...rest, depth: lessDepth, expires: expires === undefined ? "2026-11-20T00:00:00Z" : "2026-11-19T23:59:59Z" },
  };
}

/** Returns the policy with one change made that lets no further request through; the same policy where the change has no place. */
export function narrowPolicy(policy: PolicyDocument, edit: Edit<NarrowKind>): PolicyDocument {
  const allow = pickIndex(indicesOf(policy, "allow"), edit.pick);
  const { condition } = edit;
  switch (edit.kind) {
    case "add_conjunct":
      return withRule(policy, allow, (rule) => ({ ...rule, when: conjunction(rule.when, condition) }));
    case "remove_rule":
      return { ...policy, rules: policy.rules.filter((_, at) => at !== allow) };
    case "add_deny": {
      const rule: RuleDocument = { id: freshId(policy, "no"), effect: "deny", action: edit.action, when: condition };
      return { ...policy, rules: [...policy.rules, rule] };
    }
    case "narrow_pattern":
      return withRule(policy, allow, (rule) =>
        rule.when === undefined ? rule : { ...rule, when: narrowCondition(rule.when, Math.floor(edit.pick / 4)) },
      );
    case "allow_to_ask":
      return withRule(policy, allow, (rule) => ({ ...rule, effect: "ask" }));
    case "narrow_action":
      return withRule(policy, allow, (rule) => ({ ...rule, action: narrowAction(rule.action) }));
    case "add_unless":
      return withRule(policy, allow, (rule) => ({
        ...rule,
        unless: rule.unless === undefined ? condition : { any: [rule.unless, condition] },
      }));
    case "split_rule": {
      const rule = policy.rules[allow];
      if (rule === undefined) return policy;
      const id = freshId(policy, "half");
      const halves: readonly RuleDocument[] = [
        { ...rule, when: conjunction(rule.when, condition) },
        { ...rule, id, when: conjunction(rule.when, { not: condition }) },
      ];
      return { ...policy, rules: [...policy.rules.filter((_, at) => at !== allow), ...halves] };
    }
    case "narrow_limits":
      return narrowLimits(policy);
    case "to_deny":
      return withRule(policy, pickIndex(indicesOf(policy, "ask"), edit.pick), (rule) => ({ ...rule, effect: "deny" }));
  }
}

/** Returns the policy with one change made that refuses no further request; the same policy where the change has no place. */
export function widenPolicy(policy: PolicyDocument, edit: Edit<WidenKind>): PolicyDocument {
  const allow = pickIndex(indicesOf(policy, "allow"), edit.pick);
  switch (edit.kind) {
    case "drop_when":
      return withRule(policy, allow, ({ when: _dropped, ...rule }) => rule);
    case "add_allow": {
      const when = edit.condition;
      const rule: RuleDocument = { id: freshId(policy, "yes"), effect: "allow", action: edit.action, when };
      return { ...policy, rules: [...policy.rules, rule] };
    }
    case "remove_deny": {
      const deny = pickIndex(indicesOf(policy, "deny"), edit.pick);
      return { ...policy, rules: policy.rules.filter((_, at) => at !== deny) };
    }
    case "ask_to_allow":
      return withRule(policy, pickIndex(indicesOf(policy, "ask"), edit.pick), (rule) => ({ ...rule, effect: "allow" }));
    case "widen_action":
      return withRule(policy, allow, (rule) => ({ ...rule, action: "**" }));
    case "widen_limits": {
      const { expires: _expires, ...rest } = policy.limits ?? {};
      return { ...policy, limits: { ...rest, depth: "unlimited" } };
    }
  }
}

// ---- values beside a border ----

/** Returns the next greater double; infinity stays. */
export function nextUp(value: number): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Returns the next smaller double. */
export function nextDown(value: number): number {
  return -nextUp(-value);
}

/** Returns numbers at and beside one: neighbours, the integers around, its negative, both zeros. */
export function numberBorders(value: number): readonly number[] {
  return [value, nextUp(value), nextDown(value), value + 1, value - 1, value + 0.5, -value, 0, -0];
}

/** Returns the addresses at the ends of a block and just outside it, as canonical texts, where there are such. */
export function blockBorders(block: string): readonly string[] {
  const [text = "", length = "0"] = block.split("/");
  const base = parseAddress(text);
  if (base === undefined) return [];
  const size = 1n << BigInt(base.bits - Number(length));
  const values = [base.value, base.value + size - 1n, base.value - 1n, base.value + size];
  return values.filter((value) => value >= 0n && value < 1n << BigInt(base.bits)).map((value) => addressText({ bits: base.bits, value }));
}

const STRAY_CHARACTERS = ["a", "b", "é", "\u{1F600}", "*", "/", ".", ":", "A", "\n", "\0", "%", "?", "\\", " ", "\ud800"];

/** Returns a string one small step away: a character added, removed or replaced, another case, odd spelling of the same place. */
export function mutateString(text: string, random: Random): string {
  const characters = [...text];
  const at = Math.floor(random() * (characters.length + 1));
  const stray = STRAY_CHARACTERS[Math.floor(random() * STRAY_CHARACTERS.length)] ?? "a";
  switch (Math.floor(random() * 14)) {
    case 0:
      return characters.toSpliced(at, 0, stray).join("");
    case 1:
      return characters.toSpliced(at, 1).join("");
    case 2:
      return characters.toSpliced(at, 1, stray).join("");
    case 3:
      return text.toUpperCase();
    case 4:
      return `${text}/`;
    case 5:
      return text.endsWith("/") ? `${text}..` : `${text}/../a`;
    case 6:
      return text.replace("a", "%61").replace(".", "%2e");
    case 7:
      return "";
    case 8:
      return characters.slice(0, at).join("");
    case 9:
      return characters.slice(at).join("");
    case 10:
      return text.replace("/", "//");
    case 11:
      return text.replace("://", "://a@").replace(/:(\d)/u, ":0$1");
    case 12:
      return text.includes("/") ? `${text}/%2e%2e/a` : `${text}%2e`;
    default:
      return `${text}${text.includes("/") ? "/a" : "."}`;
  }
}
