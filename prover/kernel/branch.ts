// TRUSTED. One branch of a proof: the truths that each condition can still have there, and what follows from them.
import { refuse } from "./canonical.js";
import { all3, F, flip, judge, T, type Truth, truthsOf, U } from "./evaluate.js";
import type { Atom, Condition, Policy, Rule, RuleList } from "./load.js";
import { possible, workSpent } from "./possible.js";

/** A place on a branch to go back to. */ export type Mark = readonly [trail: number, actions: number, contradictory: boolean];
// Which rules count, by the truths that they can have: restrictions and grants.
type Sight = { readonly restricts: (truths: Truth, rule: Rule) => boolean; readonly grants: (truths: Truth) => boolean };
type Scope = { readonly facts: Map<number, Truth>; readonly rules: Map<RuleList, readonly Rule[]> };
/** How many looks at a condition take as long as a step of automata, about. */ export const stepLooks = 64;

/** The truths of conditions on one branch, with what is needed to go back. */
export class Branch {
  readonly #truths = new Map<string, Truth>();
  readonly #trail: (readonly [key: string, before: Truth | undefined])[] = [];
  readonly #actions: Atom[] = [];
  // What follows from the actions alone, by their ids: the truths of other actions, and the rules that count.
  readonly #scopes = new Map<string, Scope>();
  #scope: Scope = { facts: new Map(), rules: new Map() };
  /** True once something on the branch contradicts itself. */ contradictory = false;
  /** Refuses to go on after about `looksLeft` looks at conditions. */
  constructor(public looksLeft = Number.POSITIVE_INFINITY) {}
  readonly #known = (part: Condition): Truth => {
    if (--this.looksLeft < 0) refuse("too much work");
    const own = this.#truths.get(part.key);
    return own !== undefined || part.kind !== "atom" || part.predicate.kind !== "action" ? (own ?? all3) : this.#factOf(part);
  };
  // An action is always a canonical text, so its patterns are true or false; what one says of another is a pattern fact.
  #factOf(atom: Atom): Truth {
    const known = this.#scope.facts.get(atom.id);
    if (known !== undefined) return known;
    const before = workSpent();
    const given = this.#actions.map((action) => ({ atom: action, truths: T }));
    const can = (truths: Truth) => (given.length === 0 || possible([...given, { atom, truths }]) ? truths : 0);
    const texts = this.#texts?.filter((text) => given.every((one) => judge(one.atom.predicate, text) === T));
    const fact = texts?.reduce((truths, text) => truths | judge(atom.predicate, text), 0) ?? can(T) | can(F);
    this.#scope.facts.set(atom.id, fact);
    this.looksLeft -= given.length + stepLooks * (workSpent() - before);
    return fact;
  }
  // The texts that the action is one of; undefined where its pattern has a wildcard.
  get #texts(): readonly string[] | undefined {
    const argument = this.#actions[0]?.argument;
    const texts = Array.isArray(argument) ? argument.map(String) : ["*"];
    return texts.some((text) => /[*?\\]/.test(text)) ? undefined : texts;
  }
  #changeActions(length: number, atom?: Atom): void {
    if (this.#actions.length === length) return;
    this.#actions.length = Math.min(this.#actions.length, length);
    if (atom !== undefined) this.#actions.push(atom);
    this.looksLeft -= this.#actions.length;
    const key = this.#actions.map(({ id }) => id).join();
    this.#scope = this.#scopes.get(key) ?? { facts: new Map(), rules: new Map() };
    this.#scopes.set(key, this.#scope);
  }
  /** Returns the truths that `condition` can have on this branch. */
  truths = (condition: Condition): Truth => truthsOf(condition, this.#known);
  /** Returns a place to go back to. */
  mark = (): Mark => [this.#trail.length, this.#actions.length, this.contradictory];
  /** Goes back to where `mark` was taken. */
  undo([trail, actions, contradictory]: Mark): void {
    for (const [key, before] of this.#trail.splice(trail).reverse())
      if (before === undefined) this.#truths.delete(key);
      else this.#truths.set(key, before);
    this.#changeActions(actions);
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
    else if (condition.predicate.kind === "action" && now === T) this.#changeActions(this.#actions.length + 1, condition);
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
    const known = this.#scope.rules.get(list);
    if (known !== undefined) return known;
    const texts = this.#texts;
    const named = texts ? [...new Set(texts.flatMap((text) => list.named.get(text) ?? [])), ...list.others] : list.rules;
    // INVARIANT: only what follows from the actions is asked, not what else is known here: it lasts as long as they do.
    const rules = named.filter(({ action }) => action.kind !== "atom" || this.#factOf(action) !== F);
    this.#scope.rules.set(list, rules);
    return rules;
  }
  // Returns the least rank of the lists of `policy` where those rules count.
  #rank(policy: Policy, { restricts, grants }: Sight): number {
    const rankOf = (list: RuleList): number => {
      let [rank, most] = [0, 2];
      for (const rule of this.rules(list)) {
        const { effect } = rule;
        if (effect === "allow" && rank === 2) continue; // one is enough
        const truths = this.truths(rule.condition);
        if (effect === "deny" && restricts(truths, rule)) return 0;
        if (effect === "ask" && restricts(truths, rule)) most = 1;
        if (effect !== "deny" && grants(truths)) rank = Math.max(rank, effect === "ask" ? 1 : 2);
      }
      return Math.min(rank, most);
    };
    return Math.min(...policy.lists.map(rankOf));
  }
  /** Returns the highest rank (deny 0, ask 1, allow 2) that `policy` can decide here. */
  highest = (policy: Policy): number =>
    this.#rank(policy, { restricts: (truths) => !(truths & F), grants: (truths) => (truths & T) !== 0 });
  /** Returns the lowest rank that `upper` can decide here, save where a rule stops `lower` just as well as `upper`. */
  lowest = (upper: Policy, lower: Policy): number =>
    this.#rank(upper, { restricts: (truths, rule) => truths !== F && !stopsToo(lower, rule), grants: (truths) => truths === T });
}
/** Returns true iff `lower` has the restriction `rule` too, or a stronger one: wherever it holds, nothing escapes because of it. */
export const stopsToo = ({ restrictions }: Policy, { effect, condition: { key } }: Rule): boolean =>
  restrictions.get(key) === "deny" || restrictions.get(key) === effect;
