// TRUSTED to leave out nothing that is not false. Tables of things by the keys of one predicate on one field. INVARIANT: where `find` says that it
// could judge the value, an atom is false of that value unless one of its keys was met; where it says that it could not, nothing was left out yet.
import { absent, type FormKind, isCanonical } from "../kernel/index.js";
import { type Address, type AddressRange, addressOf, boundsIn, type Cut, isWithin, type Keys, segmentsIn } from "./keys.js";

/** Things by their keys. */
export interface Table<Thing> {
  /**
   * Adds to `found` what may be true of `value`; returns false, and adds nothing, where an atom of this table may be unknown there.
   * @param sure true where it does not matter what is unknown: then all that may be true is found without asking whether the text is canonical
   */
  find(value: unknown, found: Thing[], sure: boolean): boolean;
}
/** One key of an atom with what it leads to. */
export type Entry<Thing> = { readonly key: unknown; readonly thing: Thing };

class ValueTable<Thing> implements Table<Thing> {
  readonly #things: ReadonlyMap<unknown, Thing>;
  constructor(entries: readonly Entry<Thing>[]) {
    this.#things = new Map(entries.map(({ key, thing }) => [key, thing]));
  }
  find(value: unknown, found: Thing[]): boolean {
    const scalar = typeof value === "string" || value === null || typeof value === "boolean" || Number.isFinite(value);
    if (!scalar) return value === absent;
    const thing = this.#things.get(value); // 0 and -0 are one key, as they are one value of a set
    if (thing !== undefined) found.push(thing);
    return true;
  }
}

type Branch<Thing> = { readonly next: Map<string, Branch<Thing>>; thing?: Thing };
const branch = <Thing>(): Branch<Thing> => ({ next: new Map() });

class SegmentTable<Thing> implements Table<Thing> {
  readonly #root: Branch<Thing> = branch();
  constructor(
    entries: readonly Entry<Thing>[],
    readonly form: FormKind,
    readonly cut: Cut,
  ) {
    for (const { key, thing } of entries) {
      let at = this.#root;
      for (const segment of segmentsIn(key)) {
        const next = at.next.get(segment) ?? branch<Thing>();
        at.next.set(segment, next);
        at = next;
      }
      at.thing = thing;
    }
  }
  find(value: unknown, found: Thing[], sure: boolean): boolean {
    if (typeof value !== "string") return value === absent;
    // INVARIANT: of a request whose action is not canonical no rule is asked.
    if (!sure && this.form !== "action" && !isCanonical(this.form, value)) return false;
    const { separator, fromEnd, opening } = this.cut;
    if (fromEnd) return this.#findFromEnd(value, separator, found);
    let at: Branch<Thing> | undefined = this.#root;
    for (let from = opening.length; from <= value.length; ) {
      const end = value.indexOf(separator, from);
      at = at.next.get(end < 0 ? value.slice(from) : value.slice(from, end));
      if (at === undefined) return true;
      if (at.thing !== undefined) found.push(at.thing);
      if (end < 0) return true;
      from = end + 1;
    }
    return true;
  }
  #findFromEnd(value: string, separator: string, found: Thing[]): boolean {
    let at: Branch<Thing> | undefined = this.#root;
    for (let end = value.length; end >= 0; ) {
      const start: number = end === 0 ? -1 : value.lastIndexOf(separator, end - 1);
      at = at.next.get(value.slice(start + 1, end));
      if (at === undefined) return true;
      if (at.thing !== undefined) found.push(at.thing);
      end = start;
    }
    return true;
  }
}

type Bounded<Thing> = { readonly bounds: AddressRange; readonly thing: Thing };
// A block, and the smallest one around it: two blocks that share an address lie one in the other.
type Block<Thing> = { readonly bounds: AddressRange; readonly around: Block<Thing> | undefined; readonly thing: Thing };

// The blocks of one kind of address, by where one begins or has ended.
class Blocks<Thing> {
  readonly #starts: Address[] = [];
  readonly #blocks: (Block<Thing> | undefined)[] = [];
  constructor(entries: readonly Bounded<Thing>[]) {
    const sorted = [...entries].sort(({ bounds: [first, last] }, { bounds: [otherFirst, otherLast] }) =>
      first === otherFirst ? (last > otherLast ? -1 : 1) : first < otherFirst ? -1 : 1,
    );
    let around: Block<Thing> | undefined;
    for (const { bounds, thing } of sorted) {
      around = this.#leave(around, bounds[0]);
      around = { bounds, around, thing };
      this.#cut(bounds[0], around);
    }
    this.#leave(around, undefined);
  }
  #cut(start: Address, block: Block<Thing> | undefined): void {
    const again = this.#starts.at(-1) === start;
    this.#starts.splice(again ? this.#starts.length - 1 : this.#starts.length, 1, start);
    this.#blocks.splice(again ? this.#blocks.length - 1 : this.#blocks.length, 1, block);
  }
  // Ends the blocks that end before `next`, or all.
  #leave(innermost: Block<Thing> | undefined, next: Address | undefined): Block<Thing> | undefined {
    let block = innermost;
    for (; block !== undefined && (next === undefined || block.bounds[1] < next); block = block.around) {
      const [, last] = block.bounds;
      this.#cut(typeof last === "bigint" ? last + 1n : last + 1, block.around);
    }
    return block;
  }
  find(address: Address, found: Thing[]): void {
    let [low, high] = [-1, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= address) low = middle;
      else high = middle - 1;
    }
    for (let block = this.#blocks[low]; block !== undefined; block = block.around)
      if (isWithin(address, block.bounds)) found.push(block.thing);
  }
}

class BlockTable<Thing> implements Table<Thing> {
  readonly #four: Blocks<Thing>;
  readonly #six: Blocks<Thing>;
  constructor(entries: readonly Entry<Thing>[]) {
    const all = entries.map(({ key, thing }) => ({ bounds: boundsIn(key), thing }));
    this.#four = new Blocks(all.filter(({ bounds }) => typeof bounds[0] === "number"));
    this.#six = new Blocks(all.filter(({ bounds }) => typeof bounds[0] === "bigint"));
  }
  find(value: unknown, found: Thing[]): boolean {
    if (typeof value !== "string") return value === absent;
    const address = addressOf(value);
    if (address === undefined) return false;
    (typeof address === "number" ? this.#four : this.#six).find(address, found);
    return true;
  }
}

/** Returns the table of things whose keys are like `keys`, each key given once. */
export function tableOf<Thing>(keys: Keys, entries: readonly Entry<Thing>[]): Table<Thing> {
  if (keys.kind === "segments") return new SegmentTable(entries, keys.of, keys.cut);
  return keys.kind === "blocks" ? new BlockTable(entries) : new ValueTable(entries);
}
