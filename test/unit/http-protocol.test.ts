// The HTTP service keeps to HTTP: addresses, methods, types and headers. By injection; sockets are in test/fault/http-connections.test.ts.

import { describe, expect, it } from "vitest";
import { applyBody, testApp } from "../generators/http.js";
import { expectProblem, send } from "./http-requests.js";

describe("what HTTP asks for", () => {
  it("answers 404 for an unknown address and 405 with Allow for another method", async () => {
    const app = await testApp();
    expectProblem(await send(app, "GET", "/nothing"), "not_found");
    for (const [method, url, allow] of [
      ["GET", "/spawn-check", "POST"],
      ["POST", "/policies/x", "PUT, GET, HEAD"],
      ["PUT", "/healthz", "GET, HEAD"],
    ] as const) {
      const sent = await send(app, method, url);
      expectProblem(sent, "method_not_allowed");
      expect(sent.headers["allow"]).toBe(allow);
    }
    expect((await app.server.inject({ method: "OPTIONS", url: "/spawn-check" })).statusCode).toBe(405);
    expect((await app.server.inject({ method: "HEAD", url: "/healthz" })).statusCode).toBe(200);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/yaml",
    "application/json; charset=latin1",
    "application/jsonx",
    "json",
    "",
  ])("answers 415 for the type `%s`", async (type) => {
    expectProblem(await send(await testApp(), "POST", "/spawn-check", "{}", { "content-type": type }), "unsupported_media_type");
  });

  it("takes JSON with the charset UTF-8, and refuses encodings", async () => {
    const app = await testApp();
    const text = JSON.stringify(applyBody());
    expect((await send(app, "POST", "/spawn-check", text, { "content-type": "application/json; charset=UTF-8" })).status).toBe(200);
    expect((await send(app, "POST", "/spawn-check", text, { "content-encoding": "identity" })).status).toBe(200);
    expectProblem(await send(app, "POST", "/spawn-check", text, { "content-encoding": "gzip" }), "unsupported_encoding");
  });

  it("answers 400 for no body and for an address that can not be decoded", async () => {
    const app = await testApp();
    expectProblem(await send(app, "POST", "/spawn-check"), "invalid_json");
    expectProblem(await send(app, "GET", "/policies/%zz"), "bad_http");
    expectProblem(await send(app, "GET", `/policies/${"a".repeat(5_000)}`), "not_found");
  });

  it("sends no-store, nosniff and its own request identifier, whatever the caller sent as one", async () => {
    const sent = await send(await testApp(), "GET", "/healthz", undefined, { "x-request-id": "mine" });
    expect(sent.headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff", "x-request-id": "request-1" });
  });
});
