// TRUSTED. Regular languages over code points: expressions, and automata that are made deterministic as far as they are walked.

/** A set of code points as ordered, disjoint, inclusive ranges: `[first, last, first, last, …]`. */ export type Ranges = readonly number[];
/** A regular expression. `start` and `end` are the anchors of RE2. */
export type Expression =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "seq" | "alt"; readonly items: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };
/** A deterministic automaton; state 0 is its start. `cuts` are the ascending code points at which it may begin to behave differently, from 0;
 * `step` takes the index of one. A `dead` state leads to no accepting one. `weight` is how much is remembered, in states of the
 * nondeterministic form; `rebase` forgets all that was walked but one state, and returns its new name. */
export interface Automaton {
  readonly cuts: readonly number[];
  step(state: number, cut: number): number;
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

/** Returns the index of the class of `cuts` that `point` is in. */
export function cutOf(cuts: readonly number[], point: number): number {
  let [low, high] = [0, cuts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cuts[middle] ?? 0) <= point) low = middle;
    else high = middle - 1;
  }
  return low;
}
function cutsOf(sets: Iterable<Ranges>): readonly number[] {
  const cuts = new Set([0]);
  for (const ranges of sets) for (let i = 0; i < ranges.length; i++) cuts.add((ranges[i] ?? 0) + (i % 2));
  return [...cuts].filter((point) => point <= pointMax).sort((a, b) => a - b);
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
/** Returns the automaton of `expression`; undefined where it would have more than `nfaStatesMax` states. */
export function compileExpression(expression: Expression): Automaton | undefined {
  const nodes = buildNodes(expression);
  if (nodes === undefined) return undefined;
  const cuts = cutsOf(nodes.map(({ ranges }) => ranges));
  type State = { readonly members: readonly number[]; readonly accepts: boolean; readonly next: Int32Array };
  let [states, known, weight]: [State[], Map<string, number>, number] = [[], new Map(), 0];
  // Returns `from` and all that is reached from it without reading; gates open at the text's start and end only.
  const close = (from: Iterable<number>, atStart: boolean, atEnd: boolean): number[] => {
    const seen = new Set(from);
    for (const id of seen) {
      const { gate, silent = [] } = nodes[id] ?? {};
      if ((gate !== "start" || atStart) && (gate !== "end" || atEnd)) for (const target of silent) seen.add(target);
    }
    return [...seen].filter((id) => id === 0 || nodes[id]?.gate === "end" || (nodes[id]?.to ?? -1) >= 0).sort((a, b) => a - b);
  };
  const intern = (from: Iterable<number>, atStart: boolean): number => {
    const members = close(from, atStart, false);
    const key = `${atStart}${members.join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    weight += members.length + cuts.length;
    const accepts = close(atStart ? from : members, atStart, true).includes(0);
    const state = states.push({ members, accepts, next: new Int32Array(cuts.length).fill(-1) }) - 1;
    known.set(key, state);
    return state;
  };
  const restart = () => {
    [states, known, weight] = [[], new Map(), 0];
    return intern([nodes.length - 1], true);
  };
  restart();
  const step = (state: number, cut: number): number => {
    const { members = [], next } = states[state] ?? {};
    const cached = next?.[cut] ?? -1;
    if (next === undefined || cached >= 0) return next === undefined ? state : cached;
    const point = cuts[cut] ?? 0;
    const targets = new Set<number>();
    for (const id of members) {
      const { ranges = [], to = -1 } = nodes[id] ?? {};
      for (let i = 0; i < ranges.length; i += 2) if (point >= (ranges[i] ?? 0) && point <= (ranges[i + 1] ?? 0)) targets.add(to);
    }
    const target = intern(targets, false);
    next[cut] = target;
    return target;
  };
  const rebase = (state: number): number => {
    const { members = [] } = states[state] ?? {};
    return restart() === state ? state : intern(members, false);
  };
  const accepts = (state: number) => states[state]?.accepts ?? false;
  return { cuts, step, accepts, dead: (state) => states[state]?.members.length === 0, weight: () => weight, rebase };
}
/** Returns the automaton that accepts exactly the given texts. */
export function compileTexts(texts: readonly string[]): Automaton {
  const rows: Map<number, number>[] = [new Map()];
  const grow = (state: number, point: number): number => {
    const next = rows[state]?.get(point) ?? rows.push(new Map()) - 1;
    rows[state]?.set(point, next);
    return next;
  };
  const ends = new Set(texts.map((text) => pointsOf(text).reduce(grow, 0)));
  const cuts = cutsOf(texts.flatMap(pointsOf).map((point) => [point, point]));
  const step = (state: number, cut: number) => rows[state]?.get(cuts[cut] ?? 0) ?? rows.length;
  return { cuts, step, accepts: (s) => ends.has(s), dead: (s) => s >= rows.length, weight: () => 0, rebase: (s) => s };
}

/** Returns true iff `automaton` accepts `text`. */
export function accepts(automaton: Automaton, text: string): boolean {
  let state = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    state = automaton.step(state, cutOf(automaton.cuts, point));
    if (automaton.dead(state)) return false;
    if (automaton.weight() > weightMax) state = automaton.rebase(state);
  }
  return automaton.accepts(state);
}
