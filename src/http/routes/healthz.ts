// GET /healthz: the process answers.

import type { Route } from "../context.js";

/** `GET /healthz`. */
export const healthzRoute: Route = {
  method: "GET",
  path: "/healthz",
  summary: "Says that the process is alive.",
  operationId: "healthz",
  open: true,
  whileStopping: true,
  answers: { 200: { description: "It is.", component: "Health" } },
  errors: [],
  handle: (_context, _request, reply) => reply.send({ status: "ok" }),
};
