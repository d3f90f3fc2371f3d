// Random `atmost/1` documents, pairs and chains of them for the property tests. Test code, not trusted.
import fc from "fast-check";
import type { JsonObject, LimitsDocument, PolicyDocument, RuleDocument } from "./documents.js";
import { type Edit, type NarrowKind, narrowings, narrowPolicy, type WidenKind, widenings, widenPolicy } from "./mutate.js";
import { ACTIONS, arbCondition, FIELDS, type Field, SMALL_ACTIONS, SMALL_FIELDS, TIMES } from "./predicates.js";

/** Two policies and how the lower one came about. `narrowed` is meant to be contained, `widened` mostly is not. */
export type PolicyPair = {
  readonly lower: PolicyDocument;
  readonly upper: PolicyDocument;
  readonly origin: "independent" | "narrowed" | "widened";
};

/** The four policies of a spawn check. */
export type PolicyChain = {
  readonly child: PolicyDocument;
  readonly delegable: PolicyDocument;
  readonly boundary: PolicyDocument;
  readonly max: PolicyDocument;
};

/** Bounds on what is generated; each has a default. `small` keeps to few atoms and short literals, for exhaustive tests. */
export type PolicyOptions = {
  readonly rulesMin?: number;
  readonly rulesMax?: number;
  readonly fieldsMax?: number;
  readonly small?: boolean;
};

// ---- rules and policies ----

type Vocabulary = { readonly condition: fc.Arbitrary<JsonObject>; readonly action: fc.Arbitrary<string | readonly string[]> };

function vocabularyOf(fields: readonly Field[], small: boolean): Vocabulary {
  if (small) return { condition: arbCondition(fields, 1, 1), action: fc.constantFrom(...SMALL_ACTIONS) };
  const action = fc.constantFrom(...ACTIONS);
  return {
    condition: arbCondition(fields, 2, 2),
    action: fc.oneof({ weight: 3, arbitrary: action }, { weight: 1, arbitrary: fc.array(action, { minLength: 1, maxLength: 3 }) }),
  };
}

function arbVocabulary(options: PolicyOptions): fc.Arbitrary<Vocabulary> {
  const small = options.small === true;
  const maxLength = options.fieldsMax ?? (small ? 2 : 5);
  return fc.subarray([...(small ? SMALL_FIELDS : FIELDS)], { minLength: 1, maxLength }).map((fields) => vocabularyOf(fields, small));
}

function arbRules({ condition, action }: Vocabulary, options: PolicyOptions): fc.Arbitrary<readonly RuleDocument[]> {
  const small = options.small === true;
  const rule = fc.record(
    {
      effect: fc.constantFrom<RuleDocument["effect"][]>("allow", "allow", "allow", "ask", "deny"),
      action,
      when: fc.oneof({ weight: 12, arbitrary: condition }, { weight: 1, arbitrary: fc.constant<JsonObject>({}) }),
      ...(small ? {} : { because: fc.constantFrom("", "it is seen outside", "a reason") }),
    },
    { noNullPrototype: true, requiredKeys: ["effect", "action"] },
  );
  const unless = fc.option(condition, { freq: 4, nil: undefined });
  return fc
    .array(fc.tuple(rule, unless), { minLength: options.rulesMin ?? 1, maxLength: options.rulesMax ?? (small ? 3 : 4) })
    .map((rules) =>
      rules.map(([body, exception], index) => ({
        id: `r${index + 1}`,
        ...body,
        ...(exception === undefined ? {} : { unless: exception }),
      })),
    );
}

function arbLimits(): fc.Arbitrary<LimitsDocument | undefined> {
  const count = fc.constantFrom<(number | "unlimited")[]>(0, 1, 2, 4, "unlimited");
  const spend = fc.constantFrom<JsonObject[]>({}, { USD: "25.00" }, { USD: "0.50", EUR: "3" }, { USD: "25" });
  const limits: fc.Arbitrary<LimitsDocument> = fc.record(
    { expires: fc.constantFrom(...TIMES), depth: count, children: count, spend },
    { requiredKeys: [], noNullPrototype: true },
  );
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: limits });
}

function arbDocument(vocabulary: Vocabulary, options: PolicyOptions): fc.Arbitrary<PolicyDocument> {
  const rules = arbRules(vocabulary, options);
  const handed = arbRules(vocabulary, { ...options, rulesMin: 0, rulesMax: 2 }).map((list) => ({ rules: list }));
  const delegation =
    options.small === true
      ? fc.constant(undefined)
      : fc.option(fc.oneof(fc.constantFrom("none" as const, "all" as const), handed), { freq: 2, nil: undefined });
  const limits = options.small === true ? fc.constant(undefined) : arbLimits();
  return fc.tuple(rules, delegation, limits, fc.boolean()).map(([list, handOn, bounds, deeper]) => {
    // A policy that hands something on can mostly do so: without depth its view would permit nothing.
    const depth = handOn !== undefined && deeper ? { depth: 2 } : {};
    const all = bounds === undefined && handOn === undefined ? undefined : { ...bounds, ...depth };
    return {
      language: "atmost/1",
      name: "generated",
      version: "1",
      rules: list,
      ...(handOn === undefined ? {} : { delegation: handOn }),
      ...(all === undefined ? {} : { limits: all }),
    };
  });
}

function arbEdits<Kind>(vocabulary: Vocabulary, kinds: readonly Kind[], max: number): fc.Arbitrary<readonly Edit<Kind>[]> {
  const edit = fc.record(
    { kind: fc.constantFrom(...kinds), pick: fc.nat(9_999), condition: vocabulary.condition, action: vocabulary.action },
    { noNullPrototype: true },
  );
  return fc.array(edit, { minLength: 1, maxLength: max });
}

const narrowAll = (policy: PolicyDocument, edits: readonly Edit<NarrowKind>[]) => edits.reduce(narrowPolicy, policy);
const widenAll = (policy: PolicyDocument, edits: readonly Edit<WidenKind>[]) => edits.reduce(widenPolicy, policy);

// ---- what the tests use ----

/** Random policies: 1–4 rules over up to five fields unless the options say otherwise. */
export function arbPolicy(options: PolicyOptions = {}): fc.Arbitrary<PolicyDocument> {
  return arbVocabulary(options).chain((vocabulary) => arbDocument(vocabulary, options));
}

/** Random conditions over up to five fields, two combinators deep. */
export function arbAnyCondition(options: PolicyOptions = {}): fc.Arbitrary<JsonObject> {
  return arbVocabulary(options).chain(({ condition }) => condition);
}

/** Random pairs over one vocabulary: independent, the lower narrowed from the upper, or widened. About half are contained. */
export function arbPair(options: PolicyOptions = {}): fc.Arbitrary<PolicyPair> {
  return arbVocabulary(options).chain((vocabulary) => {
    const document = arbDocument(vocabulary, options);
    const narrow = arbEdits(vocabulary, options.small === true ? narrowings.filter((kind) => kind !== "narrow_limits") : narrowings, 3);
    const widen = arbEdits(vocabulary, options.small === true ? widenings.filter((kind) => kind !== "widen_limits") : widenings, 2);
    const independent = fc.tuple(document, document).map(([lower, upper]): PolicyPair => ({ lower, upper, origin: "independent" }));
    const narrowed = fc
      .tuple(document, narrow)
      .map(([upper, edits]): PolicyPair => ({ lower: narrowAll(upper, edits), upper, origin: "narrowed" }));
    const widened = fc
      .tuple(document, widen)
      .map(([upper, edits]): PolicyPair => ({ lower: widenAll(upper, edits), upper, origin: "widened" }));
    const swapped = fc
      .tuple(document, narrow)
      .map(([lower, edits]): PolicyPair => ({ lower, upper: narrowAll(lower, edits), origin: "widened" }));
    return fc.oneof(
      { weight: 3, arbitrary: narrowed },
      { weight: 4, arbitrary: independent },
      { weight: 3, arbitrary: widened },
      { weight: 3, arbitrary: swapped },
    );
  });
}

/** Random pairs with 1–3 rules, at most two fields, one atom a leaf and short literals, for exhaustive tests. No limits, no delegation. */
export function arbSmallPair(): fc.Arbitrary<PolicyPair> {
  return arbPair({ small: true });
}

/** Random chains of four, each policy mostly narrowed from the one above, with depths that mostly fall by one. */
export function arbChain(options: PolicyOptions = {}): fc.Arbitrary<PolicyChain> {
  return arbVocabulary(options).chain((vocabulary) => {
    const edits = fc.tuple(
      fc.constantFrom("narrow", "narrow", "narrow", "narrow", "same", "widen"),
      arbEdits(vocabulary, narrowings, 2),
      arbEdits(vocabulary, widenings, 1),
    );
    const falling = fc.constantFrom(true, true, true, true, false);
    return fc.tuple(arbDocument(vocabulary, options), edits, edits, edits, falling).map(([top, one, two, three, isFalling]) => {
      const below = (policy: PolicyDocument, [mode, narrow, widen]: typeof one): PolicyDocument =>
        mode === "narrow" ? narrowAll(policy, narrow) : mode === "widen" ? widenAll(policy, widen) : policy;
      const named = (policy: PolicyDocument, name: string, depth: number): PolicyDocument =>
        isFalling ? { ...policy, name, limits: { ...policy.limits, depth } } : { ...policy, name };
      const boundary = below(top, one);
      const delegable = below(boundary, two);
      return {
        max: named(top, "max", 3),
        boundary: named(boundary, "boundary", 2),
        delegable: named(delegable, "delegable", 1),
        child: named(below(delegable, three), "child", 0),
      };
    });
  });
}
