// Canonical bytes: RFC 8785 JSON and SHA-256, against published vectors and against Node's own.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonicalJson, sha256Hex } from "../../src/index.js";

/** Returns the double whose IEEE 754 bits are the 16 hex digits. */
function doubleOf(hex: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.getFloat64(0);
}

describe("RFC 8785", () => {
  test("section 3.2.2: literals, numbers and texts are written as ECMAScript writes them", () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    expect(canonicalJson(JSON.parse(input))).toBe(expected);
  });

  test("section 3.2.3: keys are ordered by UTF-16 code units, so a surrogate pair comes before U+FB33", () => {
    const input = String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`;
    const text = canonicalJson(JSON.parse(input)) ?? "";
    expect(Object.values(JSON.parse(text.replace('"1"', '"one"')))).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  // SOURCE: RFC 8785 appendix B, IEEE 754 bits and their text.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("appendix B: the double %s is %s", (hex, text) => {
    expect(canonicalJson(doubleOf(hex))).toBe(text);
  });

  test.each(["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])("appendix B: the double %s has no form", (hex) => {
    expect(canonicalJson(doubleOf(hex))).toBeUndefined();
    expect(canonicalJson([doubleOf(hex)])).toBeUndefined();
  });

  test("control characters are escaped as section 3.2.2.2 says, and nothing else is", () => {
    expect(canonicalJson("\b\t\n\f\r\"\\\u0000\u001f\u007f\u0080\u2028/<>&'")).toBe(
      `${String.raw`"\b\t\n\f\r\"\\\u0000\u001f`}\u007f\u0080\u2028/<>&'"`,
    );
  });

  test.each<[what: string, value: unknown]>([
    ["a lone surrogate", "\ud800"],
    ["a lone surrogate in a key", { "\udc00": 1 }],
    ["surrogates in the wrong order", "\udc00\ud800"],
    ["undefined", undefined],
    ["undefined in an object", { a: undefined }],
    ["a big integer", 1n],
    ["a function", () => 0],
    ["a symbol", Symbol("s")],
  ])("%s has no form", (_, value) => {
    expect(canonicalJson(value)).toBeUndefined();
    expect(canonicalJson([value])).toBeUndefined();
  });

  test("64 levels have a form, and more have none", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(canonicalJson(nested(64))).toBe(`${"[".repeat(64)}1${"]".repeat(64)}`);
    expect(canonicalJson(nested(65))).toBeUndefined();
  });

  test("an own key `__proto__` is a key like any other, and empty values have their form", () => {
    expect(canonicalJson(JSON.parse('{"b":{},"__proto__":[],"a":""}'))).toBe('{"__proto__":[],"a":"","b":{}}');
  });

  test("the order of keys in the input changes nothing, at any depth", () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] }));
  });
});

describe("SHA-256", () => {
  // SOURCE: the examples of FIPS 180-2, appendix B, and the digest of the empty text.
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("of %j is as published", (text, digest) => {
    expect(sha256Hex(text)).toBe(digest);
  });

  const byNode = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

  test("agrees with Node's at every length up to three blocks", () => {
    for (let length = 0; length <= 192; length++) expect(sha256Hex("x".repeat(length)), String(length)).toBe(byNode("x".repeat(length)));
  });

  test.each(["é", "€", "𝄞", "\0", "\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}", "日本語".repeat(40)])(
    "agrees with Node's on the UTF-8 of %j",
    (text) => {
      expect(sha256Hex(text)).toBe(byNode(text));
    },
  );
});
