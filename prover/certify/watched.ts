// What an atom is part of, so that a refutation looks again only at what a step can have changed. Not trusted.

import { type Atom, atomsOf, type Condition, F, type Policy, type Rule, T, type Truth } from "../kernel/index.js";

type Use = { readonly rule: Rule; readonly above: boolean };

// Whether a rule with these truths can be the last thing that a leaf was waiting for.
function decides({ rule: { effect }, above }: Use, truths: Truth): boolean {
  if (above) return (effect !== "deny" && truths === T) || (effect !== "allow" && truths === F);
  return (effect !== "allow" && !(truths & F)) || (effect !== "deny" && !(truths & T));
}

/** The rules and the fields that atoms of two policies are part of. */
export class Watched {
  readonly #uses = new Map<string, Use[]>();
  // Fields that are compared with numbers.
  readonly #compared = new Set<string>();

  constructor(lower: Policy, upper: Policy) {
    for (const policy of [lower, upper])
      for (const list of policy.lists)
        for (const rule of list.rules)
          for (const atom of new Set(atomsOf(rule.condition))) {
            const uses = this.#uses.get(atom.key) ?? [];
            uses.push({ rule, above: policy === upper });
            this.#uses.set(atom.key, uses);
            if ("bound" in atom.predicate) this.#compared.add(JSON.stringify(atom.path));
          }
  }

  /** Returns true where the truths of `atoms`, which were narrowed, can have made a leaf of a branch that was none. */
  settles(atoms: readonly Atom[], truths: (condition: Condition) => Truth): boolean {
    const settled = (atom: Atom) => (this.#uses.get(atom.key) ?? []).some((use) => decides(use, truths(use.rule.condition)));
    return atoms.some((atom) => atom.predicate.kind === "action" || settled(atom));
  }

  /** Returns true iff the field of `atom` is compared with numbers. */
  compared = ({ path }: Atom): boolean => this.#compared.has(JSON.stringify(path));
}
