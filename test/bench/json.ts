// Looks into JSON values. Benchmark code, not trusted.

import type { Json } from "../../prover/index.js";

/** Returns true iff `value` is an object. */
export const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A rule as a policy document holds it, read loosely: the benchmark wrote it itself. */
export type LooseRule = {
  readonly id: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly when: { readonly [field: string]: Json };
};

/** Returns the rules that a policy's text holds. */
export function rulesOf(text: string): readonly LooseRule[] {
  const { rules } = JSON.parse(text) as {
    readonly rules: readonly {
      readonly id: string;
      readonly effect: string;
      readonly action: string | readonly string[];
      readonly when?: Json;
    }[];
  };
  return rules.map(({ id, effect, action, when }) => ({
    id,
    effect,
    actions: typeof action === "string" ? [action] : action,
    when: isRecord(when) ? when : {},
  }));
}

/** Returns the texts of a predicate that takes one or a list of them. */
export const textsOf = (argument: Json): readonly string[] => (Array.isArray(argument) ? argument.map(String) : [String(argument)]);
