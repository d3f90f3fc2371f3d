// A decision tree from lemmas alone: what a solver refuted with them is refuted again by splitting. Not trusted.

import { type Atom, all3, type Condition, F, type Policy, type Relation, T, type Truth, U } from "../kernel/index.js";
import { conflictOf, groupLiterals } from "./facts.js";
import type { Lemma, Proof } from "./proof.js";
import { leafOf, permitsOf, Tracked } from "./tracked.js";
import { Watched } from "./watched.js";

/** What a refutation may cost. */
export type RefuteOptions = { readonly nodesMax: number; readonly expired: () => boolean };

class GivenUp extends Error {}

type Applied = { readonly by: Lemma[]; readonly open: readonly Atom[] };

class Refuter {
  readonly #branch: Tracked;
  readonly #watched: Watched;
  #nodes = 0;

  constructor(
    readonly lower: Policy,
    readonly upper: Policy,
    readonly relation: Relation,
    readonly lemmas: readonly Lemma[],
    readonly options: RefuteOptions,
  ) {
    this.#branch = new Tracked(upper);
    this.#watched = new Watched(lower, upper);
  }

  run(): Proof {
    const parts = permitsOf(this.lower, 0).map((condition) => this.#on(condition, T, leafOf));
    return { kind: "permits", by: [], list: 0, parts };
  }

  // `first` is asked before anything else: what makes a leaf of this branch is not always an atom.
  #on(condition: Condition, truths: Truth, first?: typeof leafOf): Proof {
    const restore = this.#branch.save();
    const known = this.#branch.atoms.length;
    this.#branch.narrow(condition, truths);
    const proof = first?.(this.#branch, this.lower, this.upper, this.relation, []) ?? this.#node(known);
    restore();
    return proof;
  }

  // `known` is how many of the branch's atoms were looked at before: they make no leaf, and do not contradict each other.
  #node(known: number): Proof {
    if (++this.#nodes > this.options.nodesMax || this.options.expired()) throw new GivenUp();
    const first = this.#leaf([], known);
    if (first !== undefined) return first;
    const told = this.#branch.atoms.length;
    const { by, open } = this.#propagate();
    const leaf = this.#leaf(by, told);
    if (leaf !== undefined) return leaf;
    const conflict = this.#conflict(known);
    if (conflict !== undefined) return { kind: "leaf", by: [...by, conflict], reason: "impossible" };
    const atom = open[0] ?? this.#undetermined();
    if (atom === undefined) throw new GivenUp();
    const now = this.#branch.truths(atom);
    const into = now & T && now !== T ? [T, now & ~T] : [F, U].filter((truth) => truth & now);
    return { kind: "split", by, pivot: { condition: atom }, into: into.map((truths) => [truths, this.#on(atom, truths)] as const) };
  }

  #leaf(by: readonly Lemma[], known: number): Proof | undefined {
    const settles = this.#branch.contradictory || this.#watched.settles(this.#branch.atoms.slice(known), this.#branch.truths);
    return settles ? leafOf(this.#branch, this.lower, this.upper, this.relation, by) : undefined;
  }

  // Applies every lemma that says something, until none does. Returns the atoms of the one that is nearest to saying something.
  #propagate(): Applied {
    const by: Lemma[] = [];
    let open: readonly Atom[] = [];
    for (let changed = true; changed && !this.#branch.contradictory; ) {
      changed = false;
      open = [];
      for (const lemma of this.lemmas) {
        if (lemma.some(({ atom, truths }) => !(this.#branch.truths(atom) & truths))) continue;
        const undecided = lemma.filter(({ atom, truths }) => (this.#branch.truths(atom) & ~truths) !== 0);
        const [last] = undecided;
        if (undecided.length > 1) {
          if (open.length === 0 || undecided.length < open.length) open = undecided.map(({ atom }) => atom);
          continue;
        }
        by.push(lemma);
        changed = true;
        if (last === undefined) this.#branch.contradictory = true;
        else this.#branch.narrow(last.atom, all3 - last.truths);
        if (this.#branch.contradictory) break;
      }
    }
    return { by, open };
  }

  // What the solver knew without being told: that numbers are ordered, and that an absent field makes every atom on it false.
  #conflict(known: number): Lemma | undefined {
    const compared = (atoms?: readonly Atom[]) =>
      groupLiterals(this.#branch.literals(atoms).filter(({ atom }) => this.#watched.compared(atom)));
    const fresh = compared(this.#branch.atoms.slice(known));
    if (fresh.size === 0) return undefined;
    for (const [group, literals] of compared()) {
      const news = fresh.get(group);
      const lemma = news && conflictOf(literals, news);
      if (lemma !== undefined) return lemma;
    }
    return undefined;
  }

  // Some atom of a rule whose truth is open, and on which the two decisions may hang.
  #undetermined(): Atom | undefined {
    for (const policy of [this.upper, this.lower])
      for (const list of policy.lists)
        for (const rule of this.#branch.rules(list)) {
          const truths = this.#branch.truths(rule.condition);
          const atom = truths === T || truths === F || truths === U ? undefined : this.#openAtom(rule.condition);
          if (atom !== undefined) return atom;
        }
    return undefined;
  }

  #openAtom(condition: Condition): Atom | undefined {
    const truths = this.#branch.truths(condition);
    if (truths === T || truths === F || truths === U) return undefined;
    if (condition.kind === "atom") return condition;
    for (const item of condition.kind === "not" ? [condition.item] : condition.items) {
      const atom = this.#openAtom(item);
      if (atom !== undefined) return atom;
    }
    return undefined;
  }
}

/** Returns a proof of the relation by these lemmas and nothing else; undefined where there is none within the bounds. */
export function refuteByLemmas(
  lower: Policy,
  upper: Policy,
  relation: Relation,
  lemmas: readonly Lemma[],
  options: RefuteOptions,
): Proof | undefined {
  try {
    return new Refuter(lower, upper, relation, lemmas, options).run();
  } catch (problem) {
    if (problem instanceof GivenUp) return undefined;
    throw problem;
  }
}
