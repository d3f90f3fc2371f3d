// The policies that the service holds, read and ready, in memory. Two bounded stores: what was put, by the policy's hash; and what stood
// in bodies, by the hash of its text, so that the same text is not read twice. Not trusted: a policy's hash is the one the kernel made.

import { createHash } from "node:crypto";
import type { ParsedPolicy } from "../../prover/index.js";
import type { HttpLimits } from "./limits.js";

/** What a bounded map holds and did. */
export type StoreStats = {
  readonly entries: number;
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

/**
 * Returns an empty map that keeps at most `entriesMax` values of together at most `bytesMax` bytes.
 * @param entriesMax 0 or more; with 0 it keeps nothing
 */
export const createLruMap = <Value>(entriesMax: number, bytesMax: number): LruMap<Value> => {
  // INVARIANT: a Map goes through its keys in the order they came in, so the first is the one used longest ago.
  const kept = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let held = 0;
  let hits = 0;
  let misses = 0;
  let evictions = 0;
  const drop = (key: string): void => {
    held -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  const use = (key: string): Value | undefined => {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    kept.delete(key);
    kept.set(key, found);
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
      drop(key);
      kept.set(key, { value, bytes });
      held += bytes;
      for (const oldest of kept.keys()) {
        if (kept.size <= entriesMax && held <= bytesMax) break;
        drop(oldest);
        evictions++;
      }
      return true;
    },
    stats: () => ({ entries: kept.size, bytes: held, hits, misses, evictions }),
  };
};

/** Where the service keeps policies. */
export type PolicyStore = {
  /** The policy that was put under `sha256`, if it is still held. */
  readonly find: (sha256: string) => ParsedPolicy | undefined;
  /** Keeps a policy under its own hash. `new` iff it was not held, `full` iff it alone is over the bounds. */
  readonly put: (policy: ParsedPolicy, bytes: number) => "new" | "held" | "full";
  /** The policy whose exact text these bytes are, if they were read before. */
  readonly recall: (key: string) => ParsedPolicy | undefined;
  /** Keeps a policy under the hash of its exact text. */
  readonly remember: (key: string, policy: ParsedPolicy, bytes: number) => void;
  readonly stats: () => { readonly put: StoreStats; readonly inline: StoreStats };
};

/** Returns the key of a policy's exact text: its SHA-256. INVARIANT: only texts that were read without a problem are kept under theirs. */
export const textKey = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64");

/** Returns an empty store within the bounds of `limits`. */
export const createPolicyStore = (
  limits: Pick<HttpLimits, "storeEntriesMax" | "storeBytesMax" | "inlineEntriesMax" | "inlineBytesMax">,
): PolicyStore => {
  const put = createLruMap<ParsedPolicy>(limits.storeEntriesMax, limits.storeBytesMax);
  const inline = createLruMap<ParsedPolicy>(limits.inlineEntriesMax, limits.inlineBytesMax);
  return {
    find: put.get,
    put: (policy, bytes) => {
      if (put.refresh(policy.sha256)) return "held";
      return put.set(policy.sha256, policy, bytes) ? "new" : "full";
    },
    recall: inline.get,
    remember: (key, policy, bytes) => {
      inline.set(key, policy, bytes);
    },
    stats: () => ({ put: put.stats(), inline: inline.stats() }),
  };
};
