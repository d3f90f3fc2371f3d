// TRUSTED, as all of this folder. The keys of an atom, by which rules are found: where the atom is true, its value meets one of them.
import { type Atom, type FormKind, parseIp } from "../kernel/index.js";

/** A canonical address: IPv4 as a number, IPv6 as a bigint. */
export type Address = number | bigint;
const v4 = 1n << 128n;

/** Returns the number of a canonical IPv4 address, -1 of any other text. */
function readV4(text: string): number {
  let [address, octet, digits, octets] = [0, 0, 0, 1];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e && digits > 0) {
      address = address * 256 + octet;
      [octet, digits, octets] = [0, 0, octets + 1];
    } else {
      // SOURCE: RFC 3986 section 3.2.2, dec-octet: no zero leads another digit.
      if (code < 0x30 || code > 0x39 || (digits > 0 && octet === 0)) return -1;
      octet = octet * 10 + code - 0x30;
      digits++;
      if (octet > 255) return -1;
    }
  }
  return octets === 4 && digits > 0 ? address * 256 + octet : -1;
}
/** Returns the address that `text` writes canonically, as `parseIp` of the kernel reads it; undefined where it writes none. */
export function addressOf(text: string): Address | undefined {
  const four = readV4(text);
  return four >= 0 ? four : parseIp(text);
}
/** The first and the last address of a block. */
export type AddressRange = readonly [Address, Address];
/** Returns a block of addresses with the bounds that `Address` has. */
export const blockOf = ([first, last]: readonly [bigint, bigint]): AddressRange =>
  first >= v4 ? [Number(first - v4), Number(last - v4)] : [first, last];
/** Returns true iff the address is of the block, and of its kind. */
export const isWithin = (address: Address, [first, last]: AddressRange): boolean =>
  typeof address === typeof first && address >= first && address <= last;

/** How a text is cut into segments: from its start or from its end, behind an opening character or none. */
export type Cut = { readonly separator: string; readonly fromEnd: boolean; readonly opening: string };
const textKinds = ["path", "route", "action", "host"] as const;
const cuts: { readonly [kind in (typeof textKinds)[number]]: Cut } = {
  path: { separator: "/", fromEnd: false, opening: "/" },
  route: { separator: "/", fromEnd: false, opening: "/" },
  action: { separator: ":", fromEnd: false, opening: "" },
  host: { separator: ".", fromEnd: true, opening: "" },
};

// Returns the segments of a pattern that stand for themselves, as far as they do from the side that it is cut from.
function literalsOf(pattern: string, { separator, fromEnd, opening }: Cut): readonly string[] {
  const segments = pattern.slice(opening.length).split(separator);
  if (fromEnd) segments.reverse();
  const end = segments.findIndex((segment) => /[*?\\]/.test(segment));
  return segments.slice(0, end < 0 ? segments.length : end);
}

/**
 * The keys of an atom by a text of each: values, literal segments in front of wildcards (or behind them), or blocks. `settled` says that the atom
 * is true where one of them is met.
 */
export type Keys =
  | { readonly kind: "values" | "blocks"; readonly byText: ReadonlyMap<string, unknown>; readonly settled: boolean }
  | {
      readonly kind: "segments";
      readonly byText: ReadonlyMap<string, unknown>;
      readonly settled: boolean;
      readonly of: FormKind;
      readonly cut: Cut;
    };

const isAddress = (value: unknown): value is Address => typeof value === "number" || typeof value === "bigint";
const isText = (value: unknown): value is string => typeof value === "string";
/** Returns a key of `blocks`. @throws Error where it is none: the keys of one table are of one kind */
export function boundsIn(key: unknown): AddressRange {
  const [first, last]: readonly unknown[] = Array.isArray(key) ? key : [];
  if (isAddress(first) && isAddress(last)) return [first, last];
  throw new Error("a key that is no block of addresses");
}
/** Returns a key of `segments`. @throws Error where it is none: the keys of one table are of one kind */
export function segmentsIn(key: unknown): readonly string[] {
  const segments: readonly unknown[] = Array.isArray(key) ? key : [undefined];
  if (segments.every(isText)) return segments;
  throw new Error("a key that is no list of segments");
}

const isOpen = (pattern: string, literals: readonly string[]): boolean => pattern === [...literals, "**"].join(":");

/** Returns the keys of an atom; undefined where it has none that would tell it from others. */
export function keysOf({ predicate, argument }: Atom): Keys | undefined {
  if (predicate.kind === "in")
    return { kind: "values", settled: true, byText: new Map([...predicate.values].map((value) => [`${typeof value} ${value}`, value])) };
  if (predicate.kind === "cidr") {
    const blocks = predicate.blocks.map(blockOf);
    return { kind: "blocks", settled: true, byText: new Map(blocks.map((block) => [`${typeof block[0]} ${block.join()}`, block])) };
  }
  const of = textKinds.find((kind) => kind === predicate.kind);
  const cut = of && cuts[of];
  if (of === undefined || cut === undefined || !Array.isArray(argument)) return undefined;
  const lists = argument.map((pattern) => literalsOf(String(pattern), cut));
  if (lists.length === 0 || lists.some((list) => list.length === 0)) return undefined;
  // SOURCE: section 4 of the language: a last `**` is true of any segments or none, and those of a canonical action are not empty.
  const settled = of === "action" && argument.every((pattern, i) => isOpen(String(pattern), lists[i] ?? []));
  return { kind: "segments", settled, of, cut, byText: new Map(lists.map((list) => [JSON.stringify(list), list])) };
}
