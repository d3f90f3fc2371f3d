// Each kind of claim: holds, fails, stays undecided, or is refused with the input.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalPath, createProver, type Json } from "../../prover/index.js";
import { type ProveResult, prove } from "../../src/prove/index.js";
import { joinPath } from "../../src/prove/policies.js";
import { parseClaims } from "../../src/prove/read.js";
import type { ClaimResult } from "../../src/prove/results.js";
import { claimKinds } from "../../src/prove/schema.js";

const policy = (name: string, rules: readonly Json[], more: object = {}): string =>
  JSON.stringify({ language: "atmost/1", name, version: "1", rules, ...more }, undefined, 1);
const allow = (id: string, action: string, more: object = {}): Json => ({ id, effect: "allow", action, ...more });
const ask = (id: string, action: string, more: object = {}): Json => ({ id, effect: "ask", action, ...more });

const files: Readonly<Record<string, string>> = {
  "p/small.json": policy("small", [
    allow("read", "fs:read", { when: { path: { path: "/repo/src/**" } }, unless: { path: { path: "/**/.env" } } }),
  ]),
  "p/large.json": policy("large", [
    allow("files", "fs:**", { when: { path: { path: "/repo/**" } } }),
    ask("mail", "mail:send", { reviewers: ["me"] }),
    { id: "env", effect: "deny", action: "**", when: { path: { path: "/**/.env" } } },
  ]),
  "p/mailer.json": policy("mailer", [allow("mail", "mail:send", { unless: { path: { present: true } } })]),
  "p/same.yaml":
    "language: atmost/1\nname: other\nversion: '2'\nrules:\n  - id: r\n    effect: allow\n    action: [fs:read]\n    when: { path: { path: /repo/src/** } }\n    unless: { path: { path: /**/.env } }\n",
  "p/expiring.json": policy("expiring", [allow("read", "fs:read")], { limits: { expires: "2027-01-01T00:00:00Z" } }),
  "p/parent.json": policy("parent", [allow("files", "fs:**", { when: { path: { path: "/repo/**" } } })], {
    delegation: { rules: [allow("reads", "fs:read")] },
    limits: { depth: 1 },
  }),
  "p/top.json": policy("top", [allow("all", "**")], { limits: { depth: 3 } }),
  "p/given.json": policy("given", [allow("reads", "fs:read", { when: { path: { path: "/repo/**" } } })], { limits: { depth: 1 } }),
  "p/shell.yaml": "version: 1\nfilesystem_policy:\n  read_only: [/usr]\n",
  "p/broken.json": '{ "language": "atmost/1", "name": "b", "version": "1", "rules": [ { "id": "x", "efect": "allow", "action": "a" } ] }',
};

const run = (claims: readonly object[], more: object = {}, options: object = {}): Promise<ProveResult> =>
  prove({ language: "atmost-claims/1", claims, ...more }, { file: "p/t.claims.json", readFile: (path) => files[path], ...options });

async function one(claim: object, more: object = {}, options: object = {}): Promise<ClaimResult> {
  const result = await run([{ name: "n", because: "b", ...claim }], more, options);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  const [first] = result.claims;
  if (first === undefined) throw new Error("no claim was answered");
  return first;
}

const request = (more: object) => ({ action: "fs:read", ...more });
const inRepo = { path: { path: "/repo/**" } };

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

describe("a failure", () => {
  test("blames the rules by file and line, and says what changed", async () => {
    const result = await one({ no_new_access: { old: "small.json", new: "large.json" } });
    const lines = (files["p/large.json"] ?? "").split("\n");
    expect(result.blame.length).toBeGreaterThan(0);
    for (const { file, line, id } of result.blame) {
      expect(file).toBe("p/large.json");
      expect(lines.slice((line ?? 0) - 1, (line ?? 0) + 1).join("")).toContain(`"id": "${id}"`);
    }
    expect(result.changes?.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      "added rule `files`",
      "added rule `mail`",
      "added rule `env`",
      "removed rule `read`",
    ]);
  });

  test("of an imported policy blames the line of the foreign text", async () => {
    const policies = { shell: { import: "openshell", file: "shell.yaml" } };
    const never = { policy: "shell", is: "permitted", action: "fs:read", when: { path: { path: "/usr/**" } } };
    expect((await one({ never }, { policies })).blame).toMatchObject([{ file: "p/shell.yaml", line: 3 }]);
  });

  test("by a limit alone shows the limit", async () => {
    const [witness] = (await one({ contained: { lower: "given.json", upper: "large.json" } })).witnesses;
    expect(witness).toEqual({ kind: "limit", title: "lower ≤ upper", limit: "depth", lower: "1", upper: "0" });
  });

  test("of a spawn whose delegable policy leaves no fewer generations is the depth", async () => {
    const spawn = { child: "small.json", delegable: "given.json", boundary: "parent.json", max: "top.json", verdict: "apply" };
    const result = await one({ spawn });
    expect(result.found).toBe("fails");
    expect(result.witnesses).toMatchObject([{ kind: "limit", limit: "depth", title: "delegable ≤ boundary" }]);
  });
});

describe("an undecided claim", () => {
  const bounded = () => createProver({ solver: "none", engines: [] });
  test("is never as expected, whichever way it must go, and keeps nothing", async () => {
    const prover = bounded();
    for (const expected of ["holds", "fails"]) {
      const claim = { expect: expected, contained: { lower: "small.json", upper: "large.json" } };
      const result = await one(claim, {}, { prover });
      expect(result).toMatchObject({ found: "undecided", outcome: "undecided", summary: "undecided: search_bound" });
      expect(result.evidence).toBeUndefined();
    }
    await prover.close();
  });

  test("of a spawn is undecided, not the reject that it would be", async () => {
    const prover = bounded();
    const spawn = { child: "small.json", boundary: "parent.json", max: "top.json", verdict: "reject" };
    expect((await one({ spawn }, {}, { prover })).outcome).toBe("undecided");
    await prover.close();
  });
});

describe("bad input", () => {
  const claim = { name: "n", because: "b", contained: { lower: "small.json", upper: "large.json" } };
  test.each<[string, readonly object[], object, string]>([
    ["no kind", [{ name: "n", because: "b" }], {}, "missing_key p/t.claims.json /claims/0"],
    ["two kinds", [{ ...claim, disjoint: ["a.json", "b.json"] }], {}, "invalid_value p/t.claims.json /claims/0"],
    ["a kind that is none", [{ name: "n", because: "b", contains: {} }], {}, "unknown_key p/t.claims.json /claims/0/contains"],
    ["no reason", [{ name: "n", contained: claim.contained }], {}, "missing_key p/t.claims.json /claims/0/because"],
    ["a name twice", [claim, claim], {}, "duplicate_name p/t.claims.json /claims/1/name"],
    ["no claims", [], {}, "empty p/t.claims.json /claims"],
    ["another language", [claim], { language: "atmost/1" }, "invalid_value p/t.claims.json /language"],
    ["a short name that is a path", [claim], { policies: { "a.json": "a.json" } }, "invalid_value p/t.claims.json /policies/a.json"],
    [
      "a name that nobody gave",
      [{ ...claim, contained: { lower: "nobody", upper: "large.json" } }],
      {},
      "unknown_name p/t.claims.json /claims/0/contained/lower",
    ],
    ["a file that is not there", [{ ...claim, contained: { lower: "no.json", upper: "large.json" } }], {}, "file_unreadable p/no.json "],
    [
      "a path from the root",
      [{ ...claim, contained: { lower: "/etc/a.json", upper: "large.json" } }],
      {},
      "invalid_value p/t.claims.json /claims/0/contained/lower",
    ],
    [
      "a policy that is none",
      [{ ...claim, contained: { lower: "broken.json", upper: "large.json" } }],
      {},
      "missing_key p/broken.json /rules/0/effect",
    ],
    [
      "a foreign policy that is none",
      [{ ...claim, contained: { lower: { import: "openshell", file: "small.json" }, upper: "large.json" } }],
      {},
      "unknown_key p/small.json /language",
    ],
    [
      "a pattern that is none",
      [{ name: "n", because: "b", never: { policy: "small.json", is: "permitted", when: { path: { path: "/a/../b" } } } }],
      {},
      "pattern_not_canonical p/t.claims.json /claims/0/never/when/path/path",
    ],
    [
      "a view with rules of its own, of `disjoint`",
      [{ name: "n", because: "b", disjoint: ["large.json", { policy: "parent.json", view: true }] }],
      {},
      "not_supported p/t.claims.json /claims/0/disjoint",
    ],
    [
      "a view with rules of its own, of `never asked`",
      [{ name: "n", because: "b", never: { policy: { policy: "parent.json", view: true }, is: "asked" } }],
      {},
      "not_supported p/t.claims.json /claims/0/never",
    ],
    [
      "a view with rules of its own, of `always asked`",
      [{ name: "n", because: "b", always: { policy: { policy: "parent.json", view: true }, is: "asked" } }],
      {},
      "not_supported p/t.claims.json /claims/0/always",
    ],
    [
      "a view in a spawn, which takes the boundary's itself",
      [
        {
          name: "n",
          because: "b",
          spawn: { child: "small.json", boundary: { policy: "parent.json", view: true }, max: "top.json", verdict: "apply" },
        },
      ],
      {},
      "not_supported p/t.claims.json /claims/0/spawn",
    ],
    [
      "no old version",
      [{ name: "n", because: "b", no_new_access: { new: "small.json" } }],
      {},
      "base_required p/t.claims.json /claims/0/no_new_access/new",
    ],
  ])("is told by code, file and place: %s", async (_, claims, more, expected) => {
    const result = await run(claims, more);
    if (result.kind !== "invalid") throw new Error("the input was taken");
    expect(result.problems.map(({ code, file, pointer }) => `${code} ${file} ${pointer}`)).toContain(expected);
  });

  test("is told all at once, over claims and policies", async () => {
    const result = await run([
      { ...claim, name: "a", contained: { lower: "broken.json", upper: "no.json" } },
      { ...claim, name: "b", contained: { lower: "broken.json", upper: "nobody" } },
    ]);
    const told = result.kind === "invalid" ? result.problems.map(({ file, code }) => `${file} ${code}`) : [];
    expect(told.filter((line) => line.startsWith("p/broken.json")).length).toBe(2);
    expect(told).toContain("p/no.json file_unreadable");
    expect(told).toContain("p/t.claims.json unknown_name");
  });
});

test("claims are answered in their order, whatever the number at one time", async () => {
  const claims = Array.from({ length: 12 }, (_, index) => ({
    name: `claim ${index}`,
    because: "b",
    never: { policy: "large.json", is: "permitted", when: { ...inRepo, n: { eq: index } }, action: index % 2 === 0 ? "fs:read" : "tool:x" },
  }));
  const answers = await Promise.all([1, 4, 64].map((jobs) => run(claims, {}, { jobs })));
  for (const answer of answers) {
    if (answer.kind === "invalid") throw new Error("the input is refused");
    expect(answer.claims.map(({ name }) => name)).toEqual(claims.map(({ name }) => name));
    expect(answer.claims.map(({ found }) => found)).toEqual(claims.map((_, index) => (index % 2 === 0 ? "fails" : "holds")));
  }
});

test.each([
  [".", "a.json", "a.json"],
  ["p", "../a.json", "a.json"],
  ["p/q", "./r/a.json", "p/q/r/a.json"],
  [".", "../a.json", "../a.json"],
  ["..", "../a.json", "../../a.json"],
  ["/p", "../../a.json", "/a.json"],
])("the path from `%s` to `%s` is `%s`", (folder, path, joined) => expect(joinPath(folder, path)).toBe(joined));

test("the claims file of docs/prove.md is one", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/prove.md"), "utf8");
  const examples = [...page.matchAll(/^```yaml\n(language: atmost-claims[\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  expect(examples.length).toBe(1);
  for (const text of examples) expect(parseClaims(text, "a.claims.yaml").kind).toBe("ok");
  const named = [...page.matchAll(/^\| `([a-z_]+)` \| .* \| .* \|$/gm)].map(([, name = ""]) => name).filter((name) => name !== "");
  expect(named.toSorted()).toEqual([...claimKinds].toSorted());
});
