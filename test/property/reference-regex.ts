// The regular expressions of the second evaluator of `atmost/1`: their grammar, and whether one matches a text. Not trusted, and slow.

const REGEX_CACHE_MAX = 5_000;
const CODE_POINT_MAX = 0x10ffff;

/** A range of code points, both ends included. */
export type CodePointRange = readonly [number, number];

/** A regular expression's tree; greed is dropped, since only whole strings match. */
export type Regex =
  | { readonly kind: "set"; readonly ranges: readonly CodePointRange[] }
  | { readonly kind: "sequence" | "choice"; readonly items: readonly Regex[] }
  | { readonly kind: "repeat"; readonly item: Regex; readonly min: number; readonly max: number | undefined }
  | { readonly kind: "start" | "end" };

function complementOf(ranges: readonly CodePointRange[]): readonly CodePointRange[] {
  const result: CodePointRange[] = [];
  let next = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) result.push([next, low - 1]);
    next = Math.max(next, high + 1);
  }
  if (next <= CODE_POINT_MAX) result.push([next, CODE_POINT_MAX]);
  return result;
}

/** Ranges from texts of two characters, or of one that stands for itself. */
const rangesOf = (...pairs: readonly string[]): readonly CodePointRange[] =>
  pairs.map((pair) => {
    const codes = [...pair].map((character) => character.codePointAt(0) ?? 0);
    return [codes[0] ?? 0, codes[codes.length - 1] ?? 0];
  });

function escapedSet(letter: string): readonly CodePointRange[] | undefined {
  const lower = letter.toLowerCase();
  // SOURCE: RE2's syntax page; its `\s` is [\t\n\f\r ] and holds no vertical tab.
  const sets = new Map([
    ["d", rangesOf("09")],
    ["w", rangesOf("09", "AZ", "__", "az")],
    ["s", rangesOf("\t\n", "\f\r", "  ")],
  ]);
  const set = sets.get(lower);
  return set === undefined || lower === letter ? set : complementOf(set);
}

const CONTROL_ESCAPES = new Map([
  ["n", 0x0a],
  ["t", 0x09],
  ["r", 0x0d],
  ["f", 0x0c],
  ["v", 0x0b],
  ["a", 0x07],
]);

class RegexReader {
  private position = 0;
  private readonly characters: readonly string[];

  constructor(source: string) {
    this.characters = [...source];
  }

  read(): Regex {
    const regex = this.readChoice();
    if (this.peek() !== undefined) throw new Error("reference: trailing `)`");
    return regex;
  }

  private peek(offset = 0): string | undefined {
    return this.characters[this.position + offset];
  }

  private take(): string {
    const character = this.peek();
    if (character === undefined) throw new Error("reference: regular expression ends too early");
    this.position += 1;
    return character;
  }

  private takeIf(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  private takeMatch(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.characters.slice(this.position).join(""));
    if (match !== null) this.position += [...match[0]].length;
    return match;
  }

  private readChoice(): Regex {
    const items = [this.readSequence()];
    while (this.takeIf("|")) items.push(this.readSequence());
    return { kind: "choice", items };
  }

  private readSequence(): Regex {
    const items: Regex[] = [];
    for (let next = this.peek(); next !== undefined && next !== "|" && next !== ")"; next = this.peek()) {
      items.push(this.readRepeat());
    }
    return { kind: "sequence", items };
  }

  private readRepeat(): Regex {
    const item = this.readAtom();
    const match = this.takeMatch(/^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/u);
    if (match === null) return item;
    const [, sign, low, comma, high] = match;
    if (sign !== undefined) {
      return { kind: "repeat", item, min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : undefined };
    }
    const min = Number(low);
    if (comma === undefined) return { kind: "repeat", item, min, max: min };
    return { kind: "repeat", item, min, max: high === "" || high === undefined ? undefined : Number(high) };
  }

  private readAtom(): Regex {
    const character = this.take();
    if (character === "(") {
      this.takeMatch(/^\?(?::|P?<\w+>)/u);
      const inner = this.readChoice();
      if (!this.takeIf(")")) throw new Error("reference: `(` without `)`");
      return inner;
    }
    if (character === "[") return { kind: "set", ranges: this.readClass() };
    if (character === ".") return { kind: "set", ranges: complementOf(rangesOf("\n\n")) };
    if (character === "^") return { kind: "start" };
    if (character === "$") return { kind: "end" };
    if (character === "\\") {
      if (this.takeIf("A")) return { kind: "start" };
      if (this.takeIf("z")) return { kind: "end" };
      return { kind: "set", ranges: this.readEscape() };
    }
    return { kind: "set", ranges: rangesOf(character) };
  }

  private readEscape(): readonly CodePointRange[] {
    const hex = this.takeMatch(/^x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/u);
    if (hex !== null) {
      const code = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
      return [[code, code]];
    }
    const letter = this.take();
    const set = escapedSet(letter);
    if (set !== undefined) return set;
    const control = CONTROL_ESCAPES.get(letter);
    if (control !== undefined) return [[control, control]];
    if (/[0-9A-Za-z]/u.test(letter)) throw new Error(`reference: escape \`\\${letter}\` is not known`);
    return rangesOf(letter);
  }

  private readClass(): readonly CodePointRange[] {
    const negated = this.takeIf("^");
    const ranges: CodePointRange[] = [];
    for (let first = true; first || this.peek() !== "]"; first = false) {
      const low = this.takeIf("\\") ? this.readEscape() : rangesOf(this.take());
      const from = low.length === 1 ? low[0] : undefined;
      if (from !== undefined && from[0] === from[1] && this.peek() === "-" && this.peek(1) !== "]") {
        this.take();
        const high = this.takeIf("\\") ? this.readEscape() : rangesOf(this.take());
        ranges.push([from[0], high[0]?.[1] ?? from[0]]);
      } else {
        ranges.push(...low);
      }
    }
    this.take();
    return negated ? complementOf(ranges) : ranges;
  }
}

/** Returns the tree of a regular expression of the RE2 kind. Throws on what the generators never write (`\b`, `\p`, look-around). */
export function parseRegex(source: string): Regex {
  return new RegexReader(source).read();
}

/** Returns every place where a match of the expression that begins at one of the starts can end. */
function endsOf(regex: Regex, codes: readonly number[], starts: ReadonlySet<number>): ReadonlySet<number> {
  switch (regex.kind) {
    case "set": {
      const holds = (code: number) => regex.ranges.some(([low, high]) => low <= code && code <= high);
      return new Set([...starts].filter((at) => at < codes.length && holds(codes[at] ?? -1)).map((at) => at + 1));
    }
    case "sequence":
      return regex.items.reduce((places, item) => endsOf(item, codes, places), starts);
    case "choice":
      return new Set(regex.items.flatMap((item) => [...endsOf(item, codes, starts)]));
    case "repeat": {
      let places = starts;
      for (let count = 0; count < regex.min && places.size > 0; count += 1) places = endsOf(regex.item, codes, places);
      const all = new Set(places);
      for (let count = regex.min; count < (regex.max ?? Number.POSITIVE_INFINITY) && places.size > 0; count += 1) {
        places = new Set([...endsOf(regex.item, codes, places)].filter((at) => !all.has(at)));
        for (const at of places) all.add(at);
      }
      return all;
    }
    case "start":
      return new Set([...starts].filter((at) => at === 0));
    case "end":
      return new Set([...starts].filter((at) => at === codes.length));
  }
}

const regexCache = new Map<string, Regex>();

/** True iff the regular expression `source` matches all of `text`. */
export function matchesRegex(source: string, text: string): boolean {
  const cached = regexCache.get(source);
  const regex = cached ?? parseRegex(source);
  if (cached === undefined) {
    if (regexCache.size >= REGEX_CACHE_MAX) regexCache.clear();
    regexCache.set(source, regex);
  }
  // Not JavaScript's own engine: nested stars make that take exponential time. A unit test holds the two together.
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  return endsOf(regex, codes, new Set([0])).has(codes.length);
}
