// Reads what addresses carry.

import type { FastifyRequest } from "fastify";
import { type HttpProblem, httpProblem } from "./problem.js";
import { sha256Pattern } from "./schemas.js";

/** Returns the hash in the address of a policy, or the problem that it is none. */
export const hashParameter = (request: FastifyRequest): { readonly kind: "hash"; readonly sha256: string } | HttpProblem => {
  const { params } = request;
  const sha256: unknown = typeof params === "object" && params !== null && "sha256" in params ? params.sha256 : undefined;
  if (typeof sha256 === "string" && sha256Pattern.test(sha256)) return { kind: "hash", sha256 };
  return httpProblem("not_found", { detail: "expected 64 lower-case hex digits after `/policies/`" });
};
