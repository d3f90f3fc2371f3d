// The answer of lint as the JSON that crosses borders. Not trusted.

import { encodeEvaluation, encodeRule } from "../encode.js";
import type { Json } from "../kernel/index.js";
import type { Edit, Evidence, Finding, LintReport, Side, Undecided } from "./types.js";

type JsonObject = { readonly [key: string]: Json };

const encodeEdit = (edit: Edit): JsonObject => ({ ...edit });
const encodeSide = ({ edits, view, sha256 }: Side): JsonObject => ({ edits: edits.map(encodeEdit), view, sha256 });

function encodeEvidence(evidence: Evidence): JsonObject {
  const { kind, claim } = evidence;
  switch (evidence.kind) {
    case "certificate":
      return { kind, claim, lower: encodeSide(evidence.lower), upper: encodeSide(evidence.upper), certificate: evidence.certificate };
    case "request":
      return { kind, claim, request: evidence.request, of: encodeSide(evidence.of), evaluation: encodeEvaluation(evidence.evaluation) };
    case "limit":
      return { kind, claim, limit: evidence.limit, value: evidence.value };
  }
}

const encodeFinding = ({ kind, level, pointer, rule, covers, removable, summary, evidence }: Finding): JsonObject => ({
  kind,
  level,
  pointer,
  ...(rule === undefined ? {} : { rule: encodeRule(rule) }),
  covers: covers.map(encodeRule),
  removable,
  summary,
  evidence: evidence.map(encodeEvidence),
});

const encodeUndecided = ({ kind, pointer, rule, reason }: Undecided): JsonObject => ({
  kind,
  pointer,
  ...(rule === undefined ? {} : { rule: encodeRule(rule) }),
  reason,
});

/** Returns `{policy, findings, undecided}`. */
export const encodeLint = ({ policy, findings, undecided }: LintReport): JsonObject => ({
  policy: { ...policy },
  findings: findings.map(encodeFinding),
  undecided: undecided.map(encodeUndecided),
});
