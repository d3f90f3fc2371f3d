// Target 11: two solver workers against one, on proofs by the solver alone.

import { randomFrom } from "../../generators/seed.js";
import { generatePairs, sizes } from "../pairs.js";
import { createProver, createSolverPool, type ParsedPolicy, policyOf } from "../product.js";
import type { Section, SectionResult, Settings } from "../report.js";
import { median, tally, times } from "../statistics.js";

const GOAL = 1.6;
const ROUNDS = 3;
const ROUND_MS = 4_000;
const AT_ONCE = 8;

type Question = { readonly lower: ParsedPolicy; readonly upper: ParsedPolicy };

// Rules over Boolean fields at random, of three each: whether they cover everything is for a solver to say, not for a look at pairs.
function coverings(count: number, fields: number, rules: number, seed: number): readonly Question[] {
  const random = randomFrom(seed);
  const policy = (name: string, list: readonly object[]): ParsedPolicy =>
    policyOf(JSON.stringify({ language: "atmost/1", name, version: "1", rules: list }));
  const names = Array.from({ length: fields }, (_, i) => `f${i}`);
  const any = Object.fromEntries(names.map((name) => [name, { in: [true, false] }]));
  return Array.from({ length: count }, () => ({
    lower: policy("lower", [{ id: "all", effect: "allow", action: "x", when: any }]),
    upper: policy(
      "upper",
      Array.from({ length: rules }, (_, i) => {
        const three = [...names].sort(() => random() - 0.5).slice(0, 3);
        return { id: `r${i}`, effect: "allow", action: "x", when: Object.fromEntries(three.map((name) => [name, { eq: random() < 0.5 }])) };
      }),
    ),
  }));
}

async function throughput(questions: readonly Question[], size: number, totalMs: number) {
  const pool = createSolverPool({ size });
  await pool.warm();
  const prover = createProver({ clock: () => performance.now(), solver: pool, engines: ["solver"] });
  const kinds: string[] = [];
  let next = 0;
  const begun = performance.now();
  const ask = async (): Promise<void> => {
    while (performance.now() - begun < totalMs) {
      const question = questions[next++ % questions.length];
      if (question !== undefined) kinds.push((await prover.checkContainment(question.lower, question.upper)).kind);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const perSecond = (kinds.length / (performance.now() - begun)) * 1_000;
  await prover.close();
  await pool.close();
  return { perSecond, kinds };
}

async function run(settings: Settings): Promise<SectionResult> {
  const roundMs = settings.quick ? 1_500 : ROUND_MS;
  const count = settings.quick ? 10 : 60;
  const size = sizes[2];
  const sets = [
    {
      name: "generated pairs of 20/40 rules",
      questions: generatePairs(size, count, settings.seed + 11).map(({ lower, upper }) => ({
        lower: policyOf(lower),
        upper: policyOf(upper),
      })),
    },
    { name: "120 rules over 20 Boolean fields", questions: coverings(count, 20, 120, settings.seed + 12) },
  ];
  const rows: SectionResult["rows"][number][] = [];
  const ratios: number[] = [];
  for (const { name, questions } of sets) {
    const rounds: { readonly one: number; readonly two: number }[] = [];
    let kinds: readonly string[] = [];
    for (let i = 0; i < (settings.quick ? 1 : ROUNDS); i++) {
      const one = await throughput(questions, 1, roundMs);
      const two = await throughput(questions, 2, roundMs);
      rounds.push({ one: one.perSecond, two: two.perSecond });
      kinds = two.kinds;
    }
    const ratio = median(rounds.map(({ one, two }) => two / one));
    ratios.push(ratio);
    rows.push({
      target: 11,
      what: `two workers, ${name}, by the solver alone`,
      median: `${median(rounds.map(({ two }) => two)).toFixed(1)} /s`,
      against: `${times(ratio)} one worker`,
      note: tally(kinds),
      figures: { name, one_per_second: median(rounds.map(({ one }) => one)), two_per_second: median(rounds.map(({ two }) => two)), ratio },
    });
  }
  return {
    rows,
    judgements: [
      {
        target: 11,
        goal: "two workers ≥ 1.6× the throughput of one, for proofs that need Z3",
        met: Math.min(...ratios) >= GOAL ? "met" : "not met",
        figure: ratios.map(times).join(", "),
      },
    ],
  };
}

/** Target 11. */
export const workersSection: Section = { targets: [11], title: "two solver workers", run };
