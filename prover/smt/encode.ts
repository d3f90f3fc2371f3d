// The question `lower(r) > upper(r)` over atoms, for the solver. Atoms are numbers: no text of a policy reaches it. Not trusted.
//
// Each atom is two Booleans: it is true, it is false; where it is neither, it is unknown. Kleene's connectives become formulas on both.

import type { Atom, Condition, Policy, Relation, Rule } from "../kernel/index.js";
import type { FormulaNode, Problem } from "./formula.js";

/** The question, and which atoms its Booleans stand for: atom `i` is true by Boolean `2 i`, false by Boolean `2 i + 1`. */
export type Encoded = { readonly problem: Problem; readonly atoms: readonly Atom[] };

/** Which rules of a list take part. */
export type Slice = (list: Policy["lists"][number]) => readonly Rule[];

class Encoder {
  readonly nodes: FormulaNode[] = [];
  readonly atoms: Atom[] = [];
  readonly roots: number[] = [];
  readonly #atomPlaces = new Map<string, number>();
  readonly #made = new Map<string, number>();
  readonly #fields = new Map<string, { readonly absent: number; readonly number: number; readonly variable: number }>();
  #bools = 0;
  #nums = 0;

  add(node: FormulaNode): number {
    return this.nodes.push(node) - 1;
  }

  and = (items: readonly number[]): number => this.add({ kind: "and", items });
  or = (items: readonly number[]): number => this.add({ kind: "or", items });
  not = (item: number): number => this.add({ kind: "not", item });

  // Returns the node for "`condition` is true" or "is false".
  is(condition: Condition, truth: boolean): number {
    if (condition.kind === "not") return this.is(condition.item, !truth);
    const key = `${truth ? "t" : "f"}${condition.key}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const node =
      condition.kind === "atom"
        ? this.#atom(condition, truth)
        : this.#whole(condition.kind === "all" ? truth : !truth, condition.items, truth);
    this.#made.set(key, node);
    return node;
  }

  #whole(every: boolean, items: readonly Condition[], truth: boolean): number {
    const parts = items.map((item) => this.is(item, truth));
    return every ? this.and(parts) : this.or(parts);
  }

  #atom(atom: Atom, truth: boolean): number {
    const known = this.#atomPlaces.get(atom.key);
    const place = known ?? this.atoms.push(atom) - 1;
    if (known === undefined) {
      this.#atomPlaces.set(atom.key, place);
      this.#bools += 2;
    }
    const node = this.add({ kind: "bool", id: 2 * place + (truth ? 0 : 1) });
    return node;
  }

  // What every request obeys, whatever the patterns: an atom is not both; an action is one of both; an absent field makes all false;
  // comparisons of one field with numbers are about one number.
  axioms(): void {
    for (const [place, atom] of this.atoms.entries()) {
      const [yes, no] = [this.add({ kind: "bool", id: 2 * place }), this.add({ kind: "bool", id: 2 * place + 1 })];
      this.roots.push(this.not(this.and([yes, no])));
      if (atom.predicate.kind === "action") this.roots.push(this.or([yes, no]));
      else this.#fieldAxioms(atom, yes, no);
    }
  }

  #fieldAxioms({ path, predicate }: Atom, yes: number, no: number): void {
    const key = JSON.stringify(path);
    const field = this.#fields.get(key) ?? { absent: this.#bools++, number: this.#bools++, variable: this.#nums++ };
    this.#fields.set(key, field);
    const absent = this.add({ kind: "bool", id: field.absent });
    this.roots.push(this.or([this.not(absent), no]));
    if (!("bound" in predicate)) return;
    const { bound, kind } = predicate;
    const number = this.add({ kind: "bool", id: field.number });
    const less = this.add({ kind: "num", variable: field.variable, op: kind === "lt" || kind === "gte" ? "lt" : "le", bound });
    const holds = kind === "lt" || kind === "lte" ? less : this.not(less);
    this.roots.push(this.or([this.not(yes), this.and([number, holds])]));
    this.roots.push(this.or([this.not(no), absent, this.and([number, this.not(holds)])]));
  }

  finish(): Encoded {
    const { nodes, roots, atoms } = this;
    return { problem: { bools: this.#bools, nums: this.#nums, nodes, roots }, atoms };
  }
}

// For each list: no deny is true or unknown, and some rule that permits is true; to allow, besides, every ask is false.
function decides(encoder: Encoder, policy: Policy, slice: Slice, wanted: "permit" | "allow"): number {
  const parts = policy.lists.flatMap((list) => {
    const rules = slice(list);
    const none = (effect: Rule["effect"]) =>
      rules.filter((rule) => rule.effect === effect).map((rule) => encoder.is(rule.condition, false));
    const permits = rules.filter((rule) => rule.effect !== "deny").map((rule) => encoder.is(rule.condition, true));
    return [...none("deny"), ...(wanted === "allow" ? none("ask") : []), encoder.or(permits)];
  });
  return encoder.and(parts);
}

/** Returns the question whether some request escapes: decided higher by `lower`, or for "review" permitted by `lower` alone. */
export function encodeQuestion(lower: Policy, upper: Policy, relation: Relation, slice: Slice): Encoded {
  const encoder = new Encoder();
  const above = (wanted: "permit" | "allow"): number =>
    encoder.and([decides(encoder, lower, slice, wanted), encoder.not(decides(encoder, upper, slice, wanted))]);
  encoder.roots.push(relation === "contained" ? encoder.or([above("permit"), above("allow")]) : above("permit"));
  // The Booleans of atoms come first: those of fields are numbered behind all of them.
  encoder.axioms();
  return encoder.finish();
}
