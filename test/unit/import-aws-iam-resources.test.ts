// Resources of AWS IAM, and NotResource, match the ARNs that they match there, and a request without one is granted nothing.

import { describe, expect, it } from "vitest";
import { allow, decideOn, deny, get, policy } from "./import-aws-iam-statements.js";

describe("resources", () => {
  const read = (Resource: string | readonly string[]) => policy(allow({ Resource }));
  it.each([
    ["arn:aws:s3:::b/*", { "arn:aws:s3:::b/k": true, "arn:aws:s3:::b/": true, "arn:aws:s3:::b/x/y:z": true, "arn:aws:s3:::b": false }],
    ["arn:aws:s3:::b/?", { "arn:aws:s3:::b/k": true, "arn:aws:s3:::b//": true, "arn:aws:s3:::b/kk": false }],
    ["arn:aws:s3:us-*-1:1:p/*", { "arn:aws:s3:us-a-1:1:p/k": true, "arn:aws:s3:us-a-1:1:p/k:l": true, "arn:aws:s3:us-a-2:1:p/k": false }],
    [
      "arn:aws:logs:*:1:log-group:/a/*:*",
      { "arn:aws:logs:eu:1:log-group:/a/b:log-stream:c": true, "arn:aws:logs:eu:2:log-group:/a/b:c": false },
    ],
    ["arn:aws:s3:**:p", { "arn:aws:s3:eu:1:p": true, "arn:aws:s3:eu:1:q": false }],
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
  // Whether these match is told in two ways: a wildcard stands within its segment, and only a `*` at a segment's end may run on.
  it.each([
    [
      "arn:aws:s3:us-*-1:111111111111:accesspoint/reports/object/*",
      "arn:aws:s3:us-west-2:999999999999:accesspoint/other/object/x-1:111111111111:accesspoint/reports/object/secret",
    ],
    ["arn:aws:s3:::b/*/x", "arn:aws:s3:::b/k:l/x"],
    ["arn:aws:s3:::b/?", "arn:aws:s3:::b/:"],
    ["arn:aws:sns:e?:1:t", "arn:aws:sns:e::1:t"],
    ["arn:aws:sns:*u:1:**t", "arn:aws:sns:eu:1:a:t"],
  ])("no allow counts on a wildcard of %s to cross a colon, and every deny does: %s", (pattern, arn) => {
    const request = get({ resource: { arn } });
    expect(decideOn(read(pattern), request)).toBe("deny");
    expect(decideOn(read([pattern, "arn:aws:s3:::other/*"]), request)).toBe("deny");
    expect(decideOn(policy(allow(), deny({ Resource: pattern })), request)).toBe("deny");
    expect(decideOn(policy(allow({ NotResource: pattern })), request)).toBe("deny");
    expect(decideOn(policy(allow(), deny({ NotResource: pattern })), request)).toBe("deny");
    expect(decideOn(read([pattern, arn]), request)).toBe("allow");
    expect(decideOn(policy(allow(), deny({ NotResource: arn })), request)).toBe("allow");
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
