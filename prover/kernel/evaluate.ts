// TRUSTED. What is true of a request: with `../evaluate/decide.ts`, which says what follows from it, the definition of the language.
import { charge, isObject } from "./canonical.js";
import type { Condition, Predicate } from "./load.js";
import { type FormKind, formOf } from "./patterns.js";
import { parseIp } from "./values.js";

/** A truth, or several as a set of bits. */
export type Truth = number;
/** True, false and unknown. */
export const [T, F, U] = [1, 2, 4] as const;
/** All three. */
export const all3 = 7;
/** Stands for a field that is not there. */
export const absent = Symbol("absent");
/** Stands for a field that an array or a scalar on its path hides. */
export const obscured = Symbol("obscured");

/** Returns what stands at `path` below `root`, `absent`, or `obscured` where the path leads through an array or a scalar. */
export function resolve(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (!isObject(value)) return obscured;
    if (!Object.hasOwn(value, key)) return absent;
    value = value[key];
  }
  return value;
}
/** Returns true iff `text` is canonical for `kind`. */
export const isCanonical = (kind: FormKind, text: string): boolean => formOf(kind).matches(text);
const sure = (holds: boolean): Truth => (holds ? T : F);
const isScalar = (value: unknown) => value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);

/** Returns the truth of `address` being in one of `blocks`. */
export const inBlocks = (blocks: readonly (readonly [bigint, bigint])[], address: bigint): Truth =>
  sure(blocks.some(([first, last]) => address >= first && address <= last));
/** Returns the truth of the predicate `p` on what `resolve` found. */
export function judge(p: Predicate, value: unknown): Truth {
  if (value === absent) return F;
  charge((typeof value === "string" ? 32 + value.length : 32) / 256); // the pace of an automaton whose states are known
  if (p.kind === "present") return sure(value !== obscured);
  if (p.kind === "in") return isScalar(value) ? sure(p.values.has(value)) : U;
  if ("language" in p) return typeof value !== "string" || (p.form && !p.form.matches(value)) ? U : sure(p.language.matches(value));
  if ("keys" in p && isObject(value)) {
    const [kept, needed] = p.kind === "only" ? [Object.keys(value), p.keys] : [p.keys, new Set(Object.keys(value))];
    return sure([...kept].every((key) => needed.has(key)));
  }
  if ("inner" in p && Array.isArray(value)) {
    const [zero, one] = p.kind === "each" ? [F, T] : [T, F];
    let seen: Truth = one;
    for (const item of value) seen |= p.where && !isObject(item) ? U : truthOf(p.inner, item);
    return seen & zero ? zero : seen & U ? U : one;
  }
  if ("bound" in p && typeof value === "number" && Number.isFinite(value)) {
    if (p.kind === "lt" || p.kind === "gte") return sure(value < p.bound === (p.kind === "lt"));
    return sure(value > p.bound === (p.kind === "gt"));
  }
  const address = typeof value === "string" ? parseIp(value) : undefined;
  return "blocks" in p && address !== undefined ? inBlocks(p.blocks, address) : U;
}

/** Returns the truths of the negation of something with these truths. */
export const flip = (truths: Truth): Truth => (truths & U) | (truths & T ? F : 0) | (truths & F ? T : 0);
/** Returns the truths that `condition` can have where its parts have those of `known`, as Kleene's logic combines them. */
export function truthsOf(condition: Condition, known: (condition: Condition) => Truth): Truth {
  const own = known(condition);
  if (condition.kind === "atom") return own;
  if (condition.kind === "not") return own & flip(truthsOf(condition.item, known));
  const [zero, one] = condition.kind === "all" ? [F, T] : [T, F];
  let [some, every] = [0, all3];
  for (const item of condition.items) {
    const truths = truthsOf(item, known);
    if (truths === zero) return own & zero;
    some |= truths;
    every &= truths;
  }
  return own & ((some & (zero | U)) | (every & one));
}
/** Returns the truth of `condition` on a request, or on the element of an array. */
export const truthOf = (condition: Condition, root: unknown): Truth =>
  truthsOf(condition, (part) => (part.kind === "atom" ? judge(part.predicate, resolve(root, part.path)) : all3));
