// What only proposes may lie: the solver, the search, the cache. None of them can make a yes, and none keeps a request waiting.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { LinkCache } from "../../prover/cache.js";
import type { Proof } from "../../prover/certify/proof.js";
import { checkLink, type LinkContext } from "../../prover/contain.js";
import { createProver, defaultBounds, type LinkResult, type Prover, parsePolicy, type SpawnInput } from "../../prover/index.js";
import { loadStated } from "../../prover/kernel/index.js";
import { createSolverPool } from "../../prover/solver/pool.js";
import { applyBody, askBody, rejectBody, testApp } from "../generators/http.js";
import { fake } from "./solver-problems.js";

const cache = vi.hoisted((): { propose: ((kept: readonly LinkResult[]) => LinkResult | undefined) | undefined } => ({
  propose: undefined,
}));
vi.mock("../../prover/cache.js", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../prover/cache.js")>();
  const createLinkCache: typeof original.createLinkCache = (options): LinkCache => {
    const real = original.createLinkCache(options);
    const kept: LinkResult[] = [];
    return {
      ...real,
      keep: (lower, upper, result) => {
        real.keep(lower, upper, result);
        kept.push(result);
      },
      find: (lower, upper) => (cache.propose === undefined ? real.find(lower, upper) : cache.propose(kept)),
    };
  };
  return { ...original, createLinkCache };
});

const policyOf = (document: unknown) => {
  const result = parsePolicy(document);
  if (result.kind !== "ok") throw new Error(JSON.stringify(result.problems));
  return result.policy;
};
const inputOf = (body: ReturnType<typeof applyBody>): SpawnInput => ({
  child: policyOf(body.child),
  parentBoundary: policyOf(body.parent_boundary),
  adminMax: policyOf(body.admin_max),
});
const policy = (effect: string, path: string) =>
  policyOf({
    language: "atmost/1",
    name: effect,
    version: "1",
    rules: [
      { id: "r", effect, action: "fs:*", when: { path: { path } } },
      {
        id: "s",
        effect: "allow",
        action: "fs:read",
        when: { path: { path: "/tmp/*" }, size: { lt: 5 } },
        unless: { path: { suffix: ".env" } },
      },
    ],
  });
const [narrow, wide, asked] = [policy("allow", "/repo/src/**"), policy("allow", "/repo/**"), policy("ask", "/repo/**")];
/** Pairs with the answer that each has; any of them may be undecided instead, and nothing else. */
const pairs = [
  ["contained", narrow, wide],
  ["exceeds", wide, narrow],
  ["review", narrow, asked],
] as const;

const provers: Prover[] = [];
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atmost-answers-"));
});
afterEach(async () => {
  cache.propose = undefined;
  await Promise.all(provers.splice(0).map((prover) => prover.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A prover that has nothing but its solver, and that solver a worker which misbehaves: always, or with `once` the first time. */
function proverWith(mode: string, once = false): Prover {
  const solver = createSolverPool({ workerUrl: fake(mode, once ? folder : undefined), oldGenerationMiB: 24, startMsMax: 500 });
  const prover = createProver({ engines: ["solver"], solver, clock: () => performance.now(), bounds: { deadlineMs: 1_000 } });
  provers.push(prover);
  return prover;
}

describe("a solver that lies, dies or hangs never makes an answer that is not so", () => {
  const liars = [
    "agrees that nothing is true",
    "agrees that all is true",
    "agrees to something else each time",
    "refutes everything",
    "refutes everything by a core of its own",
  ];
  const broken = [
    "never answers",
    "never starts",
    "exits",
    "exits at the start",
    "throws",
    "rejects",
    "overflows its stack",
    "uses all memory",
    "gives a long model",
    "gives a core past the end",
    "says nothing known",
  ];
  it.each([...liars, ...broken])("a worker that %s: each link is what it is, or undecided", async (mode) => {
    const prover = proverWith(mode);
    for (const [kind, lower, upper] of pairs) {
      const result = await prover.checkContainment(lower, upper);
      expect([kind, "undecided"]).toContain(result.kind);
      // What is broken says nothing, so that nothing is known; and it is told as the solver's failure, or its time.
      if (broken.includes(mode))
        expect(result).toMatchObject({ reason: expect.stringMatching(/^(?:solver_(?:failed|deadline)|deadline)$/) });
    }
    expect(prover.stats().solverChecks).toBeGreaterThanOrEqual(pairs.length);
  });

  it.each([...liars, ...broken])("a worker that %s: a spawn check is answered, and never with a wrong apply or ask", async (mode) => {
    const app = await testApp({ prover: proverWith(mode), limits: { deadlineMs: 1_500 } });
    for (const [verdict, body] of [
      ["apply", applyBody()],
      ["ask", askBody()],
      ["reject", rejectBody()],
    ] as const) {
      const reply = await app.server.inject({ method: "POST", url: "/spawn-check", payload: body });
      expect(reply.statusCode).toBe(200);
      expect([verdict, "reject"]).toContain(reply.json().verdict);
    }
    await app.server.close();
  });

  it.each(broken)("a worker that %s the first time: the next link is decided", async (mode) => {
    const prover = proverWith(mode, true);
    const [[, lower, upper]] = pairs;
    expect((await prover.checkContainment(lower, upper)).kind).toBe("undecided");
    expect((await prover.checkContainment(lower, upper)).kind).toBe("contained");
  });
});

describe("a search that takes for a proof what is none", () => {
  const impossible = loadStated({ path: { path: "/repo/**" } });
  if (impossible?.kind !== "atom") throw new Error("no atom");
  const leaf = (reason: Extract<Proof, { kind: "leaf" }>["reason"], by: Proof["by"] = []): Proof => ({ kind: "leaf", by, reason });
  const proofs: { readonly [name: string]: Proof } = {
    "that the lower policy denies everything": leaf("lower_denies"),
    "that the lower policy only asks": leaf("lower_asks"),
    "that the upper policy permits everything": leaf("upper_permits"),
    "that nothing is possible": leaf("impossible"),
    "that no path is what some are": leaf("impossible", [[{ atom: impossible, truths: 1 }]]),
    "with a split that leaves all out": { kind: "split", by: [], pivot: { condition: impossible }, into: [] },
    "with no cases": { kind: "cases", by: [], pivot: { condition: impossible }, parts: [] },
    "by a policy that has no rule": { kind: "permits", by: [], list: 0, parts: [] },
  };
  const contextOf = (proof: Proof): LinkContext => ({
    bounds: defaultBounds,
    engines: ["solver"],
    clock: () => 0,
    deadline: 1,
    aborted: () => false,
    solve: async () => ({ outcome: { kind: "proved", proof, nodes: 1, splits: 0 }, checks: 1 }),
  });
  it.each(Object.entries(proofs))("%s: the kernel refuses it, and the link is undecided", async (_, proof) => {
    for (const [, lower, upper] of pairs)
      expect(await checkLink(lower, upper, contextOf(proof))).toMatchObject({ kind: "undecided", reason: "certificate_refused" });
  });
});

describe("a cache that answers what was not asked", () => {
  const kept = async (prover: Prover) => {
    for (const [kind, lower, upper] of pairs) expect((await prover.checkContainment(lower, upper)).kind).toBe(kind);
  };
  const cached = (): Prover => {
    const prover = createProver({ solver: "none", cache: { entriesMax: 100, bytesMax: 1_000_000 } });
    provers.push(prover);
    return prover;
  };
  const certified = (results: readonly LinkResult[]) => results.find(({ kind }) => kind === "contained");

  it("a link is proved anew where the answer kept for it is another link's", async () => {
    const prover = cached();
    await kept(prover);
    cache.propose = certified;
    await kept(prover);
    expect((await prover.checkContainment(wide, narrow)).kind).toBe("exceeds");
    expect((await prover.spawnCheck(inputOf(rejectBody()))).verdict).toBe("reject");
  });

  it("so too where the certificate says that it was made for the link", async () => {
    const prover = cached();
    await kept(prover);
    const { lower, upper } = { lower: { sha256: wide.sha256, view: false }, upper: { sha256: narrow.sha256, view: false } };
    cache.propose = (results) => {
      const result = certified(results);
      return result?.kind === "contained" ? { ...result, certificate: { ...result.certificate, lower, upper } } : undefined;
    };
    expect((await prover.checkContainment(wide, narrow)).kind).toBe("exceeds");
  });

  it("so too where a review was kept, and is told as contained", async () => {
    const prover = cached();
    await kept(prover);
    cache.propose = (results) => {
      const result = results.find(({ kind }) => kind === "review");
      return result?.kind === "review" ? { kind: "contained", certificate: result.certificate, effort: result.effort } : undefined;
    };
    expect((await prover.checkContainment(narrow, asked)).kind).toBe("review");
  });

  it("what was kept for the link is given again", async () => {
    const prover = cached();
    await kept(prover);
    const result = await prover.checkContainment(narrow, wide);
    expect(result.effort.cached).toBe(true);
    expect(result.kind).toBe("contained");
  });
});
