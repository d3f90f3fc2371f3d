// Makes a counterexample small: what can be left out without losing the escape is left out. Not trusted: each step is replayed.

import { decide, decisions } from "./evaluate/decide.js";
import { type Atom, atomsOf, isObject, type Json, type Policy, resolve } from "./kernel/index.js";

/** The most replays that one request may cost, to leave things out and to find ordinary values; and the most atoms that hint at those. */
export const replaysMax = 400;
const ordinaryReplaysMax = 60;
const hintsMax = 500;

type JsonObject = { readonly [key: string]: Json };

function* smaller(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield [...value.slice(0, i), ...value.slice(i + 1)];
    for (let i = 0; i < value.length; i++)
      for (const item of smaller(value[i] ?? null)) yield [...value.slice(0, i), item, ...value.slice(i + 1)];
  } else if (isObject(value)) {
    const entries = Object.entries(value);
    for (let i = 0; i < entries.length; i++) yield Object.fromEntries([...entries.slice(0, i), ...entries.slice(i + 1)]);
    for (const [i, [key, member]] of entries.entries())
      for (const item of smaller(member)) yield Object.fromEntries([...entries.slice(0, i), [key, item], ...entries.slice(i + 1)]);
  }
}

// The values that a reader expects where a policy asks this: what it names, and what is just beside.
function hintsOf({ predicate }: Atom): readonly Json[] {
  switch (predicate.kind) {
    case "in":
      return [...predicate.values].flatMap((value) =>
        typeof value === "number" || (typeof value === "string" && value !== "") ? [value] : [],
      );
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return [predicate.bound, Math.floor(predicate.bound) + 1, Math.ceil(predicate.bound) - 1];
    case "cidr":
      return ["192.0.2.1", "2001:db8::1"];
    case "path":
    case "route":
      return ["/a", "/"];
    case "host":
      return ["a.b"];
    case "url":
      return ["https://a.b/"];
    case "each":
    case "some":
    case "only":
    case "has":
    case "present":
      return [];
    default:
      return ["a"];
  }
}

const put = (value: Json, [key, ...rest]: readonly string[], leaf: Json): Json =>
  key === undefined ? leaf : isObject(value) ? { ...value, [key]: put(value[key] ?? null, rest, leaf) } : value;

// An empty text, or a value of a type that no predicate on its field speaks of, stands for any other: a more ordinary one is put in its place.
function makeOrdinary(lower: Policy, upper: Policy, request: JsonObject, same: (candidate: Json) => boolean): JsonObject {
  const action = String(request["action"]);
  const rules = [...upper.lists, ...lower.lists].flatMap(({ named, others }) => [...(named.get(action) ?? []), ...others]);
  const hints = new Map<string, { readonly path: readonly string[]; readonly values: Json[] }>();
  for (const { path, predicate, ...atom } of rules.flatMap(({ condition }) => atomsOf(condition)).slice(0, hintsMax)) {
    if (predicate.kind === "action") continue;
    const hint = hints.get(path.join("\0")) ?? { path, values: [] };
    hints.set(path.join("\0"), hint);
    hint.values.push(...hintsOf({ path, predicate, ...atom }).slice(0, 4));
  }
  let kept = request;
  let replays = 0;
  for (const { path, values } of hints.values()) {
    const value = resolve(kept, path);
    const odd =
      value === "" || value === "/" || (value === null ? values.length > 0 : !values.some((hint) => typeof hint === typeof value));
    if (typeof value === "symbol" || (typeof value === "object" && value !== null) || !odd) continue;
    for (const hint of values) {
      if (++replays > ordinaryReplaysMax) return kept;
      const candidate = put(kept, path, hint);
      if (!isObject(candidate) || !same(candidate)) continue;
      kept = candidate;
      break;
    }
  }
  return kept;
}

/** Returns a request with the same two decisions as `request` from which no member and no element can be left out, with ordinary values. */
export function minimiseRequest(lower: Policy, upper: Policy, request: JsonObject): JsonObject {
  const ranks = (r: Json) => `${decisions.indexOf(decide(lower, r))}${decisions.indexOf(decide(upper, r))}`;
  const wanted = ranks(request);
  const same = (candidate: Json): boolean => ranks(candidate) === wanted;
  // Beside an ordinary value, something else may have become needless.
  return shrink(makeOrdinary(lower, upper, shrink(request, same), same), same);
}

function shrink(request: JsonObject, same: (candidate: Json) => boolean): JsonObject {
  let kept = request;
  let replays = 0;
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const candidate of smaller(kept)) {
      if (++replays > replaysMax) return kept;
      if (!isObject(candidate) || !same(candidate)) continue;
      kept = candidate;
      shrunk = true;
      break;
    }
  }
  return kept;
}
