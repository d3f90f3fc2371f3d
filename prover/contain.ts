// One link: is `lower` contained in `upper`? Of what is here, the gate alone is to be trusted (`certify`, `isBacked`): a yes goes through the
// kernel. A no is replayed by the evaluator.

import type { Bounds } from "./bounds.js";
import { encodeCertificate } from "./certify/encode.js";
import { type SearchOutcome, search } from "./certify/search.js";
import type { StopReason } from "./certify/stopped.js";
import { decidePlainly, decisions } from "./evaluate/decide.js";
import { explainLimit, explainRequest, kindOf } from "./explain.js";
import { checkCertificate, type Json, limitEscapes, type Policy, type Relation } from "./kernel/index.js";
import { minimiseRequest } from "./minimise.js";
import type { Certificate, Counterexample, Effort, LinkResult, Stage, Subject, UndecidedReason } from "./results.js";

/** The ways in which an answer may be looked for, cheapest first. */
export type Engine = "cover" | "search" | "solver";

/** What a link check is given besides the policies. */
export type LinkContext = {
  readonly bounds: Bounds;
  readonly engines: readonly Engine[];
  /** Milliseconds of any steady clock; deadlines are measured with it. */
  readonly clock: () => number;
  /** When to stop, in milliseconds of `clock`. */
  readonly deadline: number;
  readonly aborted: () => boolean;
  /** The search by the solver, where there is one. */
  readonly solve?: (lower: Subject, upper: Subject, relation: Relation, context: LinkContext) => Promise<Solved>;
};

/** How a search ended, with the number of the solver's checks. */
export type Solved = {
  readonly outcome: SearchOutcome | { readonly kind: "stopped"; readonly reason: UndecidedReason; readonly nodes: number };
  readonly checks: number;
};

type Outcome = { readonly stage: Stage; readonly checks: number; readonly outcome: Solved["outcome"] };
type Request = { readonly [key: string]: Json };

async function find(lower: Subject, upper: Subject, relation: Relation, context: LinkContext): Promise<Outcome> {
  const { bounds, engines } = context;
  const options = {
    nodesMax: bounds.searchNodesMax,
    nodesAfterMax: bounds.searchNodesAfterMax,
    escapesMax: bounds.escapesMax,
    expired: () => context.clock() > context.deadline || context.aborted(),
  };
  let last: Outcome = { stage: "cover", checks: 0, outcome: { kind: "stopped", reason: "search_bound", nodes: 0 } };
  // A search that needs no split is a cover: both are one run, and one of them alone is for tests.
  if (engines.includes("cover") || engines.includes("search")) {
    const outcome = search(lower.loaded, upper.loaded, relation, { ...options, splits: engines.includes("search") });
    last = { stage: outcome.splits === 0 ? "cover" : "search", checks: 0, outcome };
  }
  const decided = last.outcome.kind !== "stopped" || last.outcome.reason === "deadline";
  if (decided || !engines.includes("solver") || context.solve === undefined) return last;
  const { outcome, checks } = await context.solve(lower, upper, relation, context);
  return { stage: "solver", checks, outcome };
}

const rank = (subject: Subject, request: unknown): number => decisions.indexOf(decidePlainly(subject.loaded, request));

// The escapes that are worth showing: minimal, none twice of one kind, denied above before asked above.
function counterexamplesOf(lower: Subject, upper: Subject, requests: readonly Request[], most: number): readonly Counterexample[] {
  const examples = new Map<string, Counterexample>();
  for (const found of requests) {
    const request = minimiseRequest(lower.loaded, upper.loaded, found);
    // INVARIANT: what is shown has been replayed by the evaluator on both policies, as it is shown.
    if (rank(lower, request) <= rank(upper, request)) continue;
    const example = explainRequest(lower, upper, request);
    const kind = kindOf(example);
    const known = examples.get(kind);
    if (known === undefined || JSON.stringify(known).length > JSON.stringify(example).length) examples.set(kind, example);
  }
  return [...examples.values()].slice(0, most);
}

type Checked = { readonly certificate: Certificate } | { readonly reason: UndecidedReason };

// A policy or its view, by name: whoever remembers it holds no policy in memory.
type Side = Pick<Policy, "sha256" | "view">;
const sideOf = ({ loaded: { sha256, view } }: Subject): Side => ({ sha256, view });
const isSide = (side: Side, { loaded: { sha256, view } }: Subject): boolean => side.sha256 === sha256 && side.view === view;

// The certificates that the kernel has accepted in this process, each with what it was accepted to prove.
const accepted = new WeakMap<Certificate, { readonly relation: Relation; readonly lower: Side; readonly upper: Side }>();

/**
 * Returns true iff `result` claims nothing, or exactly what the kernel has accepted its certificate to prove: this relation of these two
 * policies. Whether it does is a function of the certificate and the policies alone, so a result that is kept, and frozen, stays backed.
 */
export function isBacked(result: LinkResult, lower: Subject, upper: Subject): boolean {
  if (result.kind === "exceeds" || result.kind === "undecided") return true;
  const claim = accepted.get(result.certificate);
  return claim?.relation === result.kind && isSide(claim.lower, lower) && isSide(claim.upper, upper);
}

function certify(lower: Subject, upper: Subject, relation: Relation, outcome: SearchOutcome, context: LinkContext): Checked {
  if (outcome.kind !== "proved") return { reason: "certificate_refused" };
  const certificate = encodeCertificate(outcome.proof, relation, lower.loaded, upper.loaded);
  const text = JSON.stringify(certificate);
  if (text.length > context.bounds.certificateCharactersMax) return { reason: "certificate_too_large" };
  // INVARIANT: nothing is called contained (or review) whose certificate the kernel has not accepted just now.
  const checked = checkCertificate(text, lower.loaded, upper.loaded);
  if (checked.kind !== "accepted" || checked.relation !== relation) return { reason: "certificate_refused" };
  accepted.set(certificate, { relation, lower: sideOf(lower), upper: sideOf(upper) });
  return { certificate };
}

const reasonOf = (reason: StopReason | UndecidedReason): UndecidedReason => (reason === "needs_split" ? "search_bound" : reason);

/** Returns the answer for the link `lower ≤ upper`: section 7 of the language. */
export async function checkLink(lower: Subject, upper: Subject, context: LinkContext): Promise<LinkResult> {
  const started = context.clock();
  let checkMs = 0;
  let nodes = 0;
  let solverChecks = 0;
  const effort = (stage: Stage): Effort => ({ stage, findMs: context.clock() - started - checkMs, checkMs, nodes, solverChecks });
  const look = async (relation: Relation) => {
    const found = await find(lower, upper, relation, context);
    nodes += found.outcome.nodes;
    solverChecks += found.checks;
    return found;
  };
  const proved = (relation: Relation, outcome: SearchOutcome): Checked => {
    const before = context.clock();
    const checked = certify(lower, upper, relation, outcome, context);
    checkMs += context.clock() - before;
    return checked;
  };
  const most = context.bounds.counterexamplesMax;
  const limits = limitEscapes(lower.loaded, upper.loaded).map((found) => explainLimit(lower, upper, found));
  const exceeds = (stage: Stage, requests: readonly Request[]): LinkResult => {
    const denied = requests.filter((request) => rank(upper, request) === 0);
    const counterexamples = [...limits, ...counterexamplesOf(lower, upper, denied, most)].slice(0, most);
    return { kind: "exceeds", counterexamples, effort: effort(stage) };
  };

  const { stage, outcome } = await look("contained");
  if (outcome.kind === "stopped") {
    if (limits.length > 0) return exceeds("limits", []);
    return { kind: "undecided", reason: reasonOf(outcome.reason), effort: effort(stage) };
  }
  if (outcome.kind === "proved") {
    if (limits.length > 0) return exceeds("limits", []);
    const checked = proved("contained", outcome);
    if ("reason" in checked) return { kind: "undecided", reason: checked.reason, effort: effort(stage) };
    return { kind: "contained", certificate: checked.certificate, effort: effort(stage) };
  }
  if (outcome.requests.some((request) => rank(upper, request) === 0)) return exceeds(stage, outcome.requests);
  // Every escape found is allowed below and asked above: is that the worst there is?
  const review = await look("review");
  if (review.outcome.kind === "escapes") return exceeds(review.stage, review.outcome.requests);
  if (limits.length > 0) return exceeds("limits", []);
  if (review.outcome.kind === "stopped")
    return { kind: "undecided", reason: reasonOf(review.outcome.reason), effort: effort(review.stage) };
  const checked = proved("review", review.outcome);
  if ("reason" in checked) return { kind: "undecided", reason: checked.reason, effort: effort(review.stage) };
  const counterexamples = counterexamplesOf(lower, upper, outcome.requests, most);
  return { kind: "review", certificate: checked.certificate, counterexamples, effort: effort(review.stage) };
}
