// Medians, percentiles, and how figures are written. Benchmark code, not trusted.

/** Returns the value below which `share` of `values` lie (nearest rank); NaN of none. @param share 0..1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}
/** Returns the median; NaN of none. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);
/** Returns the 99th percentile; NaN of none. */
export const p99 = (values: readonly number[]): number => percentile(values, 0.99);

/** Returns three significant digits: `0.123`, `12.3`, `1230`. */
export const digits = (value: number): string =>
  Number.isNaN(value) ? "–" : Math.abs(value) >= 1_000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
/** Returns a time in the unit that reads best. @param ms milliseconds */
export const time = (ms: number): string =>
  Number.isNaN(ms) ? "–" : ms < 1 ? `${digits(ms * 1_000)} µs` : ms < 10_000 ? `${digits(ms)} ms` : `${digits(ms / 1_000)} s`;
/** Returns `12×`; NaN becomes a dash. */
export const times = (ratio: number): string => (Number.isNaN(ratio) ? "–" : `${digits(ratio)}×`);
/** Returns `97 %`. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
/** Returns how often each kind occurs: `contained 100 · exceeds 60`. */
export function tally(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${kind} ${count}`)
    .join(" · ");
}
