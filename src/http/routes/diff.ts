// POST /diff: how two policies differ. Nothing is signed: it authorises nothing.

import { diff, encodeDiff } from "../../../prover/index.js";
import { ask, mentionOf, whenGone } from "../ask.js";
import type { Route } from "../context.js";
import { readDiffBody } from "../policies-body.js";
import { sendProblem } from "../problem.js";

/** `POST /diff`. */
export const diffRoute: Route = {
  method: "POST",
  path: "/diff",
  summary: "Lists the parts in which a new policy differs from an old one, proved to be all of them.",
  operationId: "diff",
  open: false,
  whileStopping: false,
  body: "DiffRequest",
  answers: { 200: { description: "The parts of the difference, or certificates that there are none.", component: "DiffResponse" } },
  errors: ["unknown_policy", "overloaded"],
  handle: async (context, request, reply) => {
    const fromMs = context.steadyClock();
    const read = readDiffBody(request.body, context.store, context.limits.bodyBytesMax);
    if (read.kind === "problem") return sendProblem(reply, read);
    const result = await ask(context, whenGone(reply), fromMs, (prover) => diff(prover, read.old, read.new));
    const undecided = result.kind !== "equivalent" && result.reason !== undefined ? { undecided: result.reason } : {};
    context.notes.set(request, { policies: [read.old.sha256, read.new.sha256], result: result.kind, ...undecided });
    return reply.send({ old: mentionOf(read.old), new: mentionOf(read.new), ...encodeDiff(result) });
  },
};
