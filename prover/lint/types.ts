// What lint answers: findings that are proved, and what could not be decided. Plain data. Not trusted.

import type { Decision } from "../evaluate/decide.js";
import type { Json } from "../kernel/index.js";
import type { Certificate, Evaluation, LinkResult, RuleMention, Subject, UndecidedReason } from "../results.js";

/** What is wrong. Every kind is a statement that is proved, never an opinion. */
export type LintKind =
  | "never_matches"
  | "redundant"
  | "hidden_ask"
  | "denies_nothing"
  | "missing_field"
  | "never_canonical"
  | "wide_delegation"
  | "empty_limit";

/** One step of a JSON Patch (RFC 6902) of the policy that is linted. */
export type Edit =
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: Json };

/** One side of a proof: the linted policy after `edits`, or its delegable view. `sha256` is that of the edited document. */
export type Side = { readonly edits: readonly Edit[]; readonly view: boolean; readonly sha256: string };

/** What a finding rests on. Certificates were accepted by the kernel, requests were replayed by the evaluator. */
export type Evidence =
  | {
      readonly kind: "certificate";
      readonly claim: string;
      readonly lower: Side;
      readonly upper: Side;
      readonly certificate: Certificate;
    }
  | {
      readonly kind: "request";
      readonly claim: string;
      readonly request: { readonly [key: string]: Json };
      readonly of: Side;
      readonly decision: Decision;
      readonly evaluation: Evaluation;
    }
  /** An amount that stands in the policy, or that is 0 because none does: there is nothing to prove of it. */
  | { readonly kind: "limit"; readonly claim: string; readonly limit: string; readonly value: string };

/** One finding, at a rule, a pattern or a limit. */
export type Finding = {
  readonly kind: LintKind;
  /** A `note` changes no decision and hides none: what was written there simply has no effect. */
  readonly level: "warning" | "note";
  /** JSON Pointer to the place in the policy. */
  readonly pointer: string;
  readonly rule?: RuleMention;
  /** The rules that do the work of this one: they are enough, and none of them can be left out as far as was looked. */
  readonly covers: readonly RuleMention[];
  /** True iff it is proved that the policy decides every request alike without this rule, by itself and with all others that are removable. */
  readonly removable: boolean;
  /** One sentence for people. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
};

/** Why a question was left open. `lint_bound` is a code of the registry in `src/errors.ts`, as the others are. */
export type LintReason = UndecidedReason | "lint_bound";

/** A question that could not be decided: whether there is a finding of `kind` at `pointer`. */
export type Undecided = { readonly kind: LintKind; readonly pointer: string; readonly rule?: RuleMention; readonly reason: LintReason };

/** The answer of lint. */
export type LintReport = {
  readonly policy: { readonly name: string; readonly version: string; readonly sha256: string };
  /** In the order of the policy. */
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
  /** How many links were proved or refuted for it. */
  readonly checks: number;
};

/** Proves links: the prover of `core.ts` is such. */
export type LinkProver = {
  checkContainment(
    lower: Subject,
    upper: Subject,
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ): Promise<LinkResult>;
};

/** The settings of one run of lint. */
export type LintOptions = {
  /** Epoch milliseconds at which limits are judged. Without it, no policy is found to have expired. */
  readonly now?: number;
  /** 1..600000 ms for all of it; what is left then is undecided, `deadline`. It is kept by `clock` only. */
  readonly deadlineMs?: number;
  /** Milliseconds of any steady clock, such as `performance.now`. Without one only the bounds on work are kept. */
  readonly clock?: () => number;
  readonly signal?: AbortSignal;
  readonly bounds?: Partial<LintBounds>;
};

/** The bounds on the work of one run. Past any of them a question is undecided, `lint_bound`. */
export type LintBounds = {
  /** Rules of one list that are looked at. */
  readonly rulesMax: number;
  /** Patterns that are looked at. */
  readonly patternsMax: number;
  /** Links that are proved. */
  readonly checksMax: number;
  /** Fields of one deny that are tried without. */
  readonly fieldsMax: number;
  /** Links that are proved to name the rules that cover one; past it the set that is named may be larger than need be. */
  readonly coverChecksMax: number;
  /** One link, milliseconds. */
  readonly checkDeadlineMs: number;
  /** All of it, milliseconds. */
  readonly deadlineMs: number;
};

/** The bounds in force where none are given. */
export const defaultLintBounds: LintBounds = {
  rulesMax: 1_000,
  patternsMax: 10_000,
  checksMax: 20_000,
  fieldsMax: 16,
  coverChecksMax: 48,
  checkDeadlineMs: 1_000,
  deadlineMs: 10_000,
};
