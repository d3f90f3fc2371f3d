// Target 3: rows 15 and 16 of the table of cases that others get wrong, with 300 routes.

import { createProver, type LinkResult, policyOf } from "../product.js";
import type { Section, SectionResult, Settings } from "../report.js";
import { routeCases, routesCount } from "../routes.js";
import { median, p99, time } from "../statistics.js";

const GOAL_MS = 5;

type Measured = {
  readonly row: number;
  readonly totalMs: number;
  readonly checkMs: number;
  readonly result: LinkResult;
  readonly expected: string;
};

async function run(settings: Settings): Promise<SectionResult> {
  const prover = createProver({ clock: () => performance.now() });
  const all: Measured[] = [];
  const runs = settings.quick ? 10 : 40;
  for (let i = 0; i < runs; i++)
    for (const { row, lower, upper, expected } of routeCases(i)) {
      const begun = performance.now();
      const [lowerPolicy, upperPolicy] = [policyOf(lower), policyOf(upper)];
      const parsed = performance.now();
      const result = await prover.checkContainment(lowerPolicy, upperPolicy);
      const end = performance.now();
      all.push({ row, totalMs: end - begun, checkMs: end - parsed, result, expected });
    }
  await prover.close();
  const rows = [15, 16].map((row) => {
    // The first fifth warms up.
    const measured = all.filter((one) => one.row === row).slice(Math.ceil(runs / 5));
    const totals = measured.map(({ totalMs }) => totalMs);
    const checks = measured.map(({ checkMs }) => checkMs);
    const wrong = measured.filter(({ result, expected }) => result.kind !== expected).length;
    const first = all.find((one) => one.row === row)?.totalMs ?? Number.NaN;
    return {
      target: 3,
      what: `row ${row}, ${routesCount} routes never seen, text to verdict`,
      median: time(median(totals)),
      p99: time(p99(totals)),
      against: `proof alone ${time(median(checks))}`,
      note: `${measured[0]?.result.kind ?? ""}${wrong > 0 ? `; ${wrong} WRONG` : ""}; first in the process ${time(first)}`,
      figures: { row, median_ms: median(totals), p99_ms: p99(totals), proof_median_ms: median(checks), first_ms: first, wrong },
    };
  });
  const met = rows.every(({ figures }) => figures.median_ms <= GOAL_MS && figures.wrong === 0);
  return {
    rows,
    judgements: [
      {
        target: 3,
        goal: "rows 15 and 16 with 300 routes, ≤ 5 ms each",
        met: met ? "met" : "not met",
        figure: rows.map(({ figures }) => `row ${figures.row} ${time(figures.median_ms)}`).join(", "),
      },
    ],
  };
}

/** Target 3. */
export const peersSection: Section = { targets: [3], title: "300 routes", run };
