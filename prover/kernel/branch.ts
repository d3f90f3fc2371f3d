// TRUSTED. One branch of a proof: the truths that each condition can still have there, and what follows from them.
import { all3, F, flip, T, type Truth, truthsOf, U } from "./evaluate.js";
import type { Atom, Condition, Policy, Rule, RuleList } from "./load.js";
import { possible } from "./possible.js";

/** A place on a branch to go back to. */ export type Mark = readonly [trail: number, actions: number, contradictory: boolean];

// Which rules count, by the truths that they can have: restrictions and grants.
type Sight = { readonly restricts: (truths: Truth) => boolean; readonly grants: (truths: Truth) => boolean };

/** The truths of conditions on one branch, with what is needed to go back. */
export class Branch {
  readonly #truths = new Map<string, Truth>();
  readonly #trail: (readonly [key: string, before: Truth | undefined])[] = [];
  readonly #actions: Atom[] = [];
  /** True once something on the branch contradicts itself. */ contradictory = false;
  // An action is always a canonical text, so its patterns are true or false; what one says of another is a pattern fact.
  readonly #known = (part: Condition): Truth => {
    const own = this.#truths.get(part.key);
    if (own !== undefined || part.kind !== "atom" || part.predicate.kind !== "action") return own ?? all3;
    const given = this.#actions.map((atom) => ({ atom, truths: T }));
    const can = (truths: Truth) => (given.length === 0 || possible([...given, { atom: part, truths }]) ? truths : 0);
    return can(T) | can(F);
  };
  /** Returns the truths that `condition` can have on this branch. */
  truths = (condition: Condition): Truth => truthsOf(condition, this.#known);
  /** Returns a place to go back to. */
  mark = (): Mark => [this.#trail.length, this.#actions.length, this.contradictory];
  /** Goes back to where `mark` was taken. */
  undo([trail, actions, contradictory]: Mark): void {
    for (const [key, before] of this.#trail.splice(trail).reverse())
      if (before === undefined) this.#truths.delete(key);
      else this.#truths.set(key, before);
    this.#actions.length = actions;
    this.contradictory = contradictory;
  }
  /** Adds that `condition` has one of `truths`, and what that says of its parts. */
  narrow(condition: Condition, truths: Truth): void {
    const now = this.truths(condition) & truths;
    const before = this.#truths.get(condition.key);
    this.contradictory ||= now === 0;
    if (this.contradictory || before === now) return;
    this.#trail.push([condition.key, before]);
    this.#truths.set(condition.key, now);
    if (condition.kind === "not") this.narrow(condition.item, flip(now));
    else if (condition.kind !== "atom") this.#narrowParts(condition.items, now, condition.kind === "all" ? F : T);
    else if (condition.predicate.kind === "action" && now === T) this.#actions.push(condition);
  }
  // `zero` is the truth of a part that decides the whole: false of `all`, true of `any`.
  #narrowParts(items: readonly Condition[], now: Truth, zero: Truth): void {
    const one = T + F - zero;
    if (!(now & zero)) for (const item of items) this.narrow(item, now === one ? one : one | U);
    else if (!(now & one)) {
      // Some part is not `one`, and where the whole must be `zero`, some part is: if only one part can be, it is.
      const wanted = now === zero ? zero : zero | U;
      const [only, ...more] = items.filter((item) => this.truths(item) & wanted);
      this.contradictory ||= only === undefined;
      if (only !== undefined && more.length === 0) this.narrow(only, wanted);
    }
  }
  /** Returns the rules of `list` that can be other than false here: by their action alone, where it is known by name; else all. */
  rules(list: RuleList): readonly Rule[] {
    const argument = this.#actions[0]?.argument;
    const texts = Array.isArray(argument) ? argument.map(String) : ["*"];
    if (texts.some((text) => /[*?\\]/.test(text))) return list.rules;
    return [...new Set(texts.flatMap((text) => list.named.get(text) ?? [])), ...list.others];
  }
  // Returns the least rank of the lists of `policy` where those rules count.
  #rank(policy: Policy, { restricts, grants }: Sight): number {
    const rankOf = (list: RuleList): number => {
      let [rank, most] = [0, 2];
      for (const { effect, condition } of this.rules(list)) {
        const truths = this.truths(condition);
        if (effect === "deny" && restricts(truths)) return 0;
        if (effect === "ask" && restricts(truths)) most = 1;
        if (effect !== "deny" && grants(truths)) rank = Math.max(rank, effect === "ask" ? 1 : 2);
      }
      return Math.min(rank, most);
    };
    return Math.min(...policy.lists.map(rankOf));
  }
  /** Returns the highest rank (deny 0, ask 1, allow 2) that `policy` can decide here. */
  highest = (policy: Policy): number =>
    this.#rank(policy, { restricts: (truths) => !(truths & F), grants: (truths) => (truths & T) !== 0 });
  /** Returns the lowest rank that `policy` can decide here. */
  lowest = (policy: Policy): number => this.#rank(policy, { restricts: (truths) => truths !== F, grants: (truths) => truths === T });
}
