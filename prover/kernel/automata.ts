// TRUSTED. Regular languages over code points: expressions, and automata that are made deterministic as far as they are walked.

/** A set of code points as ordered, disjoint, inclusive ranges: `[first, last, first, last, …]`. */ export type Ranges = readonly number[];
/** A regular expression. `start` and `end` are the anchors of RE2. */
export type Expression =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "text"; readonly points: readonly number[] }
  | { readonly kind: "seq" | "alt"; readonly items: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };
/** The last code point. */ export const pointMax = 0x10ffff;
/** The largest automaton that one pattern may expand to. */ export const nfaStatesMax = 8192;
const weightMax = 1_000_000; // the most that an automaton remembers; past it, it forgets
const heldMax = 400_000; // about the most that all remember together when a walk begins: some 50 MB

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
export const literal = (text: string): Expression => ({ kind: "text", points: pointsOf(text) });

// A state of the nondeterministic automaton: it moves on `ranges` to `to`, and without reading, where its gate is open, to all of `silent`.
type Node = { readonly ranges: Ranges; readonly to: number; readonly silent: readonly number[]; readonly gate?: "start" | "end" };
const none: readonly number[] = [];
const unwalked = new Map<string, number>(); // every automaton has its own once it is walked

// Returns how many nodes `e` has, and how many steps it takes to build them.
function sizeOf(e: Expression): readonly [nodes: number, steps: number] {
  if (e.kind === "text") return [e.points.length, e.points.length + 1];
  const parts = e.kind === "repeat" ? [e.item] : "items" in e ? e.items : [];
  const [nodes, steps] = parts.map(sizeOf).reduce(([n, s], [more, again]) => [n + more, s + again], [0, 0]);
  if (e.kind !== "repeat") return [nodes + (e.kind === "seq" ? 0 : 1), steps + 1];
  const times = e.max === Number.POSITIVE_INFINITY ? e.min + 1 : e.max;
  return [times * nodes + times - e.min, times * steps + 1];
}
// Returns the nodes of `expression`: the first accepts, the last is the start.
function buildNodes(expression: Expression): readonly Node[] {
  const nodes: Node[] = [];
  const read = (ranges: Ranges, to: number): number => nodes.push({ ranges, to, silent: none }) - 1;
  const jump = (silent: readonly number[]): number => nodes.push({ ranges: none, to: -1, silent }) - 1;
  // Returns the node that reads `e` and then goes on at `next`.
  const build = (e: Expression, next: number): number => {
    if (e.kind === "set") return read(e.ranges, next);
    if (e.kind === "text") return e.points.reduceRight((target, point) => read([point, point], target), next);
    if (e.kind === "seq") return e.items.reduceRight((target, item) => build(item, target), next);
    if (e.kind === "alt") return jump(e.items.map((item) => build(item, next)));
    if (e.kind !== "repeat") return nodes.push({ ranges: none, to: -1, silent: [next], gate: e.kind }) - 1;
    const [endless, ways] = [e.max === Number.POSITIVE_INFINITY, [next]];
    let target = endless ? jump(ways) : next;
    if (endless) ways.push(build(e.item, target));
    else for (let i = e.min; i < e.max; i++) target = jump([next, build(e.item, target)]);
    for (let i = 0; i < e.min; i++) target = build(e.item, target);
    return target;
  };
  jump([build(expression, jump(none))]);
  return nodes;
}
/** How every text that is accepted begins, and how it ends: the latter from its last code point on. */
type Ends = readonly [prefix: string, suffix: string];
const endMax = 64;
// Returns what every text of `e` begins with, or ends with where it is read `backwards`, and whether that is all of it.
function endOf(e: Expression, backwards: boolean): readonly [text: string, whole: boolean] {
  if (e.kind === "repeat") return [e.min > 0 ? endOf(e.item, backwards)[0] : "", false];
  if (e.kind === "set" || e.kind === "text") {
    const points = e.kind === "text" ? e.points : e.ranges.length === 2 && e.ranges[0] === e.ranges[1] ? e.ranges.slice(1) : [];
    const near = backwards ? points.slice(-endMax).reverse() : points.slice(0, endMax);
    return [String.fromCodePoint(...near), points.length <= endMax && (e.kind === "text" || points.length > 0)];
  }
  if (!("items" in e)) return ["", true]; // an anchor only leaves texts out
  let all: string | undefined;
  for (const item of backwards ? e.items.toReversed() : e.items) {
    const [text, whole] = endOf(item, backwards);
    if (e.kind === "seq") {
      all = (all ?? "") + text;
      if (!whole || all.length > endMax) return [all, false];
    } else {
      let shared = 0;
      while (shared < text.length && text[shared] === (all ?? text)[shared]) shared++;
      all = text.slice(0, shared);
    }
  }
  return [all ?? "", e.kind === "seq"];
}
// A subset of the nodes; from each of its `cuts` on, up to the next, all code points lead to the same of `next`.
type Cut = { cuts?: readonly number[]; looks?: number }; // once they are asked for
type State = Cut & { readonly members: readonly number[]; readonly accepts: boolean; readonly next: number[] };

const walked = new Set<Automaton>(); // those that remember something
let held = 0; // about how much they remember together
/** Begins a walk from state 0: all forget where they remember too much. INVARIANT: of an earlier walk, no state is asked about again. */
export function beginWalk(): void {
  if (held <= heldMax) return;
  for (const automaton of walked) automaton.forget();
  walked.clear();
  held = 0;
}
/** A deterministic automaton: the subsets of the nodes that were met, numbered in the order in which they were. State 0 is its start. */
export class Automaton {
  #states: State[] = [];
  #known: Map<string, number> = unwalked;
  #nodes: readonly Node[] | undefined;
  #met: Float64Array | undefined; // the last round in which each node was reached
  #round = 0;
  /** How much is remembered. */ weight = 0;
  /** The last text that was asked about. */ last: { readonly text: string; readonly accepted: boolean } | undefined;
  constructor(
    readonly expression: Expression,
    readonly ends: Ends = [endOf(expression, false)[0], endOf(expression, true)[0]],
  ) {}
  #at(state: number): State | undefined {
    if (this.#nodes === undefined) this.#restart();
    return this.#states[state];
  }
  #restart(): number {
    if (this.#nodes === undefined) {
      this.#nodes = buildNodes(this.expression);
      held += 4 * this.#nodes.length; // of what the members of states weigh
      walked.add(this);
    }
    [this.#states, this.#known, this.weight] = [[], new Map(), 0];
    return this.#intern([this.#nodes.length - 1], true);
  }
  /** Forgets all, the nodes too. */
  forget(): void {
    [this.#nodes, this.#met, this.#states, this.#known, this.weight] = [undefined, undefined, [], unwalked, 0];
  }
  // Returns `from` and all that is reached from it without reading; gates open at the text's start and end only.
  #close(from: readonly number[], atStart: boolean, atEnd: boolean): number[] {
    this.#met ??= new Float64Array(this.#nodes?.length ?? 0);
    const [met, round] = [this.#met, ++this.#round];
    const [reached, kept]: [Node[], number[]] = [[], []];
    const meet = (ids: readonly number[]) => {
      for (const id of ids) {
        const node = this.#nodes?.[id];
        if (node === undefined || met[id] === round) continue;
        met[id] = round;
        if (id === 0 || node.gate === "end" || node.to >= 0) kept.push(id);
        if (node.silent.length > 0 && (node.gate !== "start" || atStart) && (node.gate !== "end" || atEnd)) reached.push(node);
      }
    };
    meet(from);
    for (const { silent } of reached) meet(silent);
    return kept;
  }
  // Returns where `point` leads to from `members`.
  #move(members: readonly number[], point: number): number[] {
    const targets: number[] = [];
    for (const id of members) {
      const { ranges = [], to = 0 } = this.#nodes?.[id] ?? {};
      for (let i = 1; i < ranges.length; i += 2) if (point >= (ranges[i - 1] ?? 0) && point <= (ranges[i] ?? 0)) targets.push(to);
    }
    return targets;
  }
  #intern(from: readonly number[], atStart: boolean): number {
    const members = this.#close(from, atStart, false).sort((a, b) => a - b);
    const key = `${atStart}${members.join()}`;
    const found = this.#known.get(key);
    if (found !== undefined) return found;
    const accepts = this.#close(atStart ? from : members, atStart, true).includes(0);
    this.weight += members.length + 1;
    held += members.length + 1;
    this.#known.set(key, this.#states.length);
    return this.#states.push({ members, accepts, next: [] }) - 1;
  }
  /** Returns ascending code points, the first of them 0: from each on, up to the next, all lead from `state` to the same state. */
  cuts(state: number): readonly number[] {
    const at = this.#at(state);
    if (at === undefined || at.cuts !== undefined) return at?.cuts ?? [0];
    const cuts = [0];
    for (const id of at.members) for (const [i, point] of this.#nodes?.[id]?.ranges.entries() ?? []) cuts.push(point + (i % 2));
    [at.looks, at.cuts] = [cuts.length, [...new Set(cuts)].filter((point) => point <= pointMax).sort((a, b) => a - b)];
    [this.weight, held] = [this.weight + 2 * at.cuts.length, held + at.cuts.length / 8]; // a cut takes less than a member
    return at.cuts;
  }
  /** Returns how many points a step from `state` may look at; its cuts are asked for before. */
  looks = (state: number): number => this.#states[state]?.looks ?? 0;
  /** Returns the state that `point` leads to. */
  step(state: number, point: number): number {
    const cuts = this.cuts(state);
    let cut = 0; // the last that is not above `point`
    for (let leap = 1 << (31 - Math.clz32(cuts.length)); leap > 0; leap >>= 1) if ((cuts[cut + leap] ?? Number.NaN) <= point) cut += leap;
    const { members = [], next = [] } = this.#states[state] ?? {};
    const known = next[cut];
    if (known !== undefined) return known;
    const target = this.#intern(this.#move(members, point), false);
    next[cut] = target;
    return target;
  }
  /** Returns true iff `rest` may be read from `state`. Forgets all that was walked: where most states are new, their members alone are faster. */
  finish(state: number, rest: string): boolean {
    let { members = [] } = this.#at(state) ?? {};
    this.#restart();
    for (const c of rest) if (members.length > 0) members = this.#close(this.#move(members, c.codePointAt(0) ?? 0), false, false);
    return this.#close(members, false, true).includes(0);
  }
  /** Returns true where more is remembered than may be, and forgets it: a walk gives up, and the next one begins anew. */
  overflows = (): boolean => this.weight > weightMax && this.#restart() === 0;
  /** Returns true iff the text may end in `state`. */
  accepts = (state: number): boolean => this.#at(state)?.accepts ?? false;
  /** Returns true iff nothing leads on from `state`. */
  dead = (state: number): boolean => this.#at(state)?.members.length === 0;
}
/** Returns the automaton of `expression`, built when it is first walked; undefined where it would have more than `nfaStatesMax` states. */
export function compileExpression(expression: Expression): Automaton | undefined {
  const [nodes, steps] = sizeOf(expression);
  return nodes < nfaStatesMax && steps <= 4 * nfaStatesMax ? new Automaton(expression) : undefined;
}
/** Returns the automaton that accepts exactly the given texts. */
export const compileTexts = (texts: readonly string[]) => new Automaton({ kind: "alt", items: texts.map(literal) });

/** Returns true iff `automaton` accepts `text`. */
export function accepts(automaton: Automaton, text: string): boolean {
  if (automaton.last?.text !== text) automaton.last = { text, accepted: run(automaton, text) };
  return automaton.last.accepted;
}
function run(automaton: Automaton, text: string): boolean {
  if (!text.startsWith(automaton.ends[0])) return false;
  beginWalk();
  let state = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    state = automaton.step(state, point);
    if (automaton.dead(state)) return false;
    if (automaton.weight > weightMax) return automaton.finish(state, text.slice(i + 1));
  }
  return automaton.accepts(state);
}
