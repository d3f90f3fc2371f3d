// Numbers, times and address blocks of IAM conditions, as the language writes them. Not trusted.

import { parseBlock, parseTime } from "../../../prover/index.js";
import { canonicalBlock } from "../openshell/addresses.js";
import type { Tree } from "../openshell/document.js";

/** A value, or why there is none. */
export type Read<Value> = { readonly kind: "value"; readonly value: Value } | { readonly kind: "refused"; readonly reason: string };

const DIGITS_MAX = 15;
const SMALLEST = 1e-290;
/** The last second of the year 9999: what is greater was meant as milliseconds, and is refused. */
const EPOCH_SECONDS_MAX = 253_402_300_799;

const value = <Value>(of: Value): Read<Value> => ({ kind: "value", value: of });
const refused = (reason: string): Read<never> => ({ kind: "refused", reason });

/** Returns the number that a JSON number or a decimal text says. */
export function readDecimal(tree: Tree): Read<number> {
  const text = typeof tree === "number" ? String(tree) : tree;
  if (typeof text !== "string" || (typeof tree === "string" && !/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(text))) {
    return refused("it is not a decimal number");
  }
  const digits = text
    .replace(/e.*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+|0+$/g, "");
  if (digits.length > DIGITS_MAX) return refused(`it has more than ${DIGITS_MAX} significant digits`);
  const number = Number(text);
  // Nearer to zero a double holds less than fifteen digits, and then none.
  const held = Number.isFinite(number) && (digits === "" || Math.abs(number) > SMALLEST);
  return held ? value(number + 0) : refused("it is greater or nearer to zero than a number can be");
}

/** Returns the epoch milliseconds of an ISO 8601 time with a zone, of a date (its midnight in UTC), or of epoch seconds. */
export function readDate(tree: Tree): Read<number> {
  const text = typeof tree === "number" ? String(tree) : tree;
  if (typeof text !== "string") return refused("it is not a time");
  if (/^(?:0|[1-9][0-9]*)$/.test(text)) {
    const seconds = Number(text);
    return seconds <= EPOCH_SECONDS_MAX ? value(seconds * 1_000) : refused("epoch times are in seconds, and end with the year 9999");
  }
  const time = parseTime(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  return time === undefined ? refused("it is no time with a zone, no date and no epoch seconds") : value(time);
}

/** Returns the canonical block of an address or a CIDR block without host bits. */
export function readBlock(text: string): Read<string> {
  const block = canonicalBlock(text, "anywhere");
  if (block.kind === "refused") return block;
  const cleared = block.cidr.split("/")[0];
  const written = canonicalBlock(text.split("/")[0] ?? "", "anywhere");
  // INVARIANT: what was written differs from its block's first address only by host bits.
  if (written.kind !== "block" || written.cidr.split("/")[0] !== cleared)
    return refused(`it has host bits set; the block is \`${block.cidr}\``);
  return parseBlock(block.cidr) === undefined ? refused("IPv4-mapped addresses have no canonical form") : value(block.cidr);
}
