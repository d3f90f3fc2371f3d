// Turns what zod says of a document into problems: code, JSON Pointer, expected, got, nearest. Not trusted.

import type * as z from "zod";
import type { Json } from "../kernel/index.js";
import { rulesMax } from "./bounds.js";
import { valueAt } from "./json-value.js";
import { nearestWord } from "./nearest.js";
import type { Problem } from "./problem.js";
import { describe, mismatch, oneOf, type Path, ProblemList, quote } from "./report.js";
import { knownKeysMark } from "./schema.js";

type Issue = z.core.$ZodIssue;

// zod passes over a key `__proto__` where an object takes any key. The field of that name is written so in the copy that zod sees.
const protoKey = "__proto__";
const protoField = '["\\u005f_proto__"]';

/** Returns `value` as zod must see it: every own key `__proto__` is written as a field of the same meaning. `value` itself if it has none. */
export function forZod(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) {
    const items = value.map(forZod);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value).map(([key, member]) => [key === protoKey ? protoField : key, forZod(member)] as const);
  const same = entries.every(([key, member]) => Object.hasOwn(value, key) && value[key] === member);
  return same ? value : Object.fromEntries(entries);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

// INVARIANT: documents have string keys only, so an issue's path holds no symbols.
const pathOf = (parts: readonly PropertyKey[]): Path =>
  parts.map((part) => (typeof part === "number" ? part : part === protoField ? protoKey : String(part)));

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number of at most 9007199254740991",
  boolean: "a boolean",
  array: "an array",
  object: "an object",
  record: "an object",
  null: "null",
};

const wantedOf = (issue: Issue): readonly string[] => {
  if (issue.code === "invalid_value") return issue.values.map((value) => quote(String(value)));
  if (issue.code === "invalid_type") return [typeNames[issue.expected] ?? String(issue.expected)];
  return [];
};

// How far a branch of a union is from what was written: unknown keys are nearer than a missing one, a missing one than another type.
function distance(branch: readonly Issue[], value: Json | undefined): number {
  let sum = 0;
  for (const issue of branch) {
    const missing = issue.path.length === 1 && valueAt(value, pathOf(issue.path)) === undefined;
    if (issue.path.length === 0)
      sum += issue.code === "unrecognized_keys" ? issue.keys.length : wantedOf(issue).length > 0 ? Number.POSITIVE_INFINITY : 1;
    else if (missing) sum += 2;
  }
  return sum;
}

class Reporter {
  readonly problems = new ProblemList();
  readonly #root: Json;

  constructor(root: Json) {
    this.#root = root;
  }

  all(issues: readonly Issue[], at: readonly PropertyKey[]): void {
    for (const issue of issues) {
      if (this.problems.full) return;
      this.one(issue, [...at, ...issue.path]);
    }
  }

  one(issue: Issue, at: readonly PropertyKey[]): void {
    const path = pathOf(at);
    const value = valueAt(this.#root, path);
    const got = describe(value);
    switch (issue.code) {
      case "unrecognized_keys":
        for (const key of issue.keys) this.#unknownKey(key, path, issue.message);
        return;
      case "invalid_union":
        this.#union(issue, at, value);
        return;
      case "invalid_type":
      case "invalid_value":
        this.#unmet(wantedOf(issue), path, value);
        return;
      case "too_small":
        if (issue.origin === "string") this.#add("empty", path, "a text that is not empty", got);
        else if (issue.origin === "array") this.#add("empty", path, "at least one item", got);
        else this.#add("out_of_range", path, `a number of at least ${issue.minimum}`, got);
        return;
      case "too_big":
        if (issue.origin === "array")
          this.#add(
            issue.maximum === rulesMax ? "too_many_rules" : "out_of_range",
            path,
            `at most ${issue.maximum} of them`,
            String(value !== undefined && isList(value) ? value.length : got),
          );
        else this.#add("out_of_range", path, `a number of at most ${issue.maximum}`, got);
        return;
      case "invalid_key":
        this.#add("currency_malformed", path, "a currency of capitals and digits such as `USD`", quote(String(path.at(-1))));
        return;
      case "custom":
        this.#custom(issue, path, value);
        return;
      case "invalid_format":
      case "not_multiple_of":
      case "invalid_element":
        this.#add("invalid_value", path, issue.message, got);
        return;
    }
  }

  #add(code: string, path: Path, expected: string, got: string, nearest?: string): void {
    this.problems.add(mismatch(code, path, expected, got, nearest));
  }

  #unknownKey(name: string, path: Path, message: string): void {
    const key = name === protoField ? protoKey : name;
    const known = message.startsWith(knownKeysMark) ? message.slice(knownKeysMark.length).split(", ") : [];
    const expected = known.length === 0 ? "no such key" : oneOf(known.map(quote));
    this.#add("unknown_key", [...path, key], expected, quote(key), nearestWord(key, known));
  }

  #unmet(wanted: readonly string[], path: Path, value: Json | undefined): void {
    const expected = oneOf(wanted);
    if (wanted.includes("never")) {
      this.#add("not_supported", path, "no such key: it is not supported yet", quote(String(path.at(-1))));
    } else if (value === undefined && path.length > 0) this.#add("missing_key", path, expected, "nothing");
    else {
      const texts = wanted.flatMap((want) => (want.startsWith("`") ? [want.slice(1, -1)] : []));
      const isText = typeof value === "string" && texts.length > 0;
      const nearest = isText ? nearestWord(value, texts) : undefined;
      this.#add(isText ? "invalid_value" : "wrong_type", path, expected, describe(value), nearest);
    }
  }

  #union(issue: Extract<Issue, { code: "invalid_union" }>, at: readonly PropertyKey[], value: Json | undefined): void {
    const branches = issue.errors;
    const distances = branches.map((branch) => distance(branch, value));
    const least = Math.min(...distances);
    const best = branches[distances.indexOf(least)];
    const wanted = branches.flatMap((branch) => branch.filter((inner) => inner.path.length === 0).flatMap(wantedOf));
    if (best !== undefined && Number.isFinite(least)) this.all(best, at);
    else this.#unmet([...new Set(wanted)], pathOf(at), value);
  }

  #custom(issue: Extract<Issue, { code: "custom" }>, path: Path, value: Json | undefined): void {
    const { code, nearest } = issue.params ?? {};
    // zod checks what is left after it has dropped unknown keys: those are told already.
    if (code === "empty" && typeof value === "object" && value !== null && Object.keys(value).length > 0) return;
    const isField = code === "field_malformed" || code === "field_not_allowed";
    const got = isField ? quote(String(path.at(-1))) : typeof value === "string" ? quote(value) : describe(value);
    this.#add(String(code), path, issue.message, got, nearest === undefined ? undefined : String(nearest));
  }
}

/**
 * Returns every problem that `schema` finds in `value`, at most 1,000 and one more that says so; none iff `schema` accepts `value`.
 * @param value JSON without `undefined` members, as `readJsonText` and `readJsonValue` return it
 */
export function problemsOf(schema: z.ZodType, value: Json): readonly Problem[] {
  const result = schema.safeParse(forZod(value));
  if (result.success) return [];
  const reporter = new Reporter(value);
  reporter.all(result.error.issues, []);
  return reporter.problems.all;
}
