// Lint finds delegations that hand on more than the policy grants, and limits that leave nothing.

import { afterAll, describe, expect, test } from "vitest";
import { createProver } from "../../prover/index.js";
import { inShort, lintedBy, only, policyOf, type Rule, read, requestsOf } from "./lint-checked.js";

const prover = createProver({ clock: () => performance.now(), solver: "none" });
afterAll(() => prover.close());
const linted = lintedBy(prover);

describe("wide_delegation", () => {
  const more = (rules: readonly Rule[], limits = { depth: 1, children: 1 }) => ({ delegation: { rules }, limits });

  test("is a note on a rule that hands on what no rule of the policy grants, with the request", async () => {
    const finding = only(await linted(policyOf([read], more([{ id: "d", effect: "allow", action: "fs:read" }]))));
    expect(finding).toMatchObject({ kind: "wide_delegation", level: "note", pointer: "/delegation/rules/0", removable: false });
    expect(requestsOf(finding).map(({ decision }) => decision)).toEqual(["allow", "deny"]);
  });

  test("is not found where the delegation is within, or allows what the policy asks for", async () => {
    expect((await linted(policyOf([read], more([{ id: "d", effect: "allow", ...read }])))).findings).toEqual([]);
    const asks = policyOf([{ ...read, effect: "ask" }], more([{ id: "d", effect: "allow", ...read }]));
    expect((await linted(asks)).findings).toEqual([]);
  });

  // Found by an adversary: the request that was shown is one that the policy asks for, and that a deny of its own takes away.
  test("is not found where the policy asks for it all, and denies some of it itself", async () => {
    const rules: readonly Rule[] = [
      { effect: "ask", action: "fs:read" },
      { id: "no", effect: "deny", action: "fs:read", when: { p: { eq: "a" } } },
    ];
    const handed = policyOf(rules, more([{ id: "d", effect: "allow", action: "fs:read", when: { p: { in: ["a", "b"] } } }]));
    expect((await linted(handed)).findings.filter(({ kind }) => kind === "wide_delegation")).toEqual([]);
    const wider = policyOf(rules, more([{ id: "d", effect: "allow", action: ["fs:read", "fs:write"], when: { p: { in: ["a", "b"] } } }]));
    const [finding] = (await linted(wider)).findings.filter(({ kind }) => kind === "wide_delegation");
    expect(finding?.evidence.map((each) => ("request" in each ? each.request : undefined))).toEqual([
      expect.objectContaining({ action: "fs:write" }),
      expect.objectContaining({ action: "fs:write" }),
    ]);
  });

  test("a rule of the delegation that the policy permits nothing of is redundant", async () => {
    const found = only(
      await linted(
        policyOf(
          [read],
          more([
            { id: "d", effect: "allow", action: "net" },
            { id: "e", effect: "allow", ...read },
          ]),
        ),
      ),
    );
    expect(found).toMatchObject({
      kind: "redundant",
      pointer: "/delegation/rules/0",
      summary: expect.stringContaining("permits nothing of it"),
    });
  });
});

describe("empty_limit", () => {
  const expires = "2030-01-01T00:00:00Z";
  test("is found of an expiry that has come, at the time that is given and at no other", async () => {
    const policy = policyOf([read, { effect: "ask", action: "pay" }], { limits: { expires } });
    const ends = Date.parse(expires);
    expect(only(await linted(policy, { now: ends }))).toMatchObject({ kind: "empty_limit", pointer: "/limits/expires" });
    expect((await linted(policy, { now: ends - 1 })).findings).toEqual([]);
    expect((await linted(policy)).findings).toEqual([]);
  });

  test("is found of a delegation without depth, or without children", async () => {
    const found = async (limits: object | undefined, delegation: unknown = "all") =>
      inShort(await linted(policyOf([read], { delegation, ...(limits === undefined ? {} : { limits }) })));
    expect(await found(undefined)).toEqual(["empty_limit /delegation"]);
    expect(await found({ depth: 0, children: 3 })).toEqual(["empty_limit /limits/depth"]);
    expect(await found({ depth: 1, children: 0 })).toEqual(["empty_limit /limits/children"]);
    expect(await found({ depth: 1 })).toEqual(["empty_limit /delegation"]);
    expect(await found({ depth: "unlimited", children: "unlimited" })).toEqual([]);
    expect(await found(undefined, "none")).toEqual([]);
    expect(await found(undefined, { rules: [] })).toEqual([]);
  });
});
