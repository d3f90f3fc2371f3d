// What the prover answers. Plain data: the HTTP service and the command line turn it into JSON. Not trusted.

import type { Decision } from "./evaluate/decide.js";
import type { Effect, Json, Policy } from "./kernel/index.js";

/** A policy that was read: the document as given (frozen), its hash, and what the kernel loaded from it. */
export type ParsedPolicy = {
  readonly kind: "policy";
  readonly document: { readonly [key: string]: Json };
  readonly name: string;
  readonly version: string;
  /** 64 lower-case hex digits: SHA-256 of the RFC 8785 form of the document. */
  readonly sha256: string;
  readonly loaded: Policy;
};

/** The delegable view of a policy: what of it may be handed on. */
export type PolicyView = { readonly kind: "view"; readonly of: ParsedPolicy; readonly loaded: Policy };

/** One side of a link. */
export type Subject = ParsedPolicy | PolicyView;

/** Why a link is undecided. Each is a code of the registry in `src/errors.ts`. */
export type UndecidedReason =
  | "search_bound"
  | "theory_bound"
  | "mixed_theories"
  | "no_generation_left"
  | "certificate_too_large"
  | "certificate_refused"
  | "solver_rlimit"
  | "solver_deadline"
  | "solver_failed"
  | "solver_overloaded"
  | "deadline"
  | "shutdown";

/** A rule as an explanation names it. `list` is "rules" or "delegation". */
export type RuleMention = {
  readonly id: string;
  readonly effect: Effect;
  readonly pointer: string;
  readonly because?: string;
  /** Present where the rule is not true but unknown: a value that it can not judge. It restricts then, and never grants. */
  readonly truth?: "unknown";
};

/** Why a rule that is near does not match: the predicate that fails, its field, and the value that stands there. */
export type NearMiss = {
  readonly rule: RuleMention;
  readonly field: string;
  readonly predicate: string;
  readonly expected: Json;
  /** Absent where the field is absent. */
  readonly got?: Json;
  readonly truth: "false" | "unknown";
  readonly summary: string;
};

/** What one policy decides of a request, and why. */
export type Evaluation = {
  readonly decision: Decision;
  /** The rules that made the decision. */
  readonly rules: readonly RuleMention[];
  /** The rules whose action matches and that are not true, nearest first. */
  readonly near: readonly NearMiss[];
};

/** A request (or a limit) that escapes: permitted below and denied above, or allowed below and asked above. */
export type Counterexample =
  | {
      readonly kind: "request";
      readonly request: { readonly [key: string]: Json };
      readonly lower: Evaluation;
      readonly upper: Evaluation;
      /** One sentence for people. */
      readonly summary: string;
    }
  | { readonly kind: "limit"; readonly limit: string; readonly lower: string; readonly upper: string; readonly summary: string };

/** How an answer was found. */
export type Stage = "hash" | "limits" | "cover" | "search" | "solver";

/** What finding an answer cost. Times are milliseconds, by the clock that was passed in; 0 without one. */
export type Effort = {
  readonly stage: Stage;
  readonly findMs: number;
  readonly checkMs: number;
  readonly nodes: number;
  readonly solverChecks: number;
  /** Present where the answer was kept from an earlier check: `stage` says how it was found then, and the rest is 0. */
  readonly cached?: boolean;
};

/** A certificate as JSON: `schemas/certificate.schema.json`. */
export type Certificate = { readonly [key: string]: Json };

/** The answer for one link. */
export type LinkResult =
  | { readonly kind: "contained"; readonly certificate: Certificate; readonly effort: Effort }
  | {
      readonly kind: "review";
      readonly certificate: Certificate;
      readonly counterexamples: readonly Counterexample[];
      readonly effort: Effort;
    }
  | { readonly kind: "exceeds"; readonly counterexamples: readonly Counterexample[]; readonly effort: Effort }
  | { readonly kind: "undecided"; readonly reason: UndecidedReason; readonly effort: Effort };

/** The names of the four policies of a spawn, least first. */
export type Role = "child" | "parent_delegable" | "parent_boundary" | "admin_max";

/** One link of the chain. */
export type ChainLink = { readonly lower: Role; readonly upper: Role; readonly result: LinkResult };

/** The verdict on a spawn: section 7 of the language. */
export type Verdict = "apply" | "ask" | "reject";

/** The policies of a spawn as they are named and bound in its answer. */
export type PolicyMention = {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly derived?: "delegable_view";
};

/** The answer to a spawn check, before anyone signs it. */
export type SpawnResult = {
  readonly verdict: Verdict;
  readonly policies: { readonly [role in Role]: PolicyMention };
  readonly links: readonly ChainLink[];
};
