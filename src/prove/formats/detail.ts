// What the formats for other programs say of a claim that is not as expected, in lines without colours. Not trusted.

import type { ClaimResult, Place } from "../results.js";
import { placeText } from "../sentences.js";

/** Returns why the claim must hold, what was found, the first request, the rules to blame, and what changed. */
export function detailText(result: ClaimResult): string {
  const { because, summary, witnesses, blame, changes } = result;
  const [first] = witnesses;
  return [
    `because ${because}`,
    summary,
    ...(first?.kind === "request" ? [`request ${JSON.stringify(first.request)}`] : []),
    ...blame.map((rule) => `${placeText(rule)} ${rule.effect} rule \`${rule.id}\``),
    ...(changes ?? []).map((change) => `${change.kind} ${change.what} at ${placeText(change)}`),
    `claimed at ${placeText(result)}`,
  ].join("\n");
}

/** Returns where a reader must look: at what changed, else at the rule to blame, else at the claim. */
export function placeOf(result: ClaimResult): Place {
  const places: readonly Place[] = [...(result.changes ?? []).filter(({ kind }) => kind !== "removed"), ...result.blame, result];
  const blamed = result.found === "fails" ? places.find(({ line }) => line !== undefined) : undefined;
  return blamed ?? result;
}
