// YAML or JSON text as a tree of maps, lists and scalars, with every syntactic problem by its place. Not trusted. The language's own reader
// of YAML reads it, which keeps a bound on tokens and nesting. Objects become `Map`s, so that `__proto__` is a key like any other.

import { isObject, type Json, nestingMax, type Problem, readYamlText } from "../../../prover/index.js";

/** A value of the document. Numbers are finite; strings hold no lone surrogate; map keys are strings. */
export type Tree = null | boolean | number | string | readonly Tree[] | TreeMap;

/** An object of the document; keys that are whole numbers come first, others in the order of the text. */
export type TreeMap = ReadonlyMap<string, Tree>;

/** Longest text that is read, bytes of UTF-8: the 1 MiB of the design's table of bounds. */
export const TEXT_BYTES_MAX = 1_048_576;

/** Most problems that one answer lists; past it the rest is summed up in one line. */
export const PROBLEMS_MAX = 500;

/** Returns `pointer` with one more reference token (RFC 6901 section 3). */
export function at(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

const reading = { bytesMax: TEXT_BYTES_MAX, tooLarge: "too_large", nestingMax, exact: true } as const;

// What is no YAML is not ours to judge; what is more than JSON can say is not read here.
const codeOf = (code: string): string => (code === "yaml_syntax" ? "invalid_yaml" : code === "yaml_not_json" ? "not_supported" : code);

/** Returns the tree of `text`, or undefined after at least one problem was pushed. Never throws. */
export function readDocument(text: string, problems: Problem[]): Tree | undefined {
  const read = readYamlText(text, reading);
  for (const problem of read.problems) problems.push({ ...problem, code: codeOf(problem.code) });
  return read.value === undefined || read.problems.length > 0 ? undefined : treeOf(read.value);
}

// Recurses no deeper than `nestingMax`, which the reader has kept.
function treeOf(value: Json): Tree {
  if (isList(value)) return value.map(treeOf);
  if (!isObject(value)) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, treeOf(member)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Returns what kind of value it is, in words for a message. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return `the string \`${value.slice(0, 60)}\``;
    case "number":
      return `the number \`${value}\``;
    case "boolean":
      return `\`${value}\``;
    case "object":
      return "a map";
    default:
      return "something else";
  }
}
