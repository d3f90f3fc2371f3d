// What proving sees of the world, and what it says is wrong with it. Not trusted. Files come in through `ProveWorld`, so that a test, or a
// program that holds its policies elsewhere, can be the whole world.

import type { Problem } from "../../prover/core.js";

/** A problem, and the file it is in. */
export type ProveProblem = Problem & { readonly file: string };
/** What was read, or every problem with it. */
export type Reading<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "invalid"; readonly problems: readonly ProveProblem[] };

/** Where files are read from. Paths have `/` between their parts. */
export type ProveWorld = {
  readonly readFile: (path: string) => Promise<Reading<string>>;
  /** Reads the old version of a file, by the revision that `--base` names. Without it, claims that need one are refused. */
  readonly readBase?: (path: string) => Promise<Reading<string>>;
};

/** Returns that something is wrong in `file`. */
export const problem = (code: string, file: string, pointer: string, message: string): ProveProblem => ({ code, file, pointer, message });

/** Returns a reading with that one problem. */
export const invalid = (
  ...problems: readonly ProveProblem[]
): { readonly kind: "invalid"; readonly problems: readonly ProveProblem[] } => ({
  kind: "invalid",
  problems,
});
