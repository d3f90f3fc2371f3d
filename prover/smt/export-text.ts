// SMT-LIB 2.6 words for texts, numbers and regular expressions, for the export. Not trusted.
// SOURCE: SMT-LIB theories "Unicode Strings" (characters 0 to 0x2FFFF, the escape `\u{…}`) and "Reals".

import { type Expression, pointMax, pointsOf } from "../kernel/automata.js";
import { type Sayable, withoutAnchors } from "./export-anchors.js";

/** The greatest character of SMT-LIB's strings. */
const smtPointMax = 0x2ffff;
const surrogateFirst = 0xd800;
const surrogateEnd = 0xe000;
/** Smaller doubles than this are too far apart for 15 digits: between two literals there may be no double, though there is a real. */
const exactNumberMin = 2.3e-308;

/** What the export can not say. Thrown inside the export only, and returned at its border. */
export class Unsupported extends Error {}
/** @throws Unsupported always */
export const unsupported = (what: string): never => {
  throw new Unsupported(what);
};

/**
 * What the texts of one question tell apart.
 *
 * INVARIANT: an SMT character may stand for many of ours only where nothing in the question tells those apart. Code points above
 * U+2FFFF are all clamped to U+2FFFF, so a border between two of them is refused. No two fields are ever compared with each
 * other, so the clamping can not make two texts equal that a policy would keep apart.
 */
export class Alphabet {
  /** True iff some pattern or literal has a border among the surrogates: then a high one must not stand before a low one. */
  tellsSurrogates = false;

  /** Notes that a pattern or a literal tells the characters from `first` to `last` from the others. */
  note(first: number, last: number): void {
    for (const border of [first, last + 1]) {
      if (border > smtPointMax && border <= pointMax) unsupported("a character above U+2FFFF, which SMT-LIB strings do not have");
      if (border >= surrogateFirst && border <= surrogateEnd) this.tellsSurrogates = true;
    }
  }
}

/** Returns the body of an SMT string: printable ASCII as itself, and `"` doubled; all else, and every `\`, by its number. */
const bodyOf = (points: readonly number[]): string =>
  points
    .map((point) => {
      if (point === 0x22) return '""';
      return point < 0x20 || point > 0x7e || point === 0x5c
        ? `\\u{${Math.min(point, smtPointMax).toString(16)}}`
        : String.fromCharCode(point);
    })
    .join("");
const quoteOf = (points: readonly number[]): string => `"${bodyOf(points)}"`;

/** Returns the SMT string literal of `text`. @throws Unsupported where it has a character above U+2FFFF */
export function encodeText(text: string, alphabet: Alphabet): string {
  const points = pointsOf(text);
  for (const point of points) alphabet.note(point, point);
  return quoteOf(points);
}

/** Returns `text` as one line of printable ASCII, for a comment. */
export const commentOf = (text: string): string => bodyOf(pointsOf(text)).replaceAll('""', '"');

/** Returns the real literal of a finite double, by its shortest decimal. @throws Unsupported where it is almost zero */
export function encodeReal(value: number): string {
  if (value !== 0 && Math.abs(value) < exactNumberMin) unsupported("a number that is almost zero, where doubles are sparse");
  const [mantissa = "0", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), "0").padEnd(point, "0");
  const at = Math.max(1, point);
  const decimal = `${padded.slice(0, at).replace(/^0+(?=\d)/, "")}.${padded.slice(at) || "0"}`;
  return value < 0 ? `(- ${decimal})` : decimal;
}

const encodeSet = (ranges: readonly number[], alphabet: Alphabet): string => {
  const parts: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const [first = 0, last = 0] = ranges.slice(i, i + 2);
    alphabet.note(first, last);
    if (first === 0 && last === pointMax) return "re.allchar";
    const [lo, hi] = [Math.min(first, smtPointMax), Math.min(last, smtPointMax)];
    parts.push(lo === hi ? `(str.to_re ${quoteOf([lo])})` : `(re.range ${quoteOf([lo])} ${quoteOf([hi])})`);
  }
  return encodeUnion(parts);
};
const encodeUnion = (parts: readonly string[]): string => (parts.length > 1 ? `(re.union ${parts.join(" ")})` : (parts[0] ?? "re.none"));

// Puts the items of nested sequences side by side, so that the text nests no deeper than it must.
const flatten = (items: readonly Sayable[]): readonly Sayable[] =>
  items.flatMap((item) => (item.kind === "seq" ? flatten(item.items) : [item]));

function encodeSequence(items: readonly Sayable[], alphabet: Alphabet): string {
  const parts: string[] = [];
  let run: number[] = [];
  const endRun = () => {
    if (run.length > 0) parts.push(`(str.to_re ${quoteOf(run)})`);
    run = [];
  };
  for (const item of flatten(items)) {
    const [first, last, ...more] = item.kind === "set" ? item.ranges : [];
    if (first !== undefined && first === last && more.length === 0) {
      alphabet.note(first, first);
      run.push(first);
    } else {
      endRun();
      parts.push(encodeSayable(item, alphabet));
    }
  }
  endRun();
  return parts.length > 1 ? `(re.++ ${parts.join(" ")})` : (parts[0] ?? '(str.to_re "")');
}

function encodeRepeat(item: string, min: number, max: number): string {
  if (max !== Number.POSITIVE_INFINITY) return min === 0 && max === 1 ? `(re.opt ${item})` : `((_ re.loop ${min} ${max}) ${item})`;
  if (min === 0) return item === "re.allchar" ? "re.all" : `(re.* ${item})`;
  return min === 1 ? `(re.+ ${item})` : `(re.++ ((_ re.^ ${min}) ${item}) (re.* ${item}))`;
}

function encodeSayable(expression: Sayable, alphabet: Alphabet): string {
  switch (expression.kind) {
    case "set":
      return encodeSet(expression.ranges, alphabet);
    case "alt":
      return encodeUnion(expression.items.map((item) => encodeSayable(item, alphabet)));
    case "seq":
      return encodeSequence(expression.items, alphabet);
    case "repeat":
      return encodeRepeat(encodeSayable(expression.item, alphabet), expression.min, expression.max);
  }
}

/** Returns the SMT regular expression of `expression`. @throws Unsupported where SMT-LIB has no words for it */
export function encodeExpression(expression: Expression, alphabet: Alphabet): string {
  const sayable = withoutAnchors(expression) ?? unsupported("a regular expression that repeats `^` or `$` many times");
  return encodeSayable(sayable, alphabet);
}
