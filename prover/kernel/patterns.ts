// TRUSTED. The text patterns of the language as regular expressions, and the canonical forms that they are judged on.

import {
  type Automaton,
  accepts,
  alt,
  anything,
  compileExpression,
  type Expression,
  literal,
  plus,
  pointMax,
  seq,
  set,
  star,
} from "./automata.js";
import { parseRegex } from "./regex.js";

/** The predicates on strings that a regular expression decides; `action` is the pattern of a rule's `action`. */
export type TextKind = "prefix" | "suffix" | "contains" | "glob" | "matches" | "path" | "host" | "route" | "url" | "action";
/** The kinds that are unknown on a string that is not canonical. */
export const formKinds = ["path", "host", "route", "url", "action"] as const;
export type FormKind = (typeof formKinds)[number];

const labelNotNumeric =
  "(?:[a-z_-][a-z0-9_-]*|[1-9][0-9]*[a-z_-][a-z0-9_-]*|0[0-9]+[a-z_-][a-z0-9_-]*|0[a-wyz_-][a-z0-9_-]*|0x[0-9a-f]*[g-z_-][a-z0-9_-]*)";
const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const host = `(?:(?:[a-z0-9_-]+\\.)*${labelNotNumeric}|${octet}(?:\\.${octet}){3})`;
// A `pchar` of RFC 3986 as itself, or the escape of an octet that is none, save of `/` and `\`.
const plain = "[A-Za-z0-9_~!$&'()*+,;=:@-]";
const escaped = "%(?:[01][0-9A-F]|2[0235]|3[CEF]|5[BDE]|60|7[BCDF]|[89A-F][0-9A-F])";
const routeCharacter = `(?:${plain}|${escaped})`;
const routeSegment = `(?:${routeCharacter}(?:${routeCharacter}|\\.)*|\\.${routeCharacter}(?:${routeCharacter}|\\.)*|\\.\\.(?:${routeCharacter}|\\.)+)`;
const route = `/(?:${routeSegment}/)*(?:${routeSegment})?`;
// A port of 1..65535; of one with two or three digits, the scheme's default is taken out.
const longPort = "[1-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]";
const portNot80 = `(?::(?:[1-9]|[1-79][0-9]|8[1-9]|[1-9][0-9]{2}|${longPort}))?`;
const portNot443 = `(?::(?:[1-9][0-9]?|[1-35-9][0-9]{2}|4[0-35-9][0-9]|44[0-24-9]|${longPort}))?`;
const query = "(?:\\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?";

/** The canonical forms of section 4 of the language, as regular expressions of its own kind. */
export const canonicalForms: Readonly<Record<FormKind, string>> = {
  path: "/|(?:/(?:[^/\\x00.][^/\\x00]*|\\.(?:[^/\\x00.][^/\\x00]*|\\.[^/\\x00]+)))+",
  host,
  route,
  url: `(?:(?:http|ws)://${host}${portNot80}|(?:https|wss)://${host}${portNot443})${route}${query}`,
  action: "[^:\\x00-\\x1f\\x7f-\\x9f]+(?::[^:\\x00-\\x1f\\x7f-\\x9f]+)*",
};

const forms = new Map<FormKind, Automaton>();
/** Returns the automaton of the canonical strings of `kind`. */
export function formOf(kind: FormKind): Automaton {
  const known = forms.get(kind);
  if (known !== undefined) return known;
  const expression = parseRegex(canonicalForms[kind]);
  const automaton = typeof expression === "string" ? undefined : compileExpression(expression);
  if (automaton === undefined) throw new Error(`the canonical form of ${kind} does not compile`);
  forms.set(kind, automaton);
  return automaton;
}

/** Returns true iff `text` is canonical for `kind`. */
export const isCanonical = (kind: FormKind, text: string): boolean => accepts(formOf(kind), text);

const except = (...points: string[]): Expression => {
  const ranges: number[] = [];
  let next = 0;
  for (const point of points.map((p) => p.charCodeAt(0)).sort((a, b) => a - b)) {
    if (point > next) ranges.push(next, point - 1);
    next = point + 1;
  }
  return set(...ranges, next, pointMax);
};
const hostCharacter = set(0x2d, 0x2d, 0x30, 0x39, 0x5f, 0x5f, 0x61, 0x7a);

// A wildcard of a glob, or one character that stands for itself.
type Token = "*" | "?" | { readonly character: string; readonly quoted: boolean };

function tokenise(text: string): readonly Token[] | string {
  const tokens: Token[] = [];
  let quoted = false;
  for (const character of text) {
    if (!quoted && (character === "*" || character === "?")) tokens.push(character);
    else if (quoted || character !== "\\") tokens.push({ character, quoted });
    quoted = !quoted && character === "\\";
  }
  return quoted ? "a `\\` escapes nothing" : tokens;
}

const globOf = (tokens: readonly Token[], one: Expression): Expression =>
  seq(...tokens.map((token) => (token === "*" ? star(one) : token === "?" ? one : literal(token.character))));

// The segments of a pattern: `**`, or an expression for one segment and whether the empty segment may stand there.
type Segment = "**" | { readonly one: Expression; readonly star: boolean; readonly empty: boolean };

function parseSegments(text: string, separator: string, one: Expression): readonly Segment[] | string {
  const tokens = tokenise(text);
  if (typeof tokens === "string") return tokens;
  const parts: Token[][] = [[]];
  for (const token of tokens)
    if (typeof token !== "object" || token.character !== separator) parts.at(-1)?.push(token);
    else if (token.quoted) return `\`\\${separator}\` can not stand inside a segment`;
    else parts.push([]);
  const segments: Segment[] = [];
  for (const part of parts) {
    const stars = part.some((token, i) => token === "*" && part[i + 1] === "*");
    if (stars && part.length !== 2) return "`**` shares its segment with other characters";
    const star = part.length === 1 && part[0] === "*";
    segments.push(stars ? "**" : { one: star ? plus(one) : globOf(part, one), star, empty: part.length === 0 });
  }
  return segments;
}

// The texts that the segments match, each led by `separator` except where `first`. Segments are never empty here.
function joined(segments: readonly Segment[], separator: string, one: Expression, first: boolean): Expression {
  const [head, ...rest] = segments;
  if (head === undefined) return first ? alt() : seq();
  const more = star(seq(literal(separator), plus(one)));
  if (head !== "**") return seq(first ? seq() : literal(separator), head.one, joined(rest, separator, one, false));
  if (rest[0] === "**") return joined(rest, separator, one, first);
  if (!first) return seq(more, joined(rest, separator, one, false));
  return alt(joined(rest, separator, one, true), seq(plus(one), more, joined(rest, separator, one, false)));
}

const labels = (text: string, separator: string, one: Expression): Expression | string => {
  const segments = parseSegments(text, separator, one);
  return typeof segments === "string" ? segments : joined(segments, separator, one, true);
};

// Paths and routes: `/` has no segment, and of a route the last segment may be empty where it is not the only one.
function rooted(text: string, one: Expression, trailing: boolean): Expression | string {
  if (!text.startsWith("/")) return "expected a pattern that starts with `/`";
  const segments = text === "/" ? [] : parseSegments(text.slice(1), "/", one);
  if (typeof segments === "string") return segments;
  const body = joined(segments, "/", one, false);
  const alternatives = segments.every((segment) => segment === "**") ? [body, literal("/")] : [body];
  const last = segments.at(-1);
  if (trailing && last !== undefined && (last === "**" || last.star || last.empty)) {
    const before = last === "**" ? segments : segments.slice(0, -1);
    const some = before.every((segment) => segment === "**");
    const lead = some ? (before.length === 0 ? alt() : plus(seq(literal("/"), plus(one)))) : joined(before, "/", one, false);
    alternatives.push(seq(lead, literal("/")));
  }
  return alt(...alternatives);
}

const defaultPorts: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["ws", "80"],
  ["https", "443"],
  ["wss", "443"],
]);

function url(text: string): Expression | string {
  const parts = /^([a-z*]+):\/\/([^/:?#]+)(?::([0-9]+|\*))?(\/[^?]*)(?:\?([\s\S]*))?$/.exec(text);
  const [, scheme = "", hostText = "", port, routeText = "", queryText] = parts ?? [];
  if (parts === null) return "expected `scheme://host[:port]/route[?query]`";
  const schemes = scheme === "*" ? [...defaultPorts.keys()] : [scheme];
  if (!schemes.every((s) => defaultPorts.has(s))) return "expected the scheme `http`, `https`, `ws`, `wss` or `*`";
  if (port !== undefined && port !== "*" && (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65535))
    return "expected a port of 1 to 65535 or `*`";
  const hosts = labels(hostText, ".", hostCharacter);
  if (typeof hosts === "string") return hosts;
  const path = rooted(routeText, except("/", "?", "#"), true);
  if (typeof path === "string") return path;
  const tokens = queryText === undefined ? undefined : tokenise(queryText);
  if (typeof tokens === "string") return tokens;
  const tail = tokens === undefined ? seq() : seq(literal("?"), globOf(tokens, except("#")));
  const ports = (s: string): Expression => {
    if (port === "*") return alt(seq(), seq(literal(":"), plus(set(0x30, 0x39))));
    return port === undefined || port === defaultPorts.get(s) ? seq() : literal(`:${port}`);
  };
  return alt(...schemes.map((s) => seq(literal(`${s}://`), hosts, ports(s), path, tail)));
}

/** Returns the expression of one pattern of `kind`, or why `text` is no such pattern. */
export function parsePattern(kind: TextKind, text: string): Expression | string {
  switch (kind) {
    case "prefix":
      return seq(literal(text), anything);
    case "suffix":
      return seq(anything, literal(text));
    case "contains":
      return seq(anything, literal(text), anything);
    case "glob": {
      const tokens = tokenise(text);
      return typeof tokens === "string" ? tokens : globOf(tokens, set(0, pointMax));
    }
    case "matches":
      return parseRegex(text);
    case "path":
      return rooted(text, except("/"), false);
    case "route":
      return rooted(text, except("/"), true);
    case "host":
      return labels(text, ".", hostCharacter);
    case "action":
      return labels(text, ":", except(":"));
    case "url":
      return url(text);
  }
}
