// What people are told: evaluations, counterexamples and their sentences. What is told is minimal, short, and names what matters.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Counterexample,
  createProver,
  type Decision,
  evaluate,
  explainMax,
  isObject,
  type Json,
  type LinkResult,
  type ParsedPolicy,
  parsePolicy,
  type Subject,
} from "../../src/index.js";
import { arbPair, propertyParameters } from "../generators/index.js";

type Members = { readonly [key: string]: Json };
type Told = Extract<Counterexample, { readonly kind: "request" }>;
const { checkContainment } = createProver({ solver: "none" });
const ranks: Readonly<Record<Decision, number>> = { deny: 0, ask: 1, allow: 2 };

/** Returns the policy `name` with these rules; what a rule does not say is an allow of `x`, with an id after the policy. */
function policy(name: string, rules: readonly Members[], more: Members = {}): ParsedPolicy {
  const stated = rules.map((rule, i): Json => ({ id: `${name}-${i}`, effect: "allow", action: "x", ...rule }));
  const result = parsePolicy({ language: "atmost/1", name, version: "1", rules: stated, ...more });
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const examplesOf = (result: LinkResult): readonly Counterexample[] => ("counterexamples" in result ? result.counterexamples : []);
const toldOf = (result: LinkResult): readonly Told[] =>
  examplesOf(result).flatMap((example) => (example.kind === "request" ? [example] : []));
async function sentences(lower: Subject, upper: Subject): Promise<readonly string[]> {
  return examplesOf(await checkContainment(lower, upper)).map(({ summary }) => summary);
}
/** The requests that tell `lower` on a field `f` from `upper` on it. */
async function valuesOf(lower: Json, upper: Json): Promise<readonly unknown[]> {
  const result = await checkContainment(policy("child", [{ when: { f: lower } }]), policy("parent", [{ when: { f: upper } }]));
  return toldOf(result).map(({ request }) => request["f"]);
}

describe("a sentence", () => {
  test("names the rule below, the nearest rule above, the field, what it must be and what it is", async () => {
    const pay = (name: string, predicate: Json) => policy(name, [{ action: "tool:pay", when: { "args.amount": predicate } }]);
    expect(await sentences(pay("child", { lte: 50 }), pay("parent", { lt: 50 }))).toMatchInlineSnapshot(`
      [
        "\`child\` allows \`tool:pay\` with \`args.amount\` = 50 by rule \`child-0\`, but no rule of \`parent\` permits it: in the nearest, \`parent-0\`, \`args.amount\` must be lt 50, and is 50",
      ]
    `);
  });

  test("of an action that nothing above permits says so", async () => {
    expect(await sentences(policy("child", [{ action: "fs:read" }]), policy("parent", [{}]))).toMatchInlineSnapshot(`
      [
        "\`child\` allows \`fs:read\` by rule \`child-0\`, but no rule of \`parent\` permits this action",
      ]
    `);
  });

  test("of a deny above names it, and says where it can not judge the value", async () => {
    const parent = policy("parent", [{}, { effect: "deny", when: { env: { eq: "prod" } } }]);
    expect(await sentences(policy("child", [{}]), parent)).toMatchInlineSnapshot(`
      [
        "\`child\` allows \`x\` with \`env\` = "prod" by rule \`child-0\`, but \`parent\` denies it by rule \`parent-1\`",
        "\`child\` allows \`x\` with \`env\` = [] by rule \`child-0\`, but \`parent\` denies it by rule \`parent-1\`, which can not judge the value",
      ]
    `);
  });

  test("of an approval below, and of one above, says so", async () => {
    const [allow, ask] = [policy("child", [{}]), policy("child", [{ effect: "ask" }])];
    expect(await sentences(ask, policy("parent", [{ when: { env: { eq: "dev" } } }]))).toMatchInlineSnapshot(`
      [
        "\`child\` permits, with approval, \`x\` by rule \`child-0\`, but no rule of \`parent\` permits it: in the nearest, \`parent-0\`, \`env\` must be eq "dev", and is absent",
      ]
    `);
    expect(await sentences(allow, policy("parent", [{ effect: "ask" }]))).toMatchInlineSnapshot(`
      [
        "\`child\` allows \`x\` by rule \`child-0\`, but \`parent\` asks for approval by rule \`parent-0\`",
      ]
    `);
  });

  test("of a limit gives both amounts", async () => {
    const lower = policy("child", [], { limits: { depth: 2, spend: { USD: "30" } } });
    const upper = policy("parent", [], { limits: { depth: 1, spend: { USD: "25.00" } } });
    expect(await sentences(lower, upper)).toMatchInlineSnapshot(`
      [
        "the limit \`depth\` of \`child\` is 2, but that of \`parent\` is 1",
        "the limit \`spend.USD\` of \`child\` is 30, but that of \`parent\` is 25.00",
      ]
    `);
  });

  test("of a URL, an address and an array tells the value as it stands in the request", async () => {
    const cases: readonly (readonly [lower: Json, upper: Json])[] = [
      [{ url: "https://*.example.com/**" }, { url: "https://*.example.com/v1/**" }],
      [{ cidr: "10.0.0.0/8" }, { cidr: "10.0.0.0/9" }],
      [{ each: { path: "/w/**" } }, { each: { path: "/w/src/**" } }],
    ];
    const told: (readonly string[])[] = [];
    for (const [below, above] of cases)
      told.push(await sentences(policy("child", [{ when: { f: below } }]), policy("parent", [{ when: { f: above } }])));
    expect(told.flat()).toMatchInlineSnapshot(`
      [
        "\`child\` allows \`x\` with \`f\` = "https://a.example.com/" by rule \`child-0\`, but no rule of \`parent\` permits it: in the nearest, \`parent-0\`, \`f\` must be url "https://*.example.com/v1/**", and is "https://a.example.com/"",
        "\`child\` allows \`x\` with \`f\` = "10.128.0.0" by rule \`child-0\`, but no rule of \`parent\` permits it: in the nearest, \`parent-0\`, \`f\` must be cidr "10.0.0.0/9", and is "10.128.0.0"",
        "\`child\` allows \`x\` with \`f\` = ["/w"] by rule \`child-0\`, but no rule of \`parent\` permits it: in the nearest, \`parent-0\`, \`f\` must be each {"path":"/w/src/**"}, and is ["/w"]",
      ]
    `);
  });

  test("shortens a long value, and the request keeps it whole", async () => {
    const long = "x".repeat(1_000);
    const result = await checkContainment(policy("child", [{ when: { f: { eq: long } } }]), policy("parent", []));
    const [example] = toldOf(result);
    expect(example?.request["f"]).toBe(long);
    expect(example?.summary).toContain("…");
    expect(example?.summary.length).toBeLessThan(2 * explainMax.value + 200);
  });
});

describe("an evaluation", () => {
  const engineer = policy("engineer", [
    { id: "edit", action: "fs:*", when: { path: { path: "/repo/**" }, user: { in: ["ann", "bob"] } }, because: "their work" },
    { id: "tmp", action: "fs:read", when: { path: { path: "/tmp/**" } } },
    { id: "secrets", effect: "deny", action: "fs:**", when: { path: { path: "/**/.env*" } } },
  ]);

  test("names the rules that made the decision, and none other", () => {
    expect(evaluate(engineer, { action: "fs:read", path: "/repo/a", user: "ann" })).toMatchObject({
      decision: "allow",
      rules: [{ id: "edit", effect: "allow", pointer: "/rules/0", because: "their work" }],
    });
    expect(evaluate(engineer, { action: "fs:read", path: "/repo/.env", user: "ann" }).rules.map(({ id }) => id)).toEqual(["secrets"]);
  });

  test("tells of each near rule the field that fails, what it must be, and what it is: the nearest rule first", () => {
    const { decision, near } = evaluate(engineer, { action: "fs:read", path: "/etc/passwd" });
    expect(decision).toBe("deny");
    expect(near.map(({ rule, summary }) => `${rule.id}: ${summary}`)).toMatchInlineSnapshot(`
      [
        "tmp: \`path\` must be path "/tmp/**", and is "/etc/passwd"",
        "edit: \`path\` must be path "/repo/**", and is "/etc/passwd"",
      ]
    `);
  });

  test("tells of a value that a predicate can not judge, of an absent field, and of one that is hidden", () => {
    const subject = policy("p", [{ when: { "a.b": { path: "/w/**" } } }]);
    const summaries = [{ a: { b: "/w/../x" } }, { a: {} }, { a: 7 }].map(
      (request) => evaluate(subject, { action: "x", ...request }).near[0]?.summary,
    );
    expect(summaries).toMatchInlineSnapshot(`
      [
        "\`a.b\` must be path "/w/**", and is "/w/../x", which \`path\` can not judge",
        "\`a.b\` must be path "/w/**", and is absent",
        "\`a.b\` must be path "/w/**", and lies behind a value that is no object",
      ]
    `);
  });

  test("names at most five near rules, and none whose action does not match", () => {
    const many = policy(
      "many",
      [...Array(9).keys()].map((i) => ({ when: { f: { eq: i } } })),
    );
    expect(evaluate(many, { action: "x", f: -1 }).near).toHaveLength(explainMax.near);
    expect(evaluate(many, { action: "y", f: -1 }).near).toEqual([]);
  });
});

describe("the values", () => {
  test.each<[lower: Json, upper: Json, value: Json]>([
    [{ prefix: "" }, { not: { prefix: "admin" } }, "admin"],
    [{ present: true }, { not: { eq: "root" } }, "root"],
    [{ host: "**" }, { not: { host: "**.internal.example" } }, "internal.example"],
    [{ path: "/**" }, { not: { path: "/etc/passwd" } }, "/etc/passwd"],
    [{ in: ["GET", "POST"] }, { eq: "GET" }, "POST"],
    [{ gte: 0 }, { not: { eq: 7 } }, 7],
    [{ cidr: "0.0.0.0/0" }, { not: { cidr: "169.254.169.254/32" } }, "169.254.169.254"],
    [{ url: "https://**/**" }, { not: { url: "https://api.example.com/admin" } }, "https://api.example.com/admin"],
  ])("are what the policies name: %j but for %j is told by %j", async (lower, upper, value) => {
    // `not` stands over the field, not in it.
    const above: Json = isObject(upper) && isObject(upper["not"]) ? { not: { f: upper["not"] } } : { f: upper };
    const result = await checkContainment(policy("child", [{ when: { f: lower } }]), policy("parent", [{ when: above }]));
    expect(toldOf(result).map(({ request }) => request["f"])).toContainEqual(value);
  });

  test.each<[lower: Json, upper: Json, value: Json]>([
    [{ prefix: "a" }, { glob: "a?*" }, "a"],
    [{ matches: "[0-9a-z!#]{3}" }, { matches: "[0-9]{3}" }, "aaa"],
    [{ path: "/repo/**" }, { path: "/repo/src/**" }, "/repo"],
    [{ gte: 0 }, { lte: 100 }, 101],
    [{ each: { in: ["x", "y", "z"] } }, { each: { in: ["x", "y"] } }, ["z"]],
    [{ each: { eq: 1 } }, { some: { eq: 1 } }, []],
    [{ keys: { only: ["a"] } }, { keys: { has: ["a"] } }, {}],
  ])("are the shortest, and letters before symbols: %j but for %j is told by %j", async (lower, upper, value) => {
    expect(await valuesOf(lower, upper)).toContainEqual(value);
  });

  test("leave out every field that does not matter", async () => {
    const lower = policy("child", [{ when: { any: [{ a: { eq: 1 } }, { b: { eq: 1 } }, { "c.d.e": { eq: 1 } }] } }]);
    for (const { request } of toldOf(await checkContainment(lower, policy("parent", [])))) expect(Object.keys(request)).toHaveLength(2);
  });
});

/** Returns every request that `value` becomes when one member or one element of it is left out. */
function withoutOne(value: Json): readonly Json[] {
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const shorter = items.map((_, i) => items.toSpliced(i, 1));
    return [...shorter, ...items.flatMap((item, i) => withoutOne(item).map((smaller) => items.with(i, smaller)))];
  }
  if (!isObject(value)) return [];
  const entries = Object.entries(value);
  const shorter = entries.map((_, i) => Object.fromEntries(entries.toSpliced(i, 1)));
  return [
    ...shorter,
    ...entries.flatMap(([key, item], i) => withoutOne(item).map((smaller) => Object.fromEntries(entries.with(i, [key, smaller])))),
  ];
}

/** What makes two counterexamples one of a kind: the rules below, and the rules or the field above. */
function kindOf(example: Counterexample): string {
  if (example.kind === "limit") return example.limit;
  const { lower, upper } = example;
  const above = upper.rules.length > 0 ? upper.rules.map(({ id, truth }) => [id, truth]) : [upper.near[0]?.field, upper.near[0]?.truth];
  return JSON.stringify([lower.rules.map(({ id }) => id), upper.decision, above]);
}

function expectGood(examples: readonly Counterexample[], lower: Subject, upper: Subject): void {
  expect(examples.length).toBeLessThanOrEqual(5);
  expect(new Set(examples.map(kindOf)).size).toBe(examples.length);
  for (const example of examples) {
    expect(example.summary).not.toMatch(/undefined|\[object|NaN/);
    expect(example.summary).not.toContain("\n");
    if (example.kind === "limit") continue;
    const { request, summary } = example;
    const decisions = (value: unknown) => [evaluate(lower, value).decision, evaluate(upper, value).decision] as const;
    const [below, above] = decisions(request);
    expect([example.lower.decision, example.upper.decision]).toEqual([below, above]);
    expect(ranks[below]).toBeGreaterThan(ranks[above]);
    for (const smaller of withoutOne(request)) expect(decisions(smaller), JSON.stringify({ request, smaller })).not.toEqual([below, above]);
    for (const { id } of example.lower.rules) expect(summary).toContain(`\`${id}\``);
    const [nearest] = example.upper.near;
    if (example.upper.rules.length > 0) for (const { id } of example.upper.rules) expect(summary).toContain(`\`${id}\``);
    else if (nearest !== undefined)
      for (const part of [`\`${nearest.rule.id}\``, `\`${nearest.field}\``, nearest.summary]) expect(summary).toContain(part);
    expect(summary).toContain(`\`${String(request["action"])}\``);
  }
}

describe("counterexamples", () => {
  test.each([
    ["a number, where the rule above speaks of numbers", { n: { present: true } }, { n: { lte: 100 } }, { n: 101 }],
    ["a path, where the rule above speaks of paths", { p: { present: true } }, { p: { path: "/w/**" } }, { p: "/a" }],
    ["a path with a name, not the root", { p: { path: "/**" } }, { p: { path: "/w/**" } }, { p: "/a" }],
    ["a text that the rule above names", { s: { present: true } }, { s: { in: ["v"] }, t: { present: true } }, { s: "v" }],
  ])("have ordinary values: %s", async (_, below, above, more) => {
    const lower = policy("child", [{ when: below }]);
    const result = await checkContainment(lower, policy("parent", [{ when: above }]));
    expect(toldOf(result).map(({ request }) => request)).toContainEqual({ action: "x", ...more });
  });

  test("tell times as times", async () => {
    const until = (time: string) => ({ "context.time": { before: time } });
    const lower = policy("child", [{ when: until("2026-01-01T00:00:00Z") }]);
    const result = await checkContainment(lower, policy("parent", [{ when: until("2025-01-01T00:00:00Z") }]));
    expect(examplesOf(result)[0]?.summary).toMatch(
      /`context\.time` must be before "2025-01-01T00:00:00Z", and is 1735689600000 \(2025-01-01T00:00:00Z\)$/,
    );
  });

  test("are at most five, of many that there are", async () => {
    const actions = [..."abcdefghij"];
    const result = await checkContainment(
      policy(
        "child",
        actions.map((action) => ({ action })),
      ),
      policy("parent", []),
    );
    expect(examplesOf(result)).toHaveLength(5);
    expectGood(
      examplesOf(result),
      policy(
        "child",
        actions.map((action) => ({ action })),
      ),
      policy("parent", []),
    );
  });

  test("are several where two fields escape, and two are never of one kind", async () => {
    const lower = policy("child", [{ when: { method: { in: ["GET", "POST"] }, size: { in: [1, 2] } } }]);
    const upper = policy("parent", [{ when: { method: { eq: "GET" }, size: { eq: 1 } } }]);
    const result = await checkContainment(lower, upper);
    expect(
      toldOf(result)
        .map(({ request }) => request["method"])
        .toSorted(),
    ).toEqual(["GET", "POST"]);
    expectGood(examplesOf(result), lower, upper);
  });

  test("of random pairs are minimal, of different kinds, at most five, and say what they must", async () => {
    const { seed, numRuns } = propertyParameters("explain", 150);
    let told = 0;
    await fc.assert(
      fc.asyncProperty(arbPair(), async (pair) => {
        const [lower, upper] = [parsePolicy(pair.lower), parsePolicy(pair.upper)];
        if (lower.kind === "invalid" || upper.kind === "invalid") throw new Error("a generated policy is refused");
        const examples = examplesOf(await checkContainment(lower.policy, upper.policy));
        told += examples.length;
        expectGood(examples, lower.policy, upper.policy);
      }),
      { seed, numRuns, verbose: 1 },
    );
    expect(told).toBeGreaterThan(numRuns / 10);
  });
});
