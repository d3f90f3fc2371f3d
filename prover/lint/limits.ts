// Limits that permit nothing: an expiry that has come, and a delegation that depth or children leave no room for. Not trusted.

import { parseTime } from "../kernel/index.js";
import type { Run } from "./run.js";
import { dropKeys, everything, type Listed, replaceRules } from "./scope.js";

const pointerOf = (limits: unknown, name: string): string =>
  typeof limits === "object" && limits !== null && Object.hasOwn(limits, name) ? `/limits/${name}` : "/delegation";

/**
 * Finds the limits that permit nothing, and says so.
 * @param handed whether the delegation says that something may be handed on
 * @returns whether the delegable view can permit anything by its depth
 */
export async function checkLimits(run: Run, own: readonly Listed[], handed: boolean): Promise<boolean> {
  await checkExpiry(run, own);
  const { asker } = run;
  const { document, loaded } = asker.policy;
  const { limits } = document;
  const amount = (name: string) => loaded.limits.get(name)?.amount;
  const deep = amount("depth") !== 0n;
  if (!handed) return deep;
  if (!deep) {
    const pointer = pointerOf(limits, "depth");
    const nothing = asker.variant([replaceRules("/rules", [])]);
    const answer = await asker.ask("the delegable view permits nothing", asker.variant([], true), nothing);
    const summary = "the delegation hands on nothing: the limit `depth` is 0, so that no generation may be spawned below";
    if (answer.kind === "yes") run.find({ kind: "empty_limit", pointer, summary, evidence: [answer.proof] });
    if (answer.kind === "undecided") run.leave("empty_limit", { pointer }, answer.reason);
  } else if (amount("children") === 0n) {
    const summary = "the delegation has nobody to hand on to: the limit `children` is 0, so that no child may live";
    const claim = pointerOf(limits, "children") === "/delegation" ? "`children` is not stated, which means 0" : "`children` is 0";
    const evidence = [{ kind: "limit", claim, limit: "children", value: "0" }] as const;
    run.find({ kind: "empty_limit", pointer: pointerOf(limits, "children"), summary, evidence });
  }
  return deep;
}

async function checkExpiry(run: Run, own: readonly Listed[]): Promise<void> {
  const { asker } = run;
  const { limits } = asker.policy.document;
  const expires = typeof limits === "object" && limits !== null && "expires" in limits ? limits.expires : undefined;
  const { now } = asker.options;
  const ends = typeof expires === "string" ? parseTime(expires) : undefined;
  if (now === undefined || ends === undefined || now < ends) return;
  const pointer = "/limits/expires";
  const time = new Date(now).toISOString();
  const stated = own.map((listed) => listed.stated);
  const from = everything("deny", stated, { when: { "context.time": { before: time } } });
  const edits = dropKeys(asker.policy, "delegation");
  const lower = asker.variant([...edits, replaceRules("/rules", [...stated, from])]);
  const answer = await asker.ask(`at ${time} and later nothing is permitted`, lower, asker.variant([...edits, replaceRules("/rules", [])]));
  const summary = `the policy has expired: at ${time} and later it permits nothing`;
  if (answer.kind === "yes") run.find({ kind: "empty_limit", pointer, summary, evidence: [answer.proof] });
  if (answer.kind === "undecided") run.leave("empty_limit", { pointer }, answer.reason);
}
