// Reads values that somebody has already parsed: copies what is JSON of them, and says what is not. Not trusted.

import type { Json } from "../kernel/index.js";
import {
  hasLoneSurrogate,
  type ReadOptions,
  type ReadResult,
  setOwn,
  surrogateProblem,
  tooDeep,
  tooLarge,
  utf8Length,
} from "./json-parts.js";
import { describe, mismatch, type Path, ProblemList, quote } from "./report.js";

// Thrown and caught inside this file only: reading can not go on.
class Stop {}
const stop = new Stop();

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
        if (this.#options.exact && hasLoneSurrogate(value)) this.#problems.add(surrogateProblem(this.#path, value));
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
      if (this.#options.exact && hasLoneSurrogate(key)) this.#problems.add(surrogateProblem(this.#path, key));
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
