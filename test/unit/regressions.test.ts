// What the property tests once found, as fixed vectors, smallest first. Each says what was wrong when it was found.
import { describe, expect, test } from "vitest";
import { decide } from "../../prover/kernel/index.js";
import type { PolicyDocument, RuleDocument } from "../generators/index.js";
import { referenceDecision } from "../property/reference.js";
import { sideOf, testProver } from "../property/support.js";

const policy = (rules: readonly RuleDocument[]): PolicyDocument => ({ language: "atmost/1", name: "regression", version: "1", rules });
const allow = (id: string, when: NonNullable<RuleDocument["when"]>, action: RuleDocument["action"] = "**"): RuleDocument => ({
  id,
  effect: "allow",
  action,
  when,
});

describe("routes whose last segment is empty", () => {
  // Found by "the kernel and the reference decide every request alike": the kernel matched the first, and not the second.
  for (const [pattern, route, decision] of [
    ["/**/", "/", "deny"],
    ["/a/*/**", "/a/", "allow"],
    ["/**/", "/a/", "allow"],
    ["/**/", "/a", "deny"],
  ] as const)
    test(`\`${pattern}\` ${decision === "allow" ? "matches" : "does not match"} \`${route}\``, () => {
      const document = policy([allow("r", { r: { route: pattern } })]);
      const request = { action: "a", r: route };
      expect(referenceDecision(document, request)).toBe(decision);
      expect(decide(sideOf(document).subject.loaded, request)).toBe(decision);
    });
});

describe("links that took too long", () => {
  // Found by "the prover's answer is the exhaustive truth", seed 848748455: more than 60 s, whatever the deadline, of six small URLs.
  const url = (pattern: string) => ({ u: { url: pattern } });
  const small = { any: [{ "p.x": { lt: 0.5 } }, url("https://a.b:*/a")] };
  const covered = { any: [url("https://**.b/**"), { u: { in: [] } }] };
  const deny: RuleDocument = { id: "r1", effect: "deny", action: "**", when: { any: [{ "p.x": { lte: 0.5 } }, { "p.x": { lt: 0.5 } }] } };
  const lower = policy([deny, { ...allow("r2", {}), unless: { "p.x": { gte: 0 } } }, allow("r3", small)]);
  const upper = policy([
    deny,
    { ...allow("r2", {}, "a:**"), unless: { "p.x": { gte: 0 } } },
    allow("r3", { all: [{ any: [{ "p.x": { lt: -0.5 } }, url("https://a.b:*/a")] }, covered] }),
    allow("half1", { all: [small, { not: covered }] }),
  ]);

  test("alternatives of URLs beside numbers are answered within ten seconds", async () => {
    const started = performance.now();
    const result = await testProver().checkContainment(sideOf(lower).subject, sideOf(upper).subject);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(result.kind).toBe("exceeds");
  });
});

describe("the size of certificates", () => {
  // Found by "the order of rules, rules that stand twice …": each rule that stood twice below doubled its part of the proof, 7 nodes to 13.
  test("does not grow with rules that stand twice", async () => {
    const rules = [allow("r1", { odd: { contains: "a" } }), allow("r2", { not: { odd: { contains: "a" } } })];
    const upper = sideOf(policy([allow("r1", {})])).subject;
    const nodes = async (list: readonly RuleDocument[]) => {
      const result = await testProver().checkContainment(sideOf(policy(list)).subject, upper);
      return result.kind === "contained" ? Number(Object(result.certificate["counts"])["nodes"]) : Number.NaN;
    };
    const once = await nodes(rules);
    expect(await nodes([...rules, ...rules.map((rule) => ({ ...rule, id: `${rule.id} again` }))])).toBeLessThanOrEqual(once + 1);
    const ten = Array.from({ length: 10 }, (_, i) => rules.map((rule) => ({ ...rule, id: `${rule.id} ${i}` })));
    expect(await nodes(ten.flat())).toBeLessThanOrEqual(once + 1);
  });
});
