// Objects: keys and members. One object whose members satisfy their literals and whose keys satisfy `keys`. Not trusted.

import { absent, F, type Json, type Literal, T, type Truth } from "../kernel/index.js";
import { canMiss, type Found, findPresent, fits, type Search, spend, type Tree } from "./tree.js";

type Keyed = { readonly kind: "only" | "has"; readonly keys: ReadonlySet<string>; readonly truths: Truth };
type Options = { readonly value: Found; readonly in: boolean; readonly out: boolean };

/** Returns an object that fits, with as few keys as will do. */
export function findObject({ literals, members }: Tree, search: Search): Found {
  const plain: Literal[] = [];
  const keyed: Keyed[] = [];
  for (const literal of literals) {
    const { predicate } = literal.atom;
    if (predicate.kind === "only" || predicate.kind === "has") keyed.push({ ...predicate, truths: literal.truths });
    else plain.push(literal);
  }
  if (!fits(plain, {}) || keyed.some(({ truths }) => !(truths & (T | F)))) return undefined;
  const strict = keyed.filter(({ truths }) => !(truths & T) || !(truths & F));
  const allowed = (key: string) => strict.every((s) => s.kind !== "only" || (s.truths & F) !== 0 || s.keys.has(key));
  const needed = (key: string) => strict.some((s) => s.kind === "has" && (s.truths & T) !== 0 && s.keys.has(key));
  const options = new Map<string, Options>();
  for (const key of new Set([...members.keys(), ...keyed.flatMap((k) => [...k.keys])])) {
    const tree = members.get(key);
    const value: Found = !allowed(key) ? undefined : tree === undefined ? { value: true } : findPresent(tree, search);
    const out = !needed(key) && (tree === undefined || canMiss(tree, absent));
    if (value === undefined && !out) return undefined;
    options.set(key, { value, in: value !== undefined, out });
  }
  const open = !strict.some((s) => s.kind === "only" && (s.truths & T) !== 0);
  const settled = settle(strict, options, open, search);
  if (settled === undefined) return undefined;
  const object: Record<string, Json> = {};
  for (const [key, option] of options) {
    const into = settled.get(key) ?? !option.out;
    if (into && option.value !== undefined)
      Object.defineProperty(object, key, { value: option.value.value, enumerable: true, writable: true, configurable: true });
  }
  if (open && strict.some((s) => s.kind === "only")) object[freshKey(options)] = true;
  return { value: object };
}

function freshKey(options: ReadonlyMap<string, Options>): string {
  for (let n = 0; ; n++) {
    const key = n === 0 ? "other" : `other_${n}`;
    if (!options.has(key)) return key;
  }
}

// Each failed `only` needs a key outside it, each failed `has` lacks one of its keys.
function settle(
  strict: readonly Keyed[],
  options: ReadonlyMap<string, Options>,
  open: boolean,
  search: Search,
): ReadonlyMap<string, boolean> | undefined {
  const step = (at: number, given: ReadonlyMap<string, boolean>): ReadonlyMap<string, boolean> | undefined => {
    const literal = strict[at];
    if (literal === undefined) return given;
    if (spend(search, 10)) return undefined;
    if (literal.truths & T || (literal.kind === "only" && open)) return step(at + 1, given);
    const into = literal.kind === "only";
    for (const [key, option] of options) {
      const fit = literal.keys.has(key) !== into && (into ? option.in : option.out) && (given.get(key) ?? into) === into;
      const found = fit ? step(at + 1, new Map(given).set(key, into)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return step(0, new Map());
}
