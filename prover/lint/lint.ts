// Lint: what in a policy does not do what it seems to, each finding proved. Not trusted: findings rest on certificates that the kernel has
// accepted and on requests that the evaluator has replayed.

import type { ParsedPolicy } from "../results.js";
import { Asker } from "./asker.js";
import { checkCanonical } from "./canonical.js";
import { checkWider } from "./delegation.js";
import { checkLimits } from "./limits.js";
import { checkMissing } from "./missing.js";
import { checkMatching } from "./never.js";
import { Redundancy } from "./redundant.js";
import { Run } from "./run.js";
import { type Listed, type ListPath, listedRules, mentionOf } from "./scope.js";
import { defaultLintBounds, type LinkProver, type LintOptions, type LintReport } from "./types.js";

type Lists = { readonly list: ListPath; readonly rules: readonly Listed[]; readonly own: readonly Listed[]; readonly effective: boolean };

// Denies first, then asks, then allows: of denies and of allows that are removable, then, any some can be removed without the others.
// Of one effect the last comes first, so that of two rules that cover each other the earlier one stays.
const inOrder = (rules: readonly Listed[]): readonly Listed[] =>
  (["deny", "ask", "allow"] as const).flatMap((effect) => rules.filter(({ rule }) => rule.effect === effect).reverse());

async function lintList(run: Run, { list, rules, own, effective }: Lists): Promise<void> {
  const { rulesMax } = run.asker.bounds;
  const redundancy = new Redundancy(run, { list, rules, own });
  for (const [at, listed] of inOrder(rules).entries()) {
    const place = { pointer: listed.pointer, rule: mentionOf(listed) };
    if (at >= rulesMax) {
      run.leave("never_matches", place, "lint_bound");
      continue;
    }
    const matching = await checkMatching(run, listed);
    if (matching.kind === "never") redundancy.remove(listed);
    if (matching.kind !== "matches" || !effective) continue;
    const removal = await redundancy.check(listed, matching.witnesses);
    if (removal.kind === "removable") continue;
    if (list !== "/rules") await checkWider(run, listed, rules, own);
    else if (listed.rule.effect !== "allow") await checkMissing(run, listed, rules, removal.differing);
  }
  await redundancy.finish();
}

const byPlace = (a: { readonly pointer: string }, b: { readonly pointer: string }): number =>
  a.pointer.localeCompare(b.pointer, "en", { numeric: true });

/**
 * Returns what of `policy` is proved not to do what it seems to, with a certificate or a replayed request for each finding, and the questions
 * that could not be decided. Says nothing that is a matter of taste.
 * @param prover proves the links; `createProver` makes one
 */
export async function lint(prover: LinkProver, policy: ParsedPolicy, options: LintOptions = {}): Promise<LintReport> {
  const bounds = { ...defaultLintBounds, ...options.bounds };
  const asker = new Asker(policy, prover, options, bounds);
  const run = new Run(asker);
  const own = listedRules(policy, "/rules");
  const handed = listedRules(policy, "/delegation/rules");
  const isHanded = policy.document["delegation"] === "all" ? own.length > 0 : handed.length > 0;
  const deep = await checkLimits(run, own, isHanded);
  let patterns = bounds.patternsMax;
  for (const listed of [...own, ...handed]) patterns -= await checkCanonical(run, listed, patterns);
  await lintList(run, { list: "/rules", rules: own, own, effective: true });
  await lintList(run, { list: "/delegation/rules", rules: handed, own, effective: deep });
  const { name, version, sha256 } = policy;
  return {
    policy: { name, version, sha256 },
    findings: run.findings.toSorted(byPlace),
    undecided: run.undecided.toSorted(byPlace),
    checks: asker.checks,
  };
}
