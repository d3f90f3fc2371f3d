// The least of the limits of several policies. Not trusted.

import { isObject, type Json, type Limit, parseTime } from "../kernel/index.js";
import type { Subject } from "../results.js";

type JsonObject = { readonly [key: string]: Json };

const limitsOf = (subject: Subject): JsonObject => {
  const { limits } = subject.kind === "view" ? subject.of.document : subject.document;
  return isObject(limits) ? limits : {};
};

const lesser = (a: Limit, b: Limit): Limit => (a.amount === undefined || (b.amount !== undefined && b.amount < a.amount) ? b : a);
const least = (limits: readonly Limit[]): Limit => limits.reduce(lesser);
const zero = (name: string): Limit => ({ name, amount: 0n, text: "0" });
const count = ({ amount, text }: Limit): Json => (amount === undefined ? "unlimited" : Number(text));

function leastSpend(subjects: readonly Subject[]): Json {
  const all = subjects.map(({ loaded }) => loaded.limits);
  const bounded = all.filter((limits) => !limits.has("spend"));
  if (bounded.length === 0) return "unlimited";
  const names = new Set(bounded.flatMap((limits) => [...limits.keys()].filter((name) => name.startsWith("spend."))));
  const entries = [...names].sort().map((name) => [name, least(bounded.map((limits) => limits.get(name) ?? zero(name)))] as const);
  return Object.fromEntries(
    entries.filter(([, { amount }]) => amount !== 0n).map(([name, { text }]) => [name.slice("spend.".length), text]),
  );
}

/** Returns true iff no policy is within `subject` for its limits: it is the view of a policy of depth 0, which may spawn nothing. */
export const leavesNoGeneration = ({ loaded }: Subject): boolean => (loaded.limits.get("depth")?.amount ?? 0n) < 0n;

/** Returns the least of each limit: the earliest expiry, the fewest generations and children, the least to spend. */
export function leastLimits(subjects: readonly Subject[]): JsonObject {
  const expiries = subjects.flatMap((subject) => {
    const { expires } = limitsOf(subject);
    const time = typeof expires === "string" ? parseTime(expires) : undefined;
    return typeof expires === "string" && time !== undefined ? [{ expires, time }] : [];
  });
  const [earliest] = expiries.sort((a, b) => a.time - b.time);
  const named = (name: string) => count(least(subjects.map(({ loaded }) => loaded.limits.get(name) ?? zero(name))));
  const spend = leastSpend(subjects);
  const limits = {
    ...(earliest === undefined ? {} : { expires: earliest.expires }),
    depth: named("depth"),
    children: named("children"),
    spend,
  };
  const none = (value: Json) => value === 0 || (isObject(value) && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => !none(value)));
}
