// The chain child ≤ parent_delegable ≤ parent_boundary ≤ admin_max, the direct link child ≤ admin_max, and the verdict. Not trusted.

import { explainLimit } from "./explain.js";
import { loadPolicy } from "./load.js";
import type { ChainLink, LinkResult, ParsedPolicy, PolicyMention, PolicyView, Role, SpawnResult, Subject, Verdict } from "./results.js";

/** The policies of a spawn. Without `parentDelegable`, the delegable view of the boundary is used. */
export type SpawnInput = {
  readonly child: ParsedPolicy;
  readonly parentDelegable?: ParsedPolicy;
  readonly parentBoundary: ParsedPolicy;
  readonly adminMax: ParsedPolicy;
};

/** Returns what of `policy` may be handed on: for every request the least of the policy and its delegation. */
export function delegableView(policy: ParsedPolicy): PolicyView {
  const view = loadPolicy(policy.document, true);
  if (view.kind === "invalid") throw new Error("a policy that was loaded does not load again");
  return { kind: "view", of: policy, loaded: view.policy };
}

const mention = (subject: Subject): PolicyMention => {
  const { name, version, sha256 } = subject.kind === "view" ? subject.of : subject;
  return { name, version, sha256, ...(subject.kind === "view" ? { derived: "delegable_view" as const } : {}) };
};

// A delegable policy that is given as a document must leave fewer generations than the boundary has.
function withStrictDepth(result: LinkResult, delegable: ParsedPolicy, boundary: ParsedPolicy): LinkResult {
  const [below, above] = [delegable.loaded.limits.get("depth"), boundary.loaded.limits.get("depth")];
  const strict = below?.amount !== undefined && (above?.amount === undefined || below.amount < above.amount);
  if (strict) return result;
  const example = explainLimit(delegable, boundary, {
    limit: "depth",
    lower: below?.text ?? "0",
    upper: `${above?.text ?? "0"}, which must be more`,
  });
  const others = result.kind === "exceeds" ? result.counterexamples.filter((c) => c.kind !== "limit" || c.limit !== "depth") : [];
  return { kind: "exceeds", counterexamples: [example, ...others], effort: result.effort };
}

/** Returns the verdict on links: apply where all are contained, ask where some only need a review, else reject. */
export function verdictOf(links: readonly ChainLink[]): Verdict {
  const kinds = links.map(({ result }) => result.kind);
  if (kinds.length === 0 || kinds.some((kind) => kind === "exceeds" || kind === "undecided")) return "reject";
  return kinds.includes("review") ? "ask" : "apply";
}

/** Returns the verdict on a spawn. Every link is proved on its own, whatever the others say; the whole child is judged. */
export async function checkChain(
  input: SpawnInput,
  checkLink: (lower: Subject, upper: Subject) => Promise<LinkResult>,
  viewOf: (policy: ParsedPolicy) => PolicyView = delegableView,
): Promise<SpawnResult> {
  const subjects: { readonly [role in Role]: Subject } = {
    child: input.child,
    parent_delegable: input.parentDelegable ?? viewOf(input.parentBoundary),
    parent_boundary: input.parentBoundary,
    admin_max: input.adminMax,
  };
  const pairs: readonly (readonly [Role, Role])[] = [
    ["child", "parent_delegable"],
    ["parent_delegable", "parent_boundary"],
    ["parent_boundary", "admin_max"],
    ["child", "admin_max"],
  ];
  const links: ChainLink[] = [];
  for (const [lower, upper] of pairs) {
    const result = await checkLink(subjects[lower], subjects[upper]);
    const given = lower === "parent_delegable" ? input.parentDelegable : undefined;
    links.push({ lower, upper, result: given === undefined ? result : withStrictDepth(result, given, input.parentBoundary) });
  }
  const policies = {
    child: mention(subjects.child),
    parent_delegable: mention(subjects.parent_delegable),
    parent_boundary: mention(subjects.parent_boundary),
    admin_max: mention(subjects.admin_max),
  };
  return { verdict: verdictOf(links), policies, links };
}
