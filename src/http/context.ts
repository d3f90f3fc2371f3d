// What every route is given. Nothing here is global: a test makes as many services as it likes.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { LinkProver, ParsedPolicy, SpawnResult } from "../../prover/index.js";
import type { Attester } from "../attest.js";
import type { ErrorCode } from "../errors.js";
import type { AnswerWriter } from "./answer.js";
import type { Flights } from "./flights.js";
import type { HttpLimits } from "./limits.js";
import type { Metrics } from "./metrics.js";
import type { PolicyStore } from "./store.js";

/** What the service asks of a prover: the one of `prover/index.ts` is such. */
export type SpawnProver = LinkProver & {
  readonly spawnCheck: (
    input: {
      readonly child: ParsedPolicy;
      readonly parentDelegable?: ParsedPolicy;
      readonly parentBoundary: ParsedPolicy;
      readonly adminMax: ParsedPolicy;
    },
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ) => Promise<SpawnResult>;
  readonly stats: () => unknown;
  readonly close: () => Promise<void>;
};

/** What a log line says of a request besides its route, status and time. Never a policy's text, never a token. */
export type Notes = { readonly [name: string]: string | number | boolean | readonly string[] };

/** What every route is given. */
export type Context = {
  readonly prover: SpawnProver;
  readonly attester: Attester;
  readonly writeAnswer: AnswerWriter;
  readonly store: PolicyStore;
  readonly flights: Flights;
  readonly limits: HttpLimits;
  readonly metrics: Metrics;
  /** Milliseconds of a steady clock. */
  readonly steadyClock: () => number;
  /** What a route adds to the log line of its request. */
  readonly notes: WeakMap<FastifyRequest, Notes>;
  /** The OpenAPI document as JSON text. */
  readonly openApi: () => string;
};

/** One answer of a route, for the OpenAPI document. `component` names a schema of `components.schemas`. */
export type RouteAnswer = { readonly description: string; readonly type?: string; readonly component?: string };

/** One route: how it is reached, what it says of itself, what it does. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT";
  /** As fastify writes it: `/policies/:sha256`. */
  readonly path: string;
  readonly summary: string;
  readonly operationId: string;
  /** Answered without a token, for probes. */
  readonly open: boolean;
  /** Answered while the service stops. */
  readonly whileStopping: boolean;
  /** The schema of its body, and only then has it one. */
  readonly body?: string;
  readonly answers: Readonly<Record<string, RouteAnswer>>;
  /** The error codes of its own, besides those that any route may answer. */
  readonly errors: readonly ErrorCode[];
  readonly handle: (context: Context, request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
};
