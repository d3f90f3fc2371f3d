// Answers a claim from what was kept of it: the kernel checks certificates, the evaluator replays requests, and nothing is looked for. A
// certificate is about the exact policies, by hash, so that a policy that changed since proves nothing any more. Not trusted beyond picking what
// the kernel is given.

import { evaluate, limitEscapes, verifyCertificate } from "../../prover/core.js";
import type { Answer, Plan, Question } from "./plan.js";
import type { Evidence, LinkEvidence } from "./results.js";

/** What is kept of a question says this of it; `refused` with why it says nothing. */
export type Verified = { readonly kind: "answered"; readonly answer: Answer } | { readonly kind: "refused"; readonly why: string };

const shortHash = (sha256: string): string => `${sha256.slice(0, 12)}…`;

/** Returns why `evidence` is about other policies than the plan's; undefined where it is about them. */
export function policyChange(plan: Plan, evidence: Evidence): string | undefined {
  for (const { role, named } of plan.parties) {
    const kept = Object.hasOwn(evidence.policies, role) ? evidence.policies[role] : undefined;
    const { sha256 } = named.policy;
    if (kept === sha256) continue;
    if (kept === undefined)
      return `the kept certificates know no policy \`${role}\`: the claim changed since; prove it again with \`--save\``;
    return (
      `\`${named.file}\` changed since the certificates were kept (sha256 ${shortHash(kept)} then, ${shortHash(sha256)} now): ` +
      "prove it again with `--save`"
    );
  }
  return undefined;
}

const decided = (question: Question, request: unknown) => {
  const rank = { deny: 0, ask: 1, allow: 2 } as const;
  return [rank[evaluate(question.lower, request).decision], rank[evaluate(question.upper, request).decision]] as const;
};

/** Returns the answer that `kept` proves of `question`, by the kernel and the evaluator alone. */
export function verifyLink(question: Question, kept: LinkEvidence | undefined): Verified {
  const refused = (why: string): Verified => ({ kind: "refused", why: `${question.title}: ${why}` });
  if (question.depth !== undefined) return { kind: "answered", answer: "exceeds" };
  if (kept === undefined || kept.title !== question.title) return refused("nothing was kept of it; prove it again with `--save`");
  const [below, above] = kept.request === undefined ? [0, 0] : decided(question, kept.request);
  if (kept.result === "exceeds") {
    const byLimit = limitEscapes(question.lower.loaded, question.upper.loaded).some(({ limit }) => limit === kept.limit);
    const byRequest = below > 0 && above === 0;
    return byLimit || byRequest ? { kind: "answered", answer: "exceeds" } : refused("what was kept does not show that it exceeds");
  }
  const checked = verifyCertificate(kept.certificate, question.lower, question.upper);
  if (checked.kind === "refused") return refused(`the kernel refuses the certificate: ${checked.reason}`);
  if (checked.relation !== kept.result) return refused("the certificate proves another relation");
  if (kept.result === "review" && below <= above) return refused("what was kept does not show what needs a review");
  return { kind: "answered", answer: kept.result };
}
