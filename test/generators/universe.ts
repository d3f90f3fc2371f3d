// Finite universes of requests for a pair of small policies: for every field, values that between them bring out every combination
// of truths that the policies' predicates on it can have. Deciding containment over them by brute force is then exact, wherever
// `complete` says so. Test code, not trusted.
import { referenceActionMatches, referenceDecision, referenceFieldTruth, referenceTruth } from "../property/reference.js";
import { parseTime } from "../property/reference-forms.js";
import { STATES_MAX, type Values } from "./automata.js";
import type { Json, JsonObject } from "./documents.js";
import { isJsonObject } from "./mutate.js";
import { actionPatterns, conditionsOf, fieldAtoms, type RequestDocument } from "./requests.js";
import { ACTION_LIKE, type Atom, isText, literalsOf, segmentWords, stringValues, textLiterals } from "./universe-strings.js";

const OBJECTS_MAX = 20_000;
const REQUESTS_MAX = 20_000;

/** Requests that stand for all; `complete` iff every combination of truths that any request can have is among them. */
export type Universe = { readonly requests: readonly RequestDocument[]; readonly complete: boolean };

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
