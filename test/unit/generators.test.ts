// The shared generators keep what they promise, and the reference evaluator holds at the borders that language.md names.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parsePolicy } from "../../prover/language/parse.js";
import {
  adversarialRequests,
  arbAnyCondition,
  arbChain,
  arbPair,
  arbPolicy,
  arbRequest,
  arbSmallPair,
  bruteForce,
  conditionsOf,
  fieldAtoms,
  type Json,
  nextDown,
  nextUp,
  type PolicyPair,
  predicateNames,
  propertyParameters,
  randomFrom,
  universeOf,
} from "../generators/index.js";
import { type Decision, referenceDecision, referenceTruth, referenceView } from "../property/reference.js";
import { parseRegex, type Regex } from "../property/reference-regex.js";

const SEED = 20261120;
const RANK: Readonly<Record<Decision, number>> = { deny: 0, ask: 1, allow: 2 };

const sample = <Item>(arbitrary: fc.Arbitrary<Item>, numRuns: number) => fc.sample(arbitrary, { seed: SEED, numRuns });

function namesIn(conditions: readonly unknown[], into: Map<string, number>): void {
  for (const { atoms } of fieldAtoms(conditions)) {
    for (const { name, argument } of atoms) {
      into.set(name, (into.get(name) ?? 0) + 1);
      if (name !== "each" && name !== "some") continue;
      const hasWhere = typeof argument === "object" && argument !== null && "where" in argument;
      const label = `${name} ${hasWhere ? "where" : "inner"}`;
      into.set(label, (into.get(label) ?? 0) + 1);
    }
  }
}

function worstEscape(pair: PolicyPair, requests: readonly unknown[]): "contained" | "review" | "exceeds" {
  let worst: "contained" | "review" = "contained";
  for (const request of requests) {
    const below = referenceDecision(pair.lower, request);
    if (below === "deny") continue;
    const above = referenceDecision(pair.upper, request);
    if (above === "deny") return "exceeds";
    if (RANK[below] > RANK[above]) worst = "review";
  }
  return worst;
}

describe("generated policies", () => {
  it("use every predicate and every combination of shapes within 500 samples", () => {
    const policies = sample(arbPolicy(), 500);
    const counts = new Map<string, number>();
    for (const policy of policies) namesIn(conditionsOf([policy]), counts);
    const wanted = [...predicateNames, "each inner", "each where", "some inner", "some where"];
    const few = wanted.filter((name) => (counts.get(name) ?? 0) < 25);
    console.log(`predicates in 500 policies: ${wanted.map((name) => `${name} ${counts.get(name) ?? 0}`).join(", ")}`);
    expect(few).toEqual([]);
    const text = JSON.stringify(policies);
    for (const part of ['"all":[', '"any":[', '"not":{', '"unless":', '"ask"', '"deny"', '"none"', '"expires"', '"depth"', '"spend"']) {
      expect(text).toContain(part);
    }
    expect(policies.some(({ delegation }) => typeof delegation === "object" && delegation.rules.length > 0)).toBe(true);
    expect(policies.some(({ delegation }) => delegation === "all")).toBe(true);
  });

  it("are valid documents, edited ones and chains included", () => {
    const pairs = [...sample(arbPair(), 300), ...sample(arbSmallPair(), 200)];
    const chains = sample(arbChain(), 60);
    const documents = [
      ...pairs.flatMap(({ lower, upper }) => [lower, upper]),
      ...chains.flatMap(({ child, delegable, boundary, max }) => [child, delegable, boundary, max]),
      ...sample(arbAnyCondition(), 100).map((when) => ({
        language: "atmost/1",
        name: "one",
        version: "1",
        rules: [{ id: "r", effect: "allow", action: "**", when }],
      })),
    ];
    const refused = documents.flatMap((document) => {
      const result = parsePolicy(document);
      return result.kind === "ok" ? [] : [{ document, problems: result.problems }];
    });
    expect(refused).toEqual([]);
  });

  it("have 1 to 4 rules unless told otherwise, and at most as many as told", () => {
    const counts = sample(arbPolicy(), 200).map(({ rules }) => rules.length);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([1, 4]);
    expect(Math.max(...sample(arbPolicy({ rulesMin: 8, rulesMax: 9 }), 20).map(({ rules }) => rules.length))).toBe(9);
    expect(Math.min(...sample(arbPolicy({ rulesMin: 8, rulesMax: 9 }), 20).map(({ rules }) => rules.length))).toBe(8);
  });
});

describe("generated pairs", () => {
  const random = randomFrom(SEED);
  const judged = sample(arbPair(), 300).map((pair) => ({
    pair,
    worst: worstEscape(pair, adversarialRequests(pair.lower, pair.upper, random, 200)),
  }));

  it("look contained between 25 and 75 times in a hundred", () => {
    const share = (origin?: string) => {
      const some = judged.filter(({ pair }) => origin === undefined || pair.origin === origin);
      return some.filter(({ worst }) => worst === "contained").length / some.length;
    };
    const shares = ["independent", "narrowed", "widened"].map((origin) => `${origin} ${share(origin).toFixed(2)}`);
    console.log(`pairs that look contained: all ${share().toFixed(2)}, ${shares.join(", ")}`);
    expect(share()).toBeGreaterThan(0.25);
    expect(share()).toBeLessThan(0.75);
  });

  it("let nothing escape where the lower policy was narrowed from the upper one", () => {
    const escaped = judged.filter(({ pair, worst }) => pair.origin === "narrowed" && worst !== "contained");
    expect(escaped).toEqual([]);
  });

  it("come with each of contained, review and exceeds", () => {
    expect(new Set(judged.map(({ worst }) => worst)).size).toBe(3);
  });
});

describe("adversarial requests", () => {
  it("are 1,000, the same for the same seed, and quick to make", () => {
    const pairs = sample(arbPair(), 40);
    const times = pairs.map(({ lower, upper }) => {
      const start = performance.now();
      expect(adversarialRequests(lower, upper, randomFrom(1))).toHaveLength(1_000);
      return performance.now() - start;
    });
    const median = [...times].sort((a, b) => a - b)[20] ?? Number.POSITIVE_INFINITY;
    console.log(`1,000 adversarial requests: median ${median.toFixed(1)} ms, most ${Math.max(...times).toFixed(1)} ms`);
    expect(median).toBeLessThan(100);
    const [first] = pairs;
    expect(adversarialRequests(first?.lower, first?.upper, randomFrom(5))).toEqual(
      adversarialRequests(first?.lower, first?.upper, randomFrom(5)),
    );
  });

  it("find most of the escapes that brute force finds, and none that a complete universe lacks", () => {
    const random = randomFrom(SEED);
    const rank = { contained: 0, review: 1, exceeds: 2 };
    const rows = sample(arbSmallPair(), 300).map((pair) => ({
      pair,
      brute: bruteForce(pair.lower, pair.upper),
      found: worstEscape(pair, adversarialRequests(pair.lower, pair.upper, random, 300)),
    }));
    const escaping = rows.filter(({ brute }) => brute.relation !== "contained");
    const found = escaping.filter(({ brute, found }) => brute.relation === found);
    const complete = rows.filter(({ brute }) => brute.complete);
    console.log(`small pairs: ${complete.length}/${rows.length} complete, ${found.length}/${escaping.length} escapes found by mutation`);
    expect(complete.length / rows.length).toBeGreaterThan(0.9);
    expect(found.length / escaping.length).toBeGreaterThan(0.8);
    expect(complete.filter(({ brute, found }) => rank[found] > rank[brute.relation])).toEqual([]);
  });

  it("reach odd types, odd spellings, obscured paths and arrays", () => {
    const rule = (when: { readonly [key: string]: Json }) => ({
      language: "atmost/1",
      name: "p",
      version: "1",
      rules: [{ id: "r", effect: "allow", action: "fs:*", when }],
    });
    const lower = rule({ "a.p": { path: "/w/**" }, "a.n": { lt: 5 }, "a.p.x": { eq: 1 }, l: { each: { path: "/w/*" } } });
    const texts = adversarialRequests(lower, rule({}), randomFrom(3), 3_000).map((request) => JSON.stringify(request));
    const wanted = [
      ...['"p":null', '"p":[', '"p":""', '"p":{"x":1', '"a":null', '"a":[', '"l":[]', '"l":["/w/', '"l":null'],
      ...["/../", "%2e", "/W", "//", '/"', '"n":5,', '"n":4.999999999999999', '"n":{'],
    ];
    const missed = wanted.filter((part) => !texts.some((text) => text.includes(part)));
    expect(missed).toEqual([]);
  });
});

describe("random requests", () => {
  it("are objects with an action, with and without policies", () => {
    const [pair] = sample(arbPair(), 1);
    const requests = [...sample(arbRequest(), 200), ...sample(arbRequest(pair), 200)];
    expect(requests.every((request) => "action" in request)).toBe(true);
    expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBeGreaterThan(200);
  });
});

describe("universes", () => {
  const policy = (when: { readonly [key: string]: Json }) => ({
    language: "atmost/1",
    name: "p",
    version: "1",
    rules: [{ id: "r", effect: "allow", action: "x", when }],
  });
  const cases: readonly (readonly [string, { readonly [key: string]: Json }, { readonly [key: string]: Json }, string])[] = [
    ["at exactly 50", { n: { lte: 50 } }, { n: { lt: 50 } }, "exceeds"],
    ["a list within a range", { n: { in: [1, 2, 3] } }, { n: { gte: 1, lte: 3 } }, "contained"],
    ["two halves cover a range", { n: { gte: 0, lte: 10 } }, { any: [{ n: { lte: 5 } }, { n: { gt: 5 } }] }, "contained"],
    ["a narrower glob", { s: { glob: "git-*" } }, { s: { prefix: "git" } }, "contained"],
    ["prefix and suffix that overlap", { s: { prefix: "ab", suffix: "ba" } }, { s: { contains: "abba" } }, "exceeds"],
    ["a regular expression", { s: { matches: "(?:ab)+" } }, { s: { prefix: "ab", suffix: "ab" } }, "contained"],
    ["an unknown under not", { not: { p: { path: "/s/**" } } }, { not: { p: { eq: "/s/a" } } }, "contained"],
    ["an array with one secret", { l: { each: { path: "/w/**" } } }, { l: { each: { path: "/w/*" } } }, "exceeds"],
    ["each over the empty array", { l: { each: { eq: 1 } } }, { l: { some: { eq: 1 } } }, "exceeds"],
    ["keys and presence", { o: { keys: { only: ["a"], has: ["a"] } } }, { "o.a": { present: true } }, "contained"],
    ["an empty where", { l: { some: { where: {} } } }, { l: { some: { eq: 1 } } }, "exceeds"],
    ["blocks side by side", { i: { cidr: "10.0.0.0/8" } }, { i: { cidr: ["10.0.0.0/9", "10.128.0.0/9"] } }, "contained"],
    ["a host one label deeper", { h: { host: "**.b" } }, { h: { host: ["b", "*.b"] } }, "exceeds"],
    ["a url with a query", { u: { url: "https://a.b/x?*" } }, { u: { url: "https://a.b/x" } }, "exceeds"],
  ];
  for (const [title, lower, upper, relation] of cases) {
    it(`are complete and decide ${title}: ${relation}`, () => {
      expect(bruteForce(policy(lower), policy(upper))).toMatchObject({ relation, complete: true });
    });
  }

  it("say that they are not complete where text and path patterns mix, or where there is too much", () => {
    expect(universeOf(policy({ s: { path: "/a/**", prefix: "/a" } }), policy({})).complete).toBe(false);
    const wide = policy(Object.fromEntries("abcdefgh".split("").map((key) => [key, { lt: 5, gt: 2 }])));
    const universe = universeOf(wide, policy({}), 500);
    expect(universe.complete).toBe(false);
    expect(universe.requests.length).toBeLessThanOrEqual(500);
  });
});

describe("seeds", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("come from the environment, are printed, and runs default to the caller's", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    vi.stubEnv("ATMOST_SEED", "42");
    vi.stubEnv("ATMOST_RUNS", "");
    expect(propertyParameters("p", 7)).toMatchObject({ seed: 42, numRuns: 7 });
    vi.stubEnv("ATMOST_RUNS", "9");
    expect(propertyParameters("p", 7)).toMatchObject({ seed: 42, numRuns: 9 });
    vi.stubEnv("ATMOST_SEED", "x");
    expect(() => propertyParameters("p", 7)).toThrow("ATMOST_SEED");
    expect(log.mock.calls[0]?.[0]).toContain("ATMOST_SEED=42");
    log.mockRestore();
  });

  it("are said wherever random cases are drawn: nothing runs on a seed that nobody can give again", () => {
    const folder = resolve(import.meta.dirname, "..");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /^(?!bench).*\.ts$/.test(file));
    const unsaid = files.filter((file) => {
      const [, ...calls] = readFileSync(resolve(folder, file), "utf8").split(/fc\.(?:assert|check|sample)\(/);
      return calls.some((call) => !/propertyParameters\(|\b(?:seed|parameters)\b/.test(call));
    });
    expect(files.length).toBeGreaterThan(100);
    expect(unsaid).toEqual([]);
  });

  it("give neighbours of numbers", () => {
    expect([nextUp(1), nextDown(1), nextUp(0), nextDown(0), nextUp(-1)]).toEqual([
      1 + Number.EPSILON,
      1 - Number.EPSILON / 2,
      Number.MIN_VALUE,
      -Number.MIN_VALUE,
      -1 + Number.EPSILON / 2,
    ]);
  });
});

describe("the reference evaluator", () => {
  const rows: readonly (readonly [string, Json, readonly unknown[], readonly unknown[], readonly unknown[]])[] = [
    ["eq", 0, [0, -0], [1, "0", null, false], [[0], {}, Number.NaN]],
    ["in", [], [], [null, "", 1], [[], {}]],
    ["prefix", "", ["", "a"], [], [null, 1, []]],
    ["prefix", [], [], ["", "a"], [null]],
    ["suffix", "\u{1F600}", ["a\u{1F600}"], ["\ude00", "\ud83d"], [1]],
    ["contains", "é", ["aéb"], ["e\u0301"], [{}]],
    ["glob", "a?\\*", ["a\u{1F600}*", "a\ud800*"], ["a*", "abc"], [["ab*"]]],
    ["matches", "a.\\d?", ["ab", "a\r1", "a\u{1F600}9"], ["a\n", "a", "ab\u0661"], [1]],
    ["matches", "\\s", [" ", "\t", "\n", "\f", "\r"], ["\u00a0", "\u2028"], []],
    ["path", "/a/**", ["/a", "/a/b/c"], ["/", "/ab"], ["a", "/a/", "/a//b", "/a/../b", "/a/\0", ""]],
    ["path", "/", ["/"], ["/a"], ["", "//"]],
    ["host", "**.example.com", ["example.com", "a.b.example.com"], ["xexample.com"], ["Example.com", "example.com.", "1", "a.0x1f", "::1"]],
    ["host", "127.0.0.1", ["127.0.0.1"], ["127.0.0.2"], ["127.0.0.01", "127.1", "256.0.0.1"]],
    ["route", "/a/**", ["/a", "/a/", "/a/b"], ["/", "/%C3%A9"], ["/a//", "/a/%2e", "/%2F", "/%41", "/%c3", "/é", "/a?b", "a"]],
    ["url", "https://a.com/x/**", ["https://a.com/x", "https://a.com/x/"], ["https://a.com/x?q", "https://a.com:444/x"], ["https://a.com"]],
    [
      "url",
      "https://a.com/?q=*",
      ["https://a.com/?q=1"],
      ["https://a.com/"],
      ["https://a.com:443/?q=1", "https://u@a.com/", "https://a.com/#f"],
    ],
    ["cidr", "::/0", ["::", "2001:db8::1"], ["10.0.0.1"], ["0:0::", "::ffff:1.2.3.4", "::ffff:102:304", "2001:DB8::1", "1:0:0:0:2::"]],
    ["cidr", "10.0.0.0/8", ["10.255.255.255"], ["11.0.0.0", "::"], ["010.0.0.0", 10]],
    ["lt", 0.5, [0, -0], [0.5], ["0", null, Number.NEGATIVE_INFINITY]],
    ["before", "2026-11-20T00:00:00Z", [1795132799999], [1795132800000], ["2026-11-19T00:00:00Z"]],
    ["after", "2016-12-31T23:59:60Z", [1483228800000], [1483228799999], [null]],
    [
      "each",
      { path: "/w/**" },
      [[], ["/w"]],
      [
        ["/w", "/a"],
        ["/a", "/w/.."],
      ],
      [["/w", "/w/"], "/w", {}],
    ],
    ["some", { where: { n: { eq: 1 } } }, [[{ n: 1 }, 2]], [[], [{ n: 2 }], [{}]], [[{ n: 2 }, null], [{ n: [] }]]],
    ["keys", { only: ["a"] }, [{}, { a: 1 }], [{ b: 1 }], [[], null, "a"]],
  ];
  for (const [name, argument, yes, no, unknown] of rows) {
    it(`tells true, false and unknown of ${name} ${JSON.stringify(argument)} apart`, () => {
      const truths = (values: readonly unknown[]) => new Set(values.map((value) => referenceTruth(name, argument, value)));
      for (const [values, truth] of [
        [yes, "true"],
        [no, "false"],
        [unknown, "unknown"],
      ] as const) {
        expect([...truths(values)]).toEqual(values.length === 0 ? [] : [truth]);
      }
    });
  }

  it("agrees with JavaScript's engine on regular expressions over short strings", () => {
    const source = (regex: Regex): string => {
      switch (regex.kind) {
        case "set":
          return `[${regex.ranges.map(([a, b]) => `\\u{${a.toString(16)}}-\\u{${b.toString(16)}}`).join("")}]`;
        case "sequence":
          return regex.items.map(source).join("");
        case "choice":
          return `(?:${regex.items.map(source).join("|")})`;
        case "repeat":
          return `(?:${source(regex.item)}){${regex.min},${regex.max ?? ""}}`;
        case "start":
          return "^";
        case "end":
          return "$";
      }
    };
    const patterns = sample(arbPolicy(), 400).flatMap((policy) =>
      fieldAtoms(conditionsOf([policy])).flatMap(({ atoms }) =>
        atoms.flatMap(({ name, argument }) => (name === "matches" ? [argument].flat().filter((item) => typeof item === "string") : [])),
      ),
    );
    expect(patterns.length).toBeGreaterThan(50);
    const texts = sample(fc.array(fc.constantFrom("a", "b", "é", "\u{1F600}", "*", " ", "1", "\n"), { maxLength: 6 }), 60).map((t) =>
      t.join(""),
    );
    for (const pattern of patterns) {
      const engine = new RegExp(`^(?:${source(parseRegex(pattern))})$`, "u");
      const differ = texts.filter((text) => engine.test(text) !== (referenceTruth("matches", pattern, text) === "true"));
      expect(differ, pattern).toEqual([]);
    }
  });

  const rules = [
    { id: "a", effect: "allow", action: "fs:**" },
    { id: "q", effect: "ask", action: "fs:write", when: { p: { path: "/w/**" } } },
    { id: "d", effect: "deny", action: "**", when: { p: { path: "/**/.env*" } } },
  ];
  const base = { language: "atmost/1", name: "p", version: "1", rules };

  it("denies, asks and allows as section 2 says, unknowns included", () => {
    const decide = (request: unknown) => referenceDecision(base, request);
    expect(decide({ action: "fs" })).toBe("allow");
    expect(decide({ action: "fs:write", p: "/w/a" })).toBe("ask");
    expect(decide({ action: "fs:write", p: ["/w/a"] })).toBe("deny");
    expect(decide({ action: "fs:read", p: "/w/../w" })).toBe("deny");
    expect([decide({ action: "" }), decide({ action: "fs:" }), decide({ action: "fs:\n" }), decide({}), decide(null), decide([])]).toEqual(
      Array.from({ length: 6 }, () => "deny"),
    );
  });

  it("lets a policy expire, and a view hand on only what both sides permit", () => {
    const expiring = { ...base, limits: { expires: "2026-11-20T00:00:00Z" } };
    const at = (time: unknown) => referenceDecision(expiring, { action: "fs", context: { time } });
    expect([at(1795132799999), at(1795132800000), at("0"), at(undefined)]).toEqual(["allow", "deny", "deny", "deny"]);
    const request = { action: "fs:write", p: "/w" };
    const view = (rest: object) => referenceView({ ...base, ...rest }, request);
    expect(view({ limits: { depth: 1 } })).toBe("deny");
    expect(view({ delegation: "all" })).toBe("deny");
    expect(view({ delegation: "all", limits: { depth: 1 } })).toBe("ask");
    expect(view({ delegation: { rules: [] }, limits: { depth: "unlimited" } })).toBe("deny");
    expect(view({ delegation: { rules: [{ id: "x", effect: "allow", action: "**" }] }, limits: { depth: 1 } })).toBe("ask");
  });
});
