// Errors as problem+json, RFC 9457. Nothing that an exception says gets into one: only the registry's words and the input's own places.

import type { FastifyReply } from "fastify";
import type { Problem } from "../../prover/index.js";
import { type ErrorCode, errors } from "../errors.js";

/** The media type of every error. */
export const PROBLEM_TYPE = "application/problem+json";
/** Most problems that one answer lists; past it the last one says that there are more. */
export const PROBLEMS_MAX = 1_000;

/** An error answer before it is sent. `headers` are sent with it. */
export type HttpProblem = {
  readonly kind: "problem";
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly problems?: readonly Problem[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** Returns the error answer for `code`. */
export const httpProblem = (code: ErrorCode, more: Omit<HttpProblem, "kind" | "code"> = {}): HttpProblem => ({
  kind: "problem",
  code,
  ...more,
});

const listed = (problems: readonly Problem[]): readonly Problem[] => {
  if (problems.length <= PROBLEMS_MAX) return problems;
  const message = `more than ${PROBLEMS_MAX} problems: the others are not listed`;
  return [...problems.slice(0, PROBLEMS_MAX), { code: "too_many_problems", pointer: "", message }];
};

/** Returns the JSON of a problem: `schemas/problem.schema.json`. */
export const encodeProblem = ({ code, detail, problems }: HttpProblem): string =>
  JSON.stringify({
    type: `urn:atmost:problem:${code}`,
    title: errors[code].message,
    status: errors[code].status,
    ...(detail === undefined ? {} : { detail }),
    code,
    ...(problems === undefined ? {} : { problems: listed(problems) }),
  });

/** Sends `problem` with the registry's status. */
export const sendProblem = (reply: FastifyReply, problem: HttpProblem): FastifyReply =>
  reply
    .code(errors[problem.code].status)
    .headers(problem.headers ?? {})
    .type(PROBLEM_TYPE)
    .send(encodeProblem(problem));

/**
 * Returns the bytes of a whole HTTP/1.1 answer that says `problem` and ends the connection: for messages that never became a request.
 * @param reason the reason phrase, plain ASCII
 */
export const rawProblem = (problem: HttpProblem, reason: string): string => {
  const body = encodeProblem(problem);
  const head = [
    `HTTP/1.1 ${errors[problem.code].status} ${reason}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
};
