// Random predicates and conditions. Literals come from small pools that overlap on purpose, so that containment is neither always true nor
// always false. Test code, not trusted.
import fc from "fast-check";
import type { Json, JsonObject } from "./documents.js";

/** The names of every predicate of section 4 of the language. */
export const predicateNames: readonly string[] =
  "eq in prefix suffix contains glob matches path host route url cidr lt lte gt gte before after each some keys present".split(" ");

type Entry = readonly [string, Json];
/** A field, and the predicates that are generated on it. */
export type Field = { readonly name: string; readonly entries: readonly fc.Arbitrary<Entry>[] };

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
/** Times that limits and conditions speak about. */
export const TIMES = [
  "2026-11-20T00:00:00Z",
  "2026-11-20T00:00:00.001Z",
  "2026-11-20T01:00:00+01:00",
  "2026-11-19T23:59:59.999Z",
  "2026-11-19T23:59:59Z",
  "2026-11-20T00:00:01Z",
];
const INSTANTS = [1795132800000, 1795132799999, 1795132800001, 1795132801000];
/** The patterns of actions of the generated policies. */
export const ACTIONS = "** fs:* fs:** fs:read fs:write f*:read *:read fs:r* fs:?ead **:b fs:**:b net:http n?t:** x x:** **:r*:**".split(
  " ",
);
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
export function arbCondition(fields: readonly Field[], depth: number, max: number): fc.Arbitrary<JsonObject> {
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

/** The fields of the generated policies. */
export const FIELDS: readonly Field[] = [
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
/** Fields with few atoms and short literals. */
export const SMALL_FIELDS: readonly Field[] = [
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
/** The patterns of actions that go with them. */
export const SMALL_ACTIONS = ["**", "fs:*", "fs:read", "fs:**"];
