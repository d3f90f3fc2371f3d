// Which rules do the work of one that can be removed: few that are enough. Not trusted: enough is what the prover has proved.

import { F, type Json, truthOf } from "../kernel/index.js";
import type { Asker } from "./asker.js";
import { everything, type Listed, replaceRules, withEffect } from "./scope.js";
import type { Edit } from "./types.js";

type Request = { readonly [key: string]: Json };

/** Returns whether `rules` are enough to do the work of the rule in question: undefined where that is undecided. */
export type Enough = (rules: readonly Listed[]) => Promise<boolean | undefined>;

const statedOf = (rules: readonly Listed[]): readonly Request[] => rules.map(({ stated }) => stated);

/**
 * Returns the test whether some denies alone restrict whatever `listed` restricts. INVARIANT: it only grows: where some are enough, more are.
 * @param drop edits that leave out what has no part in it
 */
export const deniesEnough =
  (asker: Asker, drop: readonly Edit[], listed: Listed): Enough =>
  async (rules) => {
    const all = everything("allow", [listed.stated, ...statedOf(rules)]);
    const lower = asker.variant([...drop, replaceRules("/rules", [all, ...statedOf(rules)])]);
    const upper = asker.variant([...drop, replaceRules("/rules", [all, withEffect(listed.stated, "deny")])]);
    const answer = await asker.ask("the denies are enough", lower, upper);
    return answer.kind === "undecided" ? undefined : answer.kind === "yes";
  };

/**
 * Returns the test whether some rules decide as they do with `listed` beside them, wherever that is true, or unknown and an ask.
 * INVARIANT: it only grows: where some are enough, more are.
 */
export const grantsEnough =
  (asker: Asker, drop: readonly Edit[], listed: Listed): Enough =>
  async (rules) => {
    const without = asker.variant([...drop, replaceRules("/rules", statedOf(rules))]);
    const beside = asker.variant([...drop, replaceRules("/rules", [...statedOf(rules), listed.stated])]);
    const grants = await asker.ask("they grant as much", beside, without);
    if (grants.kind !== "yes") return grants.kind === "no" ? false : undefined;
    if (listed.rule.effect === "allow") return true;
    const all = everything("allow", [listed.stated, ...statedOf(rules)]);
    const lower = asker.variant([...drop, replaceRules("/rules", [all, ...statedOf(rules)])]);
    const upper = asker.variant([...drop, replaceRules("/rules", [all, ...statedOf(rules), listed.stated])]);
    const restricts = await asker.ask("they restrict as much", lower, upper);
    return restricts.kind === "undecided" ? undefined : restricts.kind === "yes";
  };

/**
 * Returns few rules of `candidates` that are enough: one alone where there is one, else a set of which none can be left out, as far as
 * `checksMax` tests tell. Undefined where all of them are not enough, or that is undecided.
 * @param witnesses requests of which the rule in question holds: what covers it alone holds of all of them
 */
export async function coversOf(
  candidates: readonly Listed[],
  witnesses: readonly Request[],
  enough: Enough,
  checksMax: number,
): Promise<readonly Listed[] | undefined> {
  let left = checksMax;
  const test = async (rules: readonly Listed[]): Promise<boolean> => left-- > 0 && (await enough(rules)) === true;
  if ((await enough(candidates)) !== true) return undefined;
  const holds = ({ rule }: Listed): boolean => witnesses.every((request) => truthOf(rule.condition, request) !== F);
  if (candidates.length > 1) for (const one of candidates.filter(holds)) if (await test([one])) return [one];
  // Leaves out ever smaller runs as long as the rest is enough.
  let kept = candidates;
  for (let size = Math.max(1, kept.length >> 1); size >= 1; size >>= 1)
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await test(rest)) kept = rest;
      else at += size;
    }
  return kept;
}
