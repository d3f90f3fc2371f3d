// Where in a text a value stands: the line of what a JSON Pointer names. Not trusted: it points people to a place, and decides nothing.

import { isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";

/** The longest text that is looked into, UTF-16 code units: more than any document that is read. */
const textMax = 8_388_608;

// SOURCE: RFC 6901 section 4: `~1` is `/` and `~0` is `~`, in this order.
const keysOf = (pointer: string): readonly string[] =>
  pointer === ""
    ? []
    : pointer
        .slice(1)
        .split("/")
        .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));

/**
 * Returns the line, from 1, on which what `pointer` names starts: a member by its key, an item of a list by its value.
 * @param pointer an RFC 6901 JSON Pointer; the empty one is the document
 * @returns undefined where the text has no such place, or can not be read
 * @example lineOf('{\n"rules": [\n{"id": "a"}]}', "json", "/rules/0") === 3
 */
export function lineOf(text: string, format: "json" | "yaml", pointer: string): number | undefined {
  if (text.length > textMax || (pointer !== "" && !pointer.startsWith("/"))) return undefined;
  const offset = format === "json" ? jsonOffset(text, keysOf(pointer)) : yamlOffset(text, keysOf(pointer));
  return offset === undefined ? undefined : text.slice(0, offset).split("\n").length;
}

// The document that was read last: whoever asks for one place of a text asks for many.
let last: { readonly text: string; readonly document: ReturnType<typeof parseDocument> } | undefined;

function documentOf(text: string): ReturnType<typeof parseDocument> {
  if (last?.text === text) return last.document;
  const document = parseDocument(text, { uniqueKeys: false, logLevel: "silent", prettyErrors: false });
  last = { text, document };
  return document;
}

function yamlOffset(text: string, keys: readonly string[]): number | undefined {
  try {
    const document = documentOf(text);
    let node: unknown = document.contents;
    let offset = document.contents?.range?.[0];
    for (const key of keys) {
      if (isSeq(node)) {
        node = /^(?:0|[1-9][0-9]*)$/.test(key) ? node.items[Number(key)] : undefined;
        offset = rangeOf(node);
      } else if (isMap(node)) {
        const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
        node = pair?.value;
        offset = rangeOf(pair?.key);
      } else return undefined;
      if (offset === undefined) return undefined;
    }
    return offset;
  } catch {
    // The reader of YAML is not ours: on what it throws at, there is no place to point to.
    return undefined;
  }
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === "number" ? start : undefined;
}

const blanks = /[ \t\r\n]*/y;
const strings = /"(?:[^"\\]|\\.)*"/y;
const scalars = /[^,\]}\s]+/y;

// Reads JSON as far as is needed. Every step moves on in the text or gives up, so that the length of the text bounds the work.
class JsonPlaces {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  blank(): void {
    this.#take(blanks);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #next(character: string): boolean {
    this.blank();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** Moves past one value, however deep it nests. Returns false where there is none. */
  #skip(): boolean {
    let depth = 0;
    for (;;) {
      this.blank();
      const character = this.#text[this.#at];
      if (character === undefined) return false;
      if (character === '"') {
        if (this.#take(strings) === undefined) return false;
      } else if (character === "{" || character === "[") {
        depth++;
        this.#at++;
      } else if (character === "}" || character === "]") {
        depth--;
        this.#at++;
      } else if (character === "," || character === ":") this.#at++;
      else if (this.#take(scalars) === undefined) return false;
      if (depth <= 0) return depth === 0;
    }
  }

  /** Moves to the member of that key, or the item of that index, of the value that starts here. Returns where it starts. */
  enter(key: string): number | undefined {
    const isObject = this.#next("{");
    if (!isObject && !this.#next("[")) return undefined;
    for (let index = 0; ; index++) {
      this.blank();
      const start = this.#at;
      let name: unknown = String(index);
      if (isObject) {
        const text = this.#take(strings);
        if (text === undefined || !this.#next(":")) return undefined;
        name = JSON.parse(text);
      }
      if (name === key) return start;
      if (!this.#skip() || !this.#next(",")) return undefined;
    }
  }

  get place(): number {
    return this.#at;
  }
}

function jsonOffset(text: string, keys: readonly string[]): number | undefined {
  const places = new JsonPlaces(text);
  places.blank();
  let offset: number | undefined = places.place;
  try {
    for (const key of keys) {
      offset = places.enter(key);
      if (offset === undefined) return undefined;
    }
  } catch {
    // A key that is no JSON string: the text is none, and has no places.
    return undefined;
  }
  return offset;
}
