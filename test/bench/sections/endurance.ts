// Target 10: memory and speed of one process over 100,000 checks, half of them through Z3.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Section, SectionResult, Settings } from "../report.js";
import { digits, median, percent, time } from "../statistics.js";

const CHECKS = 100_000;
const WARM = 10_000;
const RSS_MAX = 400e6;
/** A full run has no other limit; else what is done by then is what is shown. */
const TOTAL_MS = 150_000;
const LEAST_MS = 40_000;
/** The whole benchmark ends within 15 minutes. */
const ALL_MS = 840_000;
/** V8's old space, in MiB. Left to itself on a large machine it collects late and lets garbage stand: 422 MB of RSS for 40 MB that live. */
const OLD_SPACE_MIB = 160;
/** What still counts as flat, and as no slower: the measuring itself moves by as much. */
const FLAT = 1.1;
const SLOWER = 1.25;

type Sample = {
  readonly done: number;
  readonly solved: number;
  readonly rss: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly kinds: object;
};

const parseSample = (line: string): Sample => JSON.parse(line) as Sample;

function samplesOf(settings: Settings, checks: number, totalMs: number): Promise<readonly Sample[]> {
  const args = [
    `--max-old-space-size=${OLD_SPACE_MIB}`,
    join(settings.built, "children/endurance.js"),
    "--checks",
    `${checks}`,
    "--seed",
    `${settings.seed}`,
    "--total-ms",
    `${totalMs}`,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const samples: Sample[] = [];
  createInterface(child.stdout).on("line", (line) => samples.push(parseSample(line)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(samples));
  });
}

async function run(settings: Settings): Promise<SectionResult> {
  const totalMs = settings.full ? 7_200_000 : settings.quick ? 20_000 : Math.max(LEAST_MS, Math.min(TOTAL_MS, ALL_MS - performance.now()));
  const samples = await samplesOf(settings, CHECKS, totalMs);
  const done = samples.at(-1)?.done ?? 0;
  const solved = samples.at(-1)?.solved ?? 0;
  // Where fewer were done than warming up takes, the first fifth is it.
  const after = samples.filter((sample) => sample.done > Math.min(WARM, done / 5));
  const fifth = Math.max(1, Math.floor(after.length / 5));
  const [early, late] = [after.slice(0, fifth), after.slice(-fifth)];
  const middle = (some: readonly Sample[], of: (sample: Sample) => number) => median(some.map(of));
  const most = Math.max(...samples.map(({ rss }) => rss));
  const growth = middle(late, ({ rss }) => rss) / middle(early, ({ rss }) => rss);
  const slower = middle(late, ({ cpuMs }) => cpuMs) / middle(early, ({ cpuMs }) => cpuMs);
  // What grows while it warms up says nothing.
  const warm = done >= 2 * WARM;
  const bad = most > RSS_MAX || (warm && (growth > FLAT || slower > SLOWER));
  const whole = done >= CHECKS && solved * 2 >= done * 0.95;
  const figure = `${digits(done)} checks, ${digits(solved)} through Z3: most RSS ${digits(most / 1e6)} MB, RSS ${percent(growth)} and CPU ${percent(slower)} of the first after warming up`;
  return {
    rows: [
      {
        target: 10,
        what: `${done} checks of 3/5 rules in one process, node --max-old-space-size=${OLD_SPACE_MIB}`,
        median: time(middle(after, ({ wallMs }) => wallMs / 1_000)),
        against: `CPU a check: first ${time(middle(early, ({ cpuMs }) => cpuMs / 1_000))}, last ${time(middle(late, ({ cpuMs }) => cpuMs / 1_000))}`,
        note: `${solved} through Z3; RSS ${digits(middle(early, ({ rss }) => rss) / 1e6)} MB then ${digits(middle(late, ({ rss }) => rss) / 1e6)} MB, most ${digits(most / 1e6)} MB; ${JSON.stringify(samples.at(-1)?.kinds ?? {})}`,
        figures: { checks: done, through_z3: solved, rss_max_bytes: most, rss_growth: growth, cpu_growth: slower },
      },
    ],
    judgements: [
      {
        target: 10,
        goal: "100,000 checks, half through Z3: RSS flat after 10,000 and < 400 MB; no slow-down",
        met: bad ? "not met" : whole ? "met" : done < CHECKS ? "not measured" : "not met",
        figure: done < CHECKS ? `${figure} (in ${time(totalMs)}; \`--full\` does all)` : figure,
      },
    ],
  };
}

/** Target 10. */
export const enduranceSection: Section = { targets: [10], title: "100,000 checks in one process", run };
