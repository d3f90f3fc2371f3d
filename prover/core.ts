// The prover without its schemas and without the parsers that return at once: all of the library's face that needs no package. The command
// line imports this, so that none of its commands waits for zod and yaml where no document needs them. `index.ts` is the whole face.

import { type Bounds, defaultBounds } from "./bounds.js";
import { createLinkCache, type LinkCacheOptions, type StoreStats } from "./cache.js";
import { checkChain, delegableView, type SpawnInput } from "./chain.js";
import { checkLink, type Engine, isBacked, type LinkContext } from "./contain.js";
import { type Decision, decide as decideLoaded } from "./evaluate/decide.js";
import { type Checked, checkCertificate } from "./kernel/index.js";
import type { LinkResult, ParsedPolicy, PolicyView, SpawnResult, Stage, Subject } from "./results.js";
import type { SolverPool, SolverPoolStats } from "./solver/contract.js";

export { type Bounds, defaultBounds } from "./bounds.js";
export { createLruMap, type LinkCacheOptions, type LruMap, type StoreStats } from "./cache.js";
export { fieldText } from "./certify/state.js";
export { delegableView, type SpawnInput, verdictOf } from "./chain.js";
export type { Engine } from "./contain.js";
export { coversRequest, type DiffOptions, diff, diffMax } from "./diff/diff.js";
export { encodeDiff } from "./diff/encode.js";
export type { AskOptions, LinkProver } from "./diff/question.js";
export type * from "./diff/types.js";
export { encodeCounterexample, encodeEvaluation, encodeLink, encodeSpawnResult } from "./encode.js";
export type { Decision } from "./evaluate/decide.js";
export { evaluate, explainMax, quote } from "./explain.js";
export {
  type Checked,
  canonicalJson,
  certificateMax,
  type Effect,
  isObject,
  type Json,
  limitEscapes,
  parseBlock,
  parseField,
  parseIp,
  parseTime,
  type Relation,
} from "./kernel/index.js";
export { documentBytesMax, nestingMax, requestBytesMax } from "./language/bounds.js";
export { canonicalHost, canonicalPath, canonicalRoute, canonicalUrl } from "./language/canonicalise.js";
export type { PolicyDocument } from "./language/document.js";
export { readJsonText } from "./language/json.js";
export { parsePolicyAsync, parseRequestAsync } from "./language/parse-async.js";
export type { Problem } from "./language/problem.js";
export { isJsonText, type ParseOptions, type PolicyResult, policyReading, type RequestResult } from "./language/steps.js";
export * from "./lint/index.js";
export { encodeNarrow } from "./narrow/encode.js";
export { leavesNoGeneration } from "./narrow/limits.js";
export { type NarrowResult, narrow, narrowMax } from "./narrow/narrow.js";
export type * from "./results.js";
export { sha256Hex } from "./sha256.js";
export type { SolverPool, SolverPoolOptions, SolverPoolStats } from "./solver/contract.js";

/** Returns what `subject` decides of any value, as `evaluate` does, but without the reasons: for whoever must decide before every action. */
export const decide = (subject: Subject, request: unknown): Decision => decideLoaded(subject.loaded, request);

/** The settings of a prover. */
export type ProverOptions = {
  readonly engines?: readonly Engine[];
  readonly bounds?: Partial<Bounds>;
  /** Milliseconds of any steady clock, such as `performance.now`. Without one no deadline is kept: only the bounds on work are. */
  readonly clock?: () => number;
  /** The solver's workers. Without one given, a pool is made when the solver is first needed; with "none", that stage is left out. */
  readonly solver?: SolverPool | "none";
  /** Awaited before each link. A search holds the thread until its end or its deadline: a service hears what waits outside here. */
  readonly pause?: () => Promise<void>;
  /** Keeps decided answers, so that the same question is not proved twice. Without it, or with 0 entries, every question is proved anew. */
  readonly cache?: LinkCacheOptions;
};

/** The settings of one check. */
export type CheckOptions = {
  /** 1..600000 ms for each link. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
};

/** What a prover has done, for metrics. */
export type ProverStats = {
  readonly links: { readonly [kind in LinkResult["kind"]]: number };
  readonly stages: { readonly [stage in Stage]: number };
  readonly undecided: Readonly<Record<string, number>>;
  readonly findMs: number;
  readonly checkMs: number;
  readonly solverChecks: number;
  /** Figures of the answers that are kept; absent without a cache. */
  readonly cache?: StoreStats;
  /** Figures of the solver's workers; absent while no solver was needed. */
  readonly solver?: SolverPoolStats;
};

/** Proves containment. */
export type Prover = {
  /** Returns the answer for `lower ≤ upper`. Never rejects for a policy's sake: what is not decided is `undecided`. */
  checkContainment(lower: Subject, upper: Subject, options?: CheckOptions): Promise<LinkResult>;
  /** Returns the verdict on a spawn. */
  spawnCheck(input: SpawnInput, options?: CheckOptions): Promise<SpawnResult>;
  stats(): ProverStats;
  close(): Promise<void>;
};

/** Returns a prover. */
export function createProver(options: ProverOptions = {}): Prover {
  let pool = options.solver === "none" ? undefined : options.solver;
  let closed = false;
  // Most links are decided before the solver is asked, so that its code is loaded only then.
  const solve: NonNullable<LinkContext["solve"]> = async (...question) => {
    const [{ createSolve }, { createSolverPool }] = await Promise.all([import("./smt/loop.js"), import("./solver/pool.js")]);
    return createSolve((problem, limits) => {
      if (pool === undefined) {
        pool = createSolverPool();
        // INVARIANT: a prover that was closed while the code was loaded starts no worker: every session of a closed pool ends as `shutdown`.
        if (closed) void pool.close();
      }
      return pool.open(problem, limits);
    })(...question);
  };
  const bounds = { ...defaultBounds, ...options.bounds };
  const clock = options.clock ?? (() => 0);
  const links = { contained: 0, review: 0, exceeds: 0, undecided: 0 };
  const stages = { hash: 0, limits: 0, cover: 0, search: 0, solver: 0 };
  const undecided: Record<string, number> = {};
  const spent = { findMs: 0, checkMs: 0, solverChecks: 0 };
  const cache = options.cache === undefined ? undefined : createLinkCache(options.cache);
  const views = new WeakMap<ParsedPolicy, PolicyView>();
  const viewOf = (policy: ParsedPolicy): PolicyView => {
    const view = views.get(policy) ?? delegableView(policy);
    views.set(policy, view);
    return view;
  };
  const prove = async (lower: Subject, upper: Subject, { deadlineMs, signal }: CheckOptions): Promise<LinkResult> => {
    await options.pause?.();
    const context: LinkContext = {
      bounds,
      engines: options.engines ?? ["cover", "search", "solver"],
      clock,
      deadline: clock() + (deadlineMs ?? bounds.deadlineMs),
      aborted: () => signal?.aborted ?? false,
      ...(options.solver === "none" ? {} : { solve }),
    };
    const result = await checkLink(lower, upper, context).catch((problem: unknown): LinkResult => {
      // A stack that is too deep is a bound like the others; anything else is a bug of ours and must be seen.
      if (!(problem instanceof RangeError)) throw problem;
      return { kind: "undecided", reason: "search_bound", effort: { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } };
    });
    // What was found in time, no deadline has cut short: asking again would find the same.
    if (!context.aborted() && clock() <= context.deadline) cache?.keep(lower, upper, result);
    return result;
  };
  const check = async (lower: Subject, upper: Subject, checkOptions: CheckOptions = {}): Promise<LinkResult> => {
    const kept = cache?.find(lower, upper);
    // INVARIANT: the cache proposes, too. What the kernel did not accept for exactly this question is proved anew.
    const result = kept !== undefined && isBacked(kept, lower, upper) ? kept : await prove(lower, upper, checkOptions);
    links[result.kind]++;
    stages[result.effort.stage]++;
    if (result.kind === "undecided") undecided[result.reason] = (undecided[result.reason] ?? 0) + 1;
    spent.findMs += result.effort.findMs;
    spent.checkMs += result.effort.checkMs;
    spent.solverChecks += result.effort.solverChecks;
    return result;
  };
  return {
    checkContainment: check,
    spawnCheck: (input, checkOptions) => checkChain(input, (lower, upper) => check(lower, upper, checkOptions), viewOf),
    stats: () => ({
      links: { ...links },
      stages: { ...stages },
      undecided: { ...undecided },
      ...spent,
      ...(cache === undefined ? {} : { cache: cache.stats() }),
      ...(pool === undefined ? {} : { solver: pool.stats() }),
    }),
    close: async () => {
      closed = true;
      await pool?.close();
    },
  };
}

/** Returns `accepted` only if the kernel finds that `certificate` proves its relation of exactly these two policies. Never throws. */
export const verifyCertificate = (certificate: unknown, lower: Subject, upper: Subject): Checked =>
  checkCertificate(certificate, lower.loaded, upper.loaded);
