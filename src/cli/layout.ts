// Lines of 80 columns. Not trusted. Every text of a policy or a request goes through `plain`, so that none of them can move the cursor,
// recolour a verdict or turn a line around. Widths are counted in code points, and colours have none.

import { type Paint, paintWith, type Tone } from "./paint.js";

/** The width of a line, code points. */
export const columns = 80;

/** A piece of text with one tone. */
export type Span = { readonly text: string; readonly tone?: Tone };
/** Text that is laid out: pieces in their order, or one piece without a tone. */
export type Text = string | readonly Span[];

const unpainted = paintWith(false);

/** Returns `text` with control characters, lone surrogates and characters that turn a line around written as escapes. */
export const plain = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Returns the number of columns that `text` takes. */
export const widthOf = (text: string): number => Array.from(text).length;

/** Returns `text` filled with spaces to `width` columns. */
export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

/** Returns `text` as pieces. */
export const spansOf = (text: Text): readonly Span[] => (typeof text === "string" ? [{ text }] : text);

type Cell = { readonly character: string; readonly tone: Tone | undefined };
const cellsOf = (text: Text): readonly Cell[] =>
  spansOf(text).flatMap(({ text: part, tone }) => Array.from(plain(part), (character) => ({ character, tone })));

// A word that is longer than a line is cut after the last of these that fits, so that paths and URLs break where a reader expects it.
const joints = new Set("/:.,&?=-_}])");

function cut(word: readonly Cell[], most: number): number {
  for (let at = most; at > Math.floor(most / 2); at--) if (joints.has(word[at - 1]?.character ?? "")) return at;
  return most;
}

function wordsOf(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const words: Cell[][] = [[]];
  for (const cell of cells) {
    if (cell.character === " ") words.push([]);
    else words.at(-1)?.push(cell);
  }
  return words;
}

const joined = (line: readonly Cell[], word: readonly Cell[]): readonly Cell[] => {
  const tone = line.at(-1)?.tone;
  return [...line, { character: " ", tone: tone === word[0]?.tone ? tone : undefined }, ...word];
};

function spansIn(cells: readonly Cell[]): readonly Span[] {
  const spans: { text: string; tone?: Tone }[] = [];
  let last: Cell | undefined;
  for (const cell of cells) {
    const span = spans.at(-1);
    if (span !== undefined && last?.tone === cell.tone) span.text += cell.character;
    else spans.push({ text: cell.character, ...(cell.tone === undefined ? {} : { tone: cell.tone }) });
    last = cell;
  }
  return spans;
}

/** Returns `text` in lines of `most` columns at most: broken between words, and inside a word only where it is longer than a line. */
export function flow(text: Text, most: number): readonly (readonly Span[])[] {
  const lines: (readonly Cell[])[] = [];
  let line: readonly Cell[] | undefined;
  for (const whole of wordsOf(cellsOf(text))) {
    let word = whole;
    if (line !== undefined && line.length + 1 + word.length <= most) {
      line = joined(line, word);
      continue;
    }
    if (line !== undefined) lines.push(line);
    while (word.length > most) {
      const at = cut(word, most);
      lines.push(word.slice(0, at));
      word = word.slice(at);
    }
    line = word;
  }
  if (line !== undefined) lines.push(line);
  return lines.map(spansIn);
}

/** Returns pieces painted, as one line. */
export const painted = (spans: readonly Span[], paint: Paint): string =>
  spans.map(({ text, tone }) => (tone === undefined ? text : paint[tone](text))).join("");

/** Returns the columns that pieces take. */
export const spansWidth = (spans: readonly Span[]): number => spans.reduce((sum, { text }) => sum + widthOf(text), 0);

/** Returns `text` in lines of 80 columns: the first after `first`, the others after as many spaces. */
export function wrap(text: Text, first = "", paint: Paint = unpainted): readonly string[] {
  const indent = " ".repeat(widthOf(first));
  return flow(text, columns - widthOf(first)).map((line, i) => `${i === 0 ? first : indent}${painted(line, paint)}`);
}

/** Returns a label of a fixed width and a value beside it. */
export const labelled = (label: string, value: Text, paint: Paint = unpainted): readonly string[] =>
  wrap(value, `   ${label.padEnd(9)}`, paint);
