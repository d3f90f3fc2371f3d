// The benchmark: runs the sections that were asked for, and prints one table, or JSON. Benchmark code, not trusted.

import { cpus, release, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { profileCostliest } from "./profile.js";
import { type Judgement, type Row, renderTables, type Section, type Settings } from "./report.js";
import { coldSection } from "./sections/cold.js";
import { decisionsSection } from "./sections/decisions.js";
import { enduranceSection } from "./sections/endurance.js";
import { growthSection } from "./sections/growth.js";
import { hardSection } from "./sections/hard.js";
import { httpSection } from "./sections/http.js";
import { pairsSection } from "./sections/pairs.js";
import { peersSection } from "./sections/peers.js";
import { workersSection } from "./sections/workers.js";

/** The seed of everything that is generated. Fixed, so that every run asks the same questions. */
const SEED = 20_261_121;

// What takes as long as there is time for comes last.
const sections: readonly Section[] = [
  peersSection,
  hardSection,
  decisionsSection,
  growthSection,
  coldSection,
  workersSection,
  httpSection,
  pairsSection,
  enduranceSection,
];

const usage = `usage: npm run bench -- [--json] [--only 1,2,…] [--quick] [--full] [--profile] [--seed N] [--no-build]
  --only   the targets to measure, by number
  --quick  a few of everything, for a look: not for publishing
  --profile  prints where the time goes in the three costliest cases, and measures nothing else
  --full   100,000 checks for target 10 instead of the sample`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      only: { type: "string" },
      seed: { type: "string" },
      dist: { type: "string", default: "dist" },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const only = values.only?.split(",").map(Number);
  const seed = values.seed === undefined ? SEED : Number(values.seed);
  if (!Number.isSafeInteger(seed) || only?.some((target) => !(target >= 1 && target <= 12))) {
    console.error(usage);
    return 2;
  }
  const settings: Settings = {
    seed,
    quick: values.quick,
    full: values.full,
    dist: resolve(values.dist),
    built: dirname(fileURLToPath(import.meta.url)),
    say: (line) => process.stderr.write(`[${(performance.now() / 1000).toFixed(0)} s] ${line}\n`),
  };
  if (values.profile) {
    console.log(await profileCostliest(settings));
    return 0;
  }
  const rows: Row[] = [];
  const judgements: Judgement[] = [];
  for (const section of sections) {
    if (only !== undefined && !section.targets.some((target) => only.includes(target))) continue;
    settings.say(section.title);
    const result = await section.run(settings);
    rows.push(...result.rows);
    judgements.push(...result.judgements);
  }
  const wanted = (target: number) => only === undefined || only.includes(target);
  const byTarget = (a: { readonly target: number }, b: { readonly target: number }) => a.target - b.target;
  const shownRows = rows.filter(({ target }) => wanted(target)).sort(byTarget);
  const shownJudgements = judgements.filter(({ target }) => wanted(target)).sort(byTarget);
  const about = {
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    node: process.version,
    seed,
    mode: settings.quick ? "quick" : settings.full ? "full" : "default",
    seconds: Math.round(performance.now() / 1000),
  };
  if (values.json) console.log(JSON.stringify({ ...about, targets: shownJudgements, rows: shownRows }, null, 2));
  else {
    console.log(`${about.date} · ${about.machine} · Node ${about.node} · seed ${seed} · ${about.mode} · ${about.seconds} s\n`);
    console.log(renderTables(shownRows, shownJudgements));
  }
  return 0;
}

process.exitCode = await main();
