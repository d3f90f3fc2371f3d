// How `atmost serve` ends as a process of its own: told by SIGTERM while requests are under way, it answers all of them and ends with 0
// within the bound that src/http/server.ts names. `npm test` builds first.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultLimits } from "../../src/http/limits.js";
import { applyBody } from "../generators/http.js";

const bin = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const { drainMs, graceMs, deadlineMs } = defaultLimits;
/** A search is not interrupted by a signal: one link's share of the deadline may pass before the process hears of it, and again at its end. */
const deafMs = 2 * (deadlineMs / 4);
/** The latest end after the signal: what `RunningServer.stop` promises, and what the process may be deaf for. */
const stopMsMax = drainMs + 2 * graceMs + 1_000 + deafMs;
/** How soon after the signal was heard nobody can connect any more. */
const refusedMsMax = 1_000;
const agent = new Agent({ keepAlive: true });

type Server = { readonly child: ChildProcess; readonly port: number; readonly log: () => string; readonly ended: Promise<unknown> };
type Answer = { readonly status: number; readonly text: string; readonly connection: string | undefined };

let home = "";
let running: Server | undefined;

async function start(): Promise<Server> {
  const env = { HOME: home, ATMOST_SIGNING_KEY: Buffer.alloc(32, 7).toString("base64") };
  const child = spawn(process.execPath, [bin, "serve", "--port", "0"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    log += chunk;
  });
  const [line]: readonly unknown[] = await once(child.stdout.setEncoding("utf8"), "data");
  const port = Number(/:(\d+)\n$/.exec(String(line))?.[1]);
  running = { child, port, log: () => log, ended };
  return running;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode ?? 0, text, connection: response.headers.connection };
}

/** Sends a spawn check, and all of its body but the last byte, which `finish` sends. */
function post(port: number, body: unknown) {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const sent = request({ port, host: "127.0.0.1", path: "/spawn-check", method: "POST", headers, agent: false });
  const answer = once(sent, "response").then(([response]) => answerOf(response));
  sent.write(text.slice(0, -1));
  return { answer, finish: () => sent.end(text.slice(-1)) };
}

/** Resolves once the service is reading or answering `count` requests besides the one that asks. */
async function underWay(port: number, count: number): Promise<void> {
  for (let asked = 0; asked < 1_000; asked++) {
    const [response]: readonly IncomingMessage[] = await once(get({ port, host: "127.0.0.1", path: "/metrics", agent }), "response");
    if (response === undefined) break;
    const { text } = await answerOf(response);
    if (Number(/^atmost_http_requests_in_flight(?:\{.*\})? (\d+)$/m.exec(text)?.[1]) === count + 1) return;
  }
  throw new Error(`expected ${count} requests under way`);
}

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.on("error", () => resolve(true));
  });

async function untilRefused(port: number): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < refusedMsMax) if (await isRefused(port)) return performance.now() - begun;
  return Number.POSITIVE_INFINITY;
}

async function untilStopping({ child, log }: Server): Promise<void> {
  while (!log().includes('"msg":"stopping"') && child.stderr !== null) await once(child.stderr, "data");
}

/** `pigeons` in one hole less, no two in one: a rule that allows only what some rule of the other allows, and very hard to prove so. */
function pigeonholes(pigeons: number) {
  const birds = Array.from({ length: pigeons }, (_, bird) => bird);
  const holes = birds.slice(1);
  const sits = (bird: number, hole: number) => ({ [`b${bird}h${hole}`]: { eq: true } });
  const policy = (name: string, conditions: readonly unknown[]) => ({
    language: "atmost/1",
    name,
    version: "1",
    rules: conditions.map((when, i) => ({ id: `r${i}`, effect: "allow", action: "x", when })),
    delegation: "all",
    limits: { depth: 2 },
  });
  const housed = { all: birds.map((bird) => ({ any: holes.map((hole) => sits(bird, hole)) })) };
  const shared = holes.flatMap((hole) =>
    birds.flatMap((one) => birds.slice(0, one).map((two) => ({ all: [sits(one, hole), sits(two, hole)] }))),
  );
  const boundary = policy("parent", shared);
  return {
    child: { ...policy("child", [housed]), limits: { depth: 1 } },
    parent_boundary: boundary,
    admin_max: { ...boundary, name: "admin" },
  };
}

describe("atmost serve, told to stop", () => {
  beforeAll(() => {
    expect(existsSync(bin), "the executable is not built: run `npm run build`").toBe(true);
    home = mkdtempSync(join(tmpdir(), "atmost-stop-"));
  });
  afterEach(async () => {
    running?.child.kill("SIGKILL");
    await running?.ended;
  });
  afterAll(() => {
    agent.destroy();
    rmSync(home, { recursive: true });
  });

  test("answers the request that is under way in full, refuses new connections, and ends with 0", async () => {
    const server = await start();
    const { answer, finish } = post(server.port, applyBody());
    await underWay(server.port, 1);
    const begun = performance.now();
    server.child.kill("SIGTERM");
    await untilStopping(server);
    expect(await untilRefused(server.port)).toBeLessThan(refusedMsMax);
    expect(server.child.exitCode).toBe(null);
    finish();
    const { status, text, connection } = await answer;
    expect([status, connection]).toEqual([200, "close"]);
    expect(JSON.parse(text)).toMatchObject({ verdict: "apply", attestation: { payloadType: expect.any(String) } });
    expect(await server.ended).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(drainMs);
    expect(server.log()).toContain('"msg":"stopped"');
  });

  test("answers proofs that do not end in time as undecided, and ends with 0 within the bound", async () => {
    const server = await start();
    const posts = [1, 2, 3, 4].map(() => post(server.port, pigeonholes(10)));
    await underWay(server.port, posts.length);
    for (const { finish } of posts) finish();
    const begun = performance.now();
    server.child.kill("SIGTERM");
    const answers = await Promise.all(posts.map(({ answer }) => answer));
    const ended = await server.ended;
    const ms = performance.now() - begun;
    console.log(`ended ${Math.round(ms)} ms after the signal, at most ${stopMsMax} ms`);
    const bodies = answers.map(({ text }) => JSON.parse(text));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(bodies.map(({ verdict }) => verdict)).toEqual(["reject", "reject", "reject", "reject"]);
    const links = bodies.flatMap((body) => body.links.filter(({ result }: { readonly result: string }) => result === "undecided"));
    expect(links.map(({ reason }: { readonly reason: string }) => reason)).toContain("shutdown");
    expect(ended).toEqual([0, null]);
    expect(ms).toBeLessThan(stopMsMax);
  });

  test("cuts the connection of a request that never comes to its end, and ends with 0 within the bound", async () => {
    const server = await start();
    const { answer } = post(server.port, applyBody());
    const cut = answer.then(
      ({ status }) => status,
      () => "cut",
    );
    await underWay(server.port, 1);
    const begun = performance.now();
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(stopMsMax);
    expect(["cut", 408, 503]).toContain(await cut);
  });

  test("ends at once at a second signal, and not with 0", async () => {
    const server = await start();
    const { answer } = post(server.port, applyBody());
    const cut = answer.catch(() => "cut");
    await underWay(server.port, 1);
    server.child.kill("SIGTERM");
    await untilStopping(server);
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual([null, "SIGTERM"]);
    expect(await cut).toBe("cut");
  });
});
