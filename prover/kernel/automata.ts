// TRUSTED. Regular languages over code points: expressions, and automata that are made deterministic as far as they are walked.
import { charge, refuse } from "./canonical.js";

/** A set of code points as ordered, disjoint, inclusive ranges: `[first, last, first, last, …]`. */
export type Ranges = readonly number[];
/** A regular expression. `start` and `end` are the anchors of RE2. */
export type Expression =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "text"; readonly points: readonly number[] }
  | { readonly kind: "seq" | "alt"; readonly items: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };
/** The last code point. */
export const pointMax = 0x10ffff;
// The largest automaton that one pattern may expand to.
const nfaStatesMax = 8192;

/** Returns the code points of `text`; a lone surrogate is one of them. */
export const pointsOf = (text: string): number[] => Array.from(text, (c) => c.codePointAt(0) ?? 0);
// Returns ranges in order, merged where they touch, without those that end before they start.
function normalise(ranges: Ranges): Ranges {
  const merged: number[] = [];
  const pairs = ranges.flatMap((first, i) => (i % 2 === 0 && first <= (ranges[i + 1] ?? 0) ? [[first, ranges[i + 1] ?? 0] as const] : []));
  for (const [first, last] of pairs.sort(([a], [b]) => a - b))
    if (first > (merged.at(-1) ?? -2) + 1) merged.push(first, last);
    else merged.push(Math.max(merged.pop() ?? 0, last));
  return merged;
}
/** Returns every code point that is not in `ranges`. */
export const complement = (ranges: Ranges): Ranges =>
  normalise([-1, ...normalise(ranges), pointMax + 1].map((point, i) => (i % 2 === 0 ? point + 1 : point - 1)));

/** Returns the expression of one code point of `ranges`. */
export const set = (ranges: Ranges): Expression => ({ kind: "set", ranges: normalise(ranges) });
/** Returns the expression of any of the items; it matches nothing where there is none. */
export const alt = (items: readonly Expression[]): Expression => ({ kind: "alt", items });
/** Returns the expression of `text` itself. */
export const literal = (text: string): Expression => ({ kind: "text", points: pointsOf(text) });

// A node of the nondeterministic automaton: it moves on `ranges` to `to`, and without reading, where its gate is open, to all of `silent`.
type Node = { readonly id: number; readonly silent: readonly Node[]; readonly ranges: Ranges; readonly to?: Node } & Marks;
type Marks = { readonly gate?: string; met?: number }; // `met` is the last round in which it was reached
// Returns the node where `expression` starts; number 0 accepts. @throws what `attempt` catches where there are over `most`
function buildNodes(expression: Expression, most: number): Node {
  let [count, steps] = [0, 0]; // what repeats nothing takes steps, and makes no nodes
  const jump = (silent: readonly Node[]): Node => ({ id: count++, silent, ranges: [] });
  const read = (ranges: Ranges, to: Node): Node => ({ id: count++, silent: [], ranges, to });
  // Returns the node that reads `e` and then goes on at `next`.
  const build = (e: Expression, next: Node): Node => {
    charge(1 / 16);
    if (count > most || ++steps > 4 * most) refuse("the pattern expands to too many states");
    if (e.kind === "set") return read(e.ranges, next);
    if (e.kind === "text") return e.points.reduceRight((target, point) => read([point, point], target), next);
    if (e.kind === "seq") return e.items.reduceRight((target, item) => build(item, target), next);
    if (e.kind === "alt") return jump(e.items.map((item) => build(item, next)));
    if (e.kind !== "repeat") return { ...jump([next]), gate: e.kind };
    const [endless, ways] = [e.max === Number.POSITIVE_INFINITY, [next]];
    let target = endless ? jump(ways) : next;
    if (endless) ways.push(build(e.item, target));
    else for (let i = e.min; i < e.max; i++) target = jump([next, build(e.item, target)]);
    for (let i = 0; i < e.min; i++) target = build(e.item, target);
    return target;
  };
  return jump([build(expression, jump([]))]);
}
let round = 0;
// Returns `from` and all that is reached from it without reading, save what only leads on; gates open at the text's start and end only.
function close(from: readonly Node[], atStart: boolean, atEnd: boolean): Node[] {
  const [now, reached]: [number, Node[]] = [++round, []];
  const meet = (nodes: readonly Node[]) => {
    for (const node of nodes) if (node.met !== now) node.met = reached.push(node) && now;
  };
  meet(from);
  for (const { silent, gate } of reached) if ((gate !== "start" || atStart) && (gate !== "end" || atEnd)) meet(silent);
  return reached.filter(({ id, to, gate }) => id === 0 || to || gate === "end");
}

// About the most nodes that the states of all automata hold together when a walk begins (some 50 MB), and while it goes on.
const [heldMax, walkMax] = [400_000, 1_400_000];
let [states, held] = [0, 0];
/** A state of a deterministic automaton: a set of nodes. Where it is empty, no text goes on. */
export class State {
  readonly id = states++;
  readonly #next = new Map<number, State>();
  #cuts: readonly number[] = [];
  constructor(
    readonly members: readonly Node[],
    readonly atStart: boolean,
    readonly stateOf: (members: readonly Node[]) => State,
  ) {}
  /** True iff a text may end here. */
  get accepts(): boolean {
    const ends = this.members.filter(({ to }) => !to); // the others read before the text ends
    return close(ends, this.atStart, true).some(({ id }) => id === 0);
  }
  /** Ascending code points, the first of them 0: from each on, up to the next, all lead to the same state. */
  get cuts(): readonly number[] {
    if (this.#cuts.length > 0) return this.#cuts;
    const sets = new Set(this.members.map(({ ranges }) => ranges)); // copies of one part of a pattern share theirs
    const cuts = [...sets].flatMap((ranges) => ranges.map((point, i) => point + (i % 2)));
    this.#cuts = [...new Set([0, ...cuts])].filter((point) => point <= pointMax).sort((a, b) => a - b);
    return this.#cuts;
  }
  /** Returns the state that `point` leads to. */
  step(point: number): State {
    const known = this.#next.get(point);
    if (known !== undefined) return known;
    const targets: Node[] = [];
    for (const { ranges, to } of this.members) {
      charge(ranges.length / 1024);
      for (let i = 1; i < ranges.length; i += 2) if (to && point >= (ranges[i - 1] ?? 0) && point <= (ranges[i] ?? 0)) targets.push(to);
    }
    const next = this.stateOf(targets);
    if (held <= walkMax) this.#next.set(point, next);
    return next;
  }
}

const holding = new Set<Automaton>();
/** A deterministic automaton, as far as it was walked. When all hold too much, a walk remembers no more, and the next one begins anew. */
export class Automaton {
  readonly #states = new Map<string, State>();
  #last: { readonly text: string; readonly accepted: boolean } | undefined;
  /** `read` is asked anew each time that the automaton is built. */
  constructor(readonly read: () => Expression) {}
  // Returns the state of `from` and of all that is reached from there without reading.
  readonly #stateOf = (from: readonly Node[], atStart = false): State => {
    const members = close(from, atStart, false);
    charge(members.length / 16);
    if (held > walkMax) return new State(members, atStart, this.#stateOf);
    members.sort((a, b) => a.id - b.id);
    const key = atStart ? "start" : members.map(({ id }) => id).join();
    const known = this.#states.get(key);
    held += known ? 1 : 8 + members.length + (atStart ? 4 * (from[0]?.id ?? 0) : 0); // a state weighs eight members, a node four
    const state = known ?? new State(members, atStart, this.#stateOf);
    this.#states.set(key, state);
    holding.add(this);
    return state;
  };
  /** The state at the start of a text. */
  get start(): State {
    if (held > heldMax) {
      for (const automaton of holding) automaton.#states.clear();
      holding.clear();
      held = 0;
    }
    return this.#states.get("start") ?? this.#stateOf([buildNodes(this.read(), Number.POSITIVE_INFINITY)], true);
  }
  /** Returns true iff this accepts `text`. */
  matches(text: string): boolean {
    if (this.#last?.text !== text) {
      let state = this.start;
      for (const c of text) if (state.members.length > 0) state = state.step(c.codePointAt(0) ?? 0);
      this.#last = { text, accepted: state.accepts };
    }
    return this.#last.accepted;
  }
}
/** Returns the automaton of `expression`. @throws what `attempt` catches where it has over `nfaStatesMax` states */
export const compile = (expression: Expression): Automaton => buildNodes(expression, nfaStatesMax) && new Automaton(() => expression);
