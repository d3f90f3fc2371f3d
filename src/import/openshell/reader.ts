// Typed reading of a document tree: every value that is not as expected becomes a problem with its place. Not trusted.

import type { Problem } from "../../../prover/index.js";
import { at, describe, type Tree, type TreeMap } from "./document.js";

/** Collects the problems and the notes of one import. */
export type Report = { readonly problems: Problem[]; readonly notes: string[] };

/** Adds one problem: `message` names what is wrong, `expected` and `got` say it shortly. */
export function refuse(
  report: Report,
  code: string,
  pointer: string,
  message: string,
  more: { readonly expected?: string; readonly got?: string; readonly nearest?: string } = {},
): void {
  const got = more.got === undefined ? {} : { got: shorten(more.got) };
  report.problems.push({ code, pointer, message: shorten(message), ...more, ...got });
}

/** Adds a note for people, on what was read and changes no decision. */
export function note(report: Report, message: string): void {
  report.notes.push(shorten(message));
}

const WORDS_LENGTH_MAX = 300;

// What was written may be as long as the document; a message quotes the start of it.
function shorten(text: string): string {
  return text.length <= WORDS_LENGTH_MAX ? text : `${text.slice(0, WORDS_LENGTH_MAX).replace(/\p{Surrogate}$/u, "")}…`;
}

function wrongType(report: Report, pointer: string, expected: string, value: Tree): void {
  refuse(report, "wrong_type", pointer, `expected ${expected}`, { expected, got: describe(value) });
}

/** Returns the map at `pointer` after naming each key that is not `known`, or undefined if it is no map. */
export function readMap(report: Report, value: Tree, pointer: string, known: readonly string[] | "any"): TreeMap | undefined {
  if (!(value instanceof Map)) {
    wrongType(report, pointer, "a map", value);
    return undefined;
  }
  if (known !== "any") {
    for (const key of value.keys()) if (!known.includes(key)) unknownKey(report, at(pointer, key), key, known);
  }
  return value;
}

function unknownKey(report: Report, pointer: string, key: string, known: readonly string[]): void {
  const nearest = nearestOf(key, known);
  refuse(report, "unknown_key", pointer, `key \`${key}\` is not known here`, {
    expected: known.join(", "),
    got: key,
    ...(nearest === undefined ? {} : { nearest }),
  });
}

/** Returns the list at `pointer`, or undefined if it is none. */
export function readList(report: Report, value: Tree, pointer: string): readonly Tree[] | undefined {
  if (!isList(value)) {
    wrongType(report, pointer, "a list", value);
    return undefined;
  }
  return value;
}

function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

/** Returns the non-empty string at `pointer`, or undefined. */
export function readText(report: Report, value: Tree, pointer: string): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  wrongType(report, pointer, "a non-empty string", value);
  return undefined;
}

/** Returns the strings of a list, leaving out (and naming) what is none. */
export function readTexts(report: Report, value: Tree, pointer: string): readonly Placed[] {
  const list = readList(report, value, pointer) ?? [];
  return list.flatMap((item, index) => {
    const place = at(pointer, index);
    const text = readText(report, item, place);
    return text === undefined ? [] : [{ text, pointer: place }];
  });
}

/** A string and its place in the document. */
export type Placed = { readonly text: string; readonly pointer: string };

/** Returns one of the `choices`, or undefined. */
export function readChoice<Choice extends string>(
  report: Report,
  value: Tree,
  pointer: string,
  choices: readonly Choice[],
): Choice | undefined {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    const expected = choices.map((choice) => `\`${choice}\``).join(" or ");
    refuse(report, "invalid_value", pointer, `expected ${expected}`, { expected, got: describe(value) });
  }
  return found;
}

/** Returns the Boolean of an optional key, false when it is absent. */
export function readFlag(report: Report, map: TreeMap, key: string, pointer: string): boolean {
  const value = map.get(key);
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  wrongType(report, at(pointer, key), "true or false", value);
  return false;
}

/** Returns the string of an optional key; undefined when it is absent or no string. */
export function readOptionalText(report: Report, map: TreeMap, key: string, pointer: string): string | undefined {
  const value = map.get(key);
  return value === undefined ? undefined : readText(report, value, at(pointer, key));
}

const NEAREST_DISTANCE_MAX = 3;
const NEAREST_LENGTH_MAX = 64;

/** Returns the known key within three edits of `key`, the nearest one, or undefined. */
function nearestOf(key: string, known: readonly string[]): string | undefined {
  if (key.length > NEAREST_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = NEAREST_DISTANCE_MAX + 1;
  for (const candidate of known) {
    const distance = editDistance(key, candidate);
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
