// Reads the REST rules of an endpoint: presets, allow rules, deny rules and their query constraints. Not trusted.

import { at, describe, type Tree, type TreeMap } from "./document.js";
import { escapeExpression, translateQueryGlob, translateRouteGlob } from "./globs.js";
import { note, type Report, readChoice, readFlag, readList, readMap, readOptionalText, readText, readTexts, refuse } from "./reader.js";
import type { Grant, QueryConstraint, QueryPredicate, RequestShape } from "./shape.js";

const RULE_KEYS = ["method", "path", "query"];
const OTHER_PROTOCOL_KEYS = ["command", "operation_type", "operation_name", "fields", "tool", "params"];
const READ_METHODS = ["GET", "HEAD", "OPTIONS"];

/** The presets, as OpenShell's schema reference expands them for REST. `read-write` leaves DELETE out. */
const PRESETS: Readonly<Record<"read-only" | "read-write" | "full", readonly string[] | "any">> = {
  "read-only": READ_METHODS,
  "read-write": [...READ_METHODS, "POST", "PUT", "PATCH"],
  full: "any",
};

/** Returns the grants of a REST endpoint: of its `access` preset or of its `rules`, exactly one of which it must have. */
export function readGrants(report: Report, map: TreeMap, pointer: string): readonly Grant[] {
  const access = map.get("access");
  const rules = map.get("rules");
  if (access !== undefined && rules !== undefined) {
    refuse(report, "invalid_value", at(pointer, "rules"), "`access` and `rules` exclude each other", { expected: "one of the two" });
  } else if (access === undefined && rules === undefined) {
    refuse(report, "missing_key", pointer, "a rest endpoint needs `access` or `rules`", { expected: "`access` or `rules`" });
  }
  if (access !== undefined) {
    const place = at(pointer, "access");
    const preset = readChoice(report, access, place, ["read-only", "read-write", "full"]);
    if (preset === undefined) return [];
    return [{ pointer: place, methods: PRESETS[preset], routes: ["/**"], query: [], review: undefined }];
  }
  return readRuleList(report, map, "rules", pointer).flatMap(({ value, place }) => {
    const rule = readMap(report, value, place, ["allow"]);
    if (rule === undefined) return [];
    const inner = rule.get("allow");
    if (inner === undefined) {
      refuse(report, "missing_key", place, "a rule needs `allow`", { expected: "`allow`" });
      return [];
    }
    return readGrant(report, inner, place);
  });
}

function readGrant(report: Report, value: Tree, rulePointer: string): readonly Grant[] {
  const pointer = at(rulePointer, "allow");
  const map = readMap(report, value, pointer, [...RULE_KEYS, "review", ...OTHER_PROTOCOL_KEYS]);
  if (map === undefined) return [];
  const review = map.get("review");
  const shape = readRequestShape(report, map, pointer);
  const reason = review === undefined ? undefined : readReview(report, review, at(pointer, "review"));
  return shape === undefined ? [] : [{ ...shape, pointer: rulePointer, review: reason }];
}

function readReview(report: Report, value: Tree, pointer: string): string | undefined {
  const map = readMap(report, value, pointer, ["required", "reason"]);
  if (map === undefined) return undefined;
  const reason = readOptionalText(report, map, "reason", pointer);
  if (map.get("required") === undefined) {
    refuse(report, "missing_key", pointer, "`review` needs `required`", { expected: "`required`: true or false" });
  }
  if (readFlag(report, map, "required", pointer)) return reason ?? "review is required";
  if (reason !== undefined) note(report, `\`${pointer}\` requires no review, and gives a reason all the same: ${reason}`);
  return undefined;
}

/** Returns the deny rules of a REST endpoint. */
export function readDenials(report: Report, map: TreeMap, pointer: string): readonly RequestShape[] {
  if (map.get("deny_rules") === undefined) return [];
  return readRuleList(report, map, "deny_rules", pointer).flatMap(({ value, place }) => {
    const rule = readMap(report, value, place, [...RULE_KEYS, ...OTHER_PROTOCOL_KEYS]);
    const shape = rule === undefined ? undefined : readRequestShape(report, rule, place);
    return shape === undefined ? [] : [shape];
  });
}

function readRuleList(
  report: Report,
  map: TreeMap,
  key: string,
  pointer: string,
): readonly { readonly value: Tree; readonly place: string }[] {
  const value = map.get(key);
  if (value === undefined) return [];
  const place = at(pointer, key);
  const list = readList(report, value, place);
  if (list?.length === 0) refuse(report, "invalid_value", place, `\`${key}\` is empty`, { expected: "at least one rule, or no such key" });
  return (list ?? []).map((item, index) => ({ value: item, place: at(place, index) }));
}

function readRequestShape(report: Report, map: TreeMap, pointer: string): RequestShape | undefined {
  for (const key of OTHER_PROTOCOL_KEYS) {
    if (map.has(key)) refuse(report, "not_supported", at(pointer, key), `\`${key}\` belongs to another protocol than rest`);
  }
  const methods = readMethods(report, map, pointer);
  const routes = readRoutes(report, map, pointer);
  const query = map.get("query");
  const constraints = query === undefined ? [] : readQuery(report, query, at(pointer, "query"));
  return methods === undefined || routes === undefined ? undefined : { pointer, methods, routes, query: constraints };
}

/** GET implies HEAD (RFC 9110 section 9.3.2), in allow rules and in deny rules. Methods are compared without case there. */
function readMethods(report: Report, map: TreeMap, pointer: string): readonly string[] | "any" | undefined {
  const value = map.get("method");
  if (value === undefined) {
    refuse(report, "missing_key", pointer, "a rest rule needs `method`", { expected: "`method`" });
    return undefined;
  }
  const text = readText(report, value, at(pointer, "method"));
  if (text === undefined) return undefined;
  if (text === "*") return "any";
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(text)) {
    refuse(report, "invalid_value", at(pointer, "method"), `\`${text}\` is no HTTP method`, {
      expected: "a method, or `*` for any",
      got: text,
    });
    return undefined;
  }
  const method = text.toUpperCase();
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

/** Returns the `route` patterns of the key `path`, which a rule must have. */
function readRoutes(report: Report, map: TreeMap, pointer: string): readonly string[] | undefined {
  const value = map.get("path");
  if (value === undefined) {
    refuse(report, "missing_key", pointer, "a rest rule needs `path`", { expected: '`path`, or `path: "**"` for any' });
    return undefined;
  }
  return readRouteGlob(report, value, at(pointer, "path"));
}

/** Returns the `route` patterns of one path glob, or undefined after the problem was named. */
export function readRouteGlob(report: Report, value: Tree, pointer: string): readonly string[] | undefined {
  const text = readText(report, value, pointer);
  if (text === undefined) return undefined;
  const translated = translateRouteGlob(text);
  if (translated.kind === "patterns") return translated.patterns;
  refuse(report, translated.code, pointer, `path \`${text}\` cannot be translated: ${translated.reason}`, { got: text });
  return undefined;
}

function readQuery(report: Report, value: Tree, pointer: string): readonly QueryConstraint[] {
  const map = readMap(report, value, pointer, "any");
  return [...(map ?? [])].flatMap(([key, matcher]) => {
    const place = at(pointer, key);
    const globs = readMatcher(report, matcher, place);
    const predicate = globs === undefined ? undefined : readQueryGlobs(report, globs);
    return predicate === undefined ? [] : [{ key, value: predicate }];
  });
}

function readMatcher(
  report: Report,
  value: Tree,
  pointer: string,
): readonly { readonly text: string; readonly pointer: string }[] | undefined {
  // An empty value is a value: `query: { flag: "" }` asks for `?flag`.
  if (typeof value === "string") return [{ text: value, pointer }];
  if (!(value instanceof Map)) {
    refuse(report, "wrong_type", pointer, "expected a glob or `{ any: [...] }`", { expected: "a string or a map", got: describe(value) });
    return undefined;
  }
  const map = readMap(report, value, pointer, ["any"]);
  const any = map?.get("any");
  const place = at(pointer, "any");
  const globs = any === undefined ? [] : readTexts(report, any, place);
  if (any === undefined || (Array.isArray(any) && any.length === 0)) {
    refuse(report, "invalid_value", pointer, "`any` is empty, so it matches nothing", { expected: "at least one glob" });
  }
  return globs;
}

function readQueryGlobs(report: Report, globs: readonly { readonly text: string; readonly pointer: string }[]): QueryPredicate | undefined {
  const texts: string[] = [];
  const expressions: string[] = [];
  let anything = false;
  for (const { text, pointer } of globs) {
    const pattern = translateQueryGlob(text);
    switch (pattern.kind) {
      case "anything":
        anything = true;
        break;
      case "text":
        texts.push(pattern.text);
        break;
      case "expression":
        expressions.push(pattern.expression);
        break;
      case "refused":
        refuse(report, "ambiguous_glob", pointer, `query glob \`${text}\` cannot be translated: ${pattern.reason}`, { got: text });
        break;
    }
  }
  if (anything) return { glob: "*" };
  const [first, ...more] = [...texts.map(escapeExpression), ...expressions];
  if (first === undefined) return undefined;
  if (expressions.length > 0) return { matches: more.length === 0 ? first : [first, ...more] };
  const [text = "", ...others] = texts;
  return others.length === 0 ? { eq: text } : { in: texts };
}
