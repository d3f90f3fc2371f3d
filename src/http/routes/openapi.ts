// GET /openapi.json: what this service is, for machines.

import type { Route } from "../context.js";

/** `GET /openapi.json`. */
export const openApiRoute: Route = {
  method: "GET",
  path: "/openapi.json",
  summary: "This document.",
  operationId: "openApi",
  open: false,
  whileStopping: true,
  answers: { 200: { description: "An OpenAPI 3.1 document.", type: "application/json" } },
  errors: [],
  handle: ({ openApi }, _request, reply) => reply.type("application/json").send(openApi()),
};
