// Two thousand broken bodies: each is answered 4xx problem+json, quickly, without a word of what is inside, and the service goes on.

import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errors } from "../../src/errors.js";
import type { App } from "../../src/http/app.js";
import { applyBody, askBody, diffBody, evaluateBody, narrowBody, testApp } from "../generators/http.js";
import { breakers, largeBreakers, type MalformedBody, malformedBodies } from "../generators/malformed.js";
import { propertyParameters, randomFrom } from "../generators/seed.js";

/** What would give away how the service is made: frames, files, packages, exceptions. */
const leak =
  /\bat [\w.<>]+ \(|node_modules|\.[jt]s\b|\/work\/|\b(?:Type|Range|Syntax|Reference)?Error\b|fastify|FST_|zod|undefined|\[object/i;

const expectRefused = (status: number, type: unknown, text: string, { how, bytes }: MalformedBody): void => {
  const shown = Buffer.from(bytes.subarray(0, 300)).toString("latin1");
  const note = `${how}: ${shown}`;
  expect(status, note).toBeGreaterThanOrEqual(400);
  expect(status, note).toBeLessThan(500);
  expect(String(type), note).toMatch(/^application\/problem\+json/);
  const problem: { readonly code: string; readonly status: number; readonly problems?: readonly { code: string; pointer: string }[] } =
    JSON.parse(text);
  expect(errors, note).toHaveProperty(problem.code);
  expect(problem.status, note).toBe(status);
  for (const { code, pointer } of problem.problems ?? []) {
    expect(errors, note).toHaveProperty(code);
    expect(pointer, note).toMatch(/^(?:\/|$)/);
  }
  // Quoted input may hold any word, so only our own words are looked at.
  const own = text.replace(/`[^`]*`/g, "").replace(/"(?:pointer|got|nearest)":"(?:[^"\\]|\\.)*"/g, "");
  expect(own, note).not.toMatch(leak);
};

const goodBodies = [applyBody(), { narrow: true, ...askBody() }].map((body) => JSON.stringify(body));

describe("malformed bodies", () => {
  let app: App & { readonly log: () => string };
  beforeAll(async () => {
    app = await testApp();
  });
  afterAll(() => app.server.close());

  const inject = async (body: MalformedBody, url = "/spawn-check"): Promise<void> => {
    const sent = await app.server.inject({
      method: "POST",
      url,
      headers: { "content-type": "application/json" },
      payload: Buffer.from(body.bytes),
    });
    expectRefused(sent.statusCode, sent.headers["content-type"], sent.body, body);
  };

  it("are refused as 4xx problem+json, all of at least 2,000, without a leak", async () => {
    const { seed, numRuns } = propertyParameters("malformed bodies", 2_100);
    const random = randomFrom(seed);
    for (const good of goodBodies) for (const body of malformedBodies(breakers, good, random, Math.ceil(numRuns / 2))) await inject(body);
  });

  it("are refused when they are large, each in bounded time", async () => {
    const { seed } = propertyParameters("large malformed bodies", 1);
    for (const body of malformedBodies(largeBreakers, goodBodies[0] ?? "", randomFrom(seed), 10)) {
      const started = performance.now();
      await inject(body);
      expect(performance.now() - started, body.how).toBeLessThan(20_000);
    }
  });

  it.each([
    ["/evaluate", evaluateBody()],
    ["/diff", diffBody()],
    ["/narrow", narrowBody()],
    ["/lint", { policy: applyBody().parent_boundary }],
  ])("are refused as the body of POST %s too", async (url, body) => {
    const { seed } = propertyParameters(`malformed bodies of ${url}`, 1);
    // A request may hold any key, so whatever adds one to the body may make another good one.
    const fitting = Object.entries(breakers).filter(
      ([how]) => url !== "/evaluate" || !["__proto__ and its like", "a surrogate in a key", "an unknown key"].includes(how),
    );
    const good = JSON.stringify(body);
    expect((await app.server.inject({ method: "POST", url, payload: body })).statusCode).toBe(200);
    for (const bad of malformedBodies(Object.fromEntries(fitting), good, randomFrom(seed), 300)) await inject(bad, url);
  });

  it("are refused as the body of PUT /policies too", async () => {
    const { seed } = propertyParameters("malformed policies", 1);
    const good = JSON.stringify(applyBody().parent_boundary);
    const fitting = Object.fromEntries(Object.entries(breakers).filter(([how]) => how !== "a bad hash"));
    for (const body of malformedBodies(fitting, good, randomFrom(seed), 300)) {
      const sent = await app.server.inject({
        method: "PUT",
        url: `/policies/${"0".repeat(64)}`,
        headers: { "content-type": "application/json" },
        payload: Buffer.from(body.bytes),
      });
      expectRefused(sent.statusCode, sent.headers["content-type"], sent.body, body);
    }
  });

  it("leave no trace: a good body is judged as ever after, nothing was logged as a failure, and no prototype was changed", async () => {
    const sent = await app.server.inject({ method: "POST", url: "/spawn-check", payload: applyBody() });
    expect([sent.statusCode, sent.json().verdict]).toEqual([200, "apply"]);
    expect(app.log()).not.toMatch(/"level":[56]0/);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(app.flights.stats()).toEqual({ requests: 0, bytes: 0 });
  });
});

describe("malformed bodies over a socket", () => {
  /** Sends one request on a connection of its own and returns everything that came back. */
  const exchange = (port: number, head: readonly string[], bytes: Uint8Array): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      const chunks: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      socket.on("error", reject);
      socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      socket.write(bytes);
    });

  it("are answered the same, and the connection ends", async () => {
    const app = await testApp();
    await app.server.listen({ host: "127.0.0.1", port: 0 });
    const address = app.server.server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { seed } = propertyParameters("malformed bodies over a socket", 200);
    for (const body of malformedBodies(breakers, goodBodies[0] ?? "", randomFrom(seed), 200)) {
      const head = [
        "POST /spawn-check HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        `Content-Length: ${body.bytes.length}`,
        "Connection: close",
      ];
      const answer = await exchange(port, head, body.bytes);
      const [top = "", ...rest] = answer.split("\r\n\r\n");
      const type = /^content-type: (.*)$/im.exec(top)?.[1];
      expectRefused(Number(top.split(" ")[1]), type, rest.join("\r\n\r\n"), body);
    }
    await app.server.close();
  });
});
