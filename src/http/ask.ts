// Puts many questions to the prover for one answer, all within the time of one spawn check: past it, or once the service stops, or once
// nobody waits any more, the links that are left are undecided, whatever the prover does. Not trusted, and it can only make an answer stricter.

import { setImmediate as turn } from "node:timers/promises";
import type { FastifyReply } from "fastify";
import type { LinkProver, LinkResult, ParsedPolicy } from "../../prover/index.js";
import type { Context } from "./context.js";

/** Calls its argument once nobody waits for the answer any more. */
export type OnGone = (then: () => void) => void;

/** Returns what tells that nobody waits for `reply` any more. */
export const whenGone =
  (reply: FastifyReply): OnGone =>
  (then) => {
    if (reply.raw.closed && !reply.raw.writableFinished) then();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) then();
    });
  };

/** Returns a policy as answers name it. */
export const mentionOf = ({ name, version, sha256 }: ParsedPolicy) => ({ name, version, sha256 });

const undecided = (reason: "deadline" | "shutdown"): LinkResult => ({
  kind: "undecided",
  reason,
  effort: { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 },
});

/** How an answer is told to end early: by `signal`, once proofs must end or nobody waits; `reason` is why what is open then is so. */
export type Ending = { readonly signal: AbortSignal; readonly reason: () => "deadline" | "shutdown" };

/**
 * Returns what `question` makes of a prover whose every answer is in time, however much time it asks for.
 * @param fromMs when the time began, by the steady clock
 * @throws what the prover throws: a bug of ours
 */
export async function ask<Answer>(
  { prover, flights, limits, steadyClock }: Context,
  onGone: OnGone,
  fromMs: number,
  question: (prover: LinkProver, ending: Ending) => Promise<Answer>,
): Promise<Answer> {
  const endMs = fromMs + limits.deadlineMs;
  const abort = new AbortController();
  let stopped = false;
  let giveUp: (result: LinkResult) => void = () => undefined;
  const givenUp = new Promise<LinkResult>((resolve) => {
    giveUp = resolve;
  });
  const wholeMs = Math.max(0, endMs - steadyClock());
  const timers = [
    // What works between its questions looks at the signal.
    setTimeout(() => abort.abort(), wholeMs),
    setTimeout(() => giveUp(undecided("deadline")), wholeMs + limits.graceMs),
  ];
  const release = flights.onAbort(() => {
    stopped = true;
    abort.abort();
    timers.push(setTimeout(() => giveUp(undecided("shutdown")), limits.graceMs));
  });
  onGone(() => {
    abort.abort();
    giveUp(undecided("deadline"));
  });
  const reason = () => (stopped ? "shutdown" : "deadline");
  const inTime: LinkProver = {
    checkContainment: async (lower, upper, options = {}) => {
      const leftMs = Math.floor(endMs - steadyClock());
      if (abort.signal.aborted || leftMs < 1) {
        // The prover hears what waits outside between its links. What is left is not asked of it, yet thousands of questions may be.
        await turn();
        return undecided(reason());
      }
      const deadlineMs = Math.min(leftMs, options.deadlineMs ?? leftMs);
      const asked = prover.checkContainment(lower, upper, { deadlineMs, signal: abort.signal });
      const result = await Promise.race([asked, givenUp]);
      // A prover that was told to end answers that its time was over. Here it is known why.
      return stopped && result.kind === "undecided" && result.reason === "deadline" ? { ...result, reason: "shutdown" } : result;
    },
  };
  try {
    return await question(inTime, { signal: abort.signal, reason });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    release();
  }
}
