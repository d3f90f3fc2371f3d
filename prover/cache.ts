// The answers for links that were decided before, in a bounded map. Not trusted: it proposes, as the search does. Whoever asks it holds each
// answer against what the kernel has accepted in this process (`isBacked` in contain.ts), so that one under a wrong key is proved anew.

import type { Policy } from "./kernel/index.js";
import type { LinkResult, Subject } from "./results.js";

/** What a bounded map holds and did. */
export type StoreStats = {
  readonly entries: number;
  /** The sum of what its values were said to weigh. */
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
};

/** A map that forgets what was used longest ago once it holds more than its bounds. */
export type LruMap<Value> = {
  readonly get: (key: string) => Value | undefined;
  /** True iff the key is held; it then counts as used, but as no hit. */
  readonly refresh: (key: string) => boolean;
  /** False iff the value alone is over the bounds: then it is not kept. */
  readonly set: (key: string, value: Value, bytes: number) => boolean;
  readonly stats: () => StoreStats;
};

// A held value in a ring, from the one used longest ago to the one used just now. The ring's own node holds no value.
type Held<Value> = {
  readonly key: string;
  readonly value: Value | undefined;
  readonly bytes: number;
  older: Held<Value>;
  newer: Held<Value>;
};

const unlink = <Value>(node: Held<Value>): void => {
  node.older.newer = node.newer;
  node.newer.older = node.older;
};
const linkNewest = <Value>(ring: Held<Value>, node: Held<Value>): void => {
  node.older = ring.older;
  node.newer = ring;
  ring.older.newer = node;
  ring.older = node;
};
class Ring<Value> {
  readonly key = "";
  readonly value = undefined;
  readonly bytes = 0;
  older: Held<Value> = this;
  newer: Held<Value> = this;
}

/**
 * Returns an empty map that keeps at most `entriesMax` values of together at most `bytesMax` bytes.
 * @param entriesMax 0 or more; with 0 it keeps nothing
 */
export function createLruMap<Value>(entriesMax: number, bytesMax: number): LruMap<Value> {
  const kept = new Map<string, Held<Value>>();
  const ring: Held<Value> = new Ring<Value>();
  let held = 0;
  let hits = 0;
  let misses = 0;
  let evictions = 0;
  const drop = (node: Held<Value>): void => {
    unlink(node);
    kept.delete(node.key);
    held -= node.bytes;
  };
  const use = (key: string): Value | undefined => {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    unlink(found);
    linkNewest(ring, found);
    return found.value;
  };
  return {
    get: (key) => {
      const found = use(key);
      if (found === undefined) misses++;
      else hits++;
      return found;
    },
    refresh: (key) => use(key) !== undefined,
    set: (key, value, bytes) => {
      if (entriesMax < 1 || bytes > bytesMax) return false;
      const known = kept.get(key);
      if (known !== undefined) drop(known);
      const node: Held<Value> = { key, value, bytes, older: ring, newer: ring };
      linkNewest(ring, node);
      kept.set(key, node);
      held += bytes;
      for (; kept.size > entriesMax || held > bytesMax; evictions++) drop(ring.newer);
      return true;
    },
    stats: () => ({ entries: kept.size, bytes: held, hits, misses, evictions }),
  };
}

/** How much a cache of answers may hold. */
export type LinkCacheOptions = {
  /** Answers; 0 turns the cache off. */
  readonly entriesMax: number;
  /** About the characters of their texts, together; in memory an answer takes several times that. */
  readonly bytesMax: number;
};

/** Answers by the content of the two policies. */
export type LinkCache = {
  /** The answer that was kept for `lower ≤ upper`, told as one that cost nothing. */
  readonly find: (lower: Subject, upper: Subject) => LinkResult | undefined;
  /** Keeps an answer if it is one that asking again would give again; what it holds is frozen then. */
  readonly keep: (lower: Subject, upper: Subject, result: LinkResult) => void;
  readonly stats: () => StoreStats;
};

const isRecord = (value: object): value is { readonly [key: string]: unknown } => !Array.isArray(value);

// Freezes what many askers will share, and returns about how long its text is. Plain loops: this is a part of every answer that is new.
function freezeAndWeigh(value: unknown): number {
  if (typeof value === "string") return value.length + 3;
  if (typeof value !== "object" || value === null) return 4;
  Object.freeze(value);
  let weight = 3;
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) weight += freezeAndWeigh(value[i]);
  else if (isRecord(value)) for (const key of Object.keys(value)) weight += key.length + 3 + freezeAndWeigh(value[key]);
  return weight;
}

// `limits` is how an answer is told where a limit is greater and nothing else is known to be: it may be so only because the solver had no
// time or no room, and then asking again may tell more. Undecided answers are never kept.
const isLasting = ({ kind, effort }: LinkResult): boolean => kind !== "undecided" && effort.stage !== "limits";

/** Returns an empty cache for one prover: its bounds and engines are the same for all that it holds. */
export function createLinkCache({ entriesMax, bytesMax }: LinkCacheOptions): LinkCache {
  const kept = createLruMap<LinkResult>(entriesMax, bytesMax);
  const names = new WeakMap<Policy, string>();
  // INVARIANT: subjects with one name get one answer. The hash is that of the whole document, names and reasons included; rules and conditions
  // are loaded in an order of their own, but limits in the document's, and answers tell them in that order.
  const nameOf = ({ loaded }: Subject): string => {
    const known = names.get(loaded);
    if (known !== undefined) return known;
    const name = `${loaded.sha256} ${loaded.view ? "view" : "whole"} ${[...loaded.limits.keys()].join()}`;
    names.set(loaded, name);
    return name;
  };
  // A key is long, and a text is joined and hashed once: whoever asks with the same policies again finds the same text.
  const keys = new WeakMap<Policy, WeakMap<Policy, string>>();
  const keyOf = (lower: Subject, upper: Subject): string => {
    const above = keys.get(lower.loaded) ?? new WeakMap<Policy, string>();
    const key = above.get(upper.loaded) ?? `${nameOf(lower)} ${nameOf(upper)}`;
    keys.set(lower.loaded, above.set(upper.loaded, key));
    return key;
  };
  return {
    find: (lower, upper) => kept.get(keyOf(lower, upper)),
    keep: (lower, upper, result) => {
      if (entriesMax < 1 || !isLasting(result)) return;
      const effort = { stage: result.effort.stage, findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0, cached: true };
      const again: LinkResult = { ...result, effort };
      kept.set(keyOf(lower, upper), again, freezeAndWeigh(again));
    },
    stats: kept.stats,
  };
}
