// Where in a text a JSON Pointer stands: the line and the column, in JSON and in YAML. For texts that were read without a problem before; of
// any other text the places may be missing or wrong. Not trusted: it points people to a place, and decides nothing.

import { isJsonText, nestingMax } from "../../prover/core.js";

/** A place in a text, both counted from 1; columns are UTF-16 code units. */
export type Place = { readonly line: number; readonly column: number };

/** Returns the place of an RFC 6901 JSON Pointer, or of what it would be in where it is not there. */
export type FindPlace = (pointer: string) => Place;

/** The places in one text: of a member that of its key, of an element that of its value. */
export type Places = {
  /** Returns undefined where the text has no such place. */
  readonly exact: (pointer: string) => Place | undefined;
  readonly nearest: FindPlace;
};

/** The longest text that is looked into, UTF-16 code units: more than any document that is read. */
const textMax = 8_388_608;

type Offsets = Map<string, number>;

// SOURCE: RFC 6901 section 3: `~` is `~0` and `/` is `~1`, in this order.
const child = (at: string, key: string | number): string => `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

function add(offsets: Offsets, pointer: string, offset: number): void {
  if (!offsets.has(pointer)) offsets.set(pointer, offset);
}

// INVARIANT: every step moves on in the text or ends, so that its length bounds the work, and nesting is bounded by the reader's own maximum.
class JsonOffsets {
  readonly offsets: Offsets = new Map();
  #at = 0;

  constructor(readonly text: string) {
    this.#skip();
    this.#value("", 0);
  }

  #skip(): void {
    while (/[\s,:]/.test(this.text[this.#at] ?? "")) this.#at++;
  }

  #string(): string {
    const start = this.#at++;
    while (this.#at < this.text.length && this.text[this.#at] !== '"') this.#at += this.text[this.#at] === "\\" ? 2 : 1;
    return this.text.slice(start, ++this.#at);
  }

  #value(pointer: string, depth: number): void {
    add(this.offsets, pointer, this.#at);
    const open = this.text[this.#at];
    if (open === '"') this.#string();
    else if (open === "{" || open === "[") this.#members(pointer, open, depth);
    else while (/[^\s,:\]}]/.test(this.text[this.#at] ?? " ")) this.#at++;
  }

  #members(pointer: string, open: "{" | "[", depth: number): void {
    this.#at++;
    this.#skip();
    // Of what nests deeper than anything that is read, no more is looked for.
    if (depth >= nestingMax) this.#at = this.text.length;
    for (let i = 0; this.#at < this.text.length && !/[\]}]/.test(this.text[this.#at] ?? ""); i++) {
      const start = this.#at;
      const place = child(pointer, open === "[" ? i : String(JSON.parse(this.#string())));
      add(this.offsets, place, start);
      this.#skip();
      this.#value(place, depth + 1);
      this.#skip();
    }
    this.#at++;
  }
}

type Yaml = typeof import("yaml");

function yamlOffsets({ isMap, isScalar, isSeq, parseDocument }: Yaml, text: string): Offsets {
  const offsets: Offsets = new Map();
  const addNode = (pointer: string, node: unknown): void => {
    const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
    const start: unknown = Array.isArray(range) ? range[0] : undefined;
    if (typeof start === "number") add(offsets, pointer, start);
  };
  const walk = (node: unknown, pointer: string, depth: number): void => {
    addNode(pointer, node);
    if (depth > nestingMax) return;
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, child(pointer, i), depth + 1);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const place = child(pointer, String(key.value));
      addNode(place, key);
      walk(value, place, depth + 1);
    }
  };
  const document = parseDocument(text, { version: "1.2", schema: "core", uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  walk(document.contents, "", 0);
  return offsets;
}

// Where each line starts, in the order of the text.
const lineStarts = (text: string): readonly number[] => [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];

function offsetsBy(read: (text: string) => Offsets, text: string): Offsets {
  if (text.length > textMax) return new Map();
  try {
    return read(text);
  } catch {
    // A key that is no JSON string, or what the reader of YAML, which is not ours, throws at: such a text has no places.
    return new Map();
  }
}

/**
 * Returns the places in `text`: JSON where it begins as such and YAML else, as the reader tells them apart. The package that reads YAML is loaded
 * for YAML alone, and the text is gone through when the first place is asked for.
 */
export async function findPlaces(text: string): Promise<Places> {
  const yaml = isJsonText(text, {}) ? undefined : await import("yaml");
  const read = yaml === undefined ? (json: string) => new JsonOffsets(json).offsets : (other: string) => yamlOffsets(yaml, other);
  let known: { readonly offsets: Offsets; readonly starts: readonly number[] } | undefined;
  const exact: Places["exact"] = (pointer) => {
    known ??= { offsets: offsetsBy(read, text), starts: lineStarts(text) };
    const offset = known.offsets.get(pointer);
    if (offset === undefined) return undefined;
    const line = known.starts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (known.starts[line] ?? 0) + 1 };
  };
  const nearest: FindPlace = (pointer) => {
    for (let at = pointer; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
      const place = exact(at);
      if (place !== undefined) return place;
      if (at === "") return { line: 1, column: 1 };
    }
  };
  return { exact, nearest };
}
