// JSON values for people, with the fields that decide marked. Not trusted.

import { isObject, type Json, parseField } from "../../prover/core.js";
import { columns, flow, labelled, painted, plain, type Span, spansWidth, widthOf } from "./layout.js";
import { type Paint, paintWith } from "./paint.js";

/** The longest JSON value that stands on one line, columns. */
const inlineMax = 64;
/** What stands before a line that holds what decides. */
export const marker = "▶";

type Path = readonly string[];
type Marked = (path: Path) => boolean;
type JsonObject = { readonly [key: string]: Json };

const none: Marked = () => false;
const span = (text: string, mark: boolean): Span => (mark ? { text, tone: "mark" } : { text });
const shown = (value: Json): string => plain(JSON.stringify(value));

// JSON on one line, with a space after each `:` and `,` that is none of a text's own.
function compact(value: Json, path: Path, marked: Marked, inside: boolean): readonly Span[] {
  const commas = (parts: readonly (readonly Span[])[]): readonly Span[] =>
    parts.flatMap((part, i) => (i === 0 ? part : [span(", ", inside), ...part]));
  if (Array.isArray(value))
    return [span("[", inside), ...commas(value.map((item) => compact(item, path, none, inside))), span("]", inside)];
  if (!isObject(value)) return [span(shown(value), inside)];
  const members = Object.entries(value).map(([key, member]) => {
    const mark = inside || marked([...path, key]);
    return [span(`${shown(key)}: `, mark), ...compact(member, [...path, key], marked, mark)];
  });
  return [span("{", inside), ...commas(members), span("}", inside)];
}

function block(value: Json, path: Path, marked: Marked, inside: boolean, most: number): readonly (readonly Span[])[] {
  const short = compact(value, path, marked, inside);
  if (spansWidth(short) <= Math.min(inlineMax, most) || typeof value !== "object" || value === null) return flow(short, most);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const members: readonly (readonly [string | undefined, Json])[] = Array.isArray(value)
    ? value.map((item) => [undefined, item])
    : Object.entries(value);
  const lines = members.flatMap(([key, member], i) => {
    const below = key === undefined ? path : [...path, key];
    const mark = inside || (key !== undefined && marked(below));
    const name = key === undefined ? "" : `${shown(key)}: `;
    const comma = i === members.length - 1 ? [] : [span(",", mark)];
    const alone = [span(name, mark), ...compact(member, below, marked, mark), ...comma];
    const room = most - 2;
    const isShort = spansWidth(alone) <= Math.min(room, inlineMax + widthOf(name)) || typeof member !== "object" || member === null;
    if (isShort) return flow(alone, room).map((line) => [span("  ", false), ...line]);
    const [first = [], ...more] = block(member, below, marked, mark, room);
    const named = [[span(name, mark), ...first], ...more];
    return named.map((line, at) => [span("  ", false), ...line, ...(at === named.length - 1 ? comma : [])]);
  });
  return [[span(open, inside)], ...lines, [span(close, inside)]];
}

/** Returns a JSON value for people: whatever is short stands on one line. */
export const renderJson = (value: Json, indent: string): readonly string[] =>
  block(value, [], none, false, columns - indent.length).map((line) => `${indent}${painted(line, paintWith(false))}`);

/** Returns a JSON value as one text, with a space after each `:` and `,`. */
export const jsonText = (value: Json): string =>
  compact(value, [], none, false)
    .map(({ text }) => text)
    .join("");

// The deepest part of `path` that stands in the request, and whether all of it does.
function standing(request: JsonObject, path: Path): { readonly path: Path; readonly absent: boolean } {
  let value: Json = request;
  for (const [depth, key] of path.entries()) {
    if (!isObject(value)) return { path: path.slice(0, depth), absent: false };
    const member: Json | undefined = Object.hasOwn(value, key) ? value[key] : undefined;
    if (member === undefined) return { path: [], absent: true };
    value = member;
  }
  return { path, absent: false };
}

/** Returns true iff a field, or what stands in its way, is there in the request. */
export const stands = (request: JsonObject, field: string): boolean => !standing(request, parseField(field) ?? [field]).absent;

/**
 * Returns a request for people, beside its label where it is short: what decides is marked, and what decides by being absent is said to be.
 * @param deciding fields as rules write them, such as `args["a.b"]`, or `action`
 */
export function renderRequest(request: JsonObject, deciding: readonly string[] = [], paint: Paint = paintWith(false)): readonly string[] {
  const found = deciding.map((field) => ({ field, ...standing(request, parseField(field) ?? [field]) }));
  const keys = new Set(found.filter(({ absent }) => !absent).map(({ path }) => JSON.stringify(path)));
  const marked: Marked = (path) => keys.has(JSON.stringify(path));
  const missing = found.filter(({ absent }) => absent);
  const absent = missing.flatMap(({ field }) => labelled("", [{ text: `${marker} no \`${field}\``, tone: "mark" }], paint));
  const lines = block(request, [], marked, false, columns - 5);
  const [only] = lines;
  const label = "   request  ";
  if (lines.length === 1 && only !== undefined && spansWidth(only) + label.length <= columns)
    return [`${label}${painted(only, paint)}`, ...carets(only, label.length, paint), ...absent];
  const marginOf = (line: readonly Span[]): string => (line.some(({ tone }) => tone === "mark") ? `   ${paint.mark(marker)} ` : "     ");
  return ["   request", ...lines.map((line) => `${marginOf(line)}${painted(line, paint)}`), ...absent];
}

// A line that points at what is marked in the line above, so that the request itself stays JSON.
function carets(line: readonly Span[], indent: number, paint: Paint): readonly string[] {
  const text = line
    .map(({ text: part, tone }) => (tone === "mark" ? "^" : " ").repeat(widthOf(part)))
    .join("")
    .trimEnd();
  return text === "" ? [] : [`${" ".repeat(indent)}${text.replace(/\^+/g, (run) => paint.mark(run))}`];
}
