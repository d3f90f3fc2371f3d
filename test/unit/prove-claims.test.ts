// Each kind of claim holds and fails as its policies do, also on a delegable view, past what a condition can judge, and at an expiry.

import { describe, expect, test } from "vitest";
import { canonicalPath } from "../../prover/index.js";
import { allow, ask, files, one, policy } from "./prove-answers.js";

const request = (more: object) => ({ action: "fs:read", ...more });

describe("a claim that holds, and its opposite", () => {
  test.each<[string, object, object]>([
    ["contained", { contained: { lower: "small.json", upper: "large.json" } }, { contained: { lower: "large.json", upper: "small.json" } }],
    [
      "contained, of a review",
      { contained: { lower: "small.json", upper: "large.json" } },
      { contained: { lower: "mailer.json", upper: "large.json" } },
    ],
    ["review", { review: { lower: "mailer.json", upper: "large.json" } }, { review: { lower: "small.json", upper: "large.json" } }],
    ["exceeds", { exceeds: { lower: "large.json", upper: "small.json" } }, { exceeds: { lower: "mailer.json", upper: "large.json" } }],
    ["equivalent", { equivalent: ["small.json", "same.yaml"] }, { equivalent: ["small.json", "large.json"] }],
    ["disjoint", { disjoint: ["small.json", "mailer.json"] }, { disjoint: ["large.json", "mailer.json"] }],
    [
      "never permitted",
      { never: { policy: "large.json", is: "permitted", when: { path: { path: "/**/.env" } } } },
      { never: { policy: "large.json", is: "permitted", action: "mail:**" } },
    ],
    [
      "never allowed",
      { never: { policy: "large.json", is: "allowed", action: "mail:**" } },
      { never: { policy: "large.json", is: "allowed", action: "fs:write", when: { path: { eq: "/repo/a" } } } },
    ],
    ["never asked", { never: { policy: "large.json", is: "asked", action: "fs:**" } }, { never: { policy: "large.json", is: "asked" } }],
    [
      "always permitted",
      { always: { policy: "large.json", is: "permitted", action: "mail:send", unless: { path: { present: true } } } },
      { always: { policy: "large.json", is: "permitted", action: "mail:send" } },
    ],
    [
      "always allowed",
      {
        always: {
          policy: "small.json",
          is: "allowed",
          action: "fs:read",
          when: { path: { path: "/repo/src/a/*" } },
          unless: { path: { path: "/**/.env" } },
        },
      },
      { always: { policy: "large.json", is: "allowed", action: "mail:send", unless: { path: { present: true } } } },
    ],
    [
      "always asked",
      { always: { policy: "large.json", is: "asked", action: "mail:send", unless: { path: { present: true } } } },
      {
        always: {
          policy: "large.json",
          is: "asked",
          action: "fs:read",
          when: { path: { path: "/repo/*" } },
          unless: { path: { path: "/**/.env" } },
        },
      },
    ],
    [
      "never, of a delegable view",
      { never: { policy: { policy: "parent.json", view: true }, is: "permitted", action: "fs:write" } },
      { never: { policy: { policy: "parent.json", view: true }, is: "permitted", action: "fs:read" } },
    ],
    [
      "spawn",
      { spawn: { child: "small.json", boundary: "parent.json", max: "top.json", verdict: "apply" } },
      { spawn: { child: "small.json", boundary: "parent.json", max: "top.json", verdict: "reject" } },
    ],
    [
      "spawn that is rejected",
      { spawn: { child: "large.json", boundary: "parent.json", max: "top.json", verdict: "reject" } },
      { spawn: { child: "large.json", boundary: "parent.json", max: "top.json", verdict: "apply" } },
    ],
    [
      "spawn that asks",
      { spawn: { child: "mailer.json", delegable: "asks.json", boundary: "asks-more.json", max: "top.json", verdict: "ask" } },
      { spawn: { child: "mailer.json", delegable: "asks.json", boundary: "asks-more.json", max: "top.json", verdict: "apply" } },
    ],
    [
      "decision",
      { decision: { policy: "small.json", request: request({ path: "/repo/src/a" }), is: "allow" } },
      { decision: { policy: "small.json", request: request({ path: "/etc" }), is: "allow" } },
    ],
    [
      "no_new_access",
      { no_new_access: { old: "large.json", new: "small.json" } },
      { no_new_access: { old: "small.json", new: "large.json" } },
    ],
  ])("%s", async (_, holding, failing) => {
    const more = {
      "p/asks.json": policy("asks", [ask("mail", "mail:**")]),
      "p/asks-more.json": policy("asks-more", [ask("mail", "mail:**")], { limits: { depth: 1 } }),
    };
    const options = { readFile: (path: string) => ({ ...files, ...more })[path] };
    const holds = await one(holding, {}, options);
    expect(holds).toMatchObject({ found: "holds", outcome: "expected" });
    const fails = await one(failing, {}, options);
    expect(fails).toMatchObject({ found: "fails", outcome: "unexpected" });
    // A claim that is refuted shows by what; a verdict that is better than claimed has nothing to show.
    if (!("spawn" in failing && JSON.stringify(failing).includes("reject")) && !("exceeds" in failing || "review" in failing))
      expect(fails.witnesses.length).toBeGreaterThan(0);
    expect(await one({ ...failing, expect: "fails" }, {}, options)).toMatchObject({ found: "fails", outcome: "expected" });
    expect(await one({ ...holding, expect: "fails" }, {}, options)).toMatchObject({ found: "holds", outcome: "unexpected" });
  });
});

describe("a claim on the delegable view of a policy that hands on all, or nothing", () => {
  const asking = [ask("mail", "mail:send"), allow("read", "fs:read")];
  const more: Readonly<Record<string, string>> = {
    "p/all.json": policy("all", asking, { delegation: "all", limits: { depth: 1, expires: "2030-01-01T00:00:00Z" } }),
    "p/none.json": policy("none", asking, { limits: { depth: 1 } }),
    "p/last.json": policy("last", asking, { delegation: "all" }),
    "p/deployer.json": policy("deployer", [allow("deploy", "deploy:**")]),
  };
  const view = (name: string) => ({ policy: `${name}.json`, view: true });
  const options = { readFile: (path: string) => ({ ...files, ...more })[path] };
  const inTime = { "context.time": { before: "2029-01-01T00:00:00Z" } };

  test.each<[string, object, "holds" | "fails"]>([
    ["two that share nothing", { disjoint: [view("all"), "deployer.json"] }, "holds"],
    ["two that share what is read", { disjoint: [view("all"), "small.json"] }, "fails"],
    ["the other way round", { disjoint: ["small.json", view("all")] }, "fails"],
    ["a view of nothing shares nothing", { disjoint: [view("none"), "none.json"] }, "holds"],
    ["nor does one that may not be handed on", { disjoint: ["last.json", view("last")] }, "holds"],
    ["never asked, of what is not asked", { never: { policy: view("all"), is: "asked", action: "fs:**" } }, "holds"],
    ["never asked, of what is", { never: { policy: view("all"), is: "asked", action: "mail:**" } }, "fails"],
    ["never asked, of nothing", { never: { policy: view("none"), is: "asked" } }, "holds"],
    ["always asked, of what is", { always: { policy: view("all"), is: "asked", action: "mail:send", when: inTime } }, "holds"],
    ["always asked, of what is allowed", { always: { policy: view("all"), is: "asked", action: "fs:read", when: inTime } }, "fails"],
    ["always asked, of nothing", { always: { policy: view("last"), is: "asked", action: "mail:send" } }, "fails"],
  ])("is proved: %s", async (_, claim, found) => {
    expect(await one(claim, {}, options)).toMatchObject({ found });
  });
});

describe("what a condition can not judge", () => {
  test("counts as met by `never permitted`: a spelling that is no canonical path slips past nothing", async () => {
    // Canonical paths below /etc are not permitted; what is left to find are those that `path` can not judge.
    const guarded = policy("guarded", [allow("all", "fs:read", { when: { path: { prefix: "/" } }, unless: { path: { glob: "/etc*" } } })]);
    const never = { policy: "guarded.json", is: "permitted", action: "fs:read", when: { path: { path: "/etc/**" } } };
    const slips = await one({ never }, {}, { readFile: () => guarded });
    expect(slips.found).toBe("fails");
    const [witness] = slips.witnesses;
    const path = witness?.kind === "request" ? String(witness.request["path"]) : "";
    expect(path.startsWith("/") && !path.startsWith("/etc")).toBe(true);
    expect(canonicalPath(path)).not.toBe(path);
  });

  test("does not count as met by `always`: nothing is asked of requests that may not be meant", async () => {
    const result = await one({
      always: { policy: "small.json", is: "allowed", action: "fs:read", when: { path: { path: "/repo/src/*.ts" } } },
    });
    expect(result.found).toBe("holds");
  });
});

describe("the expiry of a policy", () => {
  test("is part of `disjoint`, on either side", async () => {
    const late = {
      "p/late.json": policy("late", [allow("read", "fs:read", { when: { "context.time": { after: "2028-01-01T00:00:00Z" } } })]),
    };
    const readFile = (path: string) => ({ ...files, ...late })[path];
    expect((await one({ disjoint: ["expiring.json", "late.json"] }, {}, { readFile })).found).toBe("holds");
    expect((await one({ disjoint: ["late.json", "expiring.json"] }, {}, { readFile })).found).toBe("holds");
    expect((await one({ disjoint: ["small.json", "expiring.json"] }, {}, { readFile })).found).toBe("fails");
  });

  test("makes `always` fail where the condition does not name the time", async () => {
    expect((await one({ always: { policy: "expiring.json", is: "allowed", action: "fs:read" } })).found).toBe("fails");
    const when = { "context.time": { before: "2026-12-31T00:00:00Z" } };
    expect((await one({ always: { policy: "expiring.json", is: "allowed", action: "fs:read", when } })).found).toBe("holds");
  });
});
