// Targets 1, 2 and 12: generated pairs from text to verdict, the two solvers on the same questions, and what the kernel costs.

import { askCvc5, cvc5Version, measureStart, type SolverAnswer } from "../opponents/cvc5.js";
import { createRawZ3 } from "../opponents/z3-raw.js";
import { generatePairs, type Pair, sizes } from "../pairs.js";
import { createProver, exportSmt, type LinkResult, policyOf } from "../product.js";
import type { Judgement, Row, Section, SectionResult, Settings } from "../report.js";
import { digits, median, p99, percent, percentile, tally, time, times } from "../statistics.js";

const PAIRS = 200;
const CVC5_LIMIT_MS = 10_000;
const Z3_LIMIT_MS = 3_000;
/** How many pairs of each size the slow opponents get, and how long they may take for them together. */
const OPPONENT_PAIRS = [20, 16, 12, 10, 10] as const;
const Z3_TOTAL_MS = 28_000;
const CVC5_TOTAL_MS = 55_000;
/** By then the opponents are to be through, whatever came before; each gets a little of each size all the same. */
const OPPONENTS_END_MS = 720_000;
const LEAST_MS = 5_000;
const LOWEST_RATIO = 20;
const CERTIFICATE_BYTES_MAX = 64_000;

type Measured = {
  readonly pair: Pair;
  readonly result: LinkResult;
  readonly totalMs: number;
  readonly parseMs: number;
};

type Asked = { readonly ours: number; readonly answer: SolverAnswer; readonly kind: LinkResult["kind"] };

async function measure(pairs: readonly Pair[]): Promise<readonly Measured[]> {
  const prover = createProver({ clock: () => performance.now() });
  const all: Measured[] = [];
  for (const pair of pairs) {
    const begun = performance.now();
    const lower = policyOf(pair.lower);
    const upper = policyOf(pair.upper);
    const parsed = performance.now();
    const result = await prover.checkContainment(lower, upper);
    all.push({ pair, result, totalMs: performance.now() - begun, parseMs: parsed - begun });
  }
  await prover.close();
  return all;
}

// An opponent's word against ours, where both have one. `review` is `sat`: something is allowed below and asked above.
const disagrees = ({ answer, kind }: Asked): boolean =>
  kind !== "undecided" && (answer.kind === "sat" || answer.kind === "unsat") && (answer.kind === "unsat") !== (kind === "contained");

async function askAll(
  measured: readonly Measured[],
  count: number,
  totalMs: number,
  ask: (script: string) => Promise<SolverAnswer>,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const begun = performance.now();
  // Evenly over all pairs, so that each kind is among them; odd steps, because the kinds take turns.
  const step = Math.max(1, Math.floor(measured.length / count) | 1);
  for (let i = 0; asked.length < count && i < measured.length * step; i += step) {
    if (performance.now() - begun > totalMs) break;
    const one = measured[i % measured.length];
    if (one === undefined) break;
    const exported = exportSmt(policyOf(one.pair.lower), policyOf(one.pair.upper));
    if (exported.kind === "ok") asked.push({ ours: one.totalMs, answer: await ask(exported.text), kind: one.result.kind });
  }
  return asked;
}

const isDecided = ({ answer }: Asked): boolean => answer.kind === "sat" || answer.kind === "unsat";

// The ratio of the opponent's median to ours on the same pairs. Past its limit an opponent counts with its limit, so it is "at least".
const ratioOf = (asked: readonly Asked[]): number => median(asked.map(({ answer }) => answer.ms)) / median(asked.map(({ ours }) => ours));

const certificateBytes = ({ result }: Measured): readonly number[] =>
  result.kind === "contained" || result.kind === "review" ? [Buffer.byteLength(JSON.stringify(result.certificate))] : [];

function rowsOfSize(name: string, measured: readonly Measured[]): readonly Row[] {
  const totals = measured.map(({ totalMs }) => totalMs);
  const parses = measured.map(({ parseMs }) => parseMs);
  const wrong = measured.filter(
    ({ pair, result }) => pair.intent === "contained" && result.kind !== "contained" && result.kind !== "undecided",
  );
  const kinds = tally(measured.map(({ result }) => (result.kind === "undecided" ? `undecided:${result.reason}` : result.kind)));
  const stages = tally(measured.map(({ result }) => result.effort.stage));
  const proved = measured.filter(({ result }) => result.kind === "contained" || result.kind === "review");
  const find = proved.map(({ result }) => result.effort.findMs);
  const check = proved.map(({ result }) => result.effort.checkMs);
  const bytes = proved.flatMap(certificateBytes);
  return [
    {
      target: 1,
      what: `${name} rules, ${measured.length} pairs, text to verdict`,
      median: time(median(totals)),
      p99: time(p99(totals)),
      against: `parse ${time(median(parses))}`,
      note: `${kinds}; by ${stages}${wrong.length > 0 ? `; ${wrong.length} NOT AS MADE` : ""}`,
      figures: {
        median_ms: median(totals),
        p99_ms: p99(totals),
        max_ms: percentile(totals, 1),
        parse_median_ms: median(parses),
        kinds,
        stages,
      },
    },
    {
      target: 12,
      what: `${name} rules, kernel check of ${proved.length} certificates`,
      median: time(median(check)),
      p99: time(p99(check)),
      against: `finding ${time(median(find))}, p99 ${time(p99(find))}`,
      note: `bytes: median ${digits(median(bytes))}, most ${digits(percentile(bytes, 1))}`,
      figures: {
        check_median_ms: median(check),
        check_p99_ms: p99(check),
        find_median_ms: median(find),
        find_p99_ms: p99(find),
        certificate_median_bytes: median(bytes),
        certificate_max_bytes: percentile(bytes, 1),
      },
    },
  ];
}

function opponentRow(name: string, opponent: string, asked: readonly Asked[], start: number | undefined): Row {
  const decided = asked.filter(isDecided);
  const solving = median(asked.map(({ answer }) => answer.ms));
  const ratio = ratioOf(asked);
  const ratioDecided = ratioOf(decided);
  const late = asked.filter(({ answer }) => answer.kind === "timeout").length;
  const wrong = asked.filter(disagrees).length;
  const failed = asked.find(({ answer }) => answer.kind === "failed");
  return {
    target: 2,
    what: `${name} rules, ${opponent}, ${asked.length} of the pairs`,
    median: `${late * 2 > asked.length ? "≥ " : ""}${time(solving)}`,
    p99: time(p99(asked.map(({ answer }) => answer.ms))),
    against: `${late > 0 ? "≥ " : ""}${times(ratio)} ours; decided ones ${times(ratioDecided)}`,
    note:
      `decided ${decided.length}, timed out ${late}, else ${asked.length - decided.length - late}` +
      `${start === undefined ? "" : `; process start ${time(start)} taken off`}${wrong > 0 ? `; ${wrong} DISAGREE` : ""}` +
      `${failed === undefined ? "" : `; failed: ${failed.answer.why ?? ""}`}`,
    figures: {
      opponent,
      sampled: asked.length,
      decided: decided.length,
      timed_out: late,
      disagree: wrong,
      median_ms: solving,
      ratio,
      ratio_decided: ratioDecided,
      ours_median_ms: median(asked.map(({ ours }) => ours)),
      start_ms: start ?? null,
    },
  };
}

type Opponents = { readonly name: string; readonly ratio: number; readonly ratioDecided: number };

async function run(settings: Settings): Promise<SectionResult> {
  const count = settings.quick ? 40 : PAIRS;
  const rows: Row[] = [];
  const opponents: Opponents[] = [];
  const raw = createRawZ3(settings.built);
  const version = cvc5Version();
  const start = version === undefined ? Number.NaN : await measureStart(settings.quick ? 5 : 15);
  // The first calls of a process run in the interpreter: another seed's pairs warm it up, none of which is measured.
  for (const size of sizes) await measure(generatePairs(size, settings.quick ? 4 : 10, settings.seed + 1));
  const bySize = new Map<string, readonly Measured[]>();
  for (const [i, size] of sizes.entries()) {
    settings.say(`${size.name} rules: ${count} pairs`);
    const measured = await measure(generatePairs(size, count, settings.seed));
    bySize.set(size.name, measured);
    rows.push(...rowsOfSize(size.name, measured));
    const sample = settings.quick ? 4 : (OPPONENT_PAIRS[i] ?? 10);
    const share = Math.max(LEAST_MS, (OPPONENTS_END_MS - performance.now()) / (sizes.length - i));
    settings.say(`${size.name} rules: z3 on ${sample} of them`);
    const z3 = await askAll(measured, sample, Math.min(Z3_TOTAL_MS, share / 3), (script) => raw.ask(script, Z3_LIMIT_MS));
    rows.push(opponentRow(size.name, "Z3 raw, 3 s", z3, undefined));
    const z3Decided = z3.filter(isDecided);
    opponents.push({ name: `Z3 at ${size.name}`, ratio: ratioOf(z3Decided), ratioDecided: ratioOf(z3Decided) });
    if (version === undefined) continue;
    settings.say(`${size.name} rules: cvc5 on ${sample} of them`);
    const cvc5 = await askAll(measured, sample, Math.min(CVC5_TOTAL_MS, (share * 2) / 3), async (script) => {
      const answer = await askCvc5(script, CVC5_LIMIT_MS);
      return { ...answer, ms: Math.max(answer.ms - start, 0.01) };
    });
    rows.push(opponentRow(size.name, "cvc5, 10 s", cvc5, start));
    opponents.push({ name: `cvc5 at ${size.name}`, ratio: ratioOf(cvc5), ratioDecided: ratioOf(cvc5.filter(isDecided)) });
  }
  await raw.close();
  return { rows: rows.sort((a, b) => a.target - b.target), judgements: judge(bySize, opponents, version !== undefined) };
}

function judge(bySize: ReadonlyMap<string, readonly Measured[]>, opponents: readonly Opponents[], hasCvc5: boolean): readonly Judgement[] {
  const all = [...bySize.values()].flat();
  const decided = all.filter(({ result }) => result.kind !== "undecided");
  const contained = all.filter(({ result }) => result.kind === "contained");
  const medianAt = (name: string) => median((bySize.get(name) ?? []).map(({ totalMs }) => totalMs));
  const [small, large] = [medianAt("3/5"), medianAt("100/200")];
  const slowest = opponents.filter(({ ratio }) => ratio < LOWEST_RATIO);
  const checks = [...bySize].map(([name, measured]) => {
    const proved = measured.filter(({ result }) => result.kind === "contained" || result.kind === "review");
    const ratio = median(proved.map(({ result }) => result.effort.checkMs)) / median(proved.map(({ result }) => result.effort.findMs));
    return { name, ratio, bytes: percentile(proved.flatMap(certificateBytes), 1) };
  });
  const largest = checks.find(({ name }) => name === "100/200")?.bytes ?? Number.NaN;
  return [
    {
      target: 1,
      goal: "every generated pair decided, parse to verdict included",
      met: decided.length === all.length ? "met" : "not met",
      figure: `${decided.length} of ${all.length} decided, ${percent(contained.length / all.length)} contained`,
    },
    {
      target: 2,
      goal: "median ≤ 1 ms at 3/5, ≤ 25 ms at 100/200; ≥ 20× faster than cvc5, and than Z3 raw where it decides",
      met: !hasCvc5 ? "not measured" : small <= 1 && large <= 25 && slowest.length === 0 ? "met" : "not met",
      figure:
        `${time(small)}, ${time(large)}; least ratio ${times(Math.min(...opponents.map(({ ratio }) => (Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio))))}` +
        `${slowest.length > 0 ? `, below 20×: ${slowest.map(({ name, ratio }) => `${name} ${times(ratio)}`).join(", ")}` : ""}`,
    },
    {
      target: 12,
      goal: "kernel check ≤ the time to find it, at every size; certificate ≤ 64 kB at 100/200",
      met: checks.every(({ ratio }) => ratio <= 1) && largest <= CERTIFICATE_BYTES_MAX ? "met" : "not met",
      figure: `${checks.map(({ name, ratio }) => `${name} ${percent(ratio)}`).join(", ")}; largest ${digits(largest)} bytes`,
    },
  ];
}

/** Targets 1, 2 and 12. */
export const pairsSection: Section = { targets: [1, 2, 12], title: "generated pairs", run };
