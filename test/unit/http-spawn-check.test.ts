// `POST /spawn-check` by injection: every verdict is as its schema says and is signed, and every refusal is at its place.

import { describe, expect, it } from "vitest";
import { canonicalJson, type Json, type SpawnResult } from "../../prover/index.js";
import { hashCertificate } from "../../src/attest.js";
import { verifySpawnEnvelope } from "../../src/signing/index.js";
import {
  applyBody,
  askBody,
  fakeProver,
  noEffort,
  policy,
  rejectBody,
  rejectingProver,
  testApp,
  testKey,
  testTime,
} from "../generators/http.js";
import { check, expectProblem, hashOf } from "./http-requests.js";
import { expectValid } from "./http-schemas.js";

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

  // Found by an adversary: a name that the language took and the statement did not was answered 500.
  it("signs an answer about policies with the longest names, and refuses longer ones", async () => {
    const app = await testApp();
    const named = (length: number) => ({
      ...applyBody(),
      child: { ...applyBody().child, name: "n".repeat(length), version: "v".repeat(length) },
    });
    const sent = await check(app, named(4_096));
    expect(sent.status).toBe(200);
    const { attestation }: { readonly attestation: unknown } = sent.json();
    expect((await verifySpawnEnvelope(attestation, [(await testKey()).publicKey], canonicalJson)).kind).toBe("verified");
    const refused = await check(app, named(4_097));
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("/child/name");
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
