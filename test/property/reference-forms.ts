// The text patterns and canonical forms of the second evaluator of `atmost/1`: globs, segments, paths, routes, hosts, addresses, urls, times.
// Not trusted, and slow; what is no pattern throws.

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

/** True iff the glob matches all of `text`. */
export function matchesGlob(pattern: string, text: string): boolean {
  return matchesTokens([...pattern], [...text]);
}

/** True iff the segment globs, `**` among them, match all of the segments. */
export function matchesSegments(patterns: readonly string[], segments: readonly string[]): boolean {
  const [head, ...tail] = patterns;
  const [first, ...others] = segments;
  if (head === undefined) return first === undefined;
  if (head === "**") return matchesSegments(tail, segments) || (first !== undefined && matchesSegments(patterns, others));
  return first !== undefined && matchesGlob(head, first) && matchesSegments(tail, others);
}

/** Returns the segments of a path. */
export const slashSegments = (text: string): readonly string[] => (text === "/" ? [] : text.slice(1).split("/"));

// ---- canonical forms ----

/** True iff `text` is a path in canonical form. */
export function isCanonicalPath(text: string): boolean {
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

/** True iff `text` is a route in canonical form. */
export function isCanonicalRoute(text: string): boolean {
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

/** True iff `text` is a host in canonical form. */
export function isCanonicalHost(text: string): boolean {
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

/** True iff the address is in the CIDR block. */
export function isInBlock(block: string, address: Address): boolean {
  const [text = "", length = ""] = block.split("/");
  const base = parseAddress(text);
  if (base === undefined || !/^[0-9]+$/u.test(length)) throw new Error(`reference: not a block: \`${block}\``);
  const shift = BigInt(base.bits - Number(length));
  return base.bits === address.bits && base.value >> shift === address.value >> shift;
}

type Url = { scheme: string; host: string; port: string; route: string; query: string | undefined };

const defaultPort = (scheme: string): string => (scheme === "https" || scheme === "wss" ? "443" : "80");

/** Returns the parts of a url in canonical form, or `undefined`. */
export function parseUrl(text: string): Url | undefined {
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

/** True iff the url pattern matches `url`. */
export function matchesUrl(pattern: string, url: Url): boolean {
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
