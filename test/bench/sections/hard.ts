// Target 4: what is hard on purpose, and whether it is decided in time or given up in time.

import { type HardCase, hardCases } from "../hard-cases.js";
import { createProver, policyOf } from "../product.js";
import type { Section, SectionResult, Settings } from "../report.js";
import { digits, median, percentile, tally, time } from "../statistics.js";

const GOAL_MS = 250;
const DEADLINE_MS = 5_000;
/** How late past its deadline an answer may come and still count as given up in time. */
const GRACE_MS = 250;

async function measureCase({ lower, upper, expected, name }: HardCase, runs: number) {
  const prover = createProver({ clock: () => performance.now() });
  const totals: number[] = [];
  const kinds: string[] = [];
  let wrong = false;
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    const result = await prover.checkContainment(policyOf(lower), policyOf(upper), { deadlineMs: DEADLINE_MS });
    const ms = performance.now() - begun;
    totals.push(ms);
    kinds.push(result.kind === "undecided" ? `undecided:${result.reason}` : result.kind);
    wrong ||= result.kind !== "undecided" && result.kind !== expected;
    // What takes long is not run again and again.
    if (ms > 1_000) break;
  }
  await prover.close();
  return { name, totals, kind: tally(kinds).replace(/ \d+$/, ""), wrong, decided: kinds.every((kind) => kind === expected) };
}

async function run(settings: Settings): Promise<SectionResult> {
  const runs = settings.quick ? 2 : 7;
  const cases = hardCases(settings.seed);
  const rows: SectionResult["rows"][number][] = [];
  const slow: string[] = [];
  let undecided = 0;
  let wrong = 0;
  for (const one of cases) {
    settings.say(`hard: ${one.family}: ${one.name}`);
    const measured = await measureCase(one, runs);
    const ms = median(measured.totals);
    const inTime = measured.decided ? ms <= GOAL_MS : percentile(measured.totals, 1) <= DEADLINE_MS + GRACE_MS;
    if (!inTime) slow.push(`${one.name} ${time(ms)}`);
    if (!measured.decided) undecided++;
    if (measured.wrong) wrong++;
    rows.push({
      target: 4,
      what: `${one.family}: ${one.name}`,
      median: time(ms),
      p99: time(percentile(measured.totals, 1)),
      note: `${measured.kind}${measured.wrong ? ", WRONG" : ""}${inTime ? "" : ", late"}`,
      figures: {
        family: one.family,
        name: one.name,
        kind: measured.kind,
        median_ms: ms,
        first_ms: measured.totals[0] ?? null,
        wrong: measured.wrong,
      },
    });
  }
  return {
    rows,
    judgements: [
      {
        target: 4,
        goal: "hard on purpose: decided in ≤ 250 ms, or undecided within the deadline",
        met: slow.length === 0 && wrong === 0 ? "met" : "not met",
        figure: `${digits(cases.length - undecided)} of ${cases.length} decided, ${undecided} undecided${slow.length > 0 ? `; late: ${slow.join(", ")}` : ""}`,
      },
    ],
  };
}

/** Target 4. */
export const hardSection: Section = { targets: [4], title: "hard on purpose", run };
