// How every text of a pattern begins and ends, as the kernel knows it before it walks any automaton: never more than is true.
import fc from "fast-check";
import { expect, test } from "vitest";
import { accepts, compileExpression, compileTexts } from "../../prover/kernel/automata.js";
import { atomsOf, loadStated, possible, T } from "../../prover/kernel/index.js";
import { parsePattern, type TextKind } from "../../prover/kernel/patterns.js";
import { propertyParameters } from "../generators/seed.js";

const automatonOf = (kind: TextKind, pattern: string) => {
  const expression = parsePattern(kind, pattern);
  if (typeof expression === "string") throw new Error(`${pattern}: ${expression}`);
  return compileExpression(expression) ?? expect.unreachable("too large");
};
const backwards = (text: string): string => [...text].reverse().join("");

test.each([
  ["path", "/w/**", "/w", ""],
  ["path", "/w/*/x", "/w/", "x/"],
  ["host", "**.example.com", "", "moc.elpmaxe"],
  ["glob", "feat: *!", "feat: ", "!"],
  ["glob", "?a", "", "a"],
  ["prefix", "test-", "test-", ""],
  ["suffix", ".ts", "", "st."],
  ["contains", "x", "", ""],
  ["matches", "abc", "abc", "cba"],
  ["matches", "[-0-9]x", "", "x"], // a set that begins with a single character is not that character
  ["matches", "[a]b", "ab", "ba"],
  ["matches", "abc|abd|ab", "ab", ""],
  ["matches", "(?:ab){2,3}", "ab", "ba"],
  ["matches", "(?:ab){0,3}", "", ""],
  ["matches", "a?b", "", "b"],
  ["matches", "^a$", "a", "a"],
  ["matches", "😀|😁", "\ud83d", "\ud83d"],
  ["matches", "", "", ""],
] as const)("%s `%s`", (kind, pattern, begins, ends) => {
  expect(automatonOf(kind, pattern).ends).toEqual([begins, ends]);
});

test("of a long text, only so much is kept as tells most apart; of a very long one too", () => {
  const [long, other] = ["a".repeat(500_000), `${"a".repeat(500_000)}b`];
  expect(compileTexts([long]).ends.map((end) => end.length)).toEqual([64, 64]);
  expect(compileTexts([long, other]).ends).toEqual(["a".repeat(64), ""]);
  expect(compileTexts([]).ends).toEqual(["", ""]);
});

test("every text that a regular expression accepts begins and ends so", () => {
  const letter = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "é", "^", "$", "😀");
  const { regex } = fc.letrec<{ regex: string }>((tie) => ({
    regex: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      letter,
      fc.tuple(tie("regex"), tie("regex")).map((parts) => parts.join("")),
      fc.tuple(tie("regex"), tie("regex")).map((parts) => `(?:${parts.join("|")})`),
      fc.tuple(tie("regex"), fc.constantFrom("*", "+", "?", "{2}", "{0,2}")).map(([part, times]) => `(?:${part})${times}`),
    ),
  }));
  const text = fc.array(fc.constantFrom("a", "b", "é", "😀"), { maxLength: 5 }).map((letters) => letters.join(""));
  let accepted = 0;
  fc.assert(
    fc.property(regex, fc.array(text, { minLength: 8, maxLength: 8 }), (pattern, texts) => {
      const automaton = automatonOf("matches", pattern);
      const [begins, ends] = automaton.ends;
      // Asked of an automaton that walks them all, so that what is known of the ends can not hide a text.
      const walked = automatonOf("matches", `(?:${pattern})|!`);
      for (const one of texts.filter((each) => accepts(walked, each))) {
        accepted++;
        expect(one.startsWith(begins) && backwards(one).startsWith(ends)).toBe(true);
      }
    }),
    propertyParameters("how texts begin and end", 3_000),
  );
  expect(accepted).toBeGreaterThan(500);
});

test("two patterns that begin or end in different ways share no text; those of which one goes on as the other begins may", () => {
  const share = (one: object, other: object): boolean => {
    const literals = [one, other].flatMap((predicate) => {
      const condition = loadStated({ f: predicate }) ?? expect.unreachable("a condition");
      return atomsOf(condition).map((atom) => ({ atom, truths: T }));
    });
    return possible(literals);
  };
  expect(share({ path: "/w/p5/**" }, { path: "/w/p6/**" })).toBe(false);
  expect(share({ path: "/w/p5/**" }, { path: "/w/p5/docs/*" })).toBe(true);
  expect(share({ host: "*.a.io" }, { host: "*.b.io" })).toBe(false);
  expect(share({ host: "*.a.io" }, { host: "**.io" })).toBe(true);
  expect(share({ suffix: "😀" }, { suffix: "😁" })).toBe(false);
  expect(share({ matches: "[-0-9]x" }, { matches: "5." })).toBe(true);
});
