// Conditions, predicates and patterns: what the parser accepts of them and what it refuses, at the borders.
import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../prover/language/parse.js";
import type { Problem } from "../../prover/language/problem.js";

const withRules = (rules: readonly unknown[], more: object = {}) => ({ language: "atmost/1", name: "p", version: "1", rules, ...more });
const withWhen = (when: unknown, more: object = {}) => withRules([{ id: "r", effect: "allow", action: "x", when, ...more }]);

function problems(input: unknown): readonly Problem[] {
  const result = parsePolicy(input);
  return result.kind === "ok" ? [] : result.problems;
}
/** The problems of `input` as `code pointer`, in order. */
const told = (input: unknown) => problems(input).map(({ code, pointer }) => `${code} ${pointer}`);
const toldOfField = (predicates: unknown) => told(withWhen({ f: predicates }));

describe("a condition", () => {
  test("combines, also with fields beside the combinators, and may be empty", () => {
    expect(told(withWhen({}))).toEqual([]);
    expect(told(withWhen({ all: [], any: [{ not: {} }], not: { f: { eq: 1 } }, path: { path: "/a" } }))).toEqual([]);
    expect(told(withWhen({ '["all"]': { eq: 1 }, 'args["a.b"].c': { present: false }, '[""]': { eq: null } }))).toEqual([]);
    expect(told(withWhen({ all: {}, not: [] })).sort()).toEqual(["wrong_type /rules/0/when/all", "wrong_type /rules/0/when/not"]);
  });

  test("has fields that are spelt as fields", () => {
    for (const field of ["", "a.", "a..b", "a[b]", "a[0]", '["a"', "a]", '["a"]b', "['a']"])
      expect(told(withWhen({ [field]: { eq: 1 } }))).toEqual([`field_malformed /rules/0/when/${field}`]);
  });

  test("can not name the action as a field, except of an element", () => {
    for (const field of ["action", "action.x", '["action"]', '["\\u0061ction"]', 'action["x"]'])
      expect(told(withWhen({ not: { [field]: { eq: "x" } } }))).toEqual([`field_not_allowed /rules/0/when/not/${field}`]);
    expect(told(withWhen({ list: { some: { where: { action: { eq: "x" } } } } }))).toEqual([]);
    expect(told(withWhen({ actions: { eq: "x" }, "args.action": { eq: 1 } }))).toEqual([]);
  });

  test("with the field `__proto__` is a condition on a field of that name", () => {
    expect(
      told(
        '{"language":"atmost/1","name":"p","version":"1","rules":[{"id":"r","effect":"allow","action":"x","when":{"__proto__":{"eq":1}}}]}',
      ),
    ).toEqual([]);
    const wrong =
      '{"language":"atmost/1","name":"p","version":"1","rules":[{"id":"r","effect":"allow","action":"x","when":{"__proto__":{"eqq":1}}}],"__proto__":{}}';
    expect(told(wrong).sort()).toEqual(["unknown_key /__proto__", "unknown_key /rules/0/when/__proto__/eqq"]);
    expect(Object.prototype).not.toHaveProperty("eq");
  });
});

describe("a predicate", () => {
  test.each<[string, unknown]>([
    ["eq of every scalar", { eq: null }],
    ["in of nothing", { in: [] }],
    ["in of scalars", { in: [1, "1", true, null, -0, 0.1] }],
    ["patterns that are empty texts", { prefix: "", suffix: "", contains: "", glob: "", matches: "" }],
    ["patterns of nothing", { path: [], host: [], route: [], url: [], cidr: [] }],
    ["path", { path: ["/", "/**", "/a/*", "/**/.env*", "/a b/ü", "/a\\*b", "/...", "/.x"] }],
    ["host", { host: ["a", "**", "*.example.com", "**.example.com", "127.0.0.1", "xn--bcher-kva.example", "10.0.*.1", "a_b.c-d"] }],
    ["route", { route: ["/", "/a/", "/a/**", "/a%20b/*", "/@a/:b", "/*/"] }],
    ["url", { url: ["https://**.example.com/v1/**", "*://a:*/", "http://a:8080/x?q=*", "https://api.example.com/search?q=*"] }],
    ["cidr", { cidr: ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "1.2.3.4/32"] }],
    ["matches", { matches: ["[a-z]+", "(?:a|b){1,1000}", "\\d\\w\\s.", "^a$"] }],
    ["numbers", { lt: 123456789012345, lte: -0, gt: 1e300, gte: 0.000123456789012345 }],
    ["times", { before: "2026-12-01T00:00:00.500Z", after: "2016-12-31T23:59:60Z" }],
    ["times with offsets", { before: "2017-01-01T00:59:60+01:00", after: "2026-12-01t00:00:00.1230000z" }],
    ["each and some", { each: { path: "/w/**" }, some: { where: { a: { eq: 1 } } } }],
    ["each within each", { each: { each: { some: { where: {} } } } }],
    ["keys", { keys: { only: [], has: ["a"] } }],
    ["present", { present: false }],
  ])("is accepted: %s", (_, predicates) => {
    expect(toldOfField(predicates)).toEqual([]);
  });

  const at = "/rules/0/when/f";
  test.each<[string, unknown, readonly string[]]>([
    ["no predicate", {}, [`empty ${at}`]],
    ["a scalar for predicates", "x", [`wrong_type ${at}`]],
    ["an unknown predicate", { equals: 1 }, [`unknown_key ${at}/equals`]],
    ["eq of an array", { eq: [] }, [`wrong_type ${at}/eq`]],
    ["in of a scalar", { in: "a" }, [`wrong_type ${at}/in`]],
    ["in of an object", { in: [{}] }, [`wrong_type ${at}/in/0`]],
    ["a pattern that is a number", { glob: 5 }, [`wrong_type ${at}/glob`]],
    ["a list with a pattern that is a number", { glob: ["a", 5] }, [`wrong_type ${at}/glob/1`]],
    ["an escape of nothing", { glob: "a\\" }, [`pattern_malformed ${at}/glob`]],
    ["sixteen digits", { lt: 1234567890.123456 }, [`number_too_precise ${at}/lt`]],
    ["sixteen digits among scalars", { in: [1234567890123456] }, [`number_too_precise ${at}/in/0`]],
    ["a number as a text", { lt: "5" }, [`wrong_type ${at}/lt`]],
    ["a time without zone", { before: "2026-12-01T00:00:00" }, [`time_malformed ${at}/before`]],
    ["a time to the microsecond", { before: "2026-12-01T00:00:00.000001Z" }, [`time_malformed ${at}/before`]],
    ["a leap second that can not be", { after: "2026-12-30T23:59:60Z" }, [`time_malformed ${at}/after`]],
    ["a day that is not", { after: "2026-02-30T00:00:00Z" }, [`time_malformed ${at}/after`]],
    ["epoch milliseconds for a time", { after: 5 }, [`wrong_type ${at}/after`]],
    ["each of nothing", { each: {} }, [`empty ${at}/each`]],
    ["where beside a predicate", { some: { where: {}, eq: 1 } }, [`where_not_alone ${at}/some`]],
    ["an unknown predicate of an element", { each: { pathh: "/a" } }, [`unknown_key ${at}/each/pathh`]],
    ["a wrong condition of an element", { each: { where: { a: { eq: [] } } } }, [`wrong_type ${at}/each/where/a/eq`]],
    ["keys of nothing", { keys: {} }, [`empty ${at}/keys`]],
    ["keys that are no texts", { keys: { has: [1], any: [] } }, [`wrong_type ${at}/keys/has/0`, `unknown_key ${at}/keys/any`]],
    ["present of a text", { present: "true" }, [`wrong_type ${at}/present`]],
    ["a back-reference", { matches: "(a)\\1" }, [`pattern_malformed ${at}/matches`]],
    ["a look-ahead", { matches: "(?=a)" }, [`pattern_malformed ${at}/matches`]],
    ["a group that is open", { matches: "(a" }, [`pattern_malformed ${at}/matches`]],
    ["a repetition too often", { matches: "a{1001}" }, [`pattern_malformed ${at}/matches`]],
    ["an expression too large", { matches: "(?:a{1000}){1000}" }, [`pattern_too_complex ${at}/matches`]],
  ])("is refused: %s", (_, predicates, expected) => {
    expect(toldOfField(predicates)).toEqual(expected);
  });

  test("of present says that it takes a boolean", () => {
    expect(problems(withWhen({ f: { present: "true" } }))[0]?.expected).toBe("a boolean");
  });
});

describe("a pattern", () => {
  // Each: predicate, pattern, code, and what it should have been if the parser can tell.
  test.each<[string, string, string, string | undefined]>([
    ["path", "/data/../etc/passwd", "pattern_not_canonical", "/etc/passwd"],
    ["path", "/a//b", "pattern_not_canonical", "/a/b"],
    ["path", "/a/", "pattern_not_canonical", "/a"],
    ["path", "/a/**/", "pattern_not_canonical", "/a/**"],
    ["path", "/a/./*", "pattern_not_canonical", undefined],
    ["path", "/**/../x", "pattern_not_canonical", undefined],
    ["path", "/a\0b", "pattern_not_canonical", undefined],
    ["path", "a/b", "pattern_malformed", undefined],
    ["path", "", "pattern_malformed", undefined],
    ["path", "/a/**b", "pattern_malformed", undefined],
    ["path", "/a/***", "pattern_malformed", undefined],
    ["host", "API.example.com", "pattern_not_canonical", "api.example.com"],
    ["host", "*.Example.com.", "pattern_not_canonical", "*.example.com"],
    ["host", "example..com", "pattern_not_canonical", undefined],
    ["host", "bücher.example", "pattern_not_canonical", undefined],
    ["host", "0x7f.1", "pattern_not_canonical", "127.0.0.1"],
    ["host", "010.0.0.1", "pattern_not_canonical", "8.0.0.1"],
    ["host", "[::1]", "pattern_not_canonical", undefined],
    ["host", "*.256", "pattern_not_canonical", undefined],
    ["host", "", "pattern_not_canonical", undefined],
    ["host", "a**.b", "pattern_malformed", undefined],
    ["route", "/a%2fb", "pattern_not_canonical", undefined],
    ["route", "/a/%7euser", "pattern_not_canonical", "/a/~user"],
    ["route", "/a b", "pattern_not_canonical", "/a%20b"],
    ["route", "/a//", "pattern_not_canonical", undefined],
    ["route", "/a/../b", "pattern_not_canonical", "/b"],
    ["url", "https://API.example.com/v1/**", "pattern_not_canonical", "https://api.example.com/v1/**"],
    ["url", "https://a/%41", "pattern_not_canonical", "https://a/A"],
    ["url", "https://a/?q=ü", "pattern_not_canonical", undefined],
    ["url", "ftp://a/", "pattern_malformed", undefined],
    ["url", "https://a", "pattern_malformed", undefined],
    ["url", "https://a:0/", "pattern_malformed", undefined],
    ["cidr", "10.0.0.1/8", "pattern_malformed", "10.0.0.0/8"],
    ["cidr", "192.168.1.77/26", "pattern_malformed", "192.168.1.64/26"],
    ["cidr", "1.2.3.4", "pattern_malformed", "1.2.3.4/32"],
    ["cidr", "2001:db8::1", "pattern_malformed", "2001:db8::1/128"],
    ["cidr", "::ffff:1.2.3.4/128", "pattern_malformed", undefined],
    ["cidr", "010.0.0.0/8", "pattern_malformed", undefined],
    ["cidr", "10.0.0.0/33", "pattern_malformed", undefined],
  ])("%s `%s` is refused", (predicate, pattern, code, nearest) => {
    const [problem, ...others] = problems(withWhen({ f: { [predicate]: pattern } }));
    expect(others).toEqual([]);
    expect({ code: problem?.code, pointer: problem?.pointer, nearest: problem?.nearest }).toEqual({
      code,
      pointer: `/rules/0/when/f/${predicate}`,
      nearest,
    });
  });

  test("of an action has segments that are not empty", () => {
    for (const action of ["", ":", "a:", "a::b", "a\n", "a:\u0085"])
      expect(told(withRules([{ id: "r", effect: "allow", action }]))).toEqual(["pattern_not_canonical /rules/0/action"]);
    expect(told(withRules([{ id: "r", effect: "allow", action: ["fs:**", "a:b**"] }]))).toEqual(["pattern_malformed /rules/0/action/1"]);
    for (const action of ["**", "fs:**", "*:read", "a.b/c d", "fs:\\**"])
      expect(told(withRules([{ id: "r", effect: "allow", action }]))).toEqual([]);
  });

  test("has at most 4 KiB of UTF-8", () => {
    expect(toldOfField({ contains: "é".repeat(2048) })).toEqual([]);
    expect(toldOfField({ contains: `${"é".repeat(2048)}a` })).toEqual(["pattern_too_long /rules/0/when/f/contains"]);
    expect(toldOfField({ path: `/${"a/".repeat(200_000)}` })).toEqual(["pattern_too_long /rules/0/when/f/path"]);
  });

  test("stands in a list of at most 8,192", () => {
    const list = Array.from({ length: 150_000 }, (_, index) => index.toString(36));
    expect(told(withWhen({ f: { glob: list } }))).toEqual(["out_of_range /rules/0/when/f/glob"]);
    expect(told(withRules([{ id: "r", effect: "allow", action: list }]))).toEqual(["out_of_range /rules/0/action"]);
  });

  test("of a list that expands to too many states is refused, whatever its single patterns are", () => {
    const patterns = Array.from({ length: 40 }, (_, index) => `${index}${"x".repeat(1000)}`);
    const [problem, ...others] = problems(withWhen({ f: { contains: patterns } }));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: "pattern_too_complex",
      pointer: "/rules/0/when/f/contains",
      got: "more, in 40 `contains` patterns",
    });
    expect(problem?.expected).toContain("at most 8192 states");
    // The states of a list are counted together, and those of two lists apart.
    const half = (from: number) => ({ f: { contains: patterns.slice(from, from + 8) } });
    expect(told(withWhen({ any: [half(0), half(8), half(16), half(24), half(32)] }))).toEqual([]);
  });
});
