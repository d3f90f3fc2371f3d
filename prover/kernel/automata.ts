// TRUSTED. Regular languages over code points: expressions, and automata that are made deterministic as far as they are walked.

/** A set of code points as ordered, disjoint, inclusive ranges: `[lo, hi, lo, hi, …]`. */
export type Ranges = readonly number[];

/** A regular expression. `start` and `end` are the anchors of RE2. */
export type Expression =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "seq" | "alt"; readonly items: readonly Expression[] }
  | { readonly kind: "repeat"; readonly item: Expression; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };

/** A deterministic automaton; state 0 is its start. `step` takes the index of a class of `cuts`. */
export interface Automaton {
  /** Ascending code points at which the automaton may begin to behave differently; the first is 0. */
  readonly cuts: readonly number[];
  step(state: number, cut: number): number;
  accepts(state: number): boolean;
  /** True only if no text leads from `state` to an accepting one. */
  dead(state: number): boolean;
  /** How much the automaton remembers, in states of its nondeterministic form. */
  weight(): number;
  /** Forgets all that was walked but `state`; returns the new name of `state`. */
  rebase(state: number): number;
}

export const pointMax = 0x10ffff;
/** The largest automaton that one pattern may expand to. */
export const nfaStatesMax = 8192;
/** The most that an automaton remembers; past it, it forgets and goes on. */
export const weightMax = 1_000_000;

export const seq = (...items: readonly Expression[]): Expression => ({ kind: "seq", items });
export const alt = (...items: readonly Expression[]): Expression => ({ kind: "alt", items });
export const set = (...ranges: readonly number[]): Expression => ({ kind: "set", ranges: normalise(ranges) });
export const repeat = (item: Expression, min: number, max: number): Expression => ({ kind: "repeat", item, min, max });
export const star = (item: Expression): Expression => repeat(item, 0, Number.POSITIVE_INFINITY);
export const plus = (item: Expression): Expression => repeat(item, 1, Number.POSITIVE_INFINITY);
/** Returns the code points of `text`; a lone surrogate is one of them. */
export const pointsOf = (text: string): number[] => Array.from(text, (c) => c.codePointAt(0) ?? 0);
export const literal = (text: string): Expression => seq(...pointsOf(text).map((point) => set(point, point)));
export const anything = star(set(0, pointMax));

/** Returns ranges in order, merged where they touch. */
export function normalise(ranges: readonly number[]): Ranges {
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [lo, hi] of pairs) {
    const last = merged.at(-1);
    if (last !== undefined && lo <= last + 1) merged[merged.length - 1] = Math.max(last, hi);
    else merged.push(lo, hi);
  }
  return merged;
}

/** Returns every code point that is not in `ranges`. */
export function complement(ranges: Ranges): Ranges {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if ((ranges[i] ?? 0) > next) result.push(next, (ranges[i] ?? 0) - 1);
    next = (ranges[i + 1] ?? 0) + 1;
  }
  if (next <= pointMax) result.push(next, pointMax);
  return result;
}

/** Returns the index of the class of `cuts` that `point` is in. */
export function cutOf(cuts: readonly number[], point: number): number {
  let lo = 0;
  let hi = cuts.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if ((cuts[mid] ?? 0) <= point) lo = mid;
    else hi = mid - 1;
  }
  return lo;
}

// One state of the nondeterministic automaton: it moves on `ranges` to `to`, or without reading to all of `silent`.
type Node = { readonly ranges: Ranges; readonly gate: "none" | "start" | "end"; to: number; silent: number[] };

function buildNodes(expression: Expression): readonly Node[] | undefined {
  const nodes: Node[] = [{ ranges: [], gate: "none", to: -1, silent: [] }]; // node 0 accepts
  const add = (node: Partial<Node>): number =>
    nodes.length >= nfaStatesMax ? -1 : nodes.push({ ranges: [], gate: "none", to: -1, silent: [], ...node }) - 1;
  // Returns the node that reads `e` and then goes on at `next`; -1 where the bound was met.
  let work = 0;
  const build = (e: Expression, next: number): number => {
    if (next < 0 || ++work > 4 * nfaStatesMax) return -1;
    switch (e.kind) {
      case "set":
        return add({ ranges: e.ranges, to: next });
      case "start":
      case "end":
        return add({ gate: e.kind, silent: [next] });
      case "seq":
        return e.items.reduceRight((target, item) => build(item, target), next);
      case "alt": {
        const silent = e.items.map((item) => build(item, next));
        return silent.includes(-1) ? -1 : add({ silent });
      }
      case "repeat": {
        let target = next;
        if (e.max === Number.POSITIVE_INFINITY) {
          target = add({ silent: [next] });
          const body = build(e.item, target);
          if (body < 0) return -1;
          nodes[target]?.silent.push(body);
        } else for (let i = e.min; i < e.max && target >= 0; i++) target = add({ silent: [next, build(e.item, target)] });
        for (let i = 0; i < e.min && target >= 0; i++) target = build(e.item, target);
        return target;
      }
    }
  };
  const start = build(expression, 0);
  if (start < 0 || nodes.some((node) => node.silent.includes(-1))) return undefined;
  return [...nodes, { ranges: [], gate: "none", to: -1, silent: [start] }];
}

/** Returns the automaton of `expression`; undefined where it would have more than `nfaStatesMax` states. */
export function compileExpression(expression: Expression): Automaton | undefined {
  const nodes = buildNodes(expression);
  if (nodes === undefined) return undefined;
  const starts = new Set([0]);
  for (const { ranges } of nodes) for (let i = 0; i < ranges.length; i += 2) starts.add(ranges[i] ?? 0).add((ranges[i + 1] ?? 0) + 1);
  const cuts = [...starts].filter((point) => point <= pointMax).sort((a, b) => a - b);
  type State = { readonly members: readonly number[]; readonly accepts: boolean; readonly next: Int32Array };
  let states: State[] = [];
  let known = new Map<string, number>();
  let weight = 0;
  // Returns `from` and all that is reached from it without reading; gates open at the text's start and end only.
  const close = (from: Iterable<number>, atStart: boolean, atEnd: boolean): number[] => {
    const seen = new Set(from);
    for (const id of seen) {
      const node = nodes[id];
      if (node === undefined || (node.gate === "start" && !atStart) || (node.gate === "end" && !atEnd)) continue;
      for (const target of node.silent) seen.add(target);
    }
    const lasting = (id: number) => id === 0 || nodes[id]?.gate === "end" || (nodes[id]?.to ?? -1) >= 0;
    return [...seen].filter(lasting).sort((a, b) => a - b);
  };
  const intern = (from: Iterable<number>, atStart: boolean): number => {
    const members = close(from, atStart, false);
    const key = `${atStart}${members.join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, states.length);
    weight += members.length + cuts.length;
    const accepts = close(atStart ? from : members, atStart, true).includes(0);
    return states.push({ members, accepts, next: new Int32Array(cuts.length).fill(-1) }) - 1;
  };
  const restart = () => {
    states = [];
    known = new Map();
    weight = 0;
    intern([nodes.length - 1], true);
  };
  restart();
  return {
    cuts,
    step(state, cut) {
      const from = states[state];
      if (from === undefined) return state;
      const cached = from.next[cut] ?? -1;
      if (cached >= 0) return cached;
      const point = cuts[cut] ?? 0;
      const targets = new Set<number>();
      for (const id of from.members) {
        const { ranges = [], to = -1 } = nodes[id] ?? {};
        for (let i = 0; i < ranges.length; i += 2) if (point >= (ranges[i] ?? 0) && point <= (ranges[i + 1] ?? 0)) targets.add(to);
      }
      const next = intern(targets, false);
      from.next[cut] = next;
      return next;
    },
    accepts: (state) => states[state]?.accepts ?? false,
    dead: (state) => states[state]?.members.length === 0,
    weight: () => weight,
    rebase(state) {
      const members = states[state]?.members ?? [];
      restart();
      return state === 0 ? 0 : intern(members, false);
    },
  };
}

/** Returns the automaton that accepts exactly the given texts. */
export function compileTexts(texts: Iterable<string>): Automaton {
  const rows: { accepts: boolean; readonly next: Map<number, number> }[] = [{ accepts: false, next: new Map() }];
  const starts = new Set([0]);
  for (const text of texts) {
    let state = 0;
    for (const point of pointsOf(text)) {
      starts.add(point).add(point + 1);
      const next = rows[state]?.next.get(point) ?? rows.push({ accepts: false, next: new Map() }) - 1;
      rows[state]?.next.set(point, next);
      state = next;
    }
    const row = rows[state];
    if (row !== undefined) row.accepts = true;
  }
  const cuts = [...starts].filter((point) => point <= pointMax).sort((a, b) => a - b);
  return {
    cuts,
    step: (state, cut) => rows[state]?.next.get(cuts[cut] ?? 0) ?? rows.length,
    accepts: (state) => rows[state]?.accepts ?? false,
    dead: (state) => state >= rows.length,
    weight: () => 0,
    rebase: (state) => state,
  };
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
