// The solver's worker dies, hangs, lies or starves in every way that we know: it costs that one answer, and the next works.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CheckResult, Problem } from "../../prover/smt/formula.js";
import type { SetTimer, SolverPool, SolverPoolOptions } from "../../prover/solver/contract.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { AMPLE, fake, pigeonhole, trivial } from "./solver-problems.js";

const dist = new URL("../../dist/prover/solver/", import.meta.url);
const failed: CheckResult = { kind: "unknown", reason: "solver_failed" };
const timedOut: CheckResult = { kind: "unknown", reason: "solver_deadline" };
const shutdown: CheckResult = { kind: "unknown", reason: "shutdown" };
const refuted: CheckResult = { kind: "unsat", core: [0, 1] };

let folder = "";
const pools: SolverPool[] = [];
const poolOf = (options: SolverPoolOptions = {}): SolverPool => {
  const pool = createSolverPool(options);
  pools.push(pool);
  return pool;
};

/** Timers that run when the test says so: all those of one delay. */
function timersByHand(): { readonly setTimer: SetTimer; readonly fire: (delayMs: number) => void } {
  const waiting = new Map<() => void, number>();
  return {
    setTimer: (run, delayMs) => {
      waiting.set(run, delayMs);
      return () => waiting.delete(run);
    },
    fire: (wanted) => {
      for (const [run, delayMs] of waiting) if (delayMs === wanted && waiting.delete(run)) run();
    },
  };
}

async function ask(pool: SolverPool, problem: Problem, limits: Partial<typeof AMPLE> | object = {}): Promise<CheckResult> {
  const session = pool.open(problem, { ...AMPLE, ...limits });
  const answer = await session.check();
  session.close();
  return answer;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atmost-solver-"));
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a worker that misbehaves once costs one answer, and the next one is right", () => {
  const modes = [
    "throws",
    "rejects",
    "exits",
    "exits with an error",
    "overflows its stack",
    "throws at the start",
    "exits at the start",
    "speaks unasked",
    "says a number",
    "is ready again",
    "gives a short model",
    "gives a core past the end",
  ];
  it.each(modes)("a worker that %s", async (mode) => {
    const pool = poolOf({ workerUrl: fake(mode, folder) });
    expect(await ask(pool, trivial(true))).toEqual(failed);
    expect(await ask(pool, trivial(true))).toEqual(refuted);
    expect(pool.stats()).toMatchObject({ started: 2, failed: 1, workers: 1, checks: 1 });
  });

  it("a worker that uses all memory that V8 gives it", async () => {
    const pool = poolOf({ workerUrl: fake("uses all memory", folder), oldGenerationMiB: 24 });
    expect(await ask(pool, trivial(true))).toEqual(failed);
    expect(pool.stats().lastFailure).toMatch(/memory/);
  });

  it("a worker that never answers", async () => {
    const pool = poolOf({ workerUrl: fake("never answers", folder) });
    await pool.warm();
    expect(await ask(pool, trivial(true), { deadlineMs: 500 })).toEqual(timedOut);
    expect(await ask(pool, trivial(true))).toEqual(refuted);
    expect(pool.stats()).toMatchObject({ started: 2, interrupted: 1 });
  });

  it("a worker that never starts", async () => {
    const timers = timersByHand();
    const pool = poolOf({ workerUrl: fake("never starts", folder), setTimer: timers.setTimer, startMsMax: 77 });
    const answer = ask(pool, trivial(true));
    timers.fire(77);
    expect(await answer).toEqual(failed);
    expect(pool.stats()).toMatchObject({ started: 1, failed: 1, workers: 0, lastFailure: "not ready in time" });
  });
});

describe("nonsense is never an answer", () => {
  const modes = [
    "says null",
    "says text",
    "says a list",
    "says nothing known",
    "answers another session",
    "answers another check",
    "answers without a size",
    "answers with no answer",
    "answers with an unknown kind",
    "gives a long model",
    "gives a model of words",
    "gives a model of other bytes",
    "gives no model",
    "gives a core that is none",
    "gives a core below zero",
    "gives a core with fractions",
    "gives a core twice",
    "gives a core of texts",
    "gives too large a core",
    "gives an unknown reason",
  ];
  it.each(modes)("a worker that %s is discarded", async (mode) => {
    const pool = poolOf({ workerUrl: fake(mode) });
    const session = pool.open(trivial(true), AMPLE);
    expect(await session.check()).toEqual(failed);
    expect(await session.check()).toEqual(failed);
    expect(pool.stats()).toMatchObject({ failed: 1, workers: 0, checks: 0 });
  });

  it("a wrong model of the right shape comes through, for the caller's replay to catch", async () => {
    const pool = poolOf({ workerUrl: fake("agrees that nothing is true") });
    expect(await ask(pool, trivial(true))).toEqual({ kind: "sat", bools: [false, false] });
  });

  it("a worker file that is not there is a failure with a reason", async () => {
    const pool = poolOf({ workerUrl: new URL("no-such-worker.js", dist) });
    expect(await ask(pool, trivial(true))).toEqual(failed);
    expect(await pool.warm()).toBe(false);
    expect(pool.stats().lastFailure).toMatch(/no-such-worker/);
    const other = poolOf({ workerUrl: new URL("https://example.invalid/worker.js") });
    expect(await ask(other, trivial(true))).toEqual(failed);
  });
});

describe("real work that does not end", () => {
  it("a deadline ends the worker in the middle of a check, and the next answer is right", async () => {
    const pool = poolOf();
    await pool.warm();
    expect(await ask(pool, pigeonhole(14), { rlimit: 4_294_967_295, deadlineMs: 300 })).toEqual(timedOut);
    expect(await ask(pool, trivial(true))).toEqual(refuted);
    expect(pool.stats()).toMatchObject({ started: 2, interrupted: 1, failed: 0 });
  });

  it("a caller that closes its session frees the worker in the middle of a check", async () => {
    const pool = poolOf();
    const session = pool.open(pigeonhole(14), { rlimit: 4_294_967_295, deadlineMs: 60_000 });
    const waiting = session.check();
    await pool.warm();
    const next = ask(pool, trivial(true));
    session.close();
    session.close();
    expect(await waiting).toEqual(shutdown);
    expect(await next).toEqual(refuted);
    expect(pool.stats()).toMatchObject({ interrupted: 1 });
  });

  it("Z3 without memory is a failure, and the next answer is right", async () => {
    const pool = poolOf({ memoryMiB: 11 });
    expect(await ask(pool, pigeonhole(12), { rlimit: 4_294_967_295 })).toEqual(failed);
    expect(pool.stats().lastFailure).toBe("out of memory");
    expect(await ask(pool, trivial(true))).toEqual(refuted);
  });

  it("Z3 without the memory to hold the problem is a failure too", async () => {
    const pool = poolOf({ memoryMiB: 10 });
    expect(await ask(pool, pigeonhole(60))).toEqual(failed);
    expect(await ask(pool, trivial(true))).toEqual(refuted);
  });

  it("a deadline during the start costs the session, not the worker", async () => {
    const pool = poolOf();
    expect(await ask(pool, trivial(true), { deadlineMs: 1 })).toEqual(timedOut);
    expect(await ask(pool, trivial(true))).toEqual(refuted);
    expect(pool.stats()).toMatchObject({ started: 1, interrupted: 0 });
  });

  it("a session that nobody closes gives its worker up at its deadline", async () => {
    const timers = timersByHand();
    const pool = poolOf({ setTimer: timers.setTimer });
    const forgotten = pool.open(trivial(true), { ...AMPLE, deadlineMs: 77 });
    expect(await forgotten.check()).toEqual(refuted);
    const next = ask(pool, trivial(true));
    expect(pool.stats()).toMatchObject({ queued: 1 });
    timers.fire(77);
    expect(await next).toEqual(refuted);
    expect(await forgotten.check()).toEqual(timedOut);
    expect(pool.stats()).toMatchObject({ started: 1, interrupted: 0 });
  });
});

describe("many callers", () => {
  it("fifty sessions at once all get their own answer", async () => {
    const pool = poolOf();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(pool, trivial(i % 2 === 0))));
    expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? "unsat" : "sat")));
    expect(pool.stats()).toMatchObject({ started: 1, checks: 50, queued: 0, queuedMost: 49 });
  });

  it("sessions are served in the order in which they were opened", async () => {
    const pool = poolOf();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4].map(async (i) => ask(pool, trivial(true)).then(() => order.push(i))));
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it("a session past the queue's end is overloaded, and only that one", async () => {
    const pool = poolOf({ queueMax: 2 });
    const sessions = Array.from({ length: 4 }, () => pool.open(trivial(true), AMPLE));
    const answers = sessions.map(async (session) => session.check().finally(() => session.close()));
    expect(await Promise.all(answers)).toEqual([refuted, refuted, refuted, { kind: "unknown", reason: "solver_overloaded" }]);
    expect(pool.stats()).toMatchObject({ overloaded: 1, queuedMost: 2, queueMax: 2 });
    expect(await ask(pool, trivial(true))).toEqual(refuted);
  });

  it("a deadline passes in the queue, too", async () => {
    const pool = poolOf();
    const holder = pool.open(trivial(true), AMPLE);
    expect(await holder.check()).toEqual(refuted);
    expect(await ask(pool, trivial(true), { deadlineMs: 50 })).toEqual(timedOut);
    expect(await holder.check()).toEqual(refuted);
    expect(pool.stats()).toMatchObject({ queued: 0, interrupted: 0 });
  });

  it("two pools know nothing of each other", async () => {
    const [one, two] = [poolOf({ size: 2 }), poolOf()];
    const hard = ask(one, pigeonhole(14), { rlimit: 4_294_967_295, deadlineMs: 60_000 });
    expect(await ask(two, trivial(true))).toEqual(refuted);
    await one.close();
    expect(await hard).toEqual(shutdown);
    expect(await ask(two, trivial(true))).toEqual(refuted);
  });

  it("a worker is replaced after its share of sessions or checks, and when it has held too much", async () => {
    for (const share of [{ sessionsPerWorkerMax: 2 }, { checksPerWorkerMax: 2 }, { heapBytesMax: 1 }]) {
      const pool = poolOf(share);
      for (let i = 0; i < 4; i += 1) expect(await ask(pool, trivial(true))).toEqual(refuted);
      expect(pool.stats().recycled).toBe("heapBytesMax" in share ? 4 : 2);
      await pool.close();
    }
  });
});

describe("the end", () => {
  it("closing answers what waits, in the worker and in the queue, and refuses what comes later", async () => {
    const pool = poolOf();
    const waiting = [pigeonhole(14), trivial(true)].map((problem) => ask(pool, problem, { rlimit: 4_294_967_295 }));
    await pool.warm();
    await pool.close();
    expect(await Promise.all(waiting)).toEqual([shutdown, shutdown]);
    expect(await ask(pool, trivial(true))).toEqual(shutdown);
    expect(await pool.warm()).toBe(false);
    await pool.close();
    expect(pool.stats()).toMatchObject({ workers: 0, queued: 0 });
  });

  const endings = {
    "an idle pool lets the process end": "s.close();",
    "a closed pool lets the process end": "s.close(); await pool.close();",
    "a pool that is closed in the middle of a check lets the process end":
      "s.close(); const t = pool.open(hard, far).check(); await pool.close(); await t;",
    "a warm pool that nobody uses lets the process end": "s.close(); createSolverPool({ size: 2 }).warm();",
    "a worker that is being replaced lets the process end":
      "s.close(); const p = createSolverPool({ sessionsPerWorkerMax: 1 }); const u = p.open(easy, far); await u.check(); u.close();",
  };
  it.each(Object.entries(endings))("%s", async (_, ending) => {
    const script = `
      import { createSolverPool } from ${JSON.stringify(new URL("pool.js", dist).href)};
      const [easy, hard] = ${JSON.stringify([trivial(true), pigeonhole(14)])};
      const far = { rlimit: 4294967295, deadlineMs: 600000 };
      const pool = createSolverPool();
      const s = pool.open(easy, far);
      console.log((await s.check()).kind);
      ${ending}`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
      timeout: 60_000,
      cwd: fileURLToPath(dist),
    });
    expect((await run).stdout).toBe("unsat\n");
    expect((await run).stderr).toBe("");
  });
});
