// A refutation as a tree, before it is written down as a certificate. Not trusted.

import type { Condition, Literal, Truth } from "../kernel/index.js";

/** Literals of which no request has all: a fact of the patterns alone. */
export type Lemma = readonly Literal[];

/** Where a rule stands. */
export type RulePlace = { readonly side: "lower" | "upper"; readonly list: number; readonly rule: number };

/** Why no request of a branch escapes. */
export type LeafReason = "impossible" | "lower_denies" | "upper_permits" | "lower_asks";

/** What a node splits on: the condition, and the rule that it is where it is a whole rule. */
export type Pivot = { readonly condition: Condition; readonly place?: RulePlace };

/** A proof that no request of a branch escapes. `by` holds the lemmas that the node applies. */
export type Proof =
  | { readonly kind: "leaf"; readonly by: readonly Lemma[]; readonly reason: LeafReason }
  | { readonly kind: "split"; readonly by: readonly Lemma[]; readonly pivot: Pivot; readonly into: readonly (readonly [Truth, Proof])[] }
  | { readonly kind: "cases"; readonly by: readonly Lemma[]; readonly pivot: Pivot; readonly parts: readonly Proof[] }
  | { readonly kind: "permits"; readonly by: readonly Lemma[]; readonly list: number; readonly parts: readonly Proof[] };
