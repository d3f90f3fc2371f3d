// Makes a counterexample small: what can be left out without losing the escape is left out. Not trusted: each step is replayed.

import { decide, decisions, isObject, type Json, type Policy } from "./kernel/index.js";

/** The most replays that one request may cost. */
export const replaysMax = 400;

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

/** Returns a request with the same two decisions as `request` from which no member and no element can be left out. */
export function minimiseRequest(lower: Policy, upper: Policy, request: JsonObject): JsonObject {
  const ranks = (r: Json) => `${decisions.indexOf(decide(lower, r))}${decisions.indexOf(decide(upper, r))}`;
  const wanted = ranks(request);
  let kept = request;
  let replays = 0;
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const candidate of smaller(kept)) {
      if (++replays > replaysMax) return kept;
      if (!isObject(candidate) || ranks(candidate) !== wanted) continue;
      kept = candidate;
      shrunk = true;
      break;
    }
  }
  return kept;
}
