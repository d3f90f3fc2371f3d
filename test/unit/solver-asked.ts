// A pool of solvers asked one problem, in a session of its own. Test code, not trusted.

import type { CheckResult, Problem } from "../../prover/smt/formula.js";
import type { SolverPool } from "../../prover/solver/contract.js";
import { AMPLE } from "../fault/solver-problems.js";

/** Asks this pool one problem in a session of its own, within plenty of both bounds where `limits` does not say otherwise. */
export function askedOf(pool: SolverPool) {
  return async (problem: Problem, limits: Partial<typeof AMPLE> | object = {}): Promise<CheckResult> => {
    const session = pool.open(problem, { ...AMPLE, ...limits });
    try {
      return await session.check();
    } finally {
      session.close();
    }
  };
}
