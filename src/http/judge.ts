// Asks the prover, and sees to it that there is an answer in time: past the deadline, or once the service stops, the links that are left
// are undecided, whatever the prover does. Not trusted, and it can only make an answer stricter.

import type { ChainLink, LinkResult, PolicyMention, Role, SpawnResult, UndecidedReason } from "../../prover/index.js";
import type { SpawnPolicies } from "./body.js";
import type { Context } from "./context.js";
import { type HttpProblem, httpProblem } from "./problem.js";

// SOURCE: language.md section 7: the chain, and besides, directly, child ≤ admin_max.
const chain: readonly (readonly [Role, Role])[] = [
  ["child", "parent_delegable"],
  ["parent_delegable", "parent_boundary"],
  ["parent_boundary", "admin_max"],
  ["child", "admin_max"],
];

/** Returns the answer that decides nothing, for `reason`: a reject. */
export const undecidedResult = (
  { child, parentDelegable, parentBoundary, adminMax }: SpawnPolicies,
  reason: UndecidedReason,
): SpawnResult => {
  const mention = ({ name, version, sha256 }: PolicyMention): PolicyMention => ({ name, version, sha256 });
  const effort = { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;
  const result: LinkResult = { kind: "undecided", reason, effort };
  return {
    verdict: "reject",
    policies: {
      child: mention(child),
      parent_delegable:
        parentDelegable === undefined ? { ...mention(parentBoundary), derived: "delegable_view" } : mention(parentDelegable),
      parent_boundary: mention(parentBoundary),
      admin_max: mention(adminMax),
    },
    links: chain.map(([lower, upper]): ChainLink => ({ lower, upper, result })),
  };
};

/** Returns true iff the solver's full queue is all that stands between the question and its answer: no link exceeds. */
export const isOverloaded = ({ links }: SpawnResult): boolean =>
  links.some(({ result }) => result.kind === "undecided" && result.reason === "solver_overloaded") &&
  links.every(({ result }) => result.kind !== "exceeds");

// A prover that was told to end answers that its time was over. Here it is known why.
const named = (result: SpawnResult, reason: UndecidedReason): SpawnResult => ({
  ...result,
  links: result.links.map((link) =>
    link.result.kind === "undecided" && link.result.reason === "deadline" ? { ...link, result: { ...link.result, reason } } : link,
  ),
});

/**
 * Returns the prover's answer, or one that decides nothing (`deadline`, `shutdown`) where there was none in time, or the problem
 * `overloaded`.
 * @param onGone calls its argument once nobody waits for the answer any more
 * @throws what the prover throws: a bug of ours
 */
export const judge = async (
  { prover, flights, limits, metrics }: Context,
  policies: SpawnPolicies,
  onGone: (then: () => void) => void,
): Promise<SpawnResult | HttpProblem> => {
  const abort = new AbortController();
  let giveUp: (reason: UndecidedReason) => void = () => undefined;
  const givenUp = new Promise<UndecidedReason>((resolve) => {
    giveUp = resolve;
  });
  const timers = [setTimeout(() => giveUp("deadline"), limits.deadlineMs + limits.graceMs)];
  const end = (): void => {
    if (abort.signal.aborted) return;
    abort.abort();
    timers.push(setTimeout(() => giveUp("shutdown"), limits.graceMs));
  };
  const release = flights.onAbort(end);
  onGone(end);
  try {
    // The prover's deadline is for each link.
    const deadlineMs = Math.max(1, Math.floor(limits.deadlineMs / chain.length));
    const answer = await Promise.race([prover.spawnCheck(policies, { deadlineMs, signal: abort.signal }), givenUp]);
    const ended = abort.signal.aborted;
    // A prover that has answered needs no word that it is over: to say it makes an exception with its stack, at each request.
    if (typeof answer === "string") abort.abort();
    const whole = typeof answer === "string" ? undecidedResult(policies, answer) : answer;
    const result = ended ? named(whole, "shutdown") : whole;
    if (!isOverloaded(result)) return result;
    metrics.overloaded("solver");
    return httpProblem("overloaded", { headers: { "retry-after": String(limits.retryAfterSeconds) } });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    release();
  }
};
