// Fixed vectors of wrong answers that an adversary found: conditions that were taken for one another, or cost too much to tell apart.

import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../prover/load.js";
import { parsePolicy } from "../../src/index.js";

const policy = (when: unknown) => ({
  language: "atmost/1",
  name: "p",
  version: "1",
  rules: [{ id: "r", effect: "allow", action: "x", when }],
});
const nested = (levels: number): unknown => (levels === 0 ? { eq: "a" } : { each: nested(levels - 1) });

describe("conditions are told apart", () => {
  test.each([
    ["a high surrogate", { '["\\ud800"]': { eq: 1 } }],
    ["a low surrogate", { '["\\udc00"]': { present: true } }],
    ["one inside where", { l: { each: { where: { '["\\ud800"]': { eq: 1 } } } } }],
  ])("refuses a field without canonical bytes: %s", (_, when) => {
    expect(loadPolicy(policy(when)).kind).toBe("invalid");
    expect(parsePolicy(policy(when)).kind).toBe("invalid");
  });

  test("keys grow no faster than what they stand for, however deep arrays nest", () => {
    const loaded = loadPolicy(policy({ f: nested(25) }));
    if (loaded.kind !== "loaded") throw new Error(loaded.message);
    const key = loaded.policy.lists[0]?.rules[0]?.condition.key ?? "";
    expect(key.length).toBeGreaterThan(25);
    expect(key.length).toBeLessThan(2_000);
  });

  test("two nested conditions that differ at the bottom differ in their keys", () => {
    const keys = ["a", "b"].map((value) => {
      const loaded = loadPolicy(policy({ f: { each: { some: { eq: value } } } }));
      return loaded.kind === "loaded" ? loaded.policy.lists[0]?.rules[0]?.condition.key : "";
    });
    expect(new Set(keys).size).toBe(2);
  });

  test.each(["a{100000}", "a{1,100000}", "{2}", "a{99999999999}"])("a count that is too large is an error, not a text: %s", (matches) => {
    expect(loadPolicy(policy({ f: { matches } })).kind).toBe("invalid");
  });

  test.each([".a", "a..b", "a."])("a field has no empty part: %s", (field) => {
    expect(loadPolicy(policy({ [field]: { eq: 1 } })).kind).toBe("invalid");
  });

  test.each(["a".repeat(5_000), "/a".repeat(20_000)])("a pattern past its bound is refused, not expanded", (text) => {
    expect(loadPolicy(policy({ f: { prefix: text } })).kind).toBe("invalid");
  });
});
