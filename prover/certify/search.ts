// The search for an escape, or for a proof that there is none. Not trusted: requests are replayed, proofs are checked by the kernel.
//
// A branch is a set of truths of conditions. Its theories make a concrete request of it; what the two policies decide of that request
// says what to do next: it escapes, or some rule stops it, and the branch is split on that rule. So every split is on something that matters.

import { decide, decisions } from "../evaluate/decide.js";
import { type Condition, F, type Policy, type Relation, type Rule, stopsToo, T, type Truth, truthOf, U } from "../kernel/index.js";
import { chooseStep, leafOn, pivotOf, rankOn, showDirectly } from "./choice.js";
import type { Lemma, Pivot, Proof } from "./proof.js";
import { type Members, membersOf, openAtomOf, type Request, settle, waysOf } from "./request.js";
import { Stopped, type StopReason, stop } from "./stopped.js";
import { permitsOf, Tracked } from "./tracked.js";

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

// Undefined: an escape was found below (and collected), so there is no proof.
type Step = Proof | undefined;

const rankOf = (policy: Policy, request: Request): number => decisions.indexOf(decide(policy, request));

const unbound = ({ rule: { effect, action } }: { readonly rule: Rule }): boolean => effect === "deny" && action.kind !== "atom";

/** One search on one pair of policies. */
class Search {
  readonly #branch: Tracked;
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
  ) {
    this.#branch = new Tracked(upper);
  }

  run(): Step {
    const sizes = this.lower.lists.map((_, list) => permitsOf(this.lower, list).length);
    return this.#outside(this.#always(), () => this.#permits(sizes.indexOf(Math.min(...sizes)), new Map()));
  }

  // The denies below whatever the action, where one above is of another condition: settled once, they are not in the way of every case.
  #always(): readonly Pivot[] {
    const always = ({ lists }: Policy) => lists.flatMap(({ others }, list) => others.map((rule) => ({ rule, list }))).filter(unbound);
    const met = always(this.upper).some(({ rule }) => !stopsToo(this.lower, rule));
    return met && this.options.splits ? always(this.lower).map(({ rule, list }) => pivotOf(this, "lower", list, rule)) : [];
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
    if (!this.#branch.contradictory) showDirectly(this, this.#branch, by);
    for (;;) {
      const leaf = leafOn(this, this.#branch, by);
      if (leaf !== undefined) return leaf;
      const members = membersOf(this.#branch, inherited);
      if (!(members instanceof Map)) return { kind: "leaf", by: [...by, members], reason: "impossible" };
      const settled = settle(this.#branch, members);
      if (settled.kind === "stuck") return this.#resolve(settled.whole, members, by);
      const request = settled.request;
      const [low, high] = [rankOn(this.#branch, this.lower, request), rankOn(this.#branch, this.upper, request)];
      if (this.relation === "contained" ? low > high : low > 0 && high === 0) {
        if (rankOf(this.lower, request) <= rankOf(this.upper, request)) throw new Stopped("search_bound");
        if (this.requests.push(request) === 1) this.#firstAt = this.nodes;
        return undefined;
      }
      const next = chooseStep(this, this.#branch, this.#cased, request, low, by);
      if (next.kind === "split") return this.#split(next.pivot, next.into, members, by);
      if (next.kind === "permits") return this.options.splits ? this.#permits(next.list, members, by) : stop("needs_split");
    }
  }

  #resolve(whole: Condition, members: Members, by: readonly Lemma[]): Step {
    if (!this.options.splits) throw new Stopped("needs_split");
    const { kind, ways } = waysOf(this.#branch, whole);
    if (kind === "truths")
      return this.#split(
        { condition: whole },
        ways.map(([, truths]) => truths),
        members,
        by,
      );
    // A way that says nothing new would be taken for ever: then one atom beneath is settled instead.
    const idle = ways.some(([item, wanted]) => !(this.#branch.truths(item) & ~wanted));
    const open = idle ? openAtomOf(this.#branch, whole) : undefined;
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
