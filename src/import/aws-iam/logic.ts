// Conditions of ours, put together. Not trusted.

import type { Json, JsonObject } from "../index.js";
import { at } from "../openshell/document.js";
import { type Placed, type Report, refuse } from "../openshell/reader.js";
import { globOf, readTokens, type Token } from "./texts.js";

/**
 * Which way a condition must err where a request is not as the page says. `grant`: it may be true only where the source's is.
 * `restrict`: it may be false only where the source's is.
 */
export type Polarity = "grant" | "restrict";

/** Returns the condition that all of `items` hold; one item is itself. */
export function all(items: readonly JsonObject[]): JsonObject {
  const [only, ...more] = items;
  return only !== undefined && more.length === 0 ? only : { all: items };
}

/** Returns the condition that one of `items` holds; one item is itself. */
export function any(items: readonly JsonObject[]): JsonObject {
  const [only, ...more] = items;
  return only !== undefined && more.length === 0 ? only : { any: items };
}

/** Returns the condition that `item` does not hold. */
export function not(item: JsonObject): JsonObject {
  return { not: item };
}

/** Returns the condition that `field` is there, or is not. */
export function present(field: string, there: boolean): JsonObject {
  return { [field]: { present: there } };
}

/** Returns the field of a context key, which is lower case here: names of keys have no case there. */
export function contextField(key: string): string {
  return `context[${JSON.stringify(key.toLowerCase())}]`;
}

/**
 * Returns the condition that `field` is a text that one of the patterns matches. A pattern and never `eq`: on a value of another
 * type a pattern is unknown, which grants nothing and restricts, while `eq` would be false.
 */
export function textIs(field: string, globs: readonly string[]): JsonObject {
  return { [field]: { glob: oneOrMore([...new Set(globs)]) } };
}

/** Returns one item by itself, several as a list. */
export function oneOrMore(items: readonly Json[]): Json {
  const [only, ...more] = items;
  return only !== undefined && more.length === 0 ? only : items;
}

/** Returns the pieces of each text, naming the texts that are not translated. */
export function readTokenLists(report: Report, texts: readonly Placed[], wildcards: boolean): readonly (readonly Token[])[] {
  return texts.flatMap(({ text, pointer }) => {
    const read = readTokens(text, wildcards);
    if (read.kind === "tokens") return [read.tokens];
    refuse(report, read.code, pointer, `\`${text}\` cannot be translated: ${read.reason}`, { got: text });
    return [];
  });
}

/** Returns each text as a glob of ours, naming the texts that are not translated. */
export function readGlobs(report: Report, texts: readonly Placed[], wildcards: boolean): readonly string[] {
  return readTokenLists(report, texts, wildcards).map(globOf);
}

/** Returns a value or the values of a list with their places; an empty list is refused, because it would never match. */
export function readMany<Item>(report: Report, value: Item | readonly Item[], pointer: string): readonly Valued<Item>[] {
  if (!isMany(value)) return [{ value, pointer }];
  if (value.length === 0) refuse(report, "invalid_value", pointer, "an empty list matches nothing", { expected: "at least one value" });
  return value.map((item, index) => ({ value: item, pointer: at(pointer, index) }));
}

/** A value and its place in the document. */
export type Valued<Item> = { readonly value: Item; readonly pointer: string };

function isMany<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}
