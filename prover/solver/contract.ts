// What a solver pool is to who uses it: settings, figures, sessions. Not trusted.
import type { OpenSession } from "../smt/formula.js";
import type { POOL_DEFAULTS } from "./bounds.js";

/** Calls `run` once after `delayMs`, unless the returned function was called before. `holds`: keeps the process alive. */
export type SetTimer = (run: () => void, delayMs: number, holds: boolean) => () => void;

/** Settings of a pool. Absent ones are those of `POOL_DEFAULTS`; the worker file is the one that is built from worker.ts. */
export type SolverPoolOptions = { readonly [name in keyof typeof POOL_DEFAULTS]?: number } & {
  readonly workerUrl?: URL;
  readonly setTimer?: SetTimer;
};

/** Figures of a pool since it was made. `workers` and `queued` are of now. */
export type SolverPoolStats = {
  readonly workers: number;
  readonly queued: number;
  readonly queuedMost: number;
  readonly queueMax: number;
  readonly sessions: number;
  readonly checks: number;
  readonly overloaded: number;
  readonly started: number;
  /** Ended because they had served or held enough. */
  readonly recycled: number;
  /** Ended because a session ended, by its deadline or by its caller, while they worked on it. */
  readonly interrupted: number;
  /** Died, did not start in time, or answered nonsense. */
  readonly failed: number;
  /** Why the last of those that failed did, for a log. Holds no policy text. */
  readonly lastFailure?: string;
};

/** A pool of solver workers. */
export type SolverPool = {
  /** Never throws but for a malformed problem (TypeError). A session past the queue's end answers `solver_overloaded`. */
  readonly open: OpenSession;
  /** Starts every worker ahead of need, and returns true iff all of them are ready now. */
  readonly warm: () => Promise<boolean>;
  readonly stats: () => SolverPoolStats;
  /** Ends every session (`shutdown`) and every worker. May be called again. */
  readonly close: () => Promise<void>;
};
