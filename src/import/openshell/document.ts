// YAML or JSON text as a tree of maps, lists and scalars, with every syntactic problem by its place. Not trusted.
// Objects become `Map`s, so that a key such as `__proto__` is a key like any other.

import { isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLError } from "yaml";
import type { Problem } from "../../../prover/index.js";

/** A value of the document. Numbers are finite; strings hold no lone surrogate; map keys are strings. */
export type Tree = null | boolean | number | string | readonly Tree[] | TreeMap;

/** An object of the document, in the order of the text. */
export type TreeMap = ReadonlyMap<string, Tree>;

/** Longest text that is read, in UTF-16 units: the 1 MiB of the design's table of bounds. */
export const TEXT_LENGTH_MAX = 1_048_576;

/** Deepest nesting that is read. OpenShell's own documents need 10. */
export const NESTING_MAX = 32;

/** Most problems that one answer lists; past it the rest is summed up in one line. */
export const PROBLEMS_MAX = 500;

/** Returns `pointer` with one more reference token (RFC 6901 section 3). */
export function at(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Returns the tree of `text`, or undefined after at least one problem was pushed. Never throws. */
export function readDocument(text: string, problems: Problem[]): Tree | undefined {
  if (text.length > TEXT_LENGTH_MAX) {
    problems.push({
      code: "too_large",
      pointer: "",
      message: `document of ${text.length} characters is too large`,
      expected: `at most ${TEXT_LENGTH_MAX} characters`,
      got: `${text.length} characters`,
    });
    return undefined;
  }
  const before = problems.length;
  try {
    const document = parseDocument(text, { uniqueKeys: false, version: "1.2", merge: false, logLevel: "silent" });
    for (const error of document.errors) problems.push(syntaxProblem(error));
    if (document.errors.length > 0) return undefined;
    const tree = convert(document.contents, "", 0, problems);
    return problems.length === before ? tree : undefined;
  } catch (error) {
    // The YAML library recurses; text nested beyond the stack ends here as a RangeError and is an answer like any other.
    const deep = error instanceof RangeError;
    problems.push({
      code: deep ? "too_deep" : "invalid_yaml",
      pointer: "",
      message: deep ? "document is nested too deeply to be read" : "document cannot be read as YAML",
    });
    return undefined;
  }
}

function syntaxProblem(error: YAMLError): Problem {
  const start = error.linePos?.[0];
  const place = start === undefined ? "" : ` at line ${start.line}, column ${start.col}`;
  const reason = error.code.toLowerCase().replaceAll("_", " ");
  return { code: "invalid_yaml", pointer: "", message: `not valid YAML${place}: ${reason}`, expected: "YAML 1.2 or JSON" };
}

function convert(node: unknown, pointer: string, depth: number, problems: Problem[]): Tree {
  if (depth > NESTING_MAX) {
    problems.push({ code: "too_deep", pointer, message: `nested deeper than ${NESTING_MAX} levels` });
    return null;
  }
  if (node === null) return null;
  if (isAlias(node)) {
    problems.push({
      code: "not_supported",
      pointer,
      message: `YAML alias \`*${node.source}\` is not read`,
      expected: "the value itself",
    });
    return null;
  }
  if (isMap(node)) return convertMap(node.items, pointer, depth, problems);
  if (isSeq(node)) return node.items.map((item, index) => convert(item, at(pointer, index), depth + 1, problems));
  return convertScalar(isScalar(node) ? node.value : undefined, pointer, problems);
}

function convertMap(
  items: readonly { readonly key: unknown; readonly value: unknown }[],
  pointer: string,
  depth: number,
  problems: Problem[],
): TreeMap {
  const map = new Map<string, Tree>();
  for (const { key, value } of items) {
    const name: unknown = isScalar(key) ? key.value : undefined;
    if (typeof name !== "string" || hasLoneSurrogate(name)) {
      problems.push({
        code: "wrong_type",
        pointer,
        message: "key is not a string",
        expected: "a string",
        got: typeof name === "string" ? "a string with a lone surrogate" : describe(name),
      });
      continue;
    }
    const place = at(pointer, name);
    if (map.has(name)) {
      problems.push({ code: "duplicate_key", pointer: place, message: `key \`${name}\` is written twice` });
    }
    map.set(name, convert(value, place, depth + 1, problems));
  }
  return map;
}

function convertScalar(value: unknown, pointer: string, problems: Problem[]): Tree {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && !hasLoneSurrogate(value)) return value;
  problems.push({
    code: "wrong_type",
    pointer,
    message: "value is not one of JSON's",
    expected: "a well-formed string, a finite number, true, false or null",
    got: describe(value),
  });
  return null;
}

function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** Returns what kind of value it is, in words for a message. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return hasLoneSurrogate(value) ? "a string with a lone surrogate" : `the string \`${value.slice(0, 60)}\``;
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
