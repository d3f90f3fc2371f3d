// TRUSTED. Whether any request fits a set of literals. Says no only where none does; where unsure, it says yes.
import type { Automaton, State } from "./automata.js";
import { attempt, charge } from "./canonical.js";
import { absent, all3, F, inBlocks, judge, obscured, T, type Truth, truthsOf, U } from "./evaluate.js";
import type { Atom, Condition } from "./load.js";
import { formatIp, parseIp } from "./values.js";

/** Says that `atom` has one of `truths`. */
export type Literal = { readonly atom: Atom; readonly truths: Truth };
type Literals = readonly Literal[];

const ofKind = (literals: Literals, ...kinds: readonly string[]) => literals.filter(({ atom }) => kinds.includes(atom.predicate.kind));
const without = (literals: Literals, ...kinds: readonly string[]) => literals.filter(({ atom }) => !kinds.includes(atom.predicate.kind));
const fits = (literals: Literals, value: unknown): boolean =>
  literals.every(({ atom, truths }) => (judge(atom.predicate, value) & truths) !== 0);

// What is said of a value (`literals`) and of its members.
type Tree = { readonly literals: Literal[]; readonly members: Map<string, Tree> };
const seed = (): Tree => ({ literals: [], members: new Map() });
function plant(literals: Iterable<Literal>): Tree {
  const root = seed();
  for (const literal of literals) {
    const grow = ({ members }: Tree, key: string) => members.get(key) ?? members.set(key, seed()).get(key) ?? root;
    literal.atom.path.reduce(grow, root).literals.push(literal);
  }
  return root;
}
// Whether the value of `tree` and all its members can be missing in one of the two ways. An action never is.
const missing = ({ literals, members }: Tree, how: typeof absent | typeof obscured): boolean =>
  fits(literals, how) && ofKind(literals, "action").length === 0 && [...members.values()].every((member) => missing(member, how));
const scalarOrArray = ({ literals, members }: Tree): boolean =>
  [...members.values()].every((member) => missing(member, obscured)) &&
  (scalars(literals).some((value) => fits(literals, value)) || textFits(literals) || arrayFits(literals));

// Truths change at literals only, so the literals and the numbers between them stand for all numbers.
function scalars(literals: Literals): readonly unknown[] {
  const named = literals.flatMap(({ atom: { predicate: p } }) => (p.kind === "in" ? [...p.values] : "bound" in p ? [p.bound] : []));
  const numbers = named.filter((value) => typeof value === "number");
  const points = [-Number.MAX_VALUE, ...numbers.sort((a, b) => a - b), Number.MAX_VALUE];
  const between = points.map((point, i) => [point, points[i + 1] ?? point] as const).flatMap(([a, b]) => [(a + b) / 2, a / 2 + b / 2]);
  return [null, true, false, ...points, ...between.filter(Number.isFinite)];
}
function textFits(literals: Literals): boolean {
  const textsIn = ({ atom: { predicate: p } }: Literal) => (p.kind === "in" ? [...p.values].filter((v) => typeof v === "string") : []);
  const forced = ofKind(literals, "in").find(({ truths }) => truths === T);
  if (forced !== undefined) return textsIn(forced).some((value) => fits(literals, value));
  const [lists, blocks] = [ofKind(literals, "in"), ofKind(literals, "cidr")];
  const patterns = without(literals, "in").filter(({ atom }) => "language" in atom.predicate);
  const others = literals.filter(({ atom }) => !("language" in atom.predicate || "blocks" in atom.predicate));
  if (!fits(others, "")) return false;
  // Where patterns and blocks are mixed, each theory is asked alone, and one no is enough.
  const walked = (patterns.length === 0 && blocks.length > 0) || textsFit([...patterns, ...lists]);
  return walked && (blocks.length === 0 || addressFits([...lists, ...blocks], lists.flatMap(textsIn)));
}
const addresses = (1n << 128n) + (1n << 32n);
// Truths change at the ends of blocks, at named texts, and between addresses and other texts.
function addressFits(literals: Literals, named: readonly string[]): boolean {
  const other = "x".repeat(named.reduce((length, text) => Math.max(length, text.length), 0) + 1);
  if ([...named, other].some((text) => fits(literals, text))) return true;
  const taken = named.filter((text) => parseIp(text) !== undefined).length;
  const blocks = literals.flatMap(({ atom: { predicate: p } }) => (p.kind === "cidr" ? p.blocks : []));
  const starts = new Set([0n, 1n << 48n, 1n << 128n, ...blocks.flatMap(([first, last]) => [first, last + 1n])]);
  charge(starts.size * (taken + 1) * 8);
  const near = (start: bigint) => Array.from({ length: taken + 1 }, (_, i) => start + BigInt(i));
  const holds = (a: bigint) =>
    literals.every(({ atom: { predicate: p }, truths }) => truths & (p.kind === "cidr" ? inBlocks(p.blocks, a) : judge(p, formatIp(a))));
  // An IPv4 address written as IPv6 is an address to no one: a text such as `other`.
  return [...starts].some((start) => near(start).some((a) => a < addresses && a >> 32n !== 0xffffn && holds(a)));
}
// A text must be in `language`, or must not, or must not be in `form`: one of the truths.
type Test = { readonly truths: Truth; readonly language: Automaton; readonly form: Automaton | undefined };
function textsFit(literals: Literals): boolean {
  const stated = literals.flatMap(({ atom: { predicate: p }, truths }): readonly Test[] => ("language" in p ? [{ ...p, truths }] : []));
  // A text that one literal takes to be canonical is unknown to no other literal of that form.
  const canonical = new Set(stated.filter(({ truths }) => !(truths & U)).map(({ form }) => form));
  const tests = stated.map((test) => (canonical.has(test.form) ? { ...test, truths: test.truths & (T | F) } : test));
  // Most often the patterns alone already rule every text out.
  const alone = tests.map((test) => (canonical.has(test.form) ? { ...test, form: undefined } : test));
  return productAccepts(alone) && (tests.every(({ form }) => !form) || productAccepts(tests));
}
// Whether some text passes every test: a walk of all automata at once.
function productAccepts(tests: readonly Test[]): boolean {
  // What must accept comes first: where one of these is dead, all are done.
  const must = new Set(
    tests.flatMap(({ truths: t, language, form }) => [...(t === T ? [language] : []), ...(form && !(t & U) ? [form] : [])]),
  );
  const automata = [...new Set([...must, ...tests.flatMap(({ language, form }) => (form ? [language, form] : [language]))])];
  const queue: (readonly State[])[] = [automata.map(({ start }) => start)];
  const seen = new Set<string>();
  for (const states of queue) {
    const accepts = (automaton: Automaton) => states[automata.indexOf(automaton)]?.accepts;
    const truthOf = ({ language, form }: Test) => (form && !accepts(form) ? U : accepts(language) ? T : F);
    if (tests.every((test) => test.truths & truthOf(test))) return true;
    for (const point of new Set(states.flatMap(({ cuts }) => cuts))) {
      charge(automata.length);
      const next: State[] = [];
      const goesOn = (state: State, i: number) => next.push(state.step(point)) > must.size || next[i]?.members.length !== 0;
      if (states.every(goesOn) && seen.size < seen.add(next.map(({ id }) => id).join()).size) queue.push(next);
    }
  }
  return false;
}

// What the elements of an array must be: every one, or some one. `truths` are those of the inner condition.
type Demand = { readonly inner: Condition; readonly where: boolean; readonly truths: Truth };
function arrayFits(literals: Literals): boolean {
  if (!fits(without(literals, "each", "some"), [])) return false;
  const quantified = ofKind(literals, "each", "some");
  // Chooses one truth of each literal in turn; `each` is true where all elements are, false where one is false.
  const choose = (at: number, every: readonly Demand[], some: readonly Demand[]): boolean => {
    const { atom: { predicate: p } = {}, truths = 0 } = quantified[at] ?? {};
    charge(20);
    if (p?.kind !== "each" && p?.kind !== "some") return some.every((demand) => elementFits([...every, demand]));
    const zero = p.kind === "each" ? F : T; // the truth of an element that decides the whole
    const demand = (wanted: Truth): Demand => ({ inner: p.inner, where: p.where, truths: wanted });
    return [T, F, U].some((truth) => {
      const all = truth === zero ? every : [...every, demand(truth === U ? all3 - zero : truth)];
      const one = truth === zero || truth === U ? [...some, demand(truth)] : some;
      return (truths & truth) !== 0 && choose(at + 1, all, one);
    });
  };
  return choose(0, [], []);
}
// Whether one value can meet all demands. Of a value that is no object, every `where` is unknown.
function elementFits(demands: readonly Demand[]): boolean {
  const [others, unknown] = [demands.filter(({ where }) => !where), demands.every(({ where, truths }) => !where || truths & U)];
  return (unknown && assignmentFits(others, scalarOrArray)) || assignmentFits(demands, objectFits);
}
/** Returns the atoms of a condition; those on the elements of arrays are within theirs. */
export const atomsOf = (condition: Condition): readonly Atom[] =>
  condition.kind === "atom" ? [condition] : condition.kind === "not" ? atomsOf(condition.item) : condition.items.flatMap(atomsOf);
// Tries the truths of the atoms one by one, and gives a branch up as soon as a demand or the values rule it out.
function assignmentFits(demands: readonly Demand[], shape: (tree: Tree) => boolean): boolean {
  const atoms = [...new Map(demands.flatMap(({ inner }) => atomsOf(inner)).map((atom) => [atom.key, atom])).values()];
  const chosen = new Map<string, Literal>();
  const known = ({ key }: Condition) => chosen.get(key)?.truths ?? all3;
  const search = (at: number): boolean => {
    charge(100);
    if (!demands.every(({ inner, truths }) => truthsOf(inner, known) & truths) || !shape(plant(chosen.values()))) return false;
    const atom = atoms[at];
    const found = atom === undefined || [T, F, U].some((truths) => chosen.set(atom.key, { atom, truths }) && search(at + 1));
    if (atom !== undefined) chosen.delete(atom.key);
    return found;
  };
  return search(0);
}

type Way = { readonly in: boolean; readonly out: boolean };
// Whether an object can have members as `members` say and keys as `only` and `has` say.
function objectFits({ literals, members }: Tree): boolean {
  const keyed = literals.flatMap(({ atom: { predicate: p }, truths }) =>
    p.kind === "only" || p.kind === "has" ? [{ only: p.kind === "only", keys: p.keys, can: truths & (T | F) }] : [],
  );
  if (!fits(without(literals, "only", "has"), {}) || keyed.some(({ can }) => can === 0)) return false;
  const held = keyed.filter(({ can }) => can === T);
  const ways = new Map<string, Way>();
  for (const key of new Set([...members.keys(), ...keyed.flatMap(({ keys }) => [...keys])])) {
    const member = members.get(key);
    const into = held.every(({ only, keys }) => !only || keys.has(key)) && (!member || scalarOrArray(member) || objectFits(member));
    const out = held.every(({ only, keys }) => only || !keys.has(key)) && (!member || missing(member, absent));
    if (!into && !out) return false;
    ways.set(key, { in: into, out });
  }
  // Each failed `only` needs a key outside it, which may be one that nobody names; each failed `has` lacks one of its keys.
  const open = !held.some(({ only }) => only);
  const failed = keyed.filter(({ can, only }) => can === F && !(only && open));
  const settle = (at: number, given: ReadonlyMap<string, boolean>): boolean => {
    const { only = false, keys } = failed[at] ?? {};
    charge(1 + (ways.size * (held.length + 1)) / 16);
    const can = ([key, way]: readonly [string, Way]) =>
      keys?.has(key) !== only && (only ? way.in : way.out) && (given.get(key) ?? only) === only;
    return keys === undefined || [...ways].some((way) => can(way) && settle(at + 1, new Map(given).set(way[0], only)));
  };
  return settle(0, new Map());
}

const [memo, memoMax, workMax] = [new Map<string, boolean>(), 20_000, 400_000]; // past so much work, the answer is yes
/** Returns false only if no request gives every atom one of its truths. A pure fact of the literals, remembered up to a bound. */
export function possible(literals: Literals): boolean {
  const names = literals.map(({ atom, truths }) => atom.id * 8 + truths).sort((a, b) => a - b);
  const known = memo.get(names.join());
  charge(1);
  if (known !== undefined) return known;
  const answer = attempt(() => objectFits(plant(literals)), String, workMax) !== false;
  if (memo.size >= memoMax) memo.clear();
  memo.set(names.join(), answer);
  return answer;
}
