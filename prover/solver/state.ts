// What the pool remembers of each session and of each worker. Not trusted.
import type { CheckResult, SolverReason } from "../smt/formula.js";
import type { WorkerHandle } from "./handle.js";
import type { PackedProblem } from "./protocol.js";

/** A check that waits for its answer; `sent` once the worker knows of it. */
export type Pending = { readonly check: number; readonly answer: (result: CheckResult) => void; sent: boolean };

/** A session that was opened. `over` says why it has no more answers. */
export type Live = {
  readonly id: number;
  readonly problem: PackedProblem;
  readonly rlimit: number;
  slot: Slot | undefined;
  opened: boolean;
  checks: number;
  clauses: Int32Array[];
  clausesAdded: number;
  literalsAdded: number;
  pending: Pending | undefined;
  over: SolverReason | undefined;
  cancelDeadline: () => void;
};

/** A worker with the session that it serves. `spent`: it has held too much to go on after it. */
export type Slot = {
  readonly handle: WorkerHandle;
  readonly started: Promise<boolean>;
  readonly settle: (ready: boolean) => void;
  readonly cancelStart: () => void;
  ready: boolean;
  session: Live | undefined;
  sessions: number;
  checks: number;
  spent: boolean;
};
