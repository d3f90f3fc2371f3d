// The package's root: the prover's face, and a default prover with a clock.

import {
  type AskOptions,
  type CheckOptions,
  createProver,
  type DiffOptions,
  type DiffResult,
  diff as diffBy,
  type LinkProver,
  type LinkResult,
  type LintOptions,
  type LintReport,
  lint as lintBy,
  type NarrowResult,
  narrow as narrowBy,
  type ParsedPolicy,
  type Prover,
  type SpawnInput,
  type SpawnResult,
  type Subject,
} from "../prover/index.js";

export * from "../prover/index.js";
export { findImporter, type Importer, type ImportOptions, type ImportResult, importers } from "./import/index.js";
export type { ProveOptions, ProveResult } from "./prove/index.js";
export { prove } from "./prove/index.js";
export type { ClaimResult, PlacedRule, Witness } from "./prove/results.js";

let shared: Prover | undefined;
/** Returns the prover that the plain functions share; it is made on first use. */
const defaultProver = (): Prover => {
  shared ??= createProver({ clock: () => performance.now() });
  return shared;
};

/** Returns the answer for `lower ≤ upper`, by a prover that is made on first use. */
export const checkContainment = (lower: Subject, upper: Subject, options?: CheckOptions): Promise<LinkResult> =>
  defaultProver().checkContainment(lower, upper, options);

/** Returns the verdict on a spawn, by a prover that is made on first use. */
export const spawnCheck = (input: SpawnInput, options?: CheckOptions): Promise<SpawnResult> => defaultProver().spawnCheck(input, options);

/** Whose answers are used; without one, those of the prover that the plain functions share. */
export type ByProver = { readonly prover?: LinkProver };

/** Returns how `fresh` differs from `old`: parts that together cover every request which the two decide differently. */
export const diff = (old: Subject, fresh: Subject, { prover, ...options }: DiffOptions & ByProver = {}): Promise<DiffResult> =>
  diffBy(prover ?? defaultProver(), old, fresh, options);

/**
 * Returns the largest policy within `child` and all of `bounds`, certified to be within each.
 * @param bounds 1..16 policies or views
 */
export const narrow = (
  child: ParsedPolicy,
  bounds: readonly Subject[],
  { prover, ...options }: AskOptions & ByProver = {},
): Promise<NarrowResult> => narrowBy(prover ?? defaultProver(), child, bounds, options);

/** Returns what in `policy` is proved not to do what it seems to. Without a `clock` of the caller's its deadline is kept by our own. */
export const lint = (policy: ParsedPolicy, { prover, ...options }: LintOptions & ByProver = {}): Promise<LintReport> =>
  lintBy(prover ?? defaultProver(), policy, { clock: () => performance.now(), ...options });
