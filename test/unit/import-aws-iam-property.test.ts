// The AWS IAM importer against another evaluator of IAM policies, on random policies and requests; and against text of any kind.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import type { Policy } from "../../prover/kernel/index.js";
import { loadPolicy } from "../../prover/load.js";
import { coversAction, intersectActions, readActionPattern } from "../../src/import/aws-iam/actions.js";
import { importAwsIam } from "../../src/import/aws-iam/index.js";
import { propertyParameters } from "../generators/index.js";
import { decideIam, type IamRequest, type IamStatement, type IamValue, toAtmost } from "./import-aws-iam-reference.js";

const some = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const oneOrList = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | readonly T[]> =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }));

const actions = some(
  "s3:GetObject",
  "S3:getobject",
  "s3:PutObject",
  "s3:GetBucket",
  "iam:GetUser",
  "iam:PassRole",
  "ec2:RunInstances",
  "ec2:get",
);
const actionPattern = some(
  "s3:*",
  "s3:Get*",
  "S3:GETOBJECT",
  "s3:?etObject",
  "*:Get*",
  "iam:*",
  "iam:GetUser",
  "e*2:R*s",
  "s3:*Object",
  "i?m:P*",
);
const resources = some(
  ...["arn:aws:s3:::b/k", "arn:aws:s3:::b/x/y", "arn:aws:s3:::c", "arn:aws:sns:eu:1:t:u", "*", "arn:aws:s3:::b/*"],
  ...["arn:aws:s3:us-a-1:1:p/k", "arn:aws:s3:us-a-2:9:o-1:1:p/k", "arn:aws:s3:::b/x:y", "arn:aws:sns:eu:1:t:tu", "arn:aws:s3:::b/:"],
);
const resourcePattern = some(
  "arn:aws:s3:::b/*",
  "arn:aws:s3:::?",
  "arn:aws:*",
  "arn:aws:sns:*:u",
  `arn:aws:s3:::b/\${*}`,
  "arn:*/?",
  ...[
    "arn:aws:s3:us-*-1:1:p/*",
    "arn:aws:s3:::b/*y",
    "arn:aws:sns:eu:?:t:**u",
    "arn:aws:s3:*:p/k",
    "arn:aws:s3:::b/?",
    "arn:aws:s**:::b/*",
  ],
  "arn:aws:s3:::B/k",
);

const text = {
  policy: some("a", "A", "b", "ab", "a*", "?b", `\${*}`, `a\${?}`, "\\*"),
  request: some("a", "A", "b", "ab", "*", "a?", "", "\\x"),
};
const cased = { policy: some("a", "Ab", "B*"), request: some("a", "A", "aB", "b*", "b") };
const arn = {
  policy: some("arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a", "arn:aws:s?:::b*", "arn:*:iam::?:user/a"),
  request: some("arn:aws:iam::1:role/a", "arn:aws:iam::1:2:role/a", "arn:aws:s3:::b:c", "arn:aws:iam::2:user/a", "x"),
};
const number = { policy: some<string | number>("1", "2.5", "10", -1, 2.5), request: some(-1, 0, 1, 2.5, 10, 11) };
const date = {
  policy: some<string | number>("2026-01-01", "2026-01-01T00:00:00.001Z", "1767225600", "2026-01-01T02:00:00+01:00", 1767225599),
  request: some(1767225599000, 1767225600000, 1767225600001, 1767229200000),
};
const ip = {
  policy: some("10.0.0.0/8", "10.1.2.3", "192.0.2.0/31", "2001:DB8::/32", "::/1", "2001:db8:0:0:1::2"),
  request: some("10.1.2.3", "11.0.0.0", "192.0.2.1", "2001:db8::1", "2001:db8::1:0:0:2", "8000::"),
};
const bool = { policy: some<string | boolean>("true", "false", true, false), request: some(true, false) };

type Family = {
  readonly key: string;
  readonly operators: readonly string[];
  readonly values: { readonly policy: fc.Arbitrary<never>; readonly request: fc.Arbitrary<never> };
};
const compared = (prefix: string) =>
  ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"].map((name) => prefix + name);
const family = (
  key: string,
  operators: readonly string[],
  values: { readonly policy: fc.Arbitrary<unknown>; readonly request: fc.Arbitrary<unknown> },
): Family => ({ key, operators, values }) as Family;
const families: readonly Family[] = [
  family("aws:RequestedRegion", ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"], text),
  family("x:Cased", ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"], cased),
  family("aws:SourceArn", ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"], arn),
  family("s3:max-keys", compared("Numeric"), number),
  family("aws:TokenIssueTime", compared("Date"), date),
  family("aws:CurrentTime", compared("Date"), date),
  family("aws:SourceIp", ["IpAddress", "NotIpAddress"], ip),
  family("aws:SecureTransport", ["Bool"], bool),
];
const single = some(...families).chain(({ key, operators, values }) =>
  fc
    .tuple(some(...operators), some("", "IfExists"), oneOrList(values.policy))
    .map(([name, suffix, value]) => ({ [name + suffix]: { [key]: value } })),
);
const asked = families.filter(({ key }) => key !== "aws:CurrentTime" && key !== "aws:SecureTransport");
const many = some(...asked).chain(({ key, operators, values }) =>
  fc
    .tuple(some("ForAllValues:", "ForAnyValue:"), some(...operators), some("", "IfExists"), oneOrList(values.policy))
    .map(([prefix, name, suffix, value]) => ({ [prefix + name + suffix]: { [`${key}s`]: value } })),
);
const keys = families.flatMap(({ key }) => (key === "aws:CurrentTime" ? [key] : [key, `${key}s`]));
const nulls = fc.tuple(some(...keys), bool.policy).map(([key, value]) => ({ Null: { [key]: value } }));
const condition = fc
  .array(fc.oneof({ weight: 4, arbitrary: single }, { weight: 3, arbitrary: many }, nulls), { maxLength: 2 })
  .map((blocks) => Object.assign({}, ...blocks));

const who = some<NonNullable<IamStatement["Principal"]>>(
  "*",
  { AWS: "*" },
  { AWS: ["111122223333"] },
  { AWS: "arn:aws:iam::111122223333:user/ann" },
  { AWS: "arn:aws:iam::444455556666:root", Service: "sns.amazonaws.com" },
);
const statement: fc.Arbitrary<IamStatement> = fc
  .record({
    Effect: some<"Allow" | "Deny">("Allow", "Deny"),
    about: fc.oneof(
      { weight: 3, arbitrary: oneOrList(fc.oneof(actionPattern, fc.constant("*"))).map((Action) => ({ Action })) },
      oneOrList(actionPattern).map((NotAction) => ({ NotAction })),
    ),
    on: fc.oneof(
      { weight: 3, arbitrary: oneOrList(fc.oneof(resourcePattern, fc.constant("*"))).map((Resource) => ({ Resource })) },
      oneOrList(resourcePattern).map((NotResource) => ({ NotResource })),
    ),
    by: fc.option(
      who.map((Principal) => ({ Principal })),
      { nil: {}, freq: 4 },
    ),
    when: fc.option(
      condition.map((Condition) => ({ Condition })),
      { nil: {}, freq: 3 },
    ),
  })
  .map(({ Effect, about, on, by, when }) => ({ Effect, ...about, ...on, ...by, ...when }));
const statements = fc.array(statement, { minLength: 1, maxLength: 4 });

const value = (request: fc.Arbitrary<unknown>, freq: number) => fc.option(request, { nil: undefined, freq });
const caller = some<Readonly<Record<string, IamValue>>>(
  { "aws:PrincipalArn": "arn:aws:iam::111122223333:user/ann", "aws:PrincipalAccount": "111122223333" },
  { "aws:PrincipalArn": "arn:aws:iam::444455556666:role/x", "aws:PrincipalAccount": "444455556666" },
  { "aws:PrincipalServiceName": "sns.amazonaws.com" },
);
const context = fc
  .record(
    Object.fromEntries(
      families.flatMap(({ key, values }) => [
        [key, value(values.request, 3)],
        ...(key === "aws:CurrentTime" ? [] : [[`${key}s`, value(fc.array(values.request, { maxLength: 3 }), 3)]]),
      ]),
    ) as Record<string, fc.Arbitrary<IamValue | undefined>>,
  )
  .map((record) => Object.fromEntries(Object.entries(record).flatMap(([key, each]) => (each === undefined ? [] : [[key, each]]))));
const request: fc.Arbitrary<IamRequest> = fc
  .record({ action: actions, resource: resources, keys: fc.tuple(caller, context).map(([by, more]) => ({ ...by, ...more })) })
  .map((each) => each);

// What random policies are refused for: an allow of all but some beside another allow, and several numbers asked of each element.
function loadOrSkip(list: readonly IamStatement[]): Policy | undefined {
  const result = importAwsIam(JSON.stringify({ Version: "2012-10-17", Statement: list }));
  if (result.kind === "refused") {
    for (const { code, pointer } of result.problems)
      expect(`${code} ${pointer}`).toMatch(/^not_supported .*(?:NotAction|:(?:Numeric|Date)(?:Not)?Equals(?:IfExists)?\/.*)$/);
    return undefined;
  }
  expect(parsePolicy(result.document)).toMatchObject({ kind: "ok" });
  const loaded = loadPolicy(result.document);
  if (loaded.kind === "invalid") throw new Error(loaded.message);
  return loaded.policy;
}

type Seen = { allow: number; deny: number; skipped: number };

// Expects what is imported of `list` to decide every request as IAM does, and counts how.
function expectAsIam(list: readonly IamStatement[], requests: readonly IamRequest[], seen: Seen): void {
  const policy = loadOrSkip(list);
  if (policy === undefined) seen.skipped += 1;
  else
    for (const each of requests) {
      const expected = decideIam(list, each);
      seen[expected] += 1;
      expect({ each, decision: decide(policy, toAtmost(each)) }).toEqual({ each, decision: expected });
    }
}

describe("an imported policy", () => {
  it("decides every request as IAM does", () => {
    const seen = { allow: 0, deny: 0, skipped: 0 };
    fc.assert(
      fc.property(statements, fc.array(request, { minLength: 8, maxLength: 8 }), (list, requests) => {
        expectAsIam(list, requests, seen);
      }),
      propertyParameters("aws-iam decides as IAM does", 1_000),
    );
    console.log(`aws-iam: ${JSON.stringify(seen)}`);
    expect(seen.allow).toBeGreaterThan(0);
    expect(seen.deny).toBeGreaterThan(0);
  });

  it("beside an allow of everything, denies as IAM does", () => {
    const seen = { allow: 0, deny: 0, skipped: 0 };
    const guarded = fc.array(
      statement.map((each) => ({ ...each, Effect: "Deny" as const })),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(guarded, fc.array(request, { minLength: 8, maxLength: 8 }), (denies, requests) => {
        const list: readonly IamStatement[] = [{ Effect: "Allow", Action: "*", Resource: "*" }, ...denies];
        expectAsIam(list, requests, seen);
      }),
      propertyParameters("aws-iam denies as IAM does", 1_000),
    );
    console.log(`aws-iam denies: ${JSON.stringify(seen)}`);
    expect(Math.min(seen.allow, seen.deny)).toBeGreaterThan(0);
  });

  it("allows a value of another type only what it allows every value of the right one", () => {
    const wrongOf = (key: string): readonly unknown[] => {
      if (key.endsWith("s") && key !== "s3:max-keys") return ["a", 1, true, null, {}];
      const kind = families.find((each) => each.key === key)?.operators[0] ?? "";
      if (/^(?:Numeric|Date)/.test(kind)) return ["1", true, null, {}, [1]];
      return kind === "Bool" ? ["true", "false", 0, null, {}, [true]] : [7, false, null, {}, ["a"], kind === "IpAddress" ? "010.1.2.3" : 0];
    };
    const rightOf = (key: string): fc.Arbitrary<readonly IamValue[]> => {
      const found = families.find((each) => each.key === key || `${each.key}s` === key);
      const one: fc.Arbitrary<IamValue> = found?.values.request ?? fc.constant("");
      return fc.array(found?.key === key ? one : (fc.array(one as fc.Arbitrary<string>, { maxLength: 3 }) as fc.Arbitrary<IamValue>), {
        minLength: 4,
        maxLength: 4,
      });
    };
    const changed = some(...keys).chain((key) => fc.tuple(fc.constant(key), some(...wrongOf(key)), rightOf(key)));
    let [allowed, denied] = [0, 0];
    fc.assert(
      fc.property(statements, request, changed, (list, each, [key, wrong, rights]) => {
        const policy = loadOrSkip(list);
        if (policy === undefined) return;
        const with_ = (found: unknown) => toAtmost({ ...each, keys: { ...each.keys, [key]: found as IamValue } });
        if (decide(policy, with_(wrong)) === "deny") denied += 1;
        else {
          allowed += 1;
          for (const right of rights)
            expect({ key, wrong, right, decision: decide(policy, with_(right)) }).toMatchObject({ decision: "allow" });
        }
      }),
      propertyParameters("aws-iam grants nothing for a wrong type", 3_000),
    );
    expect(Math.min(allowed, denied)).toBeGreaterThan(0);
  });
});

describe("sets of actions", () => {
  const part = fc.string({ unit: some("a", "b", "*", "?"), minLength: 1, maxLength: 5 });
  const word = fc.string({ unit: some("a", "b", "c"), minLength: 1, maxLength: 5 });
  const matches = (pattern: { readonly service: string; readonly verb: string }, [service, verb]: readonly [string, string]) =>
    [
      [pattern.service, service],
      [pattern.verb, verb],
    ].every(([glob = "", each = ""]) => new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(each));
  it("meet in exactly what both match, and cover only what they match", () => {
    let met = 0;
    fc.assert(
      fc.property(
        fc.tuple(part, part),
        fc.tuple(part, part),
        fc.array(fc.tuple(word, word), { minLength: 20, maxLength: 20 }),
        (left, right, words) => {
          const [a, b] = [readActionPattern(left.join(":")), readActionPattern(right.join(":"))];
          if (a === undefined || b === undefined) throw new Error("patterns");
          const both = intersectActions([a], [b]);
          for (const each of words) {
            const expected = matches(a, each) && matches(b, each);
            if (expected) met += 1;
            if (both !== undefined) expect(both.some((pattern) => matches(pattern, each))).toBe(expected);
            if (coversAction(a, b) && matches(b, each)) expect(matches(a, each)).toBe(true);
          }
        },
      ),
      propertyParameters("aws-iam sets of actions", 2_000),
    );
    expect(met).toBeGreaterThan(0);
  });
});

describe("text of any kind", () => {
  it("always ends in an answer, the same every time, and what is accepted our parser accepts", () => {
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      some(
        "*",
        "s3:*",
        "arn:aws:s3:::b/*",
        "arn:a:b:c:d:e",
        "a:b:c",
        "\\",
        "?",
        `\${*}`,
        `\${a}`,
        "Allow",
        "Deny",
        "true",
        "10.0.0.0/8",
        "2026-01-01",
        "\u0000",
        "é",
      ),
    );
    const operator = some(
      ...families.flatMap(({ operators }) => operators),
      "Null",
      "BinaryEquals",
      "__proto__",
      "StringEqualsIfExists",
      "ForAnyValue:StringLike",
    );
    const key = fc.oneof(some("aws:x", "aws:CurrentTime", 'a:"]\\', "a:b.c[0]", "__proto__", "a:__proto__"), fc.string());
    const block = fc.dictionary(operator, fc.oneof(odd, fc.dictionary(key, odd, { maxKeys: 2 })), { maxKeys: 2 });
    const mangled = fc
      .tuple(
        statement,
        fc.array(fc.tuple(some("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "x"), odd), {
          maxLength: 1,
        }),
        fc.option(block),
      )
      .map(([each, changes, Condition]) => ({ ...each, ...Object.fromEntries(changes), ...(Condition === null ? {} : { Condition }) }));
    const input = fc.oneof(
      { weight: 5, arbitrary: oneOrList(mangled).map((Statement) => JSON.stringify({ Version: "2012-10-17", Statement })) },
      fc.json(),
      fc.string(),
    );
    const seen = { ok: 0, refused: 0 };
    fc.assert(
      fc.property(input, (each) => {
        const result = importAwsIam(each);
        seen[result.kind] += 1;
        expect(importAwsIam(each)).toEqual(result);
        if (result.kind === "refused") expect(result.problems.length).toBeGreaterThan(0);
        else expect(parsePolicy(result.document)).toMatchObject({ kind: "ok" });
      }),
      propertyParameters("aws-iam always answers", 2_000),
    );
    expect(Math.min(seen.ok, seen.refused)).toBeGreaterThan(0);
    for (const each of [
      "[".repeat(200_000),
      " ".repeat(1_100_000),
      `{"Version":"2012-10-17","Statement":${"[".repeat(40)}${"]".repeat(40)}}`,
    ]) {
      expect(importAwsIam(each).kind).toBe("refused");
    }
  });
});
