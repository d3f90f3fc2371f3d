// The policies that the service holds, read and ready, in memory. Two bounded stores: what was put, by the policy's hash; and what stood
// in bodies, by the hash of its text, so that the same text is not read twice. Not trusted: a policy's hash is the one the kernel made.

import { hash } from "node:crypto";
import { createLruMap, type ParsedPolicy, type StoreStats } from "../../prover/index.js";
import type { HttpLimits } from "./limits.js";

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
export const textKey = (bytes: Uint8Array): string => hash("sha256", bytes, "base64");

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
