// Reads JSON strictly: RFC 8259 text, or values that somebody has already parsed. Not trusted: the kernel judges what comes out.
// JSON.parse loses duplicate keys and rounds numbers silently, so the text is read here, once, by hand.

import type { Json } from "../kernel/index.js";
import type { Problem } from "./problem.js";
import { describe, mismatch, type Path, ProblemList, quote } from "./report.js";

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

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
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

// Thrown and caught inside this file only: reading can not go on.
class Stop {}
const stop = new Stop();

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Scanner {
  readonly #text: string;
  readonly #options: ReadOptions;
  readonly #problems = new ProblemList();
  readonly #path: (string | number)[] = [];
  #at = 0;
  // Whether any surrogate was seen in the string last read: only then can one of them be alone.
  #surrogates = false;

  constructor(text: string, options: ReadOptions) {
    this.#text = text;
    this.#options = options;
  }

  read(): ReadResult {
    let value: Json | undefined;
    try {
      this.#skip();
      value = this.#value(0);
      this.#skip();
      if (this.#at < this.#text.length) this.#fail("the end of the text");
    } catch (error) {
      if (error !== stop) throw error;
      value = undefined;
    }
    return { value, problems: this.#problems.all };
  }

  #fail(expected: string): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const point = this.#text.codePointAt(this.#at);
    const got = point === undefined ? "the end of the text" : quote(String.fromCodePoint(point));
    this.#problems.add(mismatch("json_syntax", this.#path, expected, `${got} at line ${line}, column ${column}`));
    throw stop;
  }

  #skip(): void {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break;
      at++;
    }
    this.#at = at;
  }

  #value(depth: number): Json {
    const unit = this.#text.charCodeAt(this.#at);
    switch (unit) {
      case 0x22:
        return this.#checkedString();
      case 0x7b:
        return this.#object(depth + 1);
      case 0x5b:
        return this.#array(depth + 1);
      case 0x74:
        return this.#word("true", true);
      case 0x66:
        return this.#word("false", false);
      case 0x6e:
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #word(word: string, value: Json): Json {
    if (!this.#text.startsWith(word, this.#at)) this.#fail("a JSON value");
    this.#at += word.length;
    return value;
  }

  #number(): number {
    numberPattern.lastIndex = this.#at;
    const literal = numberPattern.exec(this.#text)?.[0];
    if (literal === undefined) this.#fail("a JSON value");
    const value = Number(literal);
    const problem = numberProblem(literal, value, this.#path, this.#options.exact);
    if (problem !== undefined) this.#problems.add(problem);
    this.#at += literal.length;
    return Number.isFinite(value) ? value : 0;
  }

  #checkedString(): string {
    const text = this.#string();
    if (this.#surrogates) this.#checkSurrogates(text);
    return text;
  }

  #checkSurrogates(text: string): void {
    if (this.#options.exact && loneSurrogate.test(text)) this.#problems.add(surrogateProblem(this.#path, text));
  }

  // Reads from an opening quote to its closing one.
  #string(): string {
    const text = this.#text;
    let start = this.#at + 1;
    let at = start;
    let result = "";
    this.#surrogates = false;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) {
        this.#at = at + 1;
        return result === "" ? text.slice(start, at) : result + text.slice(start, at);
      }
      if (unit === 0x5c) {
        result += text.slice(start, at);
        this.#at = at;
        result += this.#escape();
        start = this.#at;
        at = start;
      } else if (unit >= 0x20) {
        if (unit >= 0xd800 && unit <= 0xdfff) this.#surrogates = true;
        at++;
      } else {
        // The end of the text is not a number, and so not at least 0x20 either.
        this.#at = at;
        this.#fail("a closing quotation mark, or a control character written as an escape");
      }
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(++this.#at);
    if (letter === "u") {
      const hex = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail("four hex digits after `\\u`");
      this.#at += 5;
      this.#surrogates = true;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const character = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (character === undefined) this.#fail('one of `"\\/bfnrtu` after a backslash');
    this.#at++;
    return character;
  }

  #enter(depth: number): void {
    this.#at++;
    this.#skip();
    if (depth <= this.#options.nestingMax) return;
    this.#problems.add(tooDeep(this.#path, this.#options));
    throw stop;
  }

  #array(depth: number): Json {
    this.#enter(depth);
    const items: Json[] = [];
    if (this.#text.charCodeAt(this.#at) === 0x5d) this.#at++;
    else {
      for (;;) {
        this.#path.push(items.length);
        items.push(this.#value(depth));
        this.#path.pop();
        this.#skip();
        const unit = this.#text.charCodeAt(this.#at);
        if (unit === 0x5d) break;
        if (unit !== 0x2c) this.#fail("`,` or `]`");
        this.#at++;
        this.#skip();
      }
      this.#at++;
    }
    return Object.freeze(items);
  }

  #object(depth: number): Json {
    this.#enter(depth);
    const object: { [key: string]: Json } = {};
    if (this.#text.charCodeAt(this.#at) === 0x7d) this.#at++;
    else {
      do this.#member(object, depth);
      while (this.#separated());
    }
    return Object.freeze(object);
  }

  // After a member: true where another must follow, false where the object has ended.
  #separated(): boolean {
    this.#skip();
    const unit = this.#text.charCodeAt(this.#at);
    if (unit !== 0x2c && unit !== 0x7d) this.#fail("`,` or `}`");
    this.#at++;
    if (unit === 0x7d) return false;
    this.#skip();
    return true;
  }

  #member(object: { [key: string]: Json }, depth: number): void {
    if (this.#text.charCodeAt(this.#at) !== 0x22) this.#fail("a key in quotation marks");
    const key = this.#string();
    this.#path.push(key);
    if (this.#surrogates) this.#checkSurrogates(key);
    if (Object.hasOwn(object, key)) this.#problems.add(duplicateKey(this.#path, key));
    this.#skip();
    if (this.#text.charCodeAt(this.#at) !== 0x3a) this.#fail("`:`");
    this.#at++;
    this.#skip();
    setOwn(object, key, this.#value(depth));
    this.#path.pop();
  }
}

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

/**
 * Returns the value of an RFC 8259 text, deeply frozen, and every problem with it: duplicate keys, numbers that are not finite and (with
 * `exact`) lone surrogates and numbers that a double can not hold are told all at once; broken syntax, too deep a nesting and too long a
 * text end the reading.
 */
export function readJsonText(text: string, options: ReadOptions): ReadResult {
  const bytes = text.length * 3 <= options.bytesMax ? 0 : utf8Length(text);
  if (bytes > options.bytesMax) return { value: undefined, problems: [tooLarge(options, `${bytes}`)] };
  return new Scanner(text, options).read();
}

class Copier {
  readonly #options: ReadOptions;
  readonly #problems = new ProblemList();
  readonly #path: (string | number)[] = [];
  // No JSON text of the value is shorter than this, so that a huge value is given up early.
  #bytes = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  read(value: unknown): ReadResult {
    try {
      const copy = this.#value(value, 0);
      // No value of JSON is longer than 25 bytes for each of those counted, so that most need no second look.
      const bytes = this.#bytes * 25 <= this.#options.bytesMax ? 0 : utf8Length(JSON.stringify(copy));
      if (bytes <= this.#options.bytesMax) return { value: copy, problems: this.#problems.all };
      this.#problems.add(tooLarge(this.#options, `${bytes}`));
      return { value: undefined, problems: this.#problems.all };
    } catch (error) {
      if (error !== stop) throw error;
      return { value: undefined, problems: this.#problems.all };
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#options.bytesMax) return;
    this.#problems.add(tooLarge(this.#options, "more"));
    throw stop;
  }

  #value(value: unknown, depth: number): Json {
    switch (typeof value) {
      case "string":
        this.#count(value.length + 2);
        if (this.#options.exact && loneSurrogate.test(value)) this.#problems.add(surrogateProblem(this.#path, value));
        return value;
      case "boolean":
        this.#count(4);
        return value;
      case "number":
        this.#count(1);
        if (Number.isFinite(value)) return value;
        this.#problems.add(mismatch("number_not_finite", this.#path, "a finite number", quote(String(value))));
        return 0;
      case "object":
        if (value === null) {
          this.#count(4);
          return null;
        }
        return Array.isArray(value) ? this.#array(value, depth + 1) : this.#object(value, depth + 1);
      default:
        return this.#notJson(describe(value));
    }
  }

  #notJson(got: string): Json {
    this.#problems.add(mismatch("not_json", this.#path, "a JSON value", got));
    return null;
  }

  #enter(depth: number): void {
    this.#count(2);
    if (depth <= this.#options.nestingMax) return;
    this.#problems.add(tooDeep(this.#path, this.#options));
    throw stop;
  }

  #array(value: readonly unknown[], depth: number): Json {
    this.#enter(depth);
    const items: Json[] = [];
    for (let index = 0; index < value.length; index++) {
      this.#path.push(index);
      items.push(this.#value(value[index], depth));
      this.#path.pop();
    }
    return Object.freeze(items);
  }

  #object(value: object, depth: number): Json {
    this.#enter(depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    // An object of another realm has a prototype of its own whose prototype is null; a class instance or a Map has not.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return this.#notJson("an object of a class");
    const object: { [key: string]: Json } = {};
    for (const [key, member] of Object.entries(value)) {
      this.#count(key.length + 3);
      this.#path.push(key);
      if (this.#options.exact && loneSurrogate.test(key)) this.#problems.add(surrogateProblem(this.#path, key));
      // As JSON.stringify does, a member that is undefined is none: `{ when: undefined }` is how programs leave a key out.
      if (member !== undefined) setOwn(object, key, this.#value(member, depth));
      this.#path.pop();
    }
    return Object.freeze(object);
  }
}

/**
 * Returns a deeply frozen copy of a value that was parsed before, and every problem with it: what JSON does not have, numbers that are
 * not finite, lone surrogates (with `exact`). Too deep a nesting (a cycle is one) and too large a value end the reading.
 */
export function readJsonValue(value: unknown, options: ReadOptions): ReadResult {
  return new Copier(options).read(value);
}

/** Returns the value at `path` of `root`, or undefined where there is none. Only own keys count. */
export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  let here: Json | undefined = root;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as { readonly [key: string]: Json })[String(part)];
  }
  return here;
}
