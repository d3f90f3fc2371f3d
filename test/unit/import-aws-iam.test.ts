// The AWS IAM importer: what each element and each operator becomes, judged by the kernel's evaluator, and what is refused and where.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Decision, decide } from "../../prover/evaluate/decide.js";
import { createProver, parsePolicy } from "../../prover/index.js";
import { loadPolicy } from "../../prover/kernel/index.js";
import { importAwsIam } from "../../src/import/aws-iam/index.js";
import { findImporter, type ImportOptions, type JsonObject } from "../../src/import/index.js";

const fixtures = resolve(import.meta.dirname, "../../../shared/fixtures/aws-iam");

const policy = (...statements: readonly JsonObject[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
// What a statement is about where a test does not say it.
const everything = (more: JsonObject): JsonObject => ({
  ...("NotAction" in more ? {} : { Action: "*" }),
  ...("NotResource" in more ? {} : { Resource: "*" }),
});
const allow = (more: JsonObject = {}): JsonObject => ({ Effect: "Allow", ...everything(more), ...more });
const deny = (more: JsonObject = {}): JsonObject => ({ Effect: "Deny", ...everything(more), ...more });
const without = (statement: JsonObject, key: string) => Object.fromEntries(Object.entries(statement).filter(([each]) => each !== key));

function documentOf(text: string, options: ImportOptions = {}): JsonObject {
  const result = importAwsIam(text, options);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}
function load(text: string) {
  const document = documentOf(text);
  expect(parsePolicy(document)).toMatchObject({ kind: "ok" });
  const loaded = loadPolicy(document);
  if (loaded.kind === "invalid") throw new Error(`${loaded.pointer}: ${loaded.message}`);
  return loaded.policy;
}
const problemsOf = (text: string) => {
  const result = importAwsIam(text);
  return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};
const get = (more: JsonObject = {}): JsonObject => ({
  action: "aws:s3:getobject",
  resource: { arn: "arn:aws:s3:::b/k" },
  ...more,
});
const decideOn = (text: string, request: JsonObject): Decision => decide(load(text), request);
const inContext = (key: string, value: unknown): JsonObject => (value === undefined ? {} : { context: { [key]: value as string } });

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

describe("resources", () => {
  const read = (Resource: string | readonly string[]) => policy(allow({ Resource }));
  it.each([
    ["arn:aws:s3:::b/*", { "arn:aws:s3:::b/k": true, "arn:aws:s3:::b/": true, "arn:aws:s3:::b/x/y:z": true, "arn:aws:s3:::b": false }],
    ["arn:aws:s3:::b/?", { "arn:aws:s3:::b/k": true, "arn:aws:s3:::b/:": true, "arn:aws:s3:::b//": true, "arn:aws:s3:::b/kk": false }],
    ["arn:*:secret", { "arn:aws:x:r:1:secret": true, "arn:aws:x:r:1:secrets": false }],
    [`arn:aws:s3:::b/\${*}`, { "arn:aws:s3:::b/*": true, "arn:aws:s3:::b/k": false }],
    [`arn:aws:s3:::b/\${?}\${$}`, { "arn:aws:s3:::b/?$": true, "arn:aws:s3:::b/k$": false }],
    ["arn:aws:s3:::b/\\*", { "arn:aws:s3:::b/\\k": true, "arn:aws:s3:::b/*": false }],
    ["arn:aws:s3:::B/k", { "arn:aws:s3:::b/k": false, "arn:aws:s3:::B/k": true }],
    ["*", { "*": true, "arn:aws:s3:::b/k": true }],
  ])("%s matches what it matches there", (pattern, cases) => {
    for (const [arn, matches] of Object.entries(cases)) {
      expect([arn, decideOn(read(pattern), get({ resource: { arn } }))]).toEqual([arn, matches ? "allow" : "deny"]);
      expect([arn, decideOn(policy(allow(), deny({ Resource: pattern })), get({ resource: { arn } }))]).toEqual([
        arn,
        matches ? "deny" : "allow",
      ]);
      if (pattern !== "*") {
        expect([arn, decideOn(policy(allow({ NotResource: pattern })), get({ resource: { arn } }))]).toEqual([
          arn,
          matches ? "deny" : "allow",
        ]);
      }
    }
  });
  it.each([{}, { resource: {} }, { resource: "arn:aws:s3:::b/k" }, { resource: { arn: ["arn:aws:s3:::b/k"] } }, { resource: { arn: 7 } }])(
    "a request without a resource, or with one of another type, is granted nothing and held by every deny: %j",
    (more) => {
      const request = { action: "aws:s3:getobject", ...more };
      const not = allow({ NotResource: "arn:aws:s3:::c/*" });
      for (const text of [read("arn:aws:s3:::b/*"), policy(not), policy(allow(), deny({ Resource: "arn:aws:s3:::c/*" }))]) {
        expect(decideOn(text, request)).toBe("deny");
      }
      expect(decideOn(policy(allow(), deny({ NotResource: "arn:aws:s3:::b/*" })), request)).toBe("deny");
      expect(decideOn(read("*"), request)).toBe("allow");
    },
  );
});

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

describe("the document", () => {
  it("is named by the option, the Id or the file; rules by their statements", () => {
    const text = JSON.stringify({ Version: "2012-10-17", Id: "bucket", Statement: allow({ Sid: "Why" }) });
    expect(documentOf(text)).toMatchObject({ name: "bucket", rules: [{ id: "lower-case" }, { id: "Statement", because: "Why" }] });
    expect(documentOf(text, { name: "n" })["name"]).toBe("n");
    expect(documentOf(policy(allow()), { fileName: "/x/scp.json" })).toMatchObject({ name: "scp", rules: [{}, { id: "Statement/0" }] });
    expect(documentOf(policy(allow()), { delegation: "all", limits: { depth: 1 } })).toMatchObject({
      delegation: "all",
      limits: { depth: 1 },
    });
    expect(findImporter("aws-iam")).toBe(importAwsIam);
  });
  it("is proved within a guardrail of regions, and shown to exceed it without its region", async () => {
    const guard = policy(
      allow(),
      deny({ NotAction: ["iam:*"], Condition: { StringNotEquals: { "aws:RequestedRegion": ["eu-west-1", "eu-central-1"] } } }),
    );
    const reader = { Action: ["s3:Get*", "iam:GetUser"], Resource: "arn:aws:s3:::b/*" };
    const parse = (text: string) => {
      const parsed = parsePolicy(documentOf(text));
      if (parsed.kind === "invalid") throw new Error("parsed");
      return parsed.policy;
    };
    const prover = createProver({ solver: "none" });
    const inside = await prover.checkContainment(
      parse(policy(allow({ ...reader, Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } } }))),
      parse(guard),
    );
    const outside = await prover.checkContainment(parse(policy(allow(reader))), parse(guard));
    await prover.close();
    expect([inside.kind, outside.kind]).toEqual(["contained", "exceeds"]);
  });
});

// Without the shared fixtures (they are no part of the repository) these are skipped; everything above stands without them.
describe.skipIf(!existsSync(fixtures))("the real files in shared/fixtures/aws-iam (skipped where that folder is absent)", () => {
  const read = (name: string) => readFileSync(resolve(fixtures, name), "utf8");
  const names = existsSync(fixtures) ? readdirSync(fixtures).filter((name) => name.endsWith(".json")) : [];
  const ready = [
    "Deny-RAM-from-sharing-resources-to-external-accounts.json",
    "Deny-the-root-user-from-performing-actions-except-S3-bucketpolicy-changes.json",
    "Enforce-30-days-for-KMS-deletion.json",
    "Prevent-Amazon-S3-unencrypted-object-uploads.json",
    "Require-Amazon-EC2-instances-to-use-a-specific-type.json",
  ];
  /** The placeholders' values; an importer must not guess them. */
  const filled = (text: string) =>
    text
      .replaceAll(`\${Account}`, "111122223333")
      .replaceAll("<my-corporate-cidr>", "192.0.2.0/24")
      .replace(/<([a-z-]+)>|\{([a-z0-9-]+)\}|\[([A-Z_]+)\]/g, (_, ...found) =>
        found
          .slice(0, 3)
          .find((name) => name !== undefined)
          .toLowerCase(),
      );
  /** A policy of AWS's own that every account has beside a service control policy. */
  const beside = (text: string) => {
    const { Version, Statement } = JSON.parse(filled(text));
    return JSON.stringify({ Version, Statement: [allow({ Sid: "FullAWSAccess" }), ...Statement] });
  };
  it("are all there", () => expect(names).toHaveLength(13));
  it.each(names)("%s imports once its placeholders have values, and is refused by their places before", (name) => {
    if (ready.includes(name)) expect(problemsOf(read(name))).toEqual([]);
    else
      for (const problem of problemsOf(read(name)))
        expect(problem).toMatch(/^(?:invalid_value|not_supported) \/Statement\/\d\/(?:Condition|(?:Not)?Resource)/);
    expect(problemsOf(read(name)).length > 0).toBe(!ready.includes(name));
    expect(loadPolicy(documentOf(beside(read(name)))).kind).toBe("loaded");
  });
  it("decide what they say", () => {
    const decided = (name: string, request: JsonObject) => decideOn(beside(read(name)), request);
    const put = get({ action: "aws:s3:putobject" });
    const encrypted = { ...put, context: { "s3:x-amz-server-side-encryption": "AES256" } };
    expect([put, encrypted].map((request) => decided("Prevent-Amazon-S3-unencrypted-object-uploads.json", request))).toEqual([
      "deny",
      "allow",
    ]);
    const region = "Deny-access-to-AWS-based-on-the-requested-AWS-region.json";
    const from = (action: string, where: string, who: string) =>
      get({ action, context: { "aws:requestedregion": where, "aws:principalarn": `arn:aws:iam::111122223333:role/${who}` } });
    expect(decided(region, from("aws:ec2:runinstances", "eu-west-1", "dev"))).toBe("allow");
    expect(decided(region, from("aws:ec2:runinstances", "us-east-1", "dev"))).toBe("deny");
    expect(decided(region, from("aws:ec2:runinstances", "us-east-1", "privileged_role"))).toBe("allow");
    expect(decided(region, from("aws:iam:createuser", "us-east-1", "dev"))).toBe("allow");
    const root = "Deny-the-root-user-from-performing-actions-except-S3-bucketpolicy-changes.json";
    const asRoot = { context: { "aws:principalarn": "arn:aws:iam::111122223333:root" } };
    expect(decided(root, get(asRoot))).toBe("deny");
    expect(decided(root, get({ action: "aws:s3:putbucketpolicy", ...asRoot }))).toBe("allow");
    const network = "Deny-use-of-IAM-user-credentials-from-unexpected-networks.json";
    const call = (more: JsonObject) => get({ context: { "aws:principalarn": "arn:aws:iam::1:user/ann", ...more } });
    expect(decided(network, call({}))).toBe("deny");
    expect(decided(network, call({ "aws:sourceip": "192.0.2.9" }))).toBe("allow");
    expect(decided(network, call({ "aws:sourcevpc": "my-vpc" }))).toBe("allow");
    expect(decided(network, call({ "aws:viaawsservice": true }))).toBe("allow");
  });
});
