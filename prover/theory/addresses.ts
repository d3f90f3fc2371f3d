// Addresses: one text that has one of its truths in every literal on blocks and named texts. Not trusted.

import { formatIp, type Literal, parseIp } from "../kernel/index.js";
import { type Found, fits, type Search, spend } from "./tree.js";

const v4 = 1n << 128n;
const end = v4 + (1n << 32n);
const afterMapped = 1n << 48n; // the first IPv6 address behind the IPv4-mapped ones, which are not canonical

/** Returns a text that fits: a named one, else the first address of a part of a block, else a text that is no address. */
export function findAddress(literals: readonly Literal[], named: readonly string[], search: Search): Found {
  const first = named.find((text) => fits(literals, text));
  if (first !== undefined) return { value: first };
  const starts = new Set<bigint>();
  for (const { atom } of literals)
    if (atom.predicate.kind === "cidr")
      for (const [lo, hi] of atom.predicate.blocks) {
        starts.add(lo);
        starts.add(hi + 1n);
      }
  for (const start of [v4, 0n, afterMapped]) starts.add(start);
  // A named address may stand at a start without fitting: the addresses behind it are in the same part.
  const taken = named.filter((text) => parseIp(text) !== undefined).length;
  for (const start of starts)
    for (let k = 0; k <= taken; k++) {
      if (spend(search, 4)) return undefined;
      const address = start + BigInt(k);
      const text = address < end ? formatIp(address) : "";
      if (address < end && fits(literals, text)) return { value: text };
    }
  const other = "x".repeat(named.reduce((length, text) => Math.max(length, text.length), 0) + 1);
  return ["x", other].map((value) => ({ value })).find(({ value }) => fits(literals, value));
}
