// TRUSTED. The rules of a list by their action and their effect, as requests ask for them.
import { isCanonical, type Rule, type RuleList } from "../kernel/index.js";
import { checksOf, type Reading, type Room, surely } from "./checks.js";
import { Finder, keysMax } from "./finder.js";

/** Rules that may hold together, by their effect. */
export type Sides = { readonly allow: Finder; readonly ask: Finder; readonly deny: Finder };

/** The rules of one list by their action. What is asked for is put in order when it is first asked for, and kept as long as the list. */
export class IndexedList {
  readonly #room: Room = { keys: keysMax, slots: new Map() };
  readonly #named = new Map<string, Sides>();
  readonly #others: Sides;
  constructor(readonly list: RuleList) {
    this.#others = this.#sidesOf(list.others, false);
  }
  #sidesOf(rules: readonly Rule[], isCalled: boolean): Sides {
    const of = (effect: Rule["effect"]) =>
      new Finder(
        rules.filter((rule) => rule.effect === effect).map((rule) => checksOf(rule, isCalled, this.#room)),
        effect === "allow",
        this.#room,
      );
    return { allow: of("allow"), ask: of("ask"), deny: of("deny") };
  }
  /** Returns the rules that name `action`; undefined where none does, or where the action is not canonical. */
  named(action: string): Sides | undefined {
    const known = this.#named.get(action);
    if (known !== undefined) return known;
    const rules = this.list.named.get(action);
    if (rules === undefined || !isCanonical("action", action)) return undefined;
    const sides = this.#sidesOf(rules, true);
    this.#named.set(action, sides);
    return sides;
  }
  /** Returns the rank of what the list decides of a request whose action is canonical, and is named by the rules of `named`. */
  rank(named: Sides | undefined, reading: Reading): number {
    const best = (effect: keyof Sides, enough: number): number => {
      const level = named?.[effect].best(reading, enough) ?? 0;
      return level >= enough ? level : Math.max(level, this.#others[effect].best(reading, enough));
    };
    const allow = best("allow", surely);
    const ask = best("ask", allow === surely ? 1 : surely);
    // Where nothing is granted, it is denied whatever else denies it.
    if (allow < surely && ask < surely) return 0;
    return best("deny", 1) > 0 ? 0 : ask > 0 ? 1 : 2;
  }
}
