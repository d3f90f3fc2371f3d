// Lint with every piece of its evidence checked again, policies to lint, and what a report says in short. Test code, not trusted.

import { expect } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import {
  applyEdits,
  delegableView,
  type Finding,
  type LintOptions,
  type LintReport,
  lint,
  type ParsedPolicy,
  parsePolicy,
  type Side,
  verifyCertificate,
} from "../../prover/index.js";
import { canonicalJson } from "../../prover/kernel/canonical.js";
import type { LinkProver } from "../../prover/lint/types.js";
import { sha256Hex } from "../../prover/sha256.js";

/** A rule of a planted policy, but for its `id`, and its effect where that is `allow`. */
export type Rule = Readonly<Record<string, unknown>>;

/** A policy of these rules, with `more` beside them; throws where it is none. */
export function policyOf(rules: readonly Rule[], more: object = {}): ParsedPolicy {
  const read = parsePolicy({
    language: "atmost/1",
    name: "planted",
    version: "1",
    rules: rules.map((rule, i) => ({ id: `r${i}`, effect: "allow", ...rule })),
    ...more,
  });
  if (read.kind === "invalid") throw new Error(JSON.stringify(read.problems));
  return read.policy;
}

// The side of a piece of evidence, made again from the policy and the edits alone.
function sideOf(policy: ParsedPolicy, { edits, view, sha256 }: Side) {
  const document = applyEdits(policy.document, edits);
  const read = parsePolicy(document);
  if (read.kind === "invalid") throw new Error(`an edited policy is none: ${JSON.stringify(read.problems)}`);
  expect(read.policy.sha256).toBe(sha256);
  expect(sha256Hex(canonicalJson(document) ?? "")).toBe(sha256);
  return view ? delegableView(read.policy) : read.policy;
}

/** Lints with this prover, and checks every certificate with the kernel and every request with the evaluator. */
export function lintedBy(prover: LinkProver) {
  return async (policy: ParsedPolicy, options: LintOptions = {}): Promise<LintReport> => {
    const report = await lint(prover, policy, options);
    for (const { evidence } of report.findings) {
      expect(evidence.length).toBeGreaterThan(0);
      for (const piece of evidence) {
        if (piece.kind === "certificate") {
          const [lower, upper] = [sideOf(policy, piece.lower), sideOf(policy, piece.upper)];
          expect(verifyCertificate(piece.certificate, lower, upper)).toMatchObject({ kind: "accepted", relation: "contained" });
        } else if (piece.kind === "request") {
          expect(decide(sideOf(policy, piece.of).loaded, piece.request)).toBe(piece.decision);
          expect(piece.evaluation.decision).toBe(piece.decision);
        }
      }
    }
    return report;
  };
}

/** What was found, each as its kind and its place. */
export const inShort = ({ findings }: LintReport) => findings.map(({ kind, pointer }) => `${kind} ${pointer}`);
/** The requests among a finding's evidence. */
export const requestsOf = ({ evidence }: Finding) => evidence.flatMap((piece) => (piece.kind === "request" ? [piece] : []));
/** The one thing that was found; expects that nothing else was, and that nothing is left open. */
export const only = ({ findings, undecided }: LintReport): Finding => {
  expect(undecided).toEqual([]);
  const [finding, ...more] = findings;
  expect(more.map(({ kind, pointer }) => `${kind} ${pointer}`)).toEqual([]);
  if (finding === undefined) throw new Error("nothing was found");
  return finding;
};

/** What a rule needs to let a repository be read. */
export const read = { action: "fs:read", when: { path: { path: "/repo/**" } } };
