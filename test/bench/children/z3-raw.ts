// A worker that gives Z3 the exported question as it is, strings as strings: the opponent, not our use of Z3. Benchmark code, not trusted.

import { parentPort } from "node:worker_threads";
import { init } from "z3-solver";

type Native = {
  readonly ccall: (name: string, returns: string | null, types: readonly string[], values: readonly unknown[]) => number;
  readonly _set_noop_error_handler: (context: number) => void;
};

const [UNSAT, SAT] = [-1, 1];

const { em } = (await init()) as unknown as { readonly em: Native };
const call = (name: string, ...values: readonly number[]): number =>
  em.ccall(
    name,
    "number",
    values.map(() => "number"),
    values,
  );

// A context for each question, the solver of the simple kind: neither starts a thread.
function solve(script: string): {
  readonly kind: "sat" | "unsat" | "gave_up" | "failed";
  readonly parseMs: number;
  readonly solveMs: number;
} {
  const config = call("Z3_mk_config");
  const context = call("Z3_mk_context", config);
  call("Z3_del_config", config);
  em._set_noop_error_handler(context);
  const begun = performance.now();
  const solver = call("Z3_mk_simple_solver", context);
  call("Z3_solver_inc_ref", context, solver);
  em.ccall("Z3_solver_from_string", null, ["number", "number", "string"], [context, solver, script]);
  const read = performance.now();
  const failed = call("Z3_get_error_code", context) !== 0;
  const answer = failed ? 0 : call("Z3_solver_check", context, solver);
  const end = performance.now();
  call("Z3_solver_dec_ref", context, solver);
  call("Z3_del_context", context);
  const kind = failed ? "failed" : answer === SAT ? "sat" : answer === UNSAT ? "unsat" : "gave_up";
  return { kind, parseMs: read - begun, solveMs: end - read };
}

parentPort?.on("message", (script: unknown) => {
  parentPort?.postMessage(solve(String(script)));
});
parentPort?.postMessage("ready");
