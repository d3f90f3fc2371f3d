// TRUSTED. The text patterns of the language as regular expressions, and the canonical forms that they are judged on.
import { type Automaton, alt, compileExpression, type Expression, except, literal, pointMax, repeat, seq, set } from "./automata.js";
import { attempt, refuse } from "./canonical.js";
import { readRegex } from "./regex.js";

/** The kinds that are unknown on a string that is not canonical; `action` is the pattern of a rule's `action`. */
export const formKinds = ["path", "host", "route", "url", "action"] as const;
/** The predicates on strings that a regular expression decides. */
export const textKinds = ["prefix", "suffix", "contains", "glob", "matches", ...formKinds] as const;
/** One of `formKinds`. */ export type FormKind = (typeof formKinds)[number];
/** One of `textKinds`. */ export type TextKind = (typeof textKinds)[number];

// A last label that is no number: it begins with no digit, or something in it shows that it is neither decimal nor hex.
const notNumeric =
  "(?:[a-z_-][a-z0-9_-]*|[1-9][0-9]*[a-z_-][a-z0-9_-]*|0[0-9]+[a-z_-][a-z0-9_-]*|0[a-wyz_-][a-z0-9_-]*|0x[0-9a-f]*[g-z_-][a-z0-9_-]*)";
const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const host = `(?:(?:[a-z0-9_-]+\\.)*${notNumeric}|${octet}(?:\\.${octet}){3})`;
// SOURCE: RFC 3986: a `pchar` but `.` as itself, or the escape of an octet that is none, save of `/` and `\`.
const pchar = "(?:[A-Za-z0-9_~!$&'()*+,;=:@-]|%(?:[01][0-9A-F]|2[0235]|3[CEF]|5[BDE]|60|7[BCDF]|[89A-F][0-9A-F]))";
const routeSegment = `(?:${pchar}(?:${pchar}|\\.)*|\\.${pchar}(?:${pchar}|\\.)*|\\.\\.(?:${pchar}|\\.)+)`;
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
  const form = forms.get(kind) ?? compileExpression(readRegex(canonicalForms[kind])) ?? refuse("the canonical form does not compile");
  forms.set(kind, form);
  return form;
}

const any = repeat(set(0, pointMax), 0);
const hostCharacter = set(0x2d, 0x2d, 0x30, 0x39, 0x5f, 0x5f, 0x61, 0x7a);

// Returns the tokens of a glob: `*`, `?`, a character behind its backslash, or a run of others, which stand for themselves.
function tokensOf(text: string): readonly string[] {
  const tokens = text.match(/\\[\s\S]|[^*?\\]+|[*?\\]/gu) ?? [];
  return tokens.at(-1) === "\\" ? refuse("a `\\` escapes nothing") : tokens;
}
// Returns the expression of a glob whose wildcards stand for `one` character, or for a run of them.
function globOf(text: string, one: Expression): Expression {
  const plain = (token: string) => literal(token.startsWith("\\") ? token.slice(1) : token);
  return seq(...tokensOf(text).map((token) => (token === "*" ? repeat(one, 0) : token === "?" ? one : plain(token))));
}

// Returns the segments of a pattern; of two `**` in a row, one is left out.
function segmentsOf(text: string, separator: string): readonly string[] {
  if (tokensOf(text).includes(`\\${separator}`)) refuse(`\`\\${separator}\` can not stand inside a segment`);
  const segments = text.split(separator);
  const mixed = segments.some((segment) => segment !== "**" && /^(?:\\[\s\S]|[^\\])*?\*\*/.test(segment));
  if (mixed) refuse("`**` shares its segment with other characters");
  return segments.filter((segment, i) => segment !== "**" || segments[i - 1] !== "**");
}
const stars = (segments: readonly string[]) => segments.every((segment) => segment === "**");
const segmentOf = (segment: string, one: Expression) => (segment === "*" ? repeat(one, 1) : globOf(segment, one));
// Returns the texts of `count` or more segments.
const anySegments = (separator: string, one: Expression, count: number) => repeat(seq(literal(separator), repeat(one, 1)), count);
// Returns the texts of segments that are each led by the separator.
const led = (segments: readonly string[], separator: string, one: Expression): Expression =>
  seq(...segments.map((s) => (s === "**" ? anySegments(separator, one, 0) : seq(literal(separator), segmentOf(s, one)))));
// Returns the texts of segments with the separator between them: hosts and actions.
function between([head, ...rest]: readonly string[], separator: string, one: Expression): Expression {
  if (head === undefined) return alt();
  if (head !== "**") return seq(segmentOf(head, one), led(rest, separator, one));
  return alt(between(rest, separator, one), seq(repeat(one, 1), led([head, ...rest], separator, one)));
}
// Returns the texts of a pattern of paths or routes: `/` has no segment, and of a route the last of several may be empty (`trailing`).
function rooted(text: string, one: Expression, trailing: boolean): Expression {
  if (!text.startsWith("/")) refuse("expected a pattern that starts with `/`");
  const segments = text === "/" ? [] : segmentsOf(text.slice(1), "/");
  const ways = [...(segments.includes("") ? [] : [led(segments, "/", one)]), ...(stars(segments) ? [literal("/")] : [])];
  // An empty last segment is one of a last `**`, or else stands for the last `*` or empty segment: other segments lead.
  const core = segments.at(-1) === "**" ? segments.slice(0, -1) : segments;
  const leads = [...(core === segments ? [] : [segments]), ...(/^\*?$/.test(core.at(-1) ?? "?") ? [core.slice(0, -1)] : [])];
  const lead = (before: readonly string[]) => (stars(before) ? anySegments("/", one, 1) : led(before, "/", one));
  const trailed = leads.filter((before) => before.length > 0).map((before) => seq(lead(before), literal("/")));
  return alt(...ways, ...(trailing ? trailed : []));
}

const defaultPorts: ReadonlyMap<string, string> = new Map(Object.entries({ http: "80", ws: "80", https: "443", wss: "443" }));

function urlOf(text: string): Expression {
  const parts = /^([a-z*]+):\/\/([^/:?#]+)(?::([0-9]+|\*))?(\/[^?]*)(?:\?([\s\S]*))?$/.exec(text);
  const [, scheme = "", host = "", port, route = "", query] = parts ?? refuse("expected `scheme://host[:port]/route[?query]`");
  const schemes = scheme === "*" ? [...defaultPorts.keys()] : [scheme];
  if (!schemes.every((s) => defaultPorts.has(s))) refuse("expected the scheme `http`, `https`, `ws`, `wss` or `*`");
  const numbered = port !== undefined && port !== "*";
  if (numbered && (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65535)) refuse("expected a port of 1 to 65535 or `*`");
  const hosts = between(segmentsOf(host, "."), ".", hostCharacter);
  const routes = rooted(route, except("/?#"), true);
  const tail = query === undefined ? seq() : seq(literal("?"), globOf(query, except("#")));
  const anyPort = repeat(seq(literal(":"), repeat(set(0x30, 0x39), 1)), 0, 1);
  const portOf = (s: string) => (port === "*" ? anyPort : literal(numbered && port !== defaultPorts.get(s) ? `:${port}` : ""));
  return alt(...schemes.map((s) => seq(literal(`${s}://`), hosts, portOf(s), routes, tail)));
}

const readers: { readonly [Kind in TextKind]: (text: string) => Expression } = {
  prefix: (text) => seq(literal(text), any),
  suffix: (text) => seq(any, literal(text)),
  contains: (text) => seq(any, literal(text), any),
  glob: (text) => globOf(text, set(0, pointMax)),
  matches: readRegex,
  path: (text) => rooted(text, except("/"), false),
  route: (text) => rooted(text, except("/"), true),
  host: (text) => between(segmentsOf(text, "."), ".", hostCharacter),
  action: (text) => between(segmentsOf(text, ":"), ":", except(":")),
  url: urlOf,
};
/** Returns the expression of one pattern of `kind`, or why `text` is no such pattern. */
export const parsePattern = (kind: TextKind, text: string): Expression | string => attempt(() => readers[kind](text), String);
