// Writes paths, hosts and URLs in the canonical forms of the language, for those who ask. Not trusted: the kernel judges the result.
// Whoever asks with a canonical text must also act on it: what was allowed is the canonical text, not the one it was made from.

import { canonicaliseUnitsMax } from "./bounds.js";

/** Turns an international host name into its A-labels, or undefined: `domainToASCII` of `node:url` is one (its `""` counts as undefined). */
export type ToAscii = (host: string) => string | undefined;
/** Settings of the helpers. Without `toAscii`, a host with other characters than ASCII has no canonical form. */
export type CanonicaliseOptions = { readonly toAscii?: ToAscii };

const hasControl = /[\u0000-\u001f\u007f-\u009f]/;
const isReadable = (text: string): boolean => text.length <= canonicaliseUnitsMax && !/[\ud800-\udfff]/u.test(text);

// Returns the segments after `.` and `..` are resolved, as far as the root; `..` of the root is the root.
function resolveDots(segments: readonly string[]): readonly string[] {
  const resolved: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "..") resolved.pop();
    if (segment !== ".." && segment !== ".") resolved.push(segment);
    // SOURCE: RFC 3986 section 5.2.4: a dot segment at the end leaves a `/` behind.
    else if (last) resolved.push("");
  }
  return resolved;
}

/**
 * Returns the canonical form of an absolute path: empty and `.` segments dropped, `..` resolved, no `/` at the end. Undefined where
 * the path is relative, holds a NUL, or is longer than 65,536 code units. `..` is resolved in the text alone: where the file system has symbolic
 * links, resolve them first.
 * @example canonicalPath("/data/../etc//passwd/") === "/etc/passwd"
 */
export function canonicalPath(text: string): string | undefined {
  if (!text.startsWith("/") || text.includes("\0") || text.length > canonicaliseUnitsMax) return undefined;
  const segments = resolveDots(text.split("/").filter((segment) => segment !== ""));
  return `/${segments.filter((segment) => segment !== "").join("/")}`;
}

// A number as the URL standard reads it in a host, or undefined.
function hostNumber(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]*$/.test(text)) return text.length === 2 ? 0 : Number.parseInt(text.slice(2), 16);
  if (!/^[0-9]+$/.test(text)) return undefined;
  if (text.length > 1 && text.startsWith("0")) return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
  return Number(text);
}

// SOURCE: WHATWG URL standard, the IPv4 parser: one to four numbers, the last of which fills what is left.
function canonicalNumericHost(labels: readonly string[]): string | undefined {
  const numbers = labels.map(hostNumber);
  const last = numbers.at(-1);
  if (labels.length > 4 || last === undefined || last >= 256 ** (5 - labels.length)) return undefined;
  let address = last;
  for (const [index, number] of numbers.slice(0, -1).entries()) {
    if (number === undefined || number > 255) return undefined;
    address += number * 256 ** (3 - index);
  }
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/**
 * Returns the canonical form of a host name: lower case, one dot at the end dropped, numeric hosts as dotted IPv4, international names by
 * `options.toAscii`. Undefined where there is none: empty labels, other characters, an IPv6 literal.
 * @example canonicalHost("API.Example.com.") === "api.example.com"
 */
export function canonicalHost(text: string, options: CanonicaliseOptions = {}): string | undefined {
  if (!isReadable(text)) return undefined;
  let ascii = text;
  if (/[^\u0000-\u007f]/.test(text)) {
    const made = options.toAscii?.(text);
    if (made === undefined || /[^\u0000-\u007f]/.test(made)) return undefined;
    ascii = made;
  }
  const labels = ascii.toLowerCase().replace(/\.$/, "").split(".");
  if (!labels.every((label) => /^[a-z0-9_-]+$/.test(label))) return undefined;
  // SOURCE: WHATWG URL standard, "ends in a number": such a host is an IPv4 address or nothing.
  return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "") ? canonicalNumericHost(labels) : labels.join(".");
}

const unreserved = /^[A-Za-z0-9._~-]$/;
const encoder = new TextEncoder();
const escapeOf = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;

// Returns `text` with every character as `allowed` wants it: escapes upper-case and of unreserved characters undone, the rest escaped
// where it must be. Undefined where an escape is broken or `refused`.
function normaliseEscapes(text: string, allowed: RegExp, refused: RegExp): string | undefined {
  let result = "";
  for (let index = 0; index < text.length; ) {
    if (text[index] === "%") {
      const hex = text.slice(index + 1, index + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return undefined;
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      if (refused.test(character)) return undefined;
      result += unreserved.test(character) ? character : `%${hex.toUpperCase()}`;
      index += 3;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    if (allowed.test(character)) result += character;
    else for (const byte of encoder.encode(character)) result += escapeOf(byte);
    index += character.length;
  }
  return result;
}

const routeCharacter = /^[A-Za-z0-9._~!$&'()*+,;=:@/-]$/;
// An escaped separator has no canonical form, and undoing the escape of a reserved character could change what a server understands.
const routeEscapeRefused = /^[/\\!$&'()*+,;=:@]$/;
const queryCharacter = /^[A-Za-z0-9._~!$&'()*+,;=:@/?-]$/;
const nothing = /(?!)/;

/**
 * Returns the canonical form of the path of a URL: dot segments resolved (also escaped ones), escapes upper-case and only where RFC 3986
 * needs them, a `/` at the end kept. Undefined where there is none: empty segments but the last, backslashes, control characters, `?`, `#`,
 * broken escapes, and escapes of `/`, `\` or of a reserved character that needs none (undoing those could change their meaning).
 * @example canonicalRoute("/a/%7euser/./b c/") === "/a/~user/b%20c/"
 */
export function canonicalRoute(text: string): string | undefined {
  if (!text.startsWith("/") || !isReadable(text) || hasControl.test(text) || /[\\?#]/.test(text)) return undefined;
  const normal = normaliseEscapes(text, routeCharacter, routeEscapeRefused);
  if (normal === undefined || normal.includes("//")) return undefined;
  return `/${resolveDots(normal.slice(1).split("/")).join("/")}`;
}

const defaultPorts: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["ws", "80"],
  ["https", "443"],
  ["wss", "443"],
]);

function canonicalPort(scheme: string, port: string): string | undefined {
  const digits = port.replace(/^:0*/, "");
  if (port === "" || port === ":" || digits === defaultPorts.get(scheme)) return "";
  return /^[1-9][0-9]{0,4}$/.test(digits) && Number(digits) <= 65_535 ? `:${digits}` : undefined;
}

/**
 * Returns the canonical form of an absolute `http`, `https`, `ws` or `wss` URL: lower-case scheme and host, no default port, a canonical
 * route and query, the fragment dropped (it is never sent). Undefined where there is none: any other scheme, user info, an IPv6 host,
 * control characters, backslashes, spaces at the ends, a route without canonical form.
 * @example canonicalUrl("HTTPS://API.example.com:443/a/../b?q=%7e#top") === "https://api.example.com/b?q=~"
 */
export function canonicalUrl(text: string, options: CanonicaliseOptions = {}): string | undefined {
  // Spaces at the ends are where readers of URLs differ: some drop them, some escape them.
  if (!isReadable(text) || hasControl.test(text) || text.includes("\\") || text.endsWith(" ")) return undefined;
  const parts = /^([A-Za-z]+):\/\/([^/?#:@]*)((?::[0-9]*)?)((?:\/[^?#]*)?)((?:\?[^#]*)?)(?:#.*)?$/u.exec(text);
  const [, schemeText = "", hostText = "", portText = "", routeText = "", queryText = ""] = parts ?? [];
  const scheme = schemeText.toLowerCase();
  if (parts === null || !defaultPorts.has(scheme)) return undefined;
  const host = canonicalHost(hostText, options);
  const port = canonicalPort(scheme, portText);
  const route = canonicalRoute(routeText === "" ? "/" : routeText);
  const query = normaliseEscapes(queryText.slice(1), queryCharacter, nothing);
  if (host === undefined || port === undefined || route === undefined || query === undefined) return undefined;
  return `${scheme}://${host}${port}${route}${queryText === "" ? "" : `?${query}`}`;
}
