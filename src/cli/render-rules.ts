// Two rules side by side: what stands in the one against what stands in the other, field by field. Not trusted.

import { isObject, type Json, parseField, type RuleMention } from "../../prover/core.js";
import { columns, flow, painted, type Span, spansWidth, type Text } from "./layout.js";
import type { Paint } from "./paint.js";
import { jsonText, marker } from "./render-json.js";

/** A rule as it is shown: where it stands, and what is written there. */
export type ShownRule = { readonly rule: RuleMention; readonly place: string; readonly stated: Json | undefined };

/** One of the two columns: its head, and the rule below it where there is one. */
export type Column = { readonly head: readonly Text[]; readonly shown?: ShownRule };

/** The most code points of one cell, and the most rows of one table: what is beyond is told by its number. */
export const rulesMax = { cell: 400, rows: 24 };

const separator = " │ ";
const margin = 3;
const cellWidth = Math.floor((columns - margin - separator.length) / 2);

/** One line of a rule: a field and what is said of it, or a part of its condition that is about several fields. */
export type Row = { readonly key: string; readonly name: string; readonly text: string; readonly fields: readonly string[] };

const isWord = (key: string): boolean => key === "all" || key === "any" || key === "not";

/** Returns the fields that a condition is about, each once, as it writes them. */
export function fieldsIn(condition: Json | undefined): readonly string[] {
  if (Array.isArray(condition)) return [...new Set(condition.flatMap(fieldsIn))];
  if (!isObject(condition)) return [];
  return [...new Set(Object.entries(condition).flatMap(([key, value]) => (isWord(key) ? fieldsIn(value) : [key])))];
}

/** Returns the rows of a rule: its action, and its conditions one by one. */
export function rowsOf(stated: Json | undefined): readonly Row[] {
  if (!isObject(stated)) return stated === undefined ? [] : [{ key: "value", name: "", text: jsonText(stated), fields: [] }];
  const { action, when, unless } = stated;
  const rows = (condition: Json | undefined, word: string): readonly Row[] =>
    Object.entries(isObject(condition) ? condition : {}).map(([key, value]) => ({
      key: `${word}${isWord(key) ? key : JSON.stringify(parseField(key) ?? key)}`,
      name: isWord(key) ? word.trimEnd() : `${word}${key}`,
      text: isWord(key) ? logicText(key, value) : predicateText(value),
      fields: isWord(key) ? fieldsIn(value) : [key],
    }));
  const acts = action === undefined ? [] : [{ key: "action", name: "action", text: jsonText(action), fields: ["action"] }];
  return [...acts, ...rows(when, ""), ...rows(unless, "unless ")];
}

// What a predicate says of a field: `{"path": "/a"}` is written `path "/a"`, as a sentence says it.
function predicateText(value: Json): string {
  if (!isObject(value)) return jsonText(value);
  const parts = Object.entries(value).map(([predicate, argument]) => {
    if (predicate === "where") return `where (${conditionText(argument)})`;
    return `${predicate} ${predicate === "each" || predicate === "some" ? predicateText(argument) : jsonText(argument)}`;
  });
  return parts.length === 0 ? "{}" : parts.join(" and ");
}

function conditionText(condition: Json): string {
  if (!isObject(condition)) return jsonText(condition);
  const parts = Object.entries(condition).map(([key, value]) =>
    isWord(key) ? `(${logicText(key, value)})` : `${key}: ${predicateText(value)}`,
  );
  return parts.length === 0 ? "anything" : parts.join(" and ");
}

function logicText(word: string, value: Json): string {
  if (!Array.isArray(value)) return `not (${conditionText(value)})`;
  if (value.length === 0) return word === "any" ? "nothing" : "anything";
  return value.map(conditionText).join(word === "any" ? " or " : " and ");
}

function shorten(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= rulesMax.cell) return text;
  return `${characters.slice(0, rulesMax.cell).join("")}… and ${characters.length - rulesMax.cell} characters more`;
}

const cellOf = (row: Row | undefined, mark: boolean): Text => {
  if (row === undefined) return [{ text: "–", tone: "faint" }];
  const name: Span = { text: row.name === "" ? "" : `${row.name}: `, tone: mark ? "mark" : "faint" };
  const value = shorten(row.text);
  return [name, mark ? { text: value, tone: "mark" } : { text: value }];
};

const noteOf = ({ truth }: RuleMention): string => (truth === "unknown" ? ", which can not judge the value" : "");

function headOf({ head, shown }: Column): readonly Text[] {
  if (shown === undefined) return head;
  const { rule, place } = shown;
  return [...head, `${rule.effect} rule \`${rule.id}\` at ${place}${noteOf(rule)}`];
}

// Cells of one row: as many lines as the higher of them has.
function beside(left: Text, right: Text, mark: boolean, paint: Paint): readonly string[] {
  // A value goes on under itself, two columns in.
  const lines = (text: Text) => {
    const [first = [], ...more] = flow(text, cellWidth);
    if (more.length === 0) return [first];
    const [one = [], ...others] = flow(text, cellWidth - 2);
    return [one, ...others.map((line): readonly Span[] => [{ text: "  " }, ...line])];
  };
  const [below, above] = [lines(left), lines(right)];
  return Array.from({ length: Math.max(below.length, above.length) }, (_, i) => {
    const [one = [], other = []] = [below[i], above[i]];
    const start = i === 0 && mark ? ` ${paint.mark(marker)} ` : " ".repeat(margin);
    const fill = " ".repeat(Math.max(0, cellWidth - spansWidth(one)));
    const line = `${start}${painted(one, paint)}${fill}`;
    return other.length === 0 ? `${line}${paint.faint(separator.trimEnd())}` : `${line}${paint.faint(separator)}${painted(other, paint)}`;
  });
}

function pairsOf(left: readonly Row[], right: readonly Row[]): readonly (readonly [Row | undefined, Row | undefined])[] {
  const paired = left.map((row) => [row, right.find(({ key }) => key === row.key)] as const);
  const others = right.filter(({ key }) => !left.some((row) => row.key === key));
  return [...paired, ...others.map((row) => [undefined, row] as const)];
}

/**
 * Returns two columns, at most 80 wide: heads, then the two rules field by field.
 * @param deciding fields whose rows are marked
 */
export function renderBeside(left: Column, right: Column, deciding: readonly string[], paint: Paint): readonly string[] {
  const keyOf = (field: string): string => JSON.stringify(parseField(field) ?? field);
  const fields = new Set(deciding.map(keyOf));
  const [heads, others] = [headOf(left), headOf(right)];
  const rule = paint.faint(`${" ".repeat(margin)}${"─".repeat(cellWidth)}─┼─${"─".repeat(cellWidth)}`);
  const pairs = pairsOf(rowsOf(left.shown?.stated), rowsOf(right.shown?.stated));
  const reasons = [left, right].map(({ shown }): Text => (shown?.rule.because ? [{ text: `because “${shown.rule.because}”` }] : ""));
  const shownPairs = pairs.slice(0, rulesMax.rows);
  const height = Math.max(heads.length, others.length);
  return [
    ...Array.from({ length: height }, (_, i) => beside(heads[i] ?? "", others[i] ?? "", false, paint)).flat(),
    ...(pairs.length === 0 ? [] : [rule]),
    ...shownPairs.flatMap(([one, other]) => {
      const mark = [one, other].some((row) => row?.fields.some((field) => fields.has(keyOf(field))) === true);
      const cell = (row: Row | undefined, side: Column) => (side.shown === undefined ? "" : cellOf(row, mark && row !== undefined));
      return beside(cell(one, left), cell(other, right), mark, paint);
    }),
    ...(pairs.length > shownPairs.length ? [`   … and ${pairs.length - shownPairs.length} fields more`] : []),
    ...(reasons.every((text) => text === "") ? [] : beside(reasons[0] ?? "", reasons[1] ?? "", false, paint)),
  ];
}
