// Every bound of the solver, in one place, with the reason for its size. Not trusted.

/** Bounds on one question. Past them the answer is unknown, `solver_rlimit`. */
export const PROBLEM_BOUNDS = {
  boolsMax: 200_000,
  numsMax: 20_000,
  nodesMax: 500_000,
  /** Children of all nodes together. */
  edgesMax: 4_000_000,
  rootsMax: 200_000,
  trackedMax: 50_000,
  /** Lemmas that one session may add, and their literals all together. */
  clausesMax: 100_000,
  clauseLiteralsMax: 4_000_000,
} as const;

/** Ranges of what a caller may ask for. */
export const SESSION_BOUNDS = {
  rlimitMin: 1,
  /** Z3 keeps it in 32 bits. */
  rlimitMax: 4_294_967_295,
  deadlineMsMin: 1,
  deadlineMsMax: 600_000,
} as const;

/** What a pool does unless told otherwise. */
export const POOL_DEFAULTS = {
  size: 1,
  /** Sessions that wait for a worker; one more is `solver_overloaded`. */
  queueMax: 64,
  /**
   * A worker is replaced after so many sessions or checks. Measured: 20,000 sessions, each in a context of its own, left RSS
   * at 134 MB, as at the 4,000th; 5,000 checks with lemmas in one session added nothing. So this guards against leaks that we
   * do not know of, and costs one start, ahead of need, in 5,000 sessions.
   */
  sessionsPerWorkerMax: 5_000,
  checksPerWorkerMax: 50_000,
  /** A worker whose Z3 ever held this much is replaced when its session ends: touched pages do not go back to the system. */
  heapBytesMax: 256 * 1024 * 1024,
  /** Z3 gives up past this much, in MiB. The binding's memory ends at 2,048 MiB. */
  memoryMiB: 1_024,
  /** A worker that is not ready by then is ended. Measured: 0.4 to 0.7 s, 1.5 s at a load of 12 on 2 cores. */
  startMsMax: 30_000,
  /** V8's heap and stack in the worker, in MiB; Z3's own memory is not in it. */
  oldGenerationMiB: 512,
  stackMiB: 16,
} as const;

/** Most that some of the settings above may be, and how much is kept of what a failed worker said. */
export const POOL_BOUNDS = {
  settingsMax: { size: 64, queueMax: 100_000, memoryMiB: 1_536, startMsMax: 600_000 },
  failureCharactersMax: 200,
} as const;
