// Actions of AWS IAM match in any case and deny requests of another shape, and NotAction leaves out exactly what it names.

import { describe, expect, it } from "vitest";
import { importAwsIam } from "../../src/import/aws-iam/index.js";
import { allow, decideOn, deny, get, inContext, policy, problemsOf } from "./import-aws-iam-statements.js";

describe("actions", () => {
  it.each([
    ["*", { "s3:getobject": true, "iam:getuser": true }],
    ["s3:*", { "s3:getobject": true, "s3-object-lambda:getobject": false }],
    ["S3:GetObject", { "s3:getobject": true, "s3:getobjectacl": false }],
    ["s3:Get*", { "s3:getobject": true, "s3:putobject": false, "s3:get": true }],
    ["s3:G?tObject", { "s3:getobject": true, "s3:gtobject": false }],
    ["s3:Get***Acl", { "s3:getobjectacl": true, "s3:getobject": false }],
    ["*:GetUser", { "iam:getuser": true, "s3:getobject": false }],
  ])("%s matches whatever the case it is written in", (pattern, cases) => {
    for (const [action, matches] of Object.entries(cases)) {
      expect([action, decideOn(policy(allow({ Action: pattern })), get({ action: `aws:${action}` }))]).toEqual([
        action,
        matches ? "allow" : "deny",
      ]);
    }
  });
  it("a request with a capital letter is denied, so that no deny is slipped by case", () => {
    const text = policy(allow(), deny({ Action: "s3:GetObject" }));
    for (const action of ["aws:s3:GetObject", "aws:S3:getobject", "aws:iam:getUser", "aws:s3:getobject"]) {
      expect(decideOn(text, get({ action }))).toBe("deny");
    }
    expect(decideOn(text, get({ action: "aws:iam:getuser" }))).toBe("allow");
  });
  it("requests of another shape are denied", () => {
    for (const action of ["s3:getobject", "aws:s3", "aws:s3:get:object", "aws"])
      expect(decideOn(policy(allow()), get({ action }))).toBe("deny");
  });
  it.each([
    "s3",
    "s3:",
    ":Get",
    "s3:Get:Object",
    "",
    "s3:Get Object",
    "s3:<name>",
    "s3:\\*",
    `s3:Get\${x}`,
    "\u212ams:Get",
    `s3:${"x".repeat(130)}`,
  ])("refuses %s by its place", (Action) => {
    expect(problemsOf(policy(allow({ Action: ["s3:*", Action] })))).toEqual([
      `${Action === "" ? "wrong_type" : "invalid_value"} /Statement/0/Action/1`,
    ]);
  });
});

describe("NotAction", () => {
  const region = { StringNotEquals: { "aws:RequestedRegion": ["eu-west-1", "eu-central-1"] } };
  const from = (action: string, where: unknown) => get({ action, ...inContext("aws:requestedregion", where) });
  const guarded = policy(
    allow({ Action: ["s3:*", "iam:*", "ec2:RunInstances"] }),
    deny({ NotAction: ["iam:*", "s3:Get*"], Condition: region }),
  );
  it.each([
    ["aws:iam:getuser", "us-east-1", "allow"],
    ["aws:iam:getuser", undefined, "allow"],
    ["aws:s3:getobject", "us-east-1", "allow"],
    ["aws:s3:putobject", "us-east-1", "deny"],
    ["aws:s3:putobject", undefined, "deny"],
    ["aws:s3:putobject", 7, "deny"],
    ["aws:s3:putobject", "eu-west-1", "allow"],
    ["aws:ec2:runinstances", "eu-west-1", "allow"],
    ["aws:ec2:runinstances", "us-east-1", "deny"],
    ["aws:sqs:sendmessage", "eu-west-1", "deny"],
  ])("a deny of all but some: %s from %s is %s", (action, where, decision) => {
    expect(decideOn(guarded, from(action, where))).toBe(decision);
  });
  it("a deny of all but some without a condition leaves the rest only", () => {
    const text = policy(allow({ Action: "s3:*Object" }), deny({ NotAction: ["s3:Get*", "iam:*"] }));
    expect(decideOn(text, get())).toBe("allow");
    expect(decideOn(text, get({ action: "aws:s3:getobjectobject" }))).toBe("allow");
    expect(decideOn(text, get({ action: "aws:s3:putobject" }))).toBe("deny");
    expect(decideOn(text, get({ action: "aws:s3:getbucket" }))).toBe("deny");
  });
  it("several denies of all but some hold together", () => {
    const text = policy(
      allow(),
      deny({ NotAction: "s3:*", Condition: region }),
      deny({ NotAction: ["s3:Get*", "iam:*"], NotResource: "arn:aws:s3:::b/*" }),
    );
    const outside = { resource: { arn: "arn:aws:s3:::c/k" } };
    expect(decideOn(text, get())).toBe("allow");
    expect(decideOn(text, get(outside))).toBe("allow");
    expect(decideOn(text, get({ action: "aws:s3:putobject" }))).toBe("allow");
    expect(decideOn(text, get({ action: "aws:s3:putobject", ...outside }))).toBe("deny");
    expect(decideOn(text, get({ action: "aws:iam:getuser" }))).toBe("deny");
    expect(decideOn(text, { ...from("aws:iam:getuser", "eu-west-1"), ...outside })).toBe("allow");
  });
  it("an allow of all but some allows them not, and is refused beside another allow of them", () => {
    const text = policy(allow({ NotAction: ["iam:*", "sts:*"] }), allow({ Action: "s3:*" }));
    expect(decideOn(text, get())).toBe("allow");
    expect(decideOn(text, get({ action: "aws:iam:getuser" }))).toBe("deny");
    const refused = ["not_supported /Statement/0/NotAction"];
    expect(problemsOf(policy(allow({ NotAction: "iam:*" }), allow({ Action: "*:Get*" })))).toEqual(refused);
    expect(problemsOf(policy(allow({ NotAction: ["iam:*", "a:b"] }), allow({ NotAction: "iam:*" })))).toEqual(refused);
    expect(problemsOf(policy(allow({ NotAction: "iam:*" }), allow({ NotAction: "IAM:*" })))).toEqual([]);
  });
  it("a deny that stands in the allows is named in the notes", () => {
    const result = importAwsIam(guarded);
    expect(result.kind === "ok" && result.notes).toEqual([expect.stringContaining("/Statement/1")]);
    const alone = importAwsIam(policy(deny({ NotAction: "iam:*" })));
    expect(alone.kind === "ok" && alone.notes).toHaveLength(2);
  });
  it("is refused where nothing is left, and where patterns grow too many", () => {
    expect(problemsOf(policy(deny({ NotAction: ["*"] })))).toEqual(["invalid_value /Statement/0/NotAction/0"]);
    const [left, right] = ["*a*b*c*d*e*f*", "*g*h*i*j*k*l*"];
    expect(problemsOf(policy(allow({ Action: `s3:${left}` }), deny({ NotAction: `s3:${right}` })))).toEqual([
      "too_large /Statement/1/NotAction",
    ]);
    const many = Array.from({ length: 11 }, (_, i) => deny({ NotAction: [`a:${i}`], Condition: { StringEquals: { "a:b": "c" } } }));
    expect(problemsOf(policy(...Array.from({ length: 400 }, () => allow()), ...many))).toEqual(["too_large /Statement/401/NotAction"]);
  });
});
