// TRUSTED. One branch of a proof: the truths that each condition can still have there, and what follows from them.

import { all3, F, T, type Truth, U } from "./evaluate.js";
import type { Atom, Condition, Policy, Rule, RuleList } from "./load.js";
import { flip, possible, truthsOf } from "./possible.js";

/** The rules of `list` that can hold of a request with one of the texts of `action`, which has no wildcard; else all rules. */
function rulesFor(list: RuleList, action: Atom | undefined): readonly Rule[] {
  const texts = Array.isArray(action?.argument) ? action.argument.filter((text) => typeof text === "string") : [];
  if (action === undefined || texts.some((text) => /[*?\\]/.test(text))) return list.rules;
  const named = texts.flatMap((text) => list.named.get(text) ?? []);
  return [...new Set(named), ...list.others];
}

/** The truths of conditions on one branch, with what is needed to go back. */
export class Branch {
  readonly #truths = new Map<string, Truth>();
  readonly #trail: (readonly [string, Truth | undefined])[] = [];
  readonly #actions: Atom[] = [];
  readonly #rules = new Map<RuleList, readonly (readonly Rule[])[]>();
  /** True once something on the branch contradicts itself. */
  contradictory = false;
  readonly #known = (condition: Condition): Truth => {
    const own = this.#truths.get(condition.key);
    if (own !== undefined || condition.kind !== "atom") return own ?? all3;
    return condition.predicate.kind === "action" ? this.#actionTruths(condition) : all3;
  };

  // An action is always a canonical text, so its patterns are true or false; what one says of another is a pattern fact.
  #actionTruths(atom: Atom): Truth {
    const given = this.#actions.map((action) => ({ atom: action, truths: T }));
    const can = (truths: Truth) => (given.length === 0 || possible([...given, { atom, truths }]) ? truths : 0);
    return can(T) | can(F);
  }

  /** Returns the truths that `condition` can have on this branch. */
  truths(condition: Condition): Truth {
    return truthsOf(condition, this.#known);
  }

  /** A place to go back to. */
  mark(): readonly [number, number, boolean] {
    return [this.#trail.length, this.#actions.length, this.contradictory];
  }

  /** Goes back to where `mark` was taken. */
  undo([trail, actions, contradictory]: readonly [number, number, boolean]): void {
    while (this.#trail.length > trail) {
      const [key, truths] = this.#trail.pop() ?? ["", undefined];
      if (truths === undefined) this.#truths.delete(key);
      else this.#truths.set(key, truths);
    }
    this.#actions.length = actions;
    this.contradictory = contradictory;
  }

  /** Adds that `condition` has one of `truths`, and what that says of its parts. */
  narrow(condition: Condition, truths: Truth): void {
    const before = this.truths(condition);
    const now = before & truths;
    if (now === 0) this.contradictory = true;
    const stored = this.#truths.get(condition.key);
    if (this.contradictory || stored === now) return;
    this.#trail.push([condition.key, stored]);
    this.#truths.set(condition.key, now);
    if (condition.kind === "not") this.narrow(condition.item, flip(now));
    else if (condition.kind !== "atom") this.#narrowParts(condition.items, now, condition.kind === "all" ? F : T);
    else if (condition.predicate.kind === "action" && now === T) this.#actions.push(condition);
  }

  // `zero` is the truth of a part that decides the whole: false of `all`, true of `any`.
  #narrowParts(items: readonly Condition[], now: Truth, zero: Truth): void {
    const one = T + F - zero;
    if (now === one) for (const item of items) this.narrow(item, one);
    else if (!(now & zero)) for (const item of items) this.narrow(item, one | U);
    else if (!(now & one)) {
      // Some part is not `one`, and where the whole must be `zero`, some part is: if only one part can be, it is.
      const wanted = now === zero ? zero : zero | U;
      const can = items.filter((item) => this.truths(item) & wanted);
      const [only] = can;
      if (only === undefined) this.contradictory = true;
      else if (can.length === 1) this.narrow(only, wanted);
    }
  }

  /** Returns the rules of `list` that can be other than false here, by their action alone. */
  rules(list: RuleList): readonly Rule[] {
    return rulesFor(list, this.#actions[0]);
  }

  /** Returns the highest rank (deny 0, ask 1, allow 2) that `policy` can decide here. */
  highest(policy: Policy): number {
    return Math.min(...policy.lists.map((list) => this.#highestOf(list)));
  }

  #highestOf(list: RuleList): number {
    let rank = 0;
    let asks = false;
    for (const rule of this.rules(list)) {
      const truths = this.truths(rule.condition);
      if (rule.effect === "deny" && !(truths & F)) return 0;
      if (rule.effect === "ask" && !(truths & F)) asks = true;
      if (rule.effect !== "deny" && truths & T) rank = Math.max(rank, rule.effect === "ask" ? 1 : 2);
    }
    return asks ? Math.min(rank, 1) : rank;
  }

  /** Returns the lowest rank that `policy` can decide here. */
  lowest(policy: Policy): number {
    return Math.min(...policy.lists.map((list) => this.#lowestOf(list)));
  }

  #lowestOf(list: RuleList): number {
    let permitted = false;
    let asks = false;
    for (const rule of this.rules(list)) {
      const truths = this.truths(rule.condition);
      if (rule.effect === "deny" && truths !== F) return 0;
      if (rule.effect === "ask" && truths !== F) asks = true;
      if (rule.effect !== "deny" && truths === T) permitted = true;
    }
    return permitted ? (asks ? 1 : 2) : 0;
  }
}
