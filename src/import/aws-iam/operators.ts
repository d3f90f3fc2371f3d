// The names of IAM's condition operators. Not trusted.

/** How two quantities are compared. */
export type Comparison = "eq" | "lt" | "lte" | "gt" | "gte";

/** What an operator asks of one value, before it is negated, made optional or asked of many. */
export type Test =
  | { readonly kind: "text"; readonly wildcards: boolean }
  | { readonly kind: "ignoreCase" | "arn" | "ip" | "bool" | "null" }
  | { readonly kind: "number" | "date"; readonly comparison: Comparison };

/** An operator. `quantifier` is undefined where a key has one value at most. */
export type Operator = {
  readonly name: string;
  readonly test: Test;
  readonly negated: boolean;
  readonly ifExists: boolean;
  readonly quantifier: "ForAllValues" | "ForAnyValue" | undefined;
};

type Base = { readonly test: Test; readonly negated: boolean };

const is = (test: Test): Base => ({ test, negated: false });
const isNot = (test: Test): Base => ({ test, negated: true });

function comparisons(prefix: string, kind: "number" | "date"): readonly (readonly [string, Base])[] {
  return [
    [`${prefix}Equals`, is({ kind, comparison: "eq" })],
    [`${prefix}NotEquals`, isNot({ kind, comparison: "eq" })],
    [`${prefix}LessThan`, is({ kind, comparison: "lt" })],
    [`${prefix}LessThanEquals`, is({ kind, comparison: "lte" })],
    [`${prefix}GreaterThan`, is({ kind, comparison: "gt" })],
    [`${prefix}GreaterThanEquals`, is({ kind, comparison: "gte" })],
  ];
}

// SOURCE: AWS IAM User Guide, "IAM JSON policy elements: Condition operators". ArnEquals and ArnLike are the same there.
const BASES: ReadonlyMap<string, Base> = new Map([
  ["StringEquals", is({ kind: "text", wildcards: false })],
  ["StringNotEquals", isNot({ kind: "text", wildcards: false })],
  ["StringEqualsIgnoreCase", is({ kind: "ignoreCase" })],
  ["StringNotEqualsIgnoreCase", isNot({ kind: "ignoreCase" })],
  ["StringLike", is({ kind: "text", wildcards: true })],
  ["StringNotLike", isNot({ kind: "text", wildcards: true })],
  ["ArnEquals", is({ kind: "arn" })],
  ["ArnLike", is({ kind: "arn" })],
  ["ArnNotEquals", isNot({ kind: "arn" })],
  ["ArnNotLike", isNot({ kind: "arn" })],
  ...comparisons("Numeric", "number"),
  ...comparisons("Date", "date"),
  ["Bool", is({ kind: "bool" })],
  ["IpAddress", is({ kind: "ip" })],
  ["NotIpAddress", isNot({ kind: "ip" })],
  ["Null", is({ kind: "null" })],
]);

/** The operators without prefix and suffix, for messages. */
export const OPERATOR_NAMES: readonly string[] = [...BASES.keys()];

/** Returns the operator called `name`, or undefined where there is none: `Null` has no `IfExists`, and asks of no many. */
export function findOperator(name: string): Operator | undefined {
  const [, prefix, bare = "", suffix] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/s.exec(name) ?? [];
  const base = BASES.get(bare);
  if (base === undefined) return undefined;
  const quantifier = prefix === "ForAllValues" || prefix === "ForAnyValue" ? prefix : undefined;
  if (base.test.kind === "null" && (quantifier !== undefined || suffix !== undefined)) return undefined;
  return { ...base, name, quantifier, ifExists: suffix !== undefined };
}
