// The solver answers rightly, reproducibly and within its bounds, and the formulas mean what they say.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createProver, parsePolicy } from "../../prover/index.js";
import {
  type CheckResult,
  createProblemBuilder,
  encodeRational,
  FORMULA_DEPTH_MAX,
  type Formula,
  type FormulaNode,
  type NumOp,
  type Problem,
} from "../../prover/smt/formula.js";
import { PROBLEM_BOUNDS } from "../../prover/solver/bounds.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { encodeProblem } from "../../prover/solver/protocol.js";
import { AMPLE, pigeonhole, trivial } from "../fault/solver-problems.js";

const pool = createSolverPool();
afterAll(() => pool.close());

async function ask(problem: Problem, limits: Partial<typeof AMPLE> | object = {}): Promise<CheckResult> {
  const session = pool.open(problem, { ...AMPLE, ...limits });
  try {
    return await session.check();
  } finally {
    session.close();
  }
}

type Comparison = readonly [op: NumOp, bound: number, truth: boolean];

/** Asks whether one real satisfies every comparison; the core names those that contradict each other. */
function askReal(comparisons: readonly Comparison[]): Promise<CheckResult> {
  const b = createProblemBuilder({ bools: 0, nums: 1 });
  const tracked = comparisons.map(([op, bound, truth]) => (truth ? b.num(0, op, bound) : b.not(b.num(0, op, bound))));
  return ask(b.build({ roots: [], tracked }));
}

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
      { numRuns: 300 },
    );
  });
});

describe("numbers", () => {
  it.each<readonly [string, readonly Comparison[], CheckResult]>([
    [
      "5 is not below 5",
      [
        ["eq", 5, true],
        ["lt", 5, true],
      ],
      { kind: "unsat", core: [0, 1] },
    ],
    [
      "5 is at most 5",
      [
        ["eq", 5, true],
        ["le", 5, true],
      ],
      { kind: "sat", bools: [] },
    ],
    [
      "something lies between 0.1 and 0.30000000000000004 but is not below 0.3",
      [
        ["le", 0.1 + 0.2, true],
        ["le", 0.3, false],
      ],
      { kind: "sat", bools: [] },
    ],
    [
      "0.1 is 0.1",
      [
        ["eq", 0.1, true],
        ["eq", 0.1, false],
      ],
      { kind: "unsat", core: [0, 1] },
    ],
    [
      "0.1 is not below 0.1",
      [
        ["lt", 0.1, true],
        ["eq", 0.1, true],
      ],
      { kind: "unsat", core: [0, 1] },
    ],
    [
      "1e300 is below 1.0000000000000002e300",
      [
        ["le", 1e300, false],
        ["lt", 1.0000000000000002e300, true],
      ],
      { kind: "sat", bools: [] },
    ],
    [
      "nothing is above 1e300 and at most -1e300",
      [
        ["le", 1e300, false],
        ["le", -1e300, true],
      ],
      { kind: "unsat", core: [0, 1] },
    ],
    [
      "the smallest double is above 0",
      [
        ["eq", 5e-324, true],
        ["le", 0, true],
      ],
      { kind: "unsat", core: [0, 1] },
    ],
    [
      "minus zero is zero",
      [
        ["eq", -0, true],
        ["eq", 0, false],
      ],
      { kind: "unsat", core: [0, 1] },
    ],
    [
      "the core leaves out what does not matter",
      [
        ["lt", 1e308, true],
        ["lt", 2, true],
        ["le", 3, false],
      ],
      { kind: "unsat", core: [1, 2] },
    ],
  ])("%s", async (_, comparisons, expected) => {
    expect(await askReal(comparisons)).toEqual(expected);
  });

  it("compares any two doubles as JavaScript does", async () => {
    const double = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constantFrom(0.1, 0.2, 1e300, -0));
    await fc.assert(
      fc.asyncProperty(double, double, async (a, b) => {
        expect(
          (
            await askReal([
              ["eq", a, true],
              ["lt", b, true],
            ])
          ).kind,
        ).toBe(a < b ? "sat" : "unsat");
        expect(
          (
            await askReal([
              ["eq", a, true],
              ["le", b, true],
            ])
          ).kind,
        ).toBe(a <= b ? "sat" : "unsat");
        expect(
          (
            await askReal([
              ["eq", a, true],
              ["eq", b, true],
            ])
          ).kind,
        ).toBe(a === b ? "sat" : "unsat");
      }),
      { numRuns: 60 },
    );
  });

  it("Booleans and numbers meet in one problem", async () => {
    const b = createProblemBuilder({ bools: 2, nums: 2 });
    const [below, equal] = [b.num(0, "lt", 10), b.num(1, "eq", 0.5)];
    const iff = (x: number, y: number): number => b.and([b.or([b.not(x), y]), b.or([x, b.not(y)])]);
    const roots = [iff(b.bool(0), below), iff(b.bool(1), equal), b.num(0, "eq", 9.5), b.num(1, "le", 0.5), b.num(1, "lt", 0.4)];
    expect(await ask(b.build({ roots }))).toEqual({ kind: "sat", bools: [true, false] });
  });

  it("a double is written exactly", () => {
    expect(encodeRational(0.1)).toBe("3602879701896397/36028797018963968");
    expect([0, -0, 5, -2.5, 1e21].map(encodeRational)).toEqual(["0", "0", "5", "-5/2", "1000000000000000000000"]);
    expect(encodeRational(5e-324)).toBe(`1/${2n ** 1074n}`);
    // 1e300 lies between 2^996 and 2^997, so its 53 bits end at 2^944.
    expect(Number(encodeRational(1e300))).toBe(1e300);
    expect(BigInt(encodeRational(1e300)) % 2n ** 944n).toBe(0n);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => encodeRational(value)).toThrow(RangeError);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        const [numerator = "", denominator = "1"] = encodeRational(value).split("/");
        const [top, bottom] = [BigInt(numerator), BigInt(denominator)];
        // Both sides scaled by 2^1074, by which every double is an integer.
        const scaled = (x: number): bigint => {
          let [rest, shift] = [x, 0];
          while (!Number.isInteger(rest)) [rest, shift] = [rest * 2, shift + 1];
          return BigInt(rest) << BigInt(1074 - shift);
        };
        expect(top * 2n ** 1074n).toBe(scaled(value) * bottom);
      }),
    );
  });
});

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

describe("a prover that loads the solver when it is asked", () => {
  const policyOf = (action: string) => {
    const rules = [{ id: "r", effect: "allow", action }];
    const result = parsePolicy({ language: "atmost/1", name: action, version: "1", rules });
    if (result.kind !== "ok") throw new Error("refused");
    return result.policy;
  };

  it("has one pool for questions that come at once", async () => {
    const prover = createProver({ engines: ["solver"] });
    const answers = await Promise.all(["a:b", "a:c"].map((action) => prover.checkContainment(policyOf(action), policyOf("a:*"))));
    expect(answers.map(({ kind }) => kind)).toEqual(["contained", "contained"]);
    expect(prover.stats().solver?.sessions).toBe(2);
    await prover.close();
  });

  it("starts no worker once it is closed, even where the question came before", async () => {
    const prover = createProver({ engines: ["solver"] });
    const answer = prover.checkContainment(policyOf("a:b"), policyOf("a:*"));
    await prover.close();
    expect(await answer).toMatchObject({ kind: "undecided", reason: "shutdown" });
    expect(prover.stats().solver).toMatchObject({ started: 0, workers: 0 });
  });
});
