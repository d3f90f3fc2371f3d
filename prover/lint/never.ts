// Rules that can never match: no request makes action, `when` and `unless` hold together. Not trusted.

import type { Json } from "../kernel/index.js";
import type { Answer } from "./asker.js";
import type { Run } from "./run.js";
import { dropKeys, everything, type Listed, mentionOf, replaceRules, withEffect } from "./scope.js";

type Request = { readonly [key: string]: Json };

/** Whether a rule matters at all, with requests of which it is true, or unknown where it is never true. */
export type Matching = {
  /** `never`: it is false of every request. `restricts`: it is never true, but unknown of some requests, which it restricts. */
  readonly kind: "matches" | "restricts" | "never" | "undecided";
  readonly witnesses: readonly Request[];
};

/** Finds out whether `listed` can match, and says so where it can not. */
export async function checkMatching(run: Run, listed: Listed): Promise<Matching> {
  const { asker } = run;
  const { stated, rule, pointer } = listed;
  const place = { pointer, rule: mentionOf(listed) };
  const bare = dropKeys(asker.policy, "limits", "delegation");
  const probe = (...rules: readonly Request[]) => asker.variant([...bare, replaceRules("/rules", rules)]);
  const undecided = (answer: Extract<Answer, { readonly kind: "undecided" }>): Matching => {
    run.leave("never_matches", place, answer.reason);
    return { kind: "undecided", witnesses: [] };
  };

  const claim = `no request makes \`${rule.id}\` true`;
  const isTrue = await asker.ask(claim, probe(withEffect(stated, "allow")), probe());
  if (isTrue.kind === "undecided") return undecided(isTrue);
  if (isTrue.kind === "no") return { kind: "matches", witnesses: isTrue.requests };
  const summary = `\`${rule.id}\` can never match: its action and its conditions contradict each other`;
  const finding = { kind: "never_matches", ...place, summary } as const;
  if (rule.effect === "allow") {
    run.find({ ...finding, removable: true, evidence: [isTrue.proof] });
    return { kind: "never", witnesses: [] };
  }
  // A restriction counts where it is unknown too.
  const all = everything("allow", [stated]);
  const restricting = probe(all, withEffect(stated, "deny"));
  const isFalse = await asker.ask(`no request makes \`${rule.id}\` unknown either`, probe(all), restricting);
  if (isFalse.kind === "undecided") return undecided(isFalse);
  if (isFalse.kind === "yes") {
    run.find({ ...finding, removable: true, evidence: [isTrue.proof, isFalse.proof] });
    return { kind: "never", witnesses: [] };
  }
  const [request] = isFalse.requests;
  run.find({
    ...finding,
    summary: `\`${rule.id}\` can never be true: it restricts only requests that it can not judge`,
    evidence: [
      isTrue.proof,
      ...(request === undefined
        ? []
        : [asker.replay(`\`${rule.id}\` is unknown of this request, as a deny it stops it`, request, restricting)]),
    ],
  });
  return { kind: "restricts", witnesses: isFalse.requests };
}
