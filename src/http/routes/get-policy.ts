// GET /policies/{sha256}: whether a policy is still held, and the policy.

import type { Route } from "../context.js";
import { hashParameter } from "../parameters.js";
import { httpProblem, sendProblem } from "../problem.js";

/** `GET /policies/{sha256}`. */
export const getPolicyRoute: Route = {
  method: "GET",
  path: "/policies/:sha256",
  summary: "Gives back a policy that is held.",
  operationId: "getPolicy",
  open: false,
  whileStopping: true,
  answers: { 200: { description: "The policy document.", component: "Policy" } },
  errors: [],
  handle: (context, request, reply) => {
    const wanted = hashParameter(request);
    if (wanted.kind === "problem") return sendProblem(reply, wanted);
    const policy = context.store.find(wanted.sha256);
    if (policy === undefined) return sendProblem(reply, httpProblem("not_found", { detail: "no policy with that hash is held" }));
    return reply.type("application/json").send(JSON.stringify(policy.document));
  },
};
