// IAM policies made of statements, what the importer makes of them, and requests to them. Test code, not trusted.

import { expect } from "vitest";
import { type Decision, decide } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import { importAwsIam } from "../../src/import/aws-iam/index.js";
import type { ImportOptions, JsonObject } from "../../src/import/index.js";
import { documentIn, loadDocument, problemsIn } from "./import-results.js";

/** The text of an IAM policy with these statements. */
export const policy = (...statements: readonly JsonObject[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
// What a statement is about where a test does not say it.
const everything = (more: JsonObject): JsonObject => ({
  ...("NotAction" in more ? {} : { Action: "*" }),
  ...("NotResource" in more ? {} : { Resource: "*" }),
});
/** A statement that allows, of everything where `more` does not say what it is about. */
export const allow = (more: JsonObject = {}): JsonObject => ({ Effect: "Allow", ...everything(more), ...more });
/** A statement that denies, of everything where `more` does not say what it is about. */
export const deny = (more: JsonObject = {}): JsonObject => ({ Effect: "Deny", ...everything(more), ...more });
/** The statement without one of its keys. */
export const without = (statement: JsonObject, key: string) =>
  Object.fromEntries(Object.entries(statement).filter(([each]) => each !== key));

/** The document that a policy is imported as; throws where it is refused. */
export const documentOf = (text: string, options: ImportOptions = {}) => documentIn(importAwsIam(text, options));
/** The imported policy as the kernel loads it; throws where it is refused. */
export function load(text: string) {
  const document = documentOf(text);
  expect(parsePolicy(document)).toMatchObject({ kind: "ok" });
  return loadDocument(document);
}
/** What a policy is refused for, each as its code and its place; empty where it is imported. */
export const problemsOf = (text: string) => problemsIn(importAwsIam(text));
/** A request for one object of a bucket, with `more` beside and instead. */
export const get = (more: JsonObject = {}): JsonObject => ({
  action: "aws:s3:getobject",
  resource: { arn: "arn:aws:s3:::b/k" },
  ...more,
});
/** What the imported policy decides of a request. */
export const decideOn = (text: string, request: JsonObject): Decision => decide(load(text), request);
/** The part of a request that holds a context key; empty where there is no value. */
export const inContext = (key: string, value: unknown): JsonObject => (value === undefined ? {} : { context: { [key]: value as string } });
