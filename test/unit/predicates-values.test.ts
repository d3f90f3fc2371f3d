// The predicates on numbers, times, arrays, keys and presence, and what every predicate does with absent and obscured fields.
import { describe, expect, test } from "vitest";
import { type Json, parsePolicy } from "../../src/index.js";
import { codesOf, holds, truthOf } from "./predicate-table.js";

const notNumber: readonly unknown[] = [null, true, "", "1", [], [1], {}, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe("lt, lte, gt and gte", () => {
  holds([
    { when: { lt: 50 }, true: [49, 49.99999999999999, 0, -1e300], false: [50, 50.00000000000001, 1e300], unknown: notNumber },
    { when: { lte: 50 }, true: [50, 49], false: [50.00000000000001, 51], unknown: notNumber },
    { when: { gt: 50 }, true: [50.00000000000001, 51, 1e300], false: [50, 49], unknown: notNumber },
    { when: { gte: 50 }, true: [50, 51], false: [49.99999999999999, -50], unknown: notNumber },
    { when: { lt: 0 }, true: [-5e-324, -1], false: [0, -0, 5e-324] },
    { when: { lte: 0 }, true: [0, -0], false: [5e-324] },
    { when: { gt: 0 }, true: [5e-324], false: [0, -0, -5e-324] },
    { when: { gte: -0 }, true: [0, -0], false: [-5e-324] },
    { when: { gt: 0.1, lt: 0.3 }, true: [0.2], false: [0.1, 0.3, 0.30000000000000004] },
    { when: { gte: 0.3 }, true: [0.3, 0.30000000000000004], false: [0.1 * 2] },
    { when: { lte: 123456789012345 }, true: [123456789012345], false: [123456789012346, 1234567890123456] },
    { when: { gt: 9007199254740 }, true: [9007199254741, 9007199254740992], false: [9007199254740] },
    { when: { gte: 1, lte: 3 }, true: [1, 2.5, 3], false: [0, 4], unknown: ["2"] },
    { when: { gt: 1, lt: 1 }, false: [1, 0, 2] },
  ]);

  test("take numbers of at most 15 significant digits, and no texts", () => {
    for (const name of ["lt", "lte", "gt", "gte"]) {
      expect(codesOf({ [name]: 123456789012345 })).toEqual([]);
      expect(codesOf({ [name]: 1234567890123456 })).toEqual(["number_too_precise"]);
      expect(codesOf({ [name]: "1" })).not.toEqual([]);
      expect(codesOf({ [name]: null })).not.toEqual([]);
    }
  });
});

describe("before and after", () => {
  const at = Date.UTC(2026, 11, 1);
  const leap = Date.UTC(2017, 0, 1);
  holds([
    {
      when: { before: "2026-12-01T00:00:00Z" },
      true: [at - 1, at - 0.5, 0, -1],
      false: [at, at + 1],
      unknown: [...notNumber, "2026-01-01T00:00:00Z"],
    },
    { when: { after: "2026-12-01T00:00:00Z" }, true: [at, at + 1], false: [at - 1, at - 0.5], unknown: notNumber },
    { when: { before: "2026-12-01T02:00:00+02:00" }, true: [at - 1], false: [at] },
    { when: { after: "2026-11-30t23:59:59.999z" }, true: [at - 1], false: [at - 2] },
    { when: { before: "2016-12-31T23:59:60Z" }, true: [leap - 1], false: [leap] },
    { when: { after: "2016-12-31T23:59:60.5Z" }, true: [leap + 500], false: [leap, leap + 499] },
    { when: { before: "2017-01-01T01:59:60+02:00" }, true: [leap - 1], false: [leap] },
    { when: { after: "1970-01-01T00:00:00Z" }, true: [0, -0, 1], false: [-1] },
    { when: { before: "0001-01-01T00:00:00Z" }, true: [-62135596800001], false: [-62135596800000, 0] },
    { when: { after: "2024-02-29T00:00:00Z" }, true: [Date.UTC(2024, 1, 29)], false: [Date.UTC(2024, 1, 29) - 1] },
    {
      when: { after: "2026-01-01T00:00:00Z", before: "2027-01-01T00:00:00Z" },
      true: [at],
      false: [0, Date.UTC(2027, 0, 1)],
      unknown: ["now"],
    },
  ]);

  test.each([
    "",
    "2026-12-01",
    "2026-12-01T00:00:00",
    "2026-12-01 00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2026-12-01T24:00:00Z",
    "2026-12-01T00:60:00Z",
    "2026-12-01T00:00:61Z",
    "2016-06-15T23:59:60Z",
    "2016-12-31T22:59:60Z",
    "2026-12-01T00:00:00+24:00",
    "2026-12-01T00:00:00.Z",
    "2026-12-01T00:00:00.1234Z",
    "1764547200000",
  ])("`%s` is no time", (text) => {
    expect(codesOf({ before: text })).toEqual(["time_malformed"]);
    expect(codesOf({ after: text })).toEqual(["time_malformed"]);
  });
});

describe("each and some", () => {
  const notArray: readonly unknown[] = [null, true, 1, "a", "", {}, { length: 0 }, { 0: "a" }];
  holds([
    {
      when: { each: { eq: 1 } },
      true: [[], [1], [1, 1]],
      false: [[2], [1, 2], [2, [1]], [[1], 2]],
      unknown: [[[1]], [1, {}], ...notArray],
    },
    { when: { some: { eq: 1 } }, true: [[1], [2, 1], [[], 1], [1, {}]], false: [[], [2], [2, 3]], unknown: [[[1]], [2, {}], ...notArray] },
    {
      when: { each: { path: "/w/**" } },
      true: [[], ["/w"], ["/w/a", "/w/b"]],
      false: [
        ["/w/a", "/x"],
        ["/x", "/w/../x"],
      ],
      unknown: [["/w/a", "/w/../x"], [null]],
    },
    {
      when: { some: { path: "/w/**" } },
      true: [
        ["/x", "/w"],
        ["/w/..", "/w"],
      ],
      false: [[], ["/x"]],
      unknown: [
        ["/x", "/w/.."],
        ["/x", 7],
      ],
    },
    {
      when: { each: { gte: 1, lte: 2 } },
      true: [[], [1, 2]],
      false: [
        [1, 3],
        [0, "1"],
      ],
      unknown: [[1, "1"]],
    },
    { when: { some: { in: [] } }, false: [[], [1], ["a"]], unknown: [[[]]] },
    { when: { each: { in: [] } }, true: [[]], false: [[1]], unknown: [[{}]] },
    { when: { each: { present: true } }, true: [[], [null], [1, []]], unknown: notArray },
    { when: { some: { present: false } }, false: [[], [null], [1]] },
    { when: { each: { each: { eq: 1 } } }, true: [[], [[]], [[1], []]], false: [[[1], [2]]], unknown: [[1], [[1], 1], [[[1]]]] },
    { when: { some: { each: { eq: 1 } } }, true: [[[]], [[2], [1]]], false: [[], [[2]]], unknown: [[1], [[2], 1]] },
    { when: { each: { some: { eq: 1 } } }, true: [[], [[1], [2, 1]]], false: [[[]], [[1], [2]]], unknown: [[1], "a"] },
    { when: { each: { keys: { only: ["a"] } } }, true: [[], [{}], [{ a: 1 }]], false: [[{ b: 1 }]], unknown: [[1], [[]]] },
  ]);

  holds([
    {
      when: { each: { where: { a: { eq: 1 } } } },
      true: [[], [{ a: 1 }], [{ a: 1, b: 2 }]],
      false: [[{}], [{ a: 2 }], [1, { a: 2 }]],
      unknown: [[1], [null], [[]], [{ a: 1 }, "a"], [{ a: [1] }]],
    },
    {
      when: { some: { where: { a: { eq: 1 } } } },
      true: [
        [{ a: 2 }, { a: 1 }],
        [1, { a: 1 }],
      ],
      false: [[], [{}], [{ a: 2 }]],
      unknown: [[1], [{ a: 2 }, null], [{ a: {} }]],
    },
    { when: { each: { where: {} } }, true: [[], [{}], [{ a: 1 }]], unknown: [[1], [[]], [{}, null]] },
    { when: { some: { where: {} } }, true: [[{}]], false: [[]], unknown: [[1], ["a", []]] },
    { when: { some: { where: { any: [] } } }, false: [[], [{}]], unknown: [[1]] },
    {
      when: { each: { where: { "a.b": { eq: 1 } } } },
      true: [[{ a: { b: 1 } }]],
      false: [[{ a: {} }]],
      unknown: [[{ a: 1 }], [{ a: [{ b: 1 }] }]],
    },
    {
      when: { each: { where: { a: { eq: 1 }, b: { eq: 2 } } } },
      true: [[{ a: 1, b: 2 }]],
      false: [[{ a: 1 }], [{ a: [], b: 3 }]],
      unknown: [[{ a: [], b: 2 }]],
    },
    { when: { each: { where: { not: { a: { eq: 1 } } } } }, true: [[{}], [{ a: 2 }]], false: [[{ a: 1 }]], unknown: [[{ a: [] }], [7]] },
    {
      when: { some: { where: { items: { some: { where: { a: { eq: 1 } } } } } } },
      true: [[{ items: [{ a: 1 }] }]],
      false: [[{ items: [] }], [{}]],
      unknown: [[{ items: [1] }], [{ items: 1 }]],
    },
    { when: { some: { where: { action: { eq: "b" } } } }, true: [[{ action: "b" }]], false: [[{ action: "x" }]] },
  ]);

  test("`where` stands alone, and an empty inner predicate is none", () => {
    expect(codesOf({ each: { where: {}, eq: 1 } })).not.toEqual([]);
    expect(codesOf({ each: {} })).not.toEqual([]);
    expect(codesOf({ some: 1 })).not.toEqual([]);
  });
});

describe("keys", () => {
  const notObject: readonly unknown[] = [null, true, 1, "a", [], ["a"]];
  const proto: unknown = JSON.parse('{"__proto__":1}');
  holds([
    {
      when: { keys: { only: ["a", "b"] } },
      true: [{}, { a: 1 }, { a: 1, b: null }],
      false: [{ c: 1 }, { a: 1, c: 1 }, { A: 1 }, proto],
      unknown: notObject,
    },
    { when: { keys: { only: [] } }, true: [{}], false: [{ a: 1 }, proto], unknown: notObject },
    { when: { keys: { has: ["a"] } }, true: [{ a: 1 }, { a: null }, { a: [], b: 1 }], false: [{}, { b: 1 }], unknown: notObject },
    { when: { keys: { has: ["a", "b"] } }, true: [{ a: 1, b: 1 }], false: [{ a: 1 }, {}] },
    { when: { keys: { has: [] } }, true: [{}, { a: 1 }], unknown: notObject },
    {
      when: { keys: { only: ["a", "b"], has: ["a"] } },
      true: [{ a: 1 }, { a: 1, b: 1 }],
      false: [{}, { b: 1 }, { a: 1, c: 1 }],
      unknown: notObject,
    },
    { when: { keys: { has: ["toString"] } }, true: [{ toString: 1 }], false: [{}] },
    { when: { keys: { has: ["__proto__"] } }, true: [proto], false: [{}] },
    { when: { keys: { only: ["__proto__"] } }, true: [{}, proto], false: [{ a: 1 }] },
    { when: { keys: { only: ["é"] } }, true: [{ é: 1 }], false: [{ "e\u0301": 1 }] },
  ]);

  test("name `only` or `has`, and nothing else", () => {
    expect(codesOf({ keys: {} })).not.toEqual([]);
    expect(codesOf({ keys: { any: ["a"] } })).not.toEqual([]);
    expect(codesOf({ keys: ["a"] })).not.toEqual([]);
  });
});

// One argument of each predicate, for what all of them share.
const predicates: readonly Json[] = [
  { eq: "a" },
  { in: ["a", 1] },
  { in: [] },
  { prefix: "" },
  { suffix: "a" },
  { contains: "a" },
  { glob: "*" },
  { matches: ".*" },
  { path: "/**" },
  { host: "**" },
  { route: "/**" },
  { url: "*://**:*/**" },
  { cidr: ["0.0.0.0/0", "::/0"] },
  { lt: 0 },
  { lte: 0 },
  { gt: 0 },
  { gte: 0 },
  { before: "2026-12-01T00:00:00Z" },
  { after: "2026-12-01T00:00:00Z" },
  { each: { eq: "a" } },
  { each: { where: {} } },
  { some: { eq: "a" } },
  { some: { where: {} } },
  { keys: { only: ["a"] } },
  { keys: { has: ["a"] } },
];

describe("present", () => {
  const anything: readonly unknown[] = [null, false, 0, "", [], {}, "a", [1]];
  holds([
    { when: { present: true }, true: anything },
    { when: { present: false }, false: anything },
  ]);

  test.each<[request: unknown, present: boolean]>([
    [{ action: "x" }, false],
    [{ action: "x", a: {} }, false],
    [{ action: "x", a: { b: null } }, true],
    [{ action: "x", a: { b: 0 } }, true],
    [{ action: "x", a: null }, false],
    [{ action: "x", a: "b" }, false],
    [{ action: "x", a: [] }, false],
    [{ action: "x", a: [{ b: 1 }] }, false],
    [{ action: "x", a: { B: 1 } }, false],
    [{ action: "x", "a.b": 1 }, false],
    [{ action: "x", a: Object.create({ b: 1 }) }, false],
  ])("is never unknown: `a.b` of %j is there: %s", (request, present) => {
    expect(truthOf({ "a.b": { present: true } }, request)).toBe(String(present));
    expect(truthOf({ "a.b": { present: false } }, request)).toBe(String(!present));
    expect(truthOf({ not: { "a.b": { present: true } } }, request)).toBe(String(!present));
  });
});

describe("fields", () => {
  test.each(predicates)("%j is false of a field that is absent", (predicate) => {
    for (const request of [{ action: "x" }, { action: "x", g: 1 }]) expect(truthOf({ f: predicate }, request)).toBe("false");
    expect(truthOf({ "f.g": predicate }, { action: "x", f: {} })).toBe("false");
    expect(truthOf({ not: { f: predicate } }, { action: "x" })).toBe("true");
  });

  test.each(predicates)("%j is unknown of a field that an array, a scalar or null obscures", (predicate) => {
    for (const f of [[], ["a"], [{ g: "a" }], "a", "", 0, true, null]) {
      expect(truthOf({ "f.g": predicate }, { action: "x", f })).toBe("unknown");
      expect(truthOf({ not: { "f.g": predicate } }, { action: "x", f })).toBe("unknown");
      expect(truthOf({ "f.g.h": predicate }, { action: "x", f })).toBe("unknown");
    }
    expect(truthOf({ "f.g.h": predicate }, { action: "x", f: {} })).toBe("false");
    expect(truthOf({ "f.g.h": predicate }, { action: "x", f: { g: 1 } })).toBe("unknown");
  });

  test.each<[field: string, request: Json, found: boolean]>([
    ["f", { f: "v" }, true],
    ["f.g", { f: { g: "v" } }, true],
    ["f.g", { "f.g": "v" }, false],
    ['["f.g"]', { "f.g": "v" }, true],
    ['f["g.h"]', { f: { "g.h": "v" } }, true],
    ['f["g"].h', { f: { g: { h: "v" } } }, true],
    ['["all"]', { all: "v" }, true],
    ['["any"].not', { any: { not: "v" } }, true],
    ['["not"]', { not: "v" }, true],
    ["f.action", { f: { action: "v" } }, true],
    ["f.0", { f: ["v"] }, false],
    ["f.0", { f: { "0": "v" } }, true],
    ["f.length", { f: ["v"] }, false],
    ["toString", {}, false],
    ["constructor.name", {}, false],
    ['["__proto__"]', {}, false],
    ['["é"]', { é: "v" }, true],
    ["f", { F: "v" }, false],
    ['[""]', { "": "v" }, true],
    ['["a\\"b\\\\"]', { 'a"b\\': "v" }, true],
  ])("`%s` of %j", (field, request, found) => {
    const own = typeof request === "object" && request !== null ? request : {};
    expect(truthOf({ [field]: { eq: "v" } }, { action: "x", ...own }) === "true").toBe(found);
  });

  test("an own key called `__proto__` is a field like any other", () => {
    const request: unknown = JSON.parse('{"action":"x","__proto__":{"a":"v"}}');
    expect(truthOf({ '["__proto__"].a': { eq: "v" } }, request)).toBe("true");
    expect(truthOf({ a: { eq: "v" } }, request)).toBe("false");
  });

  test.each(["", ".", "a.", ".a", "a..b", "a[0]", "a[b]", 'a["b"', "a]", 'a["b"]c', "action", "action.a", '["action"]'])(
    "`%s` is no field",
    (field) => {
      const rules = [{ id: "a", effect: "allow", action: "x", when: { [field]: { eq: 1 } } }];
      expect(parsePolicy({ language: "atmost/1", name: "p", version: "1", rules }).kind).toBe("invalid");
    },
  );

  test("fields that are prefixes of one another are parts of one tree", () => {
    const both: Json = { f: { eq: "a" }, "f.g": { present: true } };
    for (const f of ["a", { g: 1 }, [], null]) expect(truthOf(both, { action: "x", f })).not.toBe("true");
    expect(truthOf({ f: { keys: { only: ["g"] } }, "f.g": { eq: 1 } }, { action: "x", f: { g: 1 } })).toBe("true");
  });
});
