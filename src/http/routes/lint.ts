// POST /lint: what in one policy is proved not to do what it seems to. Nothing is signed: it authorises nothing.

import { encodeLint, type LintReport, lint } from "../../../prover/index.js";
import { ask, whenGone } from "../ask.js";
import type { Route } from "../context.js";
import { readLintBody } from "../lint-body.js";
import { sendProblem } from "../problem.js";

// Where the service stops, that is why: lint itself knows only that it was told to end.
const named = (report: LintReport, reason: "deadline" | "shutdown"): LintReport => ({
  ...report,
  undecided: report.undecided.map((open) => (open.reason === "deadline" ? { ...open, reason } : open)),
});

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
    const { policy, now } = read;
    const { steadyClock: clock, limits } = context;
    const report = await ask(context, whenGone(reply), clock(), async (prover, { signal, reason }) => {
      const settings = { clock, deadlineMs: limits.deadlineMs, signal, ...(now === undefined ? {} : { now }) };
      return named(await lint(prover, policy, settings), reason());
    });
    const findings = report.findings.map(({ kind }) => kind);
    context.notes.set(request, { policies: [report.policy.sha256], findings, undecided: report.undecided.length });
    return reply.send(encodeLint(report));
  },
};
