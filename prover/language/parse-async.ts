// Reads policies and requests as parse.ts does, but loads the reader of YAML and the schemas only where a text needs them: a document in
// JSON that is right needs neither, and loading them takes longer than most proofs. Not trusted.

import { readJsonText } from "./json.js";
import type { ReadOptions, ReadResult } from "./json-parts.js";
import { readJsonValue } from "./json-value.js";
import type { Problem } from "./problem.js";
import {
  beginPolicy,
  beginRequest,
  endPolicy,
  endRequest,
  isJsonText,
  type ParseOptions,
  type PolicyResult,
  policyReading,
  type RequestResult,
  requestReading,
  type Unreported,
} from "./steps.js";

async function read(input: unknown, reading: ReadOptions, options: ParseOptions): Promise<ReadResult> {
  if (typeof input !== "string") return readJsonValue(input, reading);
  if (isJsonText(input, options)) return readJsonText(input, reading);
  const { readYamlText } = await import("./yaml.js");
  return readYamlText(input, reading);
}

async function reportOf(what: "policySchema" | "requestSchema", { value }: Unreported): Promise<readonly Problem[]> {
  const [{ problemsOf }, schemas] = await Promise.all([import("./issues.js"), import("./schema.js")]);
  return problemsOf(schemas[what], value);
}

/**
 * Resolves to what `parsePolicy` returns of the same input. Rejects only where a module of this package's can not be loaded.
 * @param input JSON or YAML text, or a value that was parsed before (which is copied, never changed)
 */
export async function parsePolicyAsync(input: unknown, options: ParseOptions = {}): Promise<PolicyResult> {
  const begun = beginPolicy(await read(input, policyReading, options));
  return begun.kind === "unreported" ? endPolicy(begun, await reportOf("policySchema", begun)) : begun;
}

/**
 * Resolves to what `parseRequest` returns of the same input. Rejects only where a module of this package's can not be loaded.
 * @param input JSON or YAML text, or a value that was parsed before (which is copied, never changed)
 */
export async function parseRequestAsync(input: unknown, options: ParseOptions = {}): Promise<RequestResult> {
  const begun = beginRequest(await read(input, requestReading, options));
  return begun.kind === "unreported" ? endRequest(begun, await reportOf("requestSchema", begun)) : begun;
}
