// The cases that other systems get wrong, through the package's face. Numbers are the rows of section 2 of the peers page.
// Every `contained` and `review` here has its certificate checked again, and every counterexample is replayed.
import { afterAll, describe, expect, test } from "vitest";
import {
  type Certificate,
  canonicalHost,
  canonicalJson,
  createProver,
  delegableView,
  evaluate,
  type Json,
  type LinkResult,
  type ParsedPolicy,
  parsePolicy,
  type Subject,
  spawnCheck,
  verifyCertificate,
} from "../../src/index.js";

type Line = readonly [mark: "+" | "?" | "-", action: string, when?: Json];
type Request = { readonly [key: string]: Json };
const effects = { "+": "allow", "?": "ask", "-": "deny" } as const;

function read(document: unknown): ParsedPolicy {
  const result = parsePolicy(document);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const ruleOf = ([mark, action, when]: Line, index: number): Request => ({
  id: `r${index}`,
  effect: effects[mark],
  action,
  ...(when === undefined ? {} : { when }),
});
const documentOf = (lines: readonly Line[], more: Request = {}): Request => ({
  language: "atmost/1",
  name: "p",
  version: "1",
  rules: lines.map(ruleOf),
  ...more,
});
const policy = (...lines: readonly Line[]): ParsedPolicy => read(documentOf(lines));

const prover = createProver({ solver: "none" });
afterAll(() => prover.close());
const ranks = { deny: 0, ask: 1, allow: 2 } as const;
const requestsOf = (result: LinkResult): readonly Request[] =>
  "counterexamples" in result ? result.counterexamples.flatMap((example) => (example.kind === "request" ? [example.request] : [])) : [];

function certificateOf(result: LinkResult): Certificate {
  if ("certificate" in result) return result.certificate;
  throw new Error(`expected a certificate, got ${JSON.stringify(result)}`);
}

/** Returns the answer, after its certificate was checked and its counterexamples were replayed. */
async function relate(lower: Subject, upper: Subject): Promise<LinkResult> {
  const result = await prover.checkContainment(lower, upper);
  if ("certificate" in result)
    expect(verifyCertificate(result.certificate, lower, upper)).toMatchObject({ kind: "accepted", relation: result.kind });
  for (const request of requestsOf(result)) {
    const [below, above] = [evaluate(lower, request).decision, evaluate(upper, request).decision];
    expect(ranks[below], JSON.stringify(request)).toBeGreaterThan(ranks[above]);
    if (result.kind === "exceeds") expect(above).toBe("deny");
  }
  return result;
}
const kindOf = async (lower: Subject, upper: Subject): Promise<string> => (await relate(lower, upper)).kind;
const nearFields = (result: LinkResult): readonly string[] =>
  "counterexamples" in result
    ? result.counterexamples.flatMap((example) => (example.kind === "request" ? example.upper.near.map(({ field }) => field) : []))
    : [];

describe("names and arguments", () => {
  test("row 1: a path with `..` is refused as a pattern, and the text is not below the directory that it starts with", async () => {
    const odd = "/data/../etc/passwd";
    const result = parsePolicy(documentOf([["+", "fs:read", { path: { path: odd } }]]));
    expect(result).toMatchObject({ kind: "invalid", problems: [{ code: "pattern_not_canonical", pointer: "/rules/0/when/path/path" }] });
    const upper = policy(["+", "fs:read", { path: { path: "/data/**" } }]);
    const found = await relate(policy(["+", "fs:read", { path: { eq: odd } }]), upper);
    expect(found.kind).toBe("exceeds");
    expect(requestsOf(found)).toEqual([{ action: "fs:read", path: odd }]);
  });

  test("row 2: a bare name does not cover what is beneath it", async () => {
    const found = await relate(policy(["+", "file:write"]), policy(["+", "file"]));
    expect(found.kind).toBe("exceeds");
    expect(requestsOf(found)).toEqual([{ action: "file:write" }]);
    expect(await kindOf(policy(["+", "file:write"]), policy(["+", "file:**"]))).toBe("contained");
  });

  test("row 3: `api:*:read` covers `api:users:read`, and neither a longer nor a shorter name", async () => {
    const upper = policy(["+", "api:*:read"]);
    expect(await kindOf(policy(["+", "api:users:read"]), upper)).toBe("contained");
    expect(await kindOf(policy(["+", "api:read"]), upper)).toBe("exceeds");
    expect(await kindOf(policy(["+", "api:users:all:read"]), upper)).toBe("exceeds");
  });

  test("row 4: a tool with any argument exceeds the tool with a checked one, and the counterexample names `args.path`", async () => {
    const lower = policy(["+", "tool:read_file"]);
    const found = await relate(lower, policy(["+", "tool:read_file", { "args.path": { path: "/data/**" } }]));
    expect(found.kind).toBe("exceeds");
    expect(nearFields(found)).toContain("args.path");
    if (found.kind !== "exceeds") return;
    for (const { summary } of found.counterexamples) expect(summary).toContain("`args.path`");
  });

  test("row 5: `lte 50` exceeds `lt 50` at exactly 50, and nowhere else", async () => {
    const pay = (predicate: Json) => policy(["+", "tool:pay", { "args.amount": predicate }]);
    const found = await relate(pay({ lte: 50 }), pay({ lt: 50 }));
    expect(found.kind).toBe("exceeds");
    expect(requestsOf(found)).toEqual([{ action: "tool:pay", args: { amount: 50 } }]);
    expect(await kindOf(pay({ lt: 50 }), pay({ lte: 50 }))).toBe("contained");
  });
});

const x = (when: Json): Line => ["+", "x", when];

describe("values", () => {
  test("row 6: a list of numbers is contained in the range that holds them, and not the other way round", async () => {
    const list = policy(x({ n: { in: [1, 2, 3] } }));
    const range = policy(x({ n: { gte: 1, lte: 3 } }));
    expect(await kindOf(list, range)).toBe("contained");
    expect(await kindOf(policy(x({ n: { in: [1, 2, 3, 4] } })), range)).toBe("exceeds");
    const back = await relate(range, list);
    expect(back.kind).toBe("exceeds");
    for (const { n } of requestsOf(back)) {
      expect([1, 2, 3]).not.toContain(n);
      expect(n).toBeGreaterThanOrEqual(1);
      expect(n).toBeLessThanOrEqual(3);
    }
  });

  test("row 7: one text is contained in a glob that it matches", async () => {
    const upper = policy(x({ s: { glob: "report-*" } }));
    expect(await kindOf(policy(x({ s: { eq: "report-7" } })), upper)).toBe("contained");
    expect(await kindOf(policy(x({ s: { eq: "report-" } })), upper)).toBe("contained");
    expect(await kindOf(policy(x({ s: { eq: "report" } })), upper)).toBe("exceeds");
  });

  test.each<[lower: string, upper: string, kind: string]>([
    ["^git (status|diff)$", "git .*", "contained"],
    ["git .*", "^git (status|diff)$", "exceeds"],
    ["^ab$", "ab", "contained"],
    ["ab", "^ab$", "contained"],
    ["^a", "a", "contained"],
    ["a$|b", "^(a|b)$", "contained"],
    ["a.*", "^a", "exceeds"],
    ["a^b", "c", "contained"],
    ["[a-z]+", "[a-y]+", "exceeds"],
    ["a{2,3}", "a{1,3}", "contained"],
    ["a{2,4}", "a{1,3}", "exceeds"],
    ["(a|b)*", "[ab]*", "contained"],
    [".", "[^\\n]", "contained"],
    ["[^\\n]", ".", "contained"],
    ["[\\s\\S]", ".", "exceeds"],
  ])("row 8, anchored regular expressions: `%s` below `%s` is %s", async (lower, upper, kind) => {
    expect(await kindOf(policy(x({ s: { matches: lower } })), policy(x({ s: { matches: upper } })))).toBe(kind);
  });

  test("row 8, several rules for one tool: each rule below counts, and any of those above may cover it", async () => {
    const two = policy(x({ s: { prefix: "a" } }), x({ s: { prefix: "b" } }));
    expect(await kindOf(two, policy(x({ s: { matches: "[ab].*" } })))).toBe("exceeds"); // `.` is no line feed
    expect(await kindOf(two, policy(x({ s: { matches: "[ab][\\s\\S]*" } })))).toBe("contained");
    expect(await kindOf(policy(x({ s: { matches: "[ab].*" } })), two)).toBe("contained");
    const third = await relate(policy(x({ s: { prefix: "a" } }), x({ s: { prefix: "b" } }), x({ s: { prefix: "c" } })), two);
    expect(third.kind).toBe("exceeds");
    expect(requestsOf(third)).toEqual([{ action: "x", s: "c" }]);
  });

  test.each<[lower: Json, upper: Json, kind: string]>([
    [{ eq: "a" }, { in: ["a", "b"] }, "contained"],
    [{ in: ["a", "b"] }, { eq: "a" }, "exceeds"],
    [{ eq: "1" }, { eq: 1 }, "exceeds"],
    [{ eq: true }, { eq: "true" }, "exceeds"],
    [{ eq: true }, { eq: 1 }, "exceeds"],
    [{ eq: null }, { present: true }, "contained"],
    [{ eq: null }, { eq: false }, "exceeds"],
    [{ present: true }, { in: [null, true, false] }, "exceeds"],
    [{ eq: "" }, { glob: "*" }, "contained"],
    [{ in: [] }, { eq: "a" }, "contained"],
  ])("row 8, constants: %j below %j is %s", async (lower, upper, kind) => {
    expect(await kindOf(policy(x({ c: lower })), policy(x({ c: upper })))).toBe(kind);
  });

  test.each<[lower: Json, upper: Json, kind: string]>([
    [{ in: [1, 2] }, { gte: 1, lte: 2 }, "contained"],
    [{ gt: 0, lt: 1 }, { in: [0, 1] }, "exceeds"],
    [{ gt: 1, lt: 1 }, { eq: 7 }, "contained"],
    [{ gte: 1, lte: 1 }, { eq: 1 }, "contained"],
    [{ eq: 1 }, { gte: 1, lte: 1 }, "contained"],
    [{ eq: 1.5 }, { in: [1, 2] }, "exceeds"],
    [{ lt: 3 }, { lte: 2 }, "exceeds"],
    [{ lte: 2 }, { lt: 3 }, "contained"],
    [{ gt: 0.1 }, { gte: 0.1 }, "contained"],
    [{ gte: 0.1 }, { gt: 0.1 }, "exceeds"],
  ])("row 8, integers against numbers: %j below %j is %s", async (lower, upper, kind) => {
    expect(await kindOf(policy(x({ n: lower })), policy(x({ n: upper })))).toBe(kind);
  });
});

describe("bounds on work", () => {
  // Neither is contained in the other by one rule alone, so an answer takes more than one branch.
  const lower = policy(x({ n: { gte: 0, lte: 10 } }));
  const upper = policy(x({ n: { lte: 5 } }), x({ n: { gt: 5 } }));

  test("row 9: a prover out of budget answers undecided, and never contained", async () => {
    const poor = createProver({ engines: ["cover", "search"], bounds: { searchNodesMax: 1 } });
    expect(await poor.checkContainment(lower, upper)).toMatchObject({ kind: "undecided", reason: "search_bound" });
    expect(poor.stats()).toMatchObject({ links: { contained: 0, undecided: 1 }, undecided: { search_bound: 1 } });
    const result = await poor.spawnCheck({ child: lower, parentDelegable: lower, parentBoundary: upper, adminMax: upper });
    expect(result.verdict).toBe("reject");
  });

  test("row 9: a prover that may split nothing answers undecided by `search_bound`", async () => {
    const cover = createProver({ engines: ["cover"], solver: "none" });
    expect(await cover.checkContainment(lower, upper)).toMatchObject({ kind: "undecided", reason: "search_bound" });
  });

  test("row 9: a prover whose solver is out of budget answers undecided, and contained with the usual one", async () => {
    const poor = createProver({ engines: ["solver"], bounds: { solverRlimit: 1 } });
    const usual = createProver({ engines: ["solver"] });
    try {
      expect(await poor.checkContainment(lower, upper)).toMatchObject({ kind: "undecided", reason: "solver_rlimit" });
      expect(poor.stats()).toMatchObject({ links: { contained: 0, exceeds: 0, undecided: 1 }, undecided: { solver_rlimit: 1 } });
      expect(await usual.checkContainment(lower, upper)).toMatchObject({ kind: "contained", effort: { stage: "solver" } });
    } finally {
      await Promise.all([poor.close(), usual.close()]);
    }
  });

  test("row 9: a prover past its deadline answers undecided by `deadline`", async () => {
    let now = 0;
    const late = createProver({ solver: "none", clock: () => (now += 1_000) });
    expect(await late.checkContainment(lower, upper, { deadlineMs: 1 })).toMatchObject({ kind: "undecided", reason: "deadline" });
  });

  test("row 9: a check that was aborted answers undecided", async () => {
    const signal = AbortSignal.abort();
    expect(await createProver({ solver: "none" }).checkContainment(lower, upper, { signal })).toMatchObject({
      kind: "undecided",
      reason: "deadline",
    });
  });

  test("row 9: a certificate over its bound is not returned, and the answer is undecided", async () => {
    const terse = createProver({ solver: "none", bounds: { certificateCharactersMax: 100 } });
    expect(await terse.checkContainment(lower, upper)).toMatchObject({ kind: "undecided", reason: "certificate_too_large" });
  });

  test("row 10: everything exceeds a policy that permits nothing, however it says so", async () => {
    const all = policy(["+", "**"]);
    for (const nothing of [policy(), policy(["+", "fs:read", { path: { in: [] } }]), policy(["+", "fs:read", { any: [] }])]) {
      expect(await kindOf(all, nothing)).toBe("exceeds");
      expect(await kindOf(nothing, policy())).toBe("contained");
      expect(evaluate(nothing, { action: "fs:read", path: "/a" }).decision).toBe("deny");
    }
  });
});

describe("patterns", () => {
  test("row 11: the meet of a directory and one beneath it is the one beneath it", async () => {
    const path = (pattern: string): Line => x({ p: { path: pattern } });
    const small = policy(path("/data/x/**"));
    expect(await kindOf(small, policy(path("/data/**")))).toBe("contained");
    const delegation = { rules: [ruleOf(path("/data/x/**"), 0)] };
    const meet = delegableView(read(documentOf([path("/data/**")], { delegation, limits: { depth: 1 } })));
    expect(await kindOf(meet, small)).toBe("contained");
    expect(await kindOf(small, meet)).toBe("contained");
    expect(evaluate(meet, { action: "x", p: "/data/x/a" }).decision).toBe("allow");
    expect(evaluate(meet, { action: "x", p: "/data/y" }).decision).toBe("deny");
  });

  test("row 12: a directory beneath another one is contained in it", async () => {
    const under = (directory: string) => policy(["+", "fs:read", { path: { path: `${directory}/**` } }]);
    expect(await kindOf(under("/tmp/cache"), under("/tmp"))).toBe("contained");
    expect(await kindOf(under("/tmp"), under("/tmp/cache"))).toBe("exceeds");
    expect(await kindOf(under("/tmpcache"), under("/tmp"))).toBe("exceeds");
  });

  test("row 13: a host is contained in the wildcard that covers it, on the same port", async () => {
    const upper = policy(["+", "net:http", { host: { host: "*.example.com" }, port: { eq: 443 } }]);
    const lower = (host: string, port: number) => policy(["+", "net:http", { host: { eq: host }, port: { eq: port } }]);
    expect(await kindOf(lower("api.example.com", 443), upper)).toBe("contained");
    expect(await kindOf(lower("api.example.com", 80), upper)).toBe("exceeds");
    expect(await kindOf(lower("example.com", 443), upper)).toBe("exceeds");
    expect(await kindOf(lower("a.b.example.com", 443), upper)).toBe("exceeds");
  });

  test.each(["git-*", "naïve-*", "日本-*", "\u{1d11e}*", "a\0b*", "[a-z]*", "{a,b}*", "a.b+c*", "(", "^$*", "\\*literal", "\\u{41}*"])(
    "row 14: the glob `%s` is contained in itself, and in none of a text that it does not match",
    async (glob) => {
      const lower = policy(x({ s: { glob } }));
      expect(await kindOf(lower, policy(x({ s: { glob } })))).toBe("contained");
      expect(await kindOf(lower, policy(x({ s: { glob: "*" } })))).toBe("contained");
      expect(await kindOf(lower, policy(x({ s: { glob: "another-*" } })))).toBe("exceeds");
      expect(await kindOf(policy(x({ s: { eq: "A" } })), lower)).toBe("exceeds");
    },
  );

  test("row 14: the six characters `\\u{41}` are not `A`, and a text does not end at a NUL", async () => {
    expect(await kindOf(policy(x({ s: { eq: "\\u{41}" } })), policy(x({ s: { eq: "A" } })))).toBe("exceeds");
    expect(await kindOf(policy(x({ s: { eq: "x\0y" } })), policy(x({ s: { eq: "x" } })))).toBe("exceeds");
    expect(await kindOf(policy(x({ s: { eq: "é" } })), policy(x({ s: { glob: "?" } })))).toBe("contained");
  });

  const routes = Array.from({ length: 300 }, (_, i) => i);

  // A step a rule, and no search: that is what makes it quick, and what is held here. How many milliseconds that takes is the benchmark's.
  test("row 15: a wildcard in a name exceeds 300 names that it could be, found in a step", async () => {
    const lower = policy(["+", "net:http", { route: { route: "/route*/**/tail*" } }]);
    const upper = policy(...routes.map((i): Line => ["+", "net:http", { route: { route: `/route${i}/**/tail*` } }]));
    const found = await relate(lower, upper);
    expect(found).toMatchObject({ kind: "exceeds", effort: { stage: "cover", nodes: 1 } });
    expect(requestsOf(found)[0]).toEqual({ action: "net:http", route: "/route/tail" });
  });

  test("row 16: 300 names are contained in the wildcard that covers each, found in a step for each", async () => {
    const lower = policy(...routes.map((i): Line => ["+", "net:http", { route: { route: `/route${i}/x/**/tail*` } }]));
    const found = await relate(lower, policy(["+", "net:http", { route: { route: "/route*/**/tail*" } }]));
    expect(found).toMatchObject({ kind: "contained", effort: { stage: "cover" } });
    // It takes 300 steps; three more are let pass.
    expect(found.effort.nodes).toBeLessThanOrEqual(303);
  });
});

describe("denies, asks and unions", () => {
  test("row 17: a deny above is escaped by a secret path, and by what the deny can not judge", async () => {
    const all: Line = ["+", "fs:**"];
    const upper = policy(all, ["-", "fs:**", { path: { path: "/**/.env*" } }]);
    const found = await relate(policy(all), upper);
    expect(found.kind).toBe("exceeds");
    const paths = requestsOf(found).map(({ path }) => path);
    const truths = paths.map((path) => {
      const { rules } = evaluate(upper, { action: "fs:read", path: path ?? null });
      return rules.map(({ truth }) => truth ?? "true").join();
    });
    expect(truths).toContain("true");
    expect(truths).toContain("unknown");
    expect(paths.some((path) => typeof path === "string" && /^\/(.*\/)?\.env[^/]*$/.test(path))).toBe(true);
    expect(paths.some((path) => typeof path !== "string" || canonicalPathDiffers(path))).toBe(true);
    expect(await kindOf(upper, policy(all))).toBe("contained");
  });

  test("row 17b: an unknown grants nothing, also under `not`, and the policy is contained in itself", async () => {
    const subject = policy(x({ not: { p: { path: "/s/**" } } }));
    expect(await kindOf(subject, policy(x({ not: { p: { path: "/s/**" } } })))).toBe("contained");
    expect(evaluate(subject, { action: "x", p: "/s/../s/a" }).decision).toBe("deny");
    expect(evaluate(subject, { action: "x", p: ["/s/a"] }).decision).toBe("deny");
    expect(evaluate(subject, { action: "x", p: "/t" }).decision).toBe("allow");
    expect(await kindOf(policy(["+", "x"]), subject)).toBe("exceeds");
  });

  test("row 18: to allow what the upper policy asks for is review: neither contained nor exceeds", async () => {
    const found = await relate(policy(["+", "x"]), policy(["?", "x"]));
    expect(found.kind).toBe("review");
    expect(requestsOf(found)).toEqual([{ action: "x" }]);
    expect(certificateOf(found)).toMatchObject({ relation: "review" });
  });

  test("row 19: to ask for what the upper policy allows is contained", async () => {
    expect(await kindOf(policy(["?", "x"]), policy(["+", "x"]))).toBe("contained");
    expect(await kindOf(policy(["?", "x"]), policy(["?", "x"]))).toBe("contained");
    expect(await kindOf(policy(["?", "x"]), policy())).toBe("exceeds");
  });

  test("row 20: a child that grows by small steps is judged whole at every step", async () => {
    const limits = { depth: 1 };
    const boundary = read(
      documentOf(
        [
          ["+", "a"],
          ["?", "b"],
          ["?", "c"],
        ],
        { delegation: "all", limits },
      ),
    );
    const adminMax = read(documentOf([["+", "**"]], { limits }));
    const check = (...lines: readonly Line[]) => spawnCheck({ child: policy(...lines), parentBoundary: boundary, adminMax });
    const reviewed = async (...lines: readonly Line[]) => {
      const { verdict, links } = await check(...lines);
      return [verdict, ...links.flatMap(({ result }) => requestsOf(result).map(({ action }) => action))];
    };
    expect(await reviewed(["+", "a"])).toEqual(["apply"]);
    expect(await reviewed(["+", "a"], ["+", "b"])).toEqual(["ask", "b"]);
    // The third step alone adds `c`; the answer holds the whole distance, `b` too.
    expect(await reviewed(["+", "a"], ["+", "b"], ["+", "c"])).toEqual(["ask", "b", "c"]);
    expect((await check(["+", "a"], ["+", "b"], ["+", "c"], ["+", "d"])).verdict).toBe("reject");
  });

  const hosts = (...names: readonly string[]): Line => ["+", "net:http", { host: { in: names } }];

  test("row 21: the union of two rules covers a list that neither covers", async () => {
    const lower = policy(hosts("a.example", "b.example"));
    expect(await kindOf(lower, policy(hosts("a.example"), hosts("b.example")))).toBe("contained");
    const short = await relate(policy(hosts("a.example", "b.example", "c.example")), policy(hosts("a.example"), hosts("b.example")));
    expect(requestsOf(short)).toEqual([{ action: "net:http", host: "c.example" }]);
  });

  test("row 22: the union of two ranges covers a range that neither covers, and a gap of one number is found", async () => {
    const lower = policy(x({ n: { gte: 0, lte: 10 } }));
    expect(await kindOf(lower, policy(x({ n: { lte: 5 } }), x({ n: { gt: 5 } })))).toBe("contained");
    const gap = await relate(lower, policy(x({ n: { lt: 5 } }), x({ n: { gt: 5 } })));
    expect(gap.kind).toBe("exceeds");
    expect(requestsOf(gap)).toEqual([{ action: "x", n: 5 }]);
  });

  test("the union of three rules over two fields covers what no rule and no two of them cover", async () => {
    const lower = policy(x({ n: { gte: 0, lte: 10 }, env: { in: ["dev", "prod"] } }));
    const three: readonly Line[] = [
      x({ env: { eq: "dev" }, n: { lte: 7 } }),
      x({ env: { eq: "prod" }, n: { lt: 8 } }),
      x({ n: { gt: 6 } }),
    ];
    expect(await kindOf(lower, policy(...three))).toBe("contained");
    for (const left of three.keys()) expect(await kindOf(lower, policy(...three.filter((_, i) => i !== left)))).toBe("exceeds");
    const holed = await relate(lower, policy(...three.slice(0, 2), x({ n: { gt: 7 } })));
    expect(holed.kind).toBe("contained");
    const hole = await relate(lower, policy(...three.slice(0, 2), x({ n: { gte: 8 } })));
    expect(requestsOf(hole).map(({ env }) => env)).toEqual(["dev"]);
  });

  test("row 23: an array that holds one secret path escapes", async () => {
    const lower = policy(x({ "args.paths": { each: { path: "/w/**" } } }));
    const deny: Line = ["-", "x", { "args.paths": { some: { path: "/w/secret/**" } } }];
    const upper = policy(x({ "args.paths": { each: { path: "/w/**" } } }), deny);
    const found = await relate(lower, upper);
    expect(found.kind).toBe("exceeds");
    const arrays = requestsOf(found).map(({ args }) => args);
    expect(arrays).toContainEqual({ paths: ["/w/secret"] });
    expect(await kindOf(upper, lower)).toBe("contained");
  });
});

/** Returns true iff `path` is a text that no canonical path is. */
function canonicalPathDiffers(path: string): boolean {
  return !path.startsWith("/") || /\/\/|\/\.\.?(\/|$)|.\/$|\0/.test(path);
}

describe("texts that look alike", () => {
  // What stands in a request, the predicate that the plain text satisfies, and that plain text.
  const lookalikes: readonly (readonly [what: string, odd: string, predicate: Json, plain: string])[] = [
    ["an upper-case host", "API.example.com", { host: "api.example.com" }, "api.example.com"],
    ["a trailing dot", "api.example.com.", { host: "api.example.com" }, "api.example.com"],
    ["a numeric host", "2130706433", { host: "127.0.0.1" }, "127.0.0.1"],
    ["a hexadecimal host", "0x7f.0.0.1", { host: "**" }, "127.0.0.1"],
    ["an octal host", "0177.0.0.01", { host: "127.0.0.1" }, "127.0.0.1"],
    ["a short host", "127.1", { host: "127.0.0.1" }, "127.0.0.1"],
    ["a zero-width space in a host", "api\u200b.example.com", { host: "api.example.com" }, "api.example.com"],
    ["a Cyrillic letter in a host", "\u0430pi.example.com", { host: "api.example.com" }, "api.example.com"],
    ["an escaped `..` in a route", "/a/%2e%2e/b", { route: "/**" }, "/b"],
    ["an escaped `..` in upper case", "/a/%2E%2E/b", { route: "/**" }, "/b"],
    ["an escaped `/` in a route", "/a%2fb", { route: "/**" }, "/a/b"],
    ["an escaped `\\` in a route", "/a%5Cb", { route: "/**" }, "/a/b"],
    ["a backslash in a route", "/a\\b", { route: "/**" }, "/a/b"],
    ["an escape in lower case", "/%c3%a9", { route: "/**" }, "/%C3%A9"],
    ["an escape that nothing needs", "/%61", { route: "/**" }, "/a"],
    ["a `..` in a path", "/a/../b", { path: "/**" }, "/b"],
    ["an empty segment in a path", "/a//b", { path: "/**" }, "/a/b"],
    ["a NUL in a path", "/a\0", { path: "/**" }, "/a"],
    ["an address with leading zeros", "010.0.0.1", { cidr: "0.0.0.0/0" }, "10.0.0.1"],
    ["an IPv4-mapped address", "::ffff:10.0.0.1", { cidr: ["10.0.0.0/8", "::/0"] }, "10.0.0.1"],
    ["an address in upper case", "2001:DB8::1", { cidr: "2001:db8::/32" }, "2001:db8::1"],
    ["a user in a URL", "https://api.example.com@evil.example/", { url: "https://**/**" }, "https://api.example.com/"],
    ["a default port in a URL", "https://api.example.com:443/", { url: "https://api.example.com:*/**" }, "https://api.example.com/"],
    ["a fragment in a URL", "https://api.example.com/#/x", { url: "https://api.example.com/**" }, "https://api.example.com/"],
  ];

  test.each(lookalikes)("row 24: %s is not canonical: nothing permits it, and a deny stops it", async (_, odd, predicate, plain) => {
    const allows = policy(x({ f: predicate }));
    const denies = policy(["+", "x"], ["-", "x", { f: predicate }]);
    expect(evaluate(allows, { action: "x", f: plain }).decision).toBe("allow");
    expect(evaluate(allows, { action: "x", f: odd }).decision).toBe("deny");
    expect(evaluate(denies, { action: "x", f: odd })).toMatchObject({ decision: "deny", rules: [{ id: "r1", truth: "unknown" }] });
    const lower = policy(x({ f: { eq: odd } }));
    expect(await kindOf(lower, allows)).toBe("exceeds");
    expect(await kindOf(lower, policy(x({ f: { eq: plain } })))).toBe("exceeds");
  });

  test.each([
    [{ host: "API.example.com" }, "api.example.com"],
    [{ host: "api.example.com." }, "api.example.com"],
    [{ host: "2130706433" }, "127.0.0.1"],
    [{ route: "/a/%2e%2e/b" }, "/b"],
    [{ route: "/a%2fb" }, undefined],
    [{ host: "\u0430pi.example.com" }, undefined],
    [{ url: "https://API.example.com/" }, "https://api.example.com/"],
  ])("row 24: %j is refused where a policy says it, with the canonical spelling where there is one", (predicate, nearest) => {
    const result = parsePolicy(documentOf([x({ f: predicate })]));
    expect(result).toMatchObject({ kind: "invalid", problems: [{ code: "pattern_not_canonical" }] });
    if (result.kind === "invalid") expect(result.problems[0]?.nearest).toBe(nearest);
  });

  test("row 24: homoglyphs and zero-width characters make another text", async () => {
    for (const odd of ["\u0430dmin", "admin\u200b", "\u200dadmin", "admin ", "ADMIN", "\uff41dmin"]) {
      expect(await kindOf(policy(x({ s: { eq: odd } })), policy(x({ s: { eq: "admin" } })))).toBe("exceeds");
      expect(evaluate(policy(x({ s: { eq: "admin" } })), { action: "x", s: odd }).decision).toBe("deny");
      expect(evaluate(policy(["+", "admin"]), { action: odd }).decision).toBe("deny");
    }
    expect(canonicalHost("\u0430pi.example.com")).toBeUndefined();
  });

  test("row 25: NFC and NFD of one word are two texts", async () => {
    const [nfc, nfd] = ["caf\u00e9", "cafe\u0301"];
    const of = (text: string) => policy(x({ s: { eq: text } }));
    expect(of(nfc).sha256).not.toBe(of(nfd).sha256);
    expect(await kindOf(of(nfc), of(nfd))).toBe("exceeds");
    expect(await kindOf(of(nfd), of(nfc))).toBe("exceeds");
    expect(evaluate(of(nfc), { action: "x", s: nfd }).decision).toBe("deny");
    expect(await kindOf(of(nfd), policy(x({ s: { glob: "caf??" } })))).toBe("contained");
    expect(await kindOf(of(nfc), policy(x({ s: { glob: "caf??" } })))).toBe("exceeds");
  });
});

describe("certificates", () => {
  const lines: readonly Line[] = [
    ["+", "fs:read", { path: { path: "/w/**" } }],
    ["+", "fs:read", { path: { path: "/tmp/**" } }],
    ["-", "fs:**", { path: { path: "/**/.env*" } }],
    ["?", "net:http", { host: { host: "*.example.com" }, port: { in: [80, 443] } }],
  ];
  const upperLines: readonly Line[] = [
    ["+", "fs:*", { path: { path: ["/w/**", "/tmp/**"] } }],
    ["-", "fs:**", { path: { path: "/w/.env" } }],
    ["+", "net:**", { host: { host: "**.example.com" }, port: { lt: 100 } }],
    ["+", "net:**", { host: { host: "**.example.com" }, port: { gte: 100 } }],
  ];
  const lower = policy(...lines);
  const upper = policy(...upperLines);
  const sizeOf = async (below: Subject, above: Subject): Promise<number> => {
    const result = await relate(below, above);
    expect(result.kind).toBe("contained");
    const { nodes } = certificateOf(result);
    return Array.isArray(nodes) ? nodes.length : 0;
  };

  // All of these certificates have 10 nodes; two more are let pass.
  test("row 26: order, repetition and names of rules change the certificate by two nodes at most, and no answer", async () => {
    const plain = await sizeOf(lower, upper);
    const reversed = await sizeOf(policy(...lines.toReversed()), policy(...upperLines.toReversed()));
    const doubled = await sizeOf(policy(...lines, ...lines), policy(...upperLines, ...upperLines));
    const renamed = (of: readonly Line[]) =>
      read({ ...documentOf(of), rules: of.map((line, i) => ({ ...ruleOf(line, i), id: `z${-i}` })) });
    const again = await sizeOf(renamed(lines), renamed(upperLines));
    for (const size of [reversed, doubled, again]) expect(Math.abs(size - plain)).toBeLessThanOrEqual(2);
    expect(plain).toBeLessThanOrEqual(12);
    for (const i of lines.keys()) {
      const turned = [...lines.slice(i), ...lines.slice(0, i)];
      expect(await kindOf(upper, policy(...turned))).toBe("exceeds");
    }
  });

  const proved = async (): Promise<Certificate> => certificateOf(await relate(lower, upper));
  const refused = (certificate: unknown, below: Subject = lower, above: Subject = upper) =>
    expect(verifyCertificate(certificate, below, above)).toMatchObject({ kind: "refused" });
  const nodesOf = (certificate: Certificate): readonly Json[] => (Array.isArray(certificate["nodes"]) ? certificate["nodes"] : []);
  const isLeaf = (node: Json | undefined): boolean => JSON.stringify(node ?? null).includes('"leaf"');

  test("row 27: a certificate for other policies, or the other way round, is refused", async () => {
    const certificate = await proved();
    const other = read({ ...lower.document, version: "2" });
    refused(certificate, other, upper);
    refused(certificate, lower, other);
    refused(certificate, upper, lower);
    refused(certificate, delegableView(lower), upper);
    expect(verifyCertificate(certificate, lower, upper)).toMatchObject({ kind: "accepted", relation: "contained" });
  });

  test("row 27: a certificate of review is no certificate of containment", async () => {
    const [below, above] = [policy(["+", "x"]), policy(["?", "x"])];
    const review = certificateOf(await relate(below, above));
    refused({ ...review, relation: "contained" }, below, above);
    refused({ ...review, relation: "anything" }, below, above);
  });

  test("row 27: a certificate without one of its leaves, or with one too many, is refused", async () => {
    const certificate = await proved();
    const nodes = nodesOf(certificate);
    const counted = (list: readonly Json[]) => ({
      ...certificate,
      nodes: list,
      counts: { ...Object(certificate["counts"]), nodes: list.length },
    });
    const leaves = [...nodes.keys()].filter((i) => isLeaf(nodes[i]));
    expect(leaves.length).toBeGreaterThan(3);
    for (const i of leaves) refused(counted([...nodes.slice(0, i), ...nodes.slice(i + 1)]));
    for (const i of leaves) refused(counted([...nodes, nodes[i] ?? null]));
    refused(counted([]));
  });

  test("row 27: a certificate whose leaves give another reason is refused, or is still a proof of the same claim", async () => {
    const certificate = await proved();
    const reasons = ["impossible", "lower_denies", "upper_permits", "lower_asks", "because"];
    let refusals = 0;
    for (const [i, node] of nodesOf(certificate).entries()) {
      if (!isLeaf(node)) continue;
      for (const leaf of reasons) {
        const nodes = nodesOf(certificate).map((old, at) => (at === i ? { ...Object(old), leaf } : old));
        const checked = verifyCertificate({ ...certificate, nodes }, lower, upper);
        if (checked.kind === "refused") refusals++;
        else expect(checked.relation).toBe("contained");
      }
    }
    expect(refusals).toBeGreaterThan(10);
  });

  test("row 27: a certificate with any one character changed is refused, or is still a proof of the same claim", async () => {
    const text = canonicalJson(await proved()) ?? "";
    // The claim is true, so what is accepted is no harm; a false claim with the same certificate never is.
    const wide = read({ ...lower.document, rules: documentOf([["+", "fs:read"]])["rules"] ?? [] });
    expect(await kindOf(wide, upper)).toBe("exceeds");
    let accepted = 0;
    for (let at = 0; at < text.length; at++) {
      const old = text[at] ?? "";
      const changed = `${text.slice(0, at)}${old === "1" ? "2" : "1"}${text.slice(at + 1)}`;
      const checked = verifyCertificate(changed, lower, upper);
      if (checked.kind === "accepted") accepted++;
      expect(verifyCertificate(changed.replace(lower.sha256, wide.sha256), wide, upper).kind).toBe("refused");
    }
    expect(accepted).toBeLessThan(text.length / 10);
  });

  test("row 27: a truncated certificate is refused wherever it ends", async () => {
    const text = canonicalJson(await proved()) ?? "";
    for (let end = 0; end < text.length; end++) refused(text.slice(0, end));
  });

  test("row 27: what is 10,000 deep, or no certificate at all, is refused at once and throws nothing", async () => {
    const certificate = await proved();
    let deep: unknown = "leaf";
    for (let i = 0; i < 10_000; i++) deep = { not: deep };
    const started = performance.now();
    refused("[".repeat(10_000) + "]".repeat(10_000));
    refused({ ...certificate, conditions: [{ condition: deep }], counts: { ...Object(certificate["counts"]), conditions: 1 } });
    refused({ ...certificate, nodes: deep });
    refused(deep);
    const chain = Array.from({ length: 10_000 }, () => ({ split: 0, into: [1, 6] }));
    refused({ ...certificate, nodes: chain, counts: { ...Object(certificate["counts"]), nodes: chain.length } });
    for (const nothing of [undefined, null, 7, "", "null", [], {}, () => 0, Symbol("s"), 10n]) refused(nothing);
    const hostile = new Proxy(certificate, {
      get: () => {
        throw new Error("hostile");
      },
    });
    refused(hostile);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
