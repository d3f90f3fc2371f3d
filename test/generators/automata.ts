// Product automata over symbols: characters, or whole segments. Plain, and apart from the prover's own. Test code, not trusted.
import { parseRegex, type Regex } from "../property/reference-regex.js";

/** The most states of a product that are explored, and the most values of an array that are tried. */
export const STATES_MAX = 600;

/** Values; `complete` iff they bring out everything that there is to bring out. */
export type Values<Item> = { readonly values: readonly Item[]; readonly complete: boolean };

type Test = (symbol: string) => boolean;
/** A machine over symbols: its threads, how they step, the tests that it makes and the symbols that it names. */
export type Machine = {
  readonly start: readonly string[];
  readonly step: (thread: string, symbol: string) => readonly string[];
  readonly tests: readonly Test[];
  readonly symbols: readonly string[];
};
/** A run of any symbols, or one symbol that passes the test. */
type Token = { readonly test: Test | undefined; readonly symbol?: string };

/** Any symbols, and none. */
export const RUN: Token = { test: undefined };
/** Any one symbol. */
export const ANY: Token = { test: () => true };
/** One symbol. */
export const exactly = (symbol: string): Token => ({ test: (other) => other === symbol, symbol });

/** Returns the machine of a list of tokens. */
export function tokenMachine(tokens: readonly Token[]): Machine {
  const closure = (at: number): readonly string[] => {
    const token = tokens[at];
    return token !== undefined && token.test === undefined ? [String(at), ...closure(at + 1)] : [String(at)];
  };
  return {
    start: closure(0),
    step: (thread, symbol) => {
      const token = tokens[Number(thread)];
      if (token === undefined) return [];
      if (token.test === undefined) return closure(Number(thread));
      return token.test(symbol) ? closure(Number(thread) + 1) : [];
    },
    tests: tokens.flatMap((token) => (token.test === undefined ? [] : [token.test])),
    symbols: tokens.flatMap((token) => (token.symbol === undefined ? [] : [token.symbol])),
  };
}

/** Returns the tokens of a text itself. */
export const literalTokens = (text: string): readonly Token[] => [...text].map(exactly);

/** Returns the tokens of a glob. */
export function globTokens(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (escaped) tokens.push(exactly(character));
    else if (character === "*") tokens.push(RUN);
    else if (character === "?") tokens.push(ANY);
    else if (character !== "\\") tokens.push(exactly(character));
    escaped = character === "\\" && !escaped;
  }
  return tokens;
}

function isNullable(regex: Regex): boolean {
  switch (regex.kind) {
    case "set":
      return false;
    case "sequence":
      return regex.items.every(isNullable);
    case "choice":
      return regex.items.some(isNullable);
    case "repeat":
      return regex.min === 0 || isNullable(regex.item);
    case "start":
    case "end":
      return true;
  }
}

function sequenceOf(first: Regex, rest: readonly Regex[]): Regex {
  const items = [first, ...rest].flatMap((item) => (item.kind === "sequence" ? item.items : [item]));
  return { kind: "sequence", items };
}

// SOURCE: Antimirov, "Partial derivatives of regular expressions and finite automaton constructions" (1996).
function derivatives(regex: Regex, code: number): readonly Regex[] {
  switch (regex.kind) {
    case "set":
      return regex.ranges.some(([low, high]) => low <= code && code <= high) ? [{ kind: "sequence", items: [] }] : [];
    case "choice":
      return regex.items.flatMap((item) => derivatives(item, code));
    case "sequence": {
      const [head, ...tail] = regex.items;
      if (head === undefined) return [];
      const first = derivatives(head, code).map((item) => sequenceOf(item, tail));
      return isNullable(head) ? [...first, ...derivatives({ kind: "sequence", items: tail }, code)] : first;
    }
    case "repeat": {
      if (regex.max === 0) return [];
      const max = regex.max === undefined ? undefined : regex.max - 1;
      const rest: Regex = { kind: "repeat", item: regex.item, min: Math.max(0, regex.min - 1), max };
      return derivatives(regex.item, code).map((item) => sequenceOf(item, [rest]));
    }
    case "start":
    case "end":
      return [];
  }
}

function setsOf(regex: Regex): readonly (readonly [number, number])[] {
  if (regex.kind === "set") return regex.ranges;
  if (regex.kind === "repeat") return setsOf(regex.item);
  return regex.kind === "sequence" || regex.kind === "choice" ? regex.items.flatMap(setsOf) : [];
}

/** Returns the machine of a regular expression. */
export function regexMachine(source: string): Machine {
  const trees = new Map<string, Regex>();
  const threadOf = (regex: Regex): string => {
    const thread = JSON.stringify(regex);
    trees.set(thread, regex);
    return thread;
  };
  const ranges = setsOf(parseRegex(source));
  const codes = ranges.flatMap(([low, high]) => [low, high, low - 1, high + 1]).filter((code) => code >= 0 && code < 0x110000);
  return {
    start: [threadOf(parseRegex(source))],
    step: (thread, symbol) => {
      const regex = trees.get(thread);
      return regex === undefined ? [] : derivatives(regex, symbol.codePointAt(0) ?? 0).map(threadOf);
    },
    tests: ranges.map(
      ([low, high]): Test =>
        (symbol) => {
          const code = symbol.codePointAt(0) ?? 0;
          return low <= code && code <= high;
        },
    ),
    symbols: codes.map((code) => String.fromCodePoint(code)),
  };
}

/** Returns one shortest word for every state of the machines' product that words over the symbols reach. */
export function explore(machines: readonly Machine[], symbols: readonly string[]): Values<readonly string[]> {
  const kinds = new Map<string, string>();
  for (const symbol of symbols) {
    const kind = machines.flatMap((machine) => machine.tests.map((test) => (test(symbol) ? "1" : "0"))).join("");
    if (!kinds.has(kind)) kinds.set(kind, symbol);
  }
  type State = { readonly threads: readonly (readonly string[])[]; readonly word: readonly string[] };
  const start: State = { threads: machines.map((machine) => machine.start), word: [] };
  const seen = new Set([JSON.stringify(start.threads)]);
  const states: State[] = [start];
  for (const state of states) {
    for (const symbol of kinds.values()) {
      const threads = machines.map((machine, at) =>
        [...new Set((state.threads[at] ?? []).flatMap((thread) => machine.step(thread, symbol)))].sort(),
      );
      const key = JSON.stringify(threads);
      if (seen.has(key)) continue;
      if (states.length >= STATES_MAX) return { values: states.map(({ word }) => word), complete: false };
      seen.add(key);
      states.push({ threads, word: [...state.word, symbol] });
    }
  }
  return { values: states.map(({ word }) => word), complete: true };
}

/** Returns the symbols that the machines name, and one that none of them does. */
export function symbolsFor(machines: readonly Machine[], allowed: RegExp): readonly string[] {
  const used = new Set(machines.flatMap((machine) => machine.symbols));
  const fresh = ["z", "y", "q", "0", "-"].find((symbol) => !used.has(symbol)) ?? "z";
  return [fresh, ...used].filter((symbol) => allowed.test(symbol));
}
