// Each predicate as a question of containment, at its borders. Certificates are checked again, counterexamples replayed.
import { describe, expect, test } from "vitest";
import { createProver, evaluate, type Json, type LinkResult, type ParsedPolicy, parsePolicy, verifyCertificate } from "../../src/index.js";

type Members = { readonly [key: string]: Json };
const { checkContainment } = createProver({ solver: "none" });
const ranks = { deny: 0, ask: 1, allow: 2 } as const;

function read(rules: readonly Members[]): ParsedPolicy {
  const stated = rules.map((rule, i) => ({ id: `r${i}`, effect: "allow", action: "x", ...rule }));
  const result = parsePolicy({ language: "atmost/1", name: "p", version: "1", rules: stated });
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const requestsOf = (result: LinkResult): readonly Members[] =>
  "counterexamples" in result ? result.counterexamples.flatMap((example) => (example.kind === "request" ? [example.request] : [])) : [];

async function relate(lower: ParsedPolicy, upper: ParsedPolicy): Promise<LinkResult> {
  const result = await checkContainment(lower, upper);
  if ("certificate" in result)
    expect(verifyCertificate(result.certificate, lower, upper)).toMatchObject({ kind: "accepted", relation: result.kind });
  if (result.kind === "exceeds") expect(result.counterexamples.length).toBeGreaterThan(0);
  for (const request of requestsOf(result))
    expect(ranks[evaluate(lower, request).decision], JSON.stringify(request)).toBeGreaterThan(ranks[evaluate(upper, request).decision]);
  return result;
}

type Row = readonly [lower: Json, relation: "<=" | "</" | "==", upper: Json];
const name = { "<=": "is contained in", "</": "exceeds", "==": "is the same as" } as const;

/** Claims of each row how `lower` on a field `f` relates to `upper` on it: `<=` contained, `</` exceeds, `==` contained both ways. */
const relates = (rows: readonly Row[]) =>
  test.each(rows.map(([lower, relation, upper]) => [lower, name[relation], upper, relation] as const))(
    "%j %s %j",
    async (lower, _, upper, relation) => {
      const [below, above] = [read([{ when: { f: lower } }]), read([{ when: { f: upper } }])];
      expect((await relate(below, above)).kind).toBe(relation === "</" ? "exceeds" : "contained");
      if (relation === "==") expect((await relate(above, below)).kind).toBe("contained");
      // And as denies: what `lower` alone is true of is spared by a deny of `upper`, and stopped by one of `lower`.
      const all = (deny: Json) => read([{}, { effect: "deny", when: { f: deny } }]);
      if (relation === "</") expect((await relate(all(upper), all(lower))).kind).toBe("exceeds");
    },
  );
/** The same, where only the permitted sets are compared: what one predicate can not judge the other may. */
const permits = (rows: readonly Row[]) =>
  test.each(rows.map(([lower, relation, upper]) => [lower, name[relation], upper, relation] as const))(
    "%j %s %j",
    async (lower, _, upper, relation) => {
      const [below, above] = [read([{ when: { f: lower } }]), read([{ when: { f: upper } }])];
      expect((await relate(below, above)).kind).toBe(relation === "</" ? "exceeds" : "contained");
      if (relation === "==") expect((await relate(above, below)).kind).toBe("contained");
    },
  );

describe("scalars", () => {
  relates([
    [{ eq: "a" }, "==", { in: ["a"] }],
    [{ eq: "a" }, "<=", { in: ["a", "b"] }],
    [{ in: ["a", "b"] }, "</", { eq: "a" }],
    [{ in: ["b", "a", "a"] }, "==", { in: ["a", "b"] }],
    [{ in: [] }, "<=", { eq: "a" }],
    [{ eq: 0 }, "==", { eq: -0 }],
    [{ eq: 1 }, "</", { eq: "1" }],
    [{ eq: true }, "</", { eq: 1 }],
    [{ eq: null }, "</", { eq: false }],
    [{ eq: "\u00e9" }, "</", { eq: "e\u0301" }],
  ]);
});

describe("texts", () => {
  relates([
    [{ prefix: "ab" }, "<=", { prefix: "a" }],
    [{ prefix: "a" }, "</", { prefix: "ab" }],
    [{ suffix: "ab" }, "<=", { suffix: "b" }],
    [{ suffix: "b" }, "</", { suffix: "ab" }],
    [{ prefix: "ab" }, "<=", { contains: "b" }],
    [{ contains: "aa" }, "<=", { contains: "a" }],
    [{ contains: "a" }, "</", { contains: "aa" }],
    [{ prefix: "" }, "==", { glob: "*" }],
    [{ prefix: "a" }, "==", { glob: "a*" }],
    [{ suffix: "a" }, "==", { glob: "*a" }],
    [{ contains: "a" }, "==", { glob: "*a*" }],
    [{ prefix: ["a", "b"] }, "==", { matches: "[ab][\\s\\S]*" }],
    [{ glob: "a?" }, "<=", { glob: "a*" }],
    [{ glob: "a*" }, "</", { glob: "a?*" }],
    [{ glob: "*a*b*" }, "</", { glob: "*ab*" }],
    [{ glob: "*ab*" }, "<=", { glob: "*a*b*" }],
    [{ glob: "?" }, "</", { matches: "." }],
    [{ matches: "." }, "<=", { glob: "?" }],
    [{ glob: "\\*" }, "==", { matches: "\\*" }],
    [{ prefix: "a", suffix: "b" }, "<=", { contains: "b" }],
    [{ prefix: "a", suffix: "b" }, "</", { glob: "a?*b" }],
    [{ prefix: "ab", suffix: "bc" }, "<=", { glob: "ab*c" }],
    [{ matches: "a{2,3}" }, "<=", { matches: "a{1,3}" }],
    [{ matches: "a{2,3}" }, "</", { matches: "a{2}" }],
    [{ matches: "a{2,3}" }, "==", { matches: "aaa?" }],
    [{ matches: "(ab){3}" }, "==", { matches: "ababab" }],
    [{ matches: "a{0,1000}" }, "<=", { matches: "a*" }],
    [{ matches: "a*" }, "</", { matches: "a{0,999}" }],
    [{ matches: "(a|b)*" }, "==", { matches: "(a*b*)*" }],
    [{ matches: "(aa)*" }, "<=", { matches: "a*" }],
    [{ matches: "(aa)*(aaa)*" }, "==", { matches: "(a{2,})?" }],
    [{ matches: "\\d+" }, "<=", { matches: "\\w+" }],
    [{ matches: "\\w" }, "</", { matches: "[A-Za-z0-9]" }],
    [{ matches: "^(GET|HEAD)$" }, "==", { in: ["GET", "HEAD"] }],
    [{ matches: ".*" }, "</", { matches: "[^a]*" }],
    [{ eq: "\n" }, "</", { matches: "." }],
    [{ glob: "𝄞*" }, "<=", { prefix: "𝄞" }],
    [{ matches: "x^y" }, "<=", { eq: "never" }],
  ]);

  test("a regular expression whose deterministic form would have 4,096 states is answered", async () => {
    const result = await relate(read([{ when: { f: { matches: "(a|b)*a(a|b){12}" } } }]), read([{ when: { f: { matches: "(a|b)*" } } }]));
    expect(result.kind).toBe("contained");
  });
});

describe("segments", () => {
  relates([
    [{ path: "/a/b" }, "<=", { path: "/a/**" }],
    [{ path: "/a" }, "<=", { path: "/a/**" }],
    [{ path: "/a/**" }, "</", { path: "/a/*" }],
    [{ path: "/a/*" }, "<=", { path: "/a/**" }],
    [{ path: "/a/**" }, "</", { path: ["/a/*", "/a/*/*/**"] }], // `/a` itself
    [{ path: "/a/**" }, "==", { path: ["/a", "/a/*", "/a/*/*/**"] }],
    [{ path: "/**" }, "==", { path: ["/", "/*/**"] }],
    [{ path: "/" }, "<=", { path: "/**" }],
    [{ path: "/" }, "</", { path: "/*" }],
    [{ path: "/**/b" }, "</", { path: "/*/b" }],
    [{ path: "/**/**" }, "==", { path: "/**" }],
    [{ path: "/a/**/b/**/c" }, "<=", { path: "/a/**/c" }],
    [{ path: "/workspace/repo/src/**/*.ts" }, "<=", { path: "/workspace/repo/**" }],
    [{ path: "/w/**/.env*" }, "<=", { path: "/**/.env*" }],
    [{ path: "/a?" }, "<=", { path: "/a*" }],
    [{ path: "/a*" }, "</", { path: "/a?*" }],
    [{ host: "a.example.com" }, "<=", { host: "*.example.com" }],
    [{ host: "**.example.com" }, "</", { host: "*.example.com" }],
    [{ host: "**.example.com" }, "==", { host: ["example.com", "*.**.example.com"] }],
    [{ host: "*.*" }, "<=", { host: "**" }],
    [{ host: "1.2.3.4" }, "<=", { host: "*.*.*.*" }],
    [{ host: "*.1" }, "<=", { host: "nothing.example" }], // no canonical host has two labels and ends in a number
    [{ route: "/a/**" }, "==", { route: ["/a", "/a/", "/a/*/**"] }],
    [{ route: "/a" }, "</", { route: "/a/" }],
    [{ route: "/a/" }, "<=", { route: "/a/*" }],
    [{ route: "/a/*" }, "</", { route: "/a/?*" }],
    [{ route: "/a/*" }, "<=", { route: "/a/**" }],
    [{ url: "https://a/" }, "==", { url: "https://a:443/" }],
    [{ url: "https://a:8443/" }, "</", { url: "https://a/" }],
    [{ url: "https://a:8443/" }, "<=", { url: "https://a:*/" }],
    [{ url: "https://a:*/" }, "</", { url: "https://a/" }],
    [{ url: "https://a/" }, "<=", { url: "*://a/" }],
    [{ url: "*://a/" }, "==", { url: ["http://a/", "https://a/", "ws://a/", "wss://a/"] }],
    [{ url: "https://a/b" }, "</", { url: "https://a/b?*" }],
    [{ url: "https://a/b?q=*" }, "<=", { url: "https://a/b?*" }],
    [{ url: "https://a/b?*" }, "</", { url: "https://a/b?q=*" }],
    [{ url: "https://api.example.com/v1/**" }, "<=", { url: "https://**.example.com/**" }],
    [{ url: "http://a:80/" }, "==", { url: "http://a/" }],
    [{ url: "*://a:443/" }, "==", { url: ["https://a/", "wss://a/", "http://a:443/", "ws://a:443/"] }],
  ]);

  permits([
    [{ path: "/**" }, "<=", { prefix: "/" }],
    [{ prefix: "/" }, "</", { path: "/**" }],
    [{ prefix: "/data/" }, "</", { path: "/data/**" }], // /data/../etc
    [{ path: "/a/**", glob: "*.ts" }, "<=", { path: "/a/**" }],
    [{ eq: "/a/b" }, "<=", { path: "/a/*" }],
    [{ eq: "/a/../b" }, "</", { path: "/**" }],
    [{ host: "**" }, "<=", { matches: "[a-z0-9._-]+" }],
    [{ matches: "[a-z]+\\.com" }, "<=", { host: "*.com" }],
    [{ matches: "[a-z.]+" }, "</", { host: "**" }],
    [{ route: "/**" }, "</", { path: "/**" }], // a slash at the end
    [{ route: "/**", matches: "/[a-z]+" }, "<=", { path: "/*" }],
    [{ url: "https://a/**" }, "<=", { prefix: "https://a/" }],
    [{ prefix: "https://a/" }, "</", { url: ["https://a/**", "https://a/**?*"] }],
  ]);
});

describe("addresses", () => {
  relates([
    [{ cidr: "10.0.0.0/9" }, "<=", { cidr: "10.0.0.0/8" }],
    [{ cidr: "10.0.0.0/8" }, "</", { cidr: "10.0.0.0/9" }],
    [{ cidr: "10.0.0.0/8" }, "==", { cidr: ["10.0.0.0/9", "10.128.0.0/9"] }],
    [{ cidr: "10.0.0.0/8" }, "</", { cidr: ["10.0.0.0/9", "10.128.0.0/10"] }],
    [{ cidr: "0.0.0.0/0" }, "==", { cidr: ["0.0.0.0/1", "128.0.0.0/1"] }],
    [{ cidr: "0.0.0.0/0" }, "</", { cidr: "::/0" }],
    [{ cidr: "::/0" }, "</", { cidr: "0.0.0.0/0" }],
    [{ cidr: "::/128" }, "<=", { cidr: "::/127" }],
    [{ cidr: "::/127" }, "</", { cidr: "::/128" }],
    [{ cidr: "2001:db8::/33" }, "<=", { cidr: "2001:db8::/32" }],
    [{ cidr: "1.2.3.4/32" }, "<=", { cidr: "1.2.3.0/24" }],
  ]);
  permits([
    [{ eq: "10.1.2.3" }, "<=", { cidr: "10.0.0.0/8" }],
    [{ eq: "010.1.2.3" }, "</", { cidr: "10.0.0.0/8" }],
    [{ in: ["::1", "10.0.0.1"] }, "<=", { cidr: ["::/64", "10.0.0.0/8"] }],
    [{ in: ["::1", "::0"] }, "</", { cidr: "::/0" }],
    [{ cidr: "1.2.3.4/32" }, "==", { eq: "1.2.3.4" }],
    [{ cidr: "1.2.3.4/31" }, "</", { eq: "1.2.3.4" }],
    [{ cidr: "1.2.3.4/31" }, "==", { in: ["1.2.3.4", "1.2.3.5"] }],
  ]);
});

describe("numbers and times", () => {
  relates([
    [{ lt: 50 }, "<=", { lte: 50 }],
    [{ lte: 50 }, "</", { lt: 50 }],
    [{ gt: 50 }, "<=", { gte: 50 }],
    [{ gte: 50 }, "</", { gt: 50 }],
    [{ lt: 49.9999999999999 }, "<=", { lt: 50 }],
    [{ lt: 50 }, "</", { lte: 49.9999999999999 }],
    [{ gte: 1, lte: 1 }, "<=", { in: [1] }],
    [{ gt: 0, lt: 1 }, "</", { lte: 0 }],
    [{ gt: 1, lt: 1 }, "<=", { gt: 7 }],
    [{ gte: 0 }, "==", { gte: -0 }],
    [{ lt: 0.3 }, "<=", { lt: 0.300000000000001 }],
    [{ before: "2026-01-01T00:00:00Z" }, "<=", { before: "2026-01-01T00:00:00.001Z" }],
    [{ before: "2026-01-01T00:00:00.001Z" }, "</", { before: "2026-01-01T00:00:00Z" }],
    [{ before: "2026-01-01T00:00:00Z" }, "==", { before: "2026-01-01T02:00:00+02:00" }],
    [{ before: "2016-12-31T23:59:60Z" }, "==", { before: "2017-01-01T00:00:00Z" }],
    [{ after: "2026-01-01T00:00:00Z" }, "==", { gte: 1767225600000 }],
    [{ before: "2026-01-01T00:00:00Z" }, "==", { lt: 1767225600000 }],
    [{ after: "2026-01-01T00:00:00Z" }, "</", { gt: 1767225600000 }],
  ]);
});

describe("arrays", () => {
  relates([
    [{ each: { eq: 1 } }, "<=", { each: { in: [1, 2] } }],
    [{ each: { in: [1, 2] } }, "</", { each: { eq: 1 } }],
    [{ each: { path: "/w/a/**" } }, "<=", { each: { path: "/w/**" } }],
    [{ some: { eq: 1 } }, "<=", { some: { in: [1, 2] } }],
    [{ each: { eq: 1 } }, "</", { some: { eq: 1 } }], // the empty array
    [{ some: { eq: 1 } }, "</", { each: { eq: 1 } }],
    [{ each: { in: [] } }, "<=", { each: { eq: 1 } }],
    [{ each: { eq: 1 }, some: { eq: 2 } }, "<=", { some: { eq: 3 } }], // nothing is in it
    [{ each: { in: [1, 2] }, some: { eq: 1 } }, "<=", { some: { lt: 2 } }],
    [{ each: { gte: 0 }, some: { lt: 1 } }, "</", { each: { lt: 1 } }],
    [{ each: { each: { eq: 1 } } }, "<=", { each: { each: { lte: 1 } } }],
    [{ each: { where: { a: { eq: 1 } } } }, "<=", { each: { where: { a: { gte: 1 } } } }],
    [{ each: { where: { a: { eq: 1 } } } }, "</", { each: { where: { a: { eq: 1 }, b: { present: true } } } }],
    [{ some: { where: { a: { eq: 1 }, b: { eq: 2 } } } }, "<=", { some: { where: { a: { eq: 1 } } } }],
    [{ some: { where: { any: [{ a: { eq: 1 } }, { b: { eq: 1 } }] } } }, "</", { some: { where: { a: { eq: 1 } } } }],
    [{ each: { where: {} } }, "<=", { each: { keys: { has: [] } } }],
  ]);
});

describe("keys and presence", () => {
  relates([
    [{ keys: { only: ["a"] } }, "<=", { keys: { only: ["a", "b"] } }],
    [{ keys: { only: ["a", "b"] } }, "</", { keys: { only: ["a"] } }],
    [{ keys: { has: ["a", "b"] } }, "<=", { keys: { has: ["a"] } }],
    [{ keys: { has: ["a"] } }, "</", { keys: { has: ["a", "b"] } }],
    [{ keys: { only: ["a"], has: ["b"] } }, "<=", { keys: { only: [] } }], // nothing is in it
    [{ keys: { only: [] } }, "</", { keys: { has: ["a"] } }],
    [{ keys: { has: [] } }, "</", { keys: { only: [] } }],
    [{ eq: 1 }, "<=", { present: true }],
    [{ present: true }, "</", { in: [null, true, false] }],
  ]);

  test.each<[lower: Json, kind: string, upper: Json]>([
    [{ "a.b": { present: true } }, "contained", { a: { present: true } }],
    [{ a: { present: true } }, "exceeds", { "a.b": { present: true } }],
    [{ a: { present: false } }, "contained", { "a.b": { present: false } }],
    [{ "a.b": { present: false } }, "exceeds", { a: { present: false } }],
    [{ "a.b": { eq: 1 } }, "contained", { a: { keys: { has: ["b"] } } }],
    [{ a: { keys: { has: ["b"] } } }, "contained", { "a.b": { present: true } }],
    [{ a: { keys: { only: ["c"] } } }, "contained", { "a.b": { present: false } }],
    [{ a: { eq: 1 }, "a.b": { eq: 1 } }, "contained", { any: [] }],
    [{ any: [{ a: { present: true } }, { a: { present: false } }] }, "contained", {}],
    [{}, "contained", { any: [{ a: { present: true } }, { a: { present: false } }] }],
    [{}, "exceeds", { any: [{ a: { eq: 1 } }, { not: { a: { eq: 1 } } }] }], // an array is neither
    [{ a: { present: false } }, "contained", { not: { a: { eq: 1 } } }],
    [{ not: { a: { path: "/**" } } }, "contained", { a: { present: false } }],
    [{ not: { a: { path: "/s/**" } } }, "exceeds", { a: { present: false } }],
  ])("%j is %s in %j", async (lower, kind, upper) => {
    const expected = kind === "contained" ? "contained" : "exceeds";
    expect((await relate(read([{ when: lower }]), read([{ when: upper }]))).kind).toBe(expected);
  });
});

describe("what is found is at the border itself", () => {
  test.each<[lower: Json, upper: Json, value: Json]>([
    [{ lte: 50 }, { lt: 50 }, 50],
    [{ gte: -1.5 }, { gt: -1.5 }, -1.5],
    [{ before: "2026-01-01T00:00:00.001Z" }, { before: "2026-01-01T00:00:00Z" }, 1767225600000],
    [
      { cidr: "10.0.0.0/8" },
      {
        cidr: [
          "10.0.0.0/9",
          "10.129.0.0/16",
          "10.130.0.0/15",
          "10.132.0.0/14",
          "10.136.0.0/13",
          "10.144.0.0/12",
          "10.160.0.0/11",
          "10.192.0.0/10",
          "10.128.128.0/17",
          "10.128.64.0/18",
        ],
      },
      "10.128.0.0",
    ],
    [{ matches: "a{0,4}" }, { matches: "a{0,3}" }, "aaaa"],
    [{ path: "/a/**" }, { path: "/a/*/**" }, "/a"],
    [{ host: "**.example.com" }, { host: "*.**.example.com" }, "example.com"],
    [{ route: "/a/**" }, { route: ["/a", "/a/?*", "/a/*/**/?*", "/a/?*/**"] }, "/a/"],
    [{ each: { eq: 1 } }, { some: { eq: 1 } }, []],
    [{ keys: { only: ["k"] } }, { keys: { has: ["k"] } }, {}],
    [{ in: ["a", "b", "c"] }, { in: ["a", "c"] }, "b"],
  ])("%j exceeds %j at %j", async (lower, upper, value) => {
    const result = await relate(read([{ when: { f: lower } }]), read([{ when: { f: upper } }]));
    expect(requestsOf(result).map(({ f }) => f)).toContainEqual(value);
  });
});
