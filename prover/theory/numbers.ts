// Numbers and times: one number that has one of its truths in every literal. Not trusted.

import type { Literal } from "../kernel/index.js";
import { type Found, fits } from "./tree.js";

function neighbour(x: number, up: boolean): number {
  if (x === 0) return up ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const cell = new DataView(new ArrayBuffer(8));
  cell.setFloat64(0, x);
  cell.setBigInt64(0, cell.getBigInt64(0) + (x > 0 === up ? 1n : -1n));
  return cell.getFloat64(0);
}

/** Returns a number that fits: one that a policy names, else a whole one, else a short one, else the next one that there is. */
export function findNumber(literals: readonly Literal[]): Found {
  const named = new Set<number>();
  for (const { atom } of literals) {
    const { predicate } = atom;
    if (predicate.kind === "in") for (const value of predicate.values) if (typeof value === "number") named.add(value);
    if ("bound" in predicate) named.add(predicate.bound);
  }
  const points = [...named].sort((a, b) => a - b);
  const whole = points.flatMap((point) => [Math.floor(point) + 1, Math.ceil(point) - 1]);
  const between = points.flatMap((point, i) => {
    const next = points[i + 1];
    return next === undefined ? [] : [point + (next - point) / 2];
  });
  const beside = points.flatMap((point) => [neighbour(point, true), neighbour(point, false)]);
  const value = [...points, 0, 1, ...whole, ...between, ...beside].find((x) => Number.isFinite(x) && fits(literals, x));
  return value === undefined ? undefined : { value: value + 0 };
}
