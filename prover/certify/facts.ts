// Lemmas: small sets of literals that contradict each other, found by asking the kernel's own question. Not trusted.

import { type Literal, possible } from "../kernel/index.js";
import type { Lemma } from "./proof.js";

/** Returns the key of the group of literals that can say something of each other: the first key of the field. */
export const groupOf = ({ atom }: Literal): string => atom.path[0] ?? "";

/** Returns the literals by their group, in the order in which they come. */
export function groupLiterals(literals: readonly Literal[]): ReadonlyMap<string, readonly Literal[]> {
  const groups = new Map<string, Literal[]>();
  for (const literal of literals) {
    const group = groups.get(groupOf(literal));
    if (group === undefined) groups.set(groupOf(literal), [literal]);
    else group.push(literal);
  }
  return groups;
}

/** Returns true iff one of the fields leads through the other: two that stand side by side never contradict each other alone. */
export const nested = (a: readonly string[], b: readonly string[]): boolean => {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/**
 * Returns a subset of `literals` that contradicts itself and none of whose parts of one literal less does.
 * @param fresh the literals that are new: some of them are part of the contradiction, so pairs with them are tried first
 * @returns undefined where the kernel can not show any contradiction among them
 */
export function conflictOf(literals: readonly Literal[], fresh: readonly Literal[] = literals): Lemma | undefined {
  return smallConflictOf(literals, fresh) ?? (possible(literals) ? undefined : minimise(literals));
}

/** Returns one or two of `literals` that contradict each other. The arguments are those of `conflictOf`. */
export function smallConflictOf(literals: readonly Literal[], fresh: readonly Literal[] = literals): Lemma | undefined {
  for (const literal of fresh) if (!possible([literal])) return [literal];
  for (const literal of fresh)
    for (const other of literals)
      if (other.atom.id !== literal.atom.id && nested(other.atom.path, literal.atom.path) && !possible([other, literal]))
        return [other, literal];
  return undefined;
}

// Leaves out ever smaller runs of literals as long as the rest still contradicts itself.
function minimise(literals: readonly Literal[]): Lemma {
  let kept = literals;
  for (let size = kept.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (rest.length > 0 && !possible(rest)) kept = rest;
      else at += size;
    }
  return kept;
}
