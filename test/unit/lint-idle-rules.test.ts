// Lint finds rules that change nothing, because they match nothing or because others stand before them, and only those.

import { afterAll, describe, expect, test } from "vitest";
import { createProver } from "../../prover/index.js";
import { inShort, lintedBy, only, policyOf, type Rule, read, requestsOf } from "./lint-checked.js";

const prover = createProver({ clock: () => performance.now(), solver: "none" });
afterAll(() => prover.close());
const linted = lintedBy(prover);

describe("never_matches", () => {
  test.each<[string, Rule]>([
    ["an `unless` that takes back all of `when`", { ...read, unless: { path: { path: "/**" } } }],
    ["two values of one field", { action: "pay", when: { all: [{ "args.to": { eq: "a" } }, { "args.to": { eq: "b" } }] } }],
    ["numbers that are out of order", { action: "pay", when: { amount: { lt: 5, gt: 10 } } }],
    ["an empty list", { action: "pay", when: { to: { in: [] } } }],
    ["two hosts at once", { action: "net", when: { host: { host: "*.example.com", suffix: ".org" } } }],
  ])("is found of an allow with %s", async (_, rule) => {
    const finding = only(await linted(policyOf([{ action: "x" }, rule])));
    expect(finding).toMatchObject({ kind: "never_matches", pointer: "/rules/1", removable: true, level: "warning" });
  });

  test("is found of a deny that is false of every request, with a certificate that it is never unknown either", async () => {
    const rule = { effect: "deny", action: "pay", when: { any: [] } };
    const finding = only(await linted(policyOf([{ action: "pay" }, rule])));
    expect(finding).toMatchObject({ kind: "never_matches", removable: true });
    expect(finding.evidence.map(({ kind }) => kind)).toEqual(["certificate", "certificate"]);
  });

  test("says of a deny that is only ever unknown that it restricts, and does not call it removable", async () => {
    const rule = { effect: "deny", action: "pay", when: { amount: { lt: 5, gt: 10 } } };
    const finding = only(await linted(policyOf([{ action: "pay" }, rule])));
    expect(finding).toMatchObject({ kind: "never_matches", removable: false });
    expect(requestsOf(finding)).toMatchObject([{ decision: "deny", evaluation: { rules: [{ truth: "unknown" }] } }]);
  });

  test("is not found of rules that match one request alone", async () => {
    const rules = [
      { action: "pay", when: { amount: { gte: 5, lte: 5 } } },
      { action: "a", unless: { x: { present: true } } },
    ];
    expect((await linted(policyOf(rules))).findings).toEqual([]);
  });
});

describe("redundant", () => {
  test("names the wider allow that covers one", async () => {
    const narrow = { action: "fs:read", when: { path: { path: "/repo/src/**" } } };
    const finding = only(await linted(policyOf([narrow, { ...read, because: "all of it" }, { action: "x" }])));
    expect(finding).toMatchObject({
      kind: "redundant",
      pointer: "/rules/0",
      removable: true,
      covers: [{ id: "r1", pointer: "/rules/1", because: "all of it" }],
    });
    expect(finding.evidence.map(({ kind }) => kind)).toEqual(["certificate", "certificate"]);
  });

  test("names two rules that only together cover one", async () => {
    const under = (top: string) => ({ action: "fs:read", when: { path: { path: `/${top}/**` } } });
    const both = { action: "fs:read", when: { path: { path: ["/a/x/**", "/b/x/**"] } } };
    const finding = only(await linted(policyOf([under("a"), both, under("b"), under("c")])));
    expect(finding).toMatchObject({ kind: "redundant", pointer: "/rules/1", covers: [{ id: "r0" }, { id: "r2" }] });
  });

  test("names the deny that hides an allow, and the deny that covers a deny", async () => {
    const secrets = { effect: "deny", action: "fs:*", when: { path: { path: "/repo/secrets/**" } } };
    const hidden = { action: "fs:read", when: { path: { path: "/repo/secrets/a" } } };
    expect(only(await linted(policyOf([read, secrets, hidden])))).toMatchObject({ kind: "redundant", pointer: "/rules/2" });
    const deny = { ...hidden, effect: "deny" };
    expect(only(await linted(policyOf([read, secrets, deny])))).toMatchObject({ pointer: "/rules/2", covers: [{ id: "r1" }] });
  });

  test("of two equal rules only the later one is said to be removable", async () => {
    for (const effect of ["allow", "ask"]) {
      const found = inShort(
        await linted(
          policyOf([
            { ...read, effect },
            { ...read, effect },
          ]),
        ),
      );
      expect(found).toEqual(["redundant /rules/1"]);
    }
  });

  test("a rule that can only be removed where another stays is not found beside it", async () => {
    // The deny hides the allow, so the allow can go; then the deny has nothing to deny. Whoever removed the deny alone would permit more.
    const found = await linted(policyOf([{ action: "x" }, { effect: "deny", action: "x" }]));
    expect(inShort(found)).toEqual(["redundant /rules/0"]);
  });

  test("an allow beside an ask of the same is not redundant where the ask is unknown, and is where it never is", async () => {
    const ask = { effect: "ask", action: "pay", when: { amount: { gt: 5 } } };
    const named = { action: "pay", when: { amount: { present: true } } };
    expect((await linted(policyOf([named, ask]))).findings).toEqual([]);
    const always = { effect: "ask", action: "pay" };
    expect(only(await linted(policyOf([{ action: "pay" }, always])))).toMatchObject({ kind: "redundant", pointer: "/rules/0" });
  });

  test("is found of an allow that only the expiry keeps from mattering", async () => {
    const late = { action: "x", when: { "context.time": { after: "2031-01-01T00:00:00Z" } } };
    const found = only(await linted(policyOf([{ action: "y" }, late], { limits: { expires: "2030-01-01T00:00:00Z" } })));
    expect(found).toMatchObject({ kind: "redundant", pointer: "/rules/1", covers: [], summary: expect.stringContaining("the limits") });
  });

  test("is found in a delegation, of the delegable view", async () => {
    const delegation = { rules: [{ id: "a", effect: "allow", action: "fs:*", when: { path: { path: "/repo/a" } } }] };
    const rules = [...delegation.rules, { id: "b", effect: "allow", action: "fs:read", when: { path: { eq: "/repo/a" } } }];
    const more = { delegation: { rules }, limits: { depth: 1, children: 1 } };
    const all = { action: "fs:*", when: { path: { path: "/repo/**" } } };
    expect(only(await linted(policyOf([all], more)))).toMatchObject({ kind: "redundant", pointer: "/delegation/rules/1" });
  });
});

describe("denies_nothing", () => {
  test("is found of a deny where nothing is permitted", async () => {
    const deny = { effect: "deny", action: "fs:read", when: { path: { path: "/etc/**" } } };
    const asked = { effect: "deny", action: "net:*" };
    const found = await linted(policyOf([{ ...read, unless: { path: { path: "/etc/**" } } }, asked]));
    expect(inShort(found)).toEqual(["denies_nothing /rules/1"]);
    // A path that is not canonical is unknown to the deny and to the allow alike: nothing is permitted there either.
    expect(only(await linted(policyOf([read, deny])))).toMatchObject({ kind: "denies_nothing", pointer: "/rules/1", removable: true });
  });
});

describe("hidden_ask", () => {
  test("is found of an ask that an equal or a wider deny hides, and names it", async () => {
    for (const action of ["tool:pay", "tool:*"]) {
      const finding = only(await linted(policyOf([{ action: "**" }, { effect: "ask", action: "tool:pay" }, { effect: "deny", action }])));
      expect(finding).toMatchObject({ kind: "hidden_ask", pointer: "/rules/1", removable: true, covers: [{ id: "r2" }] });
    }
  });

  test("is not found of an ask that a deny hides in part", async () => {
    const deny = { effect: "deny", action: "tool:*", when: { to: { eq: "me" } } };
    const found = inShort(await linted(policyOf([{ effect: "ask", action: "tool:pay" }, deny])));
    expect(found).toEqual(["missing_field /rules/1"]);
  });
});
