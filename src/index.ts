// The package's root: the prover's face, and a default prover with a clock.

import {
  type CheckOptions,
  createProver,
  type LinkResult,
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
