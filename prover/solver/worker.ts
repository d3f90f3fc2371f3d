// The worker thread that holds Z3: the only importer of z3-solver. Not trusted, and disposable: the pool ends it at any time.
//
// Each session has a Z3 context of its own. A context that served others before answers with other models (8 of 100 random
// problems), so a shared one would make answers depend on history; and deleting it gives all of its memory back.
// Checks are the synchronous ones of a simple solver: the asynchronous ones and the parameter `timeout` start threads.
// INVARIANT: an AST that Z3 returns is held (inc_ref) before the next call, or Z3 frees it and the memory is another's.
import { parentPort, workerData } from "node:worker_threads";
import { init } from "z3-solver";
import { encodeRational } from "../smt/formula.js";
import type { Native } from "./native.js";
import { type FromWorker, NUM_OPS, OP, type PackedProblem, type ToWorker, type WorkerAnswer } from "./protocol.js";

// Z3_lbool and Z3_error_code.
const [UNSAT, SAT] = [-1, 1];
const MEMORY_ERROR = 7;
const BYTES_PER_POINTER = 4;

class OutOfMemory extends Error {}

/** One context with one solver: a session's problem, to which clauses are added between checks. */
class Solver {
  readonly #native: Native;
  readonly #context: number;
  readonly #solver: number;
  readonly #bools: number[] = [];
  readonly #assumptions: number[] = [];

  constructor(native: Native, problem: PackedProblem, rlimit: number) {
    this.#native = native;
    const config = native._Z3_mk_config();
    this.#context = native._Z3_mk_context_rc(config);
    native._Z3_del_config(config);
    native._set_noop_error_handler(this.#context);
    try {
      this.#solver = this.#made(native._Z3_mk_simple_solver(this.#context));
      native._Z3_solver_inc_ref(this.#context, this.#solver);
      this.#limit(rlimit);
      this.#load(problem);
    } catch (error) {
      native._Z3_del_context(this.#context);
      throw error;
    }
  }

  release(): void {
    this.#native._Z3_solver_dec_ref(this.#context, this.#solver);
    this.#native._Z3_del_context(this.#context);
  }

  add(clause: Int32Array): void {
    const literals = Array.from(clause, (literal) => {
      const bool = this.#at(this.#bools, Math.abs(literal) - 1);
      return literal > 0 ? bool : this.#hold(this.#native._Z3_mk_not(this.#context, bool));
    });
    this.#assert(this.#join(this.#native._Z3_mk_or, literals));
  }

  check(): "rlimit" | typeof SAT | typeof UNSAT {
    const { _Z3_solver_check_assumptions: ask, _Z3_solver_get_reason_unknown: why } = this.#native;
    const answer = this.#withList(this.#assumptions, (count, list) => ask(this.#context, this.#solver, count, list));
    this.#throwOnError();
    if (answer === SAT || answer === UNSAT) return answer;
    const reason = this.#native.UTF8ToString(why(this.#context, this.#solver));
    // Nobody cancels a synchronous check but the bound on its work and the one on its memory, which the caller tells apart.
    if (reason === "canceled" || reason.startsWith("max. resource limit")) return "rlimit";
    throw new Error(`z3 gave up: ${reason.slice(0, 100)}`);
  }

  model(): Uint8Array {
    const { _Z3_model_eval: evaluate, _Z3_get_bool_value: truth } = this.#native;
    const model = this.#made(this.#native._Z3_solver_get_model(this.#context, this.#solver));
    this.#native._Z3_model_inc_ref(this.#context, model);
    const out = this.#native._malloc(BYTES_PER_POINTER);
    const values = this.#bools.map((bool) => {
      if (evaluate(this.#context, model, bool, 1, out) === 0) throw new Error("z3 evaluates no model");
      return truth(this.#context, this.#native.HEAPU32[out / BYTES_PER_POINTER] ?? 0) === 1 ? 1 : 0;
    });
    this.#native._free(out);
    this.#native._Z3_model_dec_ref(this.#context, model);
    return Uint8Array.from(values);
  }

  core(): readonly number[] {
    const vector = this.#made(this.#native._Z3_solver_get_unsat_core(this.#context, this.#solver));
    this.#native._Z3_ast_vector_inc_ref(this.#context, vector);
    const places = new Map(this.#assumptions.map((literal, place) => [literal, place]));
    const core: number[] = [];
    const size = this.#native._Z3_ast_vector_size(this.#context, vector);
    for (let i = 0; i < size; i += 1) {
      const place = places.get(this.#native._Z3_ast_vector_get(this.#context, vector, i));
      if (place === undefined) throw new Error("z3 names a literal that is no assumption");
      core.push(place);
    }
    this.#native._Z3_ast_vector_dec_ref(this.#context, vector);
    return core.sort((a, b) => a - b);
  }

  #limit(rlimit: number): void {
    const params = this.#made(this.#native._Z3_mk_params(this.#context));
    this.#native._Z3_params_inc_ref(this.#context, params);
    const name = this.#native.ccall("Z3_mk_string_symbol", "number", ["number", "string"], [this.#context, "rlimit"]);
    this.#native._Z3_params_set_uint(this.#context, params, name, rlimit);
    this.#native._Z3_solver_set_params(this.#context, this.#solver, params);
    this.#native._Z3_params_dec_ref(this.#context, params);
    this.#throwOnError();
  }

  // Constants are named by number: Booleans, then an assumption for each tracked node, then the reals.
  #load(problem: PackedProblem): void {
    const native = this.#native;
    const context = this.#context;
    const boolSort = this.#hold(native._Z3_mk_bool_sort(context));
    const realSort = this.#hold(native._Z3_mk_real_sort(context));
    const constant = (id: number, sort: number): number =>
      this.#hold(native._Z3_mk_const(context, native._Z3_mk_int_symbol(context, id), sort));
    for (let id = 0; id < problem.bools; id += 1) this.#bools.push(constant(id, boolSort));
    const realsAt = problem.bools + problem.tracked.length;
    const reals = Array.from({ length: problem.nums }, (_, id) => constant(realsAt + id, realSort));
    const nodes = this.#nodes(problem, reals, realSort);
    for (const root of problem.roots) this.#assert(this.#at(nodes, root));
    problem.tracked.forEach((node, place) => {
      const assumption = constant(problem.bools + place, boolSort);
      this.#assumptions.push(assumption);
      this.#assert(this.#hold(native._Z3_mk_implies(context, assumption, this.#at(nodes, node))));
    });
  }

  #nodes(problem: PackedProblem, reals: readonly number[], realSort: number): readonly number[] {
    const { ops, bounds } = problem;
    const native = this.#native;
    const context = this.#context;
    const nodes: number[] = [];
    let place = 0;
    const next = (): number => this.#at(ops, place++);
    const list = (): number[] => Array.from({ length: next() }, () => this.#at(nodes, next()));
    while (nodes.length < problem.nodes) {
      switch (next()) {
        case OP.bool:
          nodes.push(this.#at(this.#bools, next()));
          break;
        case OP.num: {
          const real = this.#at(reals, next());
          const op = NUM_OPS[next()];
          const digits = encodeRational(this.#at(bounds, next()));
          const types = ["number", "string", "number"];
          const bound = this.#hold(native.ccall("Z3_mk_numeral", "number", types, [context, digits, realSort]));
          const compare = op === "lt" ? native._Z3_mk_lt : op === "le" ? native._Z3_mk_le : native._Z3_mk_eq;
          nodes.push(this.#hold(compare(context, real, bound)));
          break;
        }
        case OP.const:
          nodes.push(this.#hold(next() === 1 ? native._Z3_mk_true(context) : native._Z3_mk_false(context)));
          break;
        case OP.not:
          nodes.push(this.#hold(native._Z3_mk_not(context, this.#at(nodes, next()))));
          break;
        case OP.and:
          nodes.push(this.#join(native._Z3_mk_and, list()));
          break;
        case OP.or:
          nodes.push(this.#join(native._Z3_mk_or, list()));
          break;
        default:
          throw new TypeError("malformed packed problem");
      }
    }
    return nodes;
  }

  #join(make: Native["_Z3_mk_and"], items: readonly number[]): number {
    return this.#hold(this.#withList(items, (count, list) => make(this.#context, count, list)));
  }

  #assert(ast: number): void {
    this.#native._Z3_solver_assert(this.#context, this.#solver, ast);
    this.#throwOnError();
  }

  #withList(items: readonly number[], use: (count: number, list: number) => number): number {
    const list = this.#native._malloc(Math.max(1, items.length) * BYTES_PER_POINTER);
    if (list === 0) throw new OutOfMemory("malloc");
    try {
      this.#native.HEAPU32.set(items, list / BYTES_PER_POINTER);
      return use(items.length, list);
    } finally {
      this.#native._free(list);
    }
  }

  // Kept until the context is deleted, which is when the session ends.
  #hold(ast: number): number {
    this.#native._Z3_inc_ref(this.#context, this.#made(ast));
    return ast;
  }

  #made(pointer: number): number {
    if (pointer === 0) this.#throwOnError();
    if (pointer === 0) throw new Error("z3 made nothing");
    return pointer;
  }

  #at(list: ArrayLike<number>, index: number): number {
    const item = list[index];
    if (item === undefined) throw new TypeError("malformed packed problem");
    return item;
  }

  #throwOnError(): void {
    const code = this.#native._Z3_get_error_code(this.#context);
    if (code === MEMORY_ERROR) throw new OutOfMemory("z3");
    if (code !== 0) throw new Error(`z3 error ${code}`);
  }
}

/** Answers the pool's messages, one after the other. Whatever is thrown here ends the thread, and the pool notices. */
function serve(native: Native, memoryBytes: number, post: (message: FromWorker) => void): (message: ToWorker) => void {
  let solver: Solver | "memory" | undefined;
  const heapBytes = (): number => Number(native._Z3_get_estimated_alloc_size());
  const guarded = <R>(run: () => R): R | "memory" => {
    try {
      return run();
    } catch (error) {
      if (error instanceof OutOfMemory) return "memory";
      throw error;
    }
  };
  const answer = (clauses: readonly Int32Array[]): WorkerAnswer => {
    const current = solver;
    if (current === undefined) throw new Error("no session is open");
    const result = guarded((): WorkerAnswer | "memory" => {
      if (current === "memory") return current;
      for (const clause of clauses) current.add(clause);
      const found = current.check();
      if (found === SAT) return { kind: "sat", model: current.model() };
      if (found === UNSAT) return { kind: "unsat", core: current.core() };
      // Z3 says "canceled" for both bounds. Past the one on memory it holds as much as it may.
      return heapBytes() > 0.95 * memoryBytes ? "memory" : { kind: "unknown", reason: "rlimit" };
    });
    return result === "memory" ? { kind: "unknown", reason: "memory" } : result;
  };
  return (message) => {
    switch (message.kind) {
      case "open":
        solver = guarded(() => new Solver(native, message.problem, message.rlimit));
        return;
      case "check": {
        const { session, check } = message;
        const found = answer(message.clauses);
        post({ kind: "answer", session, check, heapBytes: heapBytes(), answer: found });
        return;
      }
      case "close":
        if (solver !== undefined && solver !== "memory") solver.release();
        solver = undefined;
    }
  };
}

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const { memoryMiB } = workerData;
  const { em } = await init({ print: () => undefined, printErr: () => undefined });
  const native: Native = em;
  native.ccall("Z3_global_param_set", "void", ["string", "string"], ["memory_max_size", `${memoryMiB}`]);
  const handle = serve(native, memoryMiB * 1_048_576, (message) => port.postMessage(message));
  port.on("message", handle);
  port.postMessage({ kind: "ready" } satisfies FromWorker);
}

// The entry of a thread: the one module of the prover that runs when it is imported, and only as a worker.
if (parentPort !== null) await main(parentPort);
