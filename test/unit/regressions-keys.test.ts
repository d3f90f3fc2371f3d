// Fixed vectors of wrong answers that an adversary found: conditions that were taken for one another, or cost too much to tell apart.

import { describe, expect, test } from "vitest";
import { checkCertificate, loadStated, possible } from "../../prover/kernel/index.js";
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

describe("work that no step of an automaton is", () => {
  const literal = (condition: unknown, truths: number) => {
    const atom = loadStated(condition);
    if (atom?.kind !== "atom") throw new Error("expected one predicate");
    return { atom, truths };
  };
  const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => i + from);

  test("keys that can not be settled are given up within seconds, with a yes", { timeout: 60_000 }, () => {
    const keys = range(20_000).map((i) => `k${i}`);
    const only = literal({ f: { keys: { only: keys } } }, 1);
    const lacking = range(24).map((i) => literal({ f: { keys: { has: [`k${3 * i}`, `k${3 * i + 1}`] } } }, 2));
    const wider = literal({ f: { keys: { only: [...keys, "q"] } } }, 2); // what no object does, once it has `only` those keys
    const started = performance.now();
    expect(possible([only, ...lacking, wider])).toBe(true);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("many long lists of numbers are given up within seconds, with a yes", { timeout: 60_000 }, () => {
    const lists = range(100).map((i) => literal({ f: { in: range(5_000, 5_000 * i) } }, 2));
    const started = performance.now();
    expect(possible([...lists, literal({ f: { lt: -1 } }, 1), literal({ f: { gt: -1 } }, 1)])).toBe(true);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("a certificate that states heavy patterns without end is refused while they are read", { timeout: 60_000 }, () => {
    const loaded = loadPolicy(policy({ f: { eq: 1 } }));
    if (loaded.kind !== "loaded") throw new Error(loaded.message);
    const { sha256, view } = loaded.policy;
    const certificate = {
      certificate: "atmost-certificate/1",
      language: "atmost/1",
      relation: "contained",
      lower: { sha256, view },
      upper: { sha256, view },
      counts: { conditions: 40_000, lemmas: 0, nodes: 1 },
      conditions: range(40_000).map((i) => ({ condition: { f: { matches: `(?:a?){1000}(?:b?){1000}${i}` } } })),
      lemmas: [],
      nodes: [{ leaf: "lower_denies" }],
    };
    expect(checkCertificate(JSON.stringify(certificate), loaded.policy, loaded.policy)).toEqual({
      kind: "refused",
      reason: "expected a condition",
    });
  });

  test.each(["\\X41", "\\X{41}", "[\\X41]"])("there is no escape `\\X`: %s", (matches) => {
    expect(loadPolicy(policy({ f: { matches } })).kind).toBe("invalid");
    expect(parsePolicy(policy({ f: { matches } })).kind).toBe("invalid");
  });
});

describe("amounts that the parser refuses grant nothing by the kernel either", () => {
  const limited = (depth: unknown) => loadPolicy({ ...policy({}), limits: { depth }, delegation: "all" }, true);

  test.each([[["unlimited"]], [[1]]])("a list is no amount: %j", (depth) => {
    expect(limited(depth).kind).toBe("invalid");
  });

  test("the view of a policy with less than one generation left permits nothing", () => {
    const loaded = limited("0.5");
    expect(loaded.kind === "loaded" && loaded.policy.lists.map(({ rules }) => rules.length)).toEqual([0]);
  });
});
