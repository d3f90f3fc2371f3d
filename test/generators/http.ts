// What the tests of the HTTP service share: a service with its log kept, small policies, and a prover that answers as it is told.

import { Writable } from "node:stream";
import { pino } from "pino";
import { createProver, type LinkResult, type SpawnResult } from "../../prover/index.js";
import { type App, type AppOptions, createApp } from "../../src/http/app.js";
import type { SpawnProver } from "../../src/http/context.js";
import { undecidedResult } from "../../src/http/judge.js";
import { createLogger } from "../../src/http/server.js";
import { keyPairFromSeed, type SigningKey, toSigningKey } from "../../src/signing/index.js";

/** A key that is the same in every run. */
export const testKey = async (): Promise<SigningKey> => toSigningKey(await keyPairFromSeed(new Uint8Array(32).fill(7)));

/** A stream that keeps what is written. */
export const keptStream = (): { readonly stream: Writable; readonly text: () => string } => {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
};

/** The time in every attestation of the tests. */
export const testTime = Date.UTC(2026, 10, 2);

/** Returns a service with the real prover, unless another one is given, and everything it logged. */
export const testApp = async (options: Partial<AppOptions> = {}): Promise<App & { readonly log: () => string }> => {
  const { stream, text } = keptStream();
  let requests = 0;
  const app = createApp({
    prover: createProver({ clock: () => performance.now() }),
    signingKey: await testKey(),
    logger: createLogger(stream, "info"),
    clock: () => testTime,
    steadyClock: () => performance.now(),
    requestId: () => `request-${++requests}`,
    version: "0.0.0",
    ...options,
  });
  return { ...app, log: text };
};

/** A logger that says nothing. */
export const silent = () => pino({ level: "silent" });

type Rule = { readonly [key: string]: unknown };

/** Returns a policy document. */
export const policy = (name: string, rules: readonly Rule[], more: { readonly [key: string]: unknown } = {}) => ({
  language: "atmost/1",
  name,
  version: "1",
  rules,
  ...more,
});

const allow = (id: string, action: string | readonly string[], when?: { readonly [key: string]: unknown }): Rule => ({
  id,
  effect: "allow",
  action,
  ...(when === undefined ? {} : { when }),
});

const limits = (depth: number) => ({ limits: { depth, children: 2 } });
const workspace = { path: { path: "/workspace/**" } };

/** The body of a spawn check whose every link is contained. */
export const applyBody = () => ({
  child: policy("child", [allow("read", "fs:read", { path: { path: "/workspace/src/**" } })]),
  parent_boundary: policy("parent", [allow("files", ["fs:read", "fs:write"], workspace)], {
    delegation: { rules: [allow("reads", "fs:read")] },
    ...limits(2),
  }),
  admin_max: policy("admin", [allow("files", "fs:**")], limits(3)),
});

/** The same with a child that also writes, which the parent may not hand on. */
export const rejectBody = () => ({
  ...applyBody(),
  child: policy("child", [allow("write", ["fs:read", "fs:write"], { path: { path: "/workspace/src/**" } })]),
});

/** The same with a parent that is only allowed to hand reading on where somebody is asked. */
export const askBody = () => ({
  ...applyBody(),
  parent_boundary: policy("parent", [allow("files", ["fs:read", "fs:write"], workspace)], {
    delegation: { rules: [{ id: "reads", effect: "ask", action: "fs:read" }] },
    ...limits(2),
  }),
});

/** The body of an evaluation. */
export const evaluateBody = () => ({ policy: applyBody().parent_boundary, request: {} });
/** The body of a comparison. */
export const diffBody = () => ({ old: applyBody().child, new: rejectBody().child });
/** The body of a narrowing. */
export const narrowBody = () => ({ child: rejectBody().child, bounds: [applyBody().parent_boundary, applyBody().admin_max] });

/** The effort of an answer that cost nothing. */
export const noEffort = { stage: "solver", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;

/** Returns a prover that answers with `answer`. */
export const fakeProver = (answer: SpawnProver["spawnCheck"]): SpawnProver => ({
  spawnCheck: answer,
  checkContainment: async () => ({ kind: "undecided", reason: "search_bound", effort: noEffort }),
  stats: () => ({ queue: { length: 3 }, solver: "none" }),
  close: async () => undefined,
});

/** Returns a prover whose every link is `result`, and whose verdict is a reject. */
export const rejectingProver = (result: LinkResult): SpawnProver =>
  fakeProver(async (input): Promise<SpawnResult> => {
    const { links, ...rest } = undecidedResult(input, "deadline");
    return { ...rest, links: links.map((link) => ({ ...link, result })) };
  });

/** A prover that never answers by itself; `started` resolves when it is first asked, `ended` when it is told to end. */
export const hangingProver = () => {
  let begin: () => void = () => undefined;
  let end: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let signal: AbortSignal | undefined;
  const prover = fakeProver((_input, options) => {
    signal = options?.signal;
    signal?.addEventListener("abort", end);
    begin();
    return new Promise(() => undefined);
  });
  return { prover, started, ended, aborted: () => signal?.aborted ?? false };
};
