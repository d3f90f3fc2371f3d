// One sentence on a claim's answer, for people. Not trusted.

import type { Found, PartyDecision, PlacedRule, Witness } from "./results.js";
import type { ClaimKind } from "./schema.js";

/** Returns a rule's file and line as people write it. */
export const placeText = ({ file, line }: Pick<PlacedRule, "file" | "line">): string => (line === undefined ? file : `${file}:${line}`);

const ids = (rules: readonly PlacedRule[]): string => {
  const names = rules.map(({ id }) => `\`${id}\``).join(", ");
  return rules.length === 1 ? `rule ${names}` : `rules ${names}`;
};

function decisionText({ policy, decision, rules, near }: PartyDecision): string {
  const verb = { allow: "allows", ask: "asks for approval of", deny: "denies" }[decision];
  if (rules.length > 0) return `\`${policy}\` ${verb} it by ${ids(rules)}`;
  const [nearest] = near;
  if (nearest === undefined) return `no rule of \`${policy}\` permits it`;
  return `no rule of \`${policy}\` permits it: in the nearest, \`${nearest.rule.id}\`, ${nearest.summary}`;
}

/** Returns what a witness shows, as a sentence. */
export function witnessText(witness: Witness): string {
  if (witness.kind === "limit") return `the limit \`${witness.limit}\` is ${witness.lower} below and ${witness.upper} above`;
  const action = witness.request["action"];
  return `of \`${typeof action === "string" ? action : "a request"}\`: ${witness.decisions.map(decisionText).join("; ")}`;
}

const whatHolds: { readonly [kind in ClaimKind]: string } = {
  contained: "no request is decided higher by `lower`, and no limit is greater",
  review: "`upper` denies nothing that `lower` permits, and asks for some of it",
  exceeds: "`lower` permits what `upper` denies, or has a greater limit",
  equivalent: "both decide every request alike, and have the same limits",
  disjoint: "no request is permitted by both",
  never: "no request that meets the condition is so decided",
  always: "every request that meets the condition is so decided",
  spawn: "the verdict is the one that is claimed",
  decision: "the decision is the one that is claimed",
  no_new_access: "the new version permits nothing that the old one did not",
};

/** Returns one sentence on what was found of a claim; `why` says why nothing was. */
export function sentenceOf(
  kind: ClaimKind,
  found: Found,
  expect: "holds" | "fails",
  witnesses: readonly Witness[],
  why: string | undefined,
): string {
  if (found === "undecided" || found === "unproved") return why ?? found;
  const [first] = witnesses;
  const shown = first === undefined ? "" : witnessText(first);
  if (found === "holds") return expect === "fails" ? `it must fail, but ${whatHolds[kind]}` : whatHolds[kind];
  return shown === "" ? `it is not so that ${whatHolds[kind]}` : shown;
}
