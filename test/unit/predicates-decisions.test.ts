// Decisions, conditions, expiry, the delegable view and limits: sections 2, 3 and 5 of the language.
import { describe, expect, test } from "vitest";
import {
  createProver,
  type Decision,
  delegableView,
  evaluate,
  type Json,
  type ParsedPolicy,
  parsePolicy,
  type Subject,
} from "../../src/index.js";

type Members = { readonly [key: string]: Json };
type Effect = "allow" | "ask" | "deny";

const documentOf = (rules: readonly Json[], more: Members = {}): Members => ({
  language: "atmost/1",
  name: "p",
  version: "1",
  rules,
  ...more,
});
function read(rules: readonly Json[], more: Members = {}): ParsedPolicy {
  const result = parsePolicy(documentOf(rules, more));
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const decisionOf = (subject: Subject, request: unknown): Decision => evaluate(subject, request).decision;

// On this request these three conditions are true, false and unknown.
const request = { action: "x", t: "a", u: ["a"] };
const conditions = { T: { t: { eq: "a" } }, F: { t: { eq: "b" } }, U: { u: { eq: "a" } } } as const;
type Truth = keyof typeof conditions;
const truths: readonly Truth[] = ["T", "F", "U"];

const ruleOf = (effect: Effect, more: Members, index = 0): Members => ({ id: `r${index}`, effect, action: "x", ...more });
function truthOf(more: Members): Truth {
  if (decisionOf(read([ruleOf("allow", more)]), request) === "allow") return "T";
  return decisionOf(read([{ id: "a", effect: "allow", action: "x" }, ruleOf("deny", more)]), request) === "deny" ? "U" : "F";
}

describe("the decision", () => {
  // Every way in which an allow, an ask and a deny can be absent, true, false or unknown: what section 2 says of each.
  const states: readonly (Truth | "-")[] = ["-", "T", "F", "U"];
  const expected = (allow: Truth | "-", ask: Truth | "-", deny: Truth | "-"): Decision => {
    if (deny === "T" || deny === "U") return "deny";
    if (allow !== "T" && ask !== "T") return "deny";
    return ask === "T" || ask === "U" ? "ask" : "allow";
  };
  const table = states.flatMap((allow) =>
    states.flatMap((ask) => states.map((deny) => [allow, ask, deny, expected(allow, ask, deny)] as const)),
  );

  test.each(table)("of an allow that is %s, an ask that is %s and a deny that is %s is %s", (allow, ask, deny, decision) => {
    const rules = (
      [
        ["allow", allow],
        ["ask", ask],
        ["deny", deny],
      ] as const
    ).flatMap(([effect, truth], i) => (truth === "-" ? [] : [ruleOf(effect, { when: conditions[truth] }, i)]));
    expect(decisionOf(read(rules), request)).toBe(decision);
    expect(decisionOf(read(rules.toReversed()), request)).toBe(decision);
  });

  test("rule 1: one deny that is true or unknown outweighs any number of other rules", () => {
    const allows = Array.from({ length: 20 }, (_, i) => ruleOf("allow", {}, i));
    for (const truth of ["T", "U"] as const)
      expect(decisionOf(read([...allows, ruleOf("deny", { when: conditions[truth] }, 99)]), request)).toBe("deny");
    expect(decisionOf(read([...allows, ruleOf("deny", { when: conditions.F }, 99)]), request)).toBe("allow");
  });

  test("rule 2: without an allow or ask that is true the answer is deny: no rules, other actions, unknowns alone", () => {
    expect(decisionOf(read([]), request)).toBe("deny");
    expect(decisionOf(read([{ id: "a", effect: "allow", action: "y" }]), request)).toBe("deny");
    expect(decisionOf(read([ruleOf("allow", { when: conditions.U }), ruleOf("ask", { when: conditions.U }, 1)]), request)).toBe("deny");
  });

  test("rule 3: an ask that is true grants by itself, and one that is unknown turns an allow into an ask", () => {
    expect(decisionOf(read([ruleOf("ask", {})]), request)).toBe("ask");
    expect(decisionOf(read([ruleOf("allow", {}), ruleOf("ask", { when: conditions.U }, 1)]), request)).toBe("ask");
  });

  test("an ask or a deny of another action touches nothing", () => {
    const others: readonly Json[] = (["ask", "deny"] as const).map((effect, i) => ({ id: `o${i}`, effect, action: ["y", "x:y", "X"] }));
    expect(decisionOf(read([ruleOf("allow", {}), ...others]), request)).toBe("allow");
  });

  test("names the rules that made it, and says which of them were unknown", () => {
    const policy = read([
      ruleOf("allow", { because: "work" }),
      ruleOf("ask", { when: conditions.U }, 1),
      ruleOf("deny", { when: conditions.F }, 2),
    ]);
    expect(evaluate(policy, request)).toMatchObject({
      decision: "ask",
      rules: [{ id: "r1", effect: "ask", pointer: "/rules/1", truth: "unknown" }],
    });
    expect(evaluate(read([ruleOf("allow", { because: "work" })]), request).rules).toEqual([
      { id: "r0", effect: "allow", pointer: "/rules/0", because: "work" },
    ]);
  });
});

describe("a value that is no request, or that JSON can not write", () => {
  const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const toJSON = (): never => {
    throw new Error("no");
  };
  const values: readonly (readonly [string, unknown])[] = [
    ["nests 3,000 deep", nested(3_000)],
    ["nests 100,000 deep", nested(100_000)],
    ["is a big integer", 10n],
    ["is a cycle", cycle],
    ["is a function", () => 0],
    ["is a symbol", Symbol("s")],
    ["is undefined", undefined],
    ["throws when it is written", { toJSON }],
  ];
  const rules = [ruleOf("allow", { when: { f: { eq: "a" } } }), ruleOf("ask", { when: { f: { path: "/a" } } }, 1)];

  test.each(values)("a field that %s is decided, and the reasons are told", (_, value) => {
    const { decision, near } = evaluate(read(rules), { action: "x", f: value });
    expect(decision).toBe("deny");
    expect(near).toHaveLength(2);
    for (const { summary } of near) expect(summary).toMatch(/^`f` must be .+, and is .+$/);
  });

  test.each(values)("a request that %s is denied", (_, value) => {
    expect(decisionOf(read(rules), value)).toBe("deny");
  });
});

describe("conditions", () => {
  // SOURCE: Kleene's strong three-valued logic.
  const and = (a: Truth, b: Truth): Truth => (a === "F" || b === "F" ? "F" : a === "U" || b === "U" ? "U" : "T");
  const or = (a: Truth, b: Truth): Truth => (a === "T" || b === "T" ? "T" : a === "U" || b === "U" ? "U" : "F");
  const not = (a: Truth): Truth => (a === "T" ? "F" : a === "F" ? "T" : "U");
  const pairs = truths.flatMap((a) => truths.map((b) => [a, b] as const));

  test.each(pairs)("all, any and not of %s and %s are Kleene's", (a, b) => {
    const [left, right] = [conditions[a], conditions[b]];
    expect(truthOf({ when: { all: [left, right] } })).toBe(and(a, b));
    expect(truthOf({ when: { any: [left, right] } })).toBe(or(a, b));
    expect(truthOf({ when: { not: left } })).toBe(not(a));
    expect(truthOf({ when: { not: { all: [left, right] } } })).toBe(not(and(a, b)));
    expect(truthOf({ when: { not: { any: [left, { not: right }] } } })).toBe(not(or(a, not(b))));
    expect(truthOf({ when: { not: { not: left } } })).toBe(a);
  });

  test.each(pairs)("a rule whose `when` is %s and whose `unless` is %s has the truth of the one and not the other", (when, unless) => {
    expect(truthOf({ when: conditions[when], unless: conditions[unless] })).toBe(and(when, not(unless)));
    expect(truthOf({ unless: conditions[unless] })).toBe(not(unless));
  });

  test("all of nothing is true, any of nothing is false, and no condition is true", () => {
    expect(truthOf({ when: { all: [] } })).toBe("T");
    expect(truthOf({ when: { any: [] } })).toBe("F");
    expect(truthOf({ when: {} })).toBe("T");
    expect(truthOf({})).toBe("T");
    expect(truthOf({ when: { any: [{}] } })).toBe("T");
    expect(truthOf({ unless: {} })).toBe("F");
    expect(truthOf({ unless: { any: [] } })).toBe("T");
    expect(truthOf({ when: { not: { all: [] } } })).toBe("F");
  });

  test("several fields, and several predicates of one field, are all required", () => {
    expect(truthOf({ when: { t: { eq: "a", prefix: "a" } } })).toBe("T");
    expect(truthOf({ when: { t: { eq: "a", prefix: "b" } } })).toBe("F");
    expect(truthOf({ when: { t: { eq: "a", lt: 1 } } })).toBe("U");
    expect(truthOf({ when: { t: { eq: "b", lt: 1 } } })).toBe("F");
    expect(truthOf({ when: { ...conditions.T, ...conditions.U } })).toBe("U");
    expect(truthOf({ when: { ...conditions.T, all: [conditions.T], any: [conditions.F] } })).toBe("F");
    expect(truthOf({ when: { ...conditions.T, not: conditions.F } })).toBe("T");
  });
});

describe("expires", () => {
  const at = Date.UTC(2026, 11, 1);
  const policy = read([ruleOf("allow", {})], { limits: { expires: "2026-12-01T00:00:00Z" } });

  test.each<[time: unknown, decision: Decision]>([
    [at - 1, "allow"],
    [0, "allow"],
    [-1e15, "allow"],
    [at, "deny"],
    [at + 1, "deny"],
    [undefined, "deny"],
    [null, "deny"],
    ["2026-01-01T00:00:00Z", "deny"],
    [String(at - 1), "deny"],
    [[at - 1], "deny"],
    [{}, "deny"],
    [Number.NaN, "deny"],
    [Number.NEGATIVE_INFINITY, "deny"],
    [true, "deny"],
  ])("at the time %j the policy decides %s", (time, decision) => {
    const context = time === undefined ? {} : { time };
    expect(decisionOf(policy, { action: "x", context })).toBe(decision);
  });

  test("a request whose context is missing or no object is denied", () => {
    expect(decisionOf(policy, { action: "x" })).toBe("deny");
    for (const context of [null, 7, "now", [{ time: 0 }]]) expect(decisionOf(policy, { action: "x", context })).toBe("deny");
  });

  test("a policy without it never expires, and so exceeds one that does", async () => {
    const forever = read([ruleOf("allow", {})]);
    expect(decisionOf(forever, { action: "x" })).toBe("allow");
    const { checkContainment } = createProver({ solver: "none" });
    expect((await checkContainment(policy, forever)).kind).toBe("contained");
    const found = await checkContainment(forever, policy);
    expect(found.kind).toBe("exceeds");
    const earlier = read([ruleOf("allow", {})], { limits: { expires: "2026-11-30T23:59:59.999Z" } });
    expect((await checkContainment(earlier, policy)).kind).toBe("contained");
    expect(await checkContainment(policy, earlier)).toMatchObject({
      kind: "exceeds",
      counterexamples: [{ request: { action: "x", context: { time: at - 1 } } }],
    });
  });
});

describe("the delegable view", () => {
  const rules = [ruleOf("allow", { when: { t: { prefix: "a" } } }), { id: "q", effect: "ask", action: "q" }];
  const view = (delegation: Json | undefined, limits: Members = { depth: 1 }): Subject =>
    delegableView(read(rules, { limits, ...(delegation === undefined ? {} : { delegation }) }));
  const ranks: Readonly<Record<Decision, number>> = { deny: 0, ask: 1, allow: 2 };

  test("of a policy without delegation, or with none, permits nothing", () => {
    for (const delegation of [undefined, "none", { rules: [] }] as const) expect(decisionOf(view(delegation), request)).toBe("deny");
  });

  test("of all is the policy, where there is depth left", () => {
    for (const depth of [1, 2, "unlimited"]) {
      expect(decisionOf(view("all", { depth }), request)).toBe("allow");
      expect(decisionOf(view("all", { depth }), { action: "q" })).toBe("ask");
      expect(decisionOf(view("all", { depth }), { action: "x", t: "b" })).toBe("deny");
    }
  });

  test("permits nothing where the depth would fall below 0", () => {
    for (const limits of [{ depth: 0 }, {}, { children: 9 }]) expect(decisionOf(view("all", limits), request)).toBe("deny");
  });

  test("decides the least of the policy and its delegation, for each pair of decisions", () => {
    for (const own of ["allow", "ask", "deny"] as const)
      for (const handed of ["allow", "ask", "deny"] as const) {
        const policy = read([ruleOf(own, {})], { delegation: { rules: [ruleOf(handed, {})] }, limits: { depth: 1 } });
        const least = ranks[own] < ranks[handed] ? own : handed;
        expect(decisionOf(delegableView(policy), request), `${own} and ${handed}`).toBe(least);
      }
  });

  test("expires with its policy, whatever the delegation says", () => {
    const limits = { depth: 1, expires: "2026-12-01T00:00:00Z" };
    for (const delegation of ["all", { rules: [ruleOf("allow", {})] }] as const) {
      const subject = view(delegation, limits);
      expect(decisionOf(subject, { ...request, context: { time: 0 } })).toBe("allow");
      expect(decisionOf(subject, request)).toBe("deny");
      expect(decisionOf(subject, { ...request, context: { time: Date.UTC(2027, 0, 1) } })).toBe("deny");
    }
  });

  test("is contained in its policy, and its policy in it only where all is handed on and no depth is lost", async () => {
    const { checkContainment } = createProver({ solver: "none" });
    const part: Json = {
      rules: [
        { id: "w", effect: "allow", action: "**" },
        { id: "d", effect: "deny", action: "x", when: { t: { eq: "ab" } } },
      ],
    };
    for (const delegation of ["none", "all", part] as const)
      for (const depth of [0, 1, "unlimited"] as const) {
        const policy = read(rules, { delegation, limits: { depth } });
        expect((await checkContainment(delegableView(policy), policy)).kind).toBe("contained");
        const back = await checkContainment(policy, delegableView(policy));
        expect(back.kind, `${JSON.stringify(delegation)} ${depth}`).toBe(
          delegation === "all" && depth === "unlimited" ? "contained" : "exceeds",
        );
      }
  });
});

describe("limits", () => {
  const { checkContainment } = createProver({ solver: "none" });
  const withLimits = (limits: Json | undefined): ParsedPolicy => read([], limits === undefined ? {} : { limits });

  test.each<[lower: Json | undefined, upper: Json | undefined, exceeding: readonly string[]]>([
    [undefined, undefined, []],
    [undefined, { depth: 1, children: 1, spend: { USD: "1" } }, []],
    [{}, undefined, []],
    [{ depth: 0, children: 0, spend: {} }, undefined, []],
    [{ depth: 1 }, { depth: 1 }, []],
    [{ depth: 2 }, { depth: 1 }, ["depth"]],
    [{ depth: 1 }, undefined, ["depth"]],
    [{ depth: 9 }, { depth: "unlimited" }, []],
    [{ depth: "unlimited" }, { depth: "unlimited" }, []],
    [{ depth: "unlimited" }, { depth: 9007199254740991 }, ["depth"]],
    [{ children: 5 }, { children: 4 }, ["children"]],
    [{ children: "unlimited" }, { children: "unlimited" }, []],
    [{ depth: 2, children: 2 }, { depth: 1, children: 1 }, ["depth", "children"]],
    [{ spend: { USD: "25.00" } }, { spend: { USD: "25" } }, []],
    [{ spend: { USD: "25.01" } }, { spend: { USD: "25" } }, ["spend.USD"]],
    [{ spend: { USD: "0.1" } }, { spend: { USD: "0.10000" } }, []],
    [{ spend: { USD: "0.00000000000000000000000000001" } }, { spend: { USD: "0" } }, ["spend.USD"]],
    [{ spend: { USD: "9" } }, { spend: { USD: "10" } }, []],
    [{ spend: { USD: "0" } }, undefined, []],
    [{ spend: { EUR: "1" } }, { spend: { USD: "1" } }, ["spend.EUR"]],
    [{ spend: { USD: "1", EUR: "1" } }, { spend: { USD: "2", EUR: "2" } }, []],
    [{ spend: { USD: "1" } }, { spend: "unlimited" }, []],
    [{ spend: "unlimited" }, { spend: { USD: "1" } }, ["spend"]],
    [{ spend: "unlimited" }, { spend: "unlimited" }, []],
    [{ spend: "unlimited" }, undefined, ["spend"]],
    [{ spend: { USD: "unlimited" } }, { spend: { USD: "unlimited" } }, []],
    [{ spend: { USD: "unlimited" } }, { spend: { USD: "1" } }, ["spend.USD"]],
    [{ spend: { USD: "unlimited" } }, { spend: "unlimited" }, []],
    [{ spend: "unlimited" }, { spend: { USD: "unlimited" } }, ["spend"]],
  ])("%j below %j exceeds in %j", async (lower, upper, exceeding) => {
    const result = await checkContainment(withLimits(lower), withLimits(upper));
    expect(result.kind).toBe(exceeding.length === 0 ? "contained" : "exceeds");
    const found =
      result.kind === "exceeds" ? result.counterexamples.map((example) => (example.kind === "limit" ? example.limit : "request")) : [];
    expect(found).toEqual(exceeding);
  });

  test.each<[limits: Json]>([
    [{ depth: -1 }],
    [{ depth: 1.5 }],
    [{ depth: "1" }],
    [{ depth: null }],
    [{ depth: 9007199254740992 }],
    [{ children: "Unlimited" }],
    [{ spend: { USD: 25 } }],
    [{ spend: { USD: "025" } }],
    [{ spend: { USD: "-1" } }],
    [{ spend: { USD: "1e3" } }],
    [{ spend: { USD: ".5" } }],
    [{ spend: { USD: "5." } }],
    [{ spend: { USD: "0.0000000000000000000000000000001" } }],
    [{ spend: { usd: "1" } }],
    [{ spend: "all" }],
    [{ expires: 1795219200000 }],
    [{ expires: "tomorrow" }],
    [{ budget: 1 }],
    [[]],
  ])("%j are refused", (limits) => {
    expect(parsePolicy(documentOf([], { limits })).kind).toBe("invalid");
  });

  test("are told beside the requests that escape, and before them", async () => {
    const lower = read([ruleOf("allow", {})], { limits: { depth: 1 } });
    const result = await checkContainment(lower, withLimits(undefined));
    expect(result).toMatchObject({ kind: "exceeds", counterexamples: [{ kind: "limit", limit: "depth" }, { kind: "request" }] });
  });
});

describe("modify", () => {
  test("is refused by `not_supported` at its place, and never passed over", () => {
    const result = parsePolicy(documentOf([ruleOf("allow", { modify: { cap: { "args.limit": 100 } } })]));
    expect(result).toMatchObject({ kind: "invalid", problems: [{ code: "not_supported", pointer: "/rules/0/modify" }] });
  });
});
