// Binds the service to an address, and stops it again. Refuses an address that others can reach unless tokens are configured. The command
// line's `serve` is `serveUntilStopped`.

import { randomBytes, randomUUID } from "node:crypto";
import { homedir } from "node:os";
import type { Writable } from "node:stream";
import { pino } from "pino";
import { createProver } from "../../prover/index.js";
import { developmentKeyFile, loadSigningKey, SIGNING_KEY_VARIABLE, type SigningRefusal } from "../signing/index.js";
import { createTurns } from "../turns.js";
import { createApp } from "./app.js";
import { isLoopback, loadTokens, type ServeRefusal, TOKENS_FILE_VARIABLE } from "./auth.js";
import type { SpawnProver } from "./context.js";
import { defaultLimits, type HttpLimits } from "./limits.js";

/** The address where nothing else is asked for: this machine only. */
export const DEFAULT_HOST = "127.0.0.1";
/** The port where nothing else is asked for. */
export const DEFAULT_PORT = 8_750;

/** How to serve. */
export type ServeOptions = {
  /** A host name or address; not a loopback one only with tokens. */
  readonly host?: string | undefined;
  /** 0..65535; 0 takes any free port. */
  readonly port?: number | undefined;
  /** A file of bearer tokens; else the one that `ATMOST_TOKENS_FILE` names. */
  readonly tokensFile?: string | undefined;
  /** A file with the signing key; else `ATMOST_SIGNING_KEY`; else a development key. */
  readonly keyFile?: string | undefined;
  /** The environment. Read here: the two variables above, `XDG_STATE_HOME`, and `HOME`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<HttpLimits> | undefined;
  readonly logLevel?: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent" | undefined;
  /** Where the log goes, one JSON object a line. */
  readonly stderr: Writable;
  /** Absent: one with every engine and a steady clock. It is closed when the service stops. */
  readonly prover?: SpawnProver | undefined;
  /** The version of this package. */
  readonly version: string;
};

/** A service that listens. */
export type RunningServer = {
  readonly kind: "listening";
  /** Where, for example `http://127.0.0.1:8750`. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops: takes no new work, lets proofs finish for `drainMs`, answers those left `undecided`, `shutdown`, and resolves when everything
   * is closed, at the latest about `drainMs` and twice `graceMs` and a second later, and besides what the searches that run when it is
   * called and when `drainMs` are over take to their deadline, a quarter of `deadlineMs` each. A second call waits for the same end.
   */
  readonly stop: () => Promise<void>;
};

/** Header fields and members that never reach a log, should one ever be logged. */
const redacted = [
  "authorization",
  "*.authorization",
  "*.*.authorization",
  "cookie",
  "*.cookie",
  "*.*.cookie",
  "token",
  "*.token",
  "tokens",
  "*.tokens",
  "body",
  "*.body",
  "document",
  "*.document",
];
/** How long after everything should have ended the connections that are left are cut. */
const CUT_AFTER_MS = 1_000;
/** How often idle connections are closed while the service stops. */
const SWEEP_MS = 50;

/** Returns a logger that writes JSON lines to `stream`. */
export const createLogger = (stream: Writable, level: NonNullable<ServeOptions["logLevel"]>) =>
  pino(
    { level, base: { name: "atmost" }, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: redacted, censor: "[redacted]" } },
    stream,
  );

const refuse = (code: ServeRefusal["code"], message: string): ServeRefusal => ({ kind: "refused", code, message });

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

const wait = (ms: number): { readonly over: Promise<void>; readonly cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { over, cancel: () => clearTimeout(timer) };
};

// Waits for `promise`, but no longer than `ms`. True iff it ended in time; how it ended does not matter here.
const within = async (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  const { over, cancel } = wait(ms);
  const ended = promise.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, over.then(() => false)]);
  cancel();
  return inTime;
};

const tokensFor = async (options: ServeOptions, host: string) => {
  const file = options.tokensFile ?? options.env[TOKENS_FILE_VARIABLE];
  if (file !== undefined) return loadTokens(file);
  if (isLoopback(host)) return undefined;
  const how = `\`--tokens FILE\` or \`${TOKENS_FILE_VARIABLE}\``;
  return refuse("address_needs_tokens", `host \`${host}\` can be reached by others: expected a loopback address, or tokens by ${how}`);
};

const keyFor = ({ keyFile, env }: ServeOptions) =>
  loadSigningKey({
    file: keyFile,
    env: env[SIGNING_KEY_VARIABLE],
    developmentFile: developmentKeyFile(env["XDG_STATE_HOME"], env["HOME"] ?? homedir()),
    random: randomBytes,
  });

const checkAddress = (host: string, port: number): ServeRefusal | undefined => {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return refuse("invalid_address", `expected a port of 0 to 65535, got \`${port}\``);
  if (host === "" || host.length > 255 || /[\s/]/.test(host)) return refuse("invalid_address", `expected a host, got \`${host}\``);
  return undefined;
};

const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

/**
 * Returns the service once it listens, or why it does not: `invalid_address`, `address_needs_tokens`, `invalid_tokens`,
 * `tokens_file_unreadable`, `tokens_file_permissions`, `cannot_listen`, or a refusal of the signing key. Each is exit code 2.
 */
export const startServer = async (options: ServeOptions): Promise<RunningServer | ServeRefusal | SigningRefusal> => {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT } = options;
  const wrong = checkAddress(host, port);
  if (wrong !== undefined) return wrong;
  const tokens = await tokensFor(options, host);
  if (tokens?.kind === "refused") return tokens;
  const key = await keyFor(options);
  if (key.kind === "refused") return key;
  const logger = createLogger(options.stderr, options.logLevel ?? "info");
  if (key.source === "development") {
    logger.warn({ file: key.file, created: key.created, keyId: key.key.keyId }, "answers are signed with a development key");
  }
  const { linkEntriesMax, linkBytesMax } = { ...defaultLimits, ...options.limits };
  const cache = { entriesMax: linkEntriesMax, bytesMax: linkBytesMax };
  const prover = options.prover ?? createProver({ clock: () => performance.now(), pause: createTurns(), cache });
  const { server, flights, limits } = createApp({
    prover,
    signingKey: key.key,
    ...(tokens === undefined ? {} : { tokens }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    logger,
    clock: () => Date.now(),
    steadyClock: () => performance.now(),
    requestId: () => randomUUID(),
    version: options.version,
  });
  try {
    await server.listen({ host: bareHost(host), port });
  } catch (error) {
    await server.close();
    await prover.close();
    return refuse("cannot_listen", `cannot listen on \`${host}\`, port ${port}: ${errorCode(error)}`);
  }
  const address = server.server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const name = bareHost(host).includes(":") ? `[${bareHost(host)}]` : host;
  logger.info({ host, port: bound, tokenCount: tokens?.digests.length ?? 0, keyId: key.key.keyId }, "listening");
  const stop = async (): Promise<void> => {
    logger.info(flights.stats(), "stopping");
    flights.stop();
    const closed = server.close();
    // A connection whose last answer goes out during the stop is idle only then.
    const sweep = setInterval(() => server.server.closeIdleConnections(), SWEEP_MS);
    if (!(await within(closed, limits.drainMs))) {
      flights.abort();
      if (!(await within(closed, limits.graceMs + CUT_AFTER_MS))) server.server.closeAllConnections();
      await closed;
    }
    clearInterval(sweep);
    await within(prover.close(), limits.graceMs);
    logger.info("stopped");
  };
  let stopped: Promise<void> | undefined;
  return {
    kind: "listening",
    url: `http://${name}:${bound}`,
    port: bound,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
};

/** The part of `process` that serving needs. */
export type SignalSource = {
  readonly once: (signal: "SIGTERM" | "SIGINT", listener: () => void) => unknown;
  readonly off: (signal: "SIGTERM" | "SIGINT", listener: () => void) => unknown;
};

/**
 * Serves until SIGTERM or SIGINT. One line on `stdout` when it listens; a second signal does what it does without us, which is to end the
 * process at once.
 * @returns `stopped` after a signal (exit code 0), or the refusal to start (exit code 2)
 */
export const serveUntilStopped = async (
  options: ServeOptions,
  stdout: Writable,
  signals: SignalSource,
): Promise<{ readonly kind: "stopped" } | ServeRefusal | SigningRefusal> => {
  const running = await startServer(options);
  if (running.kind === "refused") return running;
  const signal = new Promise<void>((resolve) => {
    const stop = (): void => {
      signals.off("SIGTERM", stop);
      signals.off("SIGINT", stop);
      resolve();
    };
    signals.once("SIGTERM", stop);
    signals.once("SIGINT", stop);
  });
  stdout.write(`atmost listens on ${running.url}\n`);
  await signal;
  await running.stop();
  return { kind: "stopped" };
};
