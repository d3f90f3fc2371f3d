// How a search ends without an answer: thrown where it can not go on, and caught where it began. Not trusted.

/** Why a search ended without an answer. */
export type StopReason = "search_bound" | "theory_bound" | "mixed_theories" | "deadline" | "needs_split";

/** What ends a search. */
export class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super(reason);
  }
}

/** @throws Stopped always */
export const stop = (reason: StopReason): never => {
  throw new Stopped(reason);
};
