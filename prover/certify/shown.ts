// What can be shown of a whole branch by single lemmas, without a split: that a condition does not hold, that a permission does. Not trusted:
// lemmas are checked by the kernel.

import { all3, type Condition, F, type Literal, possible, type Rule, T, type Truth, U } from "../kernel/index.js";
import { conflictOf, groupLiterals, groupOf, nested } from "./facts.js";
import type { Lemma, Pivot } from "./proof.js";
import type { Tracked } from "./tracked.js";

/** The most permissions of which one is tried to hold on a whole branch. */
const permitsMax = 64;

/**
 * Tries to show by one lemma that `condition` has none of `truths` on `branch`; the lemma is then applied and kept in `by`.
 * @param known the literals of the branch, by their group
 */
export function refute(
  branch: Tracked,
  condition: Condition,
  truths: Truth,
  by: Lemma[],
  known = groupLiterals(branch.literals()),
): boolean {
  const pair = pairAgainst(branch, condition, truths, known);
  if (pair !== undefined) {
    branch.narrow(pair[1].atom, all3 - truths);
    by.push(pair);
    if (!(branch.truths(condition) & truths)) return true;
  }
  const restore = branch.save();
  const before = branch.atoms.length;
  branch.narrow(condition, truths);
  const contradictory = branch.contradictory;
  const fresh = branch.literals(branch.atoms.slice(before));
  const all = contradictory ? [] : branch.literals();
  restore();
  if (contradictory) return false;
  for (const key of new Set(fresh.map(groupOf))) {
    const group = all.filter((literal) => groupOf(literal) === key);
    const lemma = conflictOf(
      group,
      fresh.filter((literal) => groupOf(literal) === key),
    );
    if (lemma === undefined) continue;
    const open = lemma.filter(({ atom, truths: t }) => (branch.truths(atom) & ~t) !== 0);
    const [last] = open;
    if (last === undefined || open.length > 1) continue;
    branch.narrow(last.atom, all3 - last.truths);
    by.push(lemma);
    if (!(branch.truths(condition) & truths)) return true;
  }
  return false;
}

// Returns a literal of those that were known before and one of what `condition` needs, where the two contradict each other.
function pairAgainst(
  branch: Tracked,
  condition: Condition,
  truths: Truth,
  known: ReadonlyMap<string, readonly Literal[]>,
): readonly [Literal, Literal] | undefined {
  const parts =
    condition.kind === "atom" ? [condition] : condition.kind === "all" && truths === (T | U) ? branch.commonFirst(condition) : [];
  for (const atom of parts) {
    if (atom.kind !== "atom" || atom.predicate.kind === "action" || (branch.truths(atom) & ~truths) === 0) continue;
    const needed = { atom, truths };
    for (const literal of known.get(groupOf(needed)) ?? [])
      if (literal.atom.id !== atom.id && nested(literal.atom.path, atom.path) && !possible([literal, needed])) return [literal, needed];
  }
  return undefined;
}

/** Shows that one of the rules, which all permit the request, holds on all of `branch`; else returns the part of one to split on. */
export function cover(branch: Tracked, permits: readonly Rule[], by: Lemma[]): Pivot | undefined {
  if (permits.some(({ condition }) => branch.truths(condition) === T)) return undefined;
  let best: Condition | undefined;
  for (const { condition } of permits.slice(0, permitsMax)) {
    const missing = entail(branch, condition, by);
    if (missing === undefined) return undefined;
    best ??= missing;
  }
  return best === undefined ? undefined : { condition: best };
}

// Returns the first part of `condition` that is not shown true on the whole branch.
function entail(branch: Tracked, condition: Condition, by: Lemma[]): Condition | undefined {
  if (branch.truths(condition) === T) return undefined;
  if (condition.kind === "all") {
    for (const item of condition.items) {
      const missing = entail(branch, item, by);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
  return refute(branch, condition, F | U, by) ? undefined : condition;
}
