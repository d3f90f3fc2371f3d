// The formulas that we ask a solver about: Booleans known by number and comparisons of numbers, nothing else. No policy text
// can be said here, so none reaches a solver. Neutral: nothing in this file knows which solver answers. Not trusted.

/** A comparison of a real-valued variable with a constant: `lt` is `<`, `le` is `<=`, `eq` is `=`. */
export type NumOp = "lt" | "le" | "eq";

/** A formula as a tree. `id` and `variable` count from 0; `bound` is a finite double and stands for exactly its own value. */
export type Formula =
  | { readonly kind: "bool"; readonly id: number }
  | { readonly kind: "num"; readonly variable: number; readonly op: NumOp; readonly bound: number }
  | { readonly kind: "const"; readonly value: boolean }
  | { readonly kind: "not"; readonly item: Formula }
  | { readonly kind: "and" | "or"; readonly items: readonly Formula[] };

/** One node of a formula as a graph: as `Formula`, but a child is the index of an earlier node. */
export type FormulaNode =
  | { readonly kind: "bool"; readonly id: number }
  | { readonly kind: "num"; readonly variable: number; readonly op: NumOp; readonly bound: number }
  | { readonly kind: "const"; readonly value: boolean }
  | { readonly kind: "not"; readonly item: number }
  | { readonly kind: "and" | "or"; readonly items: readonly number[] };

/**
 * A question for a solver: is there an assignment of `bools` Booleans and `nums` reals in which every node of `roots` and every
 * node of `tracked` is true? Children come before their parents in `nodes`. When the answer is no, the solver names a part of
 * `tracked` (by position in it) that already contradicts the roots.
 */
export type Problem = {
  readonly bools: number;
  readonly nums: number;
  readonly nodes: readonly FormulaNode[];
  readonly roots: readonly number[];
  readonly tracked?: readonly number[];
};

/** A lemma: at least one of these Booleans has the value that stands beside it. An empty clause is false. */
export type Clause = readonly { readonly id: number; readonly value: boolean }[];

/** Why a solver has no answer: codes of the registry in `src/errors.ts`. None of them authorises anything. */
export type SolverReason =
  | "solver_rlimit" // the work or the size that one question may have is used up: the same question ends so again
  | "solver_deadline" // the session's time is over
  | "solver_failed" // the solver died, ran out of memory, or answered nonsense
  | "solver_overloaded" // too many sessions wait already
  | "shutdown"; // the session or the pool was closed

/** The answer to one check. `bools` has one value for each Boolean; `core` holds ascending positions in `tracked`. */
export type CheckResult =
  | { readonly kind: "sat"; readonly bools: readonly boolean[] }
  | { readonly kind: "unsat"; readonly core: readonly number[] }
  | { readonly kind: "unknown"; readonly reason: SolverReason };

/** One problem in front of a solver. Its answers are proposals: callers replay a model and check a proof. */
export type Session = {
  /**
   * Returns the answer to the problem and the clauses added so far. Never rejects for what a solver does.
   *
   * @throws TypeError when the check before has not been answered yet.
   */
  readonly check: () => Promise<CheckResult>;
  /**
   * Adds a lemma for every later check. Does nothing when the session is over.
   *
   * @throws TypeError for a clause with an id that the problem does not have.
   */
  readonly add: (clause: Clause) => void;
  /** Ends the session and frees its solver. A check that still waits answers `shutdown`. May be called again. */
  readonly close: () => void;
};

/**
 * Opens a session. `rlimit` (1..4294967295) bounds each check by the solver's own deterministic measure; `deadlineMs` (1..600000)
 * is for the whole session from now on, waiting included. Both are brought into their range.
 */
export type OpenSession = (problem: Problem, limits: { readonly rlimit: number; readonly deadlineMs: number }) => Session;

/** Deepest tree that `ProblemBuilder.add` walks. Policies nest 32 deep at most; a deeper tree is our own bug. */
export const FORMULA_DEPTH_MAX = 1_000;

/** Builds the nodes of a `Problem`. Equal nodes are made once. Every method returns the node's index. */
export type ProblemBuilder = {
  readonly bool: (id: number) => number;
  readonly num: (variable: number, op: NumOp, bound: number) => number;
  readonly constant: (value: boolean) => number;
  readonly not: (item: number) => number;
  readonly and: (items: readonly number[]) => number;
  readonly or: (items: readonly number[]) => number;
  /** @throws RangeError for a tree deeper than `FORMULA_DEPTH_MAX`. */
  readonly add: (formula: Formula) => number;
  readonly build: (ends: { readonly roots: readonly number[]; readonly tracked?: readonly number[] }) => Problem;
};

/**
 * Returns an empty builder for a problem over `bools` Booleans and `nums` reals.
 *
 * Constants are folded, double negation is removed, and the children of `and` and `or` are sorted and made unique.
 *
 * @example
 * const b = createProblemBuilder({ bools: 2, nums: 0 });
 * const problem = b.build({ roots: [b.or([b.bool(0), b.not(b.bool(1))])] });
 */
export function createProblemBuilder(counts: { readonly bools: number; readonly nums: number }): ProblemBuilder {
  const nodes: FormulaNode[] = [];
  const known = new Map<string, number>();
  const intern = (key: string, node: FormulaNode): number => {
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    known.set(key, nodes.length);
    return nodes.push(node) - 1;
  };
  const bool = (id: number) => intern(`b${id}`, { kind: "bool", id });
  const constant = (value: boolean) => intern(value ? "t" : "f", { kind: "const", value });
  const num = (variable: number, op: NumOp, bound: number) =>
    // Minus zero and zero are one value, and one text here.
    intern(`n${variable},${op},${bound}`, { kind: "num", variable, op, bound: bound === 0 ? 0 : bound });
  const not = (item: number): number => {
    const node = nodes[item];
    if (node?.kind === "not") return node.item;
    if (node?.kind === "const") return constant(!node.value);
    return intern(`!${item}`, { kind: "not", item });
  };
  const join = (kind: "and" | "or", items: readonly number[]): number => {
    const absorbing = kind === "or";
    const kept: number[] = [];
    for (const item of [...new Set(items)].sort((a, b) => a - b)) {
      const node = nodes[item];
      if (node?.kind !== "const") kept.push(item);
      else if (node.value === absorbing) return constant(absorbing);
    }
    const [only] = kept;
    if (only === undefined) return constant(!absorbing);
    if (kept.length === 1) return only;
    return intern(`${kind}${kept.join(",")}`, { kind, items: kept });
  };
  const add = (formula: Formula, depth: number): number => {
    if (depth > FORMULA_DEPTH_MAX) throw new RangeError(`a formula is deeper than \`${FORMULA_DEPTH_MAX}\``);
    switch (formula.kind) {
      case "bool":
        return bool(formula.id);
      case "num":
        return num(formula.variable, formula.op, formula.bound);
      case "const":
        return constant(formula.value);
      case "not":
        return not(add(formula.item, depth + 1));
      case "and":
      case "or":
        return join(
          formula.kind,
          formula.items.map((item) => add(item, depth + 1)),
        );
    }
  };
  return {
    bool,
    num,
    constant,
    not,
    and: (items) => join("and", items),
    or: (items) => join("or", items),
    add: (formula) => add(formula, 0),
    build: (ends) => ({ ...counts, nodes: [...nodes], ...ends }),
  };
}

/**
 * Returns the exact value of a finite double as an integer or as `numerator/denominator`, in decimal digits. `0.1` is
 * `3602879701896397/36028797018963968`, because that is the number a policy compares with.
 *
 * @throws RangeError for NaN and the infinities.
 */
export function encodeRational(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`expected a finite number, got \`${value}\``);
  let numerator = value;
  let shift = 0;
  // A double that is no integer is below 2^53, so doubling it is exact; 1,074 doublings make an integer of the smallest one.
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    shift += 1;
  }
  return shift === 0 ? `${BigInt(numerator)}` : `${BigInt(numerator)}/${1n << BigInt(shift)}`;
}
