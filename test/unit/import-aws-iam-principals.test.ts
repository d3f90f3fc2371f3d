// Principals of AWS IAM are who they are there, in resource policies and in trust policies, and no one is exempt by half a name.

import { describe, expect, it } from "vitest";
import { allow, decideOn, deny, get, policy, problemsOf, without } from "./import-aws-iam-statements.js";

describe("principals", () => {
  const who = (Principal: unknown) => policy(allow({ Principal: Principal as string }));
  const held = (Principal: unknown) => policy(allow(), deny({ Principal: Principal as string }));
  const user = { "aws:principalarn": "arn:aws:iam::111122223333:user/ann", "aws:principalaccount": "111122223333" };
  const other = { "aws:principalarn": "arn:aws:iam::444455556666:user/bob", "aws:principalaccount": "444455556666" };
  const service = { "aws:principalservicename": "sns.amazonaws.com" };
  it.each<readonly [unknown, boolean, boolean, boolean]>([
    ["*", true, true, true],
    [{ AWS: "*" }, true, true, true],
    [{ AWS: "111122223333" }, true, false, false],
    [{ AWS: ["arn:aws:iam::111122223333:root"] }, true, false, false],
    [{ AWS: "arn:aws:iam::111122223333:user/ann" }, true, false, false],
    [{ AWS: ["arn:aws:iam::111122223333:role/x", "444455556666"] }, false, true, false],
    [{ Service: "sns.amazonaws.com" }, false, false, true],
    [{ Service: ["sns.amazonaws.com"], AWS: "111122223333" }, true, false, true],
    [{ Federated: "cognito-identity.amazonaws.com" }, false, false, false],
  ])("%j is who it is there", (Principal, ...expected) => {
    for (const [index, context] of [user, other, service].entries()) {
      expect(decideOn(who(Principal), get({ context }))).toBe(expected[index] ? "allow" : "deny");
      expect(decideOn(held(Principal), get({ context }))).toBe(expected[index] ? "deny" : "allow");
    }
    const everyone = expected.every((each) => each);
    expect(decideOn(who(Principal), get())).toBe(everyone ? "allow" : "deny");
    for (const context of [{}, 5]) expect(decideOn(held(Principal), get({ context }))).toBe("deny");
  });
  it("a user is exempt from a deny by its own name and its account's together", () => {
    const exempt = (AWS: readonly string[]) => policy(allow(), deny({ NotPrincipal: { AWS } }));
    const both = exempt(["arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:root"]);
    expect(decideOn(both, get({ context: user }))).toBe("allow");
    expect(decideOn(both, get({ context: { ...user, "aws:principalarn": "arn:aws:iam::111122223333:user/eve" } }))).toBe("deny");
    expect(decideOn(both, get({ context: { ...user, "aws:principalarn": "arn:aws:iam::111122223333:root" } }))).toBe("allow");
    expect(decideOn(both, get({ context: other }))).toBe("deny");
    expect(decideOn(both, get())).toBe("deny");
    expect(problemsOf(exempt(["arn:aws:iam::111122223333:role/x"]))).toEqual(["not_supported /Statement/1/NotPrincipal/AWS/0"]);
    const services = policy(allow(), deny({ NotPrincipal: { Service: "sns.amazonaws.com" } }));
    expect([user, service].map((context) => decideOn(services, get({ context })))).toEqual(["deny", "allow"]);
  });
  it("a user named without the account is not exempt, as there", () => {
    const text = policy(allow(), deny({ NotPrincipal: { AWS: "arn:aws:iam::111122223333:user/ann", Service: "sns.amazonaws.com" } }));
    expect(decideOn(text, get({ context: user }))).toBe("deny");
    expect(decideOn(policy(allow(), deny({ NotPrincipal: { AWS: "arn:aws:iam::111122223333:user/ann" } })), get({ context: user }))).toBe(
      "deny",
    );
  });
  it.each<readonly [unknown, string]>([
    [{ AWS: "arn:aws:sts::111122223333:assumed-role/r/s" }, "not_supported /Statement/0/Principal/AWS"],
    [{ AWS: "arn:aws:iam::111122223333:role/*" }, "not_supported /Statement/0/Principal/AWS"],
    [{ AWS: "AIDAEXAMPLE" }, "not_supported /Statement/0/Principal/AWS"],
    [{ AWS: "111122223333:root" }, "not_supported /Statement/0/Principal/AWS"],
    [{ AWS: [] }, "invalid_value /Statement/0/Principal/AWS"],
    [{ CanonicalUser: "79a5" }, "not_supported /Statement/0/Principal/CanonicalUser"],
    [{ Service: "*" }, "invalid_value /Statement/0/Principal/Service"],
    [{}, "invalid_value /Statement/0/Principal"],
    ["ann", "wrong_type /Statement/0/Principal"],
    [{ Aws: "1" }, "unknown_key /Statement/0/Principal/Aws"],
  ])("refuses %j by its place", (Principal, problem) => expect(problemsOf(who(Principal))[0]).toBe(problem));
});

describe("trust policies", () => {
  it("name no resource, and are about whatever they are attached to", () => {
    const text = policy(without(allow({ Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }), "Resource"));
    const assume = { action: "aws:sts:assumerole", resource: { arn: "arn:aws:iam::111122223333:role/r" } };
    const by = (name: string) => ({ ...assume, context: { "aws:principalservicename": name } });
    expect([by("ec2.amazonaws.com"), by("sns.amazonaws.com"), assume].map((request) => decideOn(text, request))).toEqual([
      "allow",
      "deny",
      "deny",
    ]);
  });
});
