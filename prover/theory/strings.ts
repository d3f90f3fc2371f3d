// Strings: the shortest text that has one of its truths in every literal, by a walk of all automata at once. Not trusted.
// Breadth first over character classes, so that the first text found is a shortest one; letters are tried before symbols.

import { type Automaton, attempt, F, type Literal, pointMax, type State, T, type Truth, U } from "../kernel/index.js";
import { findAddress } from "./addresses.js";
import { type Found, fits, type Search, spend } from "./tree.js";

/** Returns a text that fits: a named one where a literal demands it, else a shortest one. */
export function findText(literals: readonly Literal[], search: Search): Found {
  const named: string[] = [];
  let forced: readonly string[] | undefined;
  let addressed = false;
  let patterned = false;
  for (const { atom, truths } of literals) {
    const { predicate } = atom;
    if (predicate.kind === "in") {
      const texts = [...predicate.values].filter((value) => typeof value === "string");
      if (truths === T) forced ??= texts;
      for (const text of texts) named.push(text);
    } else if (predicate.kind === "cidr") addressed = true;
    else if ("language" in predicate) patterned = true;
    else if (!fits([{ atom, truths }], "")) return undefined; // the same on every text
  }
  if (forced !== undefined) {
    const value = forced.find((text) => fits(literals, text));
    return value === undefined ? undefined : { value };
  }
  if (!addressed) return walk(literals, search);
  if (!patterned) return findAddress(literals, named, search);
  return findMixed(literals, named, search);
}

// `cidr` beside patterns: the witnesses of each theory are tried on all literals; where none fits, nobody knows.
function findMixed(literals: readonly Literal[], named: readonly string[], search: Search): Found {
  const patterns = literals.filter(({ atom }) => atom.predicate.kind !== "cidr");
  const blocks = literals.filter(({ atom: { predicate } }) => predicate.kind === "in" || !("language" in predicate));
  const byPattern = walk(patterns, search);
  if (byPattern === undefined) return undefined;
  const byBlock = findAddress(blocks, named, search);
  if (byBlock === undefined) return undefined;
  for (const found of [byPattern, byBlock]) if (fits(literals, found.value)) return found;
  const address = findAddress(literals, named, search);
  if (address === undefined && search.unsure === "no") search.unsure = "mixed_theories";
  return address;
}

type Test = { readonly truths: Truth; readonly language: number; readonly form: number };

/** The automata of literals, walked together. */
type Product = { readonly automata: readonly Automaton[]; readonly tests: readonly Test[] };

function productOf(literals: readonly Literal[]): Product {
  const automata: Automaton[] = [];
  const places = new Map<Automaton, number>();
  const place = (automaton: Automaton): number => {
    const known = places.get(automaton);
    if (known !== undefined) return known;
    places.set(automaton, automata.length);
    return automata.push(automaton) - 1;
  };
  const tests: Test[] = [];
  for (const { atom, truths } of literals) {
    const { predicate } = atom;
    if (!("language" in predicate)) continue;
    tests.push({ truths, language: place(predicate.language), form: predicate.form === undefined ? -1 : place(predicate.form) });
  }
  // A text that one literal takes to be canonical is unknown to no other literal of that form.
  const canonical = new Set(tests.filter(({ truths }) => !(truths & U)).map(({ form }) => form));
  return { automata, tests: tests.map((test) => (canonical.has(test.form) ? { ...test, truths: test.truths & (T | F) } : test)) };
}

const niceOrder = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "-_./:@+=, "].join("");

/** One code point for all from `lo` to before `next`: the nicest, with how nice it is; less is nicer. */
type Letter = { readonly point: number; readonly order: number };

function letterOf(lo: number, next: number): Letter {
  for (let i = 0; i < niceOrder.length; i++) {
    const point = niceOrder.charCodeAt(i);
    if (point >= lo && point < next) return { point, order: i };
  }
  const point = lo < 0x7f && next > 0x21 ? Math.max(lo, 0x21) : lo >= 0xd800 && lo < 0xe000 && next > 0xe000 ? 0xe000 : lo;
  return { point, order: point >= 0x21 && point < 0x7f ? 100 : point >= 0xa1 && (point < 0xd800 || point > 0xdfff) ? 200 : 300 };
}

const letters = new Map<number, Letter>();
const lettersMax = 10_000;

// One letter for all that lead to the same states, the nicest first.
function lettersOf(cuts: readonly number[]): readonly Letter[] {
  const starts = [...new Set(cuts)].sort((a, b) => a - b);
  const chosen = starts.map((lo, i): Letter => {
    const next = starts[i + 1] ?? pointMax + 1;
    const key = lo * 2 * (pointMax + 1) + next;
    const letter = letters.get(key) ?? letterOf(lo, next);
    if (letters.size >= lettersMax) letters.clear();
    letters.set(key, letter);
    return letter;
  });
  return chosen.sort((a, b) => a.order - b.order);
}

type Step = { readonly states: readonly State[]; readonly from: number; readonly point: number };

// What making the states of one walk may cost, as the kernel counts it: past it, the kernel refuses. They hold some 50 MB then.
const walkWorkMax = 400_000;

function walk(literals: readonly Literal[], search: Search): Found {
  const given = attempt(
    () => walkAll(literals, search),
    () => "refused" as const,
    walkWorkMax,
  );
  if (given === "refused") spend(search, search.workMax + 1);
  return given === "refused" ? undefined : given;
}

function walkAll(literals: readonly Literal[], search: Search): Found {
  const { automata, tests } = productOf(literals);
  const accepted = (states: readonly State[]) =>
    tests.every(({ truths, language, form }) => truths & (form >= 0 && !states[form]?.accepts ? U : states[language]?.accepts ? T : F));
  // What must accept: where one of these is dead, all is lost, so it is not walked.
  const needed = [
    ...new Set(tests.flatMap(({ truths, language, form }) => [truths === T ? language : -1, truths & U ? -1 : form]).filter((i) => i >= 0)),
  ];
  const keyOf = (states: readonly State[]) => states.map(({ id }) => id).join();
  const initial = automata.map(({ start }) => start);
  const seen = new Set([keyOf(initial)]);
  const queue: Step[] = [{ states: initial, from: -1, point: -1 }];
  for (let at = 0; at < queue.length; at++) {
    const states = queue[at]?.states ?? [];
    if (accepted(states)) return { value: spell(queue, at) };
    for (const { point } of lettersOf(states.flatMap(({ cuts }) => cuts))) {
      if (spend(search, 1 + automata.length)) return undefined;
      const next = states.map((state) => state.step(point));
      if (needed.some((i) => next[i]?.members.length === 0)) continue;
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ states: next, from: at, point });
    }
  }
  return undefined;
}

function spell(queue: readonly Step[], at: number): string {
  const points: number[] = [];
  for (let step = queue[at]; step !== undefined && step.from >= 0; step = queue[step.from]) points.push(step.point);
  return points
    .reverse()
    .map((point) => String.fromCodePoint(point))
    .join("");
}
