// Strings: the shortest text that has one of its truths in every literal, by a walk of all automata at once. Not trusted.
// Breadth first over character classes, so that the first text found is a shortest one; letters are tried before symbols.

import { type Automaton, classOf, F, type Literal, pointMax, T, type Truth, U, weightMax } from "../kernel/index.js";
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
      named.push(...texts);
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

// The nicest character of the class that starts at `lo` and ends before `next`, and how nice it is: less is nicer.
function representative(lo: number, next: number): readonly [number, number] {
  for (let i = 0; i < niceOrder.length; i++) {
    const point = niceOrder.charCodeAt(i);
    if (point >= lo && point < next) return [point, i];
  }
  const printable = lo < 0x7f && next > 0x21 ? Math.max(lo, 0x21) : lo >= 0xd800 && lo < 0xe000 && next > 0xe000 ? 0xe000 : lo;
  return [
    printable,
    printable >= 0x21 && printable < 0x7f ? 100 : printable >= 0xa1 && (printable < 0xd800 || printable > 0xdfff) ? 200 : 300,
  ];
}

/** One code point for all that no automaton tells apart: the nicest, with how nice it is, and its class in each. */
type Letter = { readonly point: number; readonly order: number; readonly own: readonly number[] };

// The nicest first.
function lettersOf(automata: readonly Automaton[]): readonly Letter[] {
  const starts = [...new Set(automata.flatMap(({ alphabet }) => alphabet.cuts))].sort((a, b) => a - b);
  if (starts.length === 0) starts.push(0);
  const letters = new Map<string, Letter>();
  for (const [i, lo] of starts.entries()) {
    const [point, order] = representative(lo, starts[i + 1] ?? pointMax + 1);
    const own = automata.map(({ alphabet }) => classOf(alphabet, lo));
    const key = own.join();
    if (order < (letters.get(key)?.order ?? Number.POSITIVE_INFINITY)) letters.set(key, { point, order, own });
  }
  return [...letters.values()].sort((a, b) => a.order - b.order);
}

type Step = { readonly states: readonly number[]; readonly from: number; readonly point: number };

function walk(literals: readonly Literal[], search: Search): Found {
  const { automata, tests } = productOf(literals);
  const letters = lettersOf(automata);
  const ends = (states: readonly number[], i: number) => automata[i]?.accepts(states[i] ?? 0) ?? false;
  const dead = (states: readonly number[], i: number) => automata[i]?.dead(states[i] ?? 0) ?? false;
  const accepted = (states: readonly number[]) =>
    tests.every(({ truths, language, form }) => truths & (form >= 0 && !ends(states, form) ? U : ends(states, language) ? T : F));
  // What must accept: where one of these is dead, all is lost, so only what is live in one of them is walked.
  const needed = [
    ...new Set(tests.flatMap(({ truths, language, form }) => [truths === T ? language : -1, truths & U ? -1 : form]).filter((i) => i >= 0)),
  ];
  const lettersFrom = (states: readonly number[]): readonly Letter[] => {
    let [least, live]: [number, readonly number[] | undefined] = [-1, undefined];
    for (const i of needed) {
      const own = automata[i]?.live(states[i] ?? 0) ?? [];
      if (live === undefined || own.length < live.length) [least, live] = [i, own];
    }
    const chosen = live;
    return chosen === undefined ? letters : letters.filter(({ own }) => chosen.includes(own[least] ?? -1));
  };
  const initial = automata.map(() => 0);
  const seen = new Set([initial.join()]);
  const queue: Step[] = [{ states: initial, from: -1, point: -1 }];
  for (let at = 0; at < queue.length; at++) {
    const states = queue[at]?.states ?? [];
    if (accepted(states)) return { value: spell(queue, at) };
    for (const { point, own } of lettersFrom(states)) {
      if (spend(search, 1 + automata.length) || automata.some((automaton) => automaton.weight() > weightMax)) {
        spend(search, search.workMax);
        return undefined;
      }
      const next = automata.map((automaton, i) => automaton.step(states[i] ?? 0, own[i] ?? 0));
      if (needed.some((i) => dead(next, i))) continue;
      const key = next.join();
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
