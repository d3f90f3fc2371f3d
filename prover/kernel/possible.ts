// TRUSTED. Whether any request fits a set of literals. Says no only where none does; where unsure, it says yes.

import { type Automaton, weightMax } from "./automata.js";
import { absent, all3, F, judge, obscured, T, type Truth, U } from "./evaluate.js";
import type { Atom, Condition } from "./load.js";
import { type FormKind, formKinds, formOf } from "./patterns.js";
import { formatIp, parseIp } from "./values.js";

/** Says that `atom` has one of `truths`. */
export type Literal = { readonly atom: Atom; readonly truths: Truth };

/** Returns the truths of the negation of something with these truths. */
export const flip = (truths: Truth): Truth => (truths & U) | (truths & T ? F : 0) | (truths & F ? T : 0);

/** Returns the truths that `condition` can have where its parts have those of `known`, as Kleene's logic combines them. */
export function truthsOf(condition: Condition, known: (condition: Condition) => Truth): Truth {
  const own = known(condition);
  if (condition.kind === "atom") return own;
  if (condition.kind === "not") return own & flip(truthsOf(condition.item, known));
  const [zero, one] = condition.kind === "all" ? [F, T] : [T, F];
  let some = 0; // a part can be `zero`
  let none = true; // no part must be `zero`
  let canOne = true; // every part can be `one`
  let canUnknown = false; // some part can be unknown, none need be `zero`
  let mustUnknown = false;
  for (const item of condition.items) {
    const truths = truthsOf(item, known);
    if (truths & zero) some = zero;
    if (truths === zero) none = false;
    if (!(truths & one)) canOne = false;
    if (truths & U) canUnknown = true;
    if (truths === U) mustUnknown = true;
  }
  if (!none) return own & zero;
  return own & (some | (canOne && !mustUnknown ? one : 0) | (canUnknown ? U : 0));
}

/** The most steps of automata, candidate values and trials that one question may cost; past it, the answer is yes. */
export const workMax = 400_000;
let work = 0;
const spent = (cost = 1): boolean => {
  work += cost;
  return work > workMax;
};
const memoMax = 20_000;

// What is said of a value (`literals`) and of its members.
type Tree = { readonly literals: Literal[]; readonly members: Map<string, Tree> };

function plant(literals: readonly Literal[]): Tree {
  const root: Tree = { literals: [], members: new Map() };
  for (const literal of literals) {
    let tree = root;
    for (const key of literal.atom.path) {
      const next: Tree = tree.members.get(key) ?? { literals: [], members: new Map() };
      tree.members.set(key, next);
      tree = next;
    }
    tree.literals.push(literal);
  }
  return root;
}

const fits = (literals: readonly Literal[], value: unknown): boolean =>
  literals.every(({ atom, truths }) => (judge(atom.predicate, value) & truths) !== 0);

// Whether the value of `tree` and all its members can be missing in one of the two ways. An action never is.
const missing = (tree: Tree, how: typeof absent | typeof obscured): boolean =>
  fits(tree.literals, how) &&
  !tree.literals.some(({ atom }) => atom.predicate.kind === "action") &&
  [...tree.members.values()].every((member) => missing(member, how));

const present = (tree: Tree): boolean => scalarOrArray(tree) || objectFits(tree);

function scalarOrArray({ literals, members }: Tree): boolean {
  if (![...members.values()].every((member) => missing(member, obscured))) return false;
  return [null, true, false].some((value) => fits(literals, value)) || numberFits(literals) || textFits(literals) || arrayFits(literals);
}

function neighbour(x: number, up: boolean): number {
  if (x === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const cell = new DataView(new ArrayBuffer(8));
  cell.setFloat64(0, x);
  cell.setBigInt64(0, cell.getBigInt64(0) + (x > 0 === up ? 1n : -1n));
  return cell.getFloat64(0);
}

// Truths change at literals only, so the literals and the numbers beside them stand for all numbers.
function numberFits(literals: readonly Literal[]): boolean {
  const points = literals.flatMap(({ atom: { predicate: p } }) =>
    p.kind === "in" ? [...p.values].filter((value) => typeof value === "number") : "bound" in p ? [p.bound] : [],
  );
  const candidates = [0, ...points, ...points.flatMap((point) => [neighbour(point, true), neighbour(point, false)])];
  return candidates.some((value) => Number.isFinite(value) && fits(literals, value));
}

function textFits(literals: readonly Literal[]): boolean {
  const lists = literals.flatMap(({ atom: { predicate: p }, truths }) => (p.kind === "in" ? [{ values: p.values, truths }] : []));
  const forced = lists.find(({ truths }) => truths === T);
  if (forced !== undefined) return [...forced.values].some((value) => typeof value === "string" && fits(literals, value));
  const blocks = literals.flatMap(({ atom: { predicate: p } }) => (p.kind === "cidr" ? p.blocks : []));
  const patterns = literals.filter(({ atom: { predicate: p } }) => "automaton" in p || p.kind === "in");
  const addressed = literals.some(({ atom }) => atom.predicate.kind === "cidr");
  const constant = literals.filter(({ atom: { predicate: p } }) => !("automaton" in p) && p.kind !== "in" && p.kind !== "cidr");
  if (!fits(constant, "")) return false;
  if (!addressed) return productAccepts(patterns);
  const named = lists.flatMap(({ values }) => [...values].filter((value) => typeof value === "string"));
  const mixed = patterns.length > lists.length; // then each theory is asked alone, and one no is enough
  return (
    (!mixed || productAccepts(patterns)) &&
    addressFits(mixed ? literals.filter((l) => !("automaton" in l.atom.predicate)) : literals, named, blocks)
  );
}

// Truths change at the ends of blocks, at named texts, and between addresses and other texts.
function addressFits(literals: readonly Literal[], named: readonly string[], blocks: readonly (readonly [bigint, bigint])[]): boolean {
  const other = "x".repeat(named.reduce((length, text) => Math.max(length, text.length), 0) + 1);
  if ([...named, other].some((text) => fits(literals, text))) return true;
  const taken = named.filter((text) => parseIp(text) !== undefined).length;
  const starts = new Set([0n, 1n << 48n, 1n << 128n, ...blocks.flatMap(([first, last]) => [first, last + 1n])]);
  if (spent(starts.size * (taken + 1) * 8)) return true;
  for (const start of starts)
    for (let k = 0; k <= taken; k++)
      if (start + BigInt(k) < (1n << 128n) + (1n << 32n) && fits(literals, formatIp(start + BigInt(k)))) return true;
  return false;
}

// Whether some text has one of its truths in every literal: a walk of all automata at once, one code point for each class.
function productAccepts(literals: readonly Literal[]): boolean {
  const automata: Automaton[] = [];
  const place = (automaton: Automaton) => (automata.includes(automaton) ? automata.indexOf(automaton) : automata.push(automaton) - 1);
  const tests = literals.flatMap(({ atom: { predicate: p }, truths }) => {
    const automaton = p.kind === "in" ? p.texts() : "automaton" in p ? p.automaton : undefined;
    if (automaton === undefined) return [];
    const form = formKinds.find((kind): kind is FormKind => kind === p.kind);
    return [{ truths, language: place(automaton), form: form === undefined ? -1 : place(formOf(form)) }];
  });
  const cuts = [...new Set(automata.flatMap((automaton) => automaton.cuts))].sort((a, b) => a - b);
  const classes = automata.map(({ cuts: own }) => {
    let at = 0;
    return cuts.map((cut) => ((own[at + 1] ?? Number.POSITIVE_INFINITY) <= cut ? ++at : at));
  });
  const dead = (states: readonly number[], i: number) => i >= 0 && (automata[i]?.dead(states[i] ?? 0) ?? false);
  const ends = (states: readonly number[], i: number) => i < 0 || (automata[i]?.accepts(states[i] ?? 0) ?? false);
  const seen = new Set([automata.map(() => 0).join()]);
  const queue: (readonly number[])[] = [automata.map(() => 0)];
  for (const states of queue) {
    if (tests.every(({ truths, language, form }) => truths & (!ends(states, form) ? U : ends(states, language) ? T : F))) return true;
    for (let cut = 0; cut < cuts.length; cut++) {
      if (spent(automata.length) || automata.some((automaton) => automaton.weight() > weightMax)) return true;
      const next = automata.map((automaton, i) => automaton.step(states[i] ?? 0, classes[i]?.[cut] ?? 0));
      if (tests.some((t) => (t.truths === T && dead(next, t.language)) || (!(t.truths & U) && dead(next, t.form)))) continue;
      const key = next.join();
      if (seen.size < seen.add(key).size) queue.push(next);
    }
  }
  return false;
}

// What the elements of an array must be: every one (`mask` over the inner condition), or some one.
type Demand = { readonly inner: Condition; readonly where: boolean; readonly truths: Truth };

function arrayFits(literals: readonly Literal[]): boolean {
  const quantified = literals.flatMap(({ atom: { predicate: p }, truths }) =>
    p.kind === "each" || p.kind === "some" ? [{ p, truths }] : [],
  );
  if (
    !fits(
      literals.filter(({ atom: { predicate: p } }) => p.kind !== "each" && p.kind !== "some"),
      [],
    )
  )
    return false;
  // Chooses one truth of each literal in turn; `each` is true where all elements are, false where one is false.
  const choose = (at: number, every: readonly Demand[], some: readonly Demand[]): boolean => {
    const literal = quantified[at];
    if (spent(20)) return true;
    if (literal === undefined) return some.every((demand) => elementFits([...every, demand]));
    const { inner, where, kind } = literal.p;
    const decides = kind === "each" ? F : T;
    const demand = (truths: Truth): Demand => ({ inner, where, truths });
    return [T, F, U].some((truth) => {
      if (!(literal.truths & truth)) return false;
      if (truth === decides) return choose(at + 1, every, [...some, demand(truth)]);
      if (truth === U) return choose(at + 1, [...every, demand(all3 - decides)], [...some, demand(U)]);
      return choose(at + 1, [...every, demand(truth)], some);
    });
  };
  return choose(0, [], []);
}

// Whether one value can meet all demands. Of a value that is no object, every `where` is unknown.
function elementFits(demands: readonly Demand[]): boolean {
  const others = demands.filter(({ where }) => !where);
  const scalar = demands.every(({ where, truths }) => !where || truths & U) && assignmentFits(others, scalarOrArray);
  return scalar || assignmentFits(demands, objectFits);
}

// Tries the truths of the atoms one by one, and gives a branch up as soon as a demand or the values rule it out.
function assignmentFits(demands: readonly Demand[], shape: (tree: Tree) => boolean): boolean {
  const atoms = new Map<string, Atom>();
  const collect = (condition: Condition): void => {
    if (condition.kind === "atom") atoms.set(condition.key, condition);
    else for (const item of condition.kind === "not" ? [condition.item] : condition.items) collect(item);
  };
  for (const { inner } of demands) collect(inner);
  const order = [...atoms.values()];
  const chosen = new Map<string, Literal>();
  const search = (at: number): boolean => {
    if (spent(100)) return true;
    const known = ({ key, kind }: Condition) => (kind === "atom" ? (chosen.get(key)?.truths ?? all3) : all3);
    if (!demands.every(({ inner, truths }) => truthsOf(inner, known) & truths) || !shape(plant([...chosen.values()]))) return false;
    const atom = order[at];
    if (atom === undefined) return true;
    return [T, F, U].some((truths) => {
      chosen.set(atom.key, { atom, truths });
      const found = search(at + 1);
      chosen.delete(atom.key);
      return found;
    });
  };
  return search(0);
}

// Whether an object can have members as `members` say and keys as `only` and `has` say.
function objectFits({ literals, members }: Tree): boolean {
  const keyed = literals.flatMap(({ atom: { predicate: p }, truths }) =>
    p.kind === "only" || p.kind === "has" ? [{ kind: p.kind, keys: p.keys, truths }] : [],
  );
  if (
    !fits(
      literals.filter(({ atom: { predicate: p } }) => p.kind !== "only" && p.kind !== "has"),
      {},
    )
  )
    return false;
  if (keyed.some(({ truths }) => !(truths & (T | F)))) return false;
  const strict = keyed.filter(({ truths }) => !(truths & T) || !(truths & F));
  const allowed = (key: string) => strict.every((s) => s.kind !== "only" || s.truths & F || s.keys.has(key));
  const needed = (key: string) => strict.some((s) => s.kind === "has" && s.truths & T && s.keys.has(key));
  const keys = new Set([...members.keys(), ...keyed.flatMap((k) => [...k.keys])]);
  const can = new Map<string, { readonly in: boolean; readonly out: boolean }>();
  for (const key of keys) {
    const tree = members.get(key);
    const options = {
      in: allowed(key) && (tree === undefined || present(tree)),
      out: !needed(key) && (tree === undefined || missing(tree, absent)),
    };
    if (!options.in && !options.out) return false;
    can.set(key, options);
  }
  const open = !strict.some((s) => s.kind === "only" && s.truths & T); // then a key that nobody names can be added
  // Each failed `only` needs a key outside it, each failed `has` lacks one of its keys.
  const settle = (at: number, given: ReadonlyMap<string, boolean>): boolean => {
    const literal = strict[at];
    if (literal === undefined || spent()) return true;
    if (literal.truths & T || (literal.kind === "only" && open)) return settle(at + 1, given);
    const into = literal.kind === "only";
    return [...can].some(([key, options]) => {
      const fit = literal.keys.has(key) !== into && (into ? options.in : options.out) && (given.get(key) ?? into) === into;
      return fit && settle(at + 1, new Map(given).set(key, into));
    });
  };
  return settle(0, new Map());
}

const memo = new Map<string, boolean>();

/** Returns false only if no request gives every atom one of its truths. A pure fact of the literals, remembered up to a bound. */
export function possible(literals: readonly Literal[]): boolean {
  const key = literals
    .map(({ atom, truths }) => `${truths}${atom.key}`)
    .sort()
    .join("\n");
  const known = memo.get(key);
  if (known !== undefined) return known;
  work = 0;
  const answer = objectFits(plant(literals));
  if (memo.size >= memoMax) memo.clear();
  memo.set(key, answer);
  return answer;
}
