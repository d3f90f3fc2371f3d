// Each condition operator of AWS IAM holds of the values that it holds of there, of one and of many; what it can not judge grants nothing.

import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import type { JsonObject } from "../../src/import/index.js";
import { allow, decideOn, deny, get, inContext, load, policy, problemsOf, without } from "./import-aws-iam-statements.js";

/** For each operator: what the policy says; a value that is such; one that is not; and some of other types. */
const strings: readonly unknown[] = [7, true, null, {}, ["a"], []];
const singles: readonly (readonly [string, unknown, readonly unknown[], readonly unknown[], readonly unknown[]])[] = [
  ["StringEquals", ["a", "b*"], ["a", "b*"], ["A", "bc", "", "ab"], strings],
  ["StringEqualsIgnoreCase", ["Ab.c", "x"], ["aB.C", "AB.c", "X"], ["abxc", "xx"], strings],
  ["StringLike", ["a*", "?b", `\${*}`], ["a", "a:b/c", "xb", "*"], ["b", "xxb", "é"], strings],
  [
    "ArnEquals",
    "arn:aws:iam::*:role/a*",
    ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/ab:c"],
    ["arn:aws:iam::1:user/a", "arn:aws:iam::1:2:role/a"],
    strings,
  ],
  ["ArnLike", ["arn:aws:s?:::b"], ["arn:aws:s3:::b"], ["arn:aws:s:3:::b", "arn:aws:s::::b", "b"], strings],
  ["NumericEquals", ["10", 20.5], [10, 20.5], [10.5, 0], ["10", true, null, {}, [10]]],
  ["NumericLessThan", ["10", "5"], [9.9, 6, -1], [10, 11], ["1", [1]]],
  ["NumericLessThanEquals", "10", [10, 0], [10.1], ["1"]],
  ["NumericGreaterThan", ["10", "20"], [11, 10.5], [10, 3], ["99"]],
  ["NumericGreaterThanEquals", "-1.5", [-1.5, 0], [-2], ["99"]],
  ["DateEquals", "2026-01-01T00:00:00Z", [1767225600000], [1767225600001], ["2026-01-01T00:00:00Z"]],
  ["DateLessThan", "2026-01-01", [1767225599999], [1767225600000], ["2025-01-01"]],
  ["DateLessThanEquals", "1767225600", [1767225600000], [1767225600001], [null]],
  ["DateGreaterThan", "2026-01-01T01:00:00+01:00", [1767225600001], [1767225600000], ["x"]],
  ["DateGreaterThanEquals", 1767225600, [1767225600000], [1767225599999], ["x"]],
  ["Bool", "true", [true], [false], ["true", "false", 1, null, {}, [true]]],
  ["Bool", false, [false], [true], ["true", "false", 0, null, {}, [false]]],
  [
    "IpAddress",
    ["10.0.0.0/8", "192.0.2.7", "2001:DB8::/32", "::1"],
    ["10.1.2.3", "192.0.2.7", "2001:db8::5", "::1"],
    ["11.0.0.1", "192.0.2.8", "::2"],
    ["10.1.2.3/32", "010.1.2.3", "2001:DB8::5", "::ffff:10.0.0.1", 7, ["10.1.2.3"]],
  ],
];
const negatedOf: Readonly<Record<string, string>> = {
  StringEquals: "StringNotEquals",
  StringEqualsIgnoreCase: "StringNotEqualsIgnoreCase",
  StringLike: "StringNotLike",
  ArnEquals: "ArnNotEquals",
  ArnLike: "ArnNotLike",
  NumericEquals: "NumericNotEquals",
  DateEquals: "DateNotEquals",
  IpAddress: "NotIpAddress",
};
const key = "x:Key";
const statements = (operator: string, value: unknown) => {
  const Condition = { [operator]: { [key]: value } } as JsonObject;
  return { granting: load(policy(allow({ Condition }))), denying: load(policy(allow(), deny({ Condition }))) };
};
function expectHolds(operator: string, value: unknown, found: unknown, holds: boolean | "unknown"): void {
  const { granting, denying } = statements(operator, value);
  const request = get(inContext("x:key", found));
  const said = { operator, found, granted: decide(granting, request), beside: decide(denying, request) };
  expect(said).toEqual({ operator, found, granted: holds === true ? "allow" : "deny", beside: holds === false ? "allow" : "deny" });
}

describe("operators on one value", () => {
  it.each(singles)(
    "%s %j: such values, others, a missing key, and other types grant nothing and restrict",
    (operator, value, such, others, wrong) => {
      const negated = negatedOf[operator];
      const forms = [[operator, true] as const, ...(negated === undefined ? [] : [[negated, false] as const])];
      for (const [name, positive] of forms) {
        for (const suffix of ["", "IfExists"]) {
          for (const found of such) expectHolds(name + suffix, value, found, positive);
          for (const found of others) expectHolds(name + suffix, value, found, !positive);
          for (const found of wrong) expectHolds(name + suffix, value, found, "unknown");
          expectHolds(name + suffix, value, undefined, !positive || suffix !== "");
        }
      }
    },
  );
  it.each(["true", true])("Null %j is of a key that is not there", (value) => {
    expectHolds("Null", value, undefined, true);
    for (const found of ["", "x", 0, false, ["x"]]) expectHolds("Null", value, found, false);
  });
  it.each(["false", false])("Null %j is of a key that is there", (value) => {
    expectHolds("Null", value, undefined, false);
    for (const found of ["x", 0, false, ["x"]]) expectHolds("Null", value, found, true);
  });
  it("all operators and all keys of a block hold together", () => {
    const text = policy(allow({ Condition: { StringEquals: { "a:x": "1", "a:y": "2" }, Bool: { "a:z": "true" } } }));
    const context = { "a:x": "1", "a:y": "2", "a:z": true };
    expect(decideOn(text, get({ context }))).toBe("allow");
    for (const name of Object.keys(context)) expect(decideOn(text, get({ context: without(context, name) }))).toBe("deny");
  });
  it("keys have no case", () => {
    const text = policy(allow({ Condition: { StringEquals: { "aws:PrincipalTag/Team": "a" } } }));
    expect(decideOn(text, get({ context: { "aws:principaltag/team": "a" } }))).toBe("allow");
    const twice = policy(allow({ Condition: { StringEquals: { "aws:PrincipalArn": "a", "aws:PrincipalARN": "b" } } }));
    expect(problemsOf(twice)).toEqual(["duplicate_key /Statement/0/Condition/StringEquals/aws:PrincipalARN"]);
  });
  it("the time of a request is context.time", () => {
    for (const name of ["aws:CurrentTime", "aws:EpochTime"]) {
      const text = policy(allow({ Condition: { DateLessThan: { [name]: "2026-01-01T00:00:00Z" } } }));
      expect([1767225599999, 1767225600000, undefined].map((time) => decideOn(text, get(inContext("time", time))))).toEqual([
        "allow",
        "deny",
        "deny",
      ]);
      const numeric = policy(allow({ Condition: { NumericLessThan: { [name]: "1767225600" } } }));
      expect(problemsOf(numeric)).toEqual([`not_supported /Statement/0/Condition/NumericLessThan/${name}`]);
    }
  });
});

describe("operators on many values", () => {
  it.each<readonly [string, unknown, unknown, boolean | "unknown"]>([
    ["ForAllValues:StringEquals", ["a", "b"], undefined, true],
    ["ForAllValues:StringEquals", ["a", "b"], [], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], true],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
    ["ForAllValues:StringEquals", ["a", "b"], "a", "unknown"],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", 7], "unknown"],
    ["ForAllValues:StringEqualsIfExists", "a", undefined, true],
    ["ForAllValues:StringEqualsIfExists", "a", ["b"], false],
    ["ForAllValues:StringNotEquals", ["a", "b"], undefined, true],
    ["ForAllValues:StringNotEquals", ["a", "b"], [], true],
    ["ForAllValues:StringNotEquals", ["a", "b"], ["c"], true],
    ["ForAllValues:StringNotEquals", ["a", "b"], ["c", "b"], false],
    ["ForAllValues:StringNotEquals", ["a", "b"], "c", "unknown"],
    ["ForAnyValue:StringEquals", ["a", "b"], undefined, false],
    ["ForAnyValue:StringEquals", ["a", "b"], [], false],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], true],
    ["ForAnyValue:StringEquals", ["a", "b"], ["c"], false],
    ["ForAnyValue:StringEquals", ["a", "b"], "a", "unknown"],
    ["ForAnyValue:StringEqualsIfExists", ["a", "b"], undefined, true],
    ["ForAnyValue:StringEqualsIfExists", ["a", "b"], ["c"], false],
    ["ForAnyValue:StringNotEquals", ["a", "b"], undefined, false],
    ["ForAnyValue:StringNotEquals", ["a", "b"], [], false],
    ["ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], false],
    ["ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], true],
    ["ForAnyValue:StringNotEquals", ["a", "b"], "c", "unknown"],
    ["ForAnyValue:StringNotEqualsIfExists", "a", undefined, true],
    ["ForAnyValue:StringNotEqualsIfExists", "a", ["a"], false],
    ["ForAnyValue:StringLike", "prod-*", ["dev", "prod-eu"], true],
    ["ForAllValues:StringLike", ["key1*", "key2*"], ["key11", "key2"], true],
    ["ForAllValues:StringLike", ["key1*", "key2*"], ["key3"], false],
    ["ForAnyValue:ArnLike", "arn:aws:iam::*:role/a", ["arn:aws:iam::1:role/a"], true],
    ["ForAllValues:IpAddress", "10.0.0.0/8", ["10.0.0.1", "11.0.0.1"], false],
    ["ForAnyValue:NotIpAddress", "10.0.0.0/8", ["10.0.0.1", "11.0.0.1"], true],
    ["ForAnyValue:NumericEquals", [1, 2], [0, 2], true],
    ["ForAnyValue:NumericEquals", [1, 2], ["2"], "unknown"],
    ["ForAllValues:NumericEquals", 1, [1, 1], true],
    ["ForAllValues:NumericNotEquals", [1, 2], [3, 2], false],
    ["ForAllValues:NumericNotEquals", [1, 2], [3], true],
    ["ForAllValues:NumericLessThan", [5, 9], [8, 1], true],
    ["ForAllValues:NumericLessThan", [5, 9], [8, 9], false],
    ["ForAnyValue:DateGreaterThan", "2026-01-01", [0, 1767225600001], true],
  ])("%s %j of %j", (operator, value, found, holds) => expectHolds(operator, value, found, holds));
});
