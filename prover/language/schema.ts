// The zod schemas of policies and requests: they explain what is wrong with a document, and the published JSON Schemas and the OpenAPI
// document are generated from them. Not trusted: what a policy means is what the kernel loads.

import * as z from "zod";
import { nameUnitsMax, patternsMax, rulesMax } from "./bounds.js";
import { type Finding, findAmount, findField, findNumber, findPattern, findTime, type PatternKind } from "./checks.js";

/** What the message of an `unrecognized_keys` issue starts with; the keys that are known follow, with `, ` between them. */
export const knownKeysMark = "known keys: ";

/** Returns an object schema that refuses unknown keys, and tells `problemsOf` which ones it knows. */
export function strictShape<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = knownKeysMark + Object.keys(shape).join(", ");
  const error = (issue: { readonly code?: string | undefined }) => (issue.code === "unrecognized_keys" ? known : undefined);
  return z.strictObject(shape, { error });
}

type Check<T> = (value: T, context: z.core.$RefinementCtx<T>) => void;

const report = <T>(context: z.core.$RefinementCtx<T>, found: Finding | undefined, path: readonly (string | number)[] = []): void => {
  if (found !== undefined) context.addIssue({ code: "custom", message: found.expected, params: found, path: [...path] });
};
const literal =
  <T>(find: (value: T) => Finding | undefined): Check<T> =>
  (value, context) =>
    report(context, find(value));

const text = () => z.string();
const someText = (description: string) => z.string().min(1).meta({ description });
const nameText = (description: string) => z.string().min(1).max(nameUnitsMax).meta({ description });
const number = () => z.number().superRefine(literal(findNumber));
const scalar = () => z.union([text(), number(), z.boolean(), z.null()]);
const time = (description: string) =>
  text()
    .superRefine(literal(findTime))
    .meta({
      description: `${description}; RFC 3339, to the millisecond at most`,
      pattern: "^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3}0*)?([Zz]|[+-]\\d{2}:\\d{2})$",
    });
const patterns = (kind: PatternKind, description: string) => {
  const pattern = text().superRefine(literal((value) => findPattern(kind, value)));
  return z
    .union([pattern, z.array(pattern).max(patternsMax)])
    .optional()
    .meta({ description: `${description}. One pattern, or a list of which any matches` });
};

// A check that sees the whole value even where parts of it are wrong, so that every problem is told at once.
const always = { when: () => true };
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const notEmpty =
  (what: string): Check<unknown> =>
  (value, context) => {
    if (isRecord(value) && Object.keys(value).length === 0) report(context, { code: "empty", expected: what });
  };

// SOURCE: language.md section 3, "Fields". JSON Schema can not look into escapes; the parser can.
const fieldStep = '[^.\\[\\]]+|\\["(?:[^"\\\\]|\\\\.)*"\\]';
const fieldPattern = `(?:${fieldStep})(?:\\.[^.\\[\\]]+|\\["(?:[^"\\\\]|\\\\.)*"\\])*$`;

const predicateShape = () => ({
  eq: scalar().optional().meta({ description: "equal to this scalar" }),
  in: z.array(scalar()).optional().meta({ description: "equal to one of these scalars" }),
  prefix: patterns("prefix", "a string that starts so"),
  suffix: patterns("suffix", "a string that ends so"),
  contains: patterns("contains", "a string that holds this"),
  glob: patterns("glob", "a string: `*` any run, `?` one character, `\\` escapes"),
  matches: patterns("matches", "a string: a regular expression of the RE2 kind, matching all of it"),
  path: patterns("path", "a canonical absolute path, by segments; `**` is zero or more of them"),
  host: patterns("host", "a canonical host name, by labels; `**` is zero or more of them"),
  route: patterns("route", "a canonical path of a URL, by segments; `**` is zero or more of them"),
  url: patterns("url", "a canonical URL: scheme://host[:port]/route[?query]"),
  cidr: patterns("cidr", "a canonical IP address in this block"),
  lt: number().optional().meta({ description: "a number less than this" }),
  lte: number().optional().meta({ description: "a number at most this" }),
  gt: number().optional().meta({ description: "a number greater than this" }),
  gte: number().optional().meta({ description: "a number at least this" }),
  before: time("epoch milliseconds before this").optional(),
  after: time("epoch milliseconds at or after this").optional(),
  each: z.lazy(elements).optional().meta({ description: "an array of which every element is such" }),
  some: z.lazy(elements).optional().meta({ description: "an array of which an element is such" }),
  keys: strictShape({
    only: z.array(text()).optional().meta({ description: "no other keys than these" }),
    has: z.array(text()).optional().meta({ description: "all of these keys" }),
  })
    .superRefine(notEmpty("`only` or `has`"), always)
    .meta({ minProperties: 1, description: "an object, by its own keys" })
    .optional(),
  present: z.boolean().optional().meta({ description: "whether the field is there" }),
});

/** The predicates of one field. */
export const predicatesSchema = strictShape(predicateShape())
  .superRefine(notEmpty("at least one predicate"), always)
  .meta({ id: "Predicates", minProperties: 1, description: "Predicates of one field, all required." });

function conditionOf(id: string, element: boolean, description: string): z.ZodType {
  const self = (): z.ZodType => (element ? elementConditionSchema : conditionSchema);
  const names = element ? "" : '(?!action(?:$|[.\\[])|\\["action"\\])';
  return z
    .object({
      all: z
        .lazy(() => z.array(self()))
        .optional()
        .meta({ description: "All of these; of nothing, true." }),
      any: z
        .lazy(() => z.array(self()))
        .optional()
        .meta({ description: "One of these; of nothing, false." }),
      not: z.lazy(self).optional().meta({ description: "Not this." }),
    })
    .catchall(predicatesSchema)
    .superRefine((value: unknown, context) => {
      if (!isRecord(value)) return;
      for (const key of Object.keys(value))
        if (key !== "all" && key !== "any" && key !== "not") report(context, findField(key, element), [key]);
    }, always)
    .meta({ id, description, propertyNames: { pattern: `^${names}${fieldPattern}` } });
}

/** A condition on a request. */
export const conditionSchema: z.ZodType = conditionOf("Condition", false, "Fields and their predicates, all required.");
/** A condition on an element of an array, where `action` is a field like any other. */
export const elementConditionSchema: z.ZodType = conditionOf(
  "ElementCondition",
  true,
  "Fields of an array's element and their predicates, all required.",
);

const checkElements: Check<unknown> = (value, context) => {
  if (isRecord(value) && value["where"] !== undefined && Object.keys(value).length > 1)
    report(context, { code: "where_not_alone", expected: "`where` alone, with the predicates inside its condition" });
};

// What `each` and `some` ask of the elements: predicates of the element itself, or a condition on its fields.
function elements(): z.ZodType {
  return elementsSchema;
}
const elementsSchema: z.ZodType = strictShape({
  where: elementConditionSchema.optional().meta({ description: "Stands alone: fields of the element." }),
  ...predicateShape(),
})
  .superRefine(notEmpty("at least one predicate, or `where`"), always)
  .superRefine(checkElements, always)
  .meta({
    id: "Elements",
    minProperties: 1,
    if: { required: ["where"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { maxProperties: 1 },
    description: "Predicates of the elements, all required, or a condition on their fields.",
  });

const actionPattern = () => text().superRefine(literal((value) => findPattern("action", value)));

const checkReviewers: Check<unknown> = (value, context) => {
  if (isRecord(value) && value["reviewers"] !== undefined && value["effect"] !== "ask")
    report(context, { code: "reviewers_without_ask", expected: "`reviewers` on a rule whose effect is `ask` only" }, ["reviewers"]);
};

/** One rule. */
export const ruleSchema = strictShape({
  id: someText("Unique in its list."),
  effect: z.enum(["allow", "ask", "deny"]),
  action: z
    .union([actionPattern(), z.array(actionPattern()).min(1).max(patternsMax)])
    .meta({ description: "A pattern of actions by segments between `:`, or a list of which any matches." }),
  when: conditionSchema.optional().meta({ description: "Absent: always." }),
  unless: conditionSchema.optional().meta({ description: "The rule holds where `when` does and this does not." }),
  because: text().optional().meta({ description: "Shown to people." }),
  reviewers: z.array(text().min(1)).optional().meta({ description: "On `ask`: who may approve." }),
  modify: z.never().optional().meta({ description: "Not supported yet." }),
})
  .superRefine(checkReviewers, always)
  .meta({ id: "Rule", if: { properties: { effect: { const: "ask" } } }, else: { properties: { reviewers: false } } });

const checkIds: Check<unknown> = (value, context) => {
  if (!Array.isArray(value)) return;
  const seen = new Set<string>();
  for (const [index, rule] of value.entries()) {
    const id: unknown = isRecord(rule) ? rule["id"] : undefined;
    if (typeof id !== "string") continue;
    if (seen.has(id)) report(context, { code: "duplicate_id", expected: "an id that no other rule of its list has" }, [index, "id"]);
    seen.add(id);
  }
};

const rules = (description: string) => z.array(ruleSchema).max(rulesMax).superRefine(checkIds, always).meta({ description });
const count = (description: string) =>
  z
    .union([z.int().min(0), z.literal("unlimited")])
    .optional()
    .meta({ description });

const limitsSchema = strictShape({
  expires: time("The policy denies every request whose `context.time` is not before this").optional(),
  depth: count("Further generations that may be spawned below. Absent: 0."),
  children: count("Live children at one time. Absent: 0."),
  spend: z
    .union([
      z.record(
        text().regex(/^[A-Z][A-Z0-9]{0,15}$/),
        text().superRefine(literal(findAmount)).meta({ pattern: "^(?:unlimited|(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?)$" }),
      ),
      z.literal("unlimited"),
    ])
    .optional()
    .meta({ description: "Per currency, an exact decimal as a string, or `unlimited`. Absent: 0." }),
}).meta({ id: "Limits" });

/** A policy document of the language `atmost/1`. */
export const policySchema: z.ZodType = strictShape({
  $schema: text().optional().meta({ description: "For editors; ignored." }),
  language: z.literal("atmost/1"),
  name: nameText("The name of the policy."),
  version: nameText("The version of the policy."),
  description: text().optional(),
  template: strictShape({ name: someText("Of the template."), version: someText("Of the template.") })
    .optional()
    .meta({
      description: "The template that the policy was made from, for people and for the audit trail.",
    }),
  rules: rules("A request is allowed or asked for only by these; the order never matters."),
  delegation: z
    .union([z.literal("none"), z.literal("all"), strictShape({ rules: rules("In this same language.") })])
    .optional()
    .meta({ description: "What of this authority may be handed on. Absent: none." }),
  limits: limitsSchema.optional(),
});

/** A request: an object of any shape. One without a well-formed action is no error: every policy denies it. */
export const requestSchema = z.looseObject({
  action: z.unknown().optional().meta({
    description:
      "One or more segments that are not empty, joined by `:`, without control characters. A request without such an action is denied.",
  }),
  context: z.unknown().optional().meta({
    description: "Filled in by the service, never by the agent; `time` is epoch milliseconds.",
  }),
});
