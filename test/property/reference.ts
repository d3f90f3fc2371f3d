// A second evaluator of `atmost/1`, written from language.md alone and as plainly as possible, to test the kernel's against.
// Not trusted, slow, and only for documents that are valid: an invalid one throws.

import {
  isCanonicalHost,
  isCanonicalPath,
  isCanonicalRoute,
  isInBlock,
  matchesGlob,
  matchesSegments,
  matchesUrl,
  parseAddress,
  parseTime,
  parseUrl,
  slashSegments,
} from "./reference-forms.js";
import { matchesRegex } from "./reference-regex.js";

/** A truth of Kleene's three-valued logic. */
export type Truth = "true" | "false" | "unknown";

/** A decision; `deny < ask < allow`. */
export type Decision = "deny" | "ask" | "allow";

type JsonObject = { readonly [key: string]: unknown };

// ---- small helpers ----

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new Error(`reference: ${what} is not an object`);
  return value;
}

function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`reference: ${what} is not an array`);
  return value;
}

function stringOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`reference: ${what} is not a string`);
  return value;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number") throw new Error(`reference: ${what} is not a number`);
  return value;
}

function stringsOf(value: unknown, what: string): readonly string[] {
  return Array.isArray(value) ? value.map((item) => stringOf(item, what)) : [stringOf(value, what)];
}

const truthOf = (condition: boolean): Truth => (condition ? "true" : "false");
const not = (truth: Truth): Truth => (truth === "unknown" ? "unknown" : truthOf(truth === "false"));

function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes("false")) return "false";
  return truths.includes("unknown") ? "unknown" : "true";
}

function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes("true")) return "true";
  return truths.includes("unknown") ? "unknown" : "false";
}

// ---- fields ----

/** Returns the keys that a dotted path with brackets names: `args["a.b"].c` is `args`, `a.b`, `c`. Throws on another form. */
export function fieldKeys(field: string): readonly string[] {
  const keys: string[] = [];
  let rest = field;
  while (rest !== "") {
    const bracket = /^\[("(?:[^"\\]|\\.)*")\]/u.exec(rest);
    const plain = /^\.?([^.[\]]+)/u.exec(rest);
    const match = bracket ?? plain;
    if (match?.[1] === undefined) throw new Error(`reference: not a field: \`${field}\``);
    keys.push(bracket === null ? match[1] : stringOf(JSON.parse(match[1]), "key"));
    rest = rest.slice(match[0].length);
  }
  return keys;
}

type Found = { readonly kind: "value"; readonly value: unknown } | { readonly kind: "absent" } | { readonly kind: "obscured" };

function lookUp(root: unknown, keys: readonly string[]): Found {
  let current = root;
  for (const key of keys) {
    if (!isObject(current)) return { kind: "obscured" };
    if (!Object.hasOwn(current, key)) return { kind: "absent" };
    current = current[key];
  }
  return { kind: "value", value: current };
}

/** Returns the truth of one predicate on a field, named by its keys, of an object: absence and obscured paths included. */
export function referenceFieldTruth(root: unknown, keys: readonly string[], predicateName: string, argument: unknown): Truth {
  const found = lookUp(root, keys);
  if (predicateName === "present") return truthOf((found.kind === "value") === (argument === true));
  if (found.kind === "absent") return "false";
  if (found.kind === "obscured") return "unknown";
  return referenceTruth(predicateName, argument, found.value);
}

// ---- predicates ----

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string";
}

function anyPattern(argument: unknown, test: (pattern: string) => boolean): Truth {
  return truthOf(stringsOf(argument, "pattern").some(test));
}

function standsAt(text: readonly string[], start: number, part: readonly string[]): boolean {
  return part.every((character, at) => text[start + at] === character);
}

function stringTruth(name: string, argument: unknown, text: string): Truth {
  const characters = [...text];
  switch (name) {
    case "prefix":
      return anyPattern(argument, (pattern) => standsAt(characters, 0, [...pattern]));
    case "suffix":
      return anyPattern(argument, (pattern) => standsAt([...characters].reverse(), 0, [...pattern].reverse()));
    case "contains":
      return anyPattern(argument, (pattern) => ["", ...characters].some((_, start) => standsAt(characters, start, [...pattern])));
    case "glob":
      return anyPattern(argument, (pattern) => matchesGlob(pattern, text));
    case "matches":
      return anyPattern(argument, (pattern) => matchesRegex(pattern, text));
    case "path":
      if (!isCanonicalPath(text)) return "unknown";
      return anyPattern(argument, (pattern) => matchesSegments(slashSegments(pattern), slashSegments(text)));
    case "host":
      if (!isCanonicalHost(text)) return "unknown";
      return anyPattern(argument, (pattern) => matchesSegments(pattern.split("."), text.split(".")));
    case "route":
      if (!isCanonicalRoute(text)) return "unknown";
      return anyPattern(argument, (pattern) => matchesSegments(slashSegments(pattern), slashSegments(text)));
    case "url": {
      const url = parseUrl(text);
      return url === undefined ? "unknown" : anyPattern(argument, (pattern) => matchesUrl(pattern, url));
    }
    case "cidr": {
      const address = parseAddress(text);
      return address === undefined ? "unknown" : anyPattern(argument, (block) => isInBlock(block, address));
    }
    default:
      throw new Error(`reference: predicate \`${name}\` is not known`);
  }
}

function numberTruth(name: string, argument: unknown, value: number): Truth {
  switch (name) {
    case "lt":
      return truthOf(value < numberOf(argument, "lt"));
    case "lte":
      return truthOf(value <= numberOf(argument, "lte"));
    case "gt":
      return truthOf(value > numberOf(argument, "gt"));
    case "gte":
      return truthOf(value >= numberOf(argument, "gte"));
    case "before":
      return truthOf(value < parseTime(stringOf(argument, "before")));
    default:
      return truthOf(value >= parseTime(stringOf(argument, "after")));
  }
}

function elementTruth(inner: unknown, element: unknown): Truth {
  return allOf(
    Object.entries(objectOf(inner, "inner predicate")).map(([name, argument]) => {
      if (name === "where") return isObject(element) ? referenceCondition(argument, element) : "unknown";
      if (name === "present") return truthOf(argument === true);
      return referenceTruth(name, argument, element);
    }),
  );
}

/** Returns the truth of one predicate on a value that is there; `present` is asked of the field, not here. */
export function referenceTruth(predicateName: string, argument: unknown, value: unknown): Truth {
  if (typeof value === "number" && !Number.isFinite(value)) return "unknown";
  switch (predicateName) {
    case "eq":
      return isScalar(value) ? truthOf(value === argument) : "unknown";
    case "in":
      return isScalar(value) ? truthOf(arrayOf(argument, "in").some((item) => item === value)) : "unknown";
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "before":
    case "after":
      return typeof value === "number" ? numberTruth(predicateName, argument, value) : "unknown";
    case "each":
      return Array.isArray(value) ? allOf(value.map((element) => elementTruth(argument, element))) : "unknown";
    case "some":
      return Array.isArray(value) ? anyOf(value.map((element) => elementTruth(argument, element))) : "unknown";
    case "keys": {
      if (!isObject(value)) return "unknown";
      const { only, has } = objectOf(argument, "keys");
      const own = Object.keys(value);
      const onlyHolds = only === undefined || own.every((key) => arrayOf(only, "only").includes(key));
      return truthOf(onlyHolds && (has === undefined || arrayOf(has, "has").every((key) => own.some((k) => k === key))));
    }
    default:
      return typeof value === "string" ? stringTruth(predicateName, argument, value) : "unknown";
  }
}

// ---- conditions, rules, policies ----

/** Returns the truth of a condition over the fields of an object. */
export function referenceCondition(condition: unknown, root: unknown): Truth {
  return allOf(
    Object.entries(objectOf(condition, "condition")).map(([key, argument]) => {
      if (key === "all") return allOf(arrayOf(argument, "all").map((item) => referenceCondition(item, root)));
      if (key === "any") return anyOf(arrayOf(argument, "any").map((item) => referenceCondition(item, root)));
      if (key === "not") return not(referenceCondition(argument, root));
      const keys = fieldKeys(key);
      return allOf(Object.entries(objectOf(argument, "predicates")).map(([name, value]) => referenceFieldTruth(root, keys, name, value)));
    }),
  );
}

/** True iff the action is well formed and the action pattern matches it. */
export function referenceActionMatches(patterns: unknown, action: string): boolean {
  const segments = action.split(":");
  if (segments.includes("") || /\p{Cc}/u.test(action)) return false;
  return stringsOf(patterns, "action").some((pattern) => matchesSegments(pattern.split(":"), segments));
}

function rulesDecision(rules: unknown, request: unknown): Decision {
  if (!isObject(request) || !Object.hasOwn(request, "action")) return "deny";
  const action = request["action"];
  if (typeof action !== "string") return "deny";
  const truths = new Map<string, Truth[]>([
    ["deny", []],
    ["ask", []],
    ["allow", []],
  ]);
  for (const item of arrayOf(rules, "rules")) {
    const rule = objectOf(item, "rule");
    if (!referenceActionMatches(rule["action"], action)) continue;
    const when = referenceCondition(rule["when"] ?? {}, request);
    const unless = rule["unless"] === undefined ? "false" : referenceCondition(rule["unless"], request);
    truths.get(stringOf(rule["effect"], "effect"))?.push(allOf([when, not(unless)]));
  }
  const [deny = [], ask = [], allow = []] = [...truths.values()];
  if (anyOf(deny) !== "false") return "deny";
  if (!allow.includes("true") && !ask.includes("true")) return "deny";
  return anyOf(ask) !== "false" ? "ask" : "allow";
}

/** Returns the decision of a policy document on a request, whatever the request's shape. */
export function referenceDecision(document: unknown, request: unknown): Decision {
  const policy = objectOf(document, "policy");
  const limits = objectOf(policy["limits"] ?? {}, "limits");
  if (limits["expires"] !== undefined) {
    const time = lookUp(request, ["context", "time"]);
    if (time.kind !== "value" || typeof time.value !== "number") return "deny";
    if (!(Number.isFinite(time.value) && time.value < parseTime(stringOf(limits["expires"], "expires")))) return "deny";
  }
  return rulesDecision(policy["rules"], request);
}

/** Returns the decision of a policy document's delegable view on a request: the lesser of policy and delegation, nothing without depth. */
export function referenceView(document: unknown, request: unknown): Decision {
  const policy = objectOf(document, "policy");
  const depth = objectOf(policy["limits"] ?? {}, "limits")["depth"] ?? 0;
  const delegation = policy["delegation"] ?? "none";
  if (delegation === "none" || (depth !== "unlimited" && numberOf(depth, "depth") < 1)) return "deny";
  const own = referenceDecision(document, request);
  if (delegation === "all") return own;
  const handed = rulesDecision(objectOf(delegation, "delegation")["rules"], request);
  if (own === "deny" || handed === "deny") return "deny";
  return own === "ask" || handed === "ask" ? "ask" : "allow";
}
