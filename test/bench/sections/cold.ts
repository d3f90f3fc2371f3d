// Target 9: from the start of the process to the verdict of `atmost check`, and how often Z3 was loaded for it.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePairs, sizes } from "../pairs.js";
import { createProver, createSolverPool, policyOf } from "../product.js";
import type { Section, SectionResult, Settings } from "../report.js";
import { median, p99, time, times } from "../statistics.js";

const GOAL_MS = 250;
const KNOWN_EXITS: readonly (number | null)[] = [0, 1, 4];

function timed(args: readonly string[], env: NodeJS.ProcessEnv): { readonly ms: number; readonly status: number | null } {
  const begun = performance.now();
  const { status } = spawnSync(process.execPath, args, { env, stdio: "ignore" });
  return { ms: performance.now() - begun, status };
}

// How often Z3 was loaded, by a hook that slows the process down: never in a run that is timed.
function loads(args: readonly string[], folder: string, built: string): number {
  const log = join(folder, "z3.log");
  rmSync(log, { force: true });
  const options = `--require ${join(built, "../children/watch-z3.cjs")}`;
  spawnSync(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: options, ATMOST_BENCH_Z3_LOG: log }, stdio: "ignore" });
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0;
}

// Of many generated pairs, for how many was the solver asked at all?
async function solverShare(settings: Settings, count: number): Promise<{ readonly pairs: number; readonly asked: number }> {
  const pool = createSolverPool();
  const prover = createProver({ clock: () => performance.now(), solver: pool });
  let [pairs, asked] = [0, 0];
  for (const size of sizes.slice(0, 3))
    for (const pair of generatePairs(size, count, settings.seed + 9)) {
      const result = await prover.checkContainment(policyOf(pair.lower), policyOf(pair.upper));
      pairs++;
      if (result.effort.solverChecks > 0) asked++;
    }
  await prover.close();
  await pool.close();
  return { pairs, asked };
}

async function run(settings: Settings): Promise<SectionResult> {
  const folder = mkdtempSync(join(tmpdir(), "atmost-bench-"));
  try {
    const runs = settings.quick ? 5 : 25;
    const main = join(settings.dist, "src/cli/main.js");
    const [small] = sizes;
    const commands = generatePairs(small, runs, settings.seed + 3).map(({ lower, upper }, i) => {
      const files = [join(folder, `lower-${i}.json`), join(folder, `upper-${i}.json`)] as const;
      writeFileSync(files[0], lower);
      writeFileSync(files[1], upper);
      return [main, "check", ...files];
    });
    timed(commands[0] ?? [], process.env);
    const checks: number[] = [];
    const nothing: number[] = [];
    let wrong = 0;
    for (const command of commands) {
      const { ms, status } = timed(command, process.env);
      checks.push(ms);
      if (!KNOWN_EXITS.includes(status)) wrong++;
      nothing.push(timed(["--eval", "0"], process.env).ms);
    }
    const loaded = commands.slice(0, 10).filter((command) => loads(command, folder, settings.built) > 0).length;
    const share = await solverShare(settings, settings.quick ? 10 : 100);
    const asked = `Z3 loaded in ${loaded} of ${Math.min(10, commands.length)} starts`;
    return {
      rows: [
        {
          target: 9,
          what: "`atmost check` on 3/5 rules, process start to end",
          median: time(median(checks)),
          p99: time(p99(checks)),
          against: `empty node process ${time(median(nothing))}, ${times(median(checks) / median(nothing))}`,
          note: `${asked}; the solver was asked for ${share.asked} of ${share.pairs} generated pairs${wrong > 0 ? `; ${wrong} WRONG` : ""}`,
          figures: {
            median_ms: median(checks),
            p99_ms: p99(checks),
            node_median_ms: median(nothing),
            z3_loaded: loaded,
            solver_asked: share.asked,
            solver_pairs: share.pairs,
          },
        },
      ],
      judgements: [
        {
          target: 9,
          goal: "cold start to the first verdict ≤ 250 ms; Z3 not loaded when not needed",
          met: median(checks) <= GOAL_MS && loaded === 0 && wrong === 0 ? "met" : "not met",
          figure: `${time(median(checks))}; ${asked}`,
        },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Target 9. */
export const coldSection: Section = { targets: [9], title: "cold start", run };
