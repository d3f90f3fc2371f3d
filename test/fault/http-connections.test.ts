// Connections that misbehave: slow, broken off, not HTTP, too many; and stopping while proofs are under way. Over real sockets.

import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { SpawnProver } from "../../src/http/context.js";
import type { HttpLimits } from "../../src/http/limits.js";
import { type RunningServer, type ServeOptions, startServer } from "../../src/http/server.js";
import { applyBody, hangingProver, keptStream } from "../generators/http.js";

const seed = Buffer.alloc(32, 7).toString("base64");
const running: RunningServer[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const start = async (limits: Partial<HttpLimits> = {}, prover?: SpawnProver, more: Partial<ServeOptions> = {}) => {
  const log = keptStream();
  const server = await startServer({
    port: 0,
    env: { ATMOST_SIGNING_KEY: seed },
    limits,
    prover,
    stderr: log.stream,
    version: "0.0.0",
    ...more,
  });
  if (server.kind === "refused") throw new Error(server.message);
  running.push(server);
  return { server, log: log.text };
};

/** Opens a connection, sends `parts`, and resolves with what came back once the other side has closed it. */
const talk = async (port: number, parts: readonly (string | Uint8Array)[]): Promise<string> => {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset after the answer is one way of closing.
  socket.on("error", () => undefined);
  const closed = once(socket, "close");
  for (const part of parts) socket.write(part);
  await closed;
  return Buffer.concat(chunks).toString("latin1");
};

const post = (server: RunningServer, body: unknown = applyBody(), headers = {}) =>
  fetch(`${server.url}/spawn-check`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

const head = (length: number, more: readonly string[] = []): string =>
  ["POST /spawn-check HTTP/1.1", "Host: localhost", "Content-Type: application/json", `Content-Length: ${length}`, ...more, "", ""].join(
    "\r\n",
  );

const expectRaw = (answer: string, status: number, code: string): void => {
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer.toLowerCase()).toContain("content-type: application/problem+json");
  expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({ code, status });
};

const quick = { headersTimeoutMs: 100, requestTimeoutMs: 200, connectionsCheckMs: 20 };

describe("slow connections", () => {
  it("are answered 408 and closed when the head does not come, while others are served", async () => {
    const { server } = await start(quick);
    const slow = Array.from({ length: 20 }, () => talk(server.port, ["POST /spawn-check HTTP/1.1\r\nHost: localhost\r\nX-Slow: "]));
    expect((await post(server)).status).toBe(200);
    for (const answer of await Promise.all(slow)) expectRaw(answer, 408, "request_timeout");
  });

  it("are answered 408 and closed when the body does not come, and give their place back", async () => {
    const { server } = await start({ ...quick, inFlightMax: 1 });
    expectRaw(await talk(server.port, [head(1_000), '{"child":']), 408, "request_timeout");
    expect((await post(server)).status).toBe(200);
  });
});

describe("connections that are broken off", () => {
  const open = async (port: number): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  };

  it("in the middle of a body cost nothing", async () => {
    const { server } = await start({ inFlightMax: 30 });
    for (let index = 0; index < 30; index++) {
      const socket = await open(server.port);
      socket.write(`${head(1_000)}{"child":{`);
      socket.destroy();
    }
    expect((await post(server)).status).toBe(200);
  });

  it("in the middle of a proof end the proof", async () => {
    const { prover, started, ended } = hangingProver();
    const { server, log } = await start({ graceMs: 10 }, prover);
    const socket = await open(server.port);
    const body = JSON.stringify(applyBody());
    socket.write(head(Buffer.byteLength(body)) + body);
    await started;
    socket.destroy();
    await ended;
    await server.stop();
    expect(log()).toContain('"status":499');
  });
});

describe("messages that are not HTTP as it should be", () => {
  it.each([
    ["noise", "\0\x01\x02\r\n\r\n", 400, "bad_http"],
    ["a length that is none", "POST /spawn-check HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400, "bad_http"],
    ["two lengths", "POST /spawn-check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400, "bad_http"],
    [
      "a length and chunks",
      "POST /spawn-check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
      "bad_http",
    ],
    ["a header over 16 KiB", `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Big: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad_http"],
  ])("%s: answered with a problem, and closed", async (_, text, status, code) => {
    const { server } = await start();
    expectRaw(await talk(server.port, [Buffer.from(text, "latin1")]), status, code);
    expect((await post(server)).status).toBe(200);
  });

  it("a body over the limit is refused whether its length is declared or it comes in chunks", async () => {
    const { server } = await start({ bodyBytesMax: 10_000 });
    expectRaw(await talk(server.port, [head(10_001, ["Connection: close"]), "x".repeat(10_001)]), 413, "too_large");
    const chunked =
      "POST /spawn-check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    const chunk = `1000\r\n${"x".repeat(4_096)}\r\n`;
    expectRaw(await talk(server.port, [chunked, chunk, chunk, chunk, "0\r\n\r\n"]), 413, "too_large");
  });

  it("requests one after the other on one connection are each answered", async () => {
    const { server } = await start();
    const body = JSON.stringify(applyBody());
    const one = head(Buffer.byteLength(body)) + body;
    const answer = await talk(server.port, [one, one, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"]);
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
  });
});

describe("many at once", () => {
  it("answers 100 requests in parallel, each its own", async () => {
    const { server } = await start();
    const names = Array.from({ length: 100 }, (_, index) => `child-${index}`);
    const answers = await Promise.all(
      names.map(async (name) => {
        const sent = await post(server, { ...applyBody(), child: { ...applyBody().child, name } });
        return (await sent.json()) as { readonly verdict: string; readonly policies: { readonly child: { readonly name: string } } };
      }),
    );
    expect(answers.map(({ policies }) => policies.child.name)).toEqual(names);
    expect(answers.every(({ verdict }) => verdict === "apply")).toBe(true);
  });
});

describe("stopping", () => {
  it("lets a proof finish that is under way, takes no new connection, and ends", async () => {
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { prover: hanging, started } = hangingProver();
    const { undecidedResult } = await import("../../src/http/judge.js");
    const prover: SpawnProver = {
      ...hanging,
      spawnCheck: async (input, options) => {
        void hanging.spawnCheck(input, options);
        await gate;
        return undecidedResult(input, "search_bound");
      },
    };
    const { server } = await start({}, prover);
    const answer = post(server);
    await started;
    const stopped = server.stop();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    finish();
    const sent = await answer;
    expect(sent.status).toBe(200);
    expect(await sent.json()).toMatchObject({ links: Array(4).fill({ reason: "search_bound" }) });
    await stopped;
  });

  it("answers what is left undecided, shutdown after the drain, and ends whatever the prover does", async () => {
    const { prover, started, aborted } = hangingProver();
    const { server, log } = await start({ drainMs: 30, graceMs: 10 }, { ...prover, close: () => new Promise(() => undefined) });
    const answer = post(server);
    await started;
    const stopped = server.stop();
    const sent = await answer;
    expect(sent.status).toBe(200);
    expect(await sent.json()).toMatchObject({ verdict: "reject", links: Array(4).fill({ result: "undecided", reason: "shutdown" }) });
    expect(aborted()).toBe(true);
    await stopped;
    expect(server.stop()).toBe(server.stop());
    expect(log()).toContain('"msg":"stopped"');
  });

  it("cuts a connection that sends its body too slowly", async () => {
    const { server } = await start({ drainMs: 30, graceMs: 10 });
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    const closed = once(socket, "close");
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(`${head(1_000)}{`);
    const isAdmitted = async () => (await (await fetch(`${server.url}/metrics`)).text()).includes('{name="in_flight_requests"} 1');
    for (let asked = 0; asked < 1_000 && !(await isAdmitted()); asked++);
    await server.stop();
    await closed;
  });
});

describe("starting", () => {
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), "atmost-http-"));
    folders.push(made);
    return made;
  };
  const attempt = async (options: Partial<ServeOptions>) => {
    const server = await startServer({ port: 0, env: { ATMOST_SIGNING_KEY: seed }, stderr: keptStream().stream, version: "0", ...options });
    if (server.kind === "listening") running.push(server);
    return server;
  };

  it.each(["0.0.0.0", "::", "192.0.2.1", "example.com", "127.0.0.1.example.com"])("refuses `%s` without tokens", async (host) => {
    expect(await attempt({ host })).toMatchObject({ kind: "refused", code: "address_needs_tokens" });
  });

  it.each([
    [{ port: 65_536 }, "invalid_address"],
    [{ port: Number.NaN }, "invalid_address"],
    [{ host: "" }, "invalid_address"],
    [{ tokensFile: "/no/such/file" }, "tokens_file_unreadable"],
    [{ tokensFile: "/" }, "tokens_file_unreadable"],
    [{ env: { ATMOST_SIGNING_KEY: seed, ATMOST_TOKENS_FILE: "" } }, "tokens_file_unreadable"],
    [{ env: { ATMOST_SIGNING_KEY: "" } }, "invalid_key"],
    [{ keyFile: "/no/such/file" }, "key_file_unreadable"],
  ])("refuses %j as %s", async (options, code) => {
    expect(await attempt(options)).toMatchObject({ kind: "refused", code });
  });

  it("refuses a port that is taken", async () => {
    const { server } = await start();
    expect(await attempt({ port: server.port })).toMatchObject({ kind: "refused", code: "cannot_listen" });
  });

  it("serves any address with tokens, and asks for one", async () => {
    const file = join(await folder(), "tokens");
    await writeFile(file, "a-token-for-the-tests\n", { mode: 0o600 });
    const server = await attempt({ host: "0.0.0.0", tokensFile: file });
    expect(server.kind).toBe("listening");
    if (server.kind !== "listening") return;
    const url = `http://127.0.0.1:${server.port}`;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`, { headers: { authorization: "Bearer a-token-for-the-tests" } })).status).toBe(200);
  });

  it("refuses a file of plain tokens that others may read, and takes one of hashes", async () => {
    const file = join(await folder(), "tokens");
    await writeFile(file, "a-token-for-the-tests\n", { mode: 0o644 });
    expect(await attempt({ tokensFile: file })).toMatchObject({ kind: "refused", code: "tokens_file_permissions" });
    await writeFile(file, `sha256:${"0".repeat(64)}\n`);
    expect((await attempt({ env: { ATMOST_SIGNING_KEY: seed, ATMOST_TOKENS_FILE: file } })).kind).toBe("listening");
  });

  it("makes a development key on first use, says so in the log, and takes it again", async () => {
    const env = { XDG_STATE_HOME: await folder() };
    const logs: string[] = [];
    for (let time = 0; time < 2; time++) {
      const { server, log } = await start({}, undefined, { env });
      await server.stop();
      logs.push(log());
    }
    expect(logs[0]).toMatch(/"level":40.*"created":true.*development key/);
    expect(logs[1]).toMatch(/"level":40.*"created":false.*development key/);
  });
});
