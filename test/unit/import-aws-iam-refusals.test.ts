// What the AWS IAM importer refuses, each by its code and its place, and all of it at once.

import { describe, expect, it } from "vitest";
import { importAwsIam } from "../../src/import/aws-iam/index.js";
import type { JsonObject } from "../../src/import/index.js";
import { allow, deny, policy, problemsOf, without } from "./import-aws-iam-statements.js";

const withCondition = (operator: string, value: unknown, name = "x:Key") =>
  policy(allow({ Condition: { [operator]: { [name]: value } } as JsonObject }));
const inStatement = "/Statement/0";

describe("what is refused", () => {
  it.each<readonly [string, string]>([
    [JSON.stringify({ Version: "2008-10-17", Statement: [allow()] }), "invalid_value /Version"],
    [JSON.stringify({ Version: "2012-10-18", Statement: [allow()] }), "invalid_value /Version"],
    [JSON.stringify({ Statement: [allow()] }), "missing_key "],
    [JSON.stringify({ Version: "2012-10-17" }), "missing_key "],
    [JSON.stringify({ Version: "2012-10-17", Statement: [] }), "invalid_value /Statement"],
    [JSON.stringify({ Version: "2012-10-17", Statement: "Allow" }), "wrong_type /Statement"],
    [JSON.stringify({ Version: "2012-10-17", Statement: [allow()], Statements: [] }), "unknown_key /Statements"],
    [policy(...Array.from({ length: 501 }, () => allow())), "too_large /Statement"],
    ["[]", "wrong_type "],
    ["", "json_syntax "],
    ["Version: 2012-10-17", "json_syntax "],
    ['{"Version":"2012-10-17","Version":"2012-10-17"}', "duplicate_key /Version"],
    [policy(allow({ Effect: "allow" })), `invalid_value ${inStatement}/Effect`],
    [policy(without(allow(), "Effect")), `missing_key ${inStatement}`],
    [policy(without(allow(), "Action")), `missing_key ${inStatement}`],
    [policy(without(allow(), "Resource")), `missing_key ${inStatement}`],
    [policy(allow({ Action: "*", NotAction: "s3:*" })), `invalid_value ${inStatement}/NotAction`],
    [policy(allow({ Resource: "*", NotResource: "arn:aws:s3:::b" })), `invalid_value ${inStatement}/NotResource`],
    [policy(deny({ NotResource: ["arn:aws:s3:::b", "*"] })), `invalid_value ${inStatement}/NotResource/1`],
    [policy(allow({ Principal: "*", NotPrincipal: "*" })), `invalid_value ${inStatement}/NotPrincipal`],
    [policy(allow({ NotPrincipal: { AWS: "111122223333" } })), `not_supported ${inStatement}/NotPrincipal`],
    [policy(deny({ NotPrincipal: "*" })), `invalid_value ${inStatement}/NotPrincipal`],
    [policy(allow({ Action: [] })), `invalid_value ${inStatement}/Action`],
    [policy(allow({ Action: 7 })), `wrong_type ${inStatement}/Action`],
    [policy(allow({ Resource: [] })), `invalid_value ${inStatement}/Resource`],
    [policy(allow({ Resource: "bucket" })), `invalid_value ${inStatement}/Resource`],
    [policy(allow({ Resource: `arn:aws:s3:::\${aws:username}/*` })), `not_supported ${inStatement}/Resource`],
    [policy(allow({ Resource: `arn:aws:s3:::\${aws:username` })), `not_supported ${inStatement}/Resource`],
    [policy(allow({ Resource: "arn:aws:s3:::<bucket-name>/*" })), `invalid_value ${inStatement}/Resource`],
    [policy(allow({ Resource: `arn:aws:s3:::${"x".repeat(1_100)}` })), `invalid_value ${inStatement}/Resource`],
    [policy(allow({ Sid: "A" }), allow({ Sid: "A" })), "duplicate_id /Statement/1/Sid"],
    [policy(allow({ Sid: 1 })), `wrong_type ${inStatement}/Sid`],
    [policy(allow({ Conditions: {} })), `unknown_key ${inStatement}/Conditions`],
    [policy(allow({ Condition: [] })), `wrong_type ${inStatement}/Condition`],
    [policy(allow({ Condition: { StringEquals: {} } })), `invalid_value ${inStatement}/Condition/StringEquals`],
    [withCondition("stringEquals", "a"), `unknown_key ${inStatement}/Condition/stringEquals`],
    [withCondition("StringMatches", "a"), `unknown_key ${inStatement}/Condition/StringMatches`],
    [withCondition("NotBool", true), `unknown_key ${inStatement}/Condition/NotBool`],
    [withCondition("NullIfExists", true), `unknown_key ${inStatement}/Condition/NullIfExists`],
    [withCondition("ForAnyValue:Null", true), `unknown_key ${inStatement}/Condition/ForAnyValue:Null`],
    [withCondition("ForSomeValues:StringEquals", "a"), `unknown_key ${inStatement}/Condition/ForSomeValues:StringEquals`],
    [withCondition("BinaryEquals", "YQ=="), `not_supported ${inStatement}/Condition/BinaryEquals`],
    [withCondition("ForAnyValue:Bool", true), `not_supported ${inStatement}/Condition/ForAnyValue:Bool/x:Key`],
    [withCondition("ForAllValues:NumericEquals", [1, 2]), `not_supported ${inStatement}/Condition/ForAllValues:NumericEquals/x:Key`],
    [withCondition("ForAnyValue:NumericNotEquals", [1, 2]), `not_supported ${inStatement}/Condition/ForAnyValue:NumericNotEquals/x:Key`],
    [withCondition("StringEquals", []), `invalid_value ${inStatement}/Condition/StringEquals/x:Key`],
    [withCondition("StringEquals", 7), `wrong_type ${inStatement}/Condition/StringEquals/x:Key`],
    [withCondition("StringLike", ["a", `\${aws:username}*`]), `not_supported ${inStatement}/Condition/StringLike/x:Key/1`],
    [withCondition("StringEquals", `\${aws:PrincipalTag/team, 'x'}`), `not_supported ${inStatement}/Condition/StringEquals/x:Key`],
    [
      withCondition("StringEquals", "a", `aws:ResourceTag/\${TagKey}`),
      `not_supported ${inStatement}/Condition/StringEquals/aws:ResourceTag~1\${TagKey}`,
    ],
    [withCondition("StringEquals", "a", "username"), `invalid_value ${inStatement}/Condition/StringEquals/username`],
    [withCondition("StringEquals", "a", "aws:é"), `invalid_value ${inStatement}/Condition/StringEquals/aws:é`],
    [
      withCondition("StringEquals", "a", `aws:${"x".repeat(260)}`),
      `invalid_value ${inStatement}/Condition/StringEquals/aws:${"x".repeat(260)}`,
    ],
    [withCondition("StringEqualsIgnoreCase", "é"), `invalid_value ${inStatement}/Condition/StringEqualsIgnoreCase/x:Key`],
    [withCondition("ArnLike", "arn:aws:s3"), `invalid_value ${inStatement}/Condition/ArnLike/x:Key`],
    [withCondition("ArnLike", "*"), `invalid_value ${inStatement}/Condition/ArnLike/x:Key`],
    [withCondition("ArnLike", `arn:a:b:c:d:${"?".repeat(400)}`), `invalid_value ${inStatement}/Condition/ArnLike/x:Key`],
    [withCondition("NumericEquals", "ten"), `invalid_value ${inStatement}/Condition/NumericEquals/x:Key`],
    [withCondition("NumericEquals", "1234567890123456"), `invalid_value ${inStatement}/Condition/NumericEquals/x:Key`],
    [withCondition("NumericEquals", `1${"0".repeat(400)}`), `invalid_value ${inStatement}/Condition/NumericEquals/x:Key`],
    [withCondition("NumericEquals", `0.${"0".repeat(400)}1`), `invalid_value ${inStatement}/Condition/NumericEquals/x:Key`],
    [withCondition("NumericEquals", true), `invalid_value ${inStatement}/Condition/NumericEquals/x:Key`],
    [withCondition("DateLessThan", "2026-01-01T00:00:00"), `invalid_value ${inStatement}/Condition/DateLessThan/x:Key`],
    [withCondition("DateLessThan", "2026-02-30"), `invalid_value ${inStatement}/Condition/DateLessThan/x:Key`],
    [withCondition("DateLessThan", "1767225600000"), `invalid_value ${inStatement}/Condition/DateLessThan/x:Key`],
    [withCondition("Bool", "yes"), `invalid_value ${inStatement}/Condition/Bool/x:Key`],
    [withCondition("Null", ["true", "false"]), `invalid_value ${inStatement}/Condition/Null/x:Key`],
    [withCondition("Null", "maybe"), `invalid_value ${inStatement}/Condition/Null/x:Key`],
    [withCondition("IpAddress", "10.0.0.1/8"), `invalid_value ${inStatement}/Condition/IpAddress/x:Key`],
    [withCondition("IpAddress", "10.0.0.0/33"), `invalid_value ${inStatement}/Condition/IpAddress/x:Key`],
    [withCondition("IpAddress", "::ffff:10.0.0.1"), `invalid_value ${inStatement}/Condition/IpAddress/x:Key`],
    [withCondition("IpAddress", "<cidr>"), `invalid_value ${inStatement}/Condition/IpAddress/x:Key`],
    [withCondition("IpAddress", 7), `invalid_value ${inStatement}/Condition/IpAddress/x:Key`],
    [
      policy(allow({ Resource: Array.from({ length: 30 }, (_, i) => `arn:aws:s3:::${i}${"x".repeat(900)}`) })),
      `pattern_too_complex ${inStatement}`,
    ],
  ])("names it by code and place: %#", (text, first) => {
    expect(problemsOf(text)[0]).toBe(first);
  });
  it("tells every problem at once, in words of ours", () => {
    const text = policy(
      allow({ Action: "x", Resource: "y", Condition: { Strin: { "a:b": "c" }, Bool: { "a:b": "d" } } }),
      deny({ Effect: "No" }),
    );
    const result = importAwsIam(text);
    const problems = result.kind === "refused" ? result.problems : [];
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      "/Statement/0/Action",
      "/Statement/0/Resource",
      "/Statement/0/Condition/Strin",
      "/Statement/0/Condition/Bool/a:b",
      "/Statement/1/Effect",
    ]);
    for (const { message } of problems) expect(message).toMatch(/^[^A-Z].*[^.]$/);
  });
});
