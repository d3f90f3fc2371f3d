// `POST /lint` by injection: it answers what lint finds with its evidence, and refuses a body at every place that is wrong.

import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../prover/index.js";
import { fakeProver, testApp } from "../generators/http.js";
import { send } from "./http-requests.js";
import { expectValid } from "./http-schemas.js";

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
