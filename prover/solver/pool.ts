// The solver pool: a few disposable workers, a queue with an end, and a deadline for every session. Not trusted: what it
// answers is a proposal. A worker that dies, hangs or talks nonsense costs the answer that it owed, and nothing else.
//
// This is the one file of the prover that owns a timer, because a deadline that the worker kept itself would die with it.
// `setTimer` can be injected; nothing here reads a clock. An open session holds the process through its deadline's timer;
// workers never do, so an idle pool lets the process end.
import { existsSync } from "node:fs";
import type { CheckResult, Clause, OpenSession, Problem, Session, SolverReason } from "../smt/formula.js";
import { POOL_BOUNDS, POOL_DEFAULTS, PROBLEM_BOUNDS, SESSION_BOUNDS } from "./bounds.js";
import type { SetTimer, SolverPool, SolverPoolOptions, SolverPoolStats } from "./contract.js";
import { startWorker } from "./handle.js";
import { encodeClause, encodeProblem, isReady, parseAnswer } from "./protocol.js";
import type { Live, Slot } from "./state.js";

const unknown = (reason: SolverReason): CheckResult => ({ kind: "unknown", reason });
const within = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, Math.ceil(value) || min));

/** Returns a pool that has started nothing yet. */
export function createSolverPool(options: SolverPoolOptions = {}): SolverPool {
  const pool = new Pool(options);
  return {
    open: (problem, limits) => pool.open(problem, limits),
    warm: () => pool.warm(),
    stats: () => pool.stats(),
    close: () => pool.close(),
  };
}

class Pool {
  readonly #settings: { readonly [name in keyof typeof POOL_DEFAULTS]: number };
  readonly #workerUrl: URL | undefined;
  readonly #setTimer: SetTimer;
  readonly #slots = new Set<Slot>();
  readonly #queue: Live[] = [];
  readonly #ending = new Set<Promise<void>>();
  readonly #figures = { sessions: 0, checks: 0, overloaded: 0, started: 0, recycled: 0, interrupted: 0, failed: 0, queuedMost: 0 };
  #lastFailure: string | undefined;
  #closed = false;

  constructor({ workerUrl, setTimer = systemTimer, ...settings }: SolverPoolOptions) {
    this.#settings = { ...POOL_DEFAULTS, ...settings };
    const most = new Map<string, number>(Object.entries(POOL_BOUNDS.settingsMax));
    for (const [name, value] of Object.entries(this.#settings)) {
      const [min, max] = [name === "queueMax" ? 0 : 1, most.get(name) ?? Number.MAX_SAFE_INTEGER];
      if (!Number.isSafeInteger(value) || value < min || value > max)
        throw new RangeError(`setting \`${name}\`: expected \`${min}..${max}\`, got \`${value}\``);
    }
    this.#workerUrl = workerUrl;
    this.#setTimer = setTimer;
  }

  open: OpenSession = (problem: Problem, limits): Session => {
    const encoded = encodeProblem(problem);
    if (this.#closed) return overSession("shutdown");
    if (encoded.kind === "too_large") return overSession("solver_rlimit");
    const free = [...this.#slots].some((slot) => slot.session === undefined) || this.#slots.size < this.#settings.size;
    if (!free && this.#queue.length >= this.#settings.queueMax) {
      this.#figures.overloaded += 1;
      return overSession("solver_overloaded");
    }
    const deadlineMs = within(limits.deadlineMs, SESSION_BOUNDS.deadlineMsMin, SESSION_BOUNDS.deadlineMsMax);
    const live: Live = {
      id: this.#figures.sessions++,
      problem: encoded.problem,
      rlimit: within(limits.rlimit, SESSION_BOUNDS.rlimitMin, SESSION_BOUNDS.rlimitMax),
      slot: undefined,
      opened: false,
      checks: 0,
      clauses: [],
      clausesAdded: 0,
      literalsAdded: 0,
      pending: undefined,
      over: undefined,
      cancelDeadline: this.#setTimer(() => this.#finish(live, "solver_deadline"), deadlineMs, true),
    };
    this.#queue.push(live);
    this.#serveQueue();
    this.#figures.queuedMost = Math.max(this.#figures.queuedMost, this.#queue.length);
    return {
      check: () => this.#check(live),
      add: (clause) => this.#add(live, clause),
      close: () => this.#finish(live, "shutdown"),
    };
  };

  async warm(): Promise<boolean> {
    if (this.#closed) return false;
    while (this.#slots.size < this.#settings.size) this.#start();
    const slots = [...this.#slots];
    for (const slot of slots) slot.handle.hold(!slot.ready);
    return (await Promise.all(slots.map((slot) => slot.started))).every(Boolean);
  }

  stats(): SolverPoolStats {
    const { queueMax } = this.#settings;
    const now = { workers: this.#slots.size, queued: this.#queue.length, queueMax };
    return { ...now, ...this.#figures, ...(this.#lastFailure === undefined ? {} : { lastFailure: this.#lastFailure }) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const live of [...this.#queue]) this.#finish(live, "shutdown");
    for (const slot of [...this.#slots]) {
      if (slot.session !== undefined) this.#finish(slot.session, "shutdown");
      this.#end(slot);
    }
    await Promise.all(this.#ending);
  }

  #check(live: Live): Promise<CheckResult> {
    if (live.over !== undefined) return Promise.resolve(unknown(live.over));
    if (live.pending !== undefined) return Promise.reject(new TypeError("the check before has no answer yet"));
    return new Promise((answer) => {
      live.pending = { check: live.checks++, answer, sent: false };
      this.#flush(live);
    });
  }

  #add(live: Live, clause: Clause): void {
    const encoded = encodeClause(clause, live.problem.bools);
    if (live.over !== undefined) return;
    live.clausesAdded += 1;
    live.literalsAdded += encoded.length;
    if (live.clausesAdded > PROBLEM_BOUNDS.clausesMax || live.literalsAdded > PROBLEM_BOUNDS.clauseLiteralsMax)
      this.#finish(live, "solver_rlimit");
    else live.clauses.push(encoded);
  }

  // Tells a ready worker what its session has to say.
  #flush(live: Live): void {
    const { slot, pending, problem, rlimit } = live;
    if (slot === undefined || !slot.ready) return;
    const session = live.id;
    if (!live.opened) slot.handle.send({ kind: "open", session, problem, rlimit });
    live.opened = true;
    if (pending === undefined || pending.sent) return;
    pending.sent = true;
    slot.handle.send({ kind: "check", session, check: pending.check, clauses: live.clauses });
    live.clauses = [];
  }

  // First come, first served: by a worker that is ready, else by one that starts, else by a new one.
  #serveQueue(): void {
    while (!this.#closed) {
      const [live] = this.#queue;
      if (live === undefined) return;
      const free = [...this.#slots].filter((slot) => slot.session === undefined);
      const full = this.#slots.size >= this.#settings.size;
      const slot = free.find((each) => each.ready) ?? free[0] ?? (full ? undefined : this.#start());
      if (slot === undefined) return;
      this.#queue.shift();
      live.slot = slot;
      slot.session = live;
      this.#flush(live);
    }
  }

  #start(): Slot {
    const { promise: started, resolve: settle } = promiseOf<boolean>();
    const url = this.#workerUrl ?? builtWorkerUrl();
    const slot: Slot = {
      handle: startWorker(
        url,
        this.#settings,
        (message) => this.#hear(slot, message),
        (why) => this.#fail(slot, why),
      ),
      started,
      settle,
      cancelStart: this.#setTimer(() => this.#fail(slot, "not ready in time"), this.#settings.startMsMax, false),
      ready: false,
      session: undefined,
      sessions: 0,
      checks: 0,
      spent: false,
    };
    this.#figures.started += 1;
    this.#slots.add(slot);
    return slot;
  }

  #hear(slot: Slot, message: unknown): void {
    if (!slot.ready && isReady(message)) {
      slot.ready = true;
      slot.cancelStart();
      slot.handle.hold(false);
      slot.settle(true);
      if (slot.session !== undefined) this.#flush(slot.session);
      return;
    }
    const live = slot.session;
    const pending = live?.pending;
    if (live === undefined || pending?.sent !== true) {
      this.#fail(slot, "spoke without being asked");
      return;
    }
    const { id: session, problem } = live;
    const expected = { session, check: pending.check, bools: problem.bools, tracked: problem.tracked.length };
    const parsed = parseAnswer(message, expected);
    if (parsed === undefined) this.#fail(slot, "answered nonsense");
    else if (parsed.result.kind === "unknown" && parsed.result.reason === "solver_failed") this.#fail(slot, "out of memory");
    else {
      this.#figures.checks += 1;
      slot.checks += 1;
      slot.spent ||= parsed.heapBytes > this.#settings.heapBytesMax;
      live.pending = undefined;
      pending.answer(parsed.result);
    }
  }

  // The worker is of no use any more; its session learns so.
  #fail(slot: Slot, why: string): void {
    if (!this.#slots.has(slot)) return;
    this.#figures.failed += 1;
    this.#lastFailure = why.slice(0, POOL_BOUNDS.failureCharactersMax);
    const live = slot.session;
    this.#end(slot);
    if (live !== undefined) this.#settle(live, "solver_failed");
    this.#serveQueue();
  }

  // The session is over for a reason of its own; its worker goes on unless it is at work on it.
  #finish(live: Live, reason: SolverReason): void {
    if (live.over !== undefined) return;
    const { slot } = live;
    const busy = live.pending?.sent === true;
    this.#settle(live, reason);
    const place = this.#queue.indexOf(live);
    if (place >= 0) this.#queue.splice(place, 1);
    if (slot !== undefined) this.#release(slot, live, busy);
    this.#serveQueue();
  }

  #release(slot: Slot, live: Live, busy: boolean): void {
    slot.session = undefined;
    slot.sessions += 1;
    if (busy) {
      this.#figures.interrupted += 1;
      this.#end(slot);
      return;
    }
    if (live.opened) slot.handle.send({ kind: "close", session: live.id });
    const { sessionsPerWorkerMax, checksPerWorkerMax } = this.#settings;
    if (!slot.spent && slot.sessions < sessionsPerWorkerMax && slot.checks < checksPerWorkerMax) return;
    this.#figures.recycled += 1;
    this.#end(slot);
    // Ahead of the next session, so that it need not wait for the start.
    if (!this.#closed) this.#start();
  }

  #settle(live: Live, reason: SolverReason): void {
    live.over = reason;
    live.clauses = [];
    live.cancelDeadline();
    live.pending?.answer(unknown(reason));
    live.pending = undefined;
  }

  #end(slot: Slot): void {
    this.#slots.delete(slot);
    slot.cancelStart();
    slot.settle(false);
    const ending = slot.handle.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

const overSession = (reason: SolverReason): Session => ({
  check: () => Promise.resolve(unknown(reason)),
  add: () => undefined,
  close: () => undefined,
});

// Beside this file when both are built; where this one runs from its source, in the folder that the build fills.
function builtWorkerUrl(): URL {
  const beside = new URL("./worker.js", import.meta.url);
  return existsSync(beside) ? beside : new URL("../../dist/prover/solver/worker.js", import.meta.url);
}

function promiseOf<R>(): { readonly promise: Promise<R>; readonly resolve: (value: R) => void } {
  let resolve: (value: R) => void = () => undefined;
  const promise = new Promise<R>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const systemTimer: SetTimer = (run, delayMs, holds) => {
  const timer = setTimeout(run, delayMs);
  if (!holds) timer.unref();
  return () => clearTimeout(timer);
};
