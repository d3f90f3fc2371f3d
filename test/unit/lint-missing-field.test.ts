// Lint finds a deny or an ask that a request slips past by leaving out a field, shows both requests, and keeps silent elsewhere.

import { afterAll, describe, expect, test } from "vitest";
import { createProver } from "../../prover/index.js";
import { inShort, lintedBy, only, policyOf, type Rule, read, requestsOf } from "./lint-checked.js";

const prover = createProver({ clock: () => performance.now(), solver: "none" });
afterAll(() => prover.close());
const linted = lintedBy(prover);

describe("missing_field", () => {
  test("is found of a deny beside an allow that does not look at the field, with both requests", async () => {
    const deny = { effect: "deny", action: "fs:**", when: { path: { path: "/**/.env" } } };
    const finding = only(await linted(policyOf([{ action: "fs:read" }, deny])));
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/1", removable: false });
    const [denied, permitted] = requestsOf(finding);
    expect(denied).toMatchObject({ decision: "deny", request: { action: "fs:read", path: expect.any(String) } });
    expect(permitted).toMatchObject({ decision: "allow", request: { action: "fs:read" } });
    expect(permitted?.request).not.toHaveProperty("path");
    expect(finding.summary).toContain("`path`");
  });

  test("is found of a field within an object, and of each of several fields", async () => {
    const deny = { effect: "deny", action: "pay", when: { "args.to": { eq: "x" }, "args.amount": { gt: 5 } } };
    const finding = only(await linted(policyOf([{ action: "pay" }, deny])));
    expect(finding.summary).toMatch(/`args\.amount` or `args\.to`|`args\.to` or `args\.amount`/);
    expect(finding.evidence).toHaveLength(4);
  });

  test("is found where the request that is denied is permitted by another rule than the one without the field", async () => {
    const rules = [
      { ...read, action: "fs:*" },
      { action: "fs:read", when: { user: { eq: "root" } } },
      { effect: "deny", action: "fs:*", when: { path: { path: "/repo/.env" } } },
    ];
    const finding = only(await linted(policyOf(rules)));
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/2" });
    expect(requestsOf(finding)[1]?.request).toEqual({ action: "fs:read", user: "root" });
  });

  test("is found of an ask that an allow slips past where the field is missing, with both requests", async () => {
    const finding = only(
      await linted(policyOf([{ action: "mail" }, { effect: "ask", action: "mail", when: { class: { eq: "personal" } } }])),
    );
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/1", removable: false });
    expect(finding?.summary).toMatch(/^a request without `class` slips past `.*`: it is false there, and `.*` allows it without looking$/);
    expect(requestsOf(finding).map(({ decision, request }) => [decision, request])).toEqual([
      ["ask", { action: "mail", class: "personal" }],
      ["allow", { action: "mail" }],
    ]);
  });

  test("is found of an ask whose example another allow makes, by asking for any request without the field", async () => {
    const rules = [
      { action: "mail", when: { class: { present: true } } },
      { action: "mail:*", when: { user: { eq: "root" } } },
      { effect: "ask", action: ["mail", "mail:*"], when: { class: { eq: "personal" } } },
    ];
    const finding = only(await linted(policyOf(rules)));
    expect(finding).toMatchObject({ kind: "missing_field", pointer: "/rules/2" });
    expect(requestsOf(finding)[1]).toMatchObject({ decision: "allow", request: { user: "root" } });
  });

  test.each<[string, readonly Rule[]]>([
    ["nothing allows what the ask does not ask of", [{ effect: "ask", action: "mail", when: { class: { eq: "personal" } } }]],
    [
      "an allow beside an ask needs the field",
      [
        { action: "mail", when: { class: { in: ["personal", "business"] } } },
        { effect: "ask", action: "mail", when: { class: { eq: "personal" } } },
      ],
    ],
    [
      "the ask holds without the field",
      [{ action: "mail" }, { effect: "ask", action: "mail", when: { not: { class: { eq: "public" } } } }],
    ],
    [
      "another ask asks for what lacks the field",
      [
        { action: "mail" },
        { effect: "ask", action: "mail", when: { class: { eq: "personal" } } },
        { effect: "ask", action: "mail", when: { class: { present: false } } },
      ],
    ],
    ["the allow needs the field", [read, { effect: "deny", action: "fs:*", when: { path: { path: "/**/.env" } } }]],
    ["the deny holds without the field", [{ action: "pay" }, { effect: "deny", action: "pay", when: { not: { to: { eq: "a" } } } }]],
    ["the deny asks for presence itself", [{ action: "pay" }, { effect: "deny", action: "pay", when: { force: { present: true } } }]],
    [
      "another deny stops what lacks the field",
      [
        { action: "pay" },
        { effect: "deny", action: "pay", when: { to: { eq: "a" } } },
        { effect: "deny", action: "pay", when: { to: { present: false } } },
      ],
    ],
    [
      "the allow says what a missing field means",
      [
        { action: "pay", when: { any: [{ to: { present: false } }, { to: { prefix: "a" } }] } },
        { effect: "deny", action: "pay", when: { to: { eq: "ab" } } },
      ],
    ],
  ])("is not found where %s", async (_, rules) => {
    expect(inShort(await linted(policyOf(rules)))).toEqual([]);
  });
});
