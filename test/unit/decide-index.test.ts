// Rules that are found by tables, at the borders where a table could leave one out: each list is long enough that tables are made, and each
// request is asked often enough that they are used. `beside` are rules of other keys, which never hold here.
import { describe, expect, test } from "vitest";
import { type Decision, decide } from "../../prover/evaluate/decide.js";
import type { Policy } from "../../prover/kernel/index.js";
import { loadPolicy } from "../../prover/load.js";
import type { RuleDocument } from "../generators/index.js";

const ASKED = 10;
const OTHERS = 30;

function load(rules: readonly unknown[], more: object = {}, view = false): Policy {
  const result = loadPolicy({ language: "atmost/1", name: "n", version: "1", rules, ...more }, view);
  if (result.kind !== "loaded") throw new Error(result.message);
  return result.policy;
}
/** Returns the decision, which must be the same however often it is asked for. */
function decided(policy: Policy, request: unknown): Decision {
  const all = new Set(Array.from({ length: ASKED }, () => decide(policy, request)));
  expect(all.size).toBe(1);
  return decide(policy, request);
}
const many = (effect: string, action: string, whenOf: (i: number) => unknown): readonly object[] =>
  Array.from({ length: OTHERS }, (_, i) => ({ id: `${effect} ${i}`, effect, action, when: whenOf(i) }));
const permit: RuleDocument = { id: "permit", effect: "allow", action: "**" };
const effects = [
  ["deny", "allow", "deny", "deny"],
  ["ask", "allow", "ask", "ask"],
  ["allow", "deny", "deny", "allow"],
] as const;

// Each predicate with a value that no rule's is, one that can not be judged, and one that the seventh rule's is.
const cases: readonly [name: string, whenOf: (i: number) => object, other: unknown, unknown: readonly unknown[], met: unknown][] = [
  ["eq", (i) => ({ f: { eq: `v${i}` } }), "v99", [["v7"], {}, undefined, Number.NaN, 1n], "v7"],
  ["in", (i) => ({ f: { in: [i, `v${i}`, i + 1000] } }), null, [[7], { v: 7 }, Number.POSITIVE_INFINITY], 1007],
  [
    "path",
    (i) => ({ f: { path: [`/w/p${i}/**`, `/v/p${i}`] } }),
    "/w/p99/a",
    [7, null, ["/w/p7/a"], "/w/../w/p7/a", "w/p7", "/w//p7"],
    "/w/p7",
  ],
  ["route", (i) => ({ f: { route: `/w${i}/**` } }), "/", [7, "/a/../b", ""], "/w7/"],
  ["host", (i) => ({ f: { host: `**.h${i}.io` } }), "h99.io", [7, "H7.io", "h7.io.", ""], "h7.io"],
  [
    "cidr",
    (i) => ({ f: { cidr: `10.${i}.0.0/16` } }),
    "10.99.0.1",
    [7, "10.07.0.1", "10.7.0", "10.7.0.256", "", "::ffff:10.7.0.1"],
    "10.7.255.255",
  ],
  [
    "cidr of IPv6",
    (i) => ({ f: { cidr: `2001:db8:${i + 1}::/48` } }),
    "10.0.0.1",
    [7, "2001:DB8:8::1", "2001:db8:8:0::1"],
    "2001:db8:8::1",
  ],
];

describe.each(effects)("many rules that %s", (effect, none, unknown, met) => {
  for (const action of ["a", "a:**", "*"])
    describe.each(cases)(`of action ${action}, by %s`, (_, whenOf, other, odd, value) => {
      const policy = load([...many(effect, action, whenOf), ...(effect === "allow" ? [] : [permit])]);
      test("are false where the value is another, and where there is none", () => {
        expect(decided(policy, { action: "a", f: other })).toBe(none);
        expect(decided(policy, { action: "a" })).toBe(none);
      });
      test("are unknown where the value can not be judged: they restrict, and grant nothing", () => {
        for (const f of odd) expect([f, decided(policy, { action: "a", f })]).toEqual([f, unknown]);
      });
      test("are found where one is true", () => {
        expect(decided(policy, { action: "a", f: value })).toBe(met);
        expect(decided(policy, { action: "b:c", f: value })).toBe(none);
        expect(decided(policy, { action: "a:c", f: value })).toBe(action === "a:**" ? met : none);
        expect(decided(policy, { action: "b", f: value })).toBe(action === "*" ? met : none);
      });
    });
});

describe("tables", () => {
  test("keep a field that a scalar or an array hides apart from one that is absent", () => {
    const policy = load([...many("deny", "a", (i) => ({ "f.g": { eq: i } })), permit]);
    expect(decided(policy, { action: "a", f: {} })).toBe("allow");
    expect(decided(policy, { action: "a", f: 1 })).toBe("deny");
    expect(decided(policy, { action: "a", f: [{ g: 99 }] })).toBe("deny");
    expect(decided(policy, { action: "a", f: { g: 99 } })).toBe("allow");
  });
  test("take -0 for 0", () => {
    const policy = load([...many("allow", "a", (i) => ({ n: { eq: i } }))]);
    expect(decided(policy, { action: "a", n: -0 })).toBe("allow");
    const negative = load([...many("allow", "a", (i) => ({ n: { eq: i === 0 ? -0 : i } }))]);
    expect(decided(negative, { action: "a", n: 0 })).toBe("allow");
  });
  test("do not read what stands under `any` or `not` as required", () => {
    const any = load([...many("deny", "a", (i) => ({ any: [{ f: { eq: i } }, { g: { eq: 1 } }] })), permit]);
    expect(decided(any, { action: "a", f: 99, g: 1 })).toBe("deny");
    expect(decided(any, { action: "a", f: 99, g: 2 })).toBe("allow");
    const not = load([...many("deny", "a", (i) => ({ not: { f: { in: [i, 1000] } } })), permit]);
    expect(decided(not, { action: "a", f: 99 })).toBe("deny");
    expect(decided(not, { action: "a", f: 1000 })).toBe("allow");
    expect(decided(not, { action: "a", f: [1000] })).toBe("deny");
  });
  test("ask for the rest of a pattern whose literal segments were met", () => {
    const paths = load(many("allow", "a", (i) => ({ f: { path: `/w/p${i}/x*/**` } })));
    expect(decided(paths, { action: "a", f: "/w/p7/xy/z" })).toBe("allow");
    expect(decided(paths, { action: "a", f: "/w/p7/y" })).toBe("deny");
    expect(decided(paths, { action: "a", f: "/w/p7" })).toBe("deny");
    const hosts = load(many("allow", "a", (i) => ({ f: { host: `x*.h${i}.io` } })));
    expect(decided(hosts, { action: "a", f: "xy.h7.io" })).toBe("allow");
    expect(decided(hosts, { action: "a", f: "y.h7.io" })).toBe("deny");
    const ofActions = Array.from({ length: OTHERS }, (_, i) => ({ id: `${i}`, effect: "deny", action: [`t${i}:x*`, `u${i}:**`] }));
    const actions = load([...ofActions, permit]);
    expect(decided(actions, { action: "t7:xy" })).toBe("deny");
    expect(decided(actions, { action: "t7:y" })).toBe("allow");
    expect(decided(actions, { action: "t7" })).toBe("allow");
    const open = load([...ofActions.map((rule, i) => ({ ...rule, action: [`u${i}:**`, `v:w${i}:**`] })), permit]);
    for (const action of ["u7", "u7:a", "u7:a:b", "v:w7", "v:w7:a"]) expect([action, decided(open, { action })]).toEqual([action, "deny"]);
    for (const action of ["u", "u77:a", "v", "v:w", "v:w77"]) expect([action, decided(open, { action })]).toEqual([action, "allow"]);
  });
  test("know nested blocks, their first and last addresses, and what lies between", () => {
    const blocks = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "10.1.4.0/24", "11.0.0.0/8", "255.0.0.0/8", "0.0.0.0/32"];
    for (const [n, block] of blocks.entries()) {
      const rules = blocks.map((cidr, i) => ({ id: `r${i}`, effect: i === n ? "allow" : "ask", action: "a", when: { ip: { cidr } } }));
      const only = load(rules.map((rule) => ({ ...rule, effect: "allow", when: { ...rule.when, k: { glob: rule.id } } })));
      for (const ip of [
        "0.0.0.0",
        "0.0.0.1",
        "9.255.255.255",
        "10.0.0.0",
        "10.1.2.3",
        "10.1.2.4",
        "10.1.4.0",
        "10.1.5.0",
        "10.255.255.255",
      ])
        expect([block, ip, decided(only, { action: "a", ip, k: `r${n}` })]).toEqual([
          block,
          ip,
          decide(load([{ ...rules[n], effect: "allow" }]), { action: "a", ip }),
        ]);
    }
  });
  test("serve a policy and its view, which decides the least of its lists", () => {
    const limits = { depth: 1 };
    const delegation = { rules: many("ask", "a", (i) => ({ f: { eq: i } })) };
    const rules = many("allow", "a", (i) => ({ f: { eq: i } }));
    expect(decided(load(rules, { limits, delegation }), { action: "a", f: 7 })).toBe("allow");
    expect(decided(load(rules, { limits, delegation }, true), { action: "a", f: 7 })).toBe("ask");
    expect(decided(load(rules, { delegation }, true), { action: "a", f: 7 })).toBe("deny");
  });
  test("deny an action that is not canonical, though a rule names it", () => {
    const policy = load([...many("allow", "a", (i) => ({ f: { eq: i } })), { id: "odd", effect: "allow", action: ["x::y", "a\u0000"] }]);
    for (const action of ["x::y", "a\u0000", "", 1, null, ["a"]]) expect(decided(policy, { action, f: 7 })).toBe("deny");
    expect(decided({ ...policy, lists: [] }, { action: "a", f: 7 })).toBe("deny");
  });
});
