// Random `atmost/1` documents, pairs and chains of them for the property tests. Literals come from small pools that overlap on
// purpose, so that containment is neither always true nor always false. Test code, not trusted.
import fc from "fast-check";
import { type Edit, type NarrowKind, narrowings, narrowPolicy, type WidenKind, widenings, widenPolicy } from "./mutate.js";

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** One rule of a policy, as plain JSON. */
export type RuleDocument = {
  readonly id: string;
  readonly effect: "allow" | "ask" | "deny";
  readonly action: string | readonly string[];
  readonly when?: JsonObject;
  readonly unless?: JsonObject;
  readonly because?: string;
};

/** The limits of a policy, as plain JSON. */
export type LimitsDocument = {
  readonly expires?: string;
  readonly depth?: number | "unlimited";
  readonly children?: number | "unlimited";
  readonly spend?: JsonObject;
};

/** A policy document of `atmost/1`, as plain JSON. */
export type PolicyDocument = {
  readonly language: "atmost/1";
  readonly name: string;
  readonly version: string;
  readonly rules: readonly RuleDocument[];
  readonly delegation?: "none" | "all" | { readonly rules: readonly RuleDocument[] };
  readonly limits?: LimitsDocument;
};

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

/** The names of every predicate of section 4 of the language. */
export const predicateNames: readonly string[] =
  "eq in prefix suffix contains glob matches path host route url cidr lt lte gt gte before after each some keys present".split(" ");

type Entry = readonly [string, Json];
type Field = { readonly name: string; readonly entries: readonly fc.Arbitrary<Entry>[] };

// ---- literal pools ----

const LETTERS = ["a", "b", "é", "\u{1F600}", "", "*"];
const NUMBERS = [-1, 0, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const PATHS = ["/", "/w", "/w/a", "/w/b", "/w/a/b", "/w/a/b/c", "/w/.env", "/a", "/w/é"];
const PATH_PATTERNS = [..."/** /w/** /w/* /w/a/** /w/**/b /w/? /**/.env* /w/a* /*/a /**/a/** /w/\\* /w/*/b".split(" "), ...PATHS];
const HOSTS = ["example.com", "a.example.com", "b.example.com", "a.b.example.com", "10.0.0.1"];
const HOST_PATTERNS = [..."** *.example.com **.example.com a*.example.com ?.example.com a.** *.*.com **.b.**".split(" "), ...HOSTS];
const ROUTES = ["/", "/a", "/a/", "/a/b", "/b", "/a/b/", "/%C3%A9"];
const ROUTE_PATTERNS = [..."/** /a/** /a/* /*/b /a? /**/b/ /a/**/b /* /**/ /a*/**".split(" "), ...ROUTES];
const URLS = ["https://example.com/", "https://a.example.com/a", "http://a.example.com/a/", "https://a.example.com:8443/a/b?q=a"];
const URL_PATTERNS = [
  ...(
    "https://**.example.com/** https://a.example.com/a/** *://example.com/* https://*.example.com:8443/a/** *://**:*/** " +
    "https://a.example.com:*/** https://a.example.com/a?q=* https://a.example.com/**?* wss://b.example.com/** http://a*.example.com/a*"
  ).split(" "),
  ...URLS,
];
const BLOCKS =
  "10.0.0.0/8 10.0.0.0/16 10.0.1.0/24 10.0.0.1/32 10.128.0.0/9 0.0.0.0/0 ::/0 2001:db8::/32 2001:db8::/33 2001:db8:0:1::/64 ::1/128 ::/127".split(
    " ",
  );
const ADDRESSES = ["10.0.0.1", "10.0.1.255", "11.0.0.0", "::", "::1", "2001:db8::1"];
const TIMES = [
  "2026-11-20T00:00:00Z",
  "2026-11-20T00:00:00.001Z",
  "2026-11-20T01:00:00+01:00",
  "2026-11-19T23:59:59.999Z",
  "2026-11-19T23:59:59Z",
  "2026-11-20T00:00:01Z",
];
const INSTANTS = [1795132800000, 1795132799999, 1795132800001, 1795132801000];
const ACTIONS = "** fs:* fs:** fs:read fs:write f*:read *:read fs:r* fs:?ead **:b fs:**:b net:http n?t:** x x:** **:r*:**".split(" ");
const KEYS = ["a", "b", "path", "n", "x", ""];
const SCALARS: readonly Json[] = [null, true, false, 0, 1, 0.5, "", "a", "ab", "1"];

// ---- predicates ----

function oneOrMore(item: fc.Arbitrary<string>): fc.Arbitrary<Json> {
  return fc.oneof(
    { weight: 12, arbitrary: item },
    { weight: 6, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant<Json>([]) },
  );
}

const named = (name: string, argument: fc.Arbitrary<Json>): fc.Arbitrary<Entry> => argument.map((value): Entry => [name, value]);

const arbWord = fc.array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 3 }).map((letters) => letters.join(""));
const arbGlob = fc
  .array(fc.constantFrom("a", "b", "é", "\u{1F600}", "*", "?", "\\*", "*"), { minLength: 0, maxLength: 4 })
  .map((tokens) => tokens.join(""));

function arbRegex(depth: number): fc.Arbitrary<string> {
  const atom = fc.constantFrom("a", "b", "é", "\u{1F600}", ".", "\\d", "\\w", "\\s", "\\S", "[ab]", "[^a]", "[a-cé]", "\\*", "\\x61");
  const sign = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?");
  const group =
    depth === 0
      ? atom
      : fc.oneof(
          atom,
          arbRegex(depth - 1).map((inner) => `(?:${inner})`),
        );
  const piece = fc.tuple(group, sign).map((parts) => parts.join(""));
  const sequence = fc.array(piece, { minLength: 0, maxLength: 3 }).map((pieces) => pieces.join(""));
  return fc.oneof(
    { weight: 4, arbitrary: sequence },
    { weight: 2, arbitrary: fc.tuple(sequence, sequence).map((parts) => parts.join("|")) },
    { weight: 1, arbitrary: sequence.map((inner) => `^${inner}$`) },
  );
}

function equalities(pool: readonly Json[]): readonly fc.Arbitrary<Entry>[] {
  const literal = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...pool) }, { weight: 1, arbitrary: fc.constantFrom(...SCALARS) });
  return [named("eq", literal), named("in", fc.array(literal, { minLength: 0, maxLength: 4 }))];
}

const pooled = (name: string, pool: readonly string[]) => named(name, oneOrMore(fc.constantFrom(...pool)));
const arbPresent = named("present", fc.boolean());
const arbText: readonly fc.Arbitrary<Entry>[] = [
  ...["prefix", "suffix", "contains"].map((name) => named(name, oneOrMore(arbWord))),
  named("glob", oneOrMore(arbGlob)),
  named("matches", oneOrMore(arbRegex(1))),
  ...equalities(["", "a", "b", "ab", "aé", "\u{1F600}", "*"]),
];
const arbNumber: readonly fc.Arbitrary<Entry>[] = [
  ...["lt", "lte", "gt", "gte"].map((name) => named(name, fc.constantFrom(...NUMBERS))),
  ...equalities(NUMBERS),
];
const arbTime: readonly fc.Arbitrary<Entry>[] = [
  ...["before", "after"].map((name) => named(name, fc.constantFrom(...TIMES))),
  named("lt", fc.constantFrom(...INSTANTS)),
  named("eq", fc.constantFrom(...INSTANTS)),
];
const arbPath = [pooled("path", PATH_PATTERNS), pooled("path", PATH_PATTERNS), ...equalities(PATHS), arbPresent];
const arbHost = [pooled("host", HOST_PATTERNS), pooled("host", HOST_PATTERNS), ...equalities(HOSTS)];
const arbRoute = [pooled("route", ROUTE_PATTERNS), pooled("route", ROUTE_PATTERNS), ...equalities(ROUTES)];
const arbUrl = [pooled("url", URL_PATTERNS), pooled("url", URL_PATTERNS), ...equalities(URLS)];
const arbCidr = [pooled("cidr", BLOCKS), pooled("cidr", BLOCKS), ...equalities(ADDRESSES), arbPresent];
const arbKeys: fc.Arbitrary<Entry> = named(
  "keys",
  fc
    .tuple(fc.constantFrom("only", "has", "both"), fc.subarray(KEYS), fc.subarray(KEYS, { maxLength: 2 }))
    .map(([which, only, has]): Json => (which === "only" ? { only } : which === "has" ? { has } : { only, has })),
);

function predicatesOf(entries: readonly fc.Arbitrary<Entry>[], max: number): fc.Arbitrary<JsonObject> {
  const several = fc.uniqueArray(fc.oneof(...entries), { minLength: 1, maxLength: max, selector: ([name]) => name });
  return several.map((list) => Object.fromEntries(list));
}

function arbElements(depth: number): readonly fc.Arbitrary<Entry>[] {
  const flat = [arbText, arbNumber, arbPath, arbTime].map((entries) =>
    predicatesOf(
      entries.filter((entry) => entry !== arbPresent),
      2,
    ),
  );
  const where = arbCondition(
    [
      { name: "p", entries: arbPath },
      { name: "n", entries: arbNumber },
      { name: "q.r", entries: arbText },
    ],
    1,
    2,
  ).map((condition): JsonObject => ({ where: condition }));
  const nested = depth === 0 ? [] : arbElements(depth - 1).map((entry) => predicatesOf([entry], 1));
  const inner = fc.oneof(...flat, where, where, ...nested);
  return [named("each", inner), named("some", inner)];
}

/** A condition over the given fields, `depth` combinators deep, with at most `max` fields a leaf and predicates a field. */
function arbCondition(fields: readonly Field[], depth: number, max: number): fc.Arbitrary<JsonObject> {
  const leaf = fc
    .uniqueArray(fc.oneof(...fields.map(({ name, entries }) => predicatesOf(entries, max).map((list): Entry => [name, list]))), {
      minLength: 1,
      maxLength: max,
      selector: ([name]) => name,
    })
    .map((list): JsonObject => Object.fromEntries(list));
  if (depth === 0) return leaf;
  const inner = arbCondition(fields, depth - 1, max);
  const several = fc.array(inner, { minLength: 0, maxLength: 3 });
  return fc.oneof(
    { weight: 12, arbitrary: leaf },
    { weight: 2, arbitrary: several.map((all) => ({ all })) },
    { weight: 3, arbitrary: several.map((any) => ({ any })) },
    { weight: 3, arbitrary: inner.map((not) => ({ not })) },
    { weight: 1, arbitrary: fc.tuple(leaf, inner, several).map(([own, not, any]) => ({ ...own, not, any })) },
  );
}

const FIELDS: readonly Field[] = [
  { name: "args", entries: [arbKeys, arbKeys, arbPresent, ...equalities(SCALARS)] },
  { name: "args.path", entries: arbPath },
  { name: "args.path.x", entries: [...equalities(SCALARS), arbPresent, ...arbNumber] },
  { name: "args.n", entries: arbNumber },
  { name: "args.s", entries: arbText },
  { name: 'args["a.b"]', entries: arbText },
  { name: "args.url", entries: arbUrl },
  { name: "net.host", entries: arbHost },
  { name: "net.route", entries: arbRoute },
  { name: "net.ip", entries: arbCidr },
  { name: "context.time", entries: arbTime },
  { name: "items", entries: arbElements(1) },
  { name: '["all"]', entries: [...equalities(SCALARS), arbPresent] },
  { name: "odd", entries: [...arbText, ...arbNumber, arbKeys, arbPresent, pooled("path", PATH_PATTERNS), ...arbElements(0)] },
];

/** Values that the generated policies speak about, by field: the pool of requests that know no policy. */
export const fieldValues: readonly (readonly [string, readonly Json[]])[] = [
  ["args", SCALARS],
  ["args.path", [...PATHS, "/w/", "/w/../a", "x", null, ["/w/a"]]],
  ["args.path.x", [...SCALARS, ...NUMBERS]],
  ["args.n", [...NUMBERS, -0, 1e21, "1"]],
  ["args.s", ["", "a", "b", "ab", "aéb", "*", "\u{1F600}", "\ud83d", ["a"]]],
  ['args["a.b"]', ["", "a", "ba", "é", { a: 1 }]],
  ["args.url", [...URLS, "https://EXAMPLE.com/", "https://a.example.com"]],
  ["net.host", [...HOSTS, "Example.com", "example.com.", "1"]],
  ["net.route", [...ROUTES, "//", "/%2f"]],
  ["net.ip", [...ADDRESSES, "::ffff:1.2.3.4", "010.0.0.1"]],
  ["context.time", INSTANTS],
  ["items", [[], ["a", "ab"], [1, 2], [0.5], ["/w/a", "/a"], [{ p: "/w/a", n: 1 }], [{ q: { r: "a" } }, null], [["a"]]]],
  ['["all"]', SCALARS],
  ["odd", [...SCALARS, ...NUMBERS, ...PATHS, [], ["a"], [0], { a: 1 }]],
];

/** Actions that the generated patterns speak about. */
export const actionValues: readonly string[] = "fs:read fs:write fs net:http x x:b fs:a:b net x:r:a".split(" ");

// ---- few atoms, short literals ----

const SMALL_WORDS = ["a", "b", "ab", "é", "a*"];
const smallEq = (pool: readonly Json[]) => [
  named("eq", fc.constantFrom(...pool)),
  named("in", fc.subarray([...pool], { maxLength: Math.min(2, pool.length) })),
];
const smallPooled = (name: string, pool: readonly string[]) => named(name, fc.constantFrom(...pool));
const smallText = [
  ...["prefix", "suffix", "contains", "glob"].map((name) => smallPooled(name, SMALL_WORDS)),
  smallPooled("matches", ["a*", "a|b", "[^a]", "(?:ab)+", "a.", "é?"]),
  ...smallEq(["a", "ab", ""]),
];
const smallNumber = [...["lt", "lte", "gt", "gte"].map((name) => named(name, fc.constantFrom(0, 0.5, 1, 2))), ...smallEq([0, 1])];
const smallPath = [smallPooled("path", ["/**", "/w/**", "/w/*", "/w/a", "/*/a", "/**/a"]), ...smallEq(["/w/a", "/w"])];
const smallElements: readonly fc.Arbitrary<Entry>[] = ["each", "some"].flatMap((name) => [
  named(name, fc.oneof(predicatesOf(smallText, 1), predicatesOf(smallNumber, 1), predicatesOf(smallPath, 1))),
  named(
    name,
    arbCondition(
      [
        { name: "n", entries: smallNumber },
        { name: "p", entries: smallPath },
      ],
      1,
      1,
    ).map((where) => ({ where })),
  ),
]);
const SMALL_FIELDS: readonly Field[] = [
  { name: "s", entries: smallText },
  { name: "n", entries: smallNumber },
  { name: "p", entries: smallPath },
  { name: "p.x", entries: [...smallNumber, arbPresent] },
  { name: "h", entries: [smallPooled("host", ["**.b", "*.b", "a.b", "**"]), ...smallEq(["a.b"])] },
  { name: "r", entries: [smallPooled("route", ["/a/**", "/a", "/a/", "/*"]), ...smallEq(["/a/"])] },
  { name: "u", entries: [smallPooled("url", ["https://**.b/**", "*://a.b/a?*", "https://a.b:*/a"]), ...smallEq(["https://a.b/a"])] },
  { name: "ip", entries: [smallPooled("cidr", ["10.0.0.0/8", "10.0.0.0/16", "10.0.0.1/32", "::/0", "::1/128"]), ...smallEq(["::1"])] },
  { name: "t", entries: ["before", "after"].map((name) => smallPooled(name, TIMES)) },
  { name: "i", entries: smallElements },
  { name: "o", entries: [named("keys", fc.constantFrom<Json[]>({ only: ["x"] }, { has: ["x"] }, { only: [] })), arbPresent] },
  { name: "o.x", entries: [...smallNumber, arbPresent] },
];
const SMALL_ACTIONS = ["**", "fs:*", "fs:read", "fs:**"];

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
