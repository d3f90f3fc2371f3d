// Where the time goes in the three costliest cases: what `--profile` prints instead of the table. Benchmark code, not trusted.

import { Session } from "node:inspector/promises";
import { compactChildren, compactPolicy } from "./compact.js";
import { hardCases } from "./hard-cases.js";
import { generatePairs, sizes } from "./pairs.js";
import { createProver, policyOf } from "./product.js";
import type { Settings } from "./report.js";
import { routeCases } from "./routes.js";
import { time } from "./statistics.js";

const CASES = 3;
const LINES = 12;
const PROFILE_MS = 1_500;
const SAMPLE_US = 200;

type Case = { readonly name: string; readonly run: (n: number) => Promise<void> };

function casesOf(seed: number): readonly Case[] {
  const prover = createProver({ clock: () => performance.now() });
  const check = async (lower: string, upper: string) => {
    await prover.checkContainment(policyOf(lower), policyOf(upper));
  };
  const large = generatePairs(sizes[4], 40, seed + 21);
  const above = policyOf(compactPolicy(10_000));
  const children = compactChildren(10_000, 400, seed + 22);
  return [
    {
      name: "a generated pair of 100/200 rules",
      run: async (n) => {
        const pair = large[n % large.length];
        if (pair !== undefined) await check(pair.lower, pair.upper);
      },
    },
    ...[0, 1].map((i) => ({
      name: `row ${15 + i}, 300 routes`,
      run: async (n: number) => {
        const one = routeCases(n + 1_000)[i];
        if (one !== undefined) await check(one.lower, one.upper);
      },
    })),
    ...hardCases(seed).map(({ family, name, lower, upper }) => ({ name: `${family}: ${name}`, run: () => check(lower, upper) })),
    {
      name: "a 10-rule child against 10,000 rules",
      run: async (n) => {
        const child = children[n % children.length];
        if (child !== undefined) await prover.checkContainment(policyOf(child), above);
      },
    },
  ];
}

async function timed(one: Case, n: number): Promise<number> {
  const begun = performance.now();
  await one.run(n);
  return performance.now() - begun;
}

// The functions that take most of the time themselves, with their share of the samples that were not idle.
async function topOf(one: Case): Promise<readonly string[]> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
  await session.post("Profiler.start");
  const begun = performance.now();
  for (let n = 0; performance.now() - begun < PROFILE_MS; n++) await one.run(n + 1);
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const spent = new Map<string, number>();
  let all = 0;
  for (const [i, id] of (profile.samples ?? []).entries()) {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === "(idle)") continue;
    const place = frame.url.replace(/^.*\/(?=(?:prover|src)\/)/, "").replace(/^.*\//, (path) => (/^(prover|src)\//.test(path) ? path : ""));
    const name = `${frame.functionName || "(anonymous)"}${place === "" ? "" : ` · ${place}:${frame.lineNumber + 1}`}`;
    const us = profile.timeDeltas?.[i] ?? 0;
    spent.set(name, (spent.get(name) ?? 0) + us);
    all += us;
  }
  return [...spent]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LINES)
    .map(([name, us]) => `${((us / all) * 100).toFixed(1).padStart(6)} %  ${name}`);
}

/** Returns the top list of each of the three costliest cases, as text. */
export async function profileCostliest(settings: Settings): Promise<string> {
  const measured: { readonly one: Case; readonly ms: number }[] = [];
  for (const one of casesOf(settings.seed)) {
    await timed(one, 0);
    const ms = await timed(one, 1);
    settings.say(`${time(ms)}: ${one.name}`);
    measured.push({ one, ms });
  }
  const parts: string[] = [];
  for (const { one, ms } of measured.sort((a, b) => b.ms - a.ms).slice(0, CASES))
    parts.push(`${one.name}: ${time(ms)}\n${(await topOf(one)).join("\n")}`);
  return parts.join("\n\n");
}
