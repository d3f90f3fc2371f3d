// TRUSTED. One branch of a proof: the truths that each condition can still have there, and what follows from them.
import { charge } from "./canonical.js";
import { all3, F, flip, judge, T, type Truth, truthsOf, U } from "./evaluate.js";
import type { Atom, Condition, Policy, Rule, RuleList } from "./load.js";
import { type Literal, possible } from "./possible.js";

// What follows from some actions alone: the texts that the action is one of, where they say so, the truths of others, and the rules that count.
class Scope {
  readonly facts = new Map<number, Truth>();
  readonly rules = new Map<RuleList, readonly Rule[]>();
  readonly narrower = new Map<number, Scope>();
  constructor(
    readonly given: readonly Literal[],
    readonly texts: readonly string[] | undefined,
  ) {}
  with(atom: Atom): Scope {
    const named = Array.isArray(atom.argument) && !/[*?\\]/.test(atom.argument.join("")) ? atom.argument.map(String) : undefined;
    const texts = this.texts?.filter((text) => judge(atom.predicate, text) === T) ?? named;
    const scope = this.narrower.get(atom.id) ?? new Scope([...this.given, { atom, truths: T }], texts);
    this.narrower.set(atom.id, scope);
    return scope;
  }
  // An action is always a canonical text, so its patterns are true or false; what one says of another is a pattern fact.
  factOf(atom: Atom): Truth {
    const known = this.facts.get(atom.id);
    if (known !== undefined) return known;
    const can = (truths: Truth) => (possible([...this.given, { atom, truths }]) ? truths : 0);
    const fact = this.texts?.reduce((truths, text) => truths | judge(atom.predicate, text), 0) ?? can(T) | can(F);
    this.facts.set(atom.id, fact);
    return fact;
  }
}
/** A place on a branch to go back to. */
export type Mark = readonly [trail: number, scope: Scope, contradictory: boolean];

/** The truths of conditions on one branch, with what is needed to go back. */
export class Branch {
  readonly #truths = new Map<string, Truth>();
  readonly #trail: (readonly [key: string, before: Truth | undefined])[] = [];
  #scope = new Scope([], undefined);
  /** True once something on the branch contradicts itself. */
  contradictory = false;
  readonly #known = (part: Condition): Truth => {
    charge(1 / 64);
    const own = this.#truths.get(part.key);
    return own !== undefined || part.kind !== "atom" || part.predicate.kind !== "action" ? (own ?? all3) : this.#scope.factOf(part);
  };
  /** Returns the truths that `condition` can have on this branch. */
  truths = (condition: Condition): Truth => truthsOf(condition, this.#known);
  /** Returns a place to go back to. */
  mark = (): Mark => [this.#trail.length, this.#scope, this.contradictory];
  /** Goes back to where `mark` was taken. */
  undo([trail, scope, contradictory]: Mark): void {
    for (const [key, before] of this.#trail.splice(trail).reverse())
      if (before === undefined) this.#truths.delete(key);
      else this.#truths.set(key, before);
    [this.#scope, this.contradictory] = [scope, contradictory];
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
    else if (condition.predicate.kind === "action" && now === T) this.#scope = this.#scope.with(condition);
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
  /** Returns the rules of `list` that can be other than false here by their action. */
  rules(list: RuleList): readonly Rule[] {
    const { rules: known, texts } = this.#scope;
    const named = () => (texts ? [...new Set(texts.flatMap((text) => list.named.get(text) ?? [])), ...list.others] : list.rules);
    // INVARIANT: only what follows from the actions is asked, not what else is known here: it lasts as long as they do.
    const rules = known.get(list) ?? named().filter(({ action }) => action.kind !== "atom" || this.#scope.factOf(action) !== F);
    known.set(list, rules);
    return rules;
  }
  // Returns the least rank of the lists of `policy`: the highest that it can have, or, below a `lower` policy, the lowest.
  #rank(policy: Policy, lower?: Policy): number {
    const rankOf = (list: RuleList): number => {
      let [rank, most] = [0, 2];
      for (const rule of this.rules(list)) {
        const { effect } = rule;
        if (effect === "allow" && rank === 2) continue; // one is enough
        const truths = this.truths(rule.condition);
        const restricts = lower ? truths !== F && !stopsToo(lower, rule) : !(truths & F);
        if (effect !== "allow" && restricts) most = Math.min(most, effect === "deny" ? 0 : 1);
        if (effect !== "deny" && (lower ? truths === T : truths & T)) rank = Math.max(rank, effect === "ask" ? 1 : 2);
      }
      return Math.min(rank, most);
    };
    return Math.min(...policy.lists.map(rankOf));
  }
  /** Returns the highest rank (deny 0, ask 1, allow 2) that `policy` can decide here. */
  highest = (policy: Policy): number => this.#rank(policy);
  /** Returns the lowest rank that `upper` can decide here, save where a rule stops `lower` just as well as `upper`. */
  lowest = (upper: Policy, lower: Policy): number => this.#rank(upper, lower);
}
/** Returns true iff `lower` has the restriction `rule` too, or a stronger one: wherever it holds, nothing escapes because of it. */
export const stopsToo = ({ restrictions }: Policy, { effect, condition: { key } }: Rule): boolean =>
  restrictions.get(key) === "deny" || restrictions.get(key) === effect;
