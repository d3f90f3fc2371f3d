// What the pool and its worker say to one another: packed problems out, answers back. The worker is not believed: each message
// is parsed against the question that was asked, and anything else is nonsense, for which the pool discards the worker.
import type { CheckResult, Clause, FormulaNode, NumOp, Problem } from "../smt/formula.js";
import { PROBLEM_BOUNDS } from "./bounds.js";

/** A problem as flat arrays, which cross to a thread quickly. `ops` holds one opcode and its arguments for each node. */
export type PackedProblem = {
  readonly bools: number;
  readonly nums: number;
  readonly nodes: number;
  readonly ops: Int32Array;
  readonly bounds: Float64Array;
  readonly roots: Int32Array;
  readonly tracked: Int32Array;
};

/** Opcodes: BOOL id · NUM variable operator index-into-bounds · CONST 0|1 · NOT node · AND n node… · OR n node… */
export const OP = { bool: 0, num: 1, const: 2, not: 3, and: 4, or: 5 } as const;
/** Operators of NUM, by code. */
export const NUM_OPS: readonly NumOp[] = ["lt", "le", "eq"];

/** From the pool to its worker. */
export type ToWorker =
  | { readonly kind: "open"; readonly session: number; readonly problem: PackedProblem; readonly rlimit: number }
  | { readonly kind: "check"; readonly session: number; readonly check: number; readonly clauses: readonly Int32Array[] }
  | { readonly kind: "close"; readonly session: number };

/** What the worker may say of one check. `model` has one byte, 0 or 1, for each Boolean. */
export type WorkerAnswer =
  | { readonly kind: "sat"; readonly model: Uint8Array }
  | { readonly kind: "unsat"; readonly core: readonly number[] }
  | { readonly kind: "unknown"; readonly reason: "rlimit" | "memory" };

/** From a worker to its pool. `heapBytes` is what Z3 held after the check. */
export type FromWorker =
  | { readonly kind: "ready" }
  | {
      readonly kind: "answer";
      readonly session: number;
      readonly check: number;
      readonly heapBytes: number;
      readonly answer: WorkerAnswer;
    };

/** What the pool waits for; `parseAnswer` accepts nothing else. */
export type Expected = {
  readonly session: number;
  readonly check: number;
  readonly bools: number;
  readonly tracked: number;
};

/** Settings that a worker is born with (its `workerData`). */
export type WorkerSettings = { readonly memoryMiB: number };

function isCount(value: unknown, max: number): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns true iff `value` is the worker's word that it is ready. */
export function isReady(value: unknown): boolean {
  return isRecord(value) && value["kind"] === "ready";
}

/** Returns the answer to exactly the check that `expected` describes, or undefined for every other value. */
export function parseAnswer(value: unknown, expected: Expected): { readonly result: CheckResult; readonly heapBytes: number } | undefined {
  if (!isRecord(value) || value["kind"] !== "answer") return undefined;
  if (value["session"] !== expected.session || value["check"] !== expected.check) return undefined;
  const heapBytes = value["heapBytes"];
  const result = parseResult(value["answer"], expected);
  if (result === undefined || !isCount(heapBytes, Number.MAX_SAFE_INTEGER)) return undefined;
  return { result, heapBytes };
}

function parseResult(answer: unknown, expected: Expected): CheckResult | undefined {
  if (!isRecord(answer)) return undefined;
  switch (answer["kind"]) {
    case "sat": {
      const model = answer["model"];
      if (!(model instanceof Uint8Array) || model.length !== expected.bools) return undefined;
      if (model.some((byte) => byte > 1)) return undefined;
      return { kind: "sat", bools: Array.from(model, (byte) => byte === 1) };
    }
    case "unsat": {
      const parts: unknown = answer["core"];
      if (!Array.isArray(parts) || parts.length > expected.tracked) return undefined;
      const core: number[] = [];
      for (const part of parts) {
        if (!isCount(part, expected.tracked - 1) || part <= (core.at(-1) ?? -1)) return undefined;
        core.push(part);
      }
      return { kind: "unsat", core };
    }
    case "unknown": {
      if (answer["reason"] === "rlimit") return { kind: "unknown", reason: "solver_rlimit" };
      return answer["reason"] === "memory" ? { kind: "unknown", reason: "solver_failed" } : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Returns the problem packed, or `too_large` past one of `PROBLEM_BOUNDS`.
 *
 * @throws TypeError for a problem that is none: a child that is not an earlier node, an id out of range, a bound that is not finite.
 */
export function encodeProblem(
  problem: Problem,
): { readonly kind: "packed"; readonly problem: PackedProblem } | { readonly kind: "too_large" } {
  const { nodes, roots, tracked = [] } = problem;
  let edges = 0;
  for (const node of nodes) edges += node.kind === "and" || node.kind === "or" ? node.items.length : 1;
  const fits =
    problem.bools <= PROBLEM_BOUNDS.boolsMax &&
    problem.nums <= PROBLEM_BOUNDS.numsMax &&
    nodes.length <= PROBLEM_BOUNDS.nodesMax &&
    edges <= PROBLEM_BOUNDS.edgesMax &&
    roots.length <= PROBLEM_BOUNDS.rootsMax &&
    tracked.length <= PROBLEM_BOUNDS.trackedMax;
  if (!fits) return { kind: "too_large" };
  need(isCount(problem.bools, PROBLEM_BOUNDS.boolsMax) && isCount(problem.nums, PROBLEM_BOUNDS.numsMax), "counts");
  const ops: number[] = [];
  const bounds: number[] = [];
  nodes.forEach((node, index) => {
    packNode(node, index, problem, ops, bounds);
  });
  for (const end of [roots, tracked])
    need(
      end.every((index) => isCount(index, nodes.length - 1)),
      "roots",
    );
  return {
    kind: "packed",
    problem: {
      bools: problem.bools,
      nums: problem.nums,
      nodes: nodes.length,
      ops: Int32Array.from(ops),
      bounds: Float64Array.from(bounds),
      roots: Int32Array.from(roots),
      tracked: Int32Array.from(tracked),
    },
  };
}

function packNode(node: FormulaNode, index: number, problem: Problem, ops: number[], bounds: number[]): void {
  switch (node.kind) {
    case "bool":
      need(isCount(node.id, problem.bools - 1), `node \`${index}\``);
      ops.push(OP.bool, node.id);
      return;
    case "num": {
      const op = NUM_OPS.indexOf(node.op);
      need(isCount(node.variable, problem.nums - 1) && op >= 0 && Number.isFinite(node.bound), `node \`${index}\``);
      ops.push(OP.num, node.variable, op, bounds.push(node.bound) - 1);
      return;
    }
    case "const":
      ops.push(OP.const, node.value ? 1 : 0);
      return;
    case "not":
      need(isCount(node.item, index - 1), `node \`${index}\``);
      ops.push(OP.not, node.item);
      return;
    case "and":
    case "or":
      ops.push(OP[node.kind], node.items.length);
      for (const item of node.items) {
        need(isCount(item, index - 1), `node \`${index}\``);
        ops.push(item);
      }
  }
}

function need(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`malformed solver problem: ${what}`);
}

/**
 * Returns the clause as numbers: `id + 1` where the Boolean is to be true, `-(id + 1)` where it is to be false.
 *
 * @throws TypeError for an id that is not below `bools`.
 */
export function encodeClause(clause: Clause, bools: number): Int32Array {
  return Int32Array.from(clause, ({ id, value }) => {
    if (!isCount(id, bools - 1)) throw new TypeError(`malformed clause: no Boolean \`${id}\``);
    return value ? id + 1 : -(id + 1);
  });
}
