// Requests of a branch: what its theories find for each key, and what the branch leaves open settled on the way. Not trusted: requests are
// replayed.

import { type Condition, F, type Json, judge, type Literal, resolve, T, type Truth, truthOf, U } from "../kernel/index.js";
import { findMember, type Member, newSearch, plant, type Search } from "../theory/tree.js";
import { conflictOf, groupLiterals } from "./facts.js";
import type { Lemma } from "./proof.js";
import { Stopped } from "./stopped.js";
import type { Tracked } from "./tracked.js";

/** A request. */
export type Request = { readonly [key: string]: Json };

/** What stands at each key of a request. */
export type Members = ReadonlyMap<string, Member>;

type Ways = { readonly kind: "parts" | "truths"; readonly ways: readonly (readonly [Condition, Truth])[] };
type Settled = { readonly kind: "request"; readonly request: Request } | { readonly kind: "stuck"; readonly whole: Condition };

/** Returns the request that has these members, and an action of its own where none is said. */
export function requestOf(members: Members): Request {
  const request: Record<string, Json> = { action: "a" };
  for (const [key, member] of members)
    if (member.kind === "value")
      Object.defineProperty(request, key, { value: member.value, enumerable: true, writable: true, configurable: true });
  return request;
}

function fitsMember(literals: readonly Literal[], key: string, member: Member): boolean {
  const root = member.kind === "value" ? Object.fromEntries([[key, member.value]]) : {};
  return literals.every(({ atom, truths }) => (judge(atom.predicate, resolve(root, atom.path)) & truths) !== 0);
}

/** Returns what stands at each key of a request of `branch`, or a lemma by which there is none. */
export function membersOf(branch: Tracked, inherited: Members): Map<string, Member> | Lemma {
  const members = new Map<string, Member>();
  for (const [key, literals] of groupLiterals(branch.literals())) {
    const known = inherited.get(key);
    if (known !== undefined && fitsMember(literals, key, known)) members.set(key, known);
    else {
      const solved = solve(key, literals);
      if (!("kind" in solved)) return solved;
      members.set(key, solved);
    }
  }
  return members;
}

// INVARIANT: what the theories find depends on the literals and their order alone, so that it may be kept between searches.
const found = new Map<string, Member>();
const foundMax = 20_000;

/** Returns what stands at `key` of a request that meets all `literals`, which are about that key; undefined where nothing is found. */
export function memberOf(key: string, literals: readonly Literal[], budget: Search): Member | undefined {
  const name = literals.map(({ atom, truths }) => atom.id * 8 + truths).join();
  const known = found.get(name);
  if (known !== undefined) return known;
  const tree = plant(literals).members.get(key);
  const member = tree === undefined ? undefined : findMember(tree, budget);
  if (member === undefined) return undefined;
  if (found.size >= foundMax) found.clear();
  found.set(name, member);
  return member;
}

function solve(key: string, literals: readonly Literal[]): Member | Lemma {
  const budget = newSearch();
  const member = memberOf(key, literals, budget);
  if (member !== undefined) return member;
  if (budget.unsure === "no" || budget.unsure === "mixed_theories") {
    const conflict = conflictOf(literals);
    if (conflict !== undefined) return conflict;
  }
  throw new Stopped(budget.unsure === "no" ? "theory_bound" : budget.unsure);
}

// A whole that the branch gives a truth which the request does not have: its parts are not settled yet. Parts come after their
// wholes, so the last one is the deepest. Where a whole is narrowed to the truth that all its parts must have, they say it already.
function openWhole(branch: Tracked, request: Request): Condition | undefined {
  return branch.wholes.findLast((whole) => {
    if (whole.kind === "not" || whole.kind === "atom") return false;
    const truths = branch.truths(whole);
    return truths !== (whole.kind === "all" ? T : F) && !(truthOf(whole, request) & truths);
  });
}

/** Returns the ways in which `whole` can come to have one of its truths: each narrows one condition. */
export function waysOf(branch: Tracked, whole: Condition): Ways {
  const now = branch.truths(whole);
  const [zero, one] = whole.kind === "all" ? [F, T] : [T, F];
  if (now === 0) return { kind: "truths", ways: [] };
  if (whole.kind === "not" || whole.kind === "atom" || now & one)
    return { kind: "truths", ways: [T, F, U].filter((truth) => truth & now).map((truth) => [whole, truth]) };
  const wanted = now === zero ? zero : zero | U;
  return { kind: "parts", ways: whole.items.map((item) => [item, wanted]) };
}

/** Makes a request of `branch` that also settles what the branch leaves open, by choices that are not part of the proof. */
export function settle(branch: Tracked, members: Members): Settled {
  const restore = branch.save();
  let current = members;
  try {
    for (;;) {
      const request = requestOf(current);
      const whole = openWhole(branch, request);
      if (whole === undefined) return { kind: "request", request };
      const next = choose(branch, whole, current);
      if (next === undefined) return { kind: "stuck", whole };
      current = next;
    }
  } finally {
    restore();
  }
}

function choose(branch: Tracked, whole: Condition, members: Members): Members | undefined {
  for (const [condition, truths] of waysOf(branch, whole).ways) {
    // A way that says nothing new leads to the same request again, for ever.
    if (!(branch.truths(condition) & ~truths)) continue;
    const restore = branch.save();
    branch.narrow(condition, truths);
    const found = branch.contradictory ? [] : membersOf(branch, members);
    if (found instanceof Map) return found;
    restore();
  }
  return undefined;
}

/** Returns an atom of `condition` whose truth `branch` leaves open. */
export function openAtomOf(branch: Tracked, condition: Condition): Condition | undefined {
  if (condition.kind === "atom") return [T, F, U, 0].includes(branch.truths(condition)) ? undefined : condition;
  for (const item of condition.kind === "not" ? [condition.item] : condition.items) {
    const open = openAtomOf(branch, item);
    if (open !== undefined) return open;
  }
  return undefined;
}
