// Target 8: a child of ten rules, never seen, against ever more rules above, which were read once.

import { compactChildren, compactPolicy } from "../compact.js";
import { createProver, policyOf } from "../product.js";
import type { Section, SectionResult, Settings } from "../report.js";
import { median, p99, tally, time } from "../statistics.js";

const COUNTS = [10, 100, 1_000, 10_000] as const;
const GOAL_MS = 10;
/** Where one proof takes long, fewer are enough. */
const COUNT_MS = 15_000;

async function measureCount(count: number, children: number, seed: number) {
  const text = compactPolicy(count);
  const before = performance.now();
  const upper = policyOf(text);
  const parseMs = performance.now() - before;
  const prover = createProver({ clock: () => performance.now() });
  const totals: number[] = [];
  const proofs: number[] = [];
  const kinds: string[] = [];
  for (const child of compactChildren(count, children, seed)) {
    const begun = performance.now();
    if (begun - before > COUNT_MS && totals.length > 3) break;
    const lower = policyOf(child);
    const parsed = performance.now();
    const result = await prover.checkContainment(lower, upper);
    const end = performance.now();
    totals.push(end - begun);
    proofs.push(end - parsed);
    kinds.push(result.kind);
  }
  await prover.close();
  const wrong = kinds.filter((kind) => kind !== "contained").length;
  return { count, parseMs, first: totals[0] ?? Number.NaN, totals: totals.slice(1), proofs: proofs.slice(1), kinds, wrong };
}

async function run(settings: Settings): Promise<SectionResult> {
  const children = settings.quick ? 15 : 60;
  await measureCount(100, 30, settings.seed + 1);
  const all: Awaited<ReturnType<typeof measureCount>>[] = [];
  for (const count of COUNTS) all.push(await measureCount(count, children, settings.seed));
  const rows = all.map(({ count, parseMs, first, totals, proofs, kinds, wrong }) => ({
    target: 8,
    what: `10-rule child never seen against ${count} rules`,
    median: time(median(totals)),
    p99: time(p99(totals)),
    against: `proof alone ${time(median(proofs))}`,
    note: `${tally(kinds)}${wrong > 0 ? ", WRONG" : ""}; first child ${time(first)}; reading the policy above once ${time(parseMs)}`,
    figures: {
      rules: count,
      median_ms: median(totals),
      p99_ms: p99(totals),
      proof_median_ms: median(proofs),
      first_ms: first,
      read_ms: parseMs,
      wrong,
    },
  }));
  const largest = rows.at(-1)?.figures.median_ms ?? Number.NaN;
  return {
    rows,
    judgements: [
      {
        target: 8,
        goal: "a fresh proof of a 10-rule child ≤ 10 ms against 10,000 rules",
        met: largest <= GOAL_MS && all.every(({ wrong }) => wrong === 0) ? "met" : "not met",
        figure: rows.map(({ figures }) => `${figures.rules}: ${time(figures.median_ms)}`).join(", "),
      },
    ],
  };
}

/** Target 8. */
export const growthSection: Section = { targets: [8], title: "growth of a fresh proof", run };
