// Debian's cvc5 on the exported question. A process for each question: its start is measured too, and taken off. Benchmark code, not trusted.

import { spawn, spawnSync } from "node:child_process";
import { median } from "../statistics.js";

/** What a solver said: `gave_up` is `unknown`, `timeout` is over the limit, `failed` did not read the question. */
export type SolverAnswer = {
  readonly kind: "unsat" | "sat" | "gave_up" | "timeout" | "failed";
  readonly ms: number;
  readonly why?: string;
};

const OUTPUT_CHARACTERS_MAX = 1_000_000;
/** A process that does not heed its own limit is ended so much later. */
const GRACE_MS = 2_000;

/** Returns cvc5's version line, or undefined where there is no cvc5. */
export function cvc5Version(): string | undefined {
  const { error, stdout } = spawnSync("cvc5", ["--version"], { encoding: "utf8" });
  return error === undefined ? stdout.split("\n")[0] : undefined;
}

/** Returns cvc5's answer to a script that ends with `(check-sat)`; `ms` is from the start of the process to its end. */
export function askCvc5(script: string, limitMs: number): Promise<SolverAnswer> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const child = spawn("cvc5", ["--lang=smt2", "--strings-exp", `--tlimit=${limitMs}`, "-"], { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    const read = (chunk: Buffer) => {
      if (output.length < OUTPUT_CHARACTERS_MAX) output += chunk.toString("utf8");
    };
    const end = setTimeout(() => child.kill("SIGKILL"), limitMs + GRACE_MS);
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.stdin.on("error", () => undefined);
    child.on("error", (error) => resolve({ kind: "failed", ms: 0, why: error.message }));
    child.on("close", () => {
      clearTimeout(end);
      resolve(answerOf(output, performance.now() - begun));
    });
    child.stdin.end(script);
  });
}

function answerOf(output: string, ms: number): SolverAnswer {
  const first = output.split("\n", 1)[0] ?? "";
  if (first === "sat" || first === "unsat") return { kind: first, ms };
  if (first === "unknown") return { kind: "gave_up", ms };
  if (first === "" || output.includes("timeout")) return { kind: "timeout", ms };
  return { kind: "failed", ms, why: output.slice(0, 300) };
}

/** Returns the median time of a cvc5 process that has nothing to solve, in milliseconds. */
export async function measureStart(runs: number): Promise<number> {
  const spent: number[] = [];
  for (let i = 0; i < runs; i++) spent.push((await askCvc5("(set-logic ALL)\n(check-sat)\n", 10_000)).ms);
  return median(spent);
}
