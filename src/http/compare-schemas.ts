// The zod schemas of `POST /evaluate`, `POST /diff` and `POST /narrow`. Not trusted.

import * as z from "zod";
import { narrowMax, requestSchema, strictShape } from "../../prover/index.js";

/** The schemas that these answers are made of, which the service's other answers are made of too. */
export type CompareParts = {
  /** A policy or its hash. */
  readonly policy: z.ZodType;
  readonly document: z.ZodType;
  readonly certificate: z.ZodType;
  readonly evaluation: z.ZodObject;
  readonly sha256: () => z.ZodType;
};

const evaluateShape = (policy: z.ZodType, request: z.ZodType) => strictShape({ policy, request });
const diffShape = (policy: (description: string) => z.ZodType) =>
  strictShape({ old: policy("What was permitted."), new: policy("What is to be permitted.") });
const narrowShape = (policy: (description: string) => z.ZodType) =>
  strictShape({
    child: policy("What is narrowed."),
    bounds: z
      .array(policy("What the answer must be within."))
      .min(1)
      .max(narrowMax.bounds)
      .meta({ description: "What the answer must be within, all of them." }),
  });

const anyObject = () => z.looseObject({});
/** The body of `POST /evaluate` without a look into its policy and its request: each is read by the language's own reader. */
export const evaluateShapeSchema = evaluateShape(anyObject(), anyObject());
/** The body of `POST /diff` without a look into its policies. */
export const diffShapeSchema = diffShape(anyObject);
/** The body of `POST /narrow` without a look into its policies. */
export const narrowShapeSchema = narrowShape(anyObject);

const decision = () => z.enum(["deny", "ask", "allow"]);
const reason = () => z.string().meta({ description: "A code of docs/errors.md." });
const summary = () => z.string().meta({ description: "One sentence for people." });
const place = () =>
  z.strictObject({
    id: z.string(),
    effect: z.enum(["allow", "ask", "deny"]),
    pointer: z.string().meta({ description: "RFC 6901 JSON Pointer into its policy." }),
  });

const diffItem = (evaluation: z.ZodType) => {
  const json = z.unknown();
  const region = z.strictObject({
    side: z.enum(["old", "new"]).meta({ description: "Whose rule it is." }),
    rule: place(),
    action: json,
    when: json.optional(),
    unless: json.optional(),
    except: z.array(place()).meta({ description: "Rules of the other policy; what they take effect on is no part of it." }),
  });
  return z.union([
    z.strictObject({
      from: decision(),
      to: decision(),
      region: region.meta({ description: "The requests on which the rule has its effect, and none of `except` has." }),
      request: z.record(z.string(), json).meta({ description: "A request of this part that no other item covers." }),
      old: evaluation,
      new: evaluation,
      summary: summary(),
    }),
    z.strictObject({ limit: z.string(), old: z.string(), new: z.string(), summary: summary() }),
  ]);
};

type Shape = Readonly<Record<string, z.ZodType>>;

const diffAnswer = ({ certificate, evaluation }: CompareParts, more: Shape) =>
  z.union([
    z.strictObject({
      ...more,
      result: z.literal("equivalent"),
      certificates: z.strictObject({ new_within_old: certificate, old_within_new: certificate }),
    }),
    z.strictObject({
      ...more,
      result: z.literal("differs"),
      complete: z
        .boolean()
        .meta({ description: "Whether it is proved that the items are all of the difference, and none can be left out." }),
      reason: reason().optional(),
      items: z.array(diffItem(evaluation)),
    }),
    z.strictObject({ ...more, result: z.literal("undecided"), reason: reason() }),
  ]);

const narrowAnswer = (parts: CompareParts, more: Shape) =>
  z.union([
    z.strictObject({
      ...more,
      result: z.literal("narrowed"),
      policy: parts.document,
      sha256: parts.sha256(),
      unchanged: z.boolean().meta({ description: "Whether the child was within all bounds: then the policy is the child." }),
      certificates: z.strictObject({
        child: parts.certificate,
        bounds: z.array(parts.certificate).meta({ description: "That the policy is within each bound, in their order." }),
        largest: parts.certificate.optional().meta({ description: "That nothing more could be kept. Absent: that is not proved." }),
      }),
      lost: diffAnswer(parts, {}).meta({ description: "How the narrowed policy differs from the child." }),
    }),
    z.strictObject({ ...more, result: z.literal("undecided"), reason: reason() }),
  ]);

/** Returns the schemas of these routes' bodies and answers; `narrowed` and `diffOf` are told with other names. */
export function createCompareSchemas(parts: CompareParts) {
  const mention = () => z.strictObject({ name: z.string(), version: z.string(), sha256: parts.sha256() });
  const policy = (description: string) => parts.policy.meta({ description });
  const diffOf = (named: z.ZodType) => diffAnswer(parts, { old: named, new: named });
  return {
    evaluateRequest: evaluateShape(policy("Whose decision is asked for."), requestSchema),
    evaluateResponse: z.strictObject({ policy: mention(), ...parts.evaluation.shape }),
    diffRequest: diffShape(policy),
    diffResponse: diffOf(mention()),
    narrowRequest: narrowShape(policy),
    narrowResponse: narrowAnswer(parts, { child: mention(), bounds: z.array(mention()) }),
    narrowed: narrowAnswer(parts, {}),
    diffOf,
  };
}
