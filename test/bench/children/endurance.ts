// Many checks in one process, every second one by the solver alone; no pair twice. Prints a line of JSON for each thousand. Benchmark code, not trusted.

import { parseArgs } from "node:util";
import { generatePairs, sizes } from "../pairs.js";
import { createProver, createSolverPool, policyOf } from "../product.js";

const EVERY = 1_000;

const { values } = parseArgs({ options: { checks: { type: "string" }, seed: { type: "string" }, "total-ms": { type: "string" } } });
const [checks, seed, totalMs] = [Number(values.checks), Number(values.seed), Number(values["total-ms"])];

const pool = createSolverPool();
const clock = () => performance.now();
const byAll = createProver({ clock, solver: pool });
const bySolver = createProver({ clock, solver: pool, engines: ["solver"] });
const [small] = sizes;
const kinds: Record<string, number> = {};
const begun = performance.now();
let cpu = process.cpuUsage();
let last = begun;
let solved = 0;
for (let done = 0; done < checks && performance.now() - begun < totalMs; ) {
  for (const pair of generatePairs(small, EVERY, seed + done)) {
    const prover = done % 2 === 0 ? byAll : bySolver;
    const result = await prover.checkContainment(policyOf(pair.lower), policyOf(pair.upper));
    const kind = result.kind === "undecided" ? `undecided:${result.reason}` : result.kind;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (result.effort.solverChecks > 0) solved++;
    done++;
  }
  const used = process.cpuUsage(cpu);
  const now = performance.now();
  const { rss, heapUsed } = process.memoryUsage();
  console.log(JSON.stringify({ done, solved, rss, heapUsed, wallMs: now - last, cpuMs: (used.user + used.system) / 1_000, kinds }));
  cpu = process.cpuUsage();
  last = now;
}
await byAll.close();
await bySolver.close();
await pool.close();
