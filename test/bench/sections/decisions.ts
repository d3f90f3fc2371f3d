// Target 7: single decisions, beside three engines that only decide.

import { compactPolicy, compactRequests } from "../compact.js";
import { createCasbin, createCasl, createCedar, type Engine } from "../opponents/decisions.js";
import { generateContained } from "../pairs.js";
import { decide, evaluate, policyOf } from "../product.js";
import type { Row, Section, SectionResult, Settings } from "../report.js";
import { requestsFor } from "../requests.js";
import { median, p99, percent, time, times } from "../statistics.js";

const RULES = 100;
const REQUESTS = 512;
const GOAL_MS = 0.002;
const CEDAR_GOAL = 10;
const GROWTH_GOAL = 3;
/** A batch is so long that the clock's grain does not matter. */
const BATCH_MS = 1;

type Request = { readonly [key: string]: unknown };

let sink = 0;

// Times of one call, each from a batch of calls over mixed requests, in milliseconds.
function timeCalls(requests: readonly Request[], call: (request: Request) => unknown, totalMs: number): readonly number[] {
  let at = 0;
  const batch = (calls: number): number => {
    const begun = performance.now();
    for (let i = 0; i < calls; i++) {
      const request = requests[at++ % requests.length];
      if (request !== undefined && call(request) === "allow") sink++;
    }
    return (performance.now() - begun) / calls;
  };
  const warmUntil = performance.now() + totalMs / 3;
  let once = batch(8);
  while (performance.now() < warmUntil) once = batch(Math.max(1, Math.ceil(BATCH_MS / once)));
  const calls = Math.max(1, Math.ceil(BATCH_MS / once));
  const spent: number[] = [];
  const until = performance.now() + totalMs;
  while (performance.now() < until || spent.length < 20) spent.push(batch(calls));
  return spent;
}

const rowOf = (what: string, spent: readonly number[], ours: number, note: string): Row => ({
  target: 7,
  what,
  median: time(median(spent)),
  p99: time(p99(spent)),
  against: times(median(spent) / ours),
  note,
  figures: { what, median_us: median(spent) * 1_000, p99_us: p99(spent) * 1_000, ratio: median(spent) / ours },
});

async function run(settings: Settings): Promise<SectionResult> {
  const totalMs = settings.quick ? 300 : 1_500;
  const text = generateContained(RULES, RULES / 2, settings.seed).upper;
  const policy = policyOf(text);
  const requests = requestsFor(text, REQUESTS, settings.seed);
  const decided = requests.map((request) => decide(policy.loaded, request));
  const shares = `${REQUESTS} requests: ${["allow", "ask", "deny"].map((word) => `${word} ${decided.filter((one) => one === word).length}`).join(", ")}`;
  const fast = timeCalls(requests, (request) => decide(policy.loaded, request), totalMs);
  const ours = median(fast);
  const rows: Row[] = [
    { ...rowOf(`decision, ${RULES} rules`, fast, ours, shares), against: "" },
    rowOf(
      `the same with rules and reasons`,
      timeCalls(requests, (request) => evaluate(policy, request), totalMs),
      ours,
      "what `atmost eval` prints",
    ),
  ];
  let cedarRatio = Number.NaN;
  for (const create of [createCedar, createCasbin, createCasl]) {
    const engine: Engine = await create(text);
    const agreed = requests.filter((request, i) => engine.permits(request) === (decided[i] !== "deny")).length;
    const spent = timeCalls(requests, engine.permits, totalMs);
    rows.push(rowOf(engine.name, spent, ours, `${percent(agreed / REQUESTS)} decided alike (predicates it lacks are approximated)`));
    if (create === createCedar) cedarRatio = median(spent) / ours;
  }
  const grown = [100, 1_000, 10_000].map((count) => {
    const large = policyOf(compactPolicy(count));
    const spent = timeCalls(compactRequests(count, REQUESTS, settings.seed), (request) => decide(large.loaded, request), totalMs);
    return { count, spent };
  });
  const smallest = median(grown[0]?.spent ?? []);
  for (const { count, spent } of grown) rows.push(rowOf(`decision, ${count} compact rules`, spent, smallest, "growth from 100 rules"));
  const growth = median(grown.at(-1)?.spent ?? []) / smallest;
  settings.say(`${sink} allowed`);
  return {
    rows,
    judgements: [
      {
        target: 7,
        goal: "≤ 2 µs median; ≥ 10× faster than cedar-wasm pre-parsed; growth 100 → 10,000 rules below 3×",
        met: ours <= GOAL_MS && cedarRatio >= CEDAR_GOAL && growth < GROWTH_GOAL ? "met" : "not met",
        figure: `${time(ours)}; cedar ${times(cedarRatio)}; growth ${times(growth)}`,
      },
    ],
  };
}

/** Target 7. */
export const decisionsSection: Section = { targets: [7], title: "single decisions", run };
