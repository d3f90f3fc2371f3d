// What literals say of a value and of its members, and a value that satisfies them. Not trusted: it proposes, the evaluator replays.

import { absent, type Json, judge, type Literal, obscured } from "../kernel/index.js";
import { findArray } from "./arrays.js";
import { findNumber } from "./numbers.js";
import { findObject } from "./objects.js";
import { findText } from "./strings.js";

/** What is said of a value (`literals`) and of its members. */
export type Tree = { readonly literals: Literal[]; readonly members: Map<string, Tree> };

/** What a search for a value may cost, and whether a bound was met so that "none" is not sure. */
export type Search = { work: number; readonly workMax: number; unsure: "no" | "theory_bound" | "mixed_theories" };

/** A value that was found; `undefined` where there is none (or none was found: see `Search.unsure`). */
export type Found = { readonly value: Json } | undefined;

/** The most steps of automata, candidates and trials that one question may cost here. */
export const theoryWorkMax = 2_000_000;

/** Returns a fresh budget. */
export const newSearch = (workMax = theoryWorkMax): Search => ({ work: 0, workMax, unsure: "no" });

/** Spends `cost`; returns true where the budget is used up. */
export function spend(search: Search, cost: number): boolean {
  search.work += cost;
  if (search.work <= search.workMax) return false;
  if (search.unsure === "no") search.unsure = "theory_bound";
  return true;
}

/** Returns the tree of literals by the keys of their fields. */
export function plant(literals: readonly Literal[]): Tree {
  const root: Tree = { literals: [], members: new Map() };
  for (const literal of literals) {
    let tree = root;
    for (const key of literal.atom.path) {
      const next: Tree = tree.members.get(key) ?? { literals: [], members: new Map() };
      tree.members.set(key, next);
      tree = next;
    }
    tree.literals.push(literal);
  }
  return root;
}

/** Returns true iff `value` has one of its truths in every literal. */
export const fits = (literals: readonly Literal[], value: unknown): boolean =>
  literals.every(({ atom, truths }) => (judge(atom.predicate, value) & truths) !== 0);

/** Returns true iff the value of `tree` and all its members can be missing in this way. The action of a request is never missing. */
export const canMiss = (tree: Tree, how: typeof absent | typeof obscured): boolean =>
  !tree.literals.some(({ atom }) => atom.predicate.kind === "action") &&
  fits(tree.literals, how) &&
  [...tree.members.values()].every((member) => canMiss(member, how));

type Shape = "text" | "number" | "boolean" | "null" | "array" | "object";

// The shapes in the order that a reader expects for these predicates.
function shapesOf({ literals, members }: Tree): readonly Shape[] {
  const first = new Set<Shape>();
  if (members.size > 0) first.add("object");
  for (const { atom } of literals) {
    const { predicate } = atom;
    if (predicate.kind === "in")
      for (const value of predicate.values) {
        if (typeof value === "string") first.add("text");
        if (typeof value === "number") first.add("number");
        if (typeof value === "boolean") first.add("boolean");
        if (value === null) first.add("null");
      }
    else if (predicate.kind === "each" || predicate.kind === "some") first.add("array");
    else if (predicate.kind === "only" || predicate.kind === "has") first.add("object");
    else if ("bound" in predicate) first.add("number");
    else if (predicate.kind !== "present") first.add("text");
  }
  return [...new Set<Shape>([...first, "text", "number", "boolean", "array", "object", "null"])];
}

function findShape(tree: Tree, shape: Shape, search: Search): Found {
  if (shape !== "object" && ![...tree.members.values()].every((member) => canMiss(member, obscured))) return undefined;
  switch (shape) {
    case "text":
      return findText(tree.literals, search);
    case "number":
      return findNumber(tree.literals);
    case "boolean":
      return [true, false].map((value) => ({ value })).find(({ value }) => fits(tree.literals, value));
    case "null":
      return fits(tree.literals, null) ? { value: null } : undefined;
    case "array":
      return findArray(tree.literals, search);
    case "object":
      return findObject(tree, search);
  }
}

/** Which values to look among: all, objects only, or all that are no objects. */
export type Kind = "any" | "object" | "other";

/** Returns a value that satisfies every literal of `tree`. */
export function findPresent(tree: Tree, search: Search, kind: Kind = "any"): Found {
  for (const shape of shapesOf(tree)) {
    if ((kind === "object" && shape !== "object") || (kind === "other" && shape === "object")) continue;
    const found = findShape(tree, shape, search);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a request has at one of its keys. */
export type Member = { readonly kind: "absent" } | { readonly kind: "value"; readonly value: Json };

/** Returns what stands at a key of an object so that `tree` is satisfied: nothing where that will do. */
export function findMember(tree: Tree, search: Search): Member | undefined {
  if (canMiss(tree, absent)) return { kind: "absent" };
  const found = findPresent(tree, search);
  return found === undefined ? undefined : { kind: "value", value: found.value };
}
