// The zod schemas of `POST /lint`. Not trusted.

import * as z from "zod";
import { strictShape } from "../../prover/index.js";

/** The schemas that the answer of lint is made of, which the service's other answers are made of too. */
export type LintParts = {
  readonly policy: z.ZodType;
  readonly certificate: z.ZodType;
  readonly evaluation: z.ZodType;
  readonly rule: z.ZodType;
  readonly sha256: () => z.ZodType;
};

const lintShape = (policy: z.ZodType) =>
  strictShape({
    policy,
    now: z.string().optional().meta({ description: "RFC 3339: the time at which limits are judged. Absent: no policy has expired." }),
  });

/** The body of `POST /lint` without a look into its policy. */
export const lintShapeSchema = lintShape(z.looseObject({}));

/** Returns the schemas of the body and of the answer of `POST /lint`. */
export function createLintSchemas({ policy, certificate, evaluation, rule, sha256 }: LintParts) {
  const json = z.unknown();
  const jsonObject = z.record(z.string(), json);
  const lintKind = z.enum([
    "never_matches",
    "redundant",
    "hidden_ask",
    "denies_nothing",
    "missing_field",
    "never_canonical",
    "wide_delegation",
    "empty_limit",
  ]);
  const lintSide = z
    .strictObject({
      edits: z
        .array(
          z.union([
            z.strictObject({ op: z.literal("remove"), path: z.string() }),
            z.strictObject({ op: z.enum(["add", "replace"]), path: z.string(), value: json }),
          ]),
        )
        .meta({ description: "A JSON Patch of the policy that is linted." }),
      view: z.boolean().meta({ description: "Whether it is the delegable view." }),
      sha256: sha256(),
    })
    .meta({ id: "LintSide" });
  const claim = z.string().meta({ description: "What it shows, in words." });
  const lintEvidence = z.union([
    z.strictObject({ kind: z.literal("certificate"), claim, lower: lintSide, upper: lintSide, certificate }),
    z.strictObject({ kind: z.literal("request"), claim, request: jsonObject, of: lintSide, evaluation }),
    z.strictObject({ kind: z.literal("limit"), claim, limit: z.string(), value: z.string() }),
  ]);

  const response = z.strictObject({
    policy: z.strictObject({ name: z.string(), version: z.string(), sha256: sha256() }),
    findings: z.array(
      z.strictObject({
        kind: lintKind,
        level: z.enum(["warning", "note"]),
        pointer: z.string().meta({ description: "RFC 6901 JSON Pointer into the policy." }),
        rule: rule.optional(),
        covers: z.array(rule).meta({ description: "The rules that do the work of this one." }),
        removable: z.boolean().meta({ description: "Whether the policy is proved to decide every request alike without the rule." }),
        summary: z.string().meta({ description: "One sentence for people." }),
        evidence: z.array(lintEvidence),
      }),
    ),
    undecided: z.array(
      z.strictObject({
        kind: lintKind,
        pointer: z.string(),
        rule: rule.optional(),
        reason: z.string().meta({ description: "A code of docs/errors.md." }),
      }),
    ),
  });
  return { request: lintShape(policy.meta({ description: "What is linted." })), response };
}
