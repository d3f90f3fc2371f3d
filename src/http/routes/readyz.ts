// GET /readyz: the service takes work. While it stops, the hook that refuses new work answers here too.

import type { Route } from "../context.js";

/** `GET /readyz`. */
export const readyzRoute: Route = {
  method: "GET",
  path: "/readyz",
  summary: "Says that the service takes work; 503 once it stops.",
  operationId: "readyz",
  open: true,
  whileStopping: false,
  answers: { 200: { description: "It does.", component: "Health" } },
  errors: [],
  handle: (_context, _request, reply) => reply.send({ status: "ready" }),
};
