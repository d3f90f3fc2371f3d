// What lint finds, one planted case after another, and where it keeps silent. Every piece of evidence is checked again here.
import { afterAll, describe, expect, test } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import {
  applyEdits,
  createProver,
  delegableView,
  encodeLint,
  type Finding,
  type LintOptions,
  type LintReport,
  lint,
  type ParsedPolicy,
  parsePolicy,
  type Side,
  verifyCertificate,
} from "../../prover/index.js";
import { canonicalJson } from "../../prover/kernel/canonical.js";
import { sha256Hex } from "../../prover/kernel/index.js";

const prover = createProver({ clock: () => performance.now(), solver: "none" });
afterAll(() => prover.close());

type Rule = Readonly<Record<string, unknown>>;

function policyOf(rules: readonly Rule[], more: object = {}): ParsedPolicy {
  const read = parsePolicy({
    language: "atmost/1",
    name: "planted",
    version: "1",
    rules: rules.map((rule, i) => ({ id: `r${i}`, effect: "allow", ...rule })),
    ...more,
  });
  if (read.kind === "invalid") throw new Error(JSON.stringify(read.problems));
  return read.policy;
}

// The side of a piece of evidence, made again from the policy and the edits alone.
function sideOf(policy: ParsedPolicy, { edits, view, sha256 }: Side) {
  const document = applyEdits(policy.document, edits);
  const read = parsePolicy(document);
  if (read.kind === "invalid") throw new Error(`an edited policy is none: ${JSON.stringify(read.problems)}`);
  expect(read.policy.sha256).toBe(sha256);
  expect(sha256Hex(canonicalJson(document) ?? "")).toBe(sha256);
  return view ? delegableView(read.policy) : read.policy;
}

/** Lints, and checks every certificate with the kernel and every request with the evaluator. */
async function linted(policy: ParsedPolicy, options: LintOptions = {}): Promise<LintReport> {
  const report = await lint(prover, policy, options);
  for (const { evidence } of report.findings) {
    expect(evidence.length).toBeGreaterThan(0);
    for (const piece of evidence) {
      if (piece.kind === "certificate") {
        const [lower, upper] = [sideOf(policy, piece.lower), sideOf(policy, piece.upper)];
        expect(verifyCertificate(piece.certificate, lower, upper)).toMatchObject({ kind: "accepted", relation: "contained" });
      } else if (piece.kind === "request") {
        expect(decide(sideOf(policy, piece.of).loaded, piece.request)).toBe(piece.decision);
        expect(piece.evaluation.decision).toBe(piece.decision);
      }
    }
  }
  return report;
}

const inShort = ({ findings }: LintReport) => findings.map(({ kind, pointer }) => `${kind} ${pointer}`);
const requestsOf = ({ evidence }: Finding) => evidence.flatMap((piece) => (piece.kind === "request" ? [piece] : []));
const only = ({ findings, undecided }: LintReport): Finding => {
  expect(undecided).toEqual([]);
  const [finding, ...more] = findings;
  expect(more.map(({ kind, pointer }) => `${kind} ${pointer}`)).toEqual([]);
  if (finding === undefined) throw new Error("nothing was found");
  return finding;
};

const read = { action: "fs:read", when: { path: { path: "/repo/**" } } };

describe("never_matches", () => {
  test.each<[string, Rule]>([
    ["an `unless` that takes back all of `when`", { ...read, unless: { path: { path: "/**" } } }],
    ["two values of one field", { action: "pay", when: { all: [{ "args.to": { eq: "a" } }, { "args.to": { eq: "b" } }] } }],
    ["numbers that are out of order", { action: "pay", when: { amount: { lt: 5, gt: 10 } } }],
    ["an empty list", { action: "pay", when: { to: { in: [] } } }],
    ["two hosts at once", { action: "net", when: { host: { host: "*.example.com", suffix: ".org" } } }],
  ])("is found of an allow with %s", async (_, rule) => {
    const finding = only(await linted(policyOf([{ action: "x" }, rule])));
    expect(finding).toMatchObject({ kind: "never_matches", pointer: "/rules/1", removable: true, level: "warning" });
  });

  test("is found of a deny that is false of every request, with a certificate that it is never unknown either", async () => {
    const rule = { effect: "deny", action: "pay", when: { any: [] } };
    const finding = only(await linted(policyOf([{ action: "pay" }, rule])));
    expect(finding).toMatchObject({ kind: "never_matches", removable: true });
    expect(finding.evidence.map(({ kind }) => kind)).toEqual(["certificate", "certificate"]);
  });

  test("says of a deny that is only ever unknown that it restricts, and does not call it removable", async () => {
    const rule = { effect: "deny", action: "pay", when: { amount: { lt: 5, gt: 10 } } };
    const finding = only(await linted(policyOf([{ action: "pay" }, rule])));
    expect(finding).toMatchObject({ kind: "never_matches", removable: false });
    expect(requestsOf(finding)).toMatchObject([{ decision: "deny", evaluation: { rules: [{ truth: "unknown" }] } }]);
  });

  test("is not found of rules that match one request alone", async () => {
    const rules = [
      { action: "pay", when: { amount: { gte: 5, lte: 5 } } },
      { action: "a", unless: { x: { present: true } } },
    ];
    expect((await linted(policyOf(rules))).findings).toEqual([]);
  });
});

describe("redundant", () => {
  test("names the wider allow that covers one", async () => {
    const narrow = { action: "fs:read", when: { path: { path: "/repo/src/**" } } };
    const finding = only(await linted(policyOf([narrow, { ...read, because: "all of it" }, { action: "x" }])));
    expect(finding).toMatchObject({
      kind: "redundant",
      pointer: "/rules/0",
      removable: true,
      covers: [{ id: "r1", pointer: "/rules/1", because: "all of it" }],
    });
    expect(finding.evidence.map(({ kind }) => kind)).toEqual(["certificate", "certificate"]);
  });

  test("names two rules that only together cover one", async () => {
    const under = (top: string) => ({ action: "fs:read", when: { path: { path: `/${top}/**` } } });
    const both = { action: "fs:read", when: { path: { path: ["/a/x/**", "/b/x/**"] } } };
    const finding = only(await linted(policyOf([under("a"), both, under("b"), under("c")])));
    expect(finding).toMatchObject({ kind: "redundant", pointer: "/rules/1", covers: [{ id: "r0" }, { id: "r2" }] });
  });

  test("names the deny that hides an allow, and the deny that covers a deny", async () => {
    const secrets = { effect: "deny", action: "fs:*", when: { path: { path: "/repo/secrets/**" } } };
    const hidden = { action: "fs:read", when: { path: { path: "/repo/secrets/a" } } };
    expect(only(await linted(policyOf([read, secrets, hidden])))).toMatchObject({ kind: "redundant", pointer: "/rules/2" });
    const deny = { ...hidden, effect: "deny" };
    expect(only(await linted(policyOf([read, secrets, deny])))).toMatchObject({ pointer: "/rules/2", covers: [{ id: "r1" }] });
  });

  test("of two equal rules only the later one is said to be removable", async () => {
    for (const effect of ["allow", "ask"]) {
      const found = inShort(
        await linted(
          policyOf([
            { ...read, effect },
            { ...read, effect },
          ]),
        ),
      );
      expect(found).toEqual(["redundant /rules/1"]);
    }
  });

  test("a rule that can only be removed where another stays is not found beside it", async () => {
    // The deny hides the allow, so the allow can go; then the deny has nothing to deny. Whoever removed the deny alone would permit more.
    const found = await linted(policyOf([{ action: "x" }, { effect: "deny", action: "x" }]));
    expect(inShort(found)).toEqual(["redundant /rules/0"]);
  });

  test("an allow beside an ask of the same is not redundant where the ask is unknown, and is where it never is", async () => {
    const ask = { effect: "ask", action: "pay", when: { amount: { gt: 5 } } };
    const named = { action: "pay", when: { amount: { present: true } } };
    expect((await linted(policyOf([named, ask]))).findings).toEqual([]);
    const always = { effect: "ask", action: "pay" };
    expect(only(await linted(policyOf([{ action: "pay" }, always])))).toMatchObject({ kind: "redundant", pointer: "/rules/0" });
  });

  test("is found of an allow that only the expiry keeps from mattering", async () => {
    const late = { action: "x", when: { "context.time": { after: "2031-01-01T00:00:00Z" } } };
    const found = only(await linted(policyOf([{ action: "y" }, late], { limits: { expires: "2030-01-01T00:00:00Z" } })));
    expect(found).toMatchObject({ kind: "redundant", pointer: "/rules/1", covers: [], summary: expect.stringContaining("the limits") });
  });

  test("is found in a delegation, of the delegable view", async () => {
    const delegation = { rules: [{ id: "a", effect: "allow", action: "fs:*", when: { path: { path: "/repo/a" } } }] };
    const rules = [...delegation.rules, { id: "b", effect: "allow", action: "fs:read", when: { path: { eq: "/repo/a" } } }];
    const more = { delegation: { rules }, limits: { depth: 1, children: 1 } };
    const all = { action: "fs:*", when: { path: { path: "/repo/**" } } };
    expect(only(await linted(policyOf([all], more)))).toMatchObject({ kind: "redundant", pointer: "/delegation/rules/1" });
  });
});

describe("denies_nothing", () => {
  test("is found of a deny where nothing is permitted", async () => {
    const deny = { effect: "deny", action: "fs:read", when: { path: { path: "/etc/**" } } };
    const asked = { effect: "deny", action: "net:*" };
    const found = await linted(policyOf([{ ...read, unless: { path: { path: "/etc/**" } } }, asked]));
    expect(inShort(found)).toEqual(["denies_nothing /rules/1"]);
    // A path that is not canonical is unknown to the deny and to the allow alike: nothing is permitted there either.
    expect(only(await linted(policyOf([read, deny])))).toMatchObject({ kind: "denies_nothing", pointer: "/rules/1", removable: true });
  });
});

describe("hidden_ask", () => {
  test("is found of an ask that an equal or a wider deny hides, and names it", async () => {
    for (const action of ["tool:pay", "tool:*"]) {
      const finding = only(await linted(policyOf([{ action: "**" }, { effect: "ask", action: "tool:pay" }, { effect: "deny", action }])));
      expect(finding).toMatchObject({ kind: "hidden_ask", pointer: "/rules/1", removable: true, covers: [{ id: "r2" }] });
    }
  });

  test("is not found of an ask that a deny hides in part", async () => {
    const deny = { effect: "deny", action: "tool:*", when: { to: { eq: "me" } } };
    const found = inShort(await linted(policyOf([{ effect: "ask", action: "tool:pay" }, deny])));
    expect(found).toEqual(["missing_field /rules/1"]);
  });
});

describe("missing_field", () => {
  test("is found of a deny beside an allow that does not look at the field, with both requests", async () => {
    const deny = { effect: "deny", action: "fs:**", when: { path: { path: "/**/.env" } } };
    const finding = only(await linted(policyOf([{ action: "fs:read" }, deny])));
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/1", removable: false });
    const [denied, permitted] = requestsOf(finding);
    expect(denied).toMatchObject({ decision: "deny", request: { action: "fs:read", path: expect.any(String) } });
    expect(permitted).toMatchObject({ decision: "allow", request: { action: "fs:read" } });
    expect(permitted?.request).not.toHaveProperty("path");
    expect(finding.summary).toContain("`path`");
  });

  test("is found of a field within an object, and of each of several fields", async () => {
    const deny = { effect: "deny", action: "pay", when: { "args.to": { eq: "x" }, "args.amount": { gt: 5 } } };
    const finding = only(await linted(policyOf([{ action: "pay" }, deny])));
    expect(finding.summary).toMatch(/`args\.amount` or `args\.to`|`args\.to` or `args\.amount`/);
    expect(finding.evidence).toHaveLength(4);
  });

  test("is found where the request that is denied is permitted by another rule than the one without the field", async () => {
    const rules = [
      { ...read, action: "fs:*" },
      { action: "fs:read", when: { user: { eq: "root" } } },
      { effect: "deny", action: "fs:*", when: { path: { path: "/repo/.env" } } },
    ];
    const finding = only(await linted(policyOf(rules)));
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/2" });
    expect(requestsOf(finding)[1]?.request).toEqual({ action: "fs:read", user: "root" });
  });

  test("is found of an ask that an allow slips past where the field is missing, with both requests", async () => {
    const finding = only(
      await linted(policyOf([{ action: "mail" }, { effect: "ask", action: "mail", when: { class: { eq: "personal" } } }])),
    );
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/1", removable: false });
    expect(finding?.summary).toMatch(/^a request without `class` slips past `.*`: it is false there, and `.*` allows it without looking$/);
    expect(requestsOf(finding).map(({ decision, request }) => [decision, request])).toEqual([
      ["ask", { action: "mail", class: "personal" }],
      ["allow", { action: "mail" }],
    ]);
  });

  test("is found of an ask whose example another allow makes, by asking for any request without the field", async () => {
    const rules = [
      { action: "mail", when: { class: { present: true } } },
      { action: "mail:*", when: { user: { eq: "root" } } },
      { effect: "ask", action: ["mail", "mail:*"], when: { class: { eq: "personal" } } },
    ];
    const finding = only(await linted(policyOf(rules)));
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/2" });
    expect(requestsOf(finding)[1]).toMatchObject({ decision: "allow", request: { user: "root" } });
  });

  test.each<[string, readonly Rule[]]>([
    ["nothing allows what the ask does not ask of", [{ effect: "ask", action: "mail", when: { class: { eq: "personal" } } }]],
    [
      "an allow beside an ask needs the field",
      [
        { action: "mail", when: { class: { in: ["personal", "business"] } } },
        { effect: "ask", action: "mail", when: { class: { eq: "personal" } } },
      ],
    ],
    [
      "the ask holds without the field",
      [{ action: "mail" }, { effect: "ask", action: "mail", when: { not: { class: { eq: "public" } } } }],
    ],
    [
      "another ask asks for what lacks the field",
      [
        { action: "mail" },
        { effect: "ask", action: "mail", when: { class: { eq: "personal" } } },
        { effect: "ask", action: "mail", when: { class: { present: false } } },
      ],
    ],
    ["the allow needs the field", [read, { effect: "deny", action: "fs:*", when: { path: { path: "/**/.env" } } }]],
    ["the deny holds without the field", [{ action: "pay" }, { effect: "deny", action: "pay", when: { not: { to: { eq: "a" } } } }]],
    ["the deny asks for presence itself", [{ action: "pay" }, { effect: "deny", action: "pay", when: { force: { present: true } } }]],
    [
      "another deny stops what lacks the field",
      [
        { action: "pay" },
        { effect: "deny", action: "pay", when: { to: { eq: "a" } } },
        { effect: "deny", action: "pay", when: { to: { present: false } } },
      ],
    ],
    [
      "the allow says what a missing field means",
      [
        { action: "pay", when: { any: [{ to: { present: false } }, { to: { prefix: "a" } }] } },
        { effect: "deny", action: "pay", when: { to: { eq: "ab" } } },
      ],
    ],
  ])("is not found where %s", async (_, rules) => {
    expect(inShort(await linted(policyOf(rules)))).toEqual([]);
  });
});

describe("never_canonical", () => {
  test.each<[string, object, string, string]>([
    ["a host with capitals", { h: { host: ["a.example", "API*.example"] } }, "/rules/0/when/h/host/1", "API*.example"],
    ["a route with an escaped slash", { not: { r: { route: "/a%2F*" } } }, "/rules/0/when/not/r/route", "/a%2F*"],
    ["a url of such a host", { any: [{ u: { url: "https://A*/**" } }, {}] }, "/rules/0/when/any/0/u/url", "https://A*/**"],
    ["a path with a NUL", { "a/b": { each: { path: "/x\u0000*" } } }, "/rules/0/when/a~1b/each/path", "/x\u0000*"],
    ["within where", { l: { some: { where: { all: [{ h: { host: "A*" } }] } } } }, "/rules/0/when/l/some/where/all/0/h/host", "A*"],
  ])("is found of %s, at the pattern", async (_, when, pointer, text) => {
    const { findings } = await linted(policyOf([{ action: "x", when }]));
    const found = findings.filter(({ kind }) => kind === "never_canonical");
    expect(found).toMatchObject([{ pointer, summary: expect.stringContaining(`\`${text}\``), rule: { id: "r0" } }]);
  });

  test("is found of an action", async () => {
    const found = await linted(policyOf([{ action: ["x", "fs:*\u0001"] }]));
    expect(inShort(found)).toEqual(["never_canonical /rules/0/action/1"]);
  });
});

describe("wide_delegation", () => {
  const more = (rules: readonly Rule[], limits = { depth: 1, children: 1 }) => ({ delegation: { rules }, limits });

  test("is a note on a rule that hands on what no rule of the policy grants, with the request", async () => {
    const finding = only(await linted(policyOf([read], more([{ id: "d", effect: "allow", action: "fs:read" }]))));
    expect(finding).toMatchObject({ kind: "wide_delegation", level: "note", pointer: "/delegation/rules/0", removable: false });
    expect(requestsOf(finding).map(({ decision }) => decision)).toEqual(["allow", "deny"]);
  });

  test("is not found where the delegation is within, or allows what the policy asks for", async () => {
    expect((await linted(policyOf([read], more([{ id: "d", effect: "allow", ...read }])))).findings).toEqual([]);
    const asks = policyOf([{ ...read, effect: "ask" }], more([{ id: "d", effect: "allow", ...read }]));
    expect((await linted(asks)).findings).toEqual([]);
  });

  test("a rule of the delegation that the policy permits nothing of is redundant", async () => {
    const found = only(
      await linted(
        policyOf(
          [read],
          more([
            { id: "d", effect: "allow", action: "net" },
            { id: "e", effect: "allow", ...read },
          ]),
        ),
      ),
    );
    expect(found).toMatchObject({
      kind: "redundant",
      pointer: "/delegation/rules/0",
      summary: expect.stringContaining("permits nothing of it"),
    });
  });
});

describe("empty_limit", () => {
  const expires = "2030-01-01T00:00:00Z";
  test("is found of an expiry that has come, at the time that is given and at no other", async () => {
    const policy = policyOf([read, { effect: "ask", action: "pay" }], { limits: { expires } });
    const ends = Date.parse(expires);
    expect(only(await linted(policy, { now: ends }))).toMatchObject({ kind: "empty_limit", pointer: "/limits/expires" });
    expect((await linted(policy, { now: ends - 1 })).findings).toEqual([]);
    expect((await linted(policy)).findings).toEqual([]);
  });

  test("is found of a delegation without depth, or without children", async () => {
    const found = async (limits: object | undefined, delegation: unknown = "all") =>
      inShort(await linted(policyOf([read], { delegation, ...(limits === undefined ? {} : { limits }) })));
    expect(await found(undefined)).toEqual(["empty_limit /delegation"]);
    expect(await found({ depth: 0, children: 3 })).toEqual(["empty_limit /limits/depth"]);
    expect(await found({ depth: 1, children: 0 })).toEqual(["empty_limit /limits/children"]);
    expect(await found({ depth: 1 })).toEqual(["empty_limit /delegation"]);
    expect(await found({ depth: "unlimited", children: "unlimited" })).toEqual([]);
    expect(await found(undefined, "none")).toEqual([]);
    expect(await found(undefined, { rules: [] })).toEqual([]);
  });
});

describe("lint", () => {
  const clean = policyOf(
    [
      { action: ["fs:read", "fs:write"], when: { path: { path: "/repo/**" } } },
      { effect: "ask", action: "tool:issue", when: { "args.repo": { in: ["a", "b"] } }, reviewers: ["me"] },
      { effect: "deny", action: "fs:**", when: { path: { path: "/**/.env*" } } },
    ],
    {
      delegation: { rules: [{ id: "d", effect: "allow", ...read }] },
      limits: { expires: "2030-01-01T00:00:00Z", depth: 1, children: 2, spend: { USD: "1" } },
    },
  );

  test("is silent of policies that do what they seem to", async () => {
    for (const policy of [clean, policyOf([]), policyOf([{ action: "**" }]), policyOf([{ effect: "ask", action: "a" }, { action: "b" }])])
      expect(await linted(policy, { now: 0 })).toMatchObject({ findings: [], undecided: [] });
  });

  test("leaves open, by name and reason, what it has no room or time for, and finds nothing there", async () => {
    const policy = policyOf([read, read, { effect: "deny", action: "net" }]);
    const none = await linted(policy, { bounds: { checksMax: 0 } });
    expect(none.findings).toEqual([]);
    expect(none.undecided.map(({ pointer, reason }) => [pointer, reason])).toEqual([0, 1, 2].map((i) => [`/rules/${i}`, "lint_bound"]));
    const few = await linted(policy, { bounds: { rulesMax: 1 } });
    expect(few.undecided).toHaveLength(2);
    expect(inShort(few)).toEqual(["denies_nothing /rules/2"]);
    let time = 0;
    const late = await linted(policy, { clock: () => time++ * 1_000, deadlineMs: 1 });
    expect(late.undecided.map(({ reason }) => reason)).toEqual(["deadline", "deadline", "deadline"]);
    const aborted = await linted(policy, { signal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ findings: [], checks: 0 });
    const canonical = await linted(policyOf([{ action: "x", when: { h: { host: ["A*", "a"] } } }]), { bounds: { patternsMax: 1 } });
    expect(canonical.undecided).toMatchObject([{ kind: "never_canonical", reason: "lint_bound" }]);
  });

  test("an undecided link is an open question, not a finding", async () => {
    const effort = { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;
    const unsure = { checkContainment: async () => ({ kind: "undecided", reason: "solver_failed", effort }) as const };
    const report = await lint(unsure, policyOf([read, read], { delegation: "all" }), { now: 0 });
    expect(report.findings).toEqual([]);
    expect(report.undecided.map(({ reason }) => reason)).toEqual(["solver_failed", "solver_failed", "solver_failed"]);
  });

  test("its JSON holds what was found, and nothing that is not JSON", async () => {
    const encoded = encodeLint(await linted(policyOf([read, read, { action: "x", when: { any: [] } }])));
    expect(JSON.parse(JSON.stringify(encoded))).toEqual(encoded);
    expect(encoded).toMatchObject({
      policy: { name: "planted" },
      findings: [{ kind: "redundant" }, { kind: "never_matches" }],
      undecided: [],
    });
  });

  // No clock: what it may cost is bounded by work alone, so that a slow machine changes nothing.
  test("a policy of 100 rules is within the bounds on work", { timeout: 120_000 }, async () => {
    const rules = Array.from({ length: 100 }, (_, i) => ({
      effect: i % 5 === 4 ? "deny" : i % 7 === 6 ? "ask" : "allow",
      action: i % 2 === 0 ? "fs:*" : ["fs:read", "fs:write"],
      when: { path: { path: [`/area${i % 40}/x${i}/**`, `/shared/${i}/*.ts`] } },
    }));
    const report = await linted(policyOf(rules));
    expect(report.undecided).toEqual([]);
  });
});
