// Rules of a delegation that reach further than the policy: there they have no effect. Not trusted.

import { decide } from "../evaluate/decide.js";
import type { Run } from "./run.js";
import { dropKeys, type Listed, mentionOf, overlap, replaceRules, withEffect } from "./scope.js";

/** Finds out whether a rule of the delegation permits what the policy itself does not, and says so. */
export async function checkWider(run: Run, listed: Listed, handed: readonly Listed[], own: readonly Listed[]): Promise<void> {
  if (listed.rule.effect === "deny") return;
  const { asker } = run;
  const place = { pointer: listed.pointer, rule: mentionOf(listed) };
  const edits = dropKeys(asker.policy, "delegation");
  const near = (rules: readonly Listed[]) => rules.filter((other) => overlap(listed, other)).map(({ stated }) => stated);
  const denies = near(handed.filter(({ rule }) => rule.effect === "deny"));
  const lower = asker.variant([...edits, replaceRules("/rules", [listed.stated, ...denies])]);
  // What the policy's denies take away need not be said twice: only what none of its rules grants is further.
  // An ask grants as an allow does: that the policy asks for it makes the delegation no wider.
  const grants = near(own.filter(({ rule }) => rule.effect !== "deny")).map((stated) => withEffect(stated, "allow"));
  const upper = asker.variant([...edits, replaceRules("/rules", grants)]);
  const answer = await asker.ask("the policy grants all that it hands on", lower, upper);
  if (answer.kind === "undecided") run.leave("wide_delegation", place, answer.reason);
  if (answer.kind !== "no") return;
  const delegation = asker.variant([
    ...edits,
    replaceRules(
      "/rules",
      handed.map(({ stated }) => stated),
    ),
  ]);
  const request = answer.requests.find(
    (one) => decide(delegation.subject.loaded, one) !== "deny" && decide(asker.policy.loaded, one) === "deny",
  );
  // What the policy asks for and the delegation allows is no wider: the view asks, too.
  if (request === undefined) return;
  const summary = `\`${listed.rule.id}\` hands on what no rule of the policy itself grants, so that it has no effect there`;
  const evidence = [
    asker.replay("the rules of the delegation permit it", request, delegation),
    asker.replay("the policy itself denies it", request, asker.variant([])),
  ];
  run.find({ kind: "wide_delegation", level: "note", ...place, summary, evidence });
}
