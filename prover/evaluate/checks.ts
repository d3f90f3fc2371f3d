// TRUSTED. What a rule requires, in the order of what it costs to ask, and how far all of it holds of a request.
import {
  type Condition,
  F,
  flip,
  isObject,
  judge,
  type Predicate,
  type Rule,
  resolve,
  T,
  type Truth,
  truthOf,
  U,
} from "../kernel/index.js";
import { type AddressRange, addressOf, blockOf, isWithin, type Keys, keysOf } from "./keys.js";

/** How far a rule, or the best of some rules, holds: not at all, perhaps, surely. */
export const [no, perhaps, surely] = [0, 1, 2] as const;

/** A field, with its place among the values that are kept while a request is decided; -1 without one. */
export type Field = { readonly slot: number; readonly path: readonly string[] };
/** What a list of rules may use up: keys in tables, and places for values. */
export type Room = { keys: number; readonly slots: Map<string, number> };
/** The most fields whose values are kept while a request is decided; those of others are read anew. */
const slotsMax = 64;

/** A request, and the values of its fields that were read. */
export class Reading {
  readonly #values: unknown[] = [];
  constructor(readonly request: unknown) {}
  value({ slot, path }: Field): unknown {
    if (slot < 0) return resolve(this.request, path);
    const known = this.#values[slot];
    if (known !== undefined) return known;
    const value = path.length === 1 ? this.#member(path[0] ?? "") : resolve(this.request, path);
    this.#values[slot] = value;
    return value;
  }
  #member(key: string): unknown {
    const { request } = this;
    return isObject(request) && Object.hasOwn(request, key) ? request[key] : resolve(request, [key]);
  }
  truth(condition: Condition): Truth {
    return truthOf(condition, this.request);
  }
}
/** One thing that a rule requires: an atom with its field, or another condition. `name` is equal where keys go into one table. */
export type Check = { readonly condition: Condition; readonly cost: number } & (
  | { readonly kind: "condition" }
  | {
      readonly kind: "atom";
      readonly field: Field;
      readonly predicate: Predicate;
      readonly blocks: readonly AddressRange[];
      readonly keys: Keys | undefined;
      readonly name: string;
      /** True where the atom is to be false. */
      readonly negated: boolean;
    }
);
/** All that a rule requires. */
export type Checks = readonly Check[];

// What it costs to ask a predicate, in no unit: values and bounds, then sets of keys and addresses, then texts, then elements.
function costOf(condition: Condition): number {
  if (condition.kind === "not") return 1 + costOf(condition.item);
  if (condition.kind !== "atom") return condition.items.reduce((sum, item) => sum + costOf(item), 2);
  const { predicate } = condition;
  if (predicate.kind === "in") return 1;
  if ("inner" in predicate) return 20 + costOf(predicate.inner);
  if ("language" in predicate) return predicate.form === undefined ? 8 : 12;
  return "bound" in predicate ? 2 : 3;
}
function checkOf(condition: Condition, { slots }: Room): Check {
  const cost = costOf(condition);
  const negated = condition.kind === "not";
  const atom = negated ? condition.item : condition;
  if (atom.kind !== "atom") return { kind: "condition", condition, cost };
  const { path, predicate } = atom;
  const text = JSON.stringify(path);
  const slot = slots.get(text) ?? (slots.size < slotsMax ? slots.size : -1);
  if (slot >= 0) slots.set(text, slot);
  const blocks = predicate.kind === "cidr" ? predicate.blocks.map(blockOf) : [];
  const name = `${predicate.kind} ${text}`;
  return {
    kind: "atom",
    condition,
    cost,
    field: { slot, path },
    predicate,
    blocks,
    keys: negated ? undefined : keysOf(atom),
    name,
    negated,
  };
}
/** Returns what `rule` requires, the cheapest first; its action is left out where it is known to be true. */
export function checksOf(rule: Rule, isCalled: boolean, room: Room): Checks {
  const parts = (condition: Condition): readonly Condition[] =>
    condition.kind === "all" ? condition.items.flatMap(parts) : isCalled && condition.key === rule.action.key ? [] : [condition];
  return parts(rule.condition)
    .map((part) => checkOf(part, room))
    .sort((a, b) => a.cost - b.cost);
}

function judgeCheck(check: Check, reading: Reading): Truth {
  if (check.kind === "condition") return reading.truth(check.condition);
  const { predicate, negated } = check;
  const value = reading.value(check.field);
  if (predicate.kind === "in" && typeof value === "string") return predicate.values.has(value) !== negated ? T : F;
  const truth = predicate.kind === "cidr" && typeof value === "string" ? judgeAddress(check.blocks, value) : judge(predicate, value);
  return negated ? flip(truth) : truth;
}
function judgeAddress(blocks: readonly AddressRange[], value: string): Truth {
  const address = addressOf(value);
  if (address === undefined) return U;
  for (const block of blocks) if (isWithin(address, block)) return T;
  return F;
}

/** Returns how far all of `checks` hold together, as Kleene's logic says it of `all`; where only what is sure counts, less is said to be `no`. */
export function judgeAll(checks: Checks, reading: Reading, sure: boolean): number {
  let level: number = surely;
  for (const check of checks) {
    const truth = judgeCheck(check, reading);
    if (truth === F || (sure && truth !== T)) return no;
    if (truth !== T) level = perhaps;
  }
  return level;
}
