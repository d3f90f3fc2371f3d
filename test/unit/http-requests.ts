// Requests to the HTTP service by injection, and what is held of each of its problems. Test code.

import { expect } from "vitest";
import { parsePolicy } from "../../prover/index.js";
import { errors, findError } from "../../src/errors.js";
import type { App } from "../../src/http/app.js";
import { expectValid } from "./http-schemas.js";

type Sent = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: () => never;
};

/** The service's answer to one request, with `payload` as it is where that is text or bytes, and as JSON otherwise. */
export const send = async (app: App, method: "GET" | "POST" | "PUT", url: string, payload?: unknown, headers = {}): Promise<Sent> => {
  const isBytes = typeof payload === "string" || payload instanceof Uint8Array;
  const answer = await app.server.inject({
    method,
    url,
    headers: { ...(payload === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(payload === undefined ? {} : { payload: isBytes ? Buffer.from(payload) : JSON.stringify(payload) }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() as never };
};

/** The service's answer to `POST /spawn-check`. */
export const check = (app: App, body: unknown): Promise<Sent> => send(app, "POST", "/spawn-check", body);

/** Expects a problem of `code` in the registry's own words, and returns it. */
export const expectProblem = (sent: Sent, code: string) => {
  const problem: { readonly code: string; readonly problems?: readonly { readonly code: string; readonly pointer: string }[] } =
    sent.json();
  expect({ code: problem.code, status: sent.status }).toEqual({ code, status: findError(code).status });
  expect(sent.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expectValid("Problem", problem);
  for (const { code: inner } of problem.problems ?? []) expect(errors).toHaveProperty(inner);
  return problem;
};

/** The hash of a policy document; `invalid` of what is none. */
export const hashOf = (document: unknown): string => {
  const read = parsePolicy(JSON.stringify(document));
  return read.kind === "ok" ? read.policy.sha256 : "invalid";
};
