// What the HTTP service tells of itself: its OpenAPI document, its figures and its log, which holds no text of a request. By injection.

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { createProver } from "../../prover/index.js";
import { withoutCaches } from "../../src/http/limits.js";
import { flattenFigures } from "../../src/http/metrics.js";
import { createLogger } from "../../src/http/server.js";
import { applyBody, keptStream, noEffort, policy, rejectBody, rejectingProver, testApp } from "../generators/http.js";
import { check, hashOf, send } from "./http-requests.js";

describe("what it tells of itself", () => {
  it("describes every route in an OpenAPI document whose references all resolve", async () => {
    const app = await testApp();
    const document: {
      readonly openapi: string;
      readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      readonly components: { readonly schemas: Readonly<Record<string, object>> };
    } = (await send(app, "GET", "/openapi.json")).json();
    expect(document.openapi).toBe("3.1.1");
    expect(Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))).toEqual([
      "post /spawn-check",
      "post /evaluate",
      "post /diff",
      "post /narrow",
      "post /lint",
      "put /policies/{sha256}",
      "get /policies/{sha256}",
      "get /healthz",
      "get /readyz",
      "get /metrics",
      "get /openapi.json",
    ]);
    const text = JSON.stringify(document);
    for (const [, name = ""] of text.matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(name).toMatch(/^#\/components\/schemas\//);
      expect(document.components.schemas).toHaveProperty(name.slice("#/components/schemas/".length));
    }
    expect(text).not.toMatch(/\$defs|__schema/);
    const whole = new Ajv2020({ strict: false, validateFormats: false }).addSchema({ $id: "urn:atmost:openapi", ...document });
    for (const name of Object.keys(document.components.schemas)) {
      expect(whole.compile({ $ref: `urn:atmost:openapi#/components/schemas/${name}` })).toBeTypeOf("function");
    }
    const request = whole.compile({ $ref: "urn:atmost:openapi#/components/schemas/SpawnCheckRequest" });
    expect([request(applyBody()), request({ ...applyBody(), extra: {} })]).toEqual([true, false]);
    const answer = whole.compile({ $ref: "urn:atmost:openapi#/components/schemas/SpawnCheckResponse" });
    expect(answer((await check(app, rejectBody())).json())).toBe(true);
  });

  it("counts requests, verdicts, links, reasons and what the store and the prover say", async () => {
    const app = await testApp({ limits: { retryAfterSeconds: 7 } });
    await check(app, applyBody());
    await check(app, rejectBody());
    await check(app, "{");
    await send(app, "PUT", `/policies/${hashOf(applyBody().child)}`, applyBody().child);
    const { text, headers } = await send(app, "GET", "/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    for (const line of [
      'atmost_http_requests_total{route="/spawn-check",method="POST",status="200"} 2',
      'atmost_http_requests_total{route="/spawn-check",method="POST",status="400"} 1',
      'atmost_http_request_duration_seconds_count{route="/spawn-check"} 3',
      'atmost_verdicts_total{verdict="apply"} 1',
      'atmost_verdicts_total{verdict="reject"} 1',
      'atmost_policies_held{store="put"} 1',
      'atmost_policies_held{store="inline"} 4',
      'atmost_policies_hits{store="inline"} 2',
      'atmost_limit{name="retry_after_seconds"} 7',
      "atmost_http_requests_in_flight 1",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/^atmost_links_total\{result="contained",stage="[a-z]+"\} \d+$/m);
    expect(text).toMatch(/^atmost_prover\{name="links_contained"\} 7$/m);
    const undecided = await testApp({ prover: rejectingProver({ kind: "undecided", reason: "theory_bound", effort: noEffort }) });
    await check(undecided, applyBody());
    expect((await send(undecided, "GET", "/metrics")).text).toContain('atmost_undecided_total{reason="theory_bound"} 4');
    expect((await send(undecided, "GET", "/metrics")).text).toContain('atmost_prover{name="queue_length"} 3');
  });

  it("counts what was kept and given again: links by how they were found, and attestations; and nothing with every cache off", async () => {
    const cache = { entriesMax: 100, bytesMax: 1_000_000 };
    const on = await testApp({ prover: createProver({ clock: () => performance.now(), solver: "none", cache }) });
    const off = await testApp({ limits: withoutCaches });
    for (const app of [on, off]) for (let i = 0; i < 3; i++) await check(app, applyBody());
    const kept = (await send(on, "GET", "/metrics")).text.split("\n");
    for (const line of [
      'atmost_answers_held{cache="links"} 4',
      'atmost_answers_hits{cache="links"} 8',
      'atmost_answers_misses{cache="links"} 4',
      'atmost_answers_evictions{cache="links"} 0',
      'atmost_answers_held{cache="attestations"} 1',
      'atmost_answers_hits{cache="attestations"} 2',
      'atmost_limit{name="envelopes_max"} 256',
    ])
      expect(kept).toContain(line);
    const sum = (text: readonly string[], name: string): number =>
      text.filter((line) => line.startsWith(`${name}{`)).reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
    expect(sum(kept, "atmost_links_cached_total")).toBe(8);
    expect(sum(kept, "atmost_links_total")).toBe(12);
    const anew = (await send(off, "GET", "/metrics")).text.split("\n");
    expect(sum(anew, "atmost_links_cached_total")).toBe(0);
    expect(anew).toContain('atmost_answers_hits{cache="attestations"} 0');
    expect(anew).toContain('atmost_policies_hits{store="inline"} 0');
    expect(anew.filter((line) => line.startsWith("atmost_answers_held{"))).toEqual(['atmost_answers_held{cache="attestations"} 0']);
  });

  it("takes figures from whatever has numbers in it, a bounded number of them", () => {
    const figures = flattenFigures({
      queueLength: 2,
      on: true,
      deep: { inner: { count: 1 } },
      text: "x",
      list: [1],
      nothing: null,
      bad: Number.NaN,
    });
    expect([...figures]).toEqual([
      ["queue_length", 2],
      ["on", 1],
      ["deep_inner_count", 1],
    ]);
    expect(flattenFigures(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`n${index}`, index]))).size).toBe(200);
  });

  it("logs one line a request, without any text of a policy, an address or a header", async () => {
    const app = await testApp();
    const secret = "zq-secret";
    const rule = { id: secret, effect: "allow", action: secret, because: secret };
    await check(app, { ...applyBody(), child: policy(secret, [rule], { description: secret }) });
    await check(app, { ...applyBody(), child: { [secret]: secret } });
    await check(app, `{"${secret}`);
    await send(app, "GET", `/${secret}?token=${secret}`, undefined, { authorization: `Bearer ${secret}`, cookie: secret, "x-any": secret });
    const lines = app.log().trim().split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).not.toContain(secret);
      expect(JSON.parse(line)).toMatchObject({
        reqId: expect.stringMatching(/^request-/),
        msg: "answered",
        status: expect.any(Number),
        ms: expect.any(Number),
      });
    }
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      method: "POST",
      route: "/spawn-check",
      status: 200,
      verdict: "reject",
      links: expect.any(Array),
    });
  });

  it("redacts tokens and bodies even where one is logged by mistake", () => {
    const { stream, text } = keptStream();
    const logger = createLogger(stream, "info");
    const secret = "zq-secret";
    logger.info(
      { authorization: secret, req: { headers: { authorization: secret, cookie: secret }, body: secret }, token: secret, body: secret },
      "x",
    );
    expect(text()).not.toContain(secret);
    expect(text()).toContain("[redacted]");
  });
});
