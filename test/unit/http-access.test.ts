// Who may ask the HTTP service: those with a known token, and without tokens those on the same machine. By injection.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isLoopback, isLoopbackHost, parseTokens } from "../../src/http/auth.js";
import { applyBody, testApp } from "../generators/http.js";
import { expectProblem, send } from "./http-requests.js";

describe("who may ask", () => {
  const token = "correct-horse-battery";
  const tokensOf = (text: string) => {
    const tokens = parseTokens(text, "tokens");
    if (tokens.kind === "refused") throw new Error(tokens.message);
    return tokens;
  };

  it("needs a known token for everything but the probes once tokens are configured", async () => {
    const hashed = `sha256:${createHash("sha256").update("another-long-token").digest("hex")}`;
    const app = await testApp({ tokens: tokensOf(`# ours\n\n${token}\n${hashed}\n`) });
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
    for (const url of ["/healthz", "/readyz"]) expect((await send(app, "GET", url)).status).toBe(200);
    for (const headers of [
      {},
      bearer("wrong-horse-battery"),
      bearer(""),
      bearer(hashed),
      { authorization: token },
      { authorization: `Basic ${token}` },
    ]) {
      for (const url of ["/metrics", "/openapi.json", "/nothing"]) {
        const sent = await send(app, "GET", url, undefined, headers);
        expectProblem(sent, "unauthorized");
        expect(sent.headers["www-authenticate"]).toMatch(/^Bearer realm="atmost"/);
      }
      expectProblem(await send(app, "POST", "/spawn-check", applyBody(), headers), "unauthorized");
    }
    for (const good of [token, "another-long-token"]) {
      expect((await send(app, "POST", "/spawn-check", applyBody(), bearer(good))).status).toBe(200);
      expect((await send(app, "GET", "/metrics", undefined, { ...bearer(good), host: "elsewhere.example" })).status).toBe(200);
    }
    expect(app.log()).not.toContain(token);
  });

  it("answers only for loopback names without tokens, so that a rebound name is kept out", async () => {
    const app = await testApp();
    for (const host of ["localhost", "localhost:8750", "127.0.0.1:1", "127.9.9.9", "[::1]:8750", "LOCALHOST"]) {
      expect((await send(app, "GET", "/healthz", undefined, { host })).status).toBe(200);
    }
    for (const host of [
      "evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "0.0.0.0",
      "[::2]",
      "user@localhost",
      "localhost:x",
      "2130706433",
    ]) {
      expectProblem(await send(app, "GET", "/healthz", undefined, { host }), "foreign_host");
    }
    expect(isLoopbackHost(undefined)).toBe(false);
    expect(["127.0.0.1", "::1", "[::1]", "localhost"].every(isLoopback)).toBe(true);
    expect(["0.0.0.0", "::", "10.0.0.1", "127.1", "example.com", ""].some(isLoopback)).toBe(false);
  });

  it("refuses token files with lines that are no tokens, naming the line and never the text", () => {
    for (const text of [
      "",
      "# only\n",
      "short",
      "has space in it here",
      `sha256:${"A".repeat(64)}`,
      "ünicode-token-is-none",
      `${"x".repeat(513)}`,
    ]) {
      const read = parseTokens(text, "token file `t`");
      expect(read).toMatchObject({ kind: "refused", code: "invalid_tokens" });
      if (read.kind === "refused" && text !== "") expect(read.message).not.toContain(text);
    }
    expect(parseTokens(`${"0123456789abcdef\n".repeat(101)}`, "t")).toMatchObject({ code: "invalid_tokens" });
  });
});
