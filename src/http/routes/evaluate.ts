// POST /evaluate: what one policy decides of one request, and why. Nothing is proved and nothing is signed.

import { encodeEvaluation, evaluate } from "../../../prover/index.js";
import { mentionOf } from "../ask.js";
import type { Route } from "../context.js";
import { readEvaluateBody } from "../policies-body.js";
import { sendProblem } from "../problem.js";

/** `POST /evaluate`. */
export const evaluateRoute: Route = {
  method: "POST",
  path: "/evaluate",
  summary: "Says what a policy decides of one request, by which rules, and why those that were near did not match.",
  operationId: "evaluate",
  open: false,
  whileStopping: false,
  body: "EvaluateRequest",
  answers: { 200: { description: "The decision. Whatever it is, it is no error.", component: "EvaluateResponse" } },
  errors: ["unknown_policy", "request_too_large", "overloaded"],
  handle: (context, request, reply) => {
    const read = readEvaluateBody(request.body, context.store, context.limits.bodyBytesMax);
    if (read.kind === "problem") return sendProblem(reply, read);
    const evaluation = evaluate(read.policy, read.request);
    context.notes.set(request, { policies: [read.policy.sha256], decision: evaluation.decision });
    return reply.send({ policy: mentionOf(read.policy), ...encodeEvaluation(evaluation) });
  },
};
