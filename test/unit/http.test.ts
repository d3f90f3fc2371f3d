// The HTTP service by injection: every route, every refusal, what it logs and counts. Sockets are in test/fault/http-connections.test.ts.

import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { canonicalJson, createProver, type Json, parsePolicy, type SpawnResult } from "../../prover/index.js";
import { hashCertificate } from "../../src/attest.js";
import { errors, findError } from "../../src/errors.js";
import type { App } from "../../src/http/app.js";
import { isLoopback, isLoopbackHost, parseTokens } from "../../src/http/auth.js";
import { withoutCaches } from "../../src/http/limits.js";
import { flattenFigures } from "../../src/http/metrics.js";
import { createLogger } from "../../src/http/server.js";
import { verifySpawnEnvelope } from "../../src/signing/index.js";
import {
  applyBody,
  askBody,
  fakeProver,
  hangingProver,
  keptStream,
  noEffort,
  policy,
  rejectBody,
  rejectingProver,
  testApp,
  testKey,
  testTime,
} from "../generators/http.js";
import { expectValid } from "./http-schemas.js";

type Sent = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: () => never;
};

const send = async (app: App, method: "GET" | "POST" | "PUT", url: string, payload?: unknown, headers = {}): Promise<Sent> => {
  const isBytes = typeof payload === "string" || payload instanceof Uint8Array;
  const answer = await app.server.inject({
    method,
    url,
    headers: { ...(payload === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(payload === undefined ? {} : { payload: isBytes ? Buffer.from(payload) : JSON.stringify(payload) }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() as never };
};

const check = (app: App, body: unknown): Promise<Sent> => send(app, "POST", "/spawn-check", body);

/** Expects a problem of `code` in the registry's own words, and returns it. */
const expectProblem = (sent: Sent, code: string) => {
  const problem: { readonly code: string; readonly problems?: readonly { readonly code: string; readonly pointer: string }[] } =
    sent.json();
  expect({ code: problem.code, status: sent.status }).toEqual({ code, status: findError(code).status });
  expect(sent.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expectValid("Problem", problem);
  for (const { code: inner } of problem.problems ?? []) expect(errors).toHaveProperty(inner);
  return problem;
};

const hashOf = (document: unknown): string => {
  const read = parsePolicy(JSON.stringify(document));
  return read.kind === "ok" ? read.policy.sha256 : "invalid";
};

describe("POST /lint", () => {
  const rule = (more: object) => ({ id: "a", effect: "allow", action: "fs:read", ...more });
  const document = (rules: readonly object[], more: object = {}) => ({ language: "atmost/1", name: "p", version: "1", rules, ...more });
  const twice = document([rule({}), rule({ id: "b" })]);

  it("answers what was found, with evidence, in the shape that its schema says", async () => {
    const app = await testApp();
    const sent = await send(app, "POST", "/lint", { policy: twice });
    expect(sent.status).toBe(200);
    expectValid("LintRequest", { policy: twice });
    expectValid("LintResponse", sent.json());
    expect(sent.json()).toMatchObject({
      policy: { name: "p" },
      findings: [{ kind: "redundant", pointer: "/rules/1", removable: true, covers: [{ id: "a" }] }],
      undecided: [],
    });
    const slip = document([rule({}), rule({ id: "d", effect: "deny", when: { path: { path: "/x" } } })]);
    const slipped = (await send(app, "POST", "/lint", { policy: slip })).json();
    expectValid("LintResponse", slipped);
    expect(slipped).toMatchObject({ findings: [{ kind: "missing_field", evidence: [{ kind: "request" }, { kind: "request" }] }] });
    const limited = document([rule({})], { delegation: "all", limits: { depth: 1 } });
    expectValid("LintResponse", (await send(app, "POST", "/lint", { policy: limited })).json());
  });

  it("judges limits at the time that is given", async () => {
    const app = await testApp();
    const policy = document([rule({})], { limits: { expires: "2030-01-01T00:00:00Z" } });
    const found = async (more: object) => (await send(app, "POST", "/lint", { policy, ...more })).json();
    expect(await found({ now: "2030-01-01T00:00:00Z" })).toMatchObject({ findings: [{ kind: "empty_limit", pointer: "/limits/expires" }] });
    expect(await found({})).toMatchObject({ findings: [] });
  });

  it("takes a policy by its hash, and refuses a hash that is not held", async () => {
    const app = await testApp();
    const read = parsePolicy(twice);
    const sha256 = read.kind === "ok" ? read.policy.sha256 : "";
    expect((await send(app, "POST", "/lint", { policy: { sha256 } })).json()).toMatchObject({ code: "unknown_policy" });
    await send(app, "PUT", `/policies/${sha256}`, twice);
    expect((await send(app, "POST", "/lint", { policy: { sha256 } })).json()).toMatchObject({ findings: [{ kind: "redundant" }] });
  });

  it("tells every problem with the body at its place", async () => {
    const app = await testApp();
    const sent = await send(app, "POST", "/lint", { policy: { ...twice, nmae: 1 }, now: "tomorrow", extra: 1 });
    expect(sent.status).toBe(400);
    expectValid("Problem", sent.json());
    const { problems }: { problems: readonly { code: string; pointer: string }[] } = sent.json();
    expect(problems.map(({ code, pointer }) => `${code} ${pointer}`).sort()).toEqual([
      "time_malformed /now",
      "unknown_key /extra",
      "unknown_key /policy/nmae",
    ]);
    for (const body of ["", "{", "[]", '{"policy":1}', '{"policy":{},"policy":{}}', "{}"])
      expect((await send(app, "POST", "/lint", body)).status).toBe(400);
  });

  it("leaves open what the prover does not answer, and why", async () => {
    const open = (
      await send(await testApp({ prover: fakeProver(async () => Promise.reject(new Error("not asked"))) }), "POST", "/lint", {
        policy: twice,
      })
    ).json();
    expect(open).toMatchObject({ findings: [], undecided: [{ reason: "search_bound" }, { reason: "search_bound" }] });
    const silent = {
      ...fakeProver(async () => Promise.reject(new Error("not asked"))),
      checkContainment: () => new Promise<never>(() => undefined),
    };
    const late = await testApp({ prover: silent, limits: { deadlineMs: 5, graceMs: 5 } });
    expect((await send(late, "POST", "/lint", { policy: twice })).json()).toMatchObject({
      findings: [],
      undecided: [{ reason: "deadline" }, { reason: "deadline" }],
    });
    const stopping = await testApp({ prover: silent, limits: { deadlineMs: 60_000, graceMs: 1 } });
    const answer = send(stopping, "POST", "/lint", { policy: twice });
    setTimeout(() => stopping.flights.abort(), 20);
    expect((await answer).json()).toMatchObject({ undecided: [{ reason: "shutdown" }, { reason: "shutdown" }] });
  });
});

describe("POST /spawn-check", () => {
  it("answers apply, ask and reject, each as its published schema says", async () => {
    const app = await testApp();
    for (const [verdict, body] of [
      ["apply", applyBody()],
      ["ask", askBody()],
      ["reject", rejectBody()],
    ] as const) {
      expectValid("SpawnCheckRequest", body);
      const sent = await check(app, body);
      expect(sent.status).toBe(200);
      const answer: {
        readonly verdict: string;
        readonly links: readonly { certificate?: unknown; counterexamples?: readonly unknown[] }[];
      } = sent.json();
      expect(answer.verdict).toBe(verdict);
      expectValid("SpawnCheckResponse", answer);
      for (const link of answer.links) {
        expectValid("Link", link);
        if (link.certificate !== undefined) expectValid("Certificate", link.certificate);
        for (const example of link.counterexamples ?? []) expectValid("Counterexample", example);
      }
    }
  });

  it("signs what it answers: the statement has the verdict, the policies' hashes and each certificate's hash", async () => {
    const app = await testApp();
    const answer: {
      readonly verdict: string;
      readonly policies: { readonly [role: string]: { readonly sha256: string } };
      readonly links: readonly { readonly certificate: { readonly [key: string]: Json } }[];
      readonly attestation: unknown;
    } = (await check(app, applyBody())).json();
    const key = await testKey();
    expectValid("Envelope", answer.attestation);
    const verified = await verifySpawnEnvelope(answer.attestation, [key.publicKey], canonicalJson);
    expect(verified.kind).toBe("verified");
    if (verified.kind !== "verified") return;
    expectValid("Statement", verified.statement);
    const { predicate } = verified.statement;
    expect(predicate.verdict).toBe("apply");
    expect(predicate.issued_at).toBe(new Date(testTime).toISOString());
    expect(predicate.policies.child.sha256).toBe(answer.policies["child"]?.sha256);
    expect(predicate.policies.parent_delegable.derived).toBe(true);
    expect(predicate.links.map((link) => link.certificate_sha256)).toEqual(answer.links.map((link) => hashCertificate(link.certificate)));
  });

  it("takes a parent_delegable that is given, and names it by its own hash", async () => {
    const app = await testApp();
    const parent_delegable = policy("view", [
      { id: "reads", effect: "allow", action: "fs:read", when: { path: { path: "/workspace/**" } } },
    ]);
    const answer: { readonly policies: { readonly parent_delegable: unknown } } = (
      await check(app, { ...applyBody(), parent_delegable })
    ).json();
    expect(answer.policies.parent_delegable).toEqual({ name: "view", version: "1", sha256: hashOf(parent_delegable) });
  });

  it("tells every problem of every policy at once, each by its JSON Pointer into the body", async () => {
    const app = await testApp();
    const body = { ...applyBody(), child: { ...applyBody().child, rulez: [], name: 7 }, admin_max: { language: "atmost/2" }, extra: {} };
    const { problems = [] } = expectProblem(await check(app, body), "invalid_request");
    const places = problems.map(({ code, pointer }) => `${code} ${pointer}`);
    expect(places).toEqual(
      expect.arrayContaining([
        "unknown_key /child/rulez",
        "wrong_type /child/name",
        "invalid_value /admin_max/language",
        "missing_key /admin_max/rules",
        "unknown_key /extra",
      ]),
    );
    expect(new Set(places).size).toBe(places.length);
  });

  it.each([
    ["a missing policy", { child: applyBody().child }, "missing_key", "/admin_max"],
    ["a policy that is an array", { ...applyBody(), child: [] }, "wrong_type", "/child"],
    ["an array as the body", [], "wrong_type", ""],
    ["a string as the body", "text", "wrong_type", ""],
    ["a hash that is none", { ...applyBody(), child: { sha256: "abc" } }, "invalid_value", "/child/sha256"],
    ["a hash beside other keys", { ...applyBody(), child: { sha256: "a".repeat(64), x: 1 } }, "unknown_key", "/child/x"],
    [
      "modify, which is not supported yet",
      { ...applyBody(), child: policy("c", [{ id: "r", effect: "allow", action: "a", modify: {} }]) },
      "not_supported",
      "/child/rules/0/modify",
    ],
  ])("refuses %s at its place", async (_, body, code, pointer) => {
    const { problems = [] } = expectProblem(await check(await testApp(), JSON.stringify(body)), "invalid_request");
    expect(problems.map((problem) => `${problem.code} ${problem.pointer}`)).toContain(`${code} ${pointer}`);
  });

  it("refuses a key that stands twice, on the outside and inside a policy", async () => {
    const app = await testApp();
    const text = JSON.stringify(applyBody());
    const outside = `{"child":{},${text.slice(1)}`;
    expect(expectProblem(await check(app, outside), "invalid_request").problems).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "duplicate_key", pointer: "/child" })]),
    );
    const inside = text.replace('"name":"child"', '"name":"other","name":"child"');
    expect(expectProblem(await check(app, inside), "invalid_request").problems).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "duplicate_key", pointer: "/child/name" })]),
    );
  });

  it("refuses a policy over 1 MiB and a body over the limit, both as too large", async () => {
    const app = await testApp();
    const large = { ...applyBody(), child: { ...applyBody().child, description: "x".repeat(2 * 1_048_576) } };
    expectProblem(await check(app, large), "too_large");
    const padded = JSON.stringify(applyBody()).replace('"name":"child"', `"name":${" ".repeat(1_100_000)}"child"`);
    expectProblem(await check(app, padded), "too_large");
    expectProblem(await check(app, " ".repeat(app.limits.bodyBytesMax + 1)), "too_large");
  });

  it("takes four policies of nearly 1 MiB each", async () => {
    const app = await testApp();
    const large = (document: object) => ({ ...document, description: "x".repeat(1_040_000) });
    const { child, parent_boundary, admin_max } = applyBody();
    const parent_delegable = policy("view", [
      { id: "reads", effect: "allow", action: "fs:read", when: { path: { path: "/workspace/**" } } },
    ]);
    const body = {
      child: large(child),
      parent_delegable: large(parent_delegable),
      parent_boundary: large(parent_boundary),
      admin_max: large(admin_max),
    };
    const sent = await check(app, body);
    expect(sent.status).toBe(200);
    expect(sent.json()).toMatchObject({ verdict: "apply" });
  });

  it("says no more than the request's identifier of a failure inside, and logs where it was without the message", async () => {
    const secret = "prover-internals";
    const app = await testApp({ prover: fakeProver(() => Promise.reject(new Error(secret))) });
    const sent = await check(app, applyBody());
    expectProblem(sent, "internal");
    expect(sent.text).toContain("request-1");
    expect(sent.text + JSON.stringify(sent.headers)).not.toMatch(/prover-internals|\.ts|node_modules|Error/);
    expect(app.log()).toContain("request-1");
    expect(app.log()).toContain("frames");
    expect(app.log()).not.toContain(secret);
  });

  it("never signs an apply that its own links contradict", async () => {
    const lying = fakeProver(async (input): Promise<SpawnResult> => {
      const { spawnCheck } = rejectingProver({ kind: "undecided", reason: "search_bound", effort: noEffort });
      return { ...(await spawnCheck(input)), verdict: "apply" };
    });
    expectProblem(await check(await testApp({ prover: lying }), applyBody()), "internal");
  });
});

describe("time and load", () => {
  it("answers undecided, deadline when the prover does not come back, and 200: a proof's outcome is no error", async () => {
    const { prover, aborted } = hangingProver();
    const app = await testApp({ prover, limits: { deadlineMs: 20, graceMs: 5 } });
    const sent = await check(app, applyBody());
    expect(sent.status).toBe(200);
    expectValid("SpawnCheckResponse", sent.json());
    const answer: { readonly verdict: string; readonly links: readonly unknown[] } = sent.json();
    expect(answer.verdict).toBe("reject");
    expect(answer.links).toHaveLength(4);
    for (const link of answer.links) expect(link).toMatchObject({ result: "undecided", reason: "deadline" });
    expect(aborted()).toBe(true);
  });

  it("answers undecided, shutdown when it stops, and refuses new work as shutting down", async () => {
    const { prover, started } = hangingProver();
    const app = await testApp({ prover, limits: { graceMs: 5 } });
    const answer = check(app, applyBody());
    await started;
    app.flights.stop();
    expectProblem(await check(app, applyBody()), "shutting_down");
    expectProblem(await send(app, "GET", "/readyz"), "shutting_down");
    expect((await send(app, "GET", "/healthz")).status).toBe(200);
    app.flights.abort();
    const sent = await answer;
    expect(sent.status).toBe(200);
    expect(sent.json()).toMatchObject({ verdict: "reject", links: Array(4).fill({ result: "undecided", reason: "shutdown" }) });
  });

  it("answers 503 with Retry-After when the solver's queue is full, but not where a link exceeds all the same", async () => {
    const full = { kind: "undecided", reason: "solver_overloaded", effort: noEffort } as const;
    const app = await testApp({ prover: rejectingProver(full) });
    const sent = await check(app, applyBody());
    expectProblem(sent, "overloaded");
    expect(sent.headers["retry-after"]).toBe("1");
    const exceeding = fakeProver(async (input): Promise<SpawnResult> => {
      const { links, ...rest } = await rejectingProver(full).spawnCheck(input);
      const result = { kind: "exceeds", counterexamples: [], effort: noEffort } as const;
      return { ...rest, links: links.map((link, index) => (index === 0 ? { ...link, result } : link)) };
    });
    expect((await check(await testApp({ prover: exceeding }), applyBody())).status).toBe(200);
  });

  it("answers 503 with Retry-After past the bound on requests under way, and takes work again after", async () => {
    const { prover, started } = hangingProver();
    const app = await testApp({ prover, limits: { inFlightMax: 1, deadlineMs: 50, graceMs: 5 } });
    const first = check(app, applyBody());
    await started;
    const sent = await check(app, applyBody());
    expectProblem(sent, "overloaded");
    expect(sent.headers["retry-after"]).toBe("1");
    expect((await first).status).toBe(200);
    expect((await check(app, applyBody())).status).toBe(200);
  });

  it("answers 503 past the bound on bytes under way", async () => {
    const { prover, started } = hangingProver();
    const app = await testApp({
      prover,
      limits: { inFlightBytesMax: Math.floor(JSON.stringify(applyBody()).length * 1.5), deadlineMs: 50, graceMs: 5 },
    });
    const first = check(app, applyBody());
    await started;
    expectProblem(await check(app, applyBody()), "overloaded");
    expect((await first).status).toBe(200);
    expect(app.flights.stats()).toEqual({ requests: 0, bytes: 0 });
  });
});

describe("policies by hash", () => {
  it("puts a policy once (201, then 200), gives it back, and judges by its hash as by itself", async () => {
    const app = await testApp();
    const { child, parent_boundary, admin_max } = applyBody();
    const hashes: string[] = [];
    for (const document of [child, parent_boundary, admin_max]) {
      const sha256 = hashOf(document);
      hashes.push(sha256);
      const url = `/policies/${sha256}`;
      const first = await send(app, "PUT", url, document);
      expect([first.status, first.json()]).toEqual([201, { sha256, name: document.name, version: "1" }]);
      // The hash is of the canonical form, so another spelling is the same policy.
      expect((await send(app, "PUT", url, JSON.stringify(document, null, 2))).status).toBe(200);
      expect((await send(app, "GET", url)).json()).toEqual(document);
    }
    const [c = "", b = "", m = ""] = hashes;
    const body = { child: { sha256: c }, parent_boundary: { sha256: b }, admin_max: { sha256: m } };
    expectValid("SpawnCheckRequest", body);
    const byHash = await check(app, body);
    expect(byHash.status).toBe(200);
    expect(byHash.json()).toEqual((await check(app, applyBody())).json());
  });

  it("names every hash that is not held, as unknown_policy", async () => {
    const sha256 = createHash("sha256").update("nothing").digest("hex");
    const body = { ...applyBody(), child: { sha256 }, admin_max: { sha256 } };
    const { problems } = expectProblem(await check(await testApp(), body), "unknown_policy");
    expect(problems?.map(({ code, pointer }) => [code, pointer])).toEqual([
      ["unknown_policy", "/child"],
      ["unknown_policy", "/admin_max"],
    ]);
  });

  it("refuses a policy under another hash, and one that is none", async () => {
    const app = await testApp();
    const url = `/policies/${"0".repeat(64)}`;
    expectProblem(await send(app, "PUT", url, applyBody().child), "hash_mismatch");
    expectProblem(await send(app, "PUT", url, { language: "atmost/1" }), "invalid_request");
    expectProblem(await send(app, "PUT", url, "{"), "invalid_json");
    expectProblem(await send(app, "PUT", url, "name: yaml"), "invalid_json");
    expectProblem(await send(app, "PUT", url, Uint8Array.of(0xff)), "invalid_utf8");
    expectProblem(await send(app, "PUT", "/policies/ABC", applyBody().child), "not_found");
    expectProblem(await send(app, "GET", url), "not_found");
  });

  it("forgets the policy used longest ago past its bound, and says unknown_policy of it", async () => {
    const app = await testApp({ limits: { storeEntriesMax: 2 } });
    const documents = ["a", "b", "c"].map((name) => policy(name, []));
    const [a = "", b = "", c = ""] = documents.map(hashOf);
    const put = (document: unknown) => send(app, "PUT", `/policies/${hashOf(document)}`, document);
    await put(documents[0]);
    await put(documents[1]);
    // Using it keeps it.
    expect((await send(app, "GET", `/policies/${a}`)).status).toBe(200);
    await put(documents[2]);
    expectProblem(await send(app, "GET", `/policies/${b}`), "not_found");
    const body = (sha256: string) => ({ ...applyBody(), child: { sha256 } });
    expectProblem(await check(app, body(b)), "unknown_policy");
    expect((await check(app, body(a))).status).toBe(200);
    expect((await check(app, body(c))).status).toBe(200);
  });

  it("answers the same whether a text was seen before or not", async () => {
    for (const body of [applyBody(), askBody(), rejectBody()]) {
      const [warm, cold] = [await testApp(), await testApp({ limits: { inlineEntriesMax: 0 } })];
      const answers = [];
      for (const app of [warm, warm, cold, cold]) answers.push((await check(app, body)).text);
      expect(new Set(answers).size).toBe(1);
    }
  });
});

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
