// Writes a proof down as a certificate: plain JSON, the tree in preorder, conditions and lemmas in tables. Not trusted.

import type { Condition, Json, Literal, Policy, Relation } from "../kernel/index.js";
import type { Certificate } from "../results.js";
import type { Lemma, Pivot, Proof } from "./proof.js";
import { stateCondition } from "./state.js";

type Places = ReadonlyMap<string, Json>;

// What is about an action among other things can not be stated as a condition: it is named by a rule that has it.
const namesAction = (condition: Condition): boolean =>
  condition.kind === "atom"
    ? condition.predicate.kind === "action"
    : condition.kind === "not"
      ? namesAction(condition.item)
      : condition.items.some(namesAction);

function placesOf(policies: { readonly [side in "lower" | "upper"]: Policy }): Places {
  const places = new Map<string, Json>();
  for (const side of ["lower", "upper"] as const)
    for (const [list, { rules }] of policies[side].lists.entries())
      for (const [rule, { condition }] of rules.entries()) places.set(condition.key, { of: side, list, rule });
  return places;
}

class Tables {
  #ruled: Places | undefined;
  readonly conditions: Json[] = [];
  readonly lemmas: Json[] = [];
  readonly nodes: Json[] = [];
  readonly #places = new Map<string, number>();
  readonly #lemmaPlaces = new Map<string, number>();

  constructor(readonly policies: { readonly [side in "lower" | "upper"]: Policy }) {}

  #place(key: string, make: () => Json): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.conditions.length);
    return this.conditions.push(make()) - 1;
  }

  condition(condition: Condition): number {
    return this.#place(condition.key, () => this.#ruledBy(condition) ?? { condition: stateCondition(condition) });
  }

  #ruledBy(condition: Condition): Json | undefined {
    if (condition.kind === "atom" || !namesAction(condition)) return undefined;
    this.#ruled ??= placesOf(this.policies);
    return this.#ruled.get(condition.key);
  }

  pivot({ condition, place }: Pivot): number {
    if (place === undefined) return this.condition(condition);
    return this.#place(condition.key, () => ({ of: place.side, list: place.list, rule: place.rule }));
  }

  permits(list: number): number {
    return this.#place(`permits ${list}`, () => ({ of: "lower", list, permits: true }));
  }

  lemma(lemma: Lemma): number {
    const literals = lemma.map(({ atom, truths }: Literal) => [this.condition(atom), truths]);
    const key = JSON.stringify(literals);
    const known = this.#lemmaPlaces.get(key);
    if (known !== undefined) return known;
    this.#lemmaPlaces.set(key, this.lemmas.length);
    return this.lemmas.push(literals) - 1;
  }

  // Preorder, with a stack of our own: proofs are as deep as policies have rules.
  write(root: Proof): void {
    const stack: Proof[] = [root];
    for (let proof = stack.pop(); proof !== undefined; proof = stack.pop()) {
      const by = proof.by.length === 0 ? {} : { by: [...new Set(proof.by.map((lemma) => this.lemma(lemma)))] };
      switch (proof.kind) {
        case "leaf":
          this.nodes.push({ ...by, leaf: proof.reason });
          break;
        case "split":
          this.nodes.push({ ...by, split: this.pivot(proof.pivot), into: proof.into.map(([truths]) => truths) });
          stack.push(...proof.into.map(([, part]) => part).reverse());
          break;
        case "cases":
          this.nodes.push({ ...by, cases: this.pivot(proof.pivot) });
          stack.push(...[...proof.parts].reverse());
          break;
        case "permits":
          this.nodes.push({ ...by, cases: this.permits(proof.list) });
          stack.push(...[...proof.parts].reverse());
          break;
      }
    }
  }
}

/** Returns the certificate of `proof`: what `checkCertificate` of the kernel reads. */
export function encodeCertificate(proof: Proof, relation: Relation, lower: Policy, upper: Policy): Certificate {
  const tables = new Tables({ lower, upper });
  tables.write(proof);
  const { conditions, lemmas, nodes } = tables;
  return {
    certificate: "atmost-certificate/1",
    language: "atmost/1",
    relation,
    lower: { sha256: lower.sha256, view: lower.view },
    upper: { sha256: upper.sha256, view: upper.view },
    counts: { conditions: conditions.length, lemmas: lemmas.length, nodes: nodes.length },
    conditions,
    lemmas,
    nodes,
  };
}
