// The export's regular expressions, anchors taken out, against the kernel's automata: cvc5 says whether each text is in the language.
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../prover/kernel/automata.js";
import { parsePattern } from "../../prover/kernel/patterns.js";
import { withoutAnchors } from "../../prover/smt/export-anchors.js";
import { Alphabet, encodeExpression, encodeText } from "../../prover/smt/export-text.js";
import { propertyParameters } from "../generators/index.js";
import { isWithoutCvc5 } from "../outside.js";
import { evaluateTerms } from "./cvc5.js";

const REGEXES = 150;
const TEXTS = ["", "a", "b", "ab", "aa", "ba", "bb", "aab", "abab", "é", "aé", "\n", "\u{1f600}"];

const arbRegex = fc.letrec<{ readonly regex: string; readonly piece: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom("a", "b", "^", "$", ".", "[^a]", "é"),
    fc
      .tuple(tie("regex"), fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}"))
      .map(([inner, sign]) => `(?:${inner})${sign}`),
  ),
  regex: fc
    .tuple(fc.array(tie("piece"), { maxLength: 3 }), fc.array(tie("piece"), { maxLength: 2 }), fc.boolean())
    .map(([one, two, either]) => (either ? `${one.join("")}|${two.join("")}` : one.join(""))),
})).regex;

test.skipIf(isWithoutCvc5())(
  "an exported regular expression has exactly the texts that the kernel accepts, whatever its anchors",
  async () => {
    const { seed } = propertyParameters("exported regular expressions", REGEXES);
    const alphabet = new Alphabet();
    const cases = fc.sample(arbRegex, { seed, numRuns: REGEXES }).flatMap((regex) => {
      const expression = parsePattern("matches", regex);
      const automaton = typeof expression === "string" ? undefined : compile(expression);
      if (typeof expression === "string" || automaton === undefined || withoutAnchors(expression) === undefined) return [];
      return [{ regex, automaton, term: encodeExpression(expression, alphabet) }];
    });
    const declarations = cases.map(({ term }, i) => `(define-fun r${i} () RegLan ${term})`);
    const terms = cases.flatMap((_, i) => TEXTS.map((text) => `(str.in_re ${encodeText(text, alphabet)} r${i})`));
    const got = await evaluateTerms(declarations, terms);
    const wrong = cases.flatMap(({ regex, automaton }, i) =>
      TEXTS.filter((text, j) => got[i * TEXTS.length + j] !== automaton.matches(text)).map((text) => ({ regex, text })),
    );
    expect(wrong).toEqual([]);
    console.log(`${cases.length} of ${REGEXES} regular expressions, ${terms.length} memberships`);
    expect(cases.length).toBeGreaterThan(REGEXES / 2);
  },
  60_000,
);
