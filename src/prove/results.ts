// What proving claims answers. Plain data: the formats turn it into text. Not trusted.

import type { Decision, Json, LinkResult, NearMiss, RuleMention } from "../../prover/core.js";
import type { ClaimKind } from "./schema.js";

/** A place in a file. */
export type Place = { readonly file: string; readonly line?: number };

/** A rule, where it stands, and what is written there. */
export type PlacedRule = RuleMention & Place & { readonly stated?: Json };

/** What one policy of the claim decides of a request, and the rules that made the decision. */
export type PartyDecision = {
  readonly role: string;
  readonly policy: string;
  readonly decision: Decision;
  readonly rules: readonly PlacedRule[];
  readonly near: readonly (Omit<NearMiss, "rule"> & { readonly rule: PlacedRule })[];
};

/** A request, or a limit, that shows why one of the claim's questions is not answered `contained`. */
export type Witness =
  | { readonly kind: "request"; readonly title: string; readonly request: JsonObject; readonly decisions: readonly PartyDecision[] }
  | { readonly kind: "limit"; readonly title: string; readonly limit: string; readonly lower: string; readonly upper: string };

type JsonObject = { readonly [key: string]: Json };

/** A policy of the claim as it was read. */
export type PolicyUse = {
  readonly role: string;
  readonly file: string;
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly view: boolean;
  /** Whether it is the version of the base revision. */
  readonly old: boolean;
};

/** One containment that the claim comes down to. `nodes` is the size of its certificate. */
export type LinkUse = {
  readonly title: string;
  readonly result: LinkResult["kind"];
  readonly reason?: string;
  readonly nodes?: number;
};

/** What differs between the old and the new version of a policy, rule by rule. */
export type Change = Place & { readonly kind: "added" | "removed" | "changed"; readonly what: string };

/** `unproved`: only kept certificates were looked at, and they do not prove the claim. */
export type Found = "holds" | "fails" | "undecided" | "unproved";

/** The answer for one claim. */
export type ClaimResult = Place & {
  readonly name: string;
  readonly because: string;
  readonly claim: ClaimKind;
  readonly expect: "holds" | "fails";
  readonly found: Found;
  /** `expected`: a claim that must hold does, or one that must fail fails. An undecided claim is never as expected. */
  readonly outcome: "expected" | "unexpected" | "undecided";
  /** One sentence for people. */
  readonly summary: string;
  readonly policies: readonly PolicyUse[];
  readonly links: readonly LinkUse[];
  readonly witnesses: readonly Witness[];
  /** The rules that made the decisions which the claim is about; where no rule made one, those that were nearest. */
  readonly blame: readonly PlacedRule[];
  /** Present on `no_new_access`. */
  readonly changes?: readonly Change[];
  /** What to keep, so that the answer can be checked again without a search; absent where it is undecided. */
  readonly evidence?: Evidence;
  /** Milliseconds, by the clock that was passed in. */
  readonly ms: number;
};

/** What is kept of one question: a certificate, a request, or a limit. */
export type LinkEvidence = {
  readonly title: string;
  readonly result: "contained" | "review" | "exceeds";
  readonly certificate?: JsonObject;
  readonly request?: JsonObject;
  readonly limit?: string;
};

/** What is kept of one claim. `policies` holds the hash of each policy by its role. */
export type Evidence = {
  readonly name: string;
  readonly found: "holds" | "fails";
  readonly policies: { readonly [role: string]: string };
  readonly links: readonly LinkEvidence[];
};

/** How many claims ended how. */
export type Totals = {
  readonly claims: number;
  readonly expected: number;
  readonly planned: number;
  readonly unexpected: number;
  readonly undecided: number;
};

/** Returns how many claims ended how; `planned` of the expected ones failed as they must. */
export function totalsOf(results: readonly ClaimResult[]): Totals {
  const count = (is: (result: ClaimResult) => boolean) => results.filter(is).length;
  return {
    claims: results.length,
    expected: count(({ outcome }) => outcome === "expected"),
    planned: count(({ outcome, expect }) => outcome === "expected" && expect === "fails"),
    unexpected: count(({ outcome }) => outcome === "unexpected"),
    undecided: count(({ outcome }) => outcome === "undecided"),
  };
}
