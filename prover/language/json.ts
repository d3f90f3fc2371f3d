// Reads JSON text strictly, by RFC 8259. Not trusted: the kernel judges what comes out.
// JSON.parse loses duplicate keys and rounds numbers silently, so the text is read here, once, by hand.

import type { Json } from "../kernel/index.js";
import {
  duplicateKey,
  hasLoneSurrogate,
  numberProblem,
  type ReadOptions,
  type ReadResult,
  setOwn,
  surrogateProblem,
  tooDeep,
  tooLarge,
  utf8Length,
} from "./json-parts.js";
import { mismatch, ProblemList, quote } from "./report.js";

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
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
    if (this.#options.exact && hasLoneSurrogate(text)) this.#problems.add(surrogateProblem(this.#path, text));
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
