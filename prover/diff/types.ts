// What a comparison of two policies answers. Plain data. Not trusted.

import type { Decision } from "../evaluate/decide.js";
import type { Effect, Json } from "../kernel/index.js";
import type { Certificate, Evaluation, UndecidedReason } from "../results.js";

/** Which of the two policies. */
export type DiffSide = "old" | "new";

/** A rule of one of the two policies. `pointer` is a JSON Pointer into its document. */
export type RulePlace = { readonly id: string; readonly effect: Effect; readonly pointer: string };

/**
 * A part of all requests, in the policies' own words: those on which `rule` has its effect, and none of `except` has. An allow has its effect
 * where it is true; an ask or a deny where it is true or unknown.
 */
export type Region = {
  readonly side: DiffSide;
  readonly rule: RulePlace;
  readonly action: Json;
  readonly when?: Json;
  readonly unless?: Json;
  /** Rules of the other policy, whose own items cover what they take effect on. */
  readonly except: readonly RulePlace[];
};

/** One part of the difference: the requests of `region` that the old policy decides `from` and the new one `to`. */
export type DiffItem =
  | {
      readonly kind: "requests";
      readonly from: Decision;
      readonly to: Decision;
      readonly region: Region;
      /** A request of this part that no other item covers. */
      readonly request: { readonly [key: string]: Json };
      readonly old: Evaluation;
      readonly new: Evaluation;
      readonly summary: string;
    }
  | { readonly kind: "limit"; readonly limit: string; readonly old: string; readonly new: string; readonly summary: string };

/** How two policies differ. */
export type DiffResult =
  | {
      readonly kind: "equivalent";
      /** That the new policy is within the old one, and the old one within the new one. */
      readonly certificates: { readonly newWithinOld: Certificate; readonly oldWithinNew: Certificate };
    }
  | {
      readonly kind: "differs";
      readonly items: readonly DiffItem[];
      /** True only if it is proved that every request that is decided differently is covered by an item, and that no item can be left out. */
      readonly complete: boolean;
      /** Why it is not complete. */
      readonly reason?: UndecidedReason;
    }
  | { readonly kind: "undecided"; readonly reason: UndecidedReason };
