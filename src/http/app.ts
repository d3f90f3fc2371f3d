// The HTTP service as a fastify instance: routes, hooks, and every error as problem+json. It binds no address and handles no signal; see
// server.ts. Not trusted: a verdict is the prover's, and what it rests on the kernel has checked.

import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import { createAttester, createLinkWriter } from "../attest.js";
import type { SigningKey } from "../signing/index.js";
import { createAnswerWriter } from "./answer.js";
import { isAuthorized, isLoopbackHost, type Tokens } from "./auth.js";
import type { Context, Route, SpawnProver } from "./context.js";
import { createFlights, type Flights, type Release } from "./flights.js";
import { defaultLimits, type HttpLimits } from "./limits.js";
import { createMetrics } from "./metrics.js";
import { createOpenApi } from "./openapi.js";
import { type HttpProblem, httpProblem, rawProblem, sendProblem } from "./problem.js";
import { routes } from "./routes/index.js";
import { createPolicyStore, type PolicyStore } from "./store.js";

/** What a service is made of. */
export type AppOptions = {
  readonly prover: SpawnProver;
  readonly signingKey: SigningKey;
  /** Absent: an empty one within `limits`. */
  readonly store?: PolicyStore;
  /** With tokens, every route but the probes needs one. Without, requests must name the loopback interface in `Host`. */
  readonly tokens?: Tokens;
  readonly limits?: Partial<HttpLimits>;
  /** A pino logger, or anything shaped like one. It is never given a policy's text or a token. */
  readonly logger: FastifyBaseLogger;
  /** Epoch milliseconds, for the time an answer was issued. */
  readonly clock: () => number;
  /** Milliseconds of a steady clock, for durations. */
  readonly steadyClock: () => number;
  /** Returns an identifier for each request that no other has. */
  readonly requestId: () => string;
  /** The version of this package, for the OpenAPI document. */
  readonly version: string;
};

/** A service that is not bound yet. */
export type App = { readonly server: FastifyInstance; readonly flights: Flights; readonly limits: HttpLimits };

const MAX_HEADER_BYTES = 16_384;
/** What the log and the figures say of a request whose asker went away before the answer. No answer has this status. */
const ABORTED = 499;

const describeRoute = (request: FastifyRequest): string => request.routeOptions.url ?? "other";

// What fastify found wrong with a request before a route saw it; undefined for a failure inside.
const clientProblem = (error: FastifyError, limits: HttpLimits): HttpProblem | undefined => {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return httpProblem("too_large", { detail: `expected a body of at most ${limits.bodyBytesMax} bytes` });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return httpProblem("unsupported_media_type", { detail: "expected `application/json` in UTF-8" });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return httpProblem("bad_http", { detail: "the body is not as long as `Content-Length` says" });
    case "FST_ERR_MAX_PARAM_LENGTH":
      return httpProblem("not_found");
    default:
      return (error.statusCode ?? 500) < 500 ? httpProblem("bad_http") : undefined;
  }
};

// Where an exception came from, without its message: that may hold a part of what somebody sent.
const framesOf = (error: Error): readonly string[] => (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));

const handleErrors = (server: FastifyInstance, limits: HttpLimits): void => {
  server.setErrorHandler<FastifyError>((error, request, reply) => {
    const problem = clientProblem(error, limits);
    if (problem !== undefined) return sendProblem(reply, problem);
    request.log.error({ error: { name: error.name, frames: framesOf(error) } }, "a request failed inside");
    return sendProblem(reply, httpProblem("internal", { detail: `the log knows it as \`${request.id}\`` }));
  });
};

const methodsAt = (path: string): readonly string[] =>
  routes.filter((route) => new RegExp(`^${route.path.replace(/:[a-z0-9]+/g, "[^/]+")}$`).test(path)).map(({ method }) => method);

const handleUnknown = (server: FastifyInstance): void => {
  server.setNotFoundHandler((request, reply) => {
    const methods = methodsAt(request.url.split("?", 1)[0] ?? "");
    if (methods.length === 0) return sendProblem(reply, httpProblem("not_found"));
    const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
    const detail = `expected one of ${allow}`;
    return sendProblem(reply, httpProblem("method_not_allowed", { detail, headers: { allow } }));
  });
};

type Guard = (request: FastifyRequest, route: Route | undefined) => HttpProblem | undefined;

const guardHost =
  (tokens: Tokens | undefined): Guard =>
  (request) =>
    tokens !== undefined || isLoopbackHost(request.headers.host)
      ? undefined
      : httpProblem("foreign_host", { detail: "without tokens, expected a `Host` that names the loopback interface" });

const guardToken =
  (tokens: Tokens | undefined): Guard =>
  (request, route) => {
    if (tokens === undefined || route?.open === true || isAuthorized(tokens, request.headers.authorization)) return undefined;
    const given = request.headers.authorization !== undefined;
    const challenge = `Bearer realm="atmost"${given ? ', error="invalid_token"' : ""}`;
    return httpProblem("unauthorized", { headers: { "www-authenticate": challenge } });
  };

const guardStopping =
  (flights: Flights): Guard =>
  (_request, route) =>
    flights.isStopping() && route?.whileStopping !== true ? httpProblem("shutting_down", { headers: { connection: "close" } }) : undefined;

const guardEncoding: Guard = (request, route) => {
  const encoding = request.headers["content-encoding"];
  if (route?.body === undefined || encoding === undefined || encoding.toLowerCase() === "identity") return undefined;
  return httpProblem("unsupported_encoding", { detail: "expected no `Content-Encoding`" });
};

// The length of a body as far as it is known before it is read. A wrong one is found out while reading.
const declaredBytes = (request: FastifyRequest, limits: HttpLimits): number => {
  const declared = Number(request.headers["content-length"] ?? limits.bodyBytesMax);
  return Number.isSafeInteger(declared) && declared >= 0 ? Math.min(declared, limits.bodyBytesMax) : limits.bodyBytesMax;
};

const parseJsonBodies = (server: FastifyInstance, limits: HttpLimits): void => {
  server.removeAllContentTypeParsers();
  // The bytes as they are: each route reads them with the strict reader, which sees duplicate keys and says where things are wrong.
  server.addContentTypeParser(
    /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i,
    { parseAs: "buffer", bodyLimit: limits.bodyBytesMax },
    (_, body, done) => done(null, body),
  );
};

const addRoutes = (server: FastifyInstance, context: Context): ReadonlyMap<string, Route> => {
  const byKey = new Map<string, Route>();
  for (const route of routes) {
    byKey.set(`${route.method} ${route.path}`, route);
    if (route.method === "GET") byKey.set(`HEAD ${route.path}`, route);
    server.route({ method: route.method, url: route.path, handler: (request, reply) => route.handle(context, request, reply) });
  }
  return byKey;
};

type Ended = (sent: boolean) => void;

// Calls `then` once, when the answer was sent whole (it finishes) or nobody waits for it any more (it only closes).
const onceEnded = (reply: FastifyReply, then: Ended): void => {
  let ended = false;
  const end = (sent: boolean): void => {
    if (!ended) then(sent);
    ended = true;
  };
  reply.raw.once("finish", () => end(true));
  reply.raw.once("close", () => end(reply.raw.writableFinished));
};

// Ends the account of a request, whether its answer went out or its asker went away. One log line: never an address as it was asked for, a
// header, or a part of a body.
const account = (request: FastifyRequest, reply: FastifyReply, context: Context, options: AppOptions, log: FastifyBaseLogger): Ended => {
  const startedMs = options.steadyClock();
  return (sent) => {
    const ms = options.steadyClock() - startedMs;
    const route = describeRoute(request);
    const status = sent ? reply.statusCode : ABORTED;
    context.metrics.requestEnded(route, request.method, status, ms / 1000);
    const line = {
      reqId: request.id,
      method: request.method,
      route,
      status,
      ms: Math.round(ms * 1000) / 1000,
      ...context.notes.get(request),
    };
    if (status >= 500) log.warn(line, "answered");
    else log.info(line, "answered");
  };
};

const addHooks = (
  server: FastifyInstance,
  context: Context,
  options: AppOptions,
  find: (request: FastifyRequest) => Route | undefined,
): void => {
  const { flights, limits, metrics } = context;
  // This line has members of ours alone, and nothing in it to hide: looking for that took longer than writing it.
  const log = options.logger.child({}, { redact: [] });
  const guards = [guardHost(options.tokens), guardToken(options.tokens), guardStopping(flights), guardEncoding];
  const admit = (request: FastifyRequest, route: Route | undefined): Release | HttpProblem => {
    if (route?.body === undefined) return () => undefined;
    const release = flights.admit(declaredBytes(request, limits));
    if (release !== undefined) return release;
    metrics.overloaded("http");
    return httpProblem("overloaded", { headers: { "retry-after": String(limits.retryAfterSeconds) } });
  };
  server.addHook("onRequest", async (request, reply) => {
    metrics.requestStarted();
    const ended: Ended[] = [account(request, reply, context, options, log)];
    onceEnded(reply, (sent) => {
      for (const end of ended) end(sent);
    });
    reply.headers({ "x-request-id": request.id, "x-content-type-options": "nosniff", "cache-control": "no-store" });
    const route = find(request);
    for (const guard of guards) {
      const problem = guard(request, route);
      if (problem !== undefined) return sendProblem(reply, problem);
    }
    const admitted = admit(request, route);
    if (typeof admitted !== "function") return sendProblem(reply, admitted);
    ended.push(admitted);
    return undefined;
  });
};

const brokenHttp = (code: string): readonly [HttpProblem, string] => {
  if (code === "HPE_HEADER_OVERFLOW") return [httpProblem("headers_too_large"), "Request Header Fields Too Large"];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return [httpProblem("request_timeout"), "Request Timeout"];
  return [httpProblem("bad_http"), "Bad Request"];
};

const createServer = (options: AppOptions, limits: HttpLimits): FastifyInstance =>
  fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: options.requestId,
    requestIdHeader: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    return503OnClosing: false,
    forceCloseConnections: "idle",
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === "ECONNRESET" || !socket.writable) return;
      const [problem, reason] = brokenHttp(error.code);
      socket.end(rawProblem(problem, reason), () => socket.destroy());
    },
    // An address that can not be decoded, and the like.
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, clientProblem(error, limits) ?? httpProblem("bad_http"));
    },
  });

/**
 * Returns the service, ready to be bound or injected into. Nothing that is asked of it makes it throw: what goes wrong inside is answered
 * 500 with nothing but the request's identifier.
 */
export const createApp = (options: AppOptions): App => {
  const limits: HttpLimits = { ...defaultLimits, ...options.limits };
  const server = createServer(options, limits);
  const flights = createFlights(limits);
  const store = options.store ?? createPolicyStore(limits);
  const { prover } = options;
  const writeLink = createLinkWriter();
  const attester = createAttester(options.signingKey, options.clock, writeLink, limits.envelopesMax);
  const proverStats = (): unknown => ({ ...Object(prover.stats()), in_flight: flights.stats() });
  let openApi: string | undefined;
  const context: Context = {
    prover,
    attester,
    writeAnswer: createAnswerWriter(writeLink),
    store,
    flights,
    limits,
    metrics: createMetrics({ store, limits, proverStats, attestations: attester.stats }),
    steadyClock: options.steadyClock,
    notes: new WeakMap(),
    openApi: () => {
      openApi ??= JSON.stringify(createOpenApi(routes, options.version));
      return openApi;
    },
  };
  parseJsonBodies(server, limits);
  let byKey: ReadonlyMap<string, Route> = new Map();
  addHooks(server, context, options, (request) => byKey.get(`${request.method} ${request.routeOptions.url}`));
  handleErrors(server, limits);
  handleUnknown(server);
  byKey = addRoutes(server, context);
  return { server, flights, limits };
};
