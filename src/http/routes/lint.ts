// POST /lint: what in one policy is proved not to do what it seems to. Nothing is signed: it authorises nothing.

import { encodeLint, type LinkProver, type LinkResult, type LintReport, lint } from "../../../prover/index.js";
import type { Context, Route } from "../context.js";
import { type LintBody, readLintBody } from "../lint-body.js";
import { sendProblem } from "../problem.js";

const noEffort = { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;

// Links that are under way when the time is over, or the service stops, are given up whatever the prover does.
function untilAborted(prover: LinkProver, signal: AbortSignal): LinkProver {
  const givenUp: LinkResult = { kind: "undecided", reason: "deadline", effort: noEffort };
  const aborted = new Promise<LinkResult>((resolve) => {
    signal.addEventListener("abort", () => resolve(givenUp), { once: true });
  });
  return { checkContainment: (...question) => Promise.race([prover.checkContainment(...question), aborted]) };
}

// Where the service stops, that is why: lint itself knows only that its time was over.
const named = (report: LintReport, stopped: boolean): LintReport => ({
  ...report,
  undecided: report.undecided.map((open) => (stopped && open.reason === "deadline" ? { ...open, reason: "shutdown" } : open)),
});

async function judge({ prover, flights, limits, steadyClock }: Context, { policy, now }: LintBody, onGone: (then: () => void) => void) {
  const abort = new AbortController();
  let stopped = false;
  const timers = [setTimeout(() => abort.abort(), limits.deadlineMs + limits.graceMs)];
  const release = flights.onAbort(() => {
    stopped = true;
    timers.push(setTimeout(() => abort.abort(), limits.graceMs));
  });
  onGone(() => abort.abort());
  try {
    const settings = { clock: steadyClock, deadlineMs: limits.deadlineMs, signal: abort.signal, ...(now === undefined ? {} : { now }) };
    return named(await lint(untilAborted(prover, abort.signal), policy, settings), stopped);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    release();
  }
}

/** `POST /lint`. */
export const lintRoute: Route = {
  method: "POST",
  path: "/lint",
  summary: "Finds what in a policy is proved not to do what it seems to, each finding with a certificate or a replayed request.",
  operationId: "lint",
  open: false,
  whileStopping: false,
  body: "LintRequest",
  answers: { 200: { description: "What was found, and what could not be decided.", component: "LintResponse" } },
  errors: ["unknown_policy", "overloaded"],
  handle: async (context, request, reply) => {
    const read = readLintBody(request.body, context.store, context.limits.bodyBytesMax);
    if (read.kind === "problem") return sendProblem(reply, read);
    const report = await judge(context, read, (then) => {
      reply.raw.once("close", () => {
        if (!reply.raw.writableFinished) then();
      });
    });
    const findings = report.findings.map(({ kind }) => kind);
    context.notes.set(request, { policies: [report.policy.sha256], findings, undecided: report.undecided.length });
    return reply.send(encodeLint(report));
  },
};
