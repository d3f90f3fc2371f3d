// TRUSTED. Regular languages over code points: expressions, and automata that are made deterministic as far as they are walked.

/** A set of code points as ordered, disjoint, inclusive ranges: `[first, last, first, last, …]`. */ export type Ranges = readonly number[];
/** A regular expression. `start` and `end` are the anchors of RE2. */
export type Expression =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "seq" | "alt"; readonly items: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };
/** The code points by how an automaton sees them: from each of the ascending `cuts` on, they are of one of the `classes`. */
export type Alphabet = { readonly cuts: readonly number[]; readonly classes: readonly number[]; readonly ascii: readonly number[] };
/** A deterministic automaton; state 0 is its start. `step` takes a class; only those of `live` can lead on to an accepting state, and a `dead`
 * state leads to none. `weight` is how much is remembered; `rebase` forgets all that was walked but one state, and returns its new name. */
export interface Automaton {
  readonly alphabet: Alphabet;
  live(state: number): readonly number[];
  step(state: number, of: number): number;
  accepts(state: number): boolean;
  dead(state: number): boolean;
  weight(): number;
  rebase(state: number): number;
}

/** The last code point. */ export const pointMax = 0x10ffff;
/** The largest automaton that one pattern may expand to. */ export const nfaStatesMax = 8192;
/** The most that an automaton remembers; past it, it forgets and goes on. */ export const weightMax = 1_000_000;

/** Returns the code points of `text`; a lone surrogate is one of them. */
export const pointsOf = (text: string): number[] => Array.from(text, (c) => c.codePointAt(0) ?? 0);
// Returns ranges in order, merged where they touch, without those that end before they start.
function normalise(ranges: Ranges): Ranges {
  const merged: number[] = [];
  const starts = [...ranges.keys()].filter((i) => i % 2 === 0 && (ranges[i] ?? 0) <= (ranges[i + 1] ?? 0));
  for (const i of starts.sort((i, k) => (ranges[i] ?? 0) - (ranges[k] ?? 0))) {
    const [first = 0, last = 0, before = -2] = [ranges[i], ranges[i + 1], merged.at(-1)];
    if (first > before + 1) merged.push(first, last);
    else merged[merged.length - 1] = Math.max(before, last);
  }
  return merged;
}
/** Returns every code point that is not in `ranges`. */
export const complement = (ranges: Ranges): Ranges =>
  normalise([-1, ...normalise(ranges), pointMax + 1].map((point, i) => (i % 2 === 0 ? point + 1 : point - 1)));

/** Returns the expression of one code point of `ranges`. */
export const set = (...ranges: Ranges): Expression => ({ kind: "set", ranges: normalise(ranges) });
/** Returns the expression of one code point that is none of `text`. */
export const except = (text: string): Expression => set(...complement(pointsOf(text).flatMap((point) => [point, point])));
/** Returns the expression of the items in turn. */
export const seq = (...items: readonly Expression[]): Expression => ({ kind: "seq", items });
/** Returns the expression of any of the items; it matches nothing where there is none. */
export const alt = (...items: readonly Expression[]): Expression => ({ kind: "alt", items });
/** Returns the expression of `min` to `max` times `item`. */
export const repeat = (item: Expression, min: number, max = Number.POSITIVE_INFINITY): Expression => ({ kind: "repeat", item, min, max });
/** Returns the expression of `text` itself. */
export const literal = (text: string): Expression => ({ kind: "seq", items: pointsOf(text).map((p) => ({ kind: "set", ranges: [p, p] })) });

// Returns the index of the cut from which on `point` is.
function cutOf(cuts: readonly number[], point: number): number {
  let [low, high] = [0, cuts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cuts[middle] ?? 0) <= point) low = middle;
    else high = middle - 1;
  }
  return low;
}
/** Returns the class of `point`. */
export const classOf = ({ cuts, classes, ascii }: Alphabet, point: number): number => ascii[point] ?? classes[cutOf(cuts, point)] ?? 0;
// Code points that are in the same of these sets are of one class.
function alphabetOf(sets: readonly Ranges[]): Alphabet {
  const edges = new Map<number, number[]>([[0, []]]);
  for (const [id, ranges] of [...new Map(sets.map((ranges) => [ranges.join(), ranges])).values()].entries())
    for (const [i, point] of ranges.entries()) edges.set(point + (i % 2), [...(edges.get(point + (i % 2)) ?? []), id]);
  const cuts = [...edges.keys()].filter((point) => point <= pointMax).sort((a, b) => a - b);
  const [within, names] = [new Set<number>(), new Map<string, number>()];
  const classes = cuts.map((cut) => {
    for (const id of edges.get(cut) ?? []) if (!within.delete(id)) within.add(id);
    const name = [...within].sort((a, b) => a - b).join();
    names.set(name, names.get(name) ?? names.size);
    return names.get(name) ?? 0;
  });
  return { cuts, classes, ascii: Array.from({ length: 128 }, (_, point) => classes[cutOf(cuts, point)] ?? 0) };
}

// A state of the nondeterministic automaton: it moves on `ranges` to `to`, and without reading, where its gate is open, to all of `silent`.
type Node = { readonly ranges: Ranges; readonly to: number; readonly silent: number[]; readonly gate?: "start" | "end" };

// Returns the nodes of `expression`: the first accepts, the last is the start. Undefined where a bound is met.
function buildNodes(expression: Expression): readonly Node[] | undefined {
  const nodes: Node[] = [];
  let work = 0;
  const full = () => nodes.length > nfaStatesMax || work > 4 * nfaStatesMax;
  const jump = (silent: number[]): number => nodes.push({ ranges: [], to: -1, silent }) - 1;
  // Returns the node that reads `e` and then goes on at `next`; any node once a bound is met.
  const build = (e: Expression, next: number): number => {
    work++;
    if (full()) return next;
    if (e.kind === "set") return nodes.push({ ranges: e.ranges, to: next, silent: [] }) - 1;
    if (e.kind === "seq") return e.items.reduceRight((target, item) => build(item, target), next);
    if (e.kind === "alt") return jump(e.items.map((item) => build(item, next)));
    if (e.kind !== "repeat") return nodes.push({ ranges: [], to: -1, silent: [next], gate: e.kind }) - 1;
    const endless = e.max === Number.POSITIVE_INFINITY;
    let target = endless ? jump([next]) : next;
    if (endless) nodes[target]?.silent.push(build(e.item, target));
    else for (let i = e.min; i < e.max && !full(); i++) target = jump([next, build(e.item, target)]);
    for (let i = 0; i < e.min && !full(); i++) target = build(e.item, target);
    return target;
  };
  const start = build(expression, jump([]));
  return full() ? undefined : [...nodes, { ranges: [], to: -1, silent: [start] }];
}
type State = { readonly members: readonly number[]; readonly accepts: boolean; readonly next: number[]; live?: readonly number[] };

// The subsets of the nodes that were met, numbered in the order in which they were.
class Subsets implements Automaton {
  #alphabet: Alphabet | undefined;
  #states: State[] = [];
  #known = new Map<string, number>();
  #weight = 0;
  constructor(readonly nodes: readonly Node[]) {}
  get alphabet(): Alphabet {
    if (this.#alphabet !== undefined) return this.#alphabet;
    this.#alphabet = alphabetOf(this.nodes.map(({ ranges }) => ranges));
    this.#restart();
    return this.#alphabet;
  }
  #restart(): number {
    [this.#states, this.#known, this.#weight] = [[], new Map(), 0];
    return this.#intern([this.nodes.length - 1], true);
  }
  // Returns `from` and all that is reached from it without reading; gates open at the text's start and end only.
  #close(from: Iterable<number>, atStart: boolean, atEnd: boolean): number[] {
    const seen = new Set(from);
    for (const id of seen) {
      const { gate, silent = [] } = this.nodes[id] ?? {};
      if ((gate !== "start" || atStart) && (gate !== "end" || atEnd)) for (const target of silent) seen.add(target);
    }
    return [...seen].filter((id) => id === 0 || this.nodes[id]?.gate === "end" || (this.nodes[id]?.to ?? -1) >= 0).sort((a, b) => a - b);
  }
  #intern(from: Iterable<number>, atStart: boolean): number {
    const members = this.#close(from, atStart, false);
    const key = `${atStart}${members.join()}`;
    const found = this.#known.get(key);
    if (found !== undefined) return found;
    const accepts = this.#close(atStart ? from : members, atStart, true).includes(0);
    const state = this.#states.push({ members, accepts, next: [] }) - 1;
    this.#weight += members.length + this.alphabet.cuts.length;
    this.#known.set(key, state);
    return state;
  }
  step(state: number, of: number): number {
    const { cuts, classes } = this.alphabet;
    const { members = [], next } = this.#states[state] ?? {};
    const known = next === undefined ? state : next[of];
    if (next === undefined || known !== undefined) return known ?? state;
    const point = cuts[classes.indexOf(of)] ?? 0;
    const targets = new Set<number>();
    for (const id of members) {
      const { ranges = [], to = -1 } = this.nodes[id] ?? {};
      for (let i = 0; i < ranges.length; i += 2) if (point >= (ranges[i] ?? 0) && point <= (ranges[i + 1] ?? 0)) targets.add(to);
    }
    const target = this.#intern(targets, false);
    next[of] = target;
    return target;
  }
  live(state: number): readonly number[] {
    const { cuts, classes } = this.alphabet;
    const at = this.#states[state];
    if (at === undefined || at.live !== undefined) return at?.live ?? [];
    const live = new Set<number>();
    for (const { ranges } of at.members.map((id) => this.nodes[id] ?? { ranges: [] }))
      for (let i = 0; i < ranges.length; i += 2)
        for (let cut = cutOf(cuts, ranges[i] ?? 0); (cuts[cut] ?? pointMax + 1) <= (ranges[i + 1] ?? 0); cut++) live.add(classes[cut] ?? 0);
    at.live = [...live];
    return at.live;
  }
  rebase(state: number): number {
    const { members = [] } = this.#states[state] ?? {};
    return this.#restart() === state ? state : this.#intern(members, false);
  }
  accepts = (state: number): boolean => this.#states[state]?.accepts ?? false;
  dead = (state: number): boolean => this.#states[state]?.members.length === 0;
  weight = (): number => this.#weight;
}
/** Returns the automaton of `expression`; undefined where it would have more than `nfaStatesMax` states. */
export function compileExpression(expression: Expression): Automaton | undefined {
  const nodes = buildNodes(expression);
  return nodes && new Subsets(nodes);
}

// The texts as a tree of their first code points; the state of no text is one more than there are rows.
class Trie implements Automaton {
  #rows: Map<number, number>[] = [];
  #ends = new Set<number>();
  #alphabet: Alphabet | undefined;
  constructor(readonly texts: readonly string[]) {}
  get alphabet(): Alphabet {
    if (this.#alphabet !== undefined) return this.#alphabet;
    const points = this.texts.map(pointsOf);
    const alphabet = alphabetOf([...new Set(points.flat())].map((point) => [point, point]));
    this.#alphabet = alphabet;
    this.#rows.push(new Map());
    for (const text of points) this.#ends.add(text.reduce((state, point) => this.#grow(state, classOf(alphabet, point)), 0));
    return alphabet;
  }
  #grow(state: number, of: number): number {
    const next = this.#rows[state]?.get(of) ?? this.#rows.push(new Map()) - 1;
    this.#rows[state]?.set(of, next);
    return next;
  }
  step = (state: number, of: number): number => this.#rows[state]?.get(of) ?? this.#rows.length;
  live = (state: number): readonly number[] => [...(this.#rows[state]?.keys() ?? [])];
  accepts = (state: number): boolean => this.#ends.has(state);
  dead = (state: number): boolean => state >= this.#rows.length;
  weight = (): number => 0;
  rebase = (state: number): number => state;
}
/** Returns the automaton that accepts exactly the given texts. */
export const compileTexts = (texts: readonly string[]): Automaton => new Trie(texts);

const answers = new WeakMap<Automaton, { readonly text: string; readonly answer: boolean }>(); // the last one: a text is asked about again
/** Returns true iff `automaton` accepts `text`. */
export function accepts(automaton: Automaton, text: string): boolean {
  const known = answers.get(automaton);
  if (known?.text === text) return known.answer;
  const answer = run(automaton, text);
  answers.set(automaton, { text, answer });
  return answer;
}
function run(automaton: Automaton, text: string): boolean {
  const { alphabet } = automaton;
  let state = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    state = automaton.step(state, classOf(alphabet, point));
    if (automaton.dead(state)) return false;
    if (automaton.weight() > weightMax) state = automaton.rebase(state);
  }
  return automaton.accepts(state);
}
