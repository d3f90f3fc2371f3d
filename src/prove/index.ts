// Proves claims: reads them, plans each, and decides them, several at a time. Not trusted.
//
// Several at a time means on one thread: the search of one claim holds it, and the solver's workers, where a claim needs them, run beside it.

import { createProver, type Prover } from "../../prover/core.js";
import { jobsMax } from "../cli/limits.js";
import { findPlaces } from "../cli/source-places.js";
import { type Judge, judgeClaim, type Planned } from "./judge.js";
import { Planner } from "./plan.js";
import { Policies } from "./policies.js";
import { type ClaimsFile, parseClaims } from "./read.js";
import type { ClaimResult } from "./results.js";
import { invalid, type ProveProblem, type ProveWorld, problem, type Reading } from "./world.js";

export { savedFileOf } from "./saved.js";

/** Returns the claims of `file` with what must be proved for each; or every problem with them and with the policies that they name. */
export async function planClaims(file: ClaimsFile, world: ProveWorld): Promise<Reading<readonly Planned[]>> {
  const planner = new Planner(new Policies(world, file.file, file.document), file.file);
  const places = await findPlaces(file.text);
  const planned: Planned[] = [];
  const problems: ProveProblem[] = [];
  for (const [index, claim] of file.document.claims.entries()) {
    const pointer = `/claims/${index}`;
    const line = places.exact(pointer)?.line;
    const plan = await planner.plan(claim, pointer);
    if (plan.kind === "invalid") problems.push(...plan.problems);
    else planned.push({ file, claim, plan: plan.value, ...(line === undefined ? {} : { line }) });
  }
  // Several claims name one policy: what is wrong with it is told once.
  const told = new Map(problems.map((found) => [JSON.stringify([found.file, found.pointer, found.code]), found]));
  return told.size > 0 ? invalid(...told.values()) : { kind: "ok", value: planned };
}

/**
 * Returns the answers for `planned`, in their order.
 * @param jobs 1..64: how many claims are under way at one time
 * @param done is told each answer when it is there
 */
export async function judgeClaims(
  planned: readonly Planned[],
  judge: Judge,
  { jobs, clock, done }: { readonly jobs: number; readonly clock: () => number; readonly done?: (result: ClaimResult) => void },
): Promise<readonly ClaimResult[]> {
  const results: ClaimResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < planned.length; at = next++) {
      const one = planned[at];
      if (one === undefined) return;
      const result = await judgeClaim(one, judge, clock);
      results[at] = result;
      done?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, jobs), jobsMax, planned.length) }, work));
  return results;
}

/** The settings of `prove`. */
export type ProveOptions = {
  /** Returns the text of a policy by its path; undefined where there is none. */
  readonly readFile: (path: string) => string | undefined | Promise<string | undefined>;
  /** The same of the old versions, for `no_new_access` without `old`. */
  readonly readBase?: (path: string) => string | undefined | Promise<string | undefined>;
  /** The claims file's path, from which those of the policies start. */
  readonly file?: string;
  /** 1..600000 ms for each link. */
  readonly deadlineMs?: number;
  /** 1..64; how many claims are under way at one time. */
  readonly jobs?: number;
  /** Whose answers are used; without one, a prover of its own is made and closed. */
  readonly prover?: Prover;
};

/** What `prove` answers: the results of the claims in their order, or what is wrong with the input. */
export type ProveResult =
  | { readonly kind: "proved"; readonly claims: readonly ClaimResult[] }
  | { readonly kind: "invalid"; readonly problems: readonly ProveProblem[] };

const readBy =
  (read: ProveOptions["readFile"]) =>
  async (path: string): Promise<Reading<string>> => {
    const text = await read(path);
    if (text !== undefined) return { kind: "ok", value: text };
    return invalid(problem("file_unreadable", path, "", "expected a file that can be read, got nothing"));
  };

/**
 * Returns the answer for each claim, by proof; a claim that could not be decided is `undecided`, and never as expected.
 * @param claims a claims file: JSON or YAML text, or a value
 */
export async function prove(claims: unknown, options: ProveOptions): Promise<ProveResult> {
  const text = typeof claims === "string" ? claims : JSON.stringify(claims, undefined, 1);
  const world: ProveWorld = {
    readFile: readBy(options.readFile),
    ...(options.readBase === undefined ? {} : { readBase: readBy(options.readBase) }),
  };
  const read = parseClaims(text ?? "", options.file ?? "claims");
  if (read.kind === "invalid") return read;
  const planned = await planClaims(read.value, world);
  if (planned.kind === "invalid") return planned;
  const clock = () => performance.now();
  const prover = options.prover ?? createProver({ clock });
  try {
    const judge: Judge = { kind: "prove", prover, ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }) };
    return { kind: "proved", claims: await judgeClaims(planned.value, judge, { jobs: options.jobs ?? 1, clock }) };
  } finally {
    if (options.prover === undefined) await prover.close();
  }
}
