// The predicates on scalars and strings (section 4 of the language): what they are true of, false of, and can not judge.
import { describe, expect, test } from "vitest";
import { codesOf, holds } from "./predicate-table.js";

const notText: readonly unknown[] = [null, true, false, 0, -1.5, [], ["a"], {}, { a: "a" }];

describe("eq and in", () => {
  holds([
    { when: { eq: "a" }, true: ["a"], false: ["", "A", "a ", "aa", 1, true, null], unknown: [[], ["a"], {}, { a: 1 }] },
    { when: { eq: "" }, true: [""], false: [" ", "\0", 0, false, null], unknown: [[], {}] },
    { when: { eq: 1 }, true: [1], false: ["1", true, 0.1, 1.0000000001, "", null], unknown: [[1], Number.NaN, Number.POSITIVE_INFINITY] },
    { when: { eq: 0 }, true: [0, -0], false: ["0", "", false, null, 5e-324] },
    { when: { eq: -0 }, true: [0, -0], false: [1] },
    { when: { eq: 1e21 }, true: [1e21], false: [1e20] },
    { when: { eq: 0.1 }, true: [0.1], false: [0.30000000000000004 - 0.2] },
    { when: { eq: 123456789012345 }, true: [123456789012345], false: [123456789012346, 1234567890123450] },
    { when: { eq: true }, true: [true], false: [false, "true", 1, null], unknown: [[true]] },
    { when: { eq: null }, true: [null], false: [false, 0, "", "null"], unknown: [[], {}] },
    { when: { eq: "\u00e9" }, true: ["é"], false: ["e\u0301", "e"] },
    { when: { eq: "\u{1d11e}" }, true: ["𝄞"], false: ["\ud834", "\udd1e", "\udd1e\ud834"] },
    { when: { eq: "x" }, false: ["x\0", "x\0y", "\\u{78}"] },
    { when: { in: ["a", 1, null, true] }, true: ["a", 1, null, true], false: ["b", 0, false, "1", ""], unknown: [[], ["a"], {}] },
    { when: { in: [] }, false: ["a", "", 0, null, false], unknown: [[], {}] },
    { when: { in: ["a"], eq: "b" }, false: ["a", "b", "c"], unknown: [["a"]] },
  ]);

  test("a number may have 15 significant digits in a policy, and no more", () => {
    expect(codesOf({ eq: 123456789012345 })).toEqual([]);
    expect(codesOf({ in: [0.123456789012345] })).toEqual([]);
    expect(codesOf({ eq: 1234567890123450 })).toEqual([]);
    expect(codesOf({ eq: 1234567890123456 })).toEqual(["number_too_precise"]);
    expect(codesOf({ in: [0.1234567890123456] })).toEqual(["number_too_precise"]);
  });

  test("neither compares with an array or an object", () => {
    expect(codesOf({ eq: [] })).not.toEqual([]);
    expect(codesOf({ in: [{}] })).not.toEqual([]);
    expect(codesOf({ in: "a" })).not.toEqual([]);
  });
});

describe("prefix, suffix and contains", () => {
  holds([
    { when: { prefix: "ab" }, true: ["ab", "abc", "ab\n", "ab\0"], false: ["", "a", "bab", "Ab"], unknown: notText },
    { when: { prefix: "" }, true: ["", "a", "\ud834"], unknown: notText },
    { when: { suffix: "ab" }, true: ["ab", "cab", "\nab"], false: ["", "b", "aba"], unknown: notText },
    { when: { suffix: "" }, true: ["", "a"], unknown: notText },
    { when: { contains: "ab" }, true: ["ab", "cab", "abc", "\nab\0", "aab"], false: ["", "a", "ba", "a b"], unknown: notText },
    { when: { contains: "" }, true: ["", "a"], unknown: notText },
    { when: { contains: "aab" }, true: ["aaab", "aaaaab"], false: ["aa", "ab"] },
    { when: { prefix: ["a", "b"] }, true: ["a", "bx"], false: ["c", ""], unknown: notText },
    { when: { prefix: "*" }, true: ["*", "*a"], false: ["a"] }, // these three have no wildcards
    { when: { contains: ".*" }, true: ["a.*b"], false: ["ab"] },
    { when: { prefix: "\ud834\udd1e" }, true: ["𝄞!"], false: ["\ud834!"] },
  ]);
});

describe("glob", () => {
  holds([
    { when: { glob: "" }, true: [""], false: ["a", " "], unknown: notText },
    { when: { glob: "*" }, true: ["", "a", "a/b", "a\nb", "\ud834"], unknown: notText },
    { when: { glob: "**" }, true: ["", "a/b"] },
    { when: { glob: "a*c" }, true: ["ac", "abc", "a\nc", "acc"], false: ["a", "c", "acb"] },
    { when: { glob: "a?c" }, true: ["abc", "a\nc", "a𝄞c", "a\ud834c"], false: ["ac", "abbc", "a\udd1e\ud834c"] },
    { when: { glob: "?" }, true: ["a", "𝄞", "\ud834", "\udd1e", "\n"], false: ["", "ab", "\udd1e\ud834", "e\u0301"] },
    { when: { glob: "a\\*b" }, true: ["a*b"], false: ["ab", "axb", "a\\*b"] },
    { when: { glob: "a\\?b" }, true: ["a?b"], false: ["axb"] },
    { when: { glob: "a\\\\b" }, true: ["a\\b"], false: ["ab"] },
    { when: { glob: "[a-z]{x}.+(" }, true: ["[a-z]{x}.+("], false: ["b{x}.+("] },
    { when: { glob: ["a*", "b"] }, true: ["a", "b"], false: ["bb", ""] },
    { when: { glob: "*a*a*a*b" }, true: ["aaab"], false: ["a".repeat(400)] },
  ]);

  test("a backslash at the end escapes nothing, and is refused", () => {
    expect(codesOf({ glob: "a\\" })).toEqual(["pattern_malformed"]);
  });
});

describe("matches", () => {
  holds([
    { when: { matches: "a+" }, true: ["a", "aaa"], false: ["", "b", "ab", "ba"], unknown: notText },
    { when: { matches: "" }, true: [""], false: ["a"], unknown: notText },
    { when: { matches: "a|bc" }, true: ["a", "bc"], false: ["ab", "ac", "abc"] },
    { when: { matches: "a|" }, true: ["a", ""], false: ["b"] },
    { when: { matches: "^a$" }, true: ["a"], false: ["a\n", "\na", "b"] },
    { when: { matches: "\\Aa\\z" }, true: ["a"], false: ["a\n"] },
    { when: { matches: "." }, true: ["a", "\r", "\0", "𝄞", "\ud834", "\u2028"], false: ["", "\n", "ab"] },
    { when: { matches: "[^a]" }, true: ["b", "\n", "𝄞"], false: ["a", ""] },
    { when: { matches: "\\d" }, true: ["0", "9"], false: ["a", "٣", "０"] },
    { when: { matches: "\\w" }, true: ["a", "Z", "_", "5"], false: ["é", "-", ""] },
    { when: { matches: "\\s" }, true: [" ", "\t", "\n", "\f", "\r"], false: ["\v", "\u00a0", "\u2003"] },
    { when: { matches: "\\D\\W\\S" }, true: ["a-a", "é-é"], false: ["1-a", "aaa", "a- "] },
    { when: { matches: "[\\d.-]+" }, true: ["1.2", "-"], false: ["a"] },
    { when: { matches: "[]a]" }, true: ["]", "a"], false: ["b"] },
    { when: { matches: "a{2}" }, true: ["aa"], false: ["a", "aaa"] },
    { when: { matches: "a{2,}" }, true: ["aa", "aaaa"], false: ["a"] },
    { when: { matches: "a{0,2}" }, true: ["", "a", "aa"], false: ["aaa"] },
    { when: { matches: "a{0}" }, true: [""], false: ["a"] },
    { when: { matches: "a{1000}" }, true: ["a".repeat(1000)], false: ["a".repeat(999), "a".repeat(1001)] },
    { when: { matches: "a{,2}" }, true: ["a{,2}"], false: ["aa"] },
    { when: { matches: "(?:ab)+?c??" }, true: ["ab", "abc", "abab"], false: ["", "c"] },
    { when: { matches: "(?P<n>a)(b)" }, true: ["ab"], false: ["a"] },
    { when: { matches: "\\x41\\x{1d11e}\\t" }, true: ["A𝄞\t"], false: ["A𝄞t"] },
    { when: { matches: "\\.\\*\\\\" }, true: [".*\\"], false: ["aa\\"] },
    { when: { matches: "(a*)*b" }, true: ["b", "aab"], false: ["a".repeat(300)] },
    { when: { matches: ["a", "b"] }, true: ["a", "b"], false: ["ab"] },
    { when: { matches: "𝄞?" }, true: ["", "𝄞"], false: ["\ud834"] },
  ]);

  test.each([
    "(a)\\1",
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?i)a",
    "a{1001}",
    "a{2,1}",
    "a**",
    "*a",
    "(a",
    "a)",
    "[a",
    "[b-a]",
    "\\pL",
    "\\b",
    "[[:alpha:]]",
    "a\\",
    "\\q",
  ])("refuses `%s`, which is not of the RE2 kind or not well-formed", (matches) => {
    expect(codesOf({ matches })).toEqual(["pattern_malformed"]);
  });

  test("refuses counts that expand to too many states, by a code of its own", () => {
    expect(codesOf({ matches: "((a{1000}){1000}){1000}" })).toEqual(["pattern_too_complex"]);
  });
});
