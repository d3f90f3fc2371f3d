// TRUSTED. Addresses, times, amounts and fields: the literals of the language that are not patterns.
import { attempt } from "./canonical.js";

const [v4, fieldKeysMax] = [1n << 128n, 32];

/** Returns the RFC 5952 text of an address: IPv6 as 0 … 2^128-1, IPv4 from 2^128 on. */
export function formatIp(address: bigint): string {
  if (address >= v4) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(":");
  const longest = (groups.match(/\b0(?::0)+\b/g) ?? []).reduce((best, run) => (run.length > best.length ? run : best), "");
  return longest === "" ? groups : groups.replace(new RegExp(`(?:^|:)${longest}(?::|$)`), "::");
}
/** Returns the address that `text` writes canonically (RFC 5952, no IPv4-mapped IPv6), else undefined. */
export function parseIp(text: string): bigint | undefined {
  if (!/^[0-9a-f.:]{2,39}$/.test(text)) return undefined;
  const [head = [], tail = []] = text.split("::", 2).map((half) => (half === "" ? [] : half.split(":")));
  const zeros = Array.from({ length: Math.max(8 - head.length - tail.length, 0) }, () => "0");
  const octets = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? text.split(".") : undefined;
  const groups = octets ?? [...head, ...zeros, ...tail];
  if (octets === undefined && (groups.length !== 8 || !groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)))) return undefined;
  const place = (sum: bigint, group: string) => (octets ? sum * 256n + BigInt(group) : sum * 65536n + BigInt(`0x${group}`));
  const address = groups.reduce(place, octets ? 1n << 96n : 0n);
  return address >> 32n === 0xffffn || formatIp(address) !== text ? undefined : address;
}
/** Returns the first and last address of a CIDR block without host bits, else undefined. */
export function parseBlock(text: string): readonly [bigint, bigint] | undefined {
  const [, base = "", length = ""] = /^([0-9a-f.:]+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  const address = parseIp(base);
  const bits = (address !== undefined && address >= v4 ? 32 : 128) - Number(length);
  const size = 1n << BigInt(Math.max(bits, 0));
  return address === undefined || bits < 0 || address % size !== 0n ? undefined : [address, address + size - 1n];
}
/** Returns the epoch milliseconds of an RFC 3339 time, else undefined. A leap second counts as the second after it. */
export function parseTime(text: string): number | undefined {
  const time = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(?:\.(\d{1,3})0*)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
  const [, date = "", minute, second, fraction = "", offset = ""] = time.exec(text) ?? [];
  if (date === "" || !new Date(`${date}T00:00Z`).toJSON()?.startsWith(date)) return undefined;
  const whole = Date.parse(`${date}T${minute}${offset.toUpperCase()}`) + Number(second) * 1000;
  // SOURCE: RFC 3339 section 5.7: a leap second is 23:59:60 UTC on the last day of a month.
  if (second === "60" && !new Date(whole).toISOString().includes("-01T00:00:00")) return undefined;
  return whole + Number(fraction.padEnd(3, "0"));
}
/** Returns an exact decimal of at most 30 digits, in units of 10^-30; undefined where `text` is none. */
export function parseAmount(text: string): bigint | undefined {
  const [, whole = "", fraction = ""] = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text) ?? [];
  return whole === "" || whole.length + fraction.length > 30 ? undefined : BigInt(whole + fraction.padEnd(30, "0"));
}
/** Returns the keys that a field names (`args["a.b"].c`), else undefined. */
export function parseField(text: string): readonly string[] | undefined {
  const keys: string[] = [];
  const step = /(?:(^|(?!^)\.)([^.[\]]+)|\[("(?:[^"\\]|\\.)*")\])/gy;
  for (let at = 0; at < text.length; at = step.lastIndex) {
    const [, , plain, quoted = ""] = step.exec(text) ?? [];
    const unquoted = (): unknown => JSON.parse(quoted);
    const key = plain ?? attempt(unquoted, () => undefined);
    // INVARIANT: every key has canonical bytes, so that no two fields share a text.
    if (typeof key !== "string" || !key.isWellFormed()) return undefined;
    keys.push(key);
  }
  return keys.length === 0 || keys.length > fieldKeysMax ? undefined : keys;
}
