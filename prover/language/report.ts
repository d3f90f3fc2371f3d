// How problems are worded and gathered. Not trusted.

import { problemsMax } from "./bounds.js";
import type { Problem } from "./problem.js";

/** The way to a place in a document: keys of objects and indexes of arrays, from the root. */
export type Path = readonly (string | number)[];

/** The longest text that a message quotes, characters. */
const quotedMax = 60;

/** Returns the RFC 6901 JSON Pointer of `path`. */
export function pointerOf(path: Path): string {
  let pointer = "";
  for (const part of path) {
    const token = String(part);
    // SOURCE: RFC 6901 section 3: `~` is `~0` and `/` is `~1`.
    pointer += `/${token.includes("~") || token.includes("/") ? token.replaceAll("~", "~0").replaceAll("/", "~1") : token}`;
  }
  return pointer;
}

/** Returns `text` in backticks, cut to 60 characters and with control characters written as escapes, so that a log line stays a line. */
export function quote(text: string): string {
  const cut = text.length > quotedMax ? `${text.slice(0, quotedMax)}…` : text;
  const shown = cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|[\ud800-\udfff]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `\`${shown}\``;
}

/** Returns how a message names `value`: a scalar as JSON in backticks, anything else by its kind. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      // A text shows its own quotes, so that `"7"` and `7` differ.
      return quote(JSON.stringify(value.slice(0, quotedMax + 1)));
    case "number":
      return quote(Object.is(value, -0) ? "-0" : String(value));
    case "boolean":
      return quote(String(value));
    case "undefined":
      return "nothing";
    case "object":
      if (value === null) return "`null`";
      if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
      return Object.keys(value).length === 0 ? "an empty object" : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** Returns `a`, `a or b`, `a, b or c`. */
export function oneOf(alternatives: readonly string[]): string {
  const last = alternatives.at(-1) ?? "nothing";
  return alternatives.length < 2 ? last : `${alternatives.slice(0, -1).join(", ")} or ${last}`;
}

/** Returns the problem that `expected` was not met: its message says expected, then got, then the nearest thing known. */
export function mismatch(code: string, path: Path, expected: string, got: string, nearest?: string): Problem {
  const hint = nearest === undefined ? "" : `; did you mean ${quote(nearest)}`;
  const message = `expected ${expected}, got ${got}${hint}`;
  const problem: Problem = { code, pointer: pointerOf(path), message, expected, got };
  return nearest === undefined ? problem : { ...problem, nearest };
}

/** Gathers problems in the order found, at most `problemsMax` of them: past that, one more that says so. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  #refused = false;

  /** Adds one problem, unless the list is full. */
  add(problem: Problem): void {
    if (this.#problems.length < problemsMax) {
      this.#problems.push(problem);
      return;
    }
    if (this.#refused) return;
    this.#refused = true;
    const message = `more than ${problemsMax} problems: the others are not listed`;
    this.#problems.push({ code: "too_many_problems", pointer: "", message });
  }

  /** Returns true iff the list takes no more. */
  get full(): boolean {
    return this.#refused;
  }

  /** Returns the problems gathered so far. */
  get all(): readonly Problem[] {
    return this.#problems;
  }
}
