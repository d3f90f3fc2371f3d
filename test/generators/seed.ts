// Where the property tests take their seed and their number of runs from, so that every failure can be run again.
// Test code, not trusted.
import type { Random } from "./mutate.js";

/** What fast-check's `assert` takes from here; `verbose` 1 prints every shrunk failure. */
export type PropertyParameters = { readonly seed: number; readonly numRuns: number; readonly verbose: 0 | 1 | 2; readonly path?: string };

const SEED_MAX = 0x7fffffff;

function wholeNumber(text: string | undefined, name: string, max: number): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || Math.abs(value) > max) throw new Error(`\`${name}\`: expected a whole number, got \`${text}\``);
  return value;
}

/**
 * Returns fast-check's parameters: the seed of `ATMOST_SEED` or a new one, the runs of `ATMOST_RUNS` or the caller's. Prints the seed.
 * @param title what the line on the console is called
 * @param runsDefault runs when `ATMOST_RUNS` is not set
 * @throws Error when one of the two is no whole number
 */
export function propertyParameters(title: string, runsDefault: number): PropertyParameters {
  const seed = wholeNumber(process.env["ATMOST_SEED"], "ATMOST_SEED", 0xffffffff) ?? Math.floor(Math.random() * SEED_MAX);
  const numRuns = wholeNumber(process.env["ATMOST_RUNS"], "ATMOST_RUNS", 100_000_000) ?? runsDefault;
  console.log(`property: ${title} · ATMOST_SEED=${seed} ATMOST_RUNS=${numRuns}`);
  return { seed, numRuns, verbose: 1 };
}

/** Returns a source of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
