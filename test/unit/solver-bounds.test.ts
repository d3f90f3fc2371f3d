// The solver keeps to its bounds at the same place every time, and what is past one is unknown or refused.

import { afterAll, describe, expect, it } from "vitest";
import { createProblemBuilder, FORMULA_DEPTH_MAX, type Formula, type FormulaNode, type Problem } from "../../prover/smt/formula.js";
import { PROBLEM_BOUNDS } from "../../prover/solver/bounds.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { encodeProblem } from "../../prover/solver/protocol.js";
import { AMPLE, pigeonhole, trivial } from "../fault/solver-problems.js";
import { askedOf } from "./solver-asked.js";

const pool = createSolverPool();
afterAll(() => pool.close());
const ask = askedOf(pool);

describe("bounds", () => {
  it("the bound on work ends a check at the same place every time, whatever the worker did before", async () => {
    const one = pigeonhole(7);
    const answers = async (): Promise<readonly string[]> => {
      const kinds: string[] = [];
      for (const rlimit of [1_000, 20_000, 60_000, 100_000, 4_000_000]) kinds.push((await ask(one, { rlimit })).kind);
      return kinds;
    };
    const first = await answers();
    expect(first).toContain("unknown");
    expect(first.at(-1)).toBe("unsat");
    await ask(trivial(true));
    expect(await answers()).toEqual(first);
    expect(await ask(pigeonhole(10), { rlimit: 50_000 })).toEqual({ kind: "unknown", reason: "solver_rlimit" });
  });

  it("a session goes on after a check that met the bound on work, which is for each check anew", async () => {
    const session = pool.open(pigeonhole(9), { ...AMPLE, rlimit: 50_000 });
    for (let i = 0; i < 3; i += 1) expect(await session.check()).toEqual({ kind: "unknown", reason: "solver_rlimit" });
    session.add([]);
    expect(await session.check()).toEqual({ kind: "unsat", core: [] });
    session.close();
  });

  it("models do not depend on the sessions before", async () => {
    const problem: Problem = (() => {
      const b = createProblemBuilder({ bools: 40, nums: 0 });
      const literal = (n: number): number => (n % 3 === 0 ? b.not(b.bool(n % 40)) : b.bool(n % 40));
      return b.build({ roots: Array.from({ length: 120 }, (_, i) => b.or([i * 7 + 1, i * 11 + 5, i * 17 + 2].map(literal))) });
    })();
    const first = await ask(problem);
    for (const between of [trivial(true), pigeonhole(4), problem]) {
      await ask(between);
      expect(await ask(problem)).toEqual(first);
    }
  });

  it("a problem past a bound is unknown, and one that is malformed is our own bug", async () => {
    const leaf: FormulaNode = { kind: "const", value: true };
    const big = Array.from({ length: PROBLEM_BOUNDS.nodesMax + 1 }, () => leaf);
    expect(await ask({ bools: 0, nums: 0, nodes: big, roots: [] })).toEqual({ kind: "unknown", reason: "solver_rlimit" });
    expect((await ask({ bools: PROBLEM_BOUNDS.boolsMax + 1, nums: 0, nodes: [], roots: [] })).kind).toBe("unknown");
    const bad: readonly FormulaNode[] = [
      { kind: "not", item: 0 },
      { kind: "and", items: [1] },
      { kind: "or", items: [-1] },
      { kind: "bool", id: 1 },
      { kind: "bool", id: 0.5 },
      { kind: "num", variable: 0, op: "lt", bound: 1 },
    ];
    for (const node of bad) expect(() => encodeProblem({ bools: 1, nums: 0, nodes: [node], roots: [] })).toThrow(TypeError);
    const infinite: FormulaNode = { kind: "num", variable: 0, op: "lt", bound: Number.POSITIVE_INFINITY };
    expect(() => encodeProblem({ bools: 0, nums: 1, nodes: [infinite], roots: [] })).toThrow(TypeError);
    expect(() => encodeProblem({ bools: 0, nums: 0, nodes: [leaf], roots: [1] })).toThrow(TypeError);
    expect(() => encodeProblem({ bools: 0, nums: 0, nodes: [leaf], roots: [], tracked: [-1] })).toThrow(TypeError);
  });

  it("a setting that is no count is refused", () => {
    for (const setting of [{ size: 0 }, { size: 65 }, { queueMax: -1 }, { memoryMiB: 4_096 }, { startMsMax: Number.NaN }])
      expect(() => createSolverPool(setting)).toThrow(RangeError);
  });

  it("a formula nested as deep as may be is answered", async () => {
    const b = createProblemBuilder({ bools: 2, nums: 0 });
    let formula: Formula = { kind: "bool", id: 0 };
    for (let depth = 0; depth < FORMULA_DEPTH_MAX; depth += 1)
      formula = { kind: depth % 2 === 0 ? "and" : "or", items: [formula, { kind: "bool", id: 1 }] };
    expect((await ask(b.build({ roots: [b.add(formula)] }))).kind).toBe("sat");
    expect(() => b.add({ kind: "not", item: formula })).toThrow(RangeError);
    let deep = b.bool(0);
    for (let depth = 0; depth < 20_000; depth += 1) deep = b.or([b.and([deep, b.bool(1)]), b.not(b.bool(0))]);
    expect((await ask(b.build({ roots: [deep] }))).kind).not.toBe("unsat");
  });
});
