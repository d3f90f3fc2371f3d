// The routes that evaluate, compare and narrow, by injection: their answers as their published schemas say, and every refusal at its place.

import { describe, expect, it } from "vitest";
import { type Certificate, createProver, parsePolicy, verifyCertificate } from "../../prover/index.js";
import type { App } from "../../src/http/app.js";
import { applyBody, askBody, fakeProver, policy, rejectBody, testApp } from "../generators/http.js";
import { expectProblem, send as sendTo } from "./http-requests.js";
import { expectValid, isValid } from "./http-schemas.js";

const send = (app: App, url: string, payload: unknown, method: "POST" | "PUT" = "POST") => sendTo(app, method, url, payload);

/** Expects a problem of `code`, and returns its problems, each as its code and its place. */
const expectRefused = (sent: Awaited<ReturnType<typeof send>>, code: string): readonly string[] =>
  (expectProblem(sent, code).problems ?? []).map((one) => `${one.code} ${one.pointer}`);

const parsed = (document: unknown) => {
  const read = parsePolicy(document);
  if (read.kind === "invalid") throw new Error(JSON.stringify(read.problems));
  return read.policy;
};
const hashOf = (document: unknown): string => parsed(document).sha256;

const rule = (id: string, effect: string, action: string, path?: string) => ({
  id,
  effect,
  action,
  ...(path === undefined ? {} : { when: { path: { path } } }),
});
const reader = policy("reader", [rule("read", "allow", "fs:read", "/work/**")]);
const writer = policy("writer", [
  rule("read", "allow", "fs:read", "/work/**"),
  { ...rule("write", "allow", "fs:write", "/work/**"), because: "it must write" },
]);
const asker = policy("asker", [rule("read", "ask", "fs:read", "/work/src/**")]);

/** A prover whose links never end by themselves. */
const silentProver = () => ({
  ...fakeProver(async () => Promise.reject(new Error("not asked"))),
  checkContainment: () => new Promise<never>(() => undefined),
});

const unknownHash = { sha256: "0".repeat(64) };
const broken = ["", "{", "[]", '"x"', "{}", "null"];

describe("POST /evaluate", () => {
  const request = { action: "fs:write", path: "/work/a" };

  it("answers the decision, the rules that made it, and those that were near", async () => {
    const app = await testApp();
    const body = { policy: writer, request };
    expectValid("EvaluateRequest", body);
    const allowed = await send(app, "/evaluate", body);
    expect(allowed.status).toBe(200);
    expectValid("EvaluateResponse", allowed.json());
    expect(allowed.json()).toEqual({
      policy: { name: "writer", version: "1", sha256: hashOf(writer) },
      decision: "allow",
      rules: [{ id: "write", effect: "allow", pointer: "/rules/1", because: "it must write" }],
      near: [],
    });
    const denied = (await send(app, "/evaluate", { policy: writer, request: { action: "fs:write", path: "/etc" } })).json();
    expectValid("EvaluateResponse", denied);
    expect(denied).toMatchObject({ decision: "deny", rules: [], near: [{ rule: { id: "write" }, field: "path", got: "/etc" }] });
    expect((await send(app, "/evaluate", { policy: asker, request: { action: "fs:read", path: "/work/src/a" } })).json()).toMatchObject({
      decision: "ask",
    });
    expect((await send(app, "/evaluate", { policy: writer, request: {} })).json()).toMatchObject({ decision: "deny" });
  });

  it("takes a policy by its hash, and logs the decision without the request", async () => {
    const app = await testApp();
    expect(expectRefused(await send(app, "/evaluate", { policy: unknownHash, request }), "unknown_policy")).toEqual([
      "unknown_policy /policy",
    ]);
    await send(app, `/policies/${hashOf(writer)}`, writer, "PUT");
    const sent = await send(app, "/evaluate", { policy: { sha256: hashOf(writer) }, request: { ...request, secret: "zq-secret" } });
    expect(sent.json()).toMatchObject({ decision: "allow" });
    expect(app.log()).toContain('"decision":"allow"');
    expect(app.log()).not.toContain("zq-secret");
  });

  it("reads requests by their own rules: what a policy must not hold, they may", async () => {
    const app = await testApp();
    const text = (value: string) => `{"policy":${JSON.stringify(writer)},"request":{"action":"fs:write","path":"/work/a","x":${value}}}`;
    for (const value of ["12345678901234567890", '"\\ud800"', "0.1234567890123456789"])
      expect((await send(app, "/evaluate", text(value))).json()).toMatchObject({ decision: "allow" });
    expect(expectRefused(await send(app, "/evaluate", text("1e999")), "invalid_request")).toEqual(["number_not_finite /request/x"]);
    expect(expectRefused(await send(app, "/evaluate", text('{"a":1,"a":2}')), "invalid_request")).toEqual(["duplicate_key /request/x/a"]);
    expect(expectRefused(await send(app, "/evaluate", text(`"${"x".repeat(70_000)}"`)), "request_too_large")).toHaveLength(1);
    const inPolicy = text("1").replace('"because":"it must write"', '"because":"\\ud800"');
    expect(expectRefused(await send(app, "/evaluate", inPolicy), "invalid_request")).toEqual(["lone_surrogate /policy/rules/1/because"]);
  });

  it("tells every problem with the body at its place", async () => {
    const app = await testApp();
    const bad = await send(app, "/evaluate", { policy: { ...writer, nmae: 1 }, request: [], extra: 1 });
    expect([...expectRefused(bad, "invalid_request")].sort()).toEqual([
      "unknown_key /extra",
      "unknown_key /policy/nmae",
      "wrong_type /request",
    ]);
    for (const body of broken) expect((await send(app, "/evaluate", body)).status, body).toBe(400);
  });
});

describe("POST /diff", () => {
  it("answers the parts of the difference, each with a request that both sides have decided", async () => {
    const app = await testApp();
    const body = { old: reader, new: writer };
    expectValid("DiffRequest", body);
    const sent = await send(app, "/diff", body);
    expect(sent.status).toBe(200);
    expectValid("DiffResponse", sent.json());
    expect(sent.json()).toMatchObject({
      old: { name: "reader", sha256: hashOf(reader) },
      new: { name: "writer", sha256: hashOf(writer) },
      result: "differs",
      complete: true,
      items: [
        {
          from: "deny",
          to: "allow",
          region: { side: "new", rule: { id: "write", pointer: "/rules/1" } },
          request: { action: "fs:write" },
          old: { decision: "deny" },
          new: { decision: "allow" },
        },
      ],
    });
    const limited = (await send(app, "/diff", { old: reader, new: { ...reader, limits: { depth: 1 } } })).json();
    expectValid("DiffResponse", limited);
    expect(limited).toMatchObject({ items: [{ limit: "depth" }] });
    expect(isValid("DiffResponse", { ...Object(limited), complete: undefined })).toBe(false);
  });

  it("answers certificates that the kernel accepts where nothing differs", async () => {
    const twice = policy("twice", [rule("one", "allow", "fs:read", "/work/**"), rule("two", "allow", "fs:read", "/work/src/**")]);
    const answer: { readonly result: string; readonly certificates: Readonly<Record<string, Certificate>> } = (
      await send(await testApp(), "/diff", { old: reader, new: twice })
    ).json();
    expectValid("DiffResponse", answer);
    expect(answer.result).toBe("equivalent");
    const [old, fresh] = [parsed(reader), parsed(twice)];
    expect(verifyCertificate(answer.certificates["new_within_old"], fresh, old)).toMatchObject({ kind: "accepted" });
    expect(verifyCertificate(answer.certificates["old_within_new"], old, fresh)).toMatchObject({ kind: "accepted" });
  });

  it("takes policies by hash, and tells every problem at its place", async () => {
    const app = await testApp();
    await send(app, `/policies/${hashOf(reader)}`, reader, "PUT");
    expect((await send(app, "/diff", { old: { sha256: hashOf(reader) }, new: writer })).json()).toMatchObject({ result: "differs" });
    expect(expectRefused(await send(app, "/diff", { old: unknownHash, new: writer }), "unknown_policy")).toEqual(["unknown_policy /old"]);
    const bad = await send(app, "/diff", { old: { ...reader, name: 7 }, new: 1, extra: {} });
    expect([...expectRefused(bad, "invalid_request")].sort()).toEqual(["unknown_key /extra", "wrong_type /new", "wrong_type /old/name"]);
    for (const body of broken) expect((await send(app, "/diff", body)).status, body).toBe(400);
  });

  it("is undecided once its time is over, or the service stops", async () => {
    const late = await testApp({ prover: silentProver(), limits: { deadlineMs: 5, graceMs: 5 } });
    const answer = (await send(late, "/diff", { old: reader, new: writer })).json();
    expectValid("DiffResponse", answer);
    expect(answer).toMatchObject({ result: "undecided", reason: "deadline" });
    const stopping = await testApp({ prover: silentProver(), limits: { deadlineMs: 60_000, graceMs: 1 } });
    const waiting = send(stopping, "/diff", { old: reader, new: writer });
    setTimeout(() => stopping.flights.abort(), 20);
    expect((await waiting).json()).toMatchObject({ result: "undecided", reason: "shutdown" });
    expect(stopping.flights.stats()).toEqual({ requests: 0, bytes: 0 });
  });

  it("refuses what is past the bound on work under way", async () => {
    const app = await testApp({ prover: silentProver(), limits: { inFlightMax: 1, deadlineMs: 200, graceMs: 10 } });
    const first = send(app, "/diff", { old: reader, new: writer });
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const url of ["/evaluate", "/diff", "/narrow"]) expectRefused(await send(app, url, {}), "overloaded");
    expect((await first).json()).toMatchObject({ result: "undecided", reason: "deadline" });
  });
});

describe("POST /narrow", () => {
  it("answers the largest policy within all bounds, with certificates that the kernel accepts, and what was lost", async () => {
    const body = { child: writer, bounds: [reader, asker] };
    expectValid("NarrowRequest", body);
    const sent = await send(await testApp(), "/narrow", body);
    expect(sent.status).toBe(200);
    expectValid("NarrowResponse", sent.json());
    const answer: {
      readonly policy: unknown;
      readonly sha256: string;
      readonly certificates: { readonly child: Certificate; readonly bounds: readonly Certificate[] };
    } = sent.json();
    expect(answer).toMatchObject({
      child: { name: "writer", sha256: hashOf(writer) },
      bounds: [{ name: "reader" }, { name: "asker" }],
      result: "narrowed",
      unchanged: false,
      lost: { result: "differs", complete: true },
    });
    const narrowed = parsed(answer.policy);
    expect(answer.sha256).toBe(narrowed.sha256);
    const uppers = [writer, reader, asker].map(parsed);
    const checked = [answer.certificates.child, ...answer.certificates.bounds].map(
      (certificate, at) => verifyCertificate(certificate, narrowed, uppers[at] ?? narrowed).kind,
    );
    expect(checked).toEqual(["accepted", "accepted", "accepted"]);
  });

  it("returns a child that is within its bounds as it is", async () => {
    const answer = (await send(await testApp(), "/narrow", { child: reader, bounds: [writer] })).json();
    expectValid("NarrowResponse", answer);
    expect(answer).toMatchObject({ unchanged: true, sha256: hashOf(reader), policy: reader, lost: { result: "equivalent" } });
  });

  it("takes policies by hash, and tells every problem at its place", async () => {
    const app = await testApp();
    await send(app, `/policies/${hashOf(reader)}`, reader, "PUT");
    const byHash = await send(app, "/narrow", { child: writer, bounds: [{ sha256: hashOf(reader) }] });
    expect(byHash.json()).toMatchObject({ result: "narrowed" });
    expect(expectRefused(await send(app, "/narrow", { child: writer, bounds: [reader, unknownHash] }), "unknown_policy")).toEqual([
      "unknown_policy /bounds/1",
    ]);
    const bad = await send(app, "/narrow", { child: { ...reader, nmae: 1 }, bounds: [reader, 1, { ...reader, name: 7 }], extra: 1 });
    expect([...expectRefused(bad, "invalid_request")].sort()).toEqual([
      "unknown_key /child/nmae",
      "unknown_key /extra",
      "wrong_type /bounds/1",
      "wrong_type /bounds/2/name",
    ]);
    for (const bounds of [[], Array.from({ length: 17 }, () => reader), reader])
      expect(expectRefused(await send(app, "/narrow", { child: writer, bounds }), "invalid_request")[0]).toMatch(/ \/bounds$/);
    for (const body of broken) expect((await send(app, "/narrow", body)).status, body).toBe(400);
  });

  it("takes a bound as deep as a policy may be", async () => {
    // A policy of 32 levels stands two levels below the body's own.
    const nested = (depth: number): unknown => (depth === 0 ? { path: { path: "/work/**" } } : { not: nested(depth - 1) });
    const deep = (depth: number) => policy("deep", [{ id: "a", effect: "allow", action: "fs:read", when: nested(depth) }]);
    const depth = [...Array(40).keys()].filter((levels) => parsePolicy(deep(levels)).kind === "ok").at(-1) ?? 0;
    expect(depth).toBeGreaterThan(10);
    const app = await testApp();
    const sent = await send(app, "/narrow", { child: deep(depth), bounds: [deep(depth)] });
    expect(sent.json()).toMatchObject({ result: "narrowed", unchanged: true });
    const deeper = deep(depth + 1);
    expect(expectRefused(await send(app, "/narrow", { child: deeper, bounds: [reader] }), "invalid_request")[0]).toMatch(
      /^too_deep \/child/,
    );
    const inBound = expectRefused(await send(app, "/narrow", { child: reader, bounds: [deeper] }), "invalid_json");
    expect(inBound[0]).toMatch(/^too_deep \/bounds\/0/);
  });

  it("is undecided once its time is over, or the service stops", async () => {
    const late = await testApp({ prover: silentProver(), limits: { deadlineMs: 5, graceMs: 5 } });
    const answer = (await send(late, "/narrow", { child: writer, bounds: [reader] })).json();
    expectValid("NarrowResponse", answer);
    expect(answer).toMatchObject({ result: "undecided", reason: "deadline" });
    const stopping = await testApp({ prover: silentProver(), limits: { deadlineMs: 60_000, graceMs: 1 } });
    const waiting = send(stopping, "/narrow", { child: writer, bounds: [reader] });
    setTimeout(() => stopping.flights.abort(), 20);
    expect((await waiting).json()).toMatchObject({ result: "undecided", reason: "shutdown" });
  });
});

describe("POST /spawn-check with narrow", () => {
  type Narrowed = { readonly policy: unknown; readonly sha256: string };
  type Answer = { readonly verdict: string; readonly narrowed?: Narrowed };

  it("narrows the child of an ask or a reject to one that is applied, and says what was lost", async () => {
    const app = await testApp();
    for (const body of [askBody(), rejectBody()]) {
      expectValid("SpawnCheckRequest", { ...body, narrow: true });
      const plain: Answer = (await send(app, "/spawn-check", body)).json();
      expect(plain).not.toHaveProperty("narrowed");
      const answer: Answer = (await send(app, "/spawn-check", { ...body, narrow: true })).json();
      expectValid("SpawnCheckResponse", answer);
      const { narrowed, ...rest } = answer;
      expect(rest).toEqual(plain);
      expect(narrowed).toMatchObject({ result: "narrowed", unchanged: false, lost: { result: "differs", complete: true } });
      expect(narrowed?.sha256).toBe(hashOf(narrowed?.policy));
      const again: Answer = (await send(app, "/spawn-check", { ...body, child: narrowed?.policy, narrow: true })).json();
      expect(again.verdict).toBe("apply");
      expect(again).not.toHaveProperty("narrowed");
    }
    expect(app.log()).toMatch(/"narrowed":"[0-9a-f]{64}"/);
  });

  it("narrows to a parent_delegable that is given", async () => {
    const body = {
      ...rejectBody(),
      parent_delegable: policy("handed", [rule("one", "allow", "fs:write", "/workspace/src/x")]),
      narrow: true,
    };
    const { narrowed }: Answer = (await send(await testApp(), "/spawn-check", body)).json();
    const old = { policy: narrowed?.policy, request: { action: "fs:write", path: "/workspace/src/x" } };
    const app = await testApp();
    expect((await send(app, "/evaluate", old)).json()).toMatchObject({ decision: "allow" });
    const other = { ...old, request: { action: "fs:write", path: "/workspace/src/y" } };
    expect((await send(app, "/evaluate", other)).json()).toMatchObject({ decision: "deny" });
  });

  it("says nothing of it where it was not asked for, or where the child is applied", async () => {
    const app = await testApp();
    const applied = (await send(app, "/spawn-check", { ...applyBody(), narrow: true })).json();
    expect(applied).toMatchObject({ verdict: "apply" });
    expect(applied).not.toHaveProperty("narrowed");
    expect((await send(app, "/spawn-check", { ...rejectBody(), narrow: false })).json()).not.toHaveProperty("narrowed");
  });

  it("refuses a narrow that is neither true nor false, at its place", async () => {
    const app = await testApp();
    for (const narrow of [{}, 1, "true", null, []])
      expect(expectRefused(await send(app, "/spawn-check", { ...rejectBody(), narrow }), "invalid_request")).toEqual([
        "wrong_type /narrow",
      ]);
  });

  it("leaves it open once the time of the spawn check is over, or the service stops", async () => {
    const prover = { ...silentProver(), spawnCheck: createProver({ solver: "none" }).spawnCheck };
    const late = await testApp({ prover, limits: { deadlineMs: 100, graceMs: 5 } });
    const answer = (await send(late, "/spawn-check", { ...rejectBody(), narrow: true })).json();
    expectValid("SpawnCheckResponse", answer);
    expect(answer).toMatchObject({ verdict: "reject", narrowed: { result: "undecided", reason: "deadline" } });
    const stopping = await testApp({ prover, limits: { deadlineMs: 60_000, graceMs: 1 } });
    const waiting = send(stopping, "/spawn-check", { ...rejectBody(), narrow: true });
    setTimeout(() => stopping.flights.abort(), 50);
    expect((await waiting).json()).toMatchObject({ verdict: "reject", narrowed: { result: "undecided", reason: "shutdown" } });
  });
});
