// Every bound on the work of the prover, in one table. Past any of them the answer is undecided, with its own reason code.

/** The bounds of the prover. Times are milliseconds. */
export type Bounds = {
  /** Branches of one search: reason `search_bound`. */
  readonly searchNodesMax: number;
  /** Branches that are looked at after the first escape, for escapes of other kinds. */
  readonly searchNodesAfterMax: number;
  /** Requests collected before those of one kind are dropped. */
  readonly escapesMax: number;
  /** Counterexamples in an answer. */
  readonly counterexamplesMax: number;
  /** Rounds of solver and theories: reason `search_bound`. */
  readonly solverRoundsMax: number;
  /** Z3's deterministic measure of work for one check: reason `solver_rlimit`. */
  readonly solverRlimit: number;
  /** Characters of a certificate's text: reason `certificate_too_large`. */
  readonly certificateCharactersMax: number;
  /** One link, all stages together: reason `deadline`. */
  readonly deadlineMs: number;
};

/** The bounds in force where none are given. */
export const defaultBounds: Bounds = {
  searchNodesMax: 20_000,
  searchNodesAfterMax: 200,
  escapesMax: 12,
  counterexamplesMax: 5,
  solverRoundsMax: 2_000,
  solverRlimit: 500_000,
  certificateCharactersMax: 8_000_000,
  deadlineMs: 5_000,
};
