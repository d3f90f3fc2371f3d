// What is wrong with one literal of a policy: a pattern, a field, a time, an amount. Not trusted: it explains what the kernel refuses.

import { attempt, compile, type FormKind, isCanonical, parseBlock, parseField, parseIp, parsePattern, parseTime } from "../kernel/index.js";
import { amountDigitsMax, patternBytesMax, significantDigitsMax } from "./bounds.js";
import { canonicalHost, canonicalPath, canonicalRoute } from "./canonicalise.js";
import { significantDigits, utf8Length } from "./json-parts.js";

/** The predicates that take one pattern or a list of them, and the patterns of actions. */
export type PatternKind = "prefix" | "suffix" | "contains" | "glob" | "matches" | "path" | "host" | "route" | "url" | "cidr" | "action";

/** Why a literal is refused: what was expected (with `got` to follow), and what was probably meant. */
export type Finding = { readonly code: string; readonly expected: string; readonly nearest?: string };

/** Returns true iff `text` is canonical for `kind`: outside that form, the predicates on it are unknown. */
export const canonicalMatches = (kind: FormKind | "ip", text: string): boolean =>
  kind === "ip" ? parseIp(text) !== undefined : isCanonical(kind, text);

// Returns why `text` is no pattern of `kind`; undefined where it is one.
function patternProblem(kind: PatternKind | "time", text: string): string | undefined {
  if (kind === "cidr") return parseBlock(text) ? undefined : "expected a block such as 10.0.0.0/8, without host bits";
  if (kind === "time") return parseTime(text) === undefined ? "expected an RFC 3339 time" : undefined;
  const expression = parsePattern(kind, text);
  if (typeof expression === "string") return expression;
  const compiled = attempt(() => compile(expression), String);
  return typeof compiled === "string" ? compiled : undefined;
}

const finding = (code: string, expected: string, nearest?: string): Finding =>
  nearest === undefined ? { code, expected } : { code, expected, nearest };

// The segments of a pattern. A segment without wildcards is a literal, and `text` then has no escapes.
type Segment = { readonly text: string; readonly literal: boolean };

function segmentsOf(pattern: string, separator: string): readonly Segment[] {
  const segments: Segment[] = [];
  let text = "";
  let literal = true;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    if (character === separator) {
      segments.push({ text, literal });
      text = "";
      literal = true;
    } else if (character === "\\" && index + 1 < pattern.length) text += pattern.charAt(++index);
    else {
      text += character;
      if (character === "*" || character === "?") literal = false;
    }
  }
  segments.push({ text, literal });
  return segments;
}

const literals = (segments: readonly Segment[]): readonly string[] =>
  segments.flatMap((segment) => (segment.literal ? [segment.text] : []));

// A segment is canonical iff it is in the shortest text that holds it.
function rootedIsCanonical(kind: "path" | "route", pattern: string): boolean {
  if (pattern === "/" || !pattern.startsWith("/")) return true;
  const segments = segmentsOf(pattern.slice(1), "/");
  const last = segments.length - 1;
  return segments.every(({ text, literal }, index) => {
    if (!literal) return true;
    if (text === "") return kind === "route" && index === last;
    return canonicalMatches(kind, `/${text}`);
  });
}

function hostIsCanonical(pattern: string): boolean {
  const segments = segmentsOf(pattern, ".");
  if (segments.every(({ literal }) => literal)) return canonicalMatches("host", segments.map(({ text }) => text).join("."));
  const inner = literals(segments.slice(0, -1));
  const [last] = literals(segments.slice(-1));
  return (
    inner.every((label) => canonicalMatches("host", `${label}.a`)) &&
    // A number may end the host only where the host can be a dotted address.
    (last === undefined || canonicalMatches("host", last) || canonicalMatches("host", `1.1.1.${last}`))
  );
}

const urlParts = /^([^:/?#]*:\/\/)([^/:#]*)((?::[^/?#]*)?)(\/[^?]*)?(?:\?([\s\S]*))?$/;

function urlIsCanonical(pattern: string): boolean {
  const [, , host, , route, query] = urlParts.exec(pattern) ?? [];
  if (host === undefined || route === undefined) return true;
  const queryIsLiteral = query !== undefined && !/[*?\\]/.test(query);
  return hostIsCanonical(host) && rootedIsCanonical("route", route) && (!queryIsLiteral || canonicalMatches("url", `http://a/?${query}`));
}

// Patterns that are plainly canonical, which most are: they need no second look.
const plain: Partial<Record<PatternKind, RegExp>> = {
  path: /^(?:\/[A-Za-z0-9_*?-][A-Za-z0-9_*?.-]*)+$/,
  route: /^(?:\/[A-Za-z0-9_*?-][A-Za-z0-9_*?.-]*)+$/,
  host: /^(?:[a-z0-9_*?-]+\.)*[a-z_*-][a-z0-9_*?-]*$/,
  action: /^[A-Za-z0-9_*?.-]+(?::[A-Za-z0-9_*?.-]+)*$/,
};

/** Returns true iff every segment of `pattern` without wildcards can stand in a canonical text; grammar is not looked at. */
export function literalsAreCanonical(kind: PatternKind, pattern: string): boolean {
  if (plain[kind]?.test(pattern)) return true;
  switch (kind) {
    case "path":
    case "route":
      return rootedIsCanonical(kind, pattern);
    case "host":
      return hostIsCanonical(pattern);
    case "url":
      return urlIsCanonical(pattern);
    case "action":
      return literals(segmentsOf(pattern, ":")).every((segment) => canonicalMatches("action", segment));
    default:
      return true;
  }
}

const expectedCanonical: Partial<Record<PatternKind, string>> = {
  path: "segments as canonical paths have them (none empty, `.` or `..`, no `/` at the end, no NUL)",
  route: "segments as canonical routes have them (none `.` or `..`, none empty but the last, escapes only where needed)",
  host: "labels as canonical hosts have them (lower-case `a-z`, `0-9`, `_` and `-`, no dot at the end, international names as `xn--`)",
  url: "host, route and query as canonical URLs have them",
  action: "segments that are not empty and have no control characters",
};

// Returns what `pattern` was probably meant to be. `..` after a wildcard has no meaning, so there is no hint then.
function canonicalHint(kind: PatternKind, pattern: string): string | undefined {
  const wild = /[*?\\]/.test(pattern);
  if (wild && (pattern.includes("\\") || /(?:^|\/)\.\.?(?:\/|$)/.test(pattern))) return undefined;
  switch (kind) {
    case "path":
      return wild ? pattern.replace(/\/{2,}/g, "/").replace(/(.)\/$/, "$1") : canonicalPath(pattern);
    case "route":
      return wild ? undefined : canonicalRoute(pattern);
    case "host":
      return wild ? pattern.toLowerCase().replace(/\.$/, "") : canonicalHost(pattern);
    case "url": {
      const [, scheme, host = "", port = "", route = "/", query] = urlParts.exec(pattern) ?? [];
      const name = canonicalHint("host", host);
      if (scheme === undefined || name === undefined) return undefined;
      return `${scheme}${name}${port}${canonicalHint("route", route) ?? route}${query === undefined ? "" : `?${query}`}`;
    }
    default:
      return undefined;
  }
}

// Returns a block that `text` was probably meant to be: a lone address is itself, host bits are cleared.
function blockHint(text: string): string | undefined {
  if (canonicalMatches("ip", text)) return `${text}/${text.includes(":") ? 128 : 32}`;
  const [, base = "", length = ""] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(text) ?? [];
  if (!canonicalMatches("ip", base) || Number(length) > 32) return undefined;
  const size = 2 ** (32 - Number(length));
  const address = base.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = address - (address % size);
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${Number(length)}`;
}

/** Returns why `pattern` can not stand as a pattern of `kind`, or undefined where it can: too long, malformed or never canonical. */
export function findPattern(kind: PatternKind, pattern: string): Finding | undefined {
  if (pattern.length * 3 > patternBytesMax && utf8Length(pattern) > patternBytesMax)
    return finding("pattern_too_long", `at most ${patternBytesMax} bytes`);
  const why = patternProblem(kind, pattern);
  if (!literalsAreCanonical(kind, pattern)) {
    const hint = canonicalHint(kind, pattern);
    const fits = hint !== undefined && hint !== pattern && patternProblem(kind, hint) === undefined;
    const expected = expectedCanonical[kind] ?? "a canonical text";
    return finding("pattern_not_canonical", expected, fits && literalsAreCanonical(kind, hint) ? hint : undefined);
  }
  if (why === undefined) return undefined;
  if (kind === "cidr") {
    const hint = blockHint(pattern);
    const fits = hint !== undefined && patternProblem(kind, hint) === undefined;
    return finding(
      "pattern_malformed",
      "a CIDR block in canonical form without host bits, such as `10.0.0.0/8` or `2001:db8::/32`",
      fits ? hint : undefined,
    );
  }
  if (why.includes("too many states")) return finding("pattern_too_complex", "a pattern that expands to fewer states");
  const reason = why.replace(/^expected (?:a pattern that )?/, "");
  return finding("pattern_malformed", `a \`${kind}\` pattern (${reason})`);
}

/** Returns why `field` can not stand as a field: its spelling, or that it is the action. `element` is for fields inside `where`. */
export function findField(field: string, element: boolean): Finding | undefined {
  const keys = parseField(field);
  if (keys === undefined)
    return finding("field_malformed", 'a field such as `args.path`, or `args["a.b"]` for a key with a dot or a bracket');
  if (keys[0] === "action" && !element) return finding("field_not_allowed", "another field: the action is none, rules name it by `action`");
  return undefined;
}

/** Returns why `text` is no time: RFC 3339, to the millisecond at most. */
export const findTime = (text: string): Finding | undefined =>
  parseTime(text) === undefined
    ? finding("time_malformed", "an RFC 3339 time to the millisecond at most, such as `2026-12-01T00:00:00Z`")
    : undefined;

/** Returns why `text` is no amount: an exact decimal of at most 30 digits, or `unlimited`. */
export function findAmount(text: string): Finding | undefined {
  const [amount, whole = "", fraction = ""] = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text) ?? [];
  const valid = text === "unlimited" || (amount !== undefined && whole.length + fraction.length <= amountDigitsMax);
  if (valid) return undefined;
  return finding("amount_malformed", `an exact decimal of at most ${amountDigitsMax} digits such as \`25.00\`, or \`unlimited\``);
}

/** Returns why a policy can not compare with `value`: it has more digits than a double is sure to hold. */
export const findNumber = (value: number): Finding | undefined =>
  significantDigits(value) > significantDigitsMax
    ? finding("number_too_precise", `a number of at most ${significantDigitsMax} significant digits`)
    : undefined;
