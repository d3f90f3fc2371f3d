// The kinds of findings in people's words, for the formats that describe them. Not trusted.

import type { LintKind } from "../../../prover/core.js";

/** What each kind of finding says, in one sentence. */
export const lintKinds: { readonly [kind in LintKind]: string } = {
  never_matches: "No request makes the action and the conditions of this rule hold together.",
  redundant: "The policy decides every request alike without this rule.",
  hidden_ask: "This ask never asks: a deny holds wherever it does.",
  denies_nothing: "This deny denies nothing: where it holds, the policy permits nothing without it either.",
  missing_field: "A request that leaves a field out slips past this deny, and is permitted.",
  never_canonical: "This pattern matches no canonical text.",
  wide_delegation: "This rule hands on what no rule of the policy itself grants, so that it has no effect there.",
  empty_limit: "This limit permits nothing.",
};
