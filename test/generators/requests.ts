// Requests that are built from the literals of policies: witnesses of every pattern, values just beside them, odd types and odd
// shapes, put together at random and along single rules. Test code, not trusted.
import fc from "fast-check";
import { fieldKeys, referenceTruth } from "../property/reference.js";
import { parseTime } from "../property/reference-forms.js";
import { parseRegex, type Regex } from "../property/reference-regex.js";
import type { Json, JsonObject } from "./documents.js";
import { blockBorders, isJsonArray, isJsonObject, mutateString, numberBorders, type Random } from "./mutate.js";
import { actionValues, fieldValues } from "./predicates.js";
import { randomFrom } from "./seed.js";

/** A request as plain JSON; its action may be missing or odd on purpose. */
export type RequestDocument = JsonObject;

/** One predicate on a field, an element or the action. */
export type Atom = { readonly name: string; readonly argument: Json };

/** A field that policies mention, with every predicate that they put on it. */
export type FieldAtoms = { readonly field: string; readonly keys: readonly string[]; readonly atoms: readonly Atom[] };

const REPEATS_EXTRA_MAX = 2;
const FIELD_VALUES_MAX = 64;
const DRAWS_MAX = 5;
const REQUESTS_DEFAULT = 1_000;
const ODD_VALUES: readonly Json[] = [null, true, false, 0, 1, "", "a", [], ["a"], [["a"]], {}, { a: 1 }, { x: null }];

function pick<Item>(items: readonly Item[], random: Random): Item | undefined {
  return items[Math.floor(random() * items.length)];
}

function pickFrom<Item>(items: readonly Item[], fallback: Item, random: Random): Item {
  return pick(items, random) ?? fallback;
}

// ---- what policies mention ----

function textsOf(argument: unknown): readonly string[] {
  const list = isJsonArray(argument) ? argument : [argument];
  return list.flatMap((item) => (typeof item === "string" ? [item] : []));
}

function eachLeaf(condition: unknown, visit: (field: string, predicates: JsonObject) => void): void {
  if (!isJsonObject(condition)) return;
  for (const [key, value] of Object.entries(condition)) {
    if (key === "not") eachLeaf(value, visit);
    else if (isJsonArray(value)) for (const item of value) eachLeaf(item, visit);
    else if (isJsonObject(value)) visit(key, value);
  }
}

/** Returns every field that the conditions mention with its predicates, shorter paths first. */
export function fieldAtoms(conditions: readonly unknown[]): readonly FieldAtoms[] {
  const found = new Map<string, Map<string, Atom>>();
  for (const condition of conditions) {
    eachLeaf(condition, (field, predicates) => {
      const atoms = found.get(field) ?? new Map<string, Atom>();
      found.set(field, atoms);
      for (const [name, argument] of Object.entries(predicates)) {
        atoms.set(`${name} ${JSON.stringify(argument)}`, { name, argument });
      }
    });
  }
  return [...found]
    .map(([field, atoms]) => ({ field, keys: fieldKeys(field), atoms: [...atoms.values()] }))
    .sort((a, b) => a.keys.length - b.keys.length);
}

/** Returns the rules of a document, those of its delegation after its own. */
export function rulesOf(document: unknown): readonly JsonObject[] {
  if (!isJsonObject(document)) return [];
  const delegation = document["delegation"];
  const lists = [document["rules"], isJsonObject(delegation) ? delegation["rules"] : undefined];
  return lists.flatMap((list) => (isJsonArray(list) ? list.filter(isJsonObject) : []));
}

function expiriesOf(documents: readonly unknown[]): readonly JsonObject[] {
  return documents.flatMap((document) => {
    const limits = isJsonObject(document) ? document["limits"] : undefined;
    const expires = isJsonObject(limits) ? limits["expires"] : undefined;
    return expires === undefined ? [] : [{ "context.time": { before: expires } }];
  });
}

/** Returns every condition of the documents' rules, and what `expires` asks of `context.time`. */
export function conditionsOf(documents: readonly unknown[]): readonly unknown[] {
  const ofRules = documents.flatMap((document) => rulesOf(document).flatMap((rule) => [rule["when"], rule["unless"]]));
  return [...ofRules, ...expiriesOf(documents)];
}

/** Returns every action pattern of the documents, once each. */
export function actionPatterns(documents: readonly unknown[]): readonly string[] {
  return [...new Set(documents.flatMap((document) => rulesOf(document).flatMap((rule) => textsOf(rule["action"]))))];
}

// ---- witnesses of patterns ----

const TEXT_FILL = ["", "a", "b", "é", "\u{1F600}", "ab", "x"];
const LABEL_FILL = ["", "a", "b", "x1", "ab"];
const ROUTE_FILL = ["", "a", "b", "%C3%A9", "x"];

function sampleGlob(pattern: string, fill: readonly string[], random: Random): string {
  let result = "";
  let escaped = false;
  for (const character of pattern) {
    if (escaped) result += character;
    else if (character === "*") result += pickFrom(fill, "", random);
    else if (character === "?") result += fill[1 + Math.floor(random() * 2)] ?? "a";
    else if (character !== "\\") result += character;
    escaped = character === "\\" && !escaped;
  }
  return result;
}

function sampleSegments(patterns: readonly string[], fill: readonly string[], random: Random): readonly string[] {
  return patterns.flatMap((pattern) => {
    if (pattern !== "**") return [sampleGlob(pattern, fill, random)];
    return Array.from({ length: Math.floor(random() * 3) }, () => pickFrom(fill.slice(1), "a", random));
  });
}

function sampleSlashed(pattern: string, fill: readonly string[], random: Random): string {
  return `/${sampleSegments(pattern === "/" ? [] : pattern.slice(1).split("/"), fill, random).join("/")}`;
}

function sampleUrl(pattern: string, random: Random): string {
  const match = /^([^:]*):\/\/([^/:]*)(?::([^/]*))?(\/[^?]*)(?:\?([\s\S]*))?$/u.exec(pattern);
  if (match === null) return pattern;
  const [, scheme = "", host = "", port, route = "", query] = match;
  const ports = port === "*" ? ["", ":8443", ":1", ":65535"] : [port === undefined ? "" : `:${port}`];
  const schemeText = scheme === "*" ? pickFrom(["http", "https", "ws", "wss"], "https", random) : scheme;
  const hostText = sampleSegments(host.split("."), LABEL_FILL, random).join(".");
  const queryText = query === undefined ? "" : `?${sampleGlob(query, ROUTE_FILL, random)}`;
  return `${schemeText}://${hostText}${pickFrom(ports, "", random)}${sampleSlashed(route, ROUTE_FILL, random)}${queryText}`;
}

function sampleRegex(regex: Regex, random: Random): string {
  switch (regex.kind) {
    case "set": {
      const [low, high] = pickFrom(regex.ranges, [97, 97], random);
      const likely = [97, 98, 48, 0xe9].filter((code) => code >= low && code <= high);
      const code = random() < 0.7 ? (pick(likely, random) ?? low) : pickFrom([low, high], low, random);
      return String.fromCodePoint(code);
    }
    case "sequence":
      return regex.items.map((item) => sampleRegex(item, random)).join("");
    case "choice": {
      const item = pick(regex.items, random);
      return item === undefined ? "" : sampleRegex(item, random);
    }
    case "repeat": {
      const span = Math.min(regex.max ?? regex.min + REPEATS_EXTRA_MAX, regex.min + REPEATS_EXTRA_MAX) - regex.min;
      const count = regex.min + Math.floor(random() * (span + 1));
      return Array.from({ length: count }, () => sampleRegex(regex.item, random)).join("");
    }
    case "start":
    case "end":
      return "";
  }
}

/** Returns one string that the pattern of the named predicate is meant to match. */
export function samplePattern(name: string, pattern: string, random: Random): string {
  const fill = () => pickFrom(TEXT_FILL, "", random);
  switch (name) {
    case "prefix":
      return pattern + fill();
    case "suffix":
      return fill() + pattern;
    case "contains":
      return fill() + pattern + fill();
    case "glob":
      return sampleGlob(pattern, TEXT_FILL, random);
    case "matches":
      return sampleRegex(parseRegex(pattern), random);
    case "path":
      return sampleSlashed(pattern, TEXT_FILL, random);
    case "route":
      return sampleSlashed(pattern, ROUTE_FILL, random);
    case "host":
      return sampleSegments(pattern.split("."), LABEL_FILL, random).join(".");
    case "url":
      return sampleUrl(pattern, random);
    case "cidr":
      return pickFrom(blockBorders(pattern), pattern, random);
    case "action":
      return sampleSegments(pattern.split(":"), ["", "a", "read", "b"], random).join(":");
    default:
      return pattern;
  }
}

// ---- pools of values ----

function arraysFrom(elements: readonly Json[], random: Random): readonly Json[] {
  const element = () => pickFrom(elements, null, random);
  return [[], [element()], [element()], [element(), element()], [element(), element()], [element(), element(), element()]];
}

function elementValues(inner: JsonObject, random: Random): readonly Json[] {
  const { where, ...predicates } = inner;
  const own = Object.entries(predicates).flatMap(([name, argument]) => atomValues({ name, argument }, random));
  if (where === undefined) return [...own, pickFrom(ODD_VALUES, null, random)];
  const pools = fieldAtoms([where]).map((field) => poolOf(field, random));
  const objects = Array.from({ length: 8 }, () => combine({}, pools, 0.2, random));
  return [...own, ...objects, pickFrom(ODD_VALUES, null, random)];
}

function keysValues(argument: JsonObject): readonly Json[] {
  const objectWith = (keys: readonly string[]): JsonObject => Object.fromEntries(keys.map((key) => [key, 1]));
  const only = textsOf(argument["only"] ?? []);
  const has = textsOf(argument["has"] ?? []);
  const sets = [only, has, [...only, ...has], only.slice(1), has.slice(1), [...has, "extra"], [...only, "extra"]];
  return sets.map(objectWith);
}

/** Returns values at and around the border of one predicate: witnesses first, then neighbours and near misses. */
export function atomValues(atom: Atom, random: Random): readonly Json[] {
  const { name, argument } = atom;
  if (name === "present") return [];
  if (name === "keys" && isJsonObject(argument)) return keysValues(argument);
  if ((name === "each" || name === "some") && isJsonObject(argument)) {
    const elements = elementValues(argument, random);
    return [...arraysFrom(elements, random), ...arraysFrom(elements, random), ...elements.slice(0, 1)];
  }
  if (name === "before" || name === "after") return textsOf(argument).flatMap((text) => numberBorders(parseTime(text)));
  if (typeof argument === "number") return numberBorders(argument);
  const literals = isJsonArray(argument) ? argument : [argument];
  return literals.flatMap((literal): readonly Json[] => {
    if (typeof literal === "number") return numberBorders(literal).slice(0, 4);
    if (typeof literal !== "string") return [literal];
    if (name === "cidr") return [...blockBorders(literal), literal, mutateString(literal, random)];
    const witnesses = [0, 1, 2].map(() => samplePattern(name, literal, random));
    const near = witnesses.map((witness) => mutateString(witness, random));
    return [...witnesses, ...near, mutateString(literal, random), [pickFrom(witnesses, "", random)]];
  });
}

/** A field with values to put there. */
export type FieldPool = FieldAtoms & { readonly values: readonly Json[] };

/** Returns a field's pool: values around every predicate on it, and a few of the wrong type or shape. */
export function poolOf(field: FieldAtoms, random: Random): FieldPool {
  const share = Math.max(4, Math.floor(FIELD_VALUES_MAX / Math.max(1, field.atoms.length)));
  // Where there are few predicates there is room for more draws of each.
  const values = field.atoms.flatMap((atom) => {
    const rounds = textsOf(atom.argument).length > 0 ? Math.min(DRAWS_MAX, Math.ceil(share / 10)) : 1;
    return Array.from({ length: rounds }, () => atomValues(atom, random))
      .flat()
      .slice(0, share);
  });
  return { ...field, values: [...values, null, pickFrom([[], {}], [], random), pickFrom(ODD_VALUES, "", random)] };
}

// ---- putting requests together ----

/** Returns the object with the value at the path. Where a scalar or array stands in the way it is replaced, or left as an obscured path. */
export function withValue(root: JsonObject, keys: readonly string[], value: Json, random: Random): JsonObject {
  const [key, ...rest] = keys;
  if (key === undefined) return root;
  if (rest.length === 0) return { ...root, [key]: value };
  const child = Object.hasOwn(root, key) ? root[key] : {};
  if (!isJsonObject(child) && random() < 0.5) return root;
  return { ...root, [key]: withValue(isJsonObject(child) ? child : {}, rest, value, random) };
}

/** Returns the object with a scalar or an array put where a longer path leads through, so that the field is obscured. */
function obscure(root: JsonObject, pools: readonly FieldPool[], random: Random): JsonObject {
  const pool = pick(pools, random);
  if (pool === undefined || pool.keys.length < 2) return root;
  const length = 1 + Math.floor(random() * (pool.keys.length - 1));
  return withValue(root, pool.keys.slice(0, length), pickFrom([null, 1, "a", [], [{}]], null, random), random);
}

function combine(start: JsonObject, pools: readonly FieldPool[], absentShare: number, random: Random): JsonObject {
  return pools.reduce(
    (root, pool) => (random() < absentShare ? root : withValue(root, pool.keys, pickFrom(pool.values, null, random), random)),
    start,
  );
}

/** What makes a condition true (or false): values for fields, all of several goals or any one of them. */
type Goal =
  | { readonly kind: "field"; readonly keys: readonly string[]; readonly values: readonly Json[] }
  | { readonly kind: "all" | "any"; readonly goals: readonly Goal[] };

function fieldGoal(field: string, predicates: JsonObject, wanted: boolean, pools: ReadonlyMap<string, FieldPool>): Goal {
  const entries = Object.entries(predicates).filter(([name]) => name !== "present");
  const values = (pools.get(field)?.values ?? []).filter((value) => {
    const truths = entries.map(([name, argument]) => referenceTruth(name, argument, value));
    return wanted ? truths.every((truth) => truth === "true") : truths.includes("false");
  });
  const wantsAbsence = predicates["present"] === !wanted;
  return { kind: "field", keys: fieldKeys(field), values: wantsAbsence ? [] : values };
}

function goalOf(condition: unknown, wanted: boolean, pools: ReadonlyMap<string, FieldPool>): Goal {
  const goals = Object.entries(isJsonObject(condition) ? condition : {}).map(([key, value]): Goal => {
    if (key === "not") return goalOf(value, !wanted, pools);
    if (isJsonArray(value)) {
      const kind = (key === "all") === wanted ? "all" : "any";
      return { kind, goals: value.map((item) => goalOf(item, wanted, pools)) };
    }
    return fieldGoal(key, isJsonObject(value) ? value : {}, wanted, pools);
  });
  return { kind: wanted ? "all" : "any", goals };
}

function pursue(start: JsonObject, goal: Goal, random: Random): JsonObject {
  switch (goal.kind) {
    case "field": {
      const value = pick(goal.values, random);
      return value === undefined ? start : withValue(start, goal.keys, value, random);
    }
    case "all":
      return goal.goals.reduce((root, item) => pursue(root, item, random), start);
    case "any": {
      const item = pick(goal.goals, random);
      return item === undefined ? start : pursue(start, item, random);
    }
  }
}

function actionPool(patterns: readonly string[], random: Random): readonly Json[] {
  const witnesses = patterns.flatMap((pattern) => [0, 1, 2].map(() => samplePattern("action", pattern, random)));
  const near = witnesses.map((witness) => mutateString(witness, random).replaceAll("/", ":"));
  return [...witnesses, ...witnesses, ...witnesses, ...near, "", "fs:", 1, null];
}

/**
 * Returns requests built from the policies' own literals: along one rule's conditions, along one rule and then changed in one field,
 * and random combinations of values at the patterns' borders. The same source of numbers gives the same requests.
 * @param count how many; 1,000 unless told, which takes some milliseconds
 */
export function adversarialRequests(
  lowerDocument: unknown,
  upperDocument: unknown,
  random: Random,
  count: number = REQUESTS_DEFAULT,
): readonly RequestDocument[] {
  const documents = [lowerDocument, upperDocument];
  const conditions = conditionsOf(documents);
  const fields = fieldAtoms(conditions).map((field) => poolOf(field, random));
  const pools = new Map(fields.map((pool) => [pool.field, pool]));
  const actions = actionPool(actionPatterns(documents), random);
  const always = expiriesOf(documents);
  const rules = documents.flatMap((document) => {
    const list = rulesOf(document);
    return list.map((rule) => ({
      patterns: textsOf(rule["action"]),
      goal: goalOf({ all: [rule["when"] ?? {}, ...always] }, true, pools),
      exception: rule["unless"] === undefined ? undefined : goalOf(rule["unless"], false, pools),
    }));
  });
  return Array.from({ length: count }, () => {
    const mode = random();
    const rule = mode < 0.65 ? pick(rules, random) : undefined;
    const action = rule === undefined ? pick(actions, random) : samplePattern("action", pickFrom(rule.patterns, "a", random), random);
    const start: JsonObject = action === undefined || random() < 0.005 ? {} : { action };
    const base = combine(start, fields, rule === undefined ? 0.2 : 0.75, random);
    if (rule === undefined) return base;
    const exempt = rule.exception === undefined ? base : pursue(base, rule.exception, random);
    const aimed = pursue(exempt, rule.goal, random);
    if (mode < 0.03) return obscure(aimed, fields, random);
    const other = mode < 0.35 ? undefined : pick(fields, random);
    return other === undefined ? aimed : combine(aimed, [other], 0.1, random);
  });
}

/** Random requests: over the fields and values of the two policies where they are given, otherwise over those that all generated policies share. */
export function arbRequest(pair?: { readonly lower: unknown; readonly upper: unknown }): fc.Arbitrary<RequestDocument> {
  const documents = pair === undefined ? [] : [pair.lower, pair.upper];
  const random = randomFrom(1);
  const fields =
    pair === undefined
      ? fieldValues.map(([field, values]) => ({ keys: fieldKeys(field), values }))
      : fieldAtoms(conditionsOf(documents)).map((field) => poolOf(field, random));
  const actions = pair === undefined ? actionValues : actionPool(actionPatterns(documents), random);
  const sometimes = fields.map(({ keys, values }) =>
    fc.option(fc.constantFrom(...values), { freq: 2, nil: undefined }).map((value) => ({ keys, value })),
  );
  return fc.tuple(fc.constantFrom(...actions), fc.tuple(...sometimes), fc.nat()).map(([action, settings, seed]) => {
    const shape = randomFrom(seed);
    return settings.reduce<JsonObject>((root, { keys, value }) => (value === undefined ? root : withValue(root, keys, value, shape)), {
      action,
    });
  });
}
