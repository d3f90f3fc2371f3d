// The agent-passport importer: scopes, times and limits of a delegation, judged by the kernel's evaluator, and what is refused and where.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import { limitEscapes } from "../../prover/kernel/index.js";
import { importAgentPassport } from "../../src/import/agent-passport/index.js";
import { findImporter, type ImportOptions, type JsonObject } from "../../src/import/index.js";
import { propertyParameters } from "../generators/index.js";
import { documentIn, loadDocument, problemsIn } from "./import-results.js";

const delegation = (more: JsonObject = {}): JsonObject => ({
  delegationId: "del_0123456789ab",
  delegatedTo: "aa".repeat(32),
  delegatedBy: "bb".repeat(32),
  scope: ["data:read", "commerce:*"],
  expiresAt: "2026-12-01T00:00:00.000Z",
  spendLimit: 500,
  spentAmount: 0,
  maxDepth: 2,
  currentDepth: 0,
  createdAt: "2026-11-01T00:00:00.000Z",
  signature: "cc".repeat(64),
  ...more,
});
const without = (...keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(delegation()).filter(([key]) => !keys.includes(key)));

const importValue = (value: unknown, options: ImportOptions = {}) => importAgentPassport(JSON.stringify(value), options);
const problemsOf = (value: unknown, options: ImportOptions = {}) => problemsIn(importValue(value, options));
const documentOf = (value: unknown, options: ImportOptions = {}): JsonObject => documentIn(importValue(value, options));
function load(value: unknown, options: ImportOptions = {}, view = false) {
  const document = documentOf(value, options);
  expect(parsePolicy(document).kind).toBe("ok");
  return loadDocument(document, view);
}
const time = Date.parse("2026-11-15T00:00:00Z");
const decideOn = (value: unknown, action: unknown, at: unknown = time) => decide(load(value), { action, context: { time: at } });

describe("scopes", () => {
  it.each([
    ["data:read", { "data:read": true, "data:read:x:y": true, data: false, "data:readx": false, "data:write": false }],
    ["data", { data: true, "data:read": true, "data:read:x": true, datax: false }],
    ["data:*", { data: true, "data:read": true, "data:read:x": true, datax: false, "date:read": false }],
    ["*", { data: true, "a:b:c": true }],
    ["a?b", { "a?b": true, axb: false, "a?b:c": true }],
    ["a\\b", { "a\\b": true, ab: false }],
  ])("%s covers what it covers there", (scope, cases) => {
    for (const [action, covered] of Object.entries(cases)) {
      expect([action, decideOn(delegation({ scope: [scope] }), action)]).toEqual([action, covered ? "allow" : "deny"]);
    }
  });
  it.each([
    ["api:*:read", "ambiguous_glob"],
    ["data:re*", "ambiguous_glob"],
    ["a:*:*", "ambiguous_glob"],
    ["**", "ambiguous_glob"],
    ["**:x", "ambiguous_glob"],
    [":*", "not_canonical"],
    ["a::b", "not_canonical"],
    ["a:", "not_canonical"],
    [":a", "not_canonical"],
    ["a\u0000b", "not_canonical"],
    ["x".repeat(1_025), "not_canonical"],
  ])("%s is refused as %s, by its place", (scope, code) => {
    expect(problemsOf(delegation({ scope: ["ok", scope] }))).toEqual([`${code} /scope/1`]);
  });
  it("none at all permit nothing", () => {
    expect(decideOn(delegation({ scope: [] }), "data:read")).toBe("deny");
  });
});

describe("times", () => {
  const end = Date.parse("2026-12-01T00:00:00.000Z");
  it("the last valid millisecond is the one that is named, as there", () => {
    expect([end - 1, end, end + 1].map((at) => decideOn(delegation(), "data:read", at))).toEqual(["allow", "allow", "deny"]);
    expect(documentOf(delegation())["limits"]).toMatchObject({ expires: "2026-12-01T00:00:00.001Z" });
  });
  it("notBefore is the first valid millisecond", () => {
    const value = delegation({ notBefore: "2026-11-10T12:00:00.000Z" });
    const start = Date.parse("2026-11-10T12:00:00.000Z");
    expect([start - 1, start].map((at) => decideOn(value, "data:read", at))).toEqual(["deny", "allow"]);
  });
  it.each([undefined, null, "2026-11-15T00:00:00Z", [time], true])("a request whose time is %j is denied", (at) => {
    for (const value of [delegation(), delegation({ notBefore: "2026-11-10T12:00:00.000Z" })]) {
      expect(decide(load(value), { action: "data:read", context: at === undefined ? {} : { time: at } })).toBe("deny");
    }
  });
  it.each([
    "2026-12-01",
    "2026-12-01T00:00:00",
    "tomorrow",
    "2026-02-30T00:00:00Z",
    "2026-12-01T00:00:00.0001Z",
    "9999-12-31T23:59:59.999Z",
  ])("refuses the expiry %s", (text) => expect(problemsOf(delegation({ expiresAt: text }))).toEqual(["time_malformed /expiresAt"]));
  it("refuses a notBefore without a zone", () => {
    expect(problemsOf(delegation({ notBefore: "2026-12-01T00:00:00" }))).toEqual(["time_malformed /notBefore"]);
  });
});

describe("limits", () => {
  it.each([
    [500, 0, "500"],
    [500, 120.25, "379.75"],
    [0.1, 0, "0.1"],
    [0.3, 0.1, "0.2"],
    [1e-7, 0, "0.0000001"],
    [1e21, 0, "1000000000000000000000"],
    [5, 7, "0"],
    [0, 0, "0"],
  ])("a spend limit of %d with %d spent leaves %s", (spendLimit, spentAmount, left) => {
    expect(documentOf(delegation({ spendLimit, spentAmount }))["limits"]).toMatchObject({ spend: { CURRENCY: left } });
  });
  it("keeps units apart, and no limit is unlimited", () => {
    const counted = load(delegation({ spendLimitUnit: "invocations", spendLimit: 5 }));
    const money = load(delegation());
    const free = load(without("spendLimit"));
    expect(limitEscapes(counted, money).map(({ limit }) => limit)).toEqual(["spend.INVOCATIONS"]);
    expect(limitEscapes(money, counted).map(({ limit }) => limit)).toEqual(["spend.CURRENCY"]);
    expect(limitEscapes(free, money).map(({ limit }) => limit)).toEqual(["spend"]);
    expect(limitEscapes(money, free)).toEqual([]);
  });
  it("depth is what is left, and what is left may be handed on", () => {
    expect(documentOf(delegation({ currentDepth: 1 }))).toMatchObject({ delegation: "all", limits: { depth: 1, children: "unlimited" } });
    const last = documentOf(delegation({ currentDepth: 2 }));
    expect(last).toMatchObject({ delegation: "none", limits: { depth: 0 } });
    expect(last["limits"]).not.toHaveProperty("children");
    const request = { action: "data:read", context: { time } };
    expect(decide(load(delegation(), {}, true), request)).toBe("allow");
    expect(decide(load(delegation({ currentDepth: 2 }), {}, true), request)).toBe("deny");
    expect(decide(load(delegation(), { delegation: "none" }, true), request)).toBe("deny");
  });
  it("options add children and overwrite nothing", () => {
    expect(documentOf(delegation(), { limits: { children: 3 } })["limits"]).toMatchObject({ children: 3, depth: 2 });
    expect(problemsOf(delegation(), { limits: { spend: "unlimited", depth: 9 } })).toEqual(["invalid_value ", "invalid_value "]);
  });
});

describe("what is refused", () => {
  it.each<readonly [unknown, string]>([
    [[], "wrong_type "],
    [{ passport: delegation(), signature: "x" }, "not_a_policy "],
    [without("scope"), "missing_key "],
    [without("expiresAt"), "missing_key "],
    [without("maxDepth"), "missing_key "],
    [without("currentDepth"), "missing_key "],
    [delegation({ scope: "data:read" }), "wrong_type /scope"],
    [delegation({ scope: [1] }), "wrong_type /scope/0"],
    [delegation({ scope: [""] }), "wrong_type /scope/0"],
    [delegation({ scope: Array.from({ length: 1_001 }, (_, i) => `s${i}`) }), "too_large /scope"],
    [delegation({ scopeInterpretation: "exact" }), "not_enforced /scopeInterpretation"],
    [delegation({ scopeInterpretation: "glob" }), "not_enforced /scopeInterpretation"],
    [delegation({ scopeInterpretation: "regex" }), "invalid_value /scopeInterpretation"],
    [delegation({ spendLimit: -1 }), "wrong_type /spendLimit"],
    [delegation({ spendLimit: "500" }), "wrong_type /spendLimit"],
    [delegation({ spendLimit: null }), "wrong_type /spendLimit"],
    [delegation({ spendLimit: 1e40 }), "invalid_value /spendLimit"],
    [delegation({ spendLimitUnit: "USD" }), "invalid_value /spendLimitUnit"],
    [delegation({ maxDepth: 1.5 }), "wrong_type /maxDepth"],
    [delegation({ currentDepth: 3 }), "invalid_value /currentDepth"],
    [delegation({ derivation_rights: { retention_permitted: true } }), "not_supported /derivation_rights"],
    [delegation({ observation_policy: {} }), "not_supported /observation_policy"],
    [delegation({ obligationBundleHash: "x" }), "not_supported /obligationBundleHash"],
    [delegation({ credentialCheckPolicy: {} }), "not_supported /credentialCheckPolicy"],
    [delegation({ signature: 7 }), "wrong_type /signature"],
    [delegation({ scopes: [] }), "unknown_key /scopes"],
  ])("names it by code and place: %#", (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });
  it("text that is no JSON, a key that stands twice, and nesting without end", () => {
    const first = (text: string) => {
      const result = importAgentPassport(text);
      return result.kind === "refused" ? `${result.problems[0]?.code} ${result.problems[0]?.pointer}` : "ok";
    };
    expect(first("scope: []")).toBe("json_syntax ");
    expect(first('{"scope":[],"scope":["*"]}')).toBe("duplicate_key /scope");
    expect(first("[".repeat(100_000))).toMatch(/^too_deep /);
    expect(first(" ".repeat(1_100_000))).toBe("too_large ");
  });
  it("the hierarchical reading is the one that is enforced", () => {
    expect(problemsOf(delegation({ scopeInterpretation: "hierarchical" }))).toEqual([]);
  });
  it("is called by its name in the registry", () => expect(findImporter("agent-passport")).toBe(importAgentPassport));
});

// The other system's rule again, written from its documentation: no code of the importer.
const covers = (granted: string, wanted: string): boolean => {
  if (granted === "*") return true;
  const base = granted.endsWith(":*") ? granted.slice(0, granted.length - 2) : granted;
  return wanted === base || wanted.startsWith(`${base}:`);
};
const permits = (value: JsonObject, action: string, at: number): boolean => {
  const { scope, notBefore, expiresAt } = value;
  if (!Array.isArray(scope) || typeof expiresAt !== "string") throw new Error("a delegation");
  if (typeof notBefore === "string" && at < Date.parse(notBefore)) return false;
  return at <= Date.parse(expiresAt) && scope.some((granted) => covers(granted, action));
};

describe("properties", () => {
  const segment = fc.constantFrom("a", "b", "ab", "data", "read", "?", "\\", "é");
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join(":"));
  const scope = fc.oneof(
    path,
    path.map((text) => `${text}:*`),
    fc.constant("*"),
  );
  const instant = fc.integer({ min: 0, max: 40 }).map((step) => Date.parse("2026-11-15T00:00:00Z") + step);
  const iso = instant.map((at) => new Date(at).toISOString());
  const granted = fc.record({
    scope: fc.array(scope, { maxLength: 3 }),
    expiresAt: iso,
    notBefore: fc.option(iso, { nil: undefined }),
  });

  it("decides as the other system does", () => {
    let [allowed, denied] = [0, 0];
    fc.assert(
      fc.property(granted, fc.array(fc.tuple(path, instant), { minLength: 4, maxLength: 4 }), ({ notBefore, ...more }, requests) => {
        const value = delegation({ ...more, ...(notBefore === undefined ? {} : { notBefore }) });
        const policy = load(value);
        for (const [action, at] of requests) {
          const expected = permits(value, action, at);
          if (expected) allowed += 1;
          else denied += 1;
          expect(decide(policy, { action, context: { time: at } })).toBe(expected ? "allow" : "deny");
        }
      }),
      propertyParameters("agent-passport decides as the other system does", 1_000),
    );
    expect(Math.min(allowed, denied)).toBeGreaterThan(0);
  });

  it("always ends in an answer, the same every time, and what it accepts our parser accepts", () => {
    const odd = fc.oneof(fc.jsonValue(), scope, iso, fc.integer(), fc.constantFrom("exact", "currency", "invocations"));
    const keys = fc.constantFrom(
      ...Object.keys(delegation()),
      "notBefore",
      "spendLimitUnit",
      "scopeInterpretation",
      "passport",
      "__proto__",
    );
    const value = fc.array(fc.tuple(keys, odd), { maxLength: 3 }).map((changes) => ({ ...delegation(), ...Object.fromEntries(changes) }));
    const text = fc.oneof(
      value.map((each) => JSON.stringify(each)),
      fc.json(),
      fc.string(),
    );
    let accepted = 0;
    fc.assert(
      fc.property(text, (input) => {
        const result = importAgentPassport(input);
        expect(importAgentPassport(input)).toEqual(result);
        if (result.kind === "refused") expect(result.problems.length).toBeGreaterThan(0);
        else {
          accepted += 1;
          expect(parsePolicy(result.document)).toMatchObject({ kind: "ok" });
        }
      }),
      propertyParameters("agent-passport always answers", 2_000),
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
