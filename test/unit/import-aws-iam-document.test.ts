// The document that the AWS IAM importer hands out: its names, and that containment of it is proved and refuted.

import { describe, expect, it } from "vitest";
import { createProver, parsePolicy } from "../../prover/index.js";
import { importAwsIam } from "../../src/import/aws-iam/index.js";
import { findImporter } from "../../src/import/index.js";
import { allow, deny, documentOf, policy } from "./import-aws-iam-statements.js";

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
