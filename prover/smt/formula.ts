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
export type SolverProblem = {
  readonly bools: number;
  readonly nums: number;
  readonly nodes: readonly FormulaNode[];
  readonly roots: readonly number[];
  readonly tracked?: readonly number[];
};

/** Deepest tree that `ProblemBuilder.add` walks. Policies nest 32 deep at most; a deeper tree is our own bug. */
export const FORMULA_DEPTH_MAX = 1_000;

/** Builds the nodes of a `SolverProblem`. Equal nodes are made once. Every method returns the node's index. */
export type ProblemBuilder = {
  readonly bool: (id: number) => number;
  readonly num: (variable: number, op: NumOp, bound: number) => number;
  readonly constant: (value: boolean) => number;
  readonly not: (item: number) => number;
  readonly and: (items: readonly number[]) => number;
  readonly or: (items: readonly number[]) => number;
  /** @throws RangeError for a tree deeper than `FORMULA_DEPTH_MAX`. */
  readonly add: (formula: Formula) => number;
  readonly build: (ends: { readonly roots: readonly number[]; readonly tracked?: readonly number[] }) => SolverProblem;
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

/** Returns the literal of a clause that says that Boolean `id` is `truth`: `id + 1`, negative for false. */
export function encodeLiteral(id: number, truth: boolean): number {
  return truth ? id + 1 : -(id + 1);
}
