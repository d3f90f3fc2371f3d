// GET /metrics: the figures, for Prometheus.

import type { Route } from "../context.js";

/** `GET /metrics`. */
export const metricsRoute: Route = {
  method: "GET",
  path: "/metrics",
  summary: "The service's figures in Prometheus' text format.",
  operationId: "metrics",
  open: false,
  whileStopping: true,
  answers: { 200: { description: "The figures.", type: "text/plain" } },
  errors: [],
  handle: async ({ metrics }, _request, reply) => reply.type(metrics.contentType).send(await metrics.render()),
};
