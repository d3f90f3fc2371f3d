// A solver session keeps its lemmas to itself, answers one check at a time, and brings its limits into range.

import { afterAll, describe, expect, it } from "vitest";
import type { Problem } from "../../prover/smt/formula.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { AMPLE, trivial } from "../fault/solver-problems.js";
import { askedOf } from "./solver-asked.js";

const pool = createSolverPool();
afterAll(() => pool.close());
const ask = askedOf(pool);

describe("sessions", () => {
  it("a lemma holds for every later check of its session, and for no other session", async () => {
    const problem: Problem = {
      bools: 2,
      nums: 0,
      nodes: [
        { kind: "bool", id: 0 },
        { kind: "bool", id: 1 },
        { kind: "or", items: [0, 1] },
      ],
      roots: [2],
    };
    const session = pool.open(problem, AMPLE);
    const seen: (readonly boolean[])[] = [];
    for (let answer = await session.check(); answer.kind === "sat"; answer = await session.check()) {
      seen.push(answer.bools);
      session.add(answer.bools.map((value, id) => ({ id, value: !value })));
    }
    expect(seen.map(String).sort()).toEqual(["false,true", "true,false", "true,true"]);
    expect(await session.check()).toEqual({ kind: "unsat", core: [] });
    session.close();
    expect((await ask(problem)).kind).toBe("sat");
  });

  it("an empty lemma is false, and a lemma about no Boolean of the problem is our own bug", async () => {
    const session = pool.open(trivial(false), AMPLE);
    for (const id of [2, -1, 0.5, Number.NaN]) expect(() => session.add([{ id, value: true }])).toThrow(TypeError);
    expect((await session.check()).kind).toBe("sat");
    session.add([]);
    expect(await session.check()).toEqual({ kind: "unsat", core: [] });
    session.close();
  });

  it("a second check before the first has its answer is our own bug, and costs the first nothing", async () => {
    const session = pool.open(trivial(true), AMPLE);
    const first = session.check();
    await expect(session.check()).rejects.toThrow(TypeError);
    expect((await first).kind).toBe("unsat");
    session.close();
    expect(await session.check()).toEqual({ kind: "unknown", reason: "shutdown" });
  });

  it("limits outside their range are brought into it", async () => {
    for (const value of [0, -1, 0.5, Number.NaN]) {
      const session = pool.open(trivial(true), { rlimit: 1e12, deadlineMs: value });
      session.close();
      expect(await ask(trivial(true), { rlimit: value })).toEqual({ kind: "unknown", reason: "solver_rlimit" });
    }
    expect((await ask(trivial(true), { rlimit: 1e12, deadlineMs: 1e12 })).kind).toBe("unsat");
  });
});
