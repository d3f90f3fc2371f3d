// The zod schemas of every document that crosses the HTTP border. The same ones validate, and become the OpenAPI document and the
// published JSON Schemas. Not trusted.

import * as z from "zod";
import { policySchema, strictShape } from "../../prover/index.js";
import { envelopeSchema, ROLES, spawnStatementSchema } from "../signing/index.js";
import { createCompareSchemas } from "./compare-schemas.js";
import { createLintSchemas } from "./lint-schemas.js";

/** The hash of a policy: SHA-256 of its RFC 8785 form, 64 lower-case hex digits. */
export const sha256Pattern = /^[0-9a-f]{64}$/;

const sha256 = () => z.string().regex(sha256Pattern).meta({ description: "SHA-256 of the RFC 8785 form, lower-case hex." });
const role = z.enum(ROLES);
// Any JSON value: whatever arrives as JSON is one.
const json = z.unknown();
const jsonObject = z.record(z.string(), json);
const policyOfTheLanguage = policySchema.meta({ id: "Policy" });
const envelope = envelopeSchema.meta({ id: "Envelope" });

/** A policy by its hash: one that was put before. */
export const policyReferenceSchema = strictShape({ sha256: sha256() }).meta({
  id: "PolicyReference",
  description: "A policy that was put to /policies/{sha256} before, by its hash.",
});

const roleNotes = {
  child: "What the new agent is to be allowed.",
  parent_delegable: "What the parent may hand on. Absent: the delegable view of `parent_boundary`.",
  parent_boundary: "What the parent is allowed.",
  admin_max: "What nobody may exceed.",
} as const;

const spawnShape = (member: (description: string) => z.ZodType) =>
  strictShape({
    child: member(roleNotes.child),
    parent_delegable: member(roleNotes.parent_delegable).optional(),
    parent_boundary: member(roleNotes.parent_boundary),
    admin_max: member(roleNotes.admin_max),
    narrow: z.boolean().optional().meta({ description: "Whether a child that is not applied is narrowed to what would be." }),
  });

/** The body of `POST /spawn-check`, policies and all. */
export const spawnCheckRequestSchema = spawnShape((description) =>
  z.union([policyOfTheLanguage, policyReferenceSchema]).meta({ description }),
);
/** The same body without a look into its policies: those are read one by one, each by the language's own reader. */
export const spawnCheckShapeSchema = spawnShape((description) => z.looseObject({}).meta({ description }));

/** One thing that is wrong with an input. */
export const problemItemSchema = z.strictObject({
  code: z.string(),
  pointer: z.string().meta({ description: "RFC 6901 JSON Pointer into the body." }),
  message: z.string(),
  expected: z.string().optional(),
  got: z.string().optional(),
  nearest: z.string().optional().meta({ description: "The nearest thing that is known." }),
});

/** Every answer that is an error: RFC 9457, `application/problem+json`. */
export const problemSchema = z.strictObject({
  type: z.string().meta({ description: "urn:atmost:problem:<code>. A name; nothing is fetched from it." }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  code: z.string().meta({ description: "A code of docs/errors.md." }),
  problems: z.array(problemItemSchema).optional(),
});

/** A rule that an answer names. */
export const ruleMentionSchema = z.strictObject({
  id: z.string(),
  effect: z.enum(["allow", "ask", "deny"]),
  pointer: z.string(),
  because: z.string().optional(),
  truth: z.literal("unknown").optional().meta({ description: "The rule is not true but unknown, so it restricts." }),
});

/** What one policy decides of a request, and why. */
export const evaluationSchema = z
  .strictObject({
    decision: z.enum(["deny", "ask", "allow"]),
    rules: z.array(ruleMentionSchema).meta({ description: "The rules that made the decision." }),
    near: z
      .array(
        z.strictObject({
          rule: ruleMentionSchema,
          field: z.string(),
          predicate: z.string(),
          expected: json,
          got: json.optional().meta({ description: "Absent where the field is absent." }),
          truth: z.enum(["false", "unknown"]),
          summary: z.string(),
        }),
      )
      .meta({ description: "The rules whose action matches and that are not true, nearest first." }),
  })
  .meta({ id: "Evaluation" });

const requestCounterexample = z.strictObject({
  request: jsonObject,
  lower: evaluationSchema,
  upper: evaluationSchema,
  summary: z.string().meta({ description: "One sentence for people." }),
});
const limitCounterexample = z.strictObject({ limit: z.string(), lower: z.string(), upper: z.string(), summary: z.string() });

/** What escapes: a request that the evaluator has replayed on both policies, or a limit that is greater below. */
export const counterexampleSchema = z.union([requestCounterexample, limitCounterexample]).meta({ id: "Counterexample" });

const index = () => z.int().min(0);
const truths = () => z.int().min(1).max(6).meta({ description: "A set of truths: 1 true, 2 false, 4 unknown, added up." });
const subject = () => z.strictObject({ sha256: sha256(), view: z.boolean().meta({ description: "Whether it is the delegable view." }) });

/** A certificate of containment: a decision tree that the kernel checks from the two policies alone. */
export const certificateSchema = z
  .strictObject({
    certificate: z.literal("atmost-certificate/1"),
    language: z.literal("atmost/1"),
    relation: z.enum(["contained", "review"]),
    lower: subject(),
    upper: subject(),
    counts: z.strictObject({ conditions: index(), lemmas: index(), nodes: index() }),
    conditions: z
      .array(
        z.union([
          z.strictObject({ of: z.enum(["lower", "upper"]), list: index(), rule: index() }),
          z.strictObject({ of: z.literal("lower"), list: index(), permits: z.literal(true) }),
          z.strictObject({ condition: jsonObject }),
        ]),
      )
      .meta({ description: "The conditions that nodes and lemmas name by index: of a rule, of what a list permits, or written out." }),
    lemmas: z
      .array(z.array(z.tuple([index(), truths()])))
      .meta({ description: "Sets of literals (a condition, its truths) of which no request has all." }),
    nodes: z
      .array(
        z.strictObject({
          by: z.array(index()).optional().meta({ description: "Lemmas that apply here." }),
          split: index().optional(),
          into: z.array(truths()).optional(),
          cases: index().optional(),
          leaf: z.enum(["impossible", "lower_denies", "upper_permits", "lower_asks"]).optional(),
        }),
      )
      .meta({ description: "The tree in preorder." }),
  })
  .meta({ id: "Certificate" });

/** Returns the schema of the answer for one link whose sides are told as `sides` says. */
export const linkSchemaOf = (sides: { readonly lower: z.ZodType; readonly upper: z.ZodType }) =>
  z.union([
    z.strictObject({ ...sides, result: z.literal("contained"), certificate: certificateSchema }),
    z.strictObject({
      ...sides,
      result: z.literal("review"),
      certificate: certificateSchema,
      counterexamples: z.array(counterexampleSchema).meta({ description: "Requests that need a person." }),
    }),
    z.strictObject({ ...sides, result: z.literal("exceeds"), counterexamples: z.array(counterexampleSchema) }),
    z.strictObject({ ...sides, result: z.literal("undecided"), reason: z.string().meta({ description: "A code of docs/errors.md." }) }),
  ]);

/** The answer for one link of the chain. */
export const linkSchema = linkSchemaOf({ lower: role, upper: role }).meta({ id: "Link" });

const policyMention = z.strictObject({
  name: z.string(),
  version: z.string(),
  sha256: sha256(),
  derived: z.literal("delegable_view").optional().meta({ description: "The delegable view of `parent_boundary`, whose hash this is." }),
});

const policyOrHash = z.union([policyOfTheLanguage, policyReferenceSchema]);
/** What the answers of `POST /evaluate`, `/diff` and `/narrow` are made of. */
export const compareSchemas = createCompareSchemas({
  policy: policyOrHash,
  document: policyOfTheLanguage,
  certificate: certificateSchema,
  evaluation: evaluationSchema,
  sha256,
});
const lintSchemas = createLintSchemas({
  policy: policyOrHash,
  certificate: certificateSchema,
  evaluation: evaluationSchema,
  rule: ruleMentionSchema,
  sha256,
});

/** The answer of `POST /spawn-check`. */
export const spawnCheckResponseSchema = z.strictObject({
  verdict: z.enum(["apply", "ask", "reject"]),
  policies: z.strictObject({
    child: policyMention,
    parent_delegable: policyMention,
    parent_boundary: policyMention,
    admin_max: policyMention,
  }),
  links: z.array(linkSchema),
  attestation: envelope,
  narrowed: compareSchemas.narrowed
    .optional()
    .meta({ description: "Where `narrow` was asked for and the verdict is not `apply`. No part of the attestation." }),
});

/** The answer of `PUT /policies/{sha256}`. */
export const storedPolicySchema = z.strictObject({ sha256: sha256(), name: z.string(), version: z.string() });
/** The answers of `GET /healthz` and `GET /readyz`. */
export const healthSchema = z.strictObject({ status: z.enum(["ok", "ready"]) });

/** A schema with the name and the words it is published under. */
export type NamedSchema = {
  readonly name: string;
  readonly component: string;
  readonly schema: z.ZodType;
  readonly title: string;
  readonly description: string;
};

const named = (name: string, component: string, schema: z.ZodType, title: string, description: string): NamedSchema => ({
  name,
  component,
  schema,
  title,
  description,
});

const { evaluateRequest, evaluateResponse, diffRequest, diffResponse, narrowRequest, narrowResponse } = compareSchemas;
const compared: readonly NamedSchema[] = [
  named("evaluate-request", "EvaluateRequest", evaluateRequest, "atmost evaluation", "The body of POST /evaluate."),
  named("evaluate-response", "EvaluateResponse", evaluateResponse, "atmost evaluation answer", "What a policy decides of a request."),
  named("diff-request", "DiffRequest", diffRequest, "atmost diff", "The body of POST /diff."),
  named("diff-response", "DiffResponse", diffResponse, "atmost diff answer", "How a new policy differs from an old one."),
  named("narrow-request", "NarrowRequest", narrowRequest, "atmost narrow", "The body of POST /narrow."),
  named("narrow-response", "NarrowResponse", narrowResponse, "atmost narrow answer", "The largest policy within a child and its bounds."),
];

/** The schemas that are published as `schemas/<name>.schema.json`, and as `components.schemas` of the OpenAPI document. */
export const publishedHttpSchemas: readonly NamedSchema[] = [
  named("spawn-check-request", "SpawnCheckRequest", spawnCheckRequestSchema, "atmost spawn check", "The body of POST /spawn-check."),
  named(
    "spawn-check-response",
    "SpawnCheckResponse",
    spawnCheckResponseSchema,
    "atmost spawn check answer",
    "The verdict on a spawn, with every link of the chain and a signed attestation.",
  ),
  named("lint-request", "LintRequest", lintSchemas.request, "atmost lint", "The body of POST /lint."),
  named(
    "lint-response",
    "LintResponse",
    lintSchemas.response,
    "atmost lint answer",
    "What in a policy is proved not to do what it seems to.",
  ),
  ...compared,
  named("problem", "Problem", problemSchema, "atmost problem", "An error over HTTP: RFC 9457 with a code, and every problem by its place."),
  named(
    "counterexample",
    "Counterexample",
    counterexampleSchema,
    "atmost counterexample",
    "A request that escapes, replayed on both policies, or a limit that is greater below.",
  ),
  named("link", "Link", linkSchema, "atmost link", "The answer for one link: lower is contained in upper, or why it is not."),
  named("certificate", "Certificate", certificateSchema, "atmost certificate", "A proof of containment that the kernel checks."),
  named("envelope", "Envelope", envelope, "atmost attestation envelope", "A DSSE envelope."),
  named(
    "statement",
    "Statement",
    spawnStatementSchema,
    "atmost spawn check statement",
    "The in-toto Statement in an attestation's payload.",
  ),
];
