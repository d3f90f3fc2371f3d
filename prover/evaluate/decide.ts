// TRUSTED. What a policy decides of a request. With `kernel/evaluate.ts`, which says what is true of it, this is the definition of the language.
// It is no part of the kernel: a certificate is checked without deciding anything. A counterexample is what it says it is because of this.
import { absent, F, isCanonical, isObject, type Policy, type RuleList, resolve, T, truthOf } from "../kernel/index.js";
import { Reading } from "./checks.js";
import { IndexedList } from "./lists.js";

/** What a policy decides of a request. */
export type Decision = "deny" | "ask" | "allow";
/** Decisions by rank, the least first. */
export const decisions: readonly Decision[] = ["deny", "ask", "allow"];

/** A list that is asked less often than this is not put in order: that costs about as much as asking its rules so often. */
const askedMin = 4;
// INVARIANT: what is kept for a list depends on the list alone, and changes no decision.
const kept = new WeakMap<RuleList, { asked: number; indexed: IndexedList | undefined }>();

// Says what `IndexedList` finds faster: some deny that is not false denies; else some ask that is not false keeps from allowing what some rule grants.
function rankOf({ named, others }: RuleList, action: string, request: unknown): number {
  let [rank, most] = [0, 2];
  for (const rules of [named.get(action) ?? [], others])
    for (const { effect, condition } of rules) {
      if (effect === "allow" && rank === 2) continue; // one is enough
      const truth = truthOf(condition, request);
      if (truth !== F && effect === "deny") return 0;
      if (truth !== F && effect === "ask") most = 1;
      if (truth === T) rank = 2;
    }
  return Math.min(rank, most);
}
function decideList(list: RuleList, action: string, reading: Reading): number {
  const state = kept.get(list) ?? { asked: 0, indexed: undefined };
  if (state.asked === 0) kept.set(list, state);
  if (state.asked < askedMin) {
    state.asked++;
    return isCanonical("action", action) ? rankOf(list, action, reading.request) : 0;
  }
  state.indexed ??= new IndexedList(list);
  const named = state.indexed.named(action);
  // An action that rules name was found canonical when they were put in order.
  return named === undefined && !isCanonical("action", action) ? 0 : state.indexed.rank(named, reading);
}

const actionOf = (request: unknown): unknown => (isObject(request) ? resolve(request, ["action"]) : absent);
const decisionOf = (policy: Policy, rank: (list: RuleList) => number): Decision =>
  decisions[policy.lists.length === 0 ? 0 : Math.min(...policy.lists.map(rank))] ?? "deny";

/** Returns the decision of `policy` on any value by asking its rules one by one, without an index: counterexamples are replayed by this. */
export function decidePlainly(policy: Policy, request: unknown): Decision {
  const action = actionOf(request);
  if (typeof action !== "string" || !isCanonical("action", action)) return "deny";
  return decisionOf(policy, (list) => rankOf(list, action, request));
}
/** Returns the decision of `policy` on any value: total, pure, and independent of the order of rules. */
export function decide(policy: Policy, request: unknown): Decision {
  const action = actionOf(request);
  if (typeof action !== "string") return "deny";
  // The values of a request are kept by the fields of one list.
  return decisionOf(policy, (list) => decideList(list, action, new Reading(request)));
}

/** Returns true iff `request` is decided higher by `lower` than by `upper`: a counterexample to containment. */
export const escapes = (lower: Policy, upper: Policy, request: unknown): boolean =>
  decisions.indexOf(decidePlainly(lower, request)) > decisions.indexOf(decidePlainly(upper, request));
