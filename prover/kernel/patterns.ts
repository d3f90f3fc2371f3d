// TRUSTED. The text patterns of the language as regular expressions, and the canonical forms that they are judged on.
import { Automaton, type Expression } from "./automata.js";
import { attempt, refuse } from "./canonical.js";
import { readRegex } from "./regex.js";

/** The kinds that are unknown on a string that is not canonical; `action` is the pattern of a rule's `action`. */
export const formKinds = ["path", "host", "route", "url", "action"] as const;
/** The predicates on strings that a regular expression decides. */
export const textKinds = ["prefix", "suffix", "contains", "glob", "matches", ...formKinds] as const;
/** One of `formKinds`. */
export type FormKind = (typeof formKinds)[number];
/** One of `textKinds`. */
export type TextKind = (typeof textKinds)[number];

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

const forms = new Map(formKinds.map((kind) => [kind, new Automaton(() => readRegex(canonicalForms[kind]))]));
/** Returns the automaton of the canonical strings of `kind`. */
export const formOf = (kind: FormKind): Automaton => forms.get(kind) ?? refuse("no such form");

// What follows writes patterns as regular expressions. `one` is that of a character that may stand in the place of a wildcard.
const quote = (text: string): string => text.replace(/[\\^$.*+?()[{|]/g, "\\$&");
// Returns the tokens of a glob: `*`, `?`, a character behind its backslash, or a run of others, which stand for themselves.
const tokensOf = (text: string): readonly string[] => text.match(/\\[\s\S]|[^*?\\]+|[*?\\]/gu) ?? [];
const plain = (token: string): string => (token === "\\" ? refuse("a `\\` escapes nothing") : quote(token.replace(/^\\/, "")));
const globOf = (text: string, one: string): string =>
  tokensOf(text)
    .map((token) => (token === "*" ? `${one}*` : token === "?" ? one : plain(token)))
    .join("");
// Returns the segments of a pattern; of two `**` in a row, one is left out.
function segmentsOf(text: string, separator: string): readonly string[] {
  if (tokensOf(text).includes(`\\${separator}`)) refuse(`\`\\${separator}\` can not stand inside a segment`);
  const segments = text.split(separator);
  const mixed = segments.some((segment) => segment !== "**" && /^(?:\\[\s\S]|[^\\])*?\*\*/.test(segment));
  if (mixed) refuse("`**` shares its segment with other characters");
  return segments.filter((segment, i) => segment !== "**" || segments[i - 1] !== "**");
}
// INVARIANT: it is asked of canonical texts only. There, only the last segment of a route can be empty, and never the first one: `/` has none.
function between([head, ...rest]: readonly string[], separator: string, one: string): string {
  if (head === undefined) return "";
  const any = `(?:${quote(separator)}${one}*)*`;
  const more = rest.map((segment) => (segment === "**" ? any : quote(separator) + globOf(segment, one))).join("");
  if (head === "**") return `(?:${between(rest, separator, one)}|${one}+${any}${more})`;
  return head === "" ? "[^\\s\\S]" : (head === "*" ? `${one}+` : globOf(head, one)) + more;
}
function rooted(text: string, one: string): string {
  if (!text.startsWith("/")) refuse("expected a pattern that starts with `/`");
  return `/${between(text === "/" ? [] : segmentsOf(text.slice(1), "/"), "/", one)}`;
}

const defaultPorts: ReadonlyMap<string, string> = new Map(Object.entries({ http: "80", ws: "80", https: "443", wss: "443" }));
function urlOf(text: string): string {
  const parts = /^([a-z*]+):\/\/([^/:?#]+)(?::([0-9]+|\*))?(\/[^?]*)(?:\?([\s\S]*))?$/.exec(text);
  const [, scheme = "", host = "", port, route = "", query] = parts ?? refuse("expected `scheme://host[:port]/route[?query]`");
  const schemes = scheme === "*" ? [...defaultPorts.keys()] : [scheme];
  if (!schemes.every((s) => defaultPorts.has(s))) refuse("expected the scheme `http`, `https`, `ws`, `wss` or `*`");
  const numbered = port !== undefined && port !== "*";
  if (numbered && (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65535)) refuse("expected a port of 1 to 65535 or `*`");
  const portOf = (s: string) => (port === "*" ? "(?::[0-9]+)?" : numbered && port !== defaultPorts.get(s) ? `:${port}` : "");
  const hosts = between(segmentsOf(host, "."), ".", "[a-z0-9_-]");
  const rest = rooted(route, "[^/?#]") + (query === undefined ? "" : `\\?${globOf(query, "[^#]")}`);
  return `(?:${schemes.map((s) => `${s}://${hosts}${portOf(s)}${rest}`).join("|")})`;
}

const readers: { readonly [Kind in TextKind]: (text: string) => string } = {
  prefix: (text) => `${quote(text)}[\\s\\S]*`,
  suffix: (text) => `[\\s\\S]*${quote(text)}`,
  contains: (text) => `[\\s\\S]*${quote(text)}[\\s\\S]*`,
  glob: (text) => globOf(text, "[\\s\\S]"),
  matches: (text) => text,
  path: (text) => rooted(text, "[^/]"),
  route: (text) => rooted(text, "[^/]"),
  host: (text) => between(segmentsOf(text, "."), ".", "[a-z0-9_-]"),
  action: (text) => between(segmentsOf(text, ":"), ":", "[^:]"),
  url: urlOf,
};
/** Returns the expression of one pattern of `kind`, or why `text` is no such pattern. */
export const parsePattern = (kind: TextKind, text: string): Expression | string => attempt(() => readRegex(readers[kind](text)), String);
