// Takes `^` and `$` out of regular expressions: SMT-LIB has no words for them. Not trusted.

import type { Expression, Ranges } from "../kernel/automata.js";

/** A regular expression without anchors. */
export type Sayable =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "seq" | "alt"; readonly items: readonly Sayable[] }
  | { readonly kind: "repeat"; readonly item: Sayable; readonly min: number; readonly max: number };

/** The most copies of a repeated expression that has an anchor in it. */
const copiesMax = 16;
/** The most steps that taking the anchors out of one expression may cost. */
const stepsMax = 20_000;

// The texts of an expression: the non-empty ones, and whether the empty one is among them.
type Parts = { readonly some: Sayable; readonly empty: boolean };
// Where an expression stands: whether what is before it is empty, and whether what is after it is.
type Place = { readonly atStart: boolean; readonly atEnd: boolean };

class TooLarge extends Error {}

const nothing: Sayable = { kind: "alt", items: [] };
const emptyText: Sayable = { kind: "seq", items: [] };
const isNothing = (e: Sayable): boolean => e.kind === "alt" && e.items.length === 0;
const isEmptyText = (e: Sayable): boolean => e.kind === "seq" && e.items.length === 0;
const alt = (...items: readonly Sayable[]): Sayable => {
  const [only, ...more] = items.filter((item) => !isNothing(item));
  return only === undefined ? nothing : more.length === 0 ? only : { kind: "alt", items: [only, ...more] };
};
const seq = (...items: readonly Sayable[]): Sayable => {
  if (items.some(isNothing)) return nothing;
  const [only, ...more] = items.filter((item) => !isEmptyText(item));
  return only === undefined ? emptyText : more.length === 0 ? only : { kind: "seq", items: [only, ...more] };
};
const repeat = (item: Sayable, min: number, max: number): Sayable =>
  max === 0 || isEmptyText(item) ? emptyText : isNothing(item) ? (min === 0 ? emptyText : nothing) : { kind: "repeat", item, min, max };
const whole = ({ some, empty }: Parts): Sayable => (empty ? alt(emptyText, some) : some);

const textOf = (points: readonly number[]): Sayable => ({
  kind: "seq",
  items: points.map((point) => ({ kind: "set", ranges: [point, point] })),
});

// Returns `e` itself where it has no anchor, else undefined.
function plainOf(e: Expression): Sayable | undefined {
  switch (e.kind) {
    case "set":
      return e;
    case "text":
      return textOf(e.points);
    case "start":
    case "end":
      return undefined;
    case "repeat": {
      const item = plainOf(e.item);
      return item === undefined ? undefined : { kind: "repeat", item, min: e.min, max: e.max };
    }
    case "seq":
    case "alt": {
      const items = e.items.map(plainOf);
      return items.every((item) => item !== undefined) ? { kind: e.kind, items } : undefined;
    }
  }
}

/** Returns an expression with the same texts as `e` at the whole text, or undefined where that would be too large. */
export function withoutAnchors(e: Expression): Sayable | undefined {
  const plain = plainOf(e);
  if (plain !== undefined) return plain;
  try {
    return whole(new Stripper().parts(e, { atStart: true, atEnd: true }));
  } catch (problem) {
    if (problem instanceof TooLarge) return undefined;
    throw problem;
  }
}

class Stripper {
  #steps = 0;

  #step(): void {
    if (++this.#steps > stepsMax) throw new TooLarge();
  }

  /** Returns the texts of `e` at `place`. */
  parts(e: Expression, place: Place): Parts {
    this.#step();
    const plain = plainOf(e);
    if (plain !== undefined) return this.#plain(plain);
    switch (e.kind) {
      case "set":
        return { some: e, empty: false };
      case "text":
        return this.#plain(textOf(e.points));
      case "start":
        return { some: nothing, empty: place.atStart };
      case "end":
        return { some: nothing, empty: place.atEnd };
      case "alt": {
        const items = e.items.map((item) => this.parts(item, place));
        return { some: alt(...items.map(({ some }) => some)), empty: items.some(({ empty }) => empty) };
      }
      case "seq":
        return this.#sequence(e.items, place);
      case "repeat":
        return this.#repeat(e.item, e.min, e.max, place);
    }
  }

  // What stands before the rest is empty only where the head matched the empty text, and the other way round.
  #pair(head: Expression, rest: Expression, { atStart, atEnd }: Place): Parts {
    const headAlone = this.parts(head, { atStart, atEnd });
    const headFirst = this.parts(head, { atStart, atEnd: false });
    const restAlone = this.parts(rest, { atStart, atEnd });
    const restLast = this.parts(rest, { atStart: false, atEnd });
    const some = alt(
      seq(headFirst.some, restLast.some),
      restLast.empty ? headAlone.some : nothing,
      headFirst.empty ? restAlone.some : nothing,
    );
    return { some, empty: headAlone.empty && restAlone.empty };
  }

  // Splits after the leading items that have no anchor, or after the first item, which has one.
  #sequence(items: readonly Expression[], place: Place): Parts {
    const anchored = items.findIndex((item) => plainOf(item) === undefined);
    const at = Math.max(1, anchored);
    const rest = items.slice(at);
    const head: Expression = { kind: "seq", items: items.slice(0, at) };
    const [only] = head.items;
    const first = only !== undefined && head.items.length === 1 ? only : head;
    return rest.length === 0 ? this.parts(first, place) : this.#pair(first, { kind: "seq", items: rest }, place);
  }

  #repeat(item: Expression, min: number, max: number, place: Place): Parts {
    if (min > copiesMax || (max !== Number.POSITIVE_INFINITY && max > copiesMax)) throw new TooLarge();
    if (max === 0) return { some: nothing, empty: true };
    if (min > 0) return this.#pair(item, { kind: "repeat", item, min: min - 1, max: max - 1 }, place);
    if (max !== Number.POSITIVE_INFINITY)
      return { some: this.#pair(item, { kind: "repeat", item, min: 0, max: max - 1 }, place).some, empty: true };
    // Rounds that match the empty text add nothing. One round stands at both borders; of several, the first and the last at one each.
    const one = this.parts(item, place);
    const first = this.parts(item, { atStart: place.atStart, atEnd: false });
    const inner = this.parts(item, { atStart: false, atEnd: false });
    const last = this.parts(item, { atStart: false, atEnd: place.atEnd });
    const some = alt(one.some, seq(first.some, repeat(inner.some, 0, Number.POSITIVE_INFINITY), last.some));
    return { some, empty: true };
  }

  // Of an expression without anchors, the non-empty texts: the first part that is not empty, and then the others as they are.
  #plain(e: Sayable): Parts {
    this.#step();
    switch (e.kind) {
      case "set":
        return { some: e, empty: false };
      case "alt": {
        const items = e.items.map((item) => this.#plain(item));
        return { some: alt(...items.map(({ some }) => some)), empty: items.some(({ empty }) => empty) };
      }
      case "seq": {
        const items = e.items.map((item) => this.#plain(item));
        const firstFull = items.findIndex(({ empty }) => !empty);
        const leading = firstFull < 0 ? items : items.slice(0, firstFull + 1);
        const some = alt(...leading.map((item, i) => seq(item.some, ...e.items.slice(i + 1))));
        return { some, empty: firstFull < 0 };
      }
      case "repeat": {
        const { some, empty } = this.#plain(e.item);
        if (e.max === 0) return { some: nothing, empty: true };
        const rest = repeat(e.item, empty ? 0 : Math.max(0, e.min - 1), e.max - 1);
        return { some: seq(some, rest), empty: e.min === 0 || empty };
      }
    }
  }
}
