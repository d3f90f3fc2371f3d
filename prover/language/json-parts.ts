// What the readers of JSON text, of values and of YAML share: numbers, surrogates, bounds and their problems. Not trusted.

import type { Json } from "../kernel/index.js";
import type { Problem } from "./problem.js";
import { mismatch, type Path, quote } from "./report.js";

/** What a reader accepts. `bytesMax` bounds the text (UTF-8); `tooLarge` is the code of what is over it. */
export type ReadOptions = {
  readonly bytesMax: number;
  readonly tooLarge: string;
  readonly nestingMax: number;
  /** Whether lone surrogates are refused, and number literals that no double holds exactly. Policies: true, requests: false. */
  readonly exact: boolean;
};

/** What was read. `value` is undefined where reading could not go on; with problems and a value, the value is the best there is. */
export type ReadResult = { readonly value: Json | undefined; readonly problems: readonly Problem[] };

const wholeNumberPattern = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const loneSurrogate = /[\ud800-\udfff]/u;

/** Returns true iff `text` is a number as JSON writes it. */
export const isJsonNumber = (text: string): boolean => wholeNumberPattern.test(text);

/** Returns the length of `text` in bytes of UTF-8; a lone surrogate counts three. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
      bytes += 2;
      index++;
    } else bytes += 2;
  }
  return bytes;
}

// Returns the digits of a number literal without leading and trailing zeros, and the power of ten of the first of them.
function normalDigits(literal: string): { readonly digits: string; readonly power: number } {
  const [mantissa = "", exponent = "0"] = literal.replace(/^-/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, "").length;
  return { digits: all.slice(leading).replace(/0+$/, ""), power: whole.length - leading + Number(exponent) };
}

/** Returns how many significant digits the shortest decimal that reads back as `value` has; 0 for zero. */
export function significantDigits(value: number): number {
  return Number.isFinite(value) ? normalDigits(String(value)).digits.length : 0;
}

/** Returns why the number `literal` can not stand as it is written, as a problem at `path`; undefined where a double holds it. */
export function numberProblem(literal: string, value: number, path: Path, exact: boolean): Problem | undefined {
  if (!Number.isFinite(value)) return mismatch("number_not_finite", path, "a finite number", quote(literal));
  // Fifteen digits always survive the way into a double and back, save near zero, so that most literals need no second look.
  if (!exact || (literal.length <= 15 && (Math.abs(value) > 1e-290 || /^[-0.]*$/.test(literal)))) return undefined;
  const written = normalDigits(literal);
  const held = normalDigits(String(value));
  if (written.digits === held.digits && (written.digits === "" || written.power === held.power)) return undefined;
  const expected = "a number of at most 15 significant digits";
  return mismatch("number_too_precise", path, expected, `${quote(literal)}, which would be read as ${quote(String(value))}`);
}

/** Sets an own property, whatever its name: `__proto__` is a name like any other. */
export function setOwn(target: { [key: string]: Json }, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}

/** Returns true iff `text` holds a surrogate that is not half of a pair. */
export const hasLoneSurrogate = (text: string): boolean => loneSurrogate.test(text);

/** Returns the problem that a text at `path` holds a lone surrogate. */
export const surrogateProblem = (path: Path, text: string): Problem =>
  mismatch("lone_surrogate", path, "a text of whole characters", `the lone surrogate in ${quote(text)}`);

/** Returns the problem that the document nests deeper than `options.nestingMax` at `path`. */
export function tooDeep(path: Path, options: ReadOptions): Problem {
  return mismatch("too_deep", path, `at most ${options.nestingMax} levels of nesting`, "one more");
}

/** Returns the problem that the key at `path` stands twice in its object. */
export function duplicateKey(path: Path, key: string): Problem {
  return mismatch("duplicate_key", path, "every key once", `${quote(key)} again`);
}

/** Returns the problem that a document is over `options.bytesMax`. */
export function tooLarge(options: ReadOptions, got: string): Problem {
  return mismatch(options.tooLarge, [], `at most ${options.bytesMax} bytes`, got);
}
