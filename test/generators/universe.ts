// Finite universes of requests for a pair of small policies: for every field, values that between them bring out every combination
// of truths that the policies' predicates on it can have. Deciding containment over them by brute force is then exact, wherever
// `complete` says so. Written with plain product automata of its own, apart from the prover's. Test code, not trusted.
import { referenceActionMatches, referenceDecision, referenceFieldTruth, referenceTruth } from "../property/reference.js";
import { parseAddress, parseTime } from "../property/reference-forms.js";
import { parseRegex, type Regex } from "../property/reference-regex.js";
import { blockBorders, isJsonArray, isJsonObject } from "./mutate.js";
import type { Json, JsonObject } from "./policies.js";
import { actionPatterns, conditionsOf, fieldAtoms, type RequestDocument } from "./requests.js";

const STATES_MAX = 600;
const OBJECTS_MAX = 20_000;
const REQUESTS_MAX = 20_000;

/** Requests that stand for all; `complete` iff every combination of truths that any request can have is among them. */
export type Universe = { readonly requests: readonly RequestDocument[]; readonly complete: boolean };

type Values<Item> = { readonly values: readonly Item[]; readonly complete: boolean };
type Atom = { readonly keys: readonly string[]; readonly name: string; readonly argument: Json };

// ---- product automata over symbols: characters, or whole segments ----

type Test = (symbol: string) => boolean;
type Machine = {
  readonly start: readonly string[];
  readonly step: (thread: string, symbol: string) => readonly string[];
  readonly tests: readonly Test[];
  readonly symbols: readonly string[];
};
/** A run of any symbols, or one symbol that passes the test. */
type Token = { readonly test: Test | undefined; readonly symbol?: string };

const RUN: Token = { test: undefined };
const ANY: Token = { test: () => true };
const exactly = (symbol: string): Token => ({ test: (other) => other === symbol, symbol });

function tokenMachine(tokens: readonly Token[]): Machine {
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

const literalTokens = (text: string): readonly Token[] => [...text].map(exactly);

function globTokens(pattern: string): readonly Token[] {
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

function regexMachine(source: string): Machine {
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
function explore(machines: readonly Machine[], symbols: readonly string[]): Values<readonly string[]> {
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

function symbolsFor(machines: readonly Machine[], allowed: RegExp): readonly string[] {
  const used = new Set(machines.flatMap((machine) => machine.symbols));
  const fresh = ["z", "y", "q", "0", "-"].find((symbol) => !used.has(symbol)) ?? "z";
  return [fresh, ...used].filter((symbol) => allowed.test(symbol));
}

// ---- strings, by what judges them ----

function literalsOf(atoms: readonly Atom[], names: readonly string[]): readonly Json[] {
  return atoms.flatMap(({ name, argument }) => {
    if (!names.includes(name)) return [];
    return isJsonArray(argument) ? argument : [argument];
  });
}

const isText = (value: Json): value is string => typeof value === "string";
const textLiterals = (atoms: readonly Atom[], names: readonly string[]) => literalsOf(atoms, names).filter(isText);
const TEXT_NAMES = ["prefix", "suffix", "contains", "glob", "matches"];

function textMachine(name: string, pattern: string): Machine {
  const letters = literalTokens(pattern);
  switch (name) {
    case "prefix":
      return tokenMachine([...letters, RUN]);
    case "suffix":
      return tokenMachine([RUN, ...letters]);
    case "contains":
      return tokenMachine([RUN, ...letters, RUN]);
    case "glob":
      return tokenMachine(globTokens(pattern));
    case "matches":
      return regexMachine(pattern);
    default:
      return tokenMachine(letters);
  }
}

function textValues(atoms: readonly Atom[]): Values<string> {
  const names = [...TEXT_NAMES, "eq", "in"];
  const machines = names.flatMap((name) => textLiterals(atoms, [name]).map((pattern) => textMachine(name, pattern)));
  const { values, complete } = explore(machines, symbolsFor(machines, /[\s\S]/u));
  const hasAnchor = textLiterals(atoms, ["matches"]).some((pattern) => /[\^$]|\\[Az]/u.test(pattern.replaceAll("[^", "[")));
  return { values: values.map((word) => word.join("")), complete: complete && !hasAnchor };
}

type Segmented = { readonly separator: string; readonly allowed: RegExp; readonly odd: readonly Machine[] };

// Words that a canonical form excludes get states of their own, so that no other state has one of them as its only word.
const PATH_LIKE: Segmented = {
  separator: "/",
  allowed: /[^/\0]/u,
  odd: ["", ".", ".."].map((word) => tokenMachine(literalTokens(word))),
};
const ROUTE_LIKE: Segmented = { ...PATH_LIKE, allowed: /[A-Za-z0-9\-._~!$&'()*+,;=:@]/u };
const HOST_LIKE: Segmented = { separator: ".", allowed: /[a-z0-9_-]/u, odd: [tokenMachine([])] };
const ACTION_LIKE: Segmented = { separator: ":", allowed: /[^:\p{Cc}]/u, odd: [tokenMachine([])] };

/** Returns sequences of segments, one for every state that the segment patterns (lists of segment globs) can be in. */
function segmentWords(patterns: readonly (readonly string[])[], kind: Segmented): Values<readonly string[]> {
  const globs = [...new Set(patterns.flat())].filter((glob) => glob !== "**");
  const letters = [...globs.map((glob) => tokenMachine(globTokens(glob))), ...kind.odd];
  const segments = explore(letters, symbolsFor(letters, kind.allowed));
  const texts = segments.values.map((word) => word.join("")).filter((text) => text !== "." && text !== "..");
  const machines = patterns.map((pattern) =>
    tokenMachine(pattern.map((glob) => (glob === "**" ? RUN : { test: (text: string) => referenceTruth("glob", glob, text) === "true" }))),
  );
  const shape = [tokenMachine([]), tokenMachine([RUN, exactly("")]), tokenMachine([RUN, exactly(""), ANY, RUN])];
  const words = explore([...machines, ...shape], texts);
  return { values: words.values, complete: segments.complete && words.complete };
}

const escapeGlob = (text: string): string => text.replaceAll(/[\\*?]/gu, (character) => `\\${character}`);
const slashed = (pattern: string): readonly string[] => (pattern === "/" ? [] : pattern.slice(1).split("/"));

function pathValues(atoms: readonly Atom[], name: "path" | "route"): Values<string> {
  const exact = textLiterals(atoms, ["eq", "in"]).filter((text) => referenceTruth(name, "/**", text) === "true");
  const patterns = [...textLiterals(atoms, [name]), ...exact.map(escapeGlob)].map(slashed);
  const { values, complete } = segmentWords(patterns, name === "path" ? PATH_LIKE : ROUTE_LIKE);
  const hasEscapes = name === "route" && JSON.stringify(patterns).includes("%");
  return { values: ["//", ...values.map((word) => `/${word.join("/")}`)], complete: complete && !hasEscapes };
}

function hostValues(atoms: readonly Atom[]): Values<string> {
  const exact = textLiterals(atoms, ["eq", "in"]).filter((text) => referenceTruth("host", "**", text) === "true");
  const patterns = [...textLiterals(atoms, ["host"]), ...exact];
  const { values, complete } = segmentWords(
    patterns.map((pattern) => pattern.split(".")),
    HOST_LIKE,
  );
  const hasDigits = patterns.some((pattern) => /[0-9]/u.test(pattern));
  return { values: ["", ...values.map((word) => word.join("."))], complete: complete && !hasDigits };
}

function urlValues(atoms: readonly Atom[]): Values<string> {
  const exact = textLiterals(atoms, ["eq", "in"]).filter(
    (text) => referenceTruth("url", ["*://**:*/**", "*://**:*/**?*"], text) === "true",
  );
  // A canonical URL is its own pattern but for `*` in its route or query, which a canonical one of ours never holds.
  const parts = [...textLiterals(atoms, ["url"]), ...exact].flatMap((pattern) => {
    const match = /^([^:]*):\/\/([^/:]*)(?::([^/]*))?(\/[^?]*)(?:\?([\s\S]*))?$/u.exec(pattern);
    return match === null ? [] : [match];
  });
  const hosts = segmentWords(
    parts.map((part) => (part[2] ?? "").split(".")),
    HOST_LIKE,
  );
  const routes = segmentWords(
    parts.map((part) => slashed(part[4] ?? "/")),
    ROUTE_LIKE,
  );
  const machines = parts.flatMap((part) => (part[5] === undefined ? [] : [tokenMachine(globTokens(part[5]))]));
  const queries = explore(machines, symbolsFor(machines, /[A-Za-z0-9\-._~!$&'()*+,;=:@/?]/u));
  const ports = ["", ":1", ...parts.flatMap((part) => (part[3] === undefined || part[3] === "*" ? [] : [`:${part[3]}`]))];
  const tails = ["", ...queries.values.map((word) => `?${word.join("")}`)];
  const values = ["http", "https", "ws", "wss"].flatMap((scheme) =>
    hosts.values.flatMap((host) =>
      [...new Set(ports)].flatMap((port) =>
        routes.values.flatMap((route) => tails.map((tail) => `${scheme}://${host.join(".")}${port}/${route.join("/")}${tail}`)),
      ),
    ),
  );
  const isPlain = !parts.some((part) => /%/u.test(part[0]) || /[0-9]/u.test(part[2] ?? ""));
  return { values: ["", ...values], complete: isPlain && hosts.complete && routes.complete && queries.complete };
}

function addressValues(atoms: readonly Atom[]): Values<string> {
  const single = textLiterals(atoms, ["eq", "in"]).flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [`${text}/${address.bits}`];
  });
  const borders = [...textLiterals(atoms, ["cidr"]), ...single].flatMap(blockBorders);
  return { values: ["", "0.0.0.0", "::", ...borders], complete: true };
}

function stringValues(atoms: readonly Atom[]): Values<string> {
  const groups: Values<string>[] = [];
  const has = (...names: readonly string[]) => atoms.some(({ name }) => names.includes(name));
  if (has("path")) groups.push(pathValues(atoms, "path"));
  if (has("route")) groups.push(pathValues(atoms, "route"));
  if (has("host")) groups.push(hostValues(atoms));
  if (has("url")) groups.push(urlValues(atoms));
  if (has("cidr")) groups.push(addressValues(atoms));
  if (has(...TEXT_NAMES) || groups.length === 0) groups.push(textValues(atoms));
  const values = [...textLiterals(atoms, ["eq", "in"]), ...groups.flatMap((group) => group.values)];
  return { values, complete: groups.length === 1 && groups.every((group) => group.complete) };
}

// ---- other types ----

function numberValues(atoms: readonly Atom[]): readonly number[] {
  const times = textLiterals(atoms, ["before", "after"]).map(parseTime);
  const plain = literalsOf(atoms, ["eq", "in", "lt", "lte", "gt", "gte"]).filter((value) => typeof value === "number");
  const points = [...new Set([...times, ...plain])].sort((a, b) => a - b);
  const between = points.slice(1).map((point, at) => (point + (points[at] ?? point)) / 2);
  return [...points, ...between, (points[0] ?? 0) - 1, (points[points.length - 1] ?? 0) + 1];
}

function atomsOf(conditions: readonly unknown[]): readonly Atom[] {
  return fieldAtoms(conditions).flatMap(({ keys, atoms }) => atoms.map((atom) => ({ keys, ...atom })));
}

function elementAtoms(atoms: readonly Atom[]): readonly Atom[] {
  return atoms.flatMap(({ argument }) => {
    if (!isJsonObject(argument)) return [];
    const { where, ...plain } = argument;
    const own = Object.entries(plain).map(([name, inner]): Atom => ({ keys: [], name, argument: inner }));
    return where === undefined ? own : [...own, ...atomsOf([where])];
  });
}

function arrayValues(atoms: readonly Atom[]): Values<readonly Json[]> {
  const judges = atoms.filter(({ name }) => name === "each" || name === "some");
  if (judges.length === 0) return { values: [[]], complete: true };
  const elements = nodeValues(elementAtoms(judges));
  const vectorOf = (value: readonly Json[]) => judges.map(({ name, argument }) => referenceTruth(name, argument, value)).join();
  const arrays: (readonly Json[])[] = [[]];
  const seen = new Set(arrays.map(vectorOf));
  // Truths of an array are folded from its elements', so every reachable vector is reached one element at a time.
  for (const array of arrays) {
    for (const element of elements.values) {
      if (element === undefined) continue;
      const longer = [...array, element];
      if (seen.has(vectorOf(longer))) continue;
      if (arrays.length >= STATES_MAX) return { values: arrays, complete: false };
      seen.add(vectorOf(longer));
      arrays.push(longer);
    }
  }
  return { values: arrays, complete: elements.complete };
}

/** Returns the product of the lists, cut at `max` evenly spread choices. */
function product(lists: readonly (readonly (Json | undefined)[])[], max: number): Values<readonly (Json | undefined)[]> {
  const total = lists.reduce((count, list) => count * list.length, 1);
  const count = Math.min(total, max);
  const values = Array.from({ length: count }, (_, at) => {
    let index = Math.floor((at * total) / count);
    return lists.map((list) => {
      const value = list[index % list.length];
      index = Math.floor(index / list.length);
      return value;
    });
  });
  return { values, complete: total <= max };
}

function objectFrom(keys: readonly string[], values: readonly (Json | undefined)[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key, at): readonly (readonly [string, Json])[] => {
      const value = values[at];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function objectValues(atoms: readonly Atom[], max: number): Values<JsonObject> {
  const byKey = new Map<string, Atom[]>();
  for (const { keys, ...atom } of atoms) {
    const [key, ...rest] = keys;
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), { keys: rest, ...atom }]);
  }
  const judged = atoms.flatMap(({ keys, name, argument }) =>
    keys.length === 0 && name === "keys" && isJsonObject(argument) ? Object.values(argument).flat() : [],
  );
  const hasKeysAtom = atoms.some(({ keys, name }) => keys.length === 0 && name === "keys");
  for (const key of [...judged.filter(isText), ...(hasKeysAtom ? ["another"] : [])]) {
    if (!byKey.has(key)) byKey.set(key, []);
  }
  const children = [...byKey].map(([key, own]) => ({ key, own: own.length === 0 ? undefined : nodeValues(own) }));
  const lists = children.map(({ own }) => own?.values ?? [undefined, 0]);
  const combined = product(lists, max);
  const names = children.map(({ key }) => key);
  return {
    values: combined.values.map((values) => objectFrom(names, values)),
    complete: combined.complete && children.every(({ own }) => own?.complete ?? true),
  };
}

/** Returns values (`undefined` for absence), one for every combination of truths of the atoms on a node and beneath it. */
function nodeValues(atoms: readonly Atom[]): Values<Json | undefined> {
  const own = atoms.filter(({ keys }) => keys.length === 0);
  const strings = own.length === 0 ? { values: [], complete: true } : stringValues(own);
  const arrays = arrayValues(own);
  const objects = objectValues(atoms, OBJECTS_MAX);
  const scalars: readonly Json[] = [null, true, false, ...numberValues(own)];
  const candidates = [undefined, ...scalars, ...strings.values, ...arrays.values, ...objects.values];
  const kept = new Map<string, Json | undefined>();
  for (const value of candidates) {
    const root = value === undefined ? {} : { v: value };
    const truths = atoms.map(({ keys, name, argument }) => referenceFieldTruth(root, ["v", ...keys], name, argument));
    // A parent's `keys` sees whether this node is there, and a `where` whether it is an object, whatever its predicates say.
    const shape = value === undefined ? "absent" : isJsonObject(value) ? "object" : "other";
    const vector = `${shape} ${truths.join()}`;
    if (!kept.has(vector)) kept.set(vector, value);
  }
  return { values: [...kept.values()], complete: strings.complete && arrays.complete && objects.complete };
}

function actionValues(patterns: readonly string[]): Values<string> {
  const words = segmentWords(
    patterns.map((pattern) => pattern.split(":")),
    ACTION_LIKE,
  );
  const kept = new Map<string, string>();
  for (const word of words.values) {
    const action = word.join(":");
    const vector = patterns.map((pattern) => referenceActionMatches(pattern, action)).join();
    if (!word.includes("") && word.length > 0 && !kept.has(vector)) kept.set(vector, action);
  }
  return { values: [...kept.values()], complete: words.complete };
}

/**
 * Returns requests that stand for all requests as far as the two policies can tell them apart.
 * @param requestsMax where the product is larger, this many are spread over it and `complete` is false
 */
export function universeOf(lower: unknown, upper: unknown, requestsMax: number = REQUESTS_MAX): Universe {
  const documents = [lower, upper];
  const actions = actionValues(actionPatterns(documents));
  const objects = objectValues(atomsOf(conditionsOf(documents)), requestsMax);
  const combined = product([actions.values, objects.values], requestsMax);
  const requests = combined.values.map(([action = "", rest = {}]): RequestDocument => ({ action, ...(isJsonObject(rest) ? rest : {}) }));
  return { requests, complete: combined.complete && actions.complete && objects.complete };
}

/** The relation of two policies over a universe, with a request that shows it where they are not contained. Limits are not compared. */
export type BruteForce = {
  readonly relation: "contained" | "review" | "exceeds";
  readonly complete: boolean;
  readonly requests: number;
  readonly request?: RequestDocument;
};

/** Returns what brute force with the reference evaluator says of the decisions; exact iff `complete`, and `exceeds` is always exact. */
export function bruteForce(lower: unknown, upper: unknown, requestsMax: number = REQUESTS_MAX): BruteForce {
  const { requests, complete } = universeOf(lower, upper, requestsMax);
  const base = { complete, requests: requests.length };
  let review: RequestDocument | undefined;
  for (const request of requests) {
    const below = referenceDecision(lower, request);
    const above = below === "deny" ? "allow" : referenceDecision(upper, request);
    if (above === "deny") return { ...base, relation: "exceeds", request };
    if (below === "allow" && above === "ask") review ??= request;
  }
  return review === undefined ? { ...base, relation: "contained" } : { ...base, relation: "review", request: review };
}
