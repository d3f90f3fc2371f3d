// The solver answers formulas over Booleans as trying every assignment does, with models and cores; the builder makes equal nodes once.

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createProblemBuilder, type Formula, type FormulaNode } from "../../prover/smt/formula.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { pigeonhole, trivial } from "../fault/solver-problems.js";
import { propertyParameters } from "../generators/index.js";
import { askedOf } from "./solver-asked.js";

const pool = createSolverPool();
afterAll(() => pool.close());
const ask = askedOf(pool);

function truth(nodes: readonly FormulaNode[], index: number, bools: readonly boolean[]): boolean {
  const node = nodes[index];
  switch (node?.kind) {
    case "bool":
      return bools[node.id] === true;
    case "const":
      return node.value;
    case "not":
      return !truth(nodes, node.item, bools);
    case "and":
      return node.items.every((item) => truth(nodes, item, bools));
    case "or":
      return node.items.some((item) => truth(nodes, item, bools));
    default:
      throw new TypeError("no Boolean node");
  }
}

describe("Booleans", () => {
  it("answers sat with a value for every Boolean, mentioned or not", async () => {
    expect(await ask(trivial(false))).toEqual({ kind: "sat", bools: [true, false] });
    expect(await ask({ bools: 3, nums: 0, nodes: [], roots: [] })).toEqual({ kind: "sat", bools: [false, false, false] });
    expect(await ask({ bools: 0, nums: 0, nodes: [], roots: [] })).toEqual({ kind: "sat", bools: [] });
  });

  it("answers unsat with a core of tracked nodes, which is empty where the roots contradict themselves", async () => {
    expect(await ask(trivial(true))).toEqual({ kind: "unsat", core: [0, 1] });
    const b = createProblemBuilder({ bools: 4, nums: 0 });
    const tracked = [b.bool(3), b.bool(0), b.bool(2), b.bool(1)];
    const roots = [b.or([b.not(b.bool(0)), b.not(b.bool(1))])];
    expect(await ask(b.build({ roots, tracked }))).toEqual({ kind: "unsat", core: [1, 3] });
    expect(await ask(b.build({ roots: [b.constant(false)], tracked }))).toEqual({ kind: "unsat", core: [] });
    expect(await ask(pigeonhole(5))).toEqual({ kind: "unsat", core: [] });
  });

  it("takes nodes that the builder would have folded: empty joins, constants, one child", async () => {
    const nodes: readonly FormulaNode[] = [
      { kind: "and", items: [] },
      { kind: "or", items: [] },
      { kind: "const", value: true },
      { kind: "not", item: 1 },
      { kind: "and", items: [0, 2, 3] },
      { kind: "or", items: [4] },
    ];
    expect((await ask({ bools: 0, nums: 0, nodes, roots: [5] })).kind).toBe("sat");
    expect((await ask({ bools: 0, nums: 0, nodes, roots: [1] })).kind).toBe("unsat");
  });

  it("agrees with every assignment tried by hand, models satisfy, and cores contradict by themselves", async () => {
    const bools = 5;
    const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
      formula: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.record({ kind: fc.constant("bool" as const), id: fc.nat(bools - 1) }),
        fc.record({ kind: fc.constant("const" as const), value: fc.boolean() }),
        fc.record({ kind: fc.constant("not" as const), item: tie("formula") }),
        fc.record({ kind: fc.constantFrom("and" as const, "or" as const), items: fc.array(tie("formula"), { maxLength: 4 }) }),
      ),
    }));
    const assignments = Array.from({ length: 2 ** bools }, (_, bits) => Array.from({ length: bools }, (_, id) => ((bits >> id) & 1) === 1));
    const claims = fc.array(formula, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(claims, claims, async (fixed, followed) => {
        const b = createProblemBuilder({ bools, nums: 0 });
        const [roots, tracked] = [fixed.map(b.add), followed.map(b.add)];
        const problem = b.build({ roots, tracked });
        const holds = (indices: readonly number[], values: readonly boolean[]): boolean =>
          indices.every((index) => truth(problem.nodes, index, values));
        const possible = (indices: readonly number[]): boolean => assignments.some((values) => holds(indices, values));
        const answer = await ask(problem);
        if (answer.kind === "sat") expect(holds([...roots, ...tracked], answer.bools)).toBe(true);
        else if (answer.kind === "unsat") expect(possible([...roots, ...answer.core.map((at) => tracked[at] ?? -1)])).toBe(false);
        expect(answer.kind).toBe(possible([...roots, ...tracked]) ? "sat" : "unsat");
      }),
      propertyParameters("formulas are answered as trying every assignment does", 300),
    );
  });
});

describe("the builder", () => {
  it("makes equal nodes once and folds constants", () => {
    const b = createProblemBuilder({ bools: 2, nums: 1 });
    expect(b.and([b.bool(1), b.bool(0), b.bool(1)])).toBe(b.and([b.bool(0), b.bool(1)]));
    expect(b.not(b.not(b.bool(0)))).toBe(b.bool(0));
    expect(b.or([b.bool(0), b.constant(true)])).toBe(b.constant(true));
    expect(b.and([b.bool(0), b.constant(true)])).toBe(b.bool(0));
    expect([b.and([]), b.or([]), b.not(b.and([]))]).toEqual([b.constant(true), b.constant(false), b.constant(false)]);
    expect(b.num(0, "lt", -0)).toBe(b.num(0, "lt", 0));
    expect(b.num(0, "lt", 1)).not.toBe(b.num(0, "le", 1));
  });
});
