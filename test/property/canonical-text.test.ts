// The quick writer of RFC 8785 text gives the bytes that the kernel's gives, for every value.
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, createProver, type Json } from "../../prover/index.js";
import { canonicalText } from "../../src/canonical-text.js";
import { arbPair, propertyParameters } from "../generators/index.js";
import { parsed, timeLimit } from "./support.js";

const RUNS = 4_000;

test("writes every JSON value as the kernel does, lone surrogates and odd numbers included", { timeout: timeLimit(RUNS) }, () => {
  const texts = fc.string({ unit: fc.constantFrom(...'ab"\\/\u0000\u001f\u007f\u2028é€\ud83d\ude00\ud800', "\u{10ffff}", "__proto__") });
  const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(texts, numbers, fc.boolean(), fc.constant(null)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(texts, tie("value"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(value, (json) => {
      expect(canonicalText(json as Json)).toBe(canonicalJson(json));
    }),
    propertyParameters("canonical text", RUNS),
  );
});

test.each([59, 60, 61, 64, 65, 66])("nests as deep as the kernel does: %i levels", (levels) => {
  let value: Json = 0;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { k: value };
  expect(canonicalText(value)).toBe(canonicalJson(value));
});

test("writes what is no JSON as the kernel does", () => {
  const odd: readonly unknown[] = [undefined, [undefined], { a: undefined }, () => 1, 1n, Symbol("s"), [Object.create({ a: 1 })]];
  for (const value of odd) expect(canonicalText(value as Json)).toBe(canonicalJson(value));
});

test("writes the certificates of generated pairs as the kernel does", { timeout: timeLimit(300) }, async () => {
  const prover = createProver({ solver: "none" });
  let certificates = 0;
  await fc.assert(
    fc.asyncProperty(arbPair(), async ({ lower, upper }) => {
      const result = await prover.checkContainment(parsed(lower), parsed(upper));
      if (!("certificate" in result)) return;
      certificates++;
      expect(canonicalText(result.certificate)).toBe(canonicalJson(result.certificate));
    }),
    propertyParameters("canonical certificates", 300),
  );
  expect(certificates).toBeGreaterThan(0);
});
