// What the parser accepts and refuses, and how it says so. Conditions and predicates: language-literals.test.ts.
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Json } from "../../prover/kernel/index.js";
import { problemsOf } from "../../prover/language/issues.js";
import { type ParseOptions, parsePolicy, parseRequest } from "../../prover/language/parse.js";
import type { Problem } from "../../prover/language/problem.js";
import { requestSchema } from "../../prover/language/schema.js";

// printf '{"language":"atmost/1","name":"none","rules":[],"version":"1"}' | sha256sum
const expectedEmptyHash = "e3894f7e36c4ed445a5fd741039fb6d1d698e98c3b97879d1870a88e76f6d463";

const withRules = (rules: readonly unknown[], more: object = {}) => ({ language: "atmost/1", name: "p", version: "1", rules, ...more });
const withWhen = (when: unknown, more: object = {}) => withRules([{ id: "r", effect: "allow", action: "x", when, ...more }]);

function problems(input: unknown, options?: ParseOptions): readonly Problem[] {
  const result = parsePolicy(input, options);
  return result.kind === "ok" ? [] : result.problems;
}
/** The problems of `input` as `code pointer`, in order. */
const told = (input: unknown, options?: ParseOptions) => problems(input, options).map(({ code, pointer }) => `${code} ${pointer}`);

describe("a policy document", () => {
  test("is read from JSON, from YAML and from a value, to the same hash", () => {
    const document = withWhen({ path: { path: "/workspace/**" } }, { because: "é ü 𝄞" });
    const results = [parsePolicy(document), parsePolicy(JSON.stringify(document, null, 1)), parsePolicy(stringify(document))];
    const hashes = results.map((result) => (result.kind === "ok" ? result.policy.sha256 : result.problems));
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test("hashes to the SHA-256 of its RFC 8785 form", () => {
    const result = parsePolicy('{"rules":[],"version":"1","name":"none","language":"atmost/1"}');
    // printf '{"language":"atmost/1","name":"none","rules":[],"version":"1"}' | sha256sum
    expect(result).toMatchObject({ kind: "ok", policy: { sha256: expectedEmptyHash, name: "none", version: "1" } });
  });

  test("comes out deeply frozen, and the value that was given is neither frozen nor shared", () => {
    const given = withWhen({ f: { in: ["a"] } });
    const result = parsePolicy(given);
    if (result.kind !== "ok") throw new Error("refused");
    const rules = (result.policy.document as { readonly rules: readonly Json[] }).rules;
    expect(Object.isFrozen(result.policy.document) && Object.isFrozen(rules) && Object.isFrozen(rules[0])).toBe(true);
    expect(Object.isFrozen(given)).toBe(false);
    expect(rules).not.toBe(given.rules);
  });

  test("may be without rules, and may name a schema for editors", () => {
    expect(told(withRules([], { $schema: "./policy.schema.json" }))).toEqual([]);
  });

  test("has every problem told at once, each at its place", () => {
    const text = `{"language":"atmost/2","nam":"x","version":"","rules":[
      {"id":"a","effect":"alow","action":"fs::read","when":{"p":{"path":["/a/../b","/a/**b"],"pat":"x"}}},
      {"id":"a","effect":"deny","action":[],"reviewers":["me"],"unless":{"h":{"host":"API.example.com"},"t":{"before":"soon"}}}],
      "limits":{"depth":-1,"spend":{"usd":"1","USD":"01"}},"delegation":"some"}`;
    expect([...told(text)].sort()).toEqual(
      [
        "invalid_value /language",
        "missing_key /name",
        "unknown_key /nam",
        "empty /version",
        "invalid_value /rules/0/effect",
        "pattern_not_canonical /rules/0/action",
        "pattern_not_canonical /rules/0/when/p/path/0",
        "pattern_malformed /rules/0/when/p/path/1",
        "unknown_key /rules/0/when/p/pat",
        "duplicate_id /rules/1/id",
        "empty /rules/1/action",
        "reviewers_without_ask /rules/1/reviewers",
        "pattern_not_canonical /rules/1/unless/h/host",
        "time_malformed /rules/1/unless/t/before",
        "out_of_range /limits/depth",
        "currency_malformed /limits/spend/usd",
        "amount_malformed /limits/spend/USD",
        "invalid_value /delegation",
      ].sort(),
    );
  });

  test("has its problems worded: expected, then got in backticks, then the nearest key", () => {
    expect(problems(withRules([{ id: "r", efect: "allow", action: "x" }]))).toContainEqual({
      code: "unknown_key",
      pointer: "/rules/0/efect",
      expected: "`id`, `effect`, `action`, `when`, `unless`, `because`, `reviewers` or `modify`",
      got: "`efect`",
      nearest: "effect",
      message:
        "expected `id`, `effect`, `action`, `when`, `unless`, `because`, `reviewers` or `modify`, got `efect`; did you mean `effect`",
    });
    const [long] = problems({ ...withRules([]), language: "x".repeat(500) });
    expect(long?.got?.length).toBeLessThan(80);
  });

  test("that is no object is refused", () => {
    for (const value of ["[]", "5", "null", '"text"', ""]) expect(told(value, { format: "yaml" })).toEqual(["wrong_type "]);
    for (const value of [[], 5, null, true]) expect(told(value)).toEqual(["wrong_type "]);
    for (const value of [undefined, () => 1, Symbol("s"), 5n]) expect(told(value)).toContain("not_json ");
  });

  test("that uses `modify` is refused as not supported, at its place", () => {
    const modify = { set: { "args.dry_run": true } };
    expect(told(withRules([{ id: "r", effect: "allow", action: "x", modify }]))).toEqual(["not_supported /rules/0/modify"]);
    const delegation = { rules: [{ id: "r", effect: "ask", action: "x", modify: {} }] };
    expect(told(withRules([], { delegation }))).toEqual(["not_supported /delegation/rules/0/modify"]);
  });

  test("may hold `reviewers` on an ask only, and they have names", () => {
    const rule = (effect: string, reviewers: unknown) => withRules([{ id: "r", effect, action: "x", reviewers }]);
    expect(told(rule("ask", ["ops"]))).toEqual([]);
    expect(told(rule("allow", ["ops"]))).toEqual(["reviewers_without_ask /rules/0/reviewers"]);
    expect(told(rule("ask", [""]))).toEqual(["empty /rules/0/reviewers/0"]);
  });

  test("has ids that are unique in their list, not across lists", () => {
    const rule = { id: "r", effect: "allow", action: "x" };
    expect(told(withRules([rule], { delegation: { rules: [rule] } }))).toEqual([]);
    expect(told(withRules([], { delegation: { rules: [rule, rule] } }))).toEqual(["duplicate_id /delegation/rules/1/id"]);
    expect(told(withRules([{ ...rule, id: "" }]))).toEqual(["empty /rules/0/id"]);
  });

  test("has a name and a version of at most 4,096 characters: an attestation names it", () => {
    for (const member of ["name", "version"]) {
      expect(told(withRules([], { [member]: "x".repeat(4_096) }))).toEqual([]);
      expect(told(withRules([], { [member]: "x".repeat(4_097) }))).toEqual([`out_of_range /${member}`]);
    }
  });

  test("has limits written out", () => {
    const limits = (value: unknown) => told(withRules([], { limits: value }));
    expect(limits({ depth: 9007199254740991, children: "unlimited", spend: { USD: `0.${"0".repeat(28)}1` } })).toEqual([]);
    expect(limits({ spend: "unlimited", expires: "2016-12-31T23:59:60Z" })).toEqual([]);
    expect(limits({ spend: { A: "unlimited" } })).toEqual([]);
    expect(limits({ depth: 9007199254740992 })).toEqual(["out_of_range /limits/depth"]);
    expect(limits({ children: 1.5 })).toEqual(["wrong_type /limits/children"]);
    expect(limits({ depth: "all" })).toEqual(["invalid_value /limits/depth"]);
    for (const amount of ["01", "1.", ".5", "-1", "1e3", "", `1.${"0".repeat(30)}`])
      expect(limits({ spend: { USD: amount } })).toEqual(["amount_malformed /limits/spend/USD"]);
    expect(limits(null)).toEqual(["wrong_type /limits"]);
  });

  test("names its template with its version", () => {
    expect(told(withRules([], { template: { name: "t", version: "2" } }))).toEqual([]);
    expect(told(withRules([], { template: { name: "t" } }))).toEqual(["missing_key /template/version"]);
    expect(told(withRules([], { template: { name: "t", version: "", sha: "x" } })).sort()).toEqual([
      "empty /template/version",
      "unknown_key /template/sha",
    ]);
  });
});

describe("bounds", () => {
  test("stop at 10,000 rules a list", () => {
    const rules = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `${index}`, effect: "allow", action: "x" }));
    expect(told(withRules(rules(10_000)))).toEqual([]);
    expect(told(withRules(rules(10_001)))).toEqual(["too_many_rules /rules"]);
    expect(told(withRules([], { delegation: { rules: rules(10_001) } }))).toEqual(["too_many_rules /delegation/rules"]);
  });

  test("stop at 1,000 problems, and say so", () => {
    const found = problems(withRules(new Array(5000).fill(1)));
    expect(found).toHaveLength(1001);
    expect(found.at(-1)?.code).toBe("too_many_problems");
  });
});

describe("a request", () => {
  const refused = (input: unknown) => {
    const result = parseRequest(input);
    return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
  };

  test("is any object, with lone surrogates and numbers of any digits", () => {
    expect(parseRequest('{"action":"x","s":"\\ud800","n":0.1000000000000000055}')).toEqual({
      kind: "ok",
      request: { action: "x", s: "\ud800", n: 0.1 },
    });
    for (const request of [{}, { action: 5 }, { action: "" }]) expect(refused(request)).toEqual([]);
    expect(parseRequest("action: fs:read\npath: /a")).toEqual({ kind: "ok", request: { action: "fs:read", path: "/a" } });
  });

  test("is refused with duplicate keys, numbers that are not finite, too deep or over 64 KiB", () => {
    expect(refused('{"action":"a","action":"b"}')).toEqual(["duplicate_key /action"]);
    expect(refused('{"n":1e400}')).toEqual(["number_not_finite /n"]);
    expect(refused(`{"a":${"[".repeat(32)}`)).toEqual([`too_deep /a${"/0".repeat(31)}`]);
    expect(refused({ s: "a".repeat(65_536) })).toEqual(["request_too_large "]);
    expect(refused(`{"s":"${"a".repeat(65_536)}"}`)).toEqual(["request_too_large "]);
    for (const value of [[], "5", null]) expect(refused(value)).toEqual(["wrong_type "]);
  });
});

describe("the request that needs no report", () => {
  test.each([null, true, 0, "x", [], [{}], {}, { action: 1, context: [] }, { action: null }, JSON.parse('{"__proto__":1}')])(
    "is the one that the schema accepts: %j",
    (value: Json) => {
      const found = problemsOf(requestSchema, value);
      expect(parseRequest(value)).toEqual(found.length === 0 ? { kind: "ok", request: value } : { kind: "invalid", problems: found });
    },
  );
});

describe("a value that was parsed before", () => {
  test("is refused where it is no JSON", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(told({ ...withRules([]), description: Number.NaN })).toContain("number_not_finite /description");
    expect(told({ ...withRules([]), description: new Date(0) })).toContain("not_json /description");
    expect(told(new Map())).toContain("not_json ");
    expect(told(cycle)[0]).toMatch(/^too_deep /);
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    expect(told(withRules([,]))).toContain("not_json /rules/0");
    expect(told({ ...withRules([]), name: "\ud800" })).toEqual(["lone_surrogate /name"]);
  });

  test("may leave keys undefined, as programs do, and may come without prototype", () => {
    expect(told({ ...withRules([]), limits: undefined })).toEqual([]);
    expect(told(Object.assign(Object.create(null), withRules([])))).toEqual([]);
  });

  test("has at most 1 MiB in canonical form", () => {
    const filled = (characters: number) => withRules([], { description: "\u0001".repeat(characters) });
    expect(told(filled(174_000))).toEqual([]);
    expect(told(filled(175_000))).toEqual(["too_large "]);
    expect(told(withRules(new Array(2_000_000).fill(0)))[0]).toBe("too_large ");
  });
});
