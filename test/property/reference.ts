// A second evaluator of `atmost/1`, written from language.md alone and as plainly as possible, to test the kernel's against.
// Not trusted, slow, and only for documents that are valid: an invalid one throws.

/** A truth of Kleene's three-valued logic. */
export type Truth = "true" | "false" | "unknown";

/** A decision; `deny < ask < allow`. */
export type Decision = "deny" | "ask" | "allow";

type JsonObject = { readonly [key: string]: unknown };

const REGEX_CACHE_MAX = 5_000;
const CODE_POINT_MAX = 0x10ffff;

// ---- small helpers ----

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new Error(`reference: ${what} is not an object`);
  return value;
}

function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`reference: ${what} is not an array`);
  return value;
}

function stringOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`reference: ${what} is not a string`);
  return value;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value !== "number") throw new Error(`reference: ${what} is not a number`);
  return value;
}

function stringsOf(value: unknown, what: string): readonly string[] {
  return Array.isArray(value) ? value.map((item) => stringOf(item, what)) : [stringOf(value, what)];
}

const truthOf = (condition: boolean): Truth => (condition ? "true" : "false");
const not = (truth: Truth): Truth => (truth === "unknown" ? "unknown" : truthOf(truth === "false"));

function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes("false")) return "false";
  return truths.includes("unknown") ? "unknown" : "true";
}

function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes("true")) return "true";
  return truths.includes("unknown") ? "unknown" : "false";
}

// ---- fields ----

/** Returns the keys that a dotted path with brackets names: `args["a.b"].c` is `args`, `a.b`, `c`. Throws on another form. */
export function fieldKeys(field: string): readonly string[] {
  const keys: string[] = [];
  let rest = field;
  while (rest !== "") {
    const bracket = /^\[("(?:[^"\\]|\\.)*")\]/u.exec(rest);
    const plain = /^\.?([^.[\]]+)/u.exec(rest);
    const match = bracket ?? plain;
    if (match?.[1] === undefined) throw new Error(`reference: not a field: \`${field}\``);
    keys.push(bracket === null ? match[1] : stringOf(JSON.parse(match[1]), "key"));
    rest = rest.slice(match[0].length);
  }
  return keys;
}

type Found = { readonly kind: "value"; readonly value: unknown } | { readonly kind: "absent" } | { readonly kind: "obscured" };

function lookUp(root: unknown, keys: readonly string[]): Found {
  let current = root;
  for (const key of keys) {
    if (!isObject(current)) return { kind: "obscured" };
    if (!Object.hasOwn(current, key)) return { kind: "absent" };
    current = current[key];
  }
  return { kind: "value", value: current };
}

/** Returns the truth of one predicate on a field, named by its keys, of an object: absence and obscured paths included. */
export function referenceFieldTruth(root: unknown, keys: readonly string[], predicateName: string, argument: unknown): Truth {
  const found = lookUp(root, keys);
  if (predicateName === "present") return truthOf((found.kind === "value") === (argument === true));
  if (found.kind === "absent") return "false";
  if (found.kind === "obscured") return "unknown";
  return referenceTruth(predicateName, argument, found.value);
}

// ---- text ----

function matchesTokens(pattern: readonly string[], text: readonly string[]): boolean {
  const [head, ...tail] = pattern;
  if (head === undefined) return text.length === 0;
  if (head === "*") return matchesTokens(tail, text) || (text.length > 0 && matchesTokens(pattern, text.slice(1)));
  if (text.length === 0) return false;
  if (head === "?") return matchesTokens(tail, text.slice(1));
  if (head === "\\") return tail[0] === text[0] && matchesTokens(tail.slice(1), text.slice(1));
  return head === text[0] && matchesTokens(tail, text.slice(1));
}

function matchesGlob(pattern: string, text: string): boolean {
  return matchesTokens([...pattern], [...text]);
}

function matchesSegments(patterns: readonly string[], segments: readonly string[]): boolean {
  const [head, ...tail] = patterns;
  const [first, ...others] = segments;
  if (head === undefined) return first === undefined;
  if (head === "**") return matchesSegments(tail, segments) || (first !== undefined && matchesSegments(patterns, others));
  return first !== undefined && matchesGlob(head, first) && matchesSegments(tail, others);
}

const slashSegments = (text: string): readonly string[] => (text === "/" ? [] : text.slice(1).split("/"));

// ---- regular expressions ----

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

function matchesRegex(source: string, text: string): boolean {
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

// ---- canonical forms ----

function isCanonicalPath(text: string): boolean {
  if (text === "/") return true;
  if (!text.startsWith("/") || text.includes("\0")) return false;
  return slashSegments(text).every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

// SOURCE: RFC 3986, appendix A: pchar = unreserved / pct-encoded / sub-delims / ":" / "@"
const RAW_PCHAR = /^[A-Za-z0-9\-._~!$&'()*+,;=:@]$/u;

function isPcharText(text: string, extra: string, escapesOnlyWhereNeeded: boolean): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (RAW_PCHAR.test(character) || (character !== "" && extra.includes(character))) continue;
    const encoded = /^%([0-9A-F]{2})/u.exec(text.slice(at, at + 3));
    if (encoded?.[1] === undefined) return false;
    const octet = String.fromCharCode(Number.parseInt(encoded[1], 16));
    if (escapesOnlyWhereNeeded && (RAW_PCHAR.test(octet) || "/\\.".includes(octet))) return false;
    at += 2;
  }
  return true;
}

function isCanonicalRoute(text: string): boolean {
  if (text === "/") return true;
  if (!text.startsWith("/")) return false;
  const segments = slashSegments(text);
  return segments.every(
    (segment, index) =>
      segment !== "." && segment !== ".." && (segment !== "" || index === segments.length - 1) && isPcharText(segment, "", true),
  );
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/u.test(part) && Number(part) <= 255);
}

function isCanonicalHost(text: string): boolean {
  const labels = text.split(".");
  if (!labels.every((label) => /^[a-z0-9_-]+$/u.test(label))) return false;
  const last = labels[labels.length - 1] ?? "";
  return /^([0-9]+|0x[0-9a-f]*)$/u.test(last) ? isIpv4(text) : true;
}

type Address = { readonly bits: number; readonly value: bigint };

function ipv6Text(value: bigint): string {
  const groups: string[] = [];
  for (let index = 7; index >= 0; index -= 1) groups.push(((value >> BigInt(index * 16)) & 0xffffn).toString(16));
  // SOURCE: RFC 5952, section 4.2: the longest run of two or more zero groups is shortened, the first one of several.
  for (let length = 8; length >= 2; length -= 1) {
    for (let start = 0; start + length <= 8; start += 1) {
      if (groups.slice(start, start + length).every((group) => group === "0")) {
        return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
      }
    }
  }
  return groups.join(":");
}

/** Returns the text of an address as RFC 5952 and dotted decimals write it; `bits` is 32 or 128. */
export function addressText(address: Address): string {
  if (address.bits === 128) return ipv6Text(address.value);
  return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 255n)).join(".");
}

/** Returns the address that a canonical text names, or `undefined`. */
export function parseAddress(text: string): Address | undefined {
  if (isIpv4(text)) {
    return { bits: 32, value: text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  if (!/^[0-9a-f:]+$/u.test(text)) return undefined;
  const halves = text.split("::");
  const [left = [], right = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - right.length;
  if (halves.length > 2 || missing < 0 || (halves.length === 1 && missing !== 0)) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/u.test(group))) return undefined;
  const value = groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  const isMapped = value >> 32n === 0xffffn;
  return !isMapped && ipv6Text(value) === text ? { bits: 128, value } : undefined;
}

function isInBlock(block: string, address: Address): boolean {
  const [text = "", length = ""] = block.split("/");
  const base = parseAddress(text);
  if (base === undefined || !/^[0-9]+$/u.test(length)) throw new Error(`reference: not a block: \`${block}\``);
  const shift = BigInt(base.bits - Number(length));
  return base.bits === address.bits && base.value >> shift === address.value >> shift;
}

type Url = { scheme: string; host: string; port: string; route: string; query: string | undefined };

const defaultPort = (scheme: string): string => (scheme === "https" || scheme === "wss" ? "443" : "80");

function parseUrl(text: string): Url | undefined {
  const match = /^(http|https|ws|wss):\/\/([^/?#:@]*)(?::([0-9]*))?(\/[^?#]*)(?:\?([^#]*))?$/u.exec(text);
  if (match === null) return undefined;
  const [, scheme = "", host = "", port, route = "", query] = match;
  if (!isCanonicalHost(host) || !isCanonicalRoute(route)) return undefined;
  if (port !== undefined) {
    if (!/^[1-9][0-9]{0,4}$/u.test(port) || Number(port) > 65_535 || port === defaultPort(scheme)) return undefined;
  }
  if (query !== undefined && !isPcharText(query, "/?", false)) return undefined;
  return { scheme, host, port: port ?? defaultPort(scheme), route, query };
}

function matchesUrl(pattern: string, url: Url): boolean {
  const match = /^([a-z]+|\*):\/\/([^/:]*)(?::([0-9]+|\*))?(\/[^?]*)(?:\?([\s\S]*))?$/u.exec(pattern);
  if (match === null) throw new Error(`reference: not a url pattern: \`${pattern}\``);
  const [, scheme = "", host = "", port, route = "", query] = match;
  if (scheme !== "*" && scheme !== url.scheme) return false;
  if (port !== "*" && (port ?? defaultPort(url.scheme)) !== url.port) return false;
  if (!matchesSegments(host.split("."), url.host.split("."))) return false;
  if (!matchesSegments(slashSegments(route), slashSegments(url.route))) return false;
  if (query === undefined || url.query === undefined) return query === url.query;
  return matchesGlob(query, url.query);
}

/** Returns epoch milliseconds of an RFC 3339 time; a leap second is the first moment of the next minute. */
export function parseTime(text: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/iu.exec(text);
  if (match === null) throw new Error(`reference: not a time: \`${text}\``);
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offset = sign === undefined ? 0 : (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return date.getTime() + Number(fraction ?? "0") * 1000 - (sign === "-" ? -offset : offset);
}

// ---- predicates ----

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string";
}

function anyPattern(argument: unknown, test: (pattern: string) => boolean): Truth {
  return truthOf(stringsOf(argument, "pattern").some(test));
}

function standsAt(text: readonly string[], start: number, part: readonly string[]): boolean {
  return part.every((character, at) => text[start + at] === character);
}

function stringTruth(name: string, argument: unknown, text: string): Truth {
  const characters = [...text];
  switch (name) {
    case "prefix":
      return anyPattern(argument, (pattern) => standsAt(characters, 0, [...pattern]));
    case "suffix":
      return anyPattern(argument, (pattern) => standsAt([...characters].reverse(), 0, [...pattern].reverse()));
    case "contains":
      return anyPattern(argument, (pattern) => ["", ...characters].some((_, start) => standsAt(characters, start, [...pattern])));
    case "glob":
      return anyPattern(argument, (pattern) => matchesGlob(pattern, text));
    case "matches":
      return anyPattern(argument, (pattern) => matchesRegex(pattern, text));
    case "path":
      if (!isCanonicalPath(text)) return "unknown";
      return anyPattern(argument, (pattern) => matchesSegments(slashSegments(pattern), slashSegments(text)));
    case "host":
      if (!isCanonicalHost(text)) return "unknown";
      return anyPattern(argument, (pattern) => matchesSegments(pattern.split("."), text.split(".")));
    case "route":
      if (!isCanonicalRoute(text)) return "unknown";
      return anyPattern(argument, (pattern) => matchesSegments(slashSegments(pattern), slashSegments(text)));
    case "url": {
      const url = parseUrl(text);
      return url === undefined ? "unknown" : anyPattern(argument, (pattern) => matchesUrl(pattern, url));
    }
    case "cidr": {
      const address = parseAddress(text);
      return address === undefined ? "unknown" : anyPattern(argument, (block) => isInBlock(block, address));
    }
    default:
      throw new Error(`reference: predicate \`${name}\` is not known`);
  }
}

function numberTruth(name: string, argument: unknown, value: number): Truth {
  switch (name) {
    case "lt":
      return truthOf(value < numberOf(argument, "lt"));
    case "lte":
      return truthOf(value <= numberOf(argument, "lte"));
    case "gt":
      return truthOf(value > numberOf(argument, "gt"));
    case "gte":
      return truthOf(value >= numberOf(argument, "gte"));
    case "before":
      return truthOf(value < parseTime(stringOf(argument, "before")));
    default:
      return truthOf(value >= parseTime(stringOf(argument, "after")));
  }
}

function elementTruth(inner: unknown, element: unknown): Truth {
  return allOf(
    Object.entries(objectOf(inner, "inner predicate")).map(([name, argument]) => {
      if (name === "where") return isObject(element) ? referenceCondition(argument, element) : "unknown";
      if (name === "present") return truthOf(argument === true);
      return referenceTruth(name, argument, element);
    }),
  );
}

/** Returns the truth of one predicate on a value that is there; `present` is asked of the field, not here. */
export function referenceTruth(predicateName: string, argument: unknown, value: unknown): Truth {
  if (typeof value === "number" && !Number.isFinite(value)) return "unknown";
  switch (predicateName) {
    case "eq":
      return isScalar(value) ? truthOf(value === argument) : "unknown";
    case "in":
      return isScalar(value) ? truthOf(arrayOf(argument, "in").some((item) => item === value)) : "unknown";
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "before":
    case "after":
      return typeof value === "number" ? numberTruth(predicateName, argument, value) : "unknown";
    case "each":
      return Array.isArray(value) ? allOf(value.map((element) => elementTruth(argument, element))) : "unknown";
    case "some":
      return Array.isArray(value) ? anyOf(value.map((element) => elementTruth(argument, element))) : "unknown";
    case "keys": {
      if (!isObject(value)) return "unknown";
      const { only, has } = objectOf(argument, "keys");
      const own = Object.keys(value);
      const onlyHolds = only === undefined || own.every((key) => arrayOf(only, "only").includes(key));
      return truthOf(onlyHolds && (has === undefined || arrayOf(has, "has").every((key) => own.some((k) => k === key))));
    }
    default:
      return typeof value === "string" ? stringTruth(predicateName, argument, value) : "unknown";
  }
}

// ---- conditions, rules, policies ----

/** Returns the truth of a condition over the fields of an object. */
export function referenceCondition(condition: unknown, root: unknown): Truth {
  return allOf(
    Object.entries(objectOf(condition, "condition")).map(([key, argument]) => {
      if (key === "all") return allOf(arrayOf(argument, "all").map((item) => referenceCondition(item, root)));
      if (key === "any") return anyOf(arrayOf(argument, "any").map((item) => referenceCondition(item, root)));
      if (key === "not") return not(referenceCondition(argument, root));
      const keys = fieldKeys(key);
      return allOf(Object.entries(objectOf(argument, "predicates")).map(([name, value]) => referenceFieldTruth(root, keys, name, value)));
    }),
  );
}

/** True iff the action is well formed and the action pattern matches it. */
export function referenceActionMatches(patterns: unknown, action: string): boolean {
  const segments = action.split(":");
  if (segments.includes("") || /\p{Cc}/u.test(action)) return false;
  return stringsOf(patterns, "action").some((pattern) => matchesSegments(pattern.split(":"), segments));
}

function rulesDecision(rules: unknown, request: unknown): Decision {
  if (!isObject(request) || !Object.hasOwn(request, "action")) return "deny";
  const action = request["action"];
  if (typeof action !== "string") return "deny";
  const truths = new Map<string, Truth[]>([
    ["deny", []],
    ["ask", []],
    ["allow", []],
  ]);
  for (const item of arrayOf(rules, "rules")) {
    const rule = objectOf(item, "rule");
    if (!referenceActionMatches(rule["action"], action)) continue;
    const when = referenceCondition(rule["when"] ?? {}, request);
    const unless = rule["unless"] === undefined ? "false" : referenceCondition(rule["unless"], request);
    truths.get(stringOf(rule["effect"], "effect"))?.push(allOf([when, not(unless)]));
  }
  const [deny = [], ask = [], allow = []] = [...truths.values()];
  if (anyOf(deny) !== "false") return "deny";
  if (!allow.includes("true") && !ask.includes("true")) return "deny";
  return anyOf(ask) !== "false" ? "ask" : "allow";
}

/** Returns the decision of a policy document on a request, whatever the request's shape. */
export function referenceDecision(document: unknown, request: unknown): Decision {
  const policy = objectOf(document, "policy");
  const limits = objectOf(policy["limits"] ?? {}, "limits");
  if (limits["expires"] !== undefined) {
    const time = lookUp(request, ["context", "time"]);
    if (time.kind !== "value" || typeof time.value !== "number") return "deny";
    if (!(Number.isFinite(time.value) && time.value < parseTime(stringOf(limits["expires"], "expires")))) return "deny";
  }
  return rulesDecision(policy["rules"], request);
}

/** Returns the decision of a policy document's delegable view on a request: the lesser of policy and delegation, nothing without depth. */
export function referenceView(document: unknown, request: unknown): Decision {
  const policy = objectOf(document, "policy");
  const depth = objectOf(policy["limits"] ?? {}, "limits")["depth"] ?? 0;
  const delegation = policy["delegation"] ?? "none";
  if (delegation === "none" || (depth !== "unlimited" && numberOf(depth, "depth") < 1)) return "deny";
  const own = referenceDecision(document, request);
  if (delegation === "all") return own;
  const handed = rulesDecision(objectOf(delegation, "delegation")["rules"], request);
  if (own === "deny" || handed === "deny") return "deny";
  return own === "ask" || handed === "ask" ? "ask" : "allow";
}
