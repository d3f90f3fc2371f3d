// Z3 (z3-solver, WebAssembly) on the exported question, in a worker of its own that is ended at the limit. Benchmark code, not trusted.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { SolverAnswer } from "./cvc5.js";

/** Z3 in a worker. Its start, and the reading of the script, are not in its times. */
export type RawZ3 = {
  readonly ask: (script: string, limitMs: number) => Promise<SolverAnswer>;
  readonly close: () => Promise<void>;
};

const kinds = ["sat", "unsat", "gave_up", "failed"] as const;

const parseAnswer = (message: unknown): SolverAnswer => {
  const { kind, parseMs, solveMs } = message as { readonly kind: unknown; readonly parseMs: unknown; readonly solveMs: unknown };
  return { kind: kinds.find((known) => known === kind) ?? "failed", ms: Number(parseMs) + Number(solveMs) };
};

/** Returns Z3, not started yet. @param built the folder of the bundled benchmark */
export function createRawZ3(built: string): RawZ3 {
  let worker: Worker | undefined;
  const next = (from: Worker): Promise<unknown> =>
    new Promise((resolve) => {
      const done = (message: unknown) => {
        from.off("message", done);
        from.off("error", done);
        resolve(message);
      };
      from.on("message", done);
      from.on("error", done);
    });
  const ready = async (): Promise<Worker> => {
    if (worker === undefined) {
      worker = new Worker(pathToFileURL(join(built, "children/z3-raw.js")));
      await next(worker);
    }
    return worker;
  };
  const end = async () => {
    await worker?.terminate();
    worker = undefined;
  };
  return {
    ask: async (script, limitMs) => {
      const solver = await ready();
      const begun = performance.now();
      solver.postMessage(script);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), limitMs);
      });
      const message = await Promise.race([next(solver), late]);
      clearTimeout(timer);
      if (message !== undefined && !(message instanceof Error)) return parseAnswer(message);
      // Past its limit, or out of its memory: the next question gets a new one.
      await end();
      return { kind: message === undefined ? "timeout" : "failed", ms: performance.now() - begun };
    },
    close: end,
  };
}
