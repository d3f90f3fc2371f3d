// The search for an escape, or for a proof that there is none. Not trusted: requests are replayed, proofs are checked by the kernel.
//
// A branch is a set of truths of conditions. Its theories make a concrete request of it; what the two policies decide of that request
// says what to do next: it escapes, or some rule stops it, and the branch is split on that rule. So every split is on something that matters.

import { decide, decisions } from "../evaluate/decide.js";
import {
  all3,
  type Condition,
  type Effect,
  F,
  type Json,
  judge,
  type Literal,
  type Policy,
  possible,
  type Relation,
  type Rule,
  resolve,
  stopsToo,
  T,
  type Truth,
  truthOf,
  U,
} from "../kernel/index.js";
import { findMember, type Member, newSearch, plant } from "../theory/tree.js";
import { conflictOf, groupLiterals, groupOf, nested } from "./facts.js";
import type { Lemma, Pivot, Proof, RulePlace } from "./proof.js";
import { leafOf, permitsOf, Tracked } from "./tracked.js";

/** What a search may cost, and what it collects. */
export type SearchOptions = {
  /** The most branches that are looked at. */
  readonly nodesMax: number;
  /** The most escapes that are collected before the search stops. */
  readonly escapesMax: number;
  /** The most branches that are looked at after the first escape. */
  readonly nodesAfterMax: number;
  /** Returns true once the time is up; asked at every node. */
  readonly expired: () => boolean;
  /** With false, only covers are tried: no branch is split, so an answer may be missing. */
  readonly splits: boolean;
};

/** How a search ended, with the number of branches that were looked at, and of splits. `escapes` are requests that the evaluator has replayed. */
export type SearchOutcome = { readonly nodes: number; readonly splits: number } & (
  | { readonly kind: "proved"; readonly proof: Proof }
  | { readonly kind: "escapes"; readonly requests: readonly Request[] }
  | { readonly kind: "stopped"; readonly reason: StopReason }
);

export type StopReason = "search_bound" | "theory_bound" | "mixed_theories" | "deadline" | "needs_split";
export type Request = { readonly [key: string]: Json };

type Members = ReadonlyMap<string, Member>;
// Undefined: an escape was found below (and collected), so there is no proof.
type Step = Proof | undefined;
type Fork = { readonly pivot: Pivot; readonly into: readonly Truth[] };

class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super(reason);
  }
}

const rankOf = (policy: Policy, request: Request): number => decisions.indexOf(decide(policy, request));

/** The most rules above that are tried on a branch without a request that says which of them matter. */
const directMax = 6;

const unbound = ({ rule: { effect, action } }: { readonly rule: Rule }): boolean => effect === "deny" && action.kind !== "atom";

/** One search on one pair of policies. */
class Search {
  readonly #branch = new Tracked();
  readonly #cased = new Set<number>();
  readonly requests: Request[] = [];
  nodes = 0;
  splits = 0;
  #firstAt = 0;

  constructor(
    readonly lower: Policy,
    readonly upper: Policy,
    readonly relation: Relation,
    readonly options: SearchOptions,
  ) {}

  run(): Step {
    const sizes = this.lower.lists.map((_, list) => permitsOf(this.lower, list).length);
    return this.#outside(this.#always(), () => this.#permits(sizes.indexOf(Math.min(...sizes)), new Map()));
  }

  // The denies below whatever the action, where one above is of another condition: settled once, they are not in the way of every case.
  #always(): readonly Pivot[] {
    const always = ({ lists }: Policy) => lists.flatMap(({ others }, list) => others.map((rule) => ({ rule, list }))).filter(unbound);
    const met = always(this.upper).some(({ rule }) => !stopsToo(this.lower, rule));
    return met && this.options.splits ? always(this.lower).map(({ rule, list }) => this.#pivot("lower", list, rule)) : [];
  }

  #outside([pivot, ...more]: readonly Pivot[], inside: () => Step): Step {
    if (pivot === undefined) return inside();
    const restore = this.#branch.save();
    this.#branch.narrow(pivot.condition, F);
    const rest = this.#outside(more, inside);
    restore();
    const denied: Proof = { kind: "leaf", by: [], reason: "lower_denies" };
    return (
      rest && {
        kind: "split",
        by: [],
        pivot,
        into: [
          [T | U, denied],
          [F, rest],
        ],
      }
    );
  }

  // One case for each rule of a list of `lower` that permits.
  #permits(list: number, members: Members, by: readonly Lemma[] = []): Step {
    this.#cased.add(list);
    const parts: Proof[] = [];
    let escaped = false;
    for (const condition of permitsOf(this.lower, list)) {
      const part = this.#on(condition, T, members);
      if (part === undefined) escaped = true;
      else parts.push(part);
      if (this.requests.length >= this.options.escapesMax) break;
    }
    this.#cased.delete(list);
    return escaped ? undefined : { kind: "permits", by, list, parts };
  }

  #on(condition: Condition, truths: Truth, members: Members): Step {
    const restore = this.#branch.save();
    this.#branch.narrow(condition, truths);
    const step = this.#node(members);
    restore();
    return step;
  }

  #node(inherited: Members): Step {
    const nodesMax = this.requests.length === 0 ? this.options.nodesMax : this.#firstAt + this.options.nodesAfterMax;
    if (++this.nodes > nodesMax) throw new Stopped("search_bound");
    if (this.options.expired()) throw new Stopped("deadline");
    const by: Lemma[] = [];
    if (!this.#branch.contradictory) this.#direct(by);
    for (;;) {
      const leaf = this.#leaf(by);
      if (leaf !== undefined) return leaf;
      const members = this.#members(inherited);
      if (!(members instanceof Map)) return { kind: "leaf", by: [...by, members], reason: "impossible" };
      const settled = this.#settle(members);
      if (settled.kind === "stuck") return this.#resolve(settled.whole, members, by);
      const request = settled.request;
      const [low, high] = [this.#rank(this.lower, request), this.#rank(this.upper, request)];
      if (this.relation === "contained" ? low > high : low > 0 && high === 0) {
        if (rankOf(this.lower, request) <= rankOf(this.upper, request)) throw new Stopped("search_bound");
        if (this.requests.push(request) === 1) this.#firstAt = this.nodes;
        return undefined;
      }
      const next = this.#next(request, low, by);
      if (next === "again") continue;
      return next(members);
    }
  }

  // What `policy` decides of a request of this branch: what the branch knows already is not asked again.
  #rank(policy: Policy, request: Request): number {
    let least = 2;
    for (const list of policy.lists) {
      const rules = this.#branch.rules(list);
      const restricts = (effect: Effect) => rules.some((rule) => rule.effect === effect && this.#meets(rule.condition, request, T | U));
      const grants = (effect: Effect) =>
        rules.some((rule) => rule.effect === effect && this.#branch.truths(rule.condition) === T) ||
        rules.some((rule) => rule.effect === effect && this.#meets(rule.condition, request, T));
      if (restricts("deny")) return 0;
      if (!grants("allow")) least = Math.min(least, grants("ask") ? 1 : 0);
      else if (restricts("ask")) least = Math.min(least, 1);
    }
    return least;
  }

  #meets(condition: Condition, request: Request, wanted: Truth): boolean {
    const truths = this.#branch.truths(condition);
    return (truths & wanted) !== 0 && (!(truths & ~wanted) || (truthOf(condition, request) & wanted) !== 0);
  }

  #leaf(by: readonly Lemma[]): Proof | undefined {
    return leafOf(this.#branch, this.lower, this.upper, this.relation, by);
  }

  // Returns what stands at each key of a request of this branch, or a lemma by which there is none.
  #members(inherited: Members): Map<string, Member> | Lemma {
    const members = new Map<string, Member>();
    for (const [key, literals] of groupLiterals(this.#branch.literals())) {
      const known = inherited.get(key);
      if (known !== undefined && fitsMember(literals, key, known)) members.set(key, known);
      else {
        const found = this.#solve(key, literals);
        if (!("kind" in found)) return found;
        members.set(key, found);
      }
    }
    return members;
  }

  #solve(key: string, literals: readonly Literal[]): Member | Lemma {
    const budget = newSearch();
    const tree = plant(literals).members.get(key);
    const member = tree === undefined ? undefined : findMember(tree, budget);
    if (member !== undefined) return member;
    if (budget.unsure === "no" || budget.unsure === "mixed_theories") {
      const conflict = conflictOf(literals);
      if (conflict !== undefined) return conflict;
    }
    throw new Stopped(budget.unsure === "no" ? "theory_bound" : budget.unsure);
  }

  // A whole that the branch gives a truth which the request does not have: its parts are not settled yet. Parts come after their
  // wholes, so the last one is the deepest. Where a whole is narrowed to the truth that all its parts must have, they say it already.
  #open(request: Request): Condition | undefined {
    return this.#branch.wholes.findLast((whole) => {
      if (whole.kind === "not" || whole.kind === "atom") return false;
      const truths = this.#branch.truths(whole);
      return truths !== (whole.kind === "all" ? T : F) && !(truthOf(whole, request) & truths);
    });
  }

  // The ways in which a whole can come to have one of its truths: each narrows one condition.
  #ways(whole: Condition): { readonly kind: "parts" | "truths"; readonly ways: readonly (readonly [Condition, Truth])[] } {
    const now = this.#branch.truths(whole);
    const [zero, one] = whole.kind === "all" ? [F, T] : [T, F];
    if (now === 0) return { kind: "truths", ways: [] };
    if (whole.kind === "not" || whole.kind === "atom" || now & one)
      return { kind: "truths", ways: [T, F, U].filter((truth) => truth & now).map((truth) => [whole, truth]) };
    const wanted = now === zero ? zero : zero | U;
    return { kind: "parts", ways: whole.items.map((item) => [item, wanted]) };
  }

  // Makes a request of the branch that also settles what the branch leaves open, by choices that are not part of the proof.
  #settle(
    members: Members,
  ): { readonly kind: "request"; readonly request: Request } | { readonly kind: "stuck"; readonly whole: Condition } {
    const restore = this.#branch.save();
    let current = members;
    try {
      for (;;) {
        const request = requestOf(current);
        const whole = this.#open(request);
        if (whole === undefined) return { kind: "request", request };
        const next = this.#choose(whole, current);
        if (next === undefined) return { kind: "stuck", whole };
        current = next;
      }
    } finally {
      restore();
    }
  }

  #choose(whole: Condition, members: Members): Members | undefined {
    for (const [condition, truths] of this.#ways(whole).ways) {
      // A way that says nothing new leads to the same request again, for ever.
      if (!(this.#branch.truths(condition) & ~truths)) continue;
      const restore = this.#branch.save();
      this.#branch.narrow(condition, truths);
      const found = this.#branch.contradictory ? [] : this.#members(members);
      if (found instanceof Map) return found;
      restore();
    }
    return undefined;
  }

  #openAtom(condition: Condition): Condition | undefined {
    if (condition.kind === "atom") return [T, F, U, 0].includes(this.#branch.truths(condition)) ? undefined : condition;
    for (const item of condition.kind === "not" ? [condition.item] : condition.items) {
      const open = this.#openAtom(item);
      if (open !== undefined) return open;
    }
    return undefined;
  }

  #resolve(whole: Condition, members: Members, by: readonly Lemma[]): Step {
    if (!this.options.splits) throw new Stopped("needs_split");
    const { kind, ways } = this.#ways(whole);
    if (kind === "truths")
      return this.#split(
        { condition: whole },
        ways.map(([, truths]) => truths),
        members,
        by,
      );
    // A way that says nothing new would be taken for ever: then one atom beneath is settled instead.
    const idle = ways.some(([item, wanted]) => !(this.#branch.truths(item) & ~wanted));
    const open = idle ? this.#openAtom(whole) : undefined;
    if (open !== undefined) {
      const now = this.#branch.truths(open);
      return this.#split(
        { condition: open },
        [T, F, U].filter((truth) => truth & now),
        members,
        by,
      );
    }
    const parts: Proof[] = [];
    let escaped = false;
    for (const [item, wanted] of ways) {
      const part = this.#on(item, wanted, members);
      if (part === undefined) escaped = true;
      else parts.push(part);
      if (this.requests.length >= this.options.escapesMax) return undefined;
    }
    return escaped ? undefined : { kind: "cases", by, pivot: { condition: whole }, parts };
  }

  #split(pivot: Pivot, into: readonly Truth[], members: Members, by: readonly Lemma[]): Step {
    if (!this.options.splits) throw new Stopped("needs_split");
    this.splits++;
    const parts: (readonly [Truth, Proof])[] = [];
    let escaped = false;
    for (const truths of into) {
      const part = this.#on(pivot.condition, truths, members);
      if (part !== undefined) parts.push([truths, part]);
      else {
        escaped = true;
        this.#alternatives(pivot.condition, truths, members);
      }
      if (this.requests.length >= this.options.escapesMax) return undefined;
    }
    return escaped ? undefined : { kind: "split", by, pivot, into: parts };
  }

  // Where a branch of two truths has an escape of one of them, the other may have one of another kind.
  #alternatives(condition: Condition, truths: Truth, members: Members): void {
    const last = this.requests.at(-1);
    if (last === undefined || this.options.escapesMax <= this.requests.length) return;
    const other = truths & ~truthOf(condition, last);
    if (other !== 0 && other !== truths) this.#on(condition, other, members);
  }

  // The request does not escape. Returns the next step: a rule that stops it is shown to hold on the whole branch, or split on.
  #next(request: Request, low: number, by: Lemma[]): "again" | ((members: Members) => Step) {
    // Where `upper` permits whatever `lower` says, what `lower` says is of no matter.
    const above = this.#above(request, low === 0 ? this.#branch.highest(this.lower) : low, low > 0, by);
    if (above === "shown" && this.#leaf(by) !== undefined) return "again";
    if (low === 0) {
      const stopped = this.#lowerStop(request);
      if (typeof stopped === "number")
        return (members) => (this.options.splits ? this.#permits(stopped, members, by) : stop("needs_split"));
      return (members) => this.#split(stopped, [T | U, F], members, by);
    }
    if (typeof above === "object") return (members) => this.#split(above.pivot, above.into, members, by);
    // All rules above are settled: what is left is an ask below that this request meets, and others of the branch may not.
    for (const [list, policyList] of this.lower.lists.entries())
      for (const rule of this.#branch.ordered(policyList))
        if (rule.effect === "ask" && truthOf(rule.condition, request) !== F && this.#branch.truths(rule.condition) & F) {
          const pivot = this.#pivot("lower", list, rule);
          return (members) => this.#split(pivot, [T | U, F], members, by);
        }
    return this.#upperAsks(by);
  }

  // Shows that `upper` permits on the whole branch as much as `top`; else returns what to split on, or "open" where it need not be `sought`.
  #above(request: Request, top: number, sought: boolean, by: Lemma[]): "shown" | "open" | Fork {
    const known = groupLiterals(this.#branch.literals());
    for (const [list, policyList] of this.upper.lists.entries()) {
      const harmful = this.#branch.ordered(policyList).filter((rule) => {
        const stops = rule.effect === "deny" || (rule.effect === "ask" && this.relation === "contained" && top === 2);
        return stops && !stopsToo(this.lower, rule) && this.#branch.truths(rule.condition) !== F;
      });
      const met = harmful.find(({ condition }) => truthOf(condition, request) !== F);
      if (met !== undefined) return sought ? { pivot: this.#pivot("upper", list, met), into: [T | U, F] } : "open";
      const permits = this.#branch
        .rules(policyList)
        .filter(({ effect, condition }) => effect !== "deny" && truthOf(condition, request) === T);
      if (permits.length === 0 && !sought) return "open";
      for (const rule of harmful)
        if (!this.#refute(rule.condition, T | U, by, known))
          return sought ? { pivot: this.#pivot("upper", list, rule), into: [T | U, F] } : "open";
      const open = this.#cover(permits, by);
      if (open !== undefined) return sought ? { pivot: open, into: [T, F | U] } : "open";
    }
    return "shown";
  }

  #upperAsks(by: Lemma[]): (members: Members) => Step {
    for (const [list, policyList] of this.upper.lists.entries())
      for (const rule of this.#branch.ordered(policyList))
        if (rule.effect === "ask" && this.#branch.truths(rule.condition) !== F && !this.#refute(rule.condition, T | U, by)) {
          const pivot = this.#pivot("upper", list, rule);
          const now = this.#branch.truths(rule.condition);
          if (now & F) return (members) => this.#split(pivot, [T | U, F], members, by);
        }
    return stop("search_bound");
  }

  // What makes `lower` deny: one of its denies, or a list none of whose rules permits.
  #lowerStop(request: Request): Pivot | number {
    for (const [list, policyList] of this.lower.lists.entries())
      for (const rule of this.#branch.ordered(policyList))
        if (rule.effect === "deny" && truthOf(rule.condition, request) !== F) return this.#pivot("lower", list, rule);
    for (const list of this.lower.lists.keys()) if (!this.#cased.has(list)) return list;
    return stop("search_bound");
  }

  // Where few rules above come into question, they are tried before any request is made.
  #direct(by: Lemma[]): void {
    const known = groupLiterals(this.#branch.literals());
    for (const policyList of this.upper.lists) {
      const rules = this.#branch
        .ordered(policyList)
        .filter((rule) => !stopsToo(this.lower, rule) && this.#branch.truths(rule.condition) !== F);
      const permits = rules.filter(({ effect }) => effect !== "deny");
      if (rules.length > directMax || permits.length === 0) return;
      for (const { effect, condition } of rules) if (effect !== "allow" && !this.#refute(condition, T | U, by, known)) return;
      if (this.#cover(permits, by) !== undefined) return;
    }
  }

  // Shows that one of the rules, which all permit the request, holds on all of the branch; else returns the part of one to split on.
  #cover(permits: readonly Rule[], by: Lemma[]): Pivot | undefined {
    if (permits.some(({ condition }) => this.#branch.truths(condition) === T)) return undefined;
    let best: Condition | undefined;
    for (const { condition } of permits.slice(0, 64)) {
      const missing = this.#entail(condition, by);
      if (missing === undefined) return undefined;
      best ??= missing;
    }
    return best === undefined ? undefined : { condition: best };
  }

  // Returns the first part of `condition` that is not shown true on the whole branch.
  #entail(condition: Condition, by: Lemma[]): Condition | undefined {
    if (this.#branch.truths(condition) === T) return undefined;
    if (condition.kind === "all") {
      for (const item of condition.items) {
        const missing = this.#entail(item, by);
        if (missing !== undefined) return missing;
      }
      return undefined;
    }
    return this.#refute(condition, F | U, by) ? undefined : condition;
  }

  // Tries to show by one lemma that `condition` has none of `truths` on this branch; the lemma is then applied and kept in `by`.
  #refute(condition: Condition, truths: Truth, by: Lemma[], known = groupLiterals(this.#branch.literals())): boolean {
    const pair = this.#pairAgainst(condition, truths, known);
    if (pair !== undefined) {
      this.#branch.narrow(pair[1].atom, all3 - truths);
      by.push(pair);
      if (!(this.#branch.truths(condition) & truths)) return true;
    }
    const restore = this.#branch.save();
    const before = this.#branch.atoms.length;
    this.#branch.narrow(condition, truths);
    const contradictory = this.#branch.contradictory;
    const fresh = this.#branch.literals(this.#branch.atoms.slice(before));
    const all = contradictory ? [] : this.#branch.literals();
    restore();
    if (contradictory) return false;
    for (const key of new Set(fresh.map(groupOf))) {
      const group = all.filter((literal) => groupOf(literal) === key);
      const lemma = conflictOf(
        group,
        fresh.filter((literal) => groupOf(literal) === key),
      );
      if (lemma === undefined) continue;
      const open = lemma.filter(({ atom, truths: t }) => (this.#branch.truths(atom) & ~t) !== 0);
      const [last] = open;
      if (last === undefined || open.length > 1) continue;
      this.#branch.narrow(last.atom, all3 - last.truths);
      by.push(lemma);
      if (!(this.#branch.truths(condition) & truths)) return true;
    }
    return false;
  }

  // Returns a literal of those that were known before and one of what `condition` needs, where the two contradict each other.
  #pairAgainst(
    condition: Condition,
    truths: Truth,
    known: ReadonlyMap<string, readonly Literal[]>,
  ): readonly [Literal, Literal] | undefined {
    const parts = condition.kind === "atom" ? [condition] : condition.kind === "all" && truths === (T | U) ? condition.items : [];
    for (const atom of parts) {
      if (atom.kind !== "atom" || atom.predicate.kind === "action" || (this.#branch.truths(atom) & ~truths) === 0) continue;
      const needed = { atom, truths };
      for (const literal of known.get(groupOf(needed)) ?? [])
        if (literal.atom.id !== atom.id && nested(literal.atom.path, atom.path) && !possible([literal, needed])) return [literal, needed];
    }
    return undefined;
  }

  #pivot(side: "lower" | "upper", list: number, rule: Rule): Pivot {
    const index = (side === "lower" ? this.lower : this.upper).lists[list]?.rules.indexOf(rule) ?? -1;
    const place: RulePlace = { side, list, rule: index };
    return { condition: rule.condition, place };
  }
}

const stop = (reason: StopReason): never => {
  throw new Stopped(reason);
};

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

/** Searches for requests that `lower` decides higher than `upper` (for "review": permits where `upper` denies), or for a proof of none. */
export function search(lower: Policy, upper: Policy, relation: Relation, options: SearchOptions): SearchOutcome {
  const run = new Search(lower, upper, relation, options);
  const { requests } = run;
  try {
    const proof = run.run();
    const { nodes, splits } = run;
    return proof === undefined ? { kind: "escapes", requests, nodes, splits } : { kind: "proved", proof, nodes, splits };
  } catch (problem) {
    if (!(problem instanceof Stopped)) throw problem;
    const { nodes, splits } = run;
    return requests.length > 0 ? { kind: "escapes", requests, nodes, splits } : { kind: "stopped", reason: problem.reason, nodes, splits };
  }
}
