// The largest policy within a child and all its bounds: their pointwise minimum, written as a person would write it. Not trusted: that the
// result is within each of them, and that nothing more could be kept, are certificates that the kernel has checked.

import { diff } from "../diff/diff.js";
import { Asker, type AskOptions, type LinkProver, listOf, subjectOf } from "../diff/question.js";
import type { DiffResult } from "../diff/types.js";
import { isObject, type Json } from "../kernel/index.js";
import { parsePolicyAsync } from "../language/parse-async.js";
import type { Certificate, ParsedPolicy, Subject, UndecidedReason } from "../results.js";
import { leastLimits, leavesNoGeneration } from "./limits.js";
import { type Draft, draftsOf, loadDrafts, meet, withIds, writeDraft } from "./meet.js";

/**
 * The bounds of one narrowing: questions to the prover, bounds, rules on the way, and work on the actions that rules have in common.
 * Past any of them it is undecided, `search_bound`.
 */
export const narrowMax = { questions: 10_000, bounds: 16, rules: 2_000, actionsWork: 4_000_000 };

/** What a narrowing answers. */
export type NarrowResult =
  | {
      readonly kind: "narrowed";
      readonly policy: ParsedPolicy;
      /** True where the child was within all its bounds: the policy is the child itself. */
      readonly unchanged: boolean;
      /** That the policy is within the child, and within each bound. */
      readonly certificates: { readonly child: Certificate; readonly bounds: readonly Certificate[] };
      /** That the pointwise minimum of child and bounds is within the policy; absent where that is not proved: more might have been kept. */
      readonly largest?: Certificate;
      /** What the child loses, as `diff` tells it. */
      readonly lost: DiffResult;
    }
  | { readonly kind: "undecided"; readonly reason: UndecidedReason };

// What a bound is called in the ids of rules: its name, where that is not the child's.
function labelOf(bound: Subject, child: ParsedPolicy): string {
  const { name } = bound.kind === "view" ? bound.of : bound;
  return name === child.name ? "bound" : name;
}

// The lists of a policy, or of its view, as they are written.
function writtenLists(subject: Subject): readonly (Json | undefined)[] {
  if (subject.kind === "policy") return [subject.document["rules"]];
  const { rules, delegation } = subject.of.document;
  const handed = isObject(delegation) ? delegation["rules"] : [];
  // A view of nothing is one empty list, one of everything is the policy's own.
  const whole = subject.loaded.lists.some((list) => list.rules.some(({ pointer }) => pointer.startsWith("/rules/")));
  return subject.loaded.lists.length > 1 ? [rules, handed] : [whole ? rules : []];
}

type Minimum = ReturnType<typeof subjectOf>;

// Leaves out each rule without which the policy is proved to decide the same: first the grants that were put together, then the others.
async function pruned(drafts: readonly Draft[], limits: { readonly [key: string]: Json }, minimum: Minimum, asker: Asker) {
  let kept = drafts;
  const order = [...drafts].sort((a, b) => Number(b.origin.includes("+")) - Number(a.origin.includes("+")));
  for (const draft of order) {
    if (asker.ended !== undefined) return kept;
    const without = kept.filter((other) => other !== draft);
    const rules = loadDrafts(without, limits);
    if (rules === undefined) continue;
    const candidate = subjectOf([listOf(rules)], minimum.loaded.limits);
    // Without a grant a policy permits less, without a deny more; without an ask either.
    const high = draft.effect === "allow" || (await asker.link(candidate, minimum)).kind === "contained";
    const low = high && (draft.effect === "deny" || (await asker.link(minimum, candidate)).kind === "contained");
    if (high && low) kept = without;
  }
  return kept;
}

async function certified(
  prover: LinkProver,
  policy: ParsedPolicy,
  child: ParsedPolicy,
  bounds: readonly Subject[],
  asker: Asker,
): Promise<NarrowResult> {
  const certificates: Certificate[] = [];
  for (const upper of [child, ...bounds]) {
    const link = await asker.link(policy, upper);
    if (link.kind === "undecided") return link;
    // INVARIANT: nothing is called narrowed that is not proved to be within all of them.
    if (link.kind !== "contained") return { kind: "undecided", reason: "certificate_refused" };
    certificates.push(link.certificate);
  }
  const [own, ...above] = certificates;
  if (own === undefined) return { kind: "undecided", reason: "certificate_refused" };
  const lists = [child, ...bounds].flatMap(({ loaded }) => loaded.lists);
  const largest = await asker.link(subjectOf([...new Set(lists)], policy.loaded.limits), policy);
  const lost = await diff(prover, child, policy, asker.options);
  return {
    kind: "narrowed",
    policy,
    unchanged: policy === child,
    certificates: { child: own, bounds: above },
    ...(largest.kind === "contained" ? { largest: largest.certificate } : {}),
    lost,
  };
}

/**
 * Returns the largest policy within `child` and all of `bounds`. A child that is within them is returned as it is. Its delegation is kept as
 * it is written: what a policy hands on is never more than what it has.
 */
export async function narrow(
  prover: LinkProver,
  child: ParsedPolicy,
  bounds: readonly Subject[],
  options: AskOptions = {},
): Promise<NarrowResult> {
  const asker = new Asker(prover, options, narrowMax.questions);
  if (bounds.length > narrowMax.bounds) return { kind: "undecided", reason: "search_bound" };
  if (bounds.some(leavesNoGeneration)) return { kind: "undecided", reason: "no_generation_left" };
  const exceeded: Subject[] = [];
  for (const bound of bounds) if ((await asker.link(child, bound)).kind !== "contained") exceeded.push(bound);
  if (exceeded.length === 0) return certified(prover, child, child, bounds, asker);
  let drafts: readonly Draft[] = draftsOf(child.document["rules"], child.name);
  const budget = { left: narrowMax.actionsWork };
  for (const bound of exceeded)
    for (const list of writtenLists(bound)) {
      const next = await meet(drafts, draftsOf(list, labelOf(bound, child)), asker, narrowMax.rules, budget);
      if (next === "too_many") return { kind: "undecided", reason: asker.ended ?? "search_bound" };
      drafts = next;
    }
  const limits = leastLimits([child, ...bounds]);
  const lists = [child, ...exceeded].flatMap(({ loaded }) => loaded.lists);
  const kept = withIds(await pruned(drafts, limits, subjectOf([...new Set(lists)]), asker));
  if (asker.ended !== undefined) return { kind: "undecided", reason: asker.ended };
  const { limits: _, ...document } = child.document;
  const written = { ...document, rules: kept.map(writeDraft), ...(Object.keys(limits).length === 0 ? {} : { limits }) };
  const read = await parsePolicyAsync(written);
  return read.kind === "ok" ? certified(prover, read.policy, child, bounds, asker) : { kind: "undecided", reason: "search_bound" };
}
