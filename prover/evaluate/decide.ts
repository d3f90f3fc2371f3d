// TRUSTED. What a policy decides of a request. With `kernel/evaluate.ts`, which says what is true of it, this is the definition of the language.
// It is no part of the kernel: a certificate is checked without deciding anything. A counterexample is what it says it is because of this.
import { absent, F, isCanonical, isObject, type Policy, type RuleList, resolve, T, truthOf } from "../kernel/index.js";

/** What a policy decides of a request. */
export type Decision = "deny" | "ask" | "allow";
/** Decisions by rank, the least first. */
export const decisions: readonly Decision[] = ["deny", "ask", "allow"];

function decideList({ named, others }: RuleList, action: string, request: unknown): number {
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

/** Returns the decision of `policy` on any value: total, pure, and independent of the order of rules. */
export function decide(policy: Policy, request: unknown): Decision {
  const action = isObject(request) ? resolve(request, ["action"]) : absent;
  if (typeof action !== "string" || !isCanonical("action", action)) return "deny";
  return decisions[Math.min(...policy.lists.map((list) => decideList(list, action, request)))] ?? "deny";
}

/** Returns true iff `request` is decided higher by `lower` than by `upper`: a counterexample to containment. */
export const escapes = (lower: Policy, upper: Policy, request: unknown): boolean =>
  decisions.indexOf(decide(lower, request)) > decisions.indexOf(decide(upper, request));
