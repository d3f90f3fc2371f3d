// A branch of the kernel's own kind, as the search and the refutation use it. Not trusted: it only proposes.

import {
  type Atom,
  all3,
  Branch,
  type Condition,
  type Literal,
  type Policy,
  type Relation,
  type Rule,
  type RuleList,
  type Truth,
} from "../kernel/index.js";
import type { Lemma, Proof } from "./proof.js";

type Group = Extract<Condition, { readonly kind: "all" | "any" }>;

const usesOf = new WeakMap<Policy, ReadonlyMap<string, number>>();

// Returns how often each condition is part of a rule of `policy`; equal rules count once.
function usesIn(policy: Policy): ReadonlyMap<string, number> {
  const known = usesOf.get(policy);
  if (known !== undefined) return known;
  const uses = new Map<string, number>();
  const conditions = new Map(policy.lists.flatMap(({ rules }) => rules.map(({ condition }) => [condition.key, condition])));
  for (const condition of conditions.values())
    for (const { key } of condition.kind === "all" ? condition.items : [condition]) uses.set(key, (uses.get(key) ?? 0) + 1);
  usesOf.set(policy, uses);
  return uses;
}

/** A branch that remembers what was narrowed on it. */
export class Tracked extends Branch {
  readonly atoms: Atom[] = [];
  readonly wholes: Condition[] = [];
  readonly #ordered = new WeakMap<readonly Rule[], readonly Rule[]>();

  constructor(readonly upper: Policy) {
    super();
  }

  override narrow(condition: Condition, truths: Truth): void {
    if (condition.kind === "atom") this.atoms.push(condition);
    else this.wholes.push(condition);
    super.narrow(condition, truths);
  }

  /** Returns the rules that count, each once and in an order of their own: a proof does not depend on how a policy lists them. */
  ordered(list: RuleList): readonly Rule[] {
    const rules = this.rules(list);
    const known = this.#ordered.get(rules);
    if (known !== undefined) return known;
    const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    const sorted = [...rules].sort((a, b) => compare(a.condition.key, b.condition.key) || compare(a.effect, b.effect));
    const ordered = sorted.filter(
      ({ condition, effect }, i) => condition.key !== sorted[i - 1]?.condition.key || effect !== sorted[i - 1]?.effect,
    );
    this.#ordered.set(rules, ordered);
    return ordered;
  }

  /** Returns the parts of `whole`, those first that are part of many rules above: what is shown of one, is shown of all those rules. */
  commonFirst({ items }: Group): readonly Condition[] {
    const uses = usesIn(this.upper);
    return [...items].sort((a, b) => (uses.get(b.key) ?? 0) - (uses.get(a.key) ?? 0));
  }

  /** Returns what goes back to here. */
  save(): () => void {
    const mark = this.mark();
    const [atoms, wholes] = [this.atoms.length, this.wholes.length];
    return () => {
      this.undo(mark);
      this.atoms.length = atoms;
      this.wholes.length = wholes;
    };
  }

  /** Returns what the branch says of atoms, where it says anything. */
  literals(atoms: readonly Atom[] = this.atoms): readonly Literal[] {
    const unique = new Map(atoms.map((atom) => [atom.key, atom]));
    return [...unique.values()].map((atom) => ({ atom, truths: this.truths(atom) })).filter(({ truths }) => truths !== all3);
  }
}

/** Returns the conditions by which a list permits, each once: the cases of a certificate, in the kernel's order. */
export function permitsOf(policy: Policy, list: number): readonly Condition[] {
  const rules = (policy.lists[list]?.rules ?? []).filter(({ effect }) => effect !== "deny");
  return [...new Map(rules.map(({ condition }) => [condition.key, condition])).values()];
}

/** Returns the leaf by which no request of `branch` escapes; undefined where the branch is not settled yet. */
export function leafOf(branch: Branch, lower: Policy, upper: Policy, relation: Relation, by: readonly Lemma[]): Proof | undefined {
  if (branch.contradictory) return { kind: "leaf", by, reason: "impossible" };
  const highest = branch.highest(lower);
  if (highest === 0) return { kind: "leaf", by, reason: "lower_denies" };
  const lowest = branch.lowest(upper, lower);
  if (lowest >= (relation === "contained" ? 2 : 1)) return { kind: "leaf", by, reason: "upper_permits" };
  return highest === 1 && lowest === 1 ? { kind: "leaf", by, reason: "lower_asks" } : undefined;
}
