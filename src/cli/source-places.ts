// Where in a file a JSON Pointer stands: the line and the column, in JSON and in YAML. For texts that were read without a problem before;
// of any other text the places may be wrong, never the answer. Not trusted.

/** A place in a text, both counted from 1; columns are UTF-16 code units. */
export type Place = { readonly line: number; readonly column: number };

/** Returns the place of a pointer: of the key where it names a member, of the value where it names an element, else of what it is in. */
export type FindPlace = (pointer: string) => Place;

const child = (at: string, key: string | number): string => `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

// Offsets by pointer. INVARIANT: the text is a JSON text that the reader has read to its end, so that brackets match and nesting is bounded.
class JsonOffsets {
  readonly offsets = new Map<string, number>();
  #at = 0;

  constructor(readonly text: string) {
    this.#skip();
    this.#value("");
  }

  #skip(): void {
    while (/[\s,:]/.test(this.text[this.#at] ?? "")) this.#at++;
  }

  #string(): string {
    const start = this.#at++;
    while (this.#at < this.text.length && this.text[this.#at] !== '"') this.#at += this.text[this.#at] === "\\" ? 2 : 1;
    return this.text.slice(start, ++this.#at);
  }

  #value(pointer: string): void {
    if (!this.offsets.has(pointer)) this.offsets.set(pointer, this.#at);
    const open = this.text[this.#at];
    if (open === '"') this.#string();
    else if (open !== "{" && open !== "[") while (/[^\s,:\]}]/.test(this.text[this.#at] ?? " ")) this.#at++;
    else {
      this.#at++;
      this.#skip();
      for (let i = 0; this.#at < this.text.length && !/[\]}]/.test(this.text[this.#at] ?? ""); i++) {
        const start = this.#at;
        const place = child(pointer, open === "[" ? i : String(JSON.parse(this.#string())));
        if (open === "[") this.#at = start;
        this.offsets.set(place, start);
        this.#skip();
        this.#value(place);
        this.#skip();
      }
      this.#at++;
    }
  }
}

// INVARIANT: the reader has read this text before, and refuses what nests too deeply for the recursion here and in the package.
async function yamlOffsets(text: string): Promise<ReadonlyMap<string, number>> {
  const { isMap, isScalar, isSeq, parseDocument } = await import("yaml");
  const offsets = new Map<string, number>();
  const add = (pointer: string, node: unknown): void => {
    const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
    const start: unknown = Array.isArray(range) ? range[0] : undefined;
    if (typeof start === "number" && !offsets.has(pointer)) offsets.set(pointer, start);
  };
  const walk = (node: unknown, pointer: string): void => {
    add(pointer, node);
    if (isSeq(node)) for (const [i, item] of node.items.entries()) walk(item, child(pointer, i));
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const place = child(pointer, String(key.value));
      add(place, key);
      walk(value, place);
    }
  };
  const document = parseDocument(text, { version: "1.2", schema: "core", uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  walk(document.contents, "");
  return offsets;
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/** Returns how the places in `text` are found, JSON where it begins as such and YAML else, as the reader tells them apart. */
export async function findPlaces(text: string): Promise<FindPlace> {
  const offsets = /^[ \t\r\n]*[{[]/.test(text) ? new JsonOffsets(text).offsets : await yamlOffsets(text);
  const find: FindPlace = (pointer) => {
    const offset = offsets.get(pointer);
    if (offset !== undefined) return placeAt(text, offset);
    return pointer === "" ? { line: 1, column: 1 } : find(pointer.slice(0, pointer.lastIndexOf("/")));
  };
  return find;
}
