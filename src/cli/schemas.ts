// The zod schemas of what the commands print with `--json`, where it is no document of the HTTP service's. They are published and tested;
// no command loads them. Not trusted.

import * as z from "zod";
import { policySchema } from "../../prover/index.js";
import {
  compareSchemas,
  evaluationSchema,
  linkSchemaOf,
  problemItemSchema,
  ruleMentionSchema,
  sha256Pattern,
  spawnCheckResponseSchema,
} from "../http/schemas.js";
import { claimKinds } from "../prove/schema.js";
import { ROLES } from "../signing/index.js";

/** The schema of a command's answer, with the name and the words it is published under. */
export type CliSchema = { readonly name: string; readonly schema: z.ZodType; readonly title: string; readonly description: string };

const sha256 = () => z.string().regex(sha256Pattern).meta({ description: "SHA-256 of the policy's RFC 8785 form, lower-case hex." });
const reason = () => z.string().meta({ description: "A code of docs/errors.md." });
const count = () => z.int().min(0);

const policyMention = z.strictObject({
  name: z.string(),
  version: z.string(),
  sha256: sha256(),
  derived: z.literal("delegable_view").optional().meta({ description: "It is the delegable view of the policy, whose hash this is." }),
});

const problems = z.strictObject({
  code: z.literal("bad_input"),
  problems: z
    .array(
      problemItemSchema.extend({
        file: z.string().meta({ description: "A file, `-` for standard input, or what else is wrong: `command line`, `signing key`." }),
        pointer: z.string().meta({ description: "RFC 6901 JSON Pointer into the file." }),
      }),
    )
    .min(1),
});

const { attestation } = spawnCheckResponseSchema.shape;
const spawnCheck = spawnCheckResponseSchema.omit({ narrowed: true }).extend({
  attestation: attestation.optional().meta({ description: "Where `--attestation` or `--key` is given." }),
});

// ---- verify ----

const refused = { result: z.literal("refused"), reason: z.string().meta({ description: "Why, in words." }) };
const accepted = { result: z.literal("accepted"), relation: z.enum(["contained", "review"]), nodes: count() };
const role = z.enum(ROLES);
const verify = z.union([
  z.strictObject(refused),
  z.strictObject(accepted),
  z.strictObject({
    verdict: z.enum(["apply", "ask", "refused"]),
    links: z.array(
      z.union([z.strictObject({ lower: role, upper: role, ...refused }), z.strictObject({ lower: role, upper: role, ...accepted })]),
    ),
  }),
]);

// ---- prove ----

const place = { file: z.string(), line: z.int().min(1).optional() };
const placedRule = ruleMentionSchema.extend(place);
const json = z.unknown();
const partyDecision = z.strictObject({
  role: z.string(),
  policy: z.string(),
  decision: evaluationSchema.shape.decision,
  rules: z.array(placedRule),
  near: z.array(
    z.strictObject({
      rule: placedRule,
      field: z.string(),
      predicate: z.string(),
      expected: json,
      got: json.optional(),
      summary: z.string(),
    }),
  ),
});
const claim = z.strictObject({
  name: z.string(),
  because: z.string(),
  claim: z.enum(claimKinds),
  ...place,
  expect: z.enum(["holds", "fails"]),
  found: z.enum(["holds", "fails", "undecided", "unproved"]).meta({ description: "`unproved`: what was kept does not prove it." }),
  outcome: z.enum(["expected", "unexpected", "undecided"]),
  summary: z.string().meta({ description: "One sentence for people." }),
  policies: z.array(
    z.strictObject({
      role: z.string(),
      file: z.string(),
      name: z.string(),
      version: z.string(),
      sha256: sha256(),
      view: z.boolean().meta({ description: "Whether it is the delegable view." }),
      old: z.boolean().meta({ description: "Whether it is the version of the base revision." }),
    }),
  ),
  links: z.array(
    z.strictObject({
      title: z.string(),
      result: z.enum(["contained", "review", "exceeds", "undecided"]),
      reason: reason().optional(),
      nodes: count().optional().meta({ description: "The size of its certificate." }),
    }),
  ),
  counterexamples: z.array(
    z.union([
      z.strictObject({ link: z.string(), request: z.record(z.string(), json), decisions: z.array(partyDecision) }),
      z.strictObject({ link: z.string(), limit: z.string(), lower: z.string(), upper: z.string() }),
    ]),
  ),
  blame: z.array(placedRule).meta({ description: "The rules that made the decisions, or those that were nearest." }),
  changes: z
    .array(z.strictObject({ kind: z.enum(["added", "removed", "changed"]), what: z.string(), ...place }))
    .optional()
    .meta({ description: "Of `no_new_access`: what differs from the old version, rule by rule." }),
  ms: z.number().min(0),
});
const prove = z.strictObject({
  claims: z.array(claim),
  totals: z.strictObject({
    claims: count(),
    expected: count(),
    planned: count().meta({ description: "Those of the expected that failed as they must." }),
    unexpected: count(),
    undecided: count(),
  }),
});

// ---- the others ----

const exported = z.union([
  z.strictObject({ result: z.literal("exported"), smt2: z.string().meta({ description: "A script in SMT-LIB 2.6." }) }),
  z.strictObject({
    result: z.literal("undecided"),
    reason: z.literal("not_supported"),
    what: z.string().meta({ description: "What SMT-LIB can not say." }),
  }),
]);
const imported = z.strictObject({ document: policySchema, sha256: sha256(), notes: z.array(z.string()) });
const keys = z.strictObject({ private_file: z.string(), public_file: z.string(), key_id: z.string() });

const of = (command: string, schema: z.ZodType, description: string): CliSchema => ({
  name: `cli-${command}`,
  schema,
  title: `atmost ${command} --json`,
  description,
});

/** The schemas that are published as `schemas/cli-*.schema.json`. `lint --json` prints what `POST /lint` answers: it has none of its own. */
export const publishedCliSchemas: readonly CliSchema[] = [
  of(
    "check",
    linkSchemaOf({ lower: policyMention, upper: policyMention }),
    "Whether one policy is contained in another, or why it is not.",
  ),
  of("spawn-check", spawnCheck, "The verdict on a spawn, with every link of the chain, and signed where that is asked for."),
  of("diff", compareSchemas.diffOf(policyMention), "How a new policy differs from an old one."),
  of("narrow", compareSchemas.narrowed, "The largest policy within a child and its bounds."),
  of("eval", evaluationSchema, "What a policy decides of a request."),
  of("verify", verify, "What the kernel says of the certificate of a link, or of all those of a chain."),
  of("prove", prove, "What was found of each claim."),
  of("export", exported, "The question in SMT-LIB."),
  of("import", imported, "What a foreign policy is in this language."),
  of("keygen", keys, "Where a new key pair was written."),
  {
    name: "cli-problems",
    schema: problems,
    title: "atmost problems with the input",
    description: "What every command prints with --json where its input or its usage is wrong, and it ends with 2.",
  },
];
