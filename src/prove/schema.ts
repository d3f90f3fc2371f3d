// The zod schema of claims files: it explains what is wrong with one, and `schemas/claims.schema.json` is generated from it. Not trusted.

import * as z from "zod";
import { conditionSchema, type Json, requestSchema, ruleSchema, strictShape } from "../../prover/index.js";
import { importers } from "../import/index.js";
import { claimsMax } from "./limits.js";

/** The language of claims files, as they name it. */
export const claimsLanguage = "atmost-claims/1";

/** The kinds of claims, each a key of its claim. */
export const claimKinds = [
  "contained",
  "review",
  "exceeds",
  "equivalent",
  "disjoint",
  "never",
  "always",
  "spawn",
  "decision",
  "no_new_access",
] as const;

const text = (description: string) => z.string().min(1).meta({ description });
const file = () => text("A path from the claims file's folder.");
const view = () => z.boolean().optional().meta({ description: "Take the policy's delegable view: what of it may be handed on." });

const importedShape = () => ({
  import: z.enum(Object.keys(importers)).meta({ description: "The foreign format." }),
  file: file(),
  workdir: z.string().optional().meta({ description: "What the foreign policy's working directory stands for." }),
  name: z.string().min(1).optional().meta({ description: "The policy's name." }),
  delegation: z.unknown().optional().meta({ description: "As in a policy: foreign formats rarely say what may be handed on." }),
  limits: z.looseObject({}).optional().meta({ description: "As in a policy." }),
});

/** A policy by itself: a path, or a file in a foreign format. */
const sourceSchema = z
  .union([file(), strictShape(importedShape())])
  .meta({ id: "PolicySource", description: "A file in `atmost/1`, JSON or YAML, or one in a foreign format." });

/** A policy as a claim names it. */
const policySchema = z
  .union([
    text("A name of `policies`, or a path from the claims file's folder."),
    strictShape({ policy: text("A name of `policies`, or a path."), view: view() }),
    strictShape({ ...importedShape(), view: view() }),
  ])
  .meta({ id: "PolicyReference" });

const decisionName = () => z.enum(["permitted", "asked", "allowed"]).meta({ description: "Permitted is asked or allowed." });
const quantified = () =>
  strictShape({
    policy: policySchema,
    is: decisionName(),
    action: ruleSchema.shape.action.optional().meta({ description: "Patterns of actions. Absent: any action." }),
    when: conditionSchema.optional().meta({ description: "Absent: always." }),
    unless: conditionSchema.optional().meta({ description: "The condition is met where `when` holds and this does not." }),
  });
const pair = () => strictShape({ lower: policySchema, upper: policySchema });
const both = () => z.array(policySchema).min(2).max(2).meta({ description: "Two policies." });

// A check that sees the whole value even where parts of it are wrong, so that every problem is told at once.
const always = { when: () => true };

/** One claim: exactly one of the kinds' keys. */
const claimSchema = strictShape({
  name: text("Unique in its file."),
  because: text("Why it must hold."),
  expect: z.enum(["holds", "fails"]).optional().meta({ description: "`fails`: the claim must fail. Absent: it must hold." }),
  contained: pair().optional().meta({ description: "No request is decided higher by `lower`, and no limit is greater." }),
  review: pair().optional().meta({ description: "`upper` denies nothing that `lower` permits, but asks for some that `lower` allows." }),
  exceeds: pair().optional().meta({ description: "`lower` permits some request that `upper` denies, or has a greater limit." }),
  equivalent: both().optional().meta({ description: "Each is contained in the other." }),
  disjoint: both().optional().meta({ description: "No request is permitted by both." }),
  never: quantified().optional().meta({ description: "No request that meets the condition is so decided." }),
  always: quantified().optional().meta({ description: "Every request that meets the condition is so decided." }),
  spawn: strictShape({
    child: policySchema,
    delegable: policySchema.optional().meta({ description: "Absent: the boundary's delegable view." }),
    boundary: policySchema,
    max: policySchema,
    verdict: z.enum(["apply", "ask", "reject"]),
  })
    .optional()
    .meta({ description: "The verdict on a spawn." }),
  decision: strictShape({ policy: policySchema, request: requestSchema, is: z.enum(["deny", "ask", "allow"]) })
    .optional()
    .meta({ description: "What a policy decides of one request." }),
  no_new_access: strictShape({
    new: policySchema,
    old: policySchema.optional().meta({ description: "Absent: the same file at the revision that `--base` names." }),
  })
    .optional()
    .meta({ description: "The new version permits nothing that the old one did not." }),
})
  .superRefine((claim: unknown, context) => {
    if (typeof claim !== "object" || claim === null) return;
    const kinds = claimKinds.filter((kind) => Object.hasOwn(claim, kind));
    if (kinds.length === 1) return;
    const message = `exactly one of ${claimKinds.map((kind) => `\`${kind}\``).join(", ")}`;
    context.addIssue({ code: "custom", message, params: { code: kinds.length === 0 ? "missing_key" : "invalid_value" } });
  }, always)
  .meta({ id: "Claim", oneOf: claimKinds.map((kind) => ({ required: [kind] })) });

const checkNames = (claims: unknown, context: z.core.$RefinementCtx<unknown>): void => {
  if (!Array.isArray(claims)) return;
  const seen = new Set<unknown>();
  for (const [index, claim] of claims.entries()) {
    const name: unknown = typeof claim === "object" && claim !== null && "name" in claim ? claim.name : undefined;
    if (typeof name !== "string") continue;
    const found = { code: "duplicate_name", expected: "a name that no other claim of the file has" };
    if (seen.has(name)) context.addIssue({ code: "custom", message: found.expected, params: found, path: [index, "name"] });
    seen.add(name);
  }
};

const aliasPattern = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** Returns true iff a claim that says `text` means a name of `policies`, and not a path. */
export const isAlias = (text: string): boolean => aliasPattern.test(text);

const checkAliases = (aliases: unknown, context: z.core.$RefinementCtx<Readonly<Record<string, unknown>>>): void => {
  if (typeof aliases !== "object" || aliases === null) return;
  for (const name of Object.keys(aliases).filter((key) => !isAlias(key))) {
    const found = { code: "invalid_value", expected: "a name of letters, digits, `_` and `-` that a letter starts" };
    context.addIssue({ code: "custom", message: found.expected, params: found, path: [name] });
  }
};

/** A claims file. */
export const claimsSchema = strictShape({
  $schema: z.string().optional().meta({ description: "For editors; ignored." }),
  language: z.literal(claimsLanguage),
  description: z.string().optional(),
  policies: z
    .record(z.string(), sourceSchema)
    .superRefine(checkAliases, always)
    .optional()
    .meta({
      description: "Short names for policies. A name has no dot and no slash, so that it is never taken for a path.",
      propertyNames: { pattern: aliasPattern.source },
    }),
  claims: z.array(claimSchema).min(1).max(claimsMax).superRefine(checkNames, always),
});

// INVARIANT: a claims file is JSON, so that what a schema leaves open is JSON too.
type AsJson<Value> = unknown extends Value
  ? Json
  : Value extends readonly (infer Item)[]
    ? readonly AsJson<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: AsJson<Value[Key]> }
      : Value;

/** A file in a foreign format, as a claims file names it. */
export type ImportedSource = AsJson<z.infer<ReturnType<typeof importedSchema>>>;
const importedSchema = () => strictShape(importedShape());
/** A policy of `policies`. */
export type PolicySource = AsJson<z.infer<typeof sourceSchema>>;
/** A policy as a claim names it. */
export type PolicyReference = AsJson<z.infer<typeof policySchema>>;
/** One claim. */
export type Claim = AsJson<z.infer<typeof claimSchema>>;
/** The kind of a claim. */
export type ClaimKind = (typeof claimKinds)[number];
/** The condition of `never` and `always`. */
export type Quantified = AsJson<z.infer<ReturnType<typeof quantified>>>;
/** What a claims file holds. */
export type ClaimsDocument = AsJson<z.infer<typeof claimsSchema>>;
