// Pairs that are hard on purpose. Benchmark code, not trusted.

import type { Json } from "../../prover/index.js";
import { randomFrom } from "../generators/seed.js";

/** A pair, and the answer it must not contradict. */
export type HardCase = {
  readonly family: string;
  readonly name: string;
  readonly lower: string;
  readonly upper: string;
  readonly expected: "contained" | "exceeds";
};

type Rule = readonly ["allow" | "deny", Json];

const textOf = (name: string, rules: readonly Rule[]): string =>
  JSON.stringify({
    language: "atmost/1",
    name,
    version: "1",
    rules: rules.map(([effect, when], i) => ({ id: `r${i}`, effect, action: "x", when })),
  });

const hard = (family: string, name: string, expected: HardCase["expected"], lower: readonly Rule[], upper: readonly Rule[]): HardCase => ({
  family,
  name,
  expected,
  lower: textOf("lower", lower),
  upper: textOf("upper", upper),
});

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const WORDS = [
  "alpha",
  "bravo",
  "cargo",
  "delta",
  "ember",
  "fjord",
  "gamma",
  "hotel",
  "index",
  "joker",
  "karma",
  "limbo",
  "mango",
  "ninja",
  "ocean",
  "piano",
];

function infixGlobs(): readonly HardCase[] {
  const family = "16 free infix globs";
  const infix = (word: string) => ({ s: { glob: `*${word}*` } });
  const every: Json = { all: WORDS.map(infix) };
  const shorter: Json = { all: WORDS.map((word) => infix(word.slice(1))) };
  const order = (a: string, b: string) => ({ s: { glob: `*${a}*${b}*` } });
  return [
    hard(family, "each contains a shorter one", "contained", [["allow", every]], [["allow", shorter]]),
    hard(
      family,
      "two in either order cover all 16",
      "contained",
      [["allow", every]],
      [
        ["allow", order("alpha", "bravo")],
        ["allow", order("bravo", "alpha")],
      ],
    ),
    hard(
      family,
      "a deny of all 16 at once",
      "exceeds",
      [["allow", infix("alpha")]],
      [
        ["allow", infix("alpha")],
        ["deny", every],
      ],
    ),
    hard(
      family,
      "8 wanted, 8 denied",
      "exceeds",
      [["allow", { all: WORDS.slice(0, 8).map(infix) }]],
      [["allow", infix("alpha")], ...WORDS.slice(8).map((word): Rule => ["deny", infix(word)])],
    ),
    hard(
      family,
      "one list of 16 against one of 15",
      "exceeds",
      [["allow", { s: { glob: WORDS.map((word) => `*${word}*`) } }]],
      [["allow", { s: { glob: WORDS.slice(1).map((word) => `*${word}*`) } }]],
    ),
    hard(
      family,
      "16 rules, each below its own",
      "contained",
      WORDS.map((word): Rule => ["allow", infix(word)]),
      [...WORDS.map((word): Rule => ["allow", infix(word.slice(0, 4))])],
    ),
  ];
}

function overlappingBlocks(random: () => number): readonly HardCase[] {
  const family = "64 overlapping CIDR blocks";
  // Blocks of 10.0.0.0/10 .. /17 that lie over one another, and cover 10.0.0.0/10 together.
  const blocks = range(64).map((i) => {
    const length = 10 + (i % 8);
    const size = 2 ** (32 - length);
    const at = Math.floor((random() * 2 ** 22) / size) * size;
    return `10.${Math.floor(at / 65_536)}.${Math.floor(at / 256) % 256}.${at % 256}/${length}`;
  });
  const slices = range(64).map((i) => `10.${i}.0.0/16`);
  const halves = slices.flatMap((block, i) => (i === 37 ? ["10.37.0.0/17"] : [block]));
  const cidr = (block: string): Rule => ["allow", { ip: { cidr: block } }];
  return [
    hard(family, "64 blocks in 64 slices together", "contained", [["allow", { ip: { cidr: "10.0.0.0/10" } }]], slices.map(cidr)),
    hard(family, "64 overlapping blocks in 64 slices", "contained", blocks.map(cidr), slices.map(cidr)),
    hard(family, "half of one slice is missing", "exceeds", blocks.map(cidr), halves.map(cidr)),
    hard(family, "64 denied in the midst of 64", "exceeds", slices.map(cidr), [
      ...slices.map(cidr),
      ...range(64).map((i): Rule => ["deny", { ip: { cidr: `10.${i}.${(i * 4) % 256}.0/24` } }]),
    ]),
  ];
}

function longLists(random: () => number): readonly HardCase[] {
  const family = "1,000 values in 1,000";
  const values = range(1_000).map((i) => `v${i}-${Math.floor(random() * 1e9).toString(36)}`);
  const backwards = [...values].reverse();
  const inList = (list: readonly string[]): Json => ({ s: { in: [...list] } });
  return [
    hard(family, "the same values", "contained", [["allow", inList(values)]], [["allow", inList([...backwards, "one more"])]]),
    hard(
      family,
      "one value is missing",
      "exceeds",
      [["allow", inList(values)]],
      [["allow", inList([...backwards.filter((_, i) => i !== 500), "other"])]],
    ),
    hard(
      family,
      "ten rules of 100 values",
      "contained",
      [["allow", inList(values)]],
      [...range(10).map((i): Rule => ["allow", inList(values.filter((_, at) => at % 10 === i))])],
    ),
    hard(family, "numbers in a range", "contained", [["allow", { n: { in: range(1_000) } }]], [["allow", { n: { gte: 0, lt: 1_000 } }]]),
  ];
}

function tenFields(): readonly HardCase[] {
  const family = "10 fields of 5 alternatives";
  const fields = range(10);
  const value = (field: number, i: number) => `f${field}v${i}`;
  const anyOf = (field: number, predicate: (value: string) => Json): Json => ({
    any: range(5).map((i) => ({ [`f${field}`]: predicate(value(field, i)) })),
  });
  const exact = (text: string): Json => ({ eq: text });
  const infix = (text: string): Json => ({ glob: `${text}*` });
  const lower: Json = { all: fields.map((field) => anyOf(field, exact)) };
  const upper: Json = { all: fields.map((field) => anyOf(field, infix)) };
  const corner: Json = Object.fromEntries(fields.map((field) => [`f${field}`, exact(value(field, (field * 3) % 5))]));
  return [
    hard(family, "each alternative has a wider one", "contained", [["allow", lower]], [["allow", upper]]),
    hard(
      family,
      "one corner of 5^10 is denied",
      "exceeds",
      [["allow", lower]],
      [
        ["allow", upper],
        ["deny", corner],
      ],
    ),
    hard(
      family,
      "50 rules of one alternative",
      "contained",
      [["allow", lower]],
      [...fields.flatMap((field) => range(5).map((i): Rule => ["allow", { [`f${field}`]: exact(value(field, i)) }]))],
    ),
    hard(
      family,
      "five rules that split the last field",
      "contained",
      [["allow", lower]],
      [
        ...range(5).map(
          (i): Rule => ["allow", { all: [...fields.slice(0, 9).map((field) => anyOf(field, infix)), { f9: exact(value(9, i)) }] }],
        ),
      ],
    ),
    hard(
      family,
      "five rules, one field short of one value",
      "exceeds",
      [["allow", lower]],
      [
        ...range(5).map(
          (i): Rule => [
            "allow",
            {
              all: [
                ...fields.slice(1, 9).map((field) => anyOf(field, infix)),
                { f0: { in: range(4).map((j) => value(0, j)) } },
                { f9: exact(value(9, i)) },
              ],
            },
          ],
        ),
      ],
    ),
  ];
}

function countedRepetition(): readonly HardCase[] {
  const family = "matches with counts";
  const matches = (expression: string): Json => ({ s: { matches: expression } });
  const pair = (name: string, expected: HardCase["expected"], lower: string, upper: string) =>
    hard(family, name, expected, [["allow", matches(lower)]], [["allow", matches(upper)]]);
  return [
    pair("(ab|ba){1,200} in [ab]{2,400}", "contained", "(ab|ba){1,200}", "[ab]{2,400}"),
    pair("a{0,500} in a{0,499}", "exceeds", "a{0,500}", "a{0,499}"),
    pair("(a|aa){100} in a{100,200}", "contained", "(a|aa){100}", "a{100,200}"),
    pair("semantic versions", "contained", "[0-9]{1,3}(\\.[0-9]{1,3}){2}(-[a-z0-9]{1,20})?", "[0-9a-z.-]{5,40}"),
    pair("a counted tail", "exceeds", "(.*a){3}.{12}", "(.*a){2}.{13}"),
    pair("x in the 14th place from the end", "contained", ".*ab.{12}", ".*a.{13}"),
    pair(".{0,1000} in .{0,999}", "exceeds", ".{0,1000}", ".{0,999}"),
  ];
}

/** Returns the pairs that are hard on purpose. */
export function hardCases(seed: number): readonly HardCase[] {
  const random = randomFrom(seed);
  return [...infixGlobs(), ...overlappingBlocks(random), ...longLists(random), ...tenFields(), ...countedRepetition()];
}
