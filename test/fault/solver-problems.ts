// Questions for the solver's tests: pigeonholes, which are easy to state and hard to refute, and small ones; and workers that misbehave.
import { join } from "node:path";
import { createProblemBuilder, type Problem } from "../../prover/smt/formula.js";

/** `holes + 1` pigeons in `holes` holes, no two in one: unsatisfiable, and about ten times the work for each hole more. */
export function pigeonhole(holes: number): Problem {
  const pigeons = Array.from({ length: holes + 1 }, (_, pigeon) => pigeon);
  const b = createProblemBuilder({ bools: holes * (holes + 1), nums: 0 });
  const sits = (pigeon: number, hole: number): number => b.bool(pigeon * holes + hole);
  const roots = pigeons.map((pigeon) => b.or(Array.from({ length: holes }, (_, hole) => sits(pigeon, hole))));
  for (let hole = 0; hole < holes; hole += 1)
    for (const one of pigeons)
      for (const other of pigeons.slice(0, one)) roots.push(b.or([b.not(sits(one, hole)), b.not(sits(other, hole))]));
  return b.build({ roots });
}

/** One Boolean that must be true; with `refuted`, false too. Tracked: the two claims. */
export function trivial(refuted: boolean): Problem {
  const b = createProblemBuilder({ bools: 2, nums: 0 });
  return b.build({ roots: [], tracked: refuted ? [b.bool(0), b.not(b.bool(0))] : [b.bool(0)] });
}

/** Plenty of both bounds for everything here that is meant to be answered. */
export const AMPLE = { rlimit: 4_000_000, deadlineMs: 60_000 } as const;

/** The URL of a worker that misbehaves; with `onceIn`, a folder, the first time only, and then it is the real one. */
export function fake(mode: string, onceIn?: string): URL {
  const url = new URL("./workers/fake.mjs", import.meta.url);
  url.searchParams.set("mode", mode);
  if (onceIn !== undefined) {
    url.searchParams.set("once", join(onceIn, mode));
    url.searchParams.set("real", new URL("../../dist/prover/solver/worker.js", import.meta.url).href);
  }
  // Node drops the query of a thread's own file, not that of a module which it imports.
  return new URL(`data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(url.href)};`)}`);
}
