// AWS's own example policies import once their placeholders have values, and decide what they say.

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../prover/load.js";
import type { JsonObject } from "../../src/import/index.js";
import { fixturesOf, isWithoutFixtures } from "../outside.js";
import { allow, decideOn, documentOf, get, problemsOf } from "./import-aws-iam-statements.js";

const fixtures = fixturesOf("aws-iam");
const isWithout = isWithoutFixtures("aws-iam");

// Without the shared fixtures (they are no part of the repository) these are skipped, but not in CI; every other file stands without them.
describe.skipIf(isWithout)("the real files in shared/fixtures/aws-iam (skipped where that folder is absent)", () => {
  const read = (name: string) => readFileSync(resolve(fixtures, name), "utf8");
  const names = isWithout ? [] : readdirSync(fixtures).filter((name) => name.endsWith(".json"));
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
