// The strict JSON reader, beside JSON.parse.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonText } from "../../prover/language/json.js";
import { isJsonNumber, numberProblem, significantDigits, utf8Length } from "../../prover/language/json-parts.js";
import { editDistance, nearestWord } from "../../prover/language/nearest.js";
import { propertyParameters } from "../generators/seed.js";

describe("JSON text", () => {
  const options = { bytesMax: 1_048_576, tooLarge: "too_large", nestingMax: 32, exact: true };
  const read = (text: string) => {
    const { value, problems: found } = readJsonText(text, options);
    return found.length > 0 ? found.map(({ code, pointer }) => `${code} ${pointer}`) : value;
  };

  test.each([
    "",
    " ",
    "{",
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    "{'a':1}",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "-",
    "NaN",
    "Infinity",
    "tru",
    "nulll",
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\n"',
    '"\t"',
    "[1 2]",
    '{"a" 1}',
    '{"a":}',
    "//c\n1",
    "\ufeff1",
    "1 2",
    "[",
    "]",
    '["a"',
    '{"a"',
    "\u00a01",
    '"\\',
    "{,}",
    "[,1]",
  ])("that is broken is refused: %j", (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(read(text)).toEqual([expect.stringMatching(/^json_syntax /)]);
  });

  test("that is broken says where, by pointer, line and column", () => {
    const [problem] = readJsonText('{"a": [1,\n  {"b": tru}]}', options).problems;
    expect(problem).toMatchObject({ code: "json_syntax", pointer: "/a/1/b", got: "`t` at line 2, column 9" });
  });

  test("has every duplicate key told, also `__proto__` and keys that are escapes of one another", () => {
    expect(read('{"a":1,"b":[{"x":1,"\\u0078":2}],"a":3}')).toEqual(["duplicate_key /b/0/x", "duplicate_key /a"]);
    expect(read('{"__proto__":1,"__proto__":2}')).toEqual(["duplicate_key /__proto__"]);
    expect(read('{"constructor":1,"toString":2,"hasOwnProperty":3}')).toEqual({ constructor: 1, toString: 2, hasOwnProperty: 3 });
  });

  test("holds `__proto__` as a key of its own", () => {
    const value = read('{"__proto__":{"polluted":true}}');
    expect(Object.keys(value ?? {})).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("has numbers that a double holds as they are written", () => {
    for (const text of [
      "0",
      "-0",
      "-0.0e5",
      "123456789012345",
      "0.1",
      "1.50",
      "1e300",
      "100000000000000000000",
      "9007199254740991",
      "5e-324",
      "0.30000000000000004",
    ])
      expect(read(text)).toBe(Number(text));
    for (const text of ["1e400", "-1e999"]) expect(read(text)).toEqual(["number_not_finite "]);
    for (const text of [
      "0.1000000000000000055",
      "9007199254740993",
      "1234567890123456.7",
      "1e-400",
      "1.6e-323",
      "3e-324",
      "123456789012345678901234567890",
    ])
      expect(read(text)).toEqual(["number_too_precise "]);
  });

  test("has no lone surrogate, in keys or texts, escaped or not", () => {
    expect(read('["\\ud800","a\\udc00b",{"\\ud83d":1}]')).toEqual(["lone_surrogate /0", "lone_surrogate /1", "lone_surrogate /2/\ud83d"]);
    expect(read('["\\ud834\\udd1e","𝄞"]')).toEqual(["𝄞", "𝄞"]);
    expect(read('"\ud834"')).toEqual(["lone_surrogate "]);
  });

  test("nests 32 levels and no more", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(read(nested(32))).toEqual(JSON.parse(nested(32)));
    expect(read(nested(33))).toEqual([`too_deep ${"/0".repeat(32)}`]);
    expect(read("[".repeat(1_000_000))).toEqual([`too_deep ${"/0".repeat(32)}`]);
    expect(read('{"a":'.repeat(33))).toEqual([`too_deep ${"/a".repeat(32)}`]);
  });

  test("has at most 1 MiB, by bytes", () => {
    expect(read(`"${"a".repeat(1_048_574)}"`)).toHaveLength(1_048_574);
    expect(read(`"${"a".repeat(1_048_575)}"`)).toEqual(["too_large "]);
    expect(read(`"${"é".repeat(524_288)}"`)).toEqual(["too_large "]);
  });

  test("is read as JSON.parse reads it, wherever that loses nothing", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readJsonText(text, { ...options, nestingMax: 1000, exact: false })).toEqual({ value: JSON.parse(text), problems: [] });
      }),
      propertyParameters("JSON text", 500),
    );
  });

  test("that is slightly broken is refused exactly where JSON.parse refuses it", () => {
    const edit = fc.tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.nat(3), fc.constantFrom(...'{}[]:,"\\ u0e-+.1\n/'));
    fc.assert(
      fc.property(edit, ([text, at, cut, put]) => {
        const index = at % (text.length + 1);
        const edited = text.slice(0, index) + put + text.slice(index + cut);
        const { value, problems: found } = readJsonText(edited, { ...options, nestingMax: 1000, exact: false });
        const syntax = found.some(({ code }) => code === "json_syntax");
        let parsed: unknown;
        try {
          parsed = JSON.parse(edited);
        } catch {
          parsed = undefined;
        }
        expect(syntax).toBe(parsed === undefined);
        if (found.length === 0) expect(value).toEqual(parsed);
      }),
      propertyParameters("JSON text", 500),
    );
  });
});

describe("small helpers", () => {
  test("digits are counted by the shortest decimal that reads back", () => {
    expect([0, -0, 1, 1e21, 123456789012345, 0.1 + 0.2, 1.5e-7, 9007199254740991].map(significantDigits)).toEqual([
      0, 0, 1, 1, 15, 17, 2, 16,
    ]);
  });

  test("edit distance counts a swap of neighbours once", () => {
    expect([editDistance("", "abc"), editDistance("when", "whne"), editDistance("kitten", "sitting")]).toEqual([3, 1, 3]);
    expect(nearestWord("eq", ["in", "keys"])).toBeUndefined();
    expect(nearestWord("Unles", ["when", "unless"])).toBe("unless");
    expect(nearestWord("x".repeat(100_000), ["when"])).toBeUndefined();
  });

  test("byte lengths are those of the encoder", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
      propertyParameters("JSON text", 500),
    );
  });

  test("a number literal is held exactly iff its shortest form is the same decimal", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const literal = String(value);
        expect(isJsonNumber(literal)).toBe(true);
        expect(numberProblem(literal, value, [], true)).toBeUndefined();
        expect(significantDigits(value)).toBeLessThanOrEqual(17);
      }),
      propertyParameters("JSON text", 500),
    );
  });
});
