// The chain of a spawn and its verdict: section 7 of the language.
import { describe, expect, test } from "vitest";
import {
  type ChainLink,
  createProver,
  delegableView,
  encodeSpawnResult,
  evaluate,
  type Json,
  type LinkResult,
  narrow,
  type ParsedPolicy,
  parsePolicy,
  type SpawnInput,
  type SpawnResult,
  verdictOf,
  verifyCertificate,
} from "../../src/index.js";

type Members = { readonly [key: string]: Json };
const effects = { "+": "allow", "?": "ask", "-": "deny" } as const;

/** Returns the policy whose rules are written as `+action`, `?action` and `-action`. */
function policy(lines: string, more: Members = {}): ParsedPolicy {
  const rules = lines
    .split(" ")
    .filter((line) => line !== "")
    .map((line, i): Json => ({ id: `r${i}`, effect: effects[line[0] === "?" ? "?" : line[0] === "-" ? "-" : "+"], action: line.slice(1) }));
  const result = parsePolicy({ language: "atmost/1", name: lines === "" ? "nothing" : lines, version: "1", rules, ...more });
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const limits = (of: Json): Members => ({ limits: of });
const all = (depth: Json = 1, more: Members = {}): Members => ({ delegation: "all", limits: { depth, ...more } });

const { spawnCheck, checkContainment } = createProver({ solver: "none" });

/** Returns the answer, after every certificate in it was checked against the two sides of its link. */
async function check(input: SpawnInput): Promise<SpawnResult> {
  const result = await spawnCheck(input);
  const subjects = {
    child: input.child,
    parent_delegable: input.parentDelegable ?? delegableView(input.parentBoundary),
    parent_boundary: input.parentBoundary,
    admin_max: input.adminMax,
  };
  for (const { lower, upper, result: link } of result.links)
    if ("certificate" in link)
      expect(verifyCertificate(link.certificate, subjects[lower], subjects[upper])).toMatchObject({
        kind: "accepted",
        relation: link.kind,
      });
  expect(result.verdict).toBe(verdictOf(result.links));
  return result;
}
const kindsOf = ({ links }: SpawnResult): readonly string[] => links.map(({ result }) => result.kind);
const limitsOf = (result: LinkResult | undefined): readonly string[] =>
  result?.kind === "exceeds" ? result.counterexamples.flatMap((example) => (example.kind === "limit" ? [example.limit] : [])) : [];

describe("the verdict", () => {
  const effort = { stage: "search", findMs: 0, checkMs: 0, nodes: 1, solverChecks: 0 } as const;
  const results: Readonly<Record<LinkResult["kind"], LinkResult>> = {
    contained: { kind: "contained", certificate: {}, effort },
    review: { kind: "review", certificate: {}, counterexamples: [], effort },
    exceeds: { kind: "exceeds", counterexamples: [], effort },
    undecided: { kind: "undecided", reason: "deadline", effort },
  };
  const kinds = ["contained", "review", "exceeds", "undecided"] as const;
  const link = (kind: LinkResult["kind"]): ChainLink => ({ lower: "child", upper: "admin_max", result: results[kind] });
  const quadruples = kinds.flatMap((a) => kinds.flatMap((b) => kinds.flatMap((c) => kinds.map((d) => [a, b, c, d] as const))));

  test("is apply iff all four links are contained, ask iff none is worse than review, else reject: of all 256", () => {
    for (const four of quadruples) {
      const worst = four.includes("exceeds") || four.includes("undecided") ? "reject" : four.includes("review") ? "ask" : "apply";
      expect(verdictOf(four.map(link)), four.join()).toBe(worst);
    }
    expect(quadruples).toHaveLength(256);
  });

  test("of no links is reject", () => {
    expect(verdictOf([])).toBe("reject");
  });

  test.each<[child: string, boundary: string, max: string, verdict: string, kinds: string]>([
    ["+a", "+a", "+a", "apply", "contained,contained,contained,contained"],
    ["+a", "+*", "+**", "apply", "contained,contained,contained,contained"],
    ["", "", "", "apply", "contained,contained,contained,contained"],
    ["?a", "+a", "+a", "apply", "contained,contained,contained,contained"],
    ["+a", "?a", "+a", "ask", "review,contained,contained,contained"],
    ["?a", "?a", "+a", "apply", "contained,contained,contained,contained"],
    ["+a", "+a", "?a", "ask", "contained,contained,review,review"],
    ["+a", "+a", "+b", "reject", "contained,contained,exceeds,exceeds"],
    ["+b", "+a", "+a +b", "reject", "exceeds,contained,contained,contained"],
    ["+a", "+a +b", "+a", "reject", "contained,contained,exceeds,contained"],
    ["+a +b", "+a ?b", "+a +b", "ask", "review,contained,contained,contained"],
    ["+a +b", "?a", "+a", "reject", "exceeds,contained,contained,exceeds"],
    ["+a", "", "+a", "reject", "exceeds,contained,contained,contained"],
  ])("child `%s` below `%s` below `%s` is %s: %s", async (child, boundary, max, verdict, kinds) => {
    const result = await check({
      child: policy(child),
      parentBoundary: policy(boundary, all()),
      adminMax: policy(max, limits({ depth: 1 })),
    });
    expect([result.verdict, kindsOf(result).join()]).toEqual([verdict, kinds]);
  });

  test("of a chain with an undecided link is reject, and the link says why", async () => {
    const range = (rules: readonly Json[], more: Members = {}): ParsedPolicy => {
      const stated = rules.map((when, i): Json => ({ id: `r${i}`, effect: "allow", action: "x", when }));
      const result = parsePolicy({ language: "atmost/1", name: "p", version: "1", rules: stated, ...more });
      if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
      return result.policy;
    };
    const poor = createProver({ engines: ["cover", "search"], bounds: { searchNodesMax: 1 }, solver: "none" });
    const halves = [{ n: { lte: 5 } }, { n: { gt: 5 } }];
    const child = range([{ n: { gte: 0, lte: 10 } }]);
    const result = await poor.spawnCheck({ child, parentBoundary: range(halves, all()), adminMax: range([{}], limits({ depth: 1 })) });
    expect(result.verdict).toBe("reject");
    expect(result.links[0]?.result).toMatchObject({ kind: "undecided", reason: "search_bound" });
    expect(encodeSpawnResult(result)).toMatchObject({
      verdict: "reject",
      links: [{ result: "undecided", reason: "search_bound" }, {}, {}, {}],
    });
  });
});

describe("the links", () => {
  test("are the three of the chain and, directly, child ≤ admin_max, each answered whatever the others say", async () => {
    const result = await check({ child: policy("+c"), parentBoundary: policy("+b", all()), adminMax: policy("+a", limits({ depth: 1 })) });
    expect(result.links.map(({ lower, upper }) => `${lower} ≤ ${upper}`)).toEqual([
      "child ≤ parent_delegable",
      "parent_delegable ≤ parent_boundary",
      "parent_boundary ≤ admin_max",
      "child ≤ admin_max",
    ]);
    expect(kindsOf(result)).toEqual(["exceeds", "contained", "exceeds", "exceeds"]);
  });

  test("a parent may lack at the maximum what its child holds there: the direct link is not the others' sum", async () => {
    const parentBoundary = policy("+a +b", all());
    const result = await check({ child: policy("+b"), parentBoundary, adminMax: policy("+b", limits({ depth: 1 })) });
    expect(kindsOf(result)).toEqual(["contained", "contained", "exceeds", "contained"]);
    expect(result.verdict).toBe("reject");
  });

  test("name every policy by hash, and say which of them is a derived view", async () => {
    const [child, parentBoundary, adminMax] = [policy("+a"), policy("+a", all()), policy("+a", limits({ depth: 1 }))];
    const { policies } = await check({ child, parentBoundary, adminMax });
    expect(policies).toEqual({
      child: { name: "+a", version: "1", sha256: child.sha256 },
      parent_delegable: { name: "+a", version: "1", sha256: parentBoundary.sha256, derived: "delegable_view" },
      parent_boundary: { name: "+a", version: "1", sha256: parentBoundary.sha256 },
      admin_max: { name: "+a", version: "1", sha256: adminMax.sha256 },
    });
    const given = await check({ child, parentDelegable: policy("+a"), parentBoundary, adminMax });
    expect(given.policies.parent_delegable).not.toHaveProperty("derived");
  });
});

describe("the delegable view", () => {
  test("is derived from the boundary where none is given: own authority is not yet authority to hand on", async () => {
    const delegation: Json = { rules: [{ id: "d", effect: "allow", action: "a" }] };
    const parentBoundary = policy("+a +b", { delegation, limits: { depth: 1 } });
    const adminMax = policy("+**", limits({ depth: 1 }));
    expect((await check({ child: policy("+a"), parentBoundary, adminMax })).verdict).toBe("apply");
    expect((await check({ child: policy("+b"), parentBoundary, adminMax })).verdict).toBe("reject");
  });

  test("asks where the boundary or the delegation asks, so an ask survives delegation", async () => {
    const adminMax = policy("+**", limits({ depth: 1 }));
    const asked = policy("?a", all());
    const handed = policy("+a", { delegation: { rules: [{ id: "d", effect: "ask", action: "a" }] }, limits: { depth: 1 } });
    for (const parentBoundary of [asked, handed]) {
      expect((await check({ child: policy("+a"), parentBoundary, adminMax })).verdict).toBe("ask");
      expect((await check({ child: policy("?a"), parentBoundary, adminMax })).verdict).toBe("apply");
    }
  });

  // Found by an adversary: the view's depth stopped at 0, so that a parent which may spawn nothing spawned a child without rules that held its
  // whole budget, and the chain said `apply`.
  test("of a boundary of depth 0 permits nothing and has depth -1, so no child applies, not even one that does nothing", async () => {
    const granted = { children: 3, spend: { USD: "25.00" } };
    const adminMax = policy("+**", limits({ depth: 9, ...granted }));
    for (const parentBoundary of [policy("+a", all(0, granted)), policy("+a", { delegation: "all", limits: granted })]) {
      const view = delegableView(parentBoundary);
      expect(evaluate(view, { action: "a" }).decision).toBe("deny");
      expect(view.loaded.limits.get("depth")).toMatchObject({ amount: -(10n ** 30n), text: "-1" });
      for (const child of [policy("+a"), policy(""), policy("", limits(granted))]) {
        const result = await check({ child, parentBoundary, adminMax });
        expect(kindsOf(result)).toEqual(["exceeds", "contained", "contained", "contained"]);
        expect(result.verdict).toBe("reject");
        expect(limitsOf(result.links[0]?.result)).toEqual(["depth"]);
        const [link] = result.links;
        const examples = link?.result.kind === "exceeds" ? link.result.counterexamples.map(({ summary }) => summary) : [];
        expect(examples).toContainEqual(
          expect.stringMatching(/^the limit `depth` of `.+` is 0, but `.+ \(delegable view\)` leaves no generation$/),
        );
      }
    }
  });

  test("of a boundary of depth 0 is above no policy, so that no child can be narrowed to it", async () => {
    const bound = delegableView(policy("+a", all(0)));
    expect(await narrow(policy("+a"), [bound])).toEqual({ kind: "undecided", reason: "no_generation_left" });
    expect((await narrow(policy("+a"), [delegableView(policy("+a", all(1)))])).kind).toBe("narrowed");
  });

  test.each<[boundary: Json, child: Json, exceeding: readonly string[]]>([
    [1, 0, []],
    [1, 1, ["depth"]],
    [2, 1, []],
    [2, 2, ["depth"]],
    [3, 1, []],
    ["unlimited", 7, []],
    ["unlimited", "unlimited", []],
    [9, "unlimited", ["depth"]],
  ])("of a boundary of depth %j leaves one generation less: a child of depth %j exceeds in %j", async (boundary, child, exceeding) => {
    const adminMax = policy("+**", limits({ depth: "unlimited" }));
    const result = await check({ child: policy("+a", limits({ depth: child })), parentBoundary: policy("+a", all(boundary)), adminMax });
    expect(limitsOf(result.links[0]?.result)).toEqual(exceeding);
    expect(result.verdict).toBe(exceeding.length === 0 ? "apply" : "reject");
  });

  test.each<[delegable: Json, boundary: Json, strict: boolean]>([
    [0, 1, true],
    [1, 2, true],
    [0, 0, false],
    [1, 1, false],
    [2, 1, false],
    [5, "unlimited", true],
    ["unlimited", 5, false],
    ["unlimited", "unlimited", false],
  ])("given as a document with depth %j below a boundary of depth %j is within: %s", async (delegable, boundary, strict) => {
    const input = {
      child: policy(""),
      parentDelegable: policy("+a", limits({ depth: delegable })),
      parentBoundary: policy("+a", limits({ depth: boundary })),
      adminMax: policy("+**", limits({ depth: "unlimited" })),
    };
    const result = await check(input);
    expect(limitsOf(result.links[1]?.result)).toEqual(strict ? [] : ["depth"]);
    expect(result.verdict).toBe(strict ? "apply" : "reject");
  });

  test("given as a document is judged whole, though the boundary's own delegation would be narrower", async () => {
    const parentBoundary = policy("+a +b", { delegation: "none", limits: { depth: 1 } });
    const adminMax = policy("+**", limits({ depth: 1 }));
    const within = await check({ child: policy("+a"), parentDelegable: policy("+a +b"), parentBoundary, adminMax });
    expect(within.verdict).toBe("apply");
    const beyond = await check({ child: policy("+a"), parentDelegable: policy("+a +c"), parentBoundary, adminMax });
    expect(kindsOf(beyond)).toEqual(["contained", "exceeds", "contained", "contained"]);
  });
});

describe("limits", () => {
  test.each<[child: Json, boundary: Json, max: Json, exceeding: readonly (readonly string[])[]]>([
    [{}, {}, {}, [[], [], [], []]],
    [{ children: 2 }, { children: 2 }, { children: 2 }, [[], [], [], []]],
    [{ children: 3 }, { children: 2 }, { children: 3 }, [["children"], [], [], []]],
    [{ children: 3 }, { children: 3 }, { children: 2 }, [[], [], ["children"], ["children"]]],
    [{ children: "unlimited" }, { children: "unlimited" }, { children: "unlimited" }, [[], [], [], []]],
    [{ children: "unlimited" }, { children: 9 }, { children: "unlimited" }, [["children"], [], [], []]],
    [{ children: 9 }, { children: "unlimited" }, { children: 9 }, [[], [], ["children"], []]],
    [{ spend: { USD: "10" } }, { spend: { USD: "10.00" } }, { spend: { USD: "25" } }, [[], [], [], []]],
    [{ spend: { USD: "10.01" } }, { spend: { USD: "10" } }, { spend: "unlimited" }, [["spend.USD"], [], [], []]],
    [{ spend: { EUR: "1" } }, { spend: { USD: "1" } }, { spend: "unlimited" }, [["spend.EUR"], [], [], []]],
    [{ spend: "unlimited" }, { spend: "unlimited" }, { spend: { USD: "1" } }, [[], [], ["spend"], ["spend"]]],
    [{ spend: { USD: "1" } }, { spend: "unlimited" }, { spend: "unlimited" }, [[], [], [], []]],
    [
      { children: 2, spend: { USD: "2" } },
      { children: 1, spend: { USD: "1" } },
      { children: 2, spend: { USD: "2" } },
      [["children", "spend.USD"], [], [], []],
    ],
  ])("child %j, boundary %j, maximum %j exceed in %j", async (child, boundary, max, exceeding) => {
    const result = await check({
      child: policy("+a", limits(child)),
      parentBoundary: policy("+a", { delegation: "all", limits: { ...Object(boundary), depth: 1 } }),
      adminMax: policy("+a", { limits: { ...Object(max), depth: 1 } }),
    });
    expect(result.links.map(({ result: link }) => limitsOf(link))).toEqual(exceeding);
    expect(result.verdict).toBe(exceeding.flat().length === 0 ? "apply" : "reject");
  });

  test("an expiry above binds the child: one that never expires, or later, exceeds", async () => {
    const expires = (date: string): Members => ({ expires: `${date}T00:00:00Z` });
    const parentBoundary = policy("+a", all(1, expires("2026-12-01")));
    const adminMax = policy("+a", limits({ depth: 1 }));
    const verdict = async (more: Members) => (await check({ child: policy("+a", limits(more)), parentBoundary, adminMax })).verdict;
    expect(await verdict(expires("2026-12-01"))).toBe("apply");
    expect(await verdict(expires("2026-11-01"))).toBe("apply");
    expect(await verdict(expires("2026-12-02"))).toBe("reject");
    expect(await verdict({})).toBe("reject");
  });
});

describe("the whole child is judged", () => {
  test("row 20: small steps, each within the review line, add up to what is asked, and never to more", async () => {
    const parentBoundary = policy("+a ?b ?c", all());
    const adminMax = policy("+**", limits({ depth: 1 }));
    const steps = ["+a", "+a +b", "+a +b +c", "+a +b +c +d"];
    const told: unknown[] = [];
    for (const child of steps) {
      const { verdict, links } = await check({ child: policy(child), parentBoundary, adminMax });
      const [first] = links;
      const examples = first !== undefined && "counterexamples" in first.result ? first.result.counterexamples : [];
      told.push([verdict, ...examples.map((example) => (example.kind === "request" ? example.request["action"] : example.limit))]);
    }
    expect(told).toEqual([["apply"], ["ask", "b"], ["ask", "b", "c"], ["reject", "d"]]);
  });

  test("a step that is contained in the one before says nothing of the chain", async () => {
    const [first, second] = [policy("+a +d"), policy("+d")];
    expect((await checkContainment(second, first)).kind).toBe("contained");
    const result = await check({ child: second, parentBoundary: policy("+a", all()), adminMax: policy("+**", limits({ depth: 1 })) });
    expect(result.verdict).toBe("reject");
  });

  test("a generation further down is within all that is above it", async () => {
    const adminMax = policy("+**", limits({ depth: 3 }));
    const grandparent = policy("+a +b +c", all(3));
    const parent = policy("+a +b", all(2));
    const child = policy("+a", all(1));
    expect((await check({ child: parent, parentBoundary: grandparent, adminMax })).verdict).toBe("apply");
    expect((await check({ child, parentBoundary: parent, adminMax })).verdict).toBe("apply");
    expect((await checkContainment(child, delegableView(grandparent))).kind).toBe("contained");
    expect((await check({ child: policy("+a", all(2)), parentBoundary: parent, adminMax })).verdict).toBe("reject");
  });
});
