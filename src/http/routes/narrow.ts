// POST /narrow: the largest policy within a child and its bounds. Nothing is signed: it authorises nothing.

import { encodeNarrow } from "../../../prover/index.js";
import { mentionOf, whenGone } from "../ask.js";
import type { Route } from "../context.js";
import { narrowInTime } from "../narrowing.js";
import { readNarrowBody } from "../policies-body.js";
import { sendProblem } from "../problem.js";

/** `POST /narrow`. */
export const narrowRoute: Route = {
  method: "POST",
  path: "/narrow",
  summary: "Returns the largest policy within a child and all its bounds, with a certificate for each, and what the child loses.",
  operationId: "narrow",
  open: false,
  whileStopping: false,
  body: "NarrowRequest",
  answers: { 200: { description: "The narrowed policy, or why there is none.", component: "NarrowResponse" } },
  errors: ["unknown_policy", "overloaded"],
  handle: async (context, request, reply) => {
    const fromMs = context.steadyClock();
    const read = readNarrowBody(request.body, context.store, context.limits.bodyBytesMax);
    if (read.kind === "problem") return sendProblem(reply, read);
    const { child, bounds } = read;
    const result = await narrowInTime(context, whenGone(reply), fromMs, child, bounds);
    const policies = [child, ...bounds].map(({ sha256 }) => sha256);
    const found = result.kind === "narrowed" ? { narrowed: result.policy.sha256 } : { undecided: result.reason };
    context.notes.set(request, { policies, result: result.kind, ...found });
    return reply.send({ child: mentionOf(child), bounds: bounds.map(mentionOf), ...encodeNarrow(result) });
  },
};
