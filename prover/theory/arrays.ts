// Arrays: `each` and `some` come down to their elements. One witness for every element that must exist. Not trusted.

import { type Atom, all3, type Condition, F, type Json, type Literal, T, type Truth, truthsOf, U } from "../kernel/index.js";
import { type Found, findPresent, fits, type Kind, plant, type Search, spend } from "./tree.js";

// What an element must make of an inner condition.
type Demand = { readonly inner: Condition; readonly where: boolean; readonly truths: Truth };

/** Returns an array that fits, with no more elements than the literals demand. */
export function findArray(literals: readonly Literal[], search: Search): Found {
  const plain: Literal[] = [];
  const quantified: { readonly kind: "each" | "some"; readonly inner: Condition; readonly where: boolean; readonly truths: Truth }[] = [];
  for (const literal of literals) {
    const { predicate } = literal.atom;
    if (predicate.kind === "each" || predicate.kind === "some") quantified.push({ ...predicate, truths: literal.truths });
    else plain.push(literal);
  }
  if (!fits(plain, [])) return undefined;
  const choose = (at: number, every: readonly Demand[], some: readonly Demand[]): Found => {
    const literal = quantified[at];
    if (spend(search, 20)) return undefined;
    if (literal === undefined) return fill(every, some, search);
    const { inner, where, kind } = literal;
    const decides = kind === "each" ? F : T;
    for (const truth of [T, F, U]) {
      if (!(literal.truths & truth)) continue;
      const found =
        truth === decides
          ? choose(at + 1, every, [...some, { inner, where, truths: truth }])
          : truth === U
            ? choose(at + 1, [...every, { inner, where, truths: all3 - decides }], [...some, { inner, where, truths: U }])
            : choose(at + 1, [...every, { inner, where, truths: truth }], some);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return choose(0, [], []);
}

function fill(every: readonly Demand[], some: readonly Demand[], search: Search): Found {
  const elements: Json[] = [];
  for (const demand of some) {
    const element = findElement([...every, demand], search);
    if (element === undefined) return undefined;
    elements.push(element.value);
  }
  return { value: elements };
}

// Of a value that is no object, every `where` is unknown.
function findElement(demands: readonly Demand[], search: Search): Found {
  const others = demands.filter(({ where }) => !where);
  const scalar = demands.every(({ where, truths }) => !where || (truths & U) !== 0);
  const first = others.length > 0 && scalar ? assign(others, search, "other") : undefined;
  return first ?? assign(demands, search, "object") ?? (scalar ? assign(others, search, "other") : undefined);
}

function collectAtoms(condition: Condition, into: Map<string, Atom>): void {
  if (condition.kind === "atom") into.set(condition.key, condition);
  else for (const item of condition.kind === "not" ? [condition.item] : condition.items) collectAtoms(item, into);
}

// Tries the truths of the atoms one by one; the values rule a branch out as soon as they can.
function assign(demands: readonly Demand[], search: Search, kind: Kind): Found {
  const atoms = new Map<string, Atom>();
  for (const { inner } of demands) collectAtoms(inner, atoms);
  const order = [...atoms.values()];
  const chosen = new Map<string, Literal>();
  const known = (condition: Condition): Truth => (condition.kind === "atom" ? (chosen.get(condition.key)?.truths ?? all3) : all3);
  const step = (at: number): Found => {
    if (spend(search, 50)) return undefined;
    if (!demands.every(({ inner, truths }) => truthsOf(inner, known) & truths)) return undefined;
    const found = findPresent(plant([...chosen.values()]), search, kind);
    const atom = order[at];
    if (found === undefined || atom === undefined) return found;
    for (const truths of [T, F, U]) {
      chosen.set(atom.key, { atom, truths });
      const deeper = step(at + 1);
      chosen.delete(atom.key);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  };
  return step(0);
}
