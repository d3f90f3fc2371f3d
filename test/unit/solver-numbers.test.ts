// The solver compares doubles exactly, as JavaScript does, alone and beside Booleans.

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type CheckResult, createProblemBuilder, encodeRational, type NumOp } from "../../prover/smt/formula.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { propertyParameters } from "../generators/index.js";
import { askedOf } from "./solver-asked.js";

const pool = createSolverPool();
afterAll(() => pool.close());
const ask = askedOf(pool);

type Comparison = readonly [op: NumOp, bound: number, truth: boolean];

/** Asks whether one real satisfies every comparison; the core names those that contradict each other. */
function askReal(comparisons: readonly Comparison[]): Promise<CheckResult> {
  const b = createProblemBuilder({ bools: 0, nums: 1 });
  const tracked = comparisons.map(([op, bound, truth]) => (truth ? b.num(0, op, bound) : b.not(b.num(0, op, bound))));
  return ask(b.build({ roots: [], tracked }));
}

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
      propertyParameters("the solver compares doubles", 60),
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
      propertyParameters("a double is written exactly", 100),
    );
  });
});
