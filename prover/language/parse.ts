// Reads policies and requests, from text or from values, and says everything that is wrong with them at once. Not trusted.

import { problemsOf } from "./issues.js";
import { readJsonText } from "./json.js";
import type { ReadOptions, ReadResult } from "./json-parts.js";
import { readJsonValue } from "./json-value.js";
import { policySchema, requestSchema } from "./schema.js";
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
} from "./steps.js";
import { readYamlText } from "./yaml.js";

export type { ParsedPolicy, ParseOptions, PolicyResult, RequestResult } from "./steps.js";

/** Returns what `input` holds: a string is text in `format`, anything else is a value that somebody has parsed before. */
function read(input: unknown, reading: ReadOptions, options: ParseOptions): ReadResult {
  if (typeof input !== "string") return readJsonValue(input, reading);
  return isJsonText(input, options) ? readJsonText(input, reading) : readYamlText(input, reading);
}

/**
 * Returns the policy iff `input` is a policy document of `atmost/1`; else every problem with it, each with its JSON Pointer.
 * Where the text itself can not be read to its end (broken syntax, nesting over 32, over 1 MiB) the problems end there.
 * @param input JSON or YAML text, or a value that was parsed before (which is copied, never changed)
 * @example parsePolicy('{"language":"atmost/1","name":"none","version":"1","rules":[]}').kind === "ok"
 */
export function parsePolicy(input: unknown, options: ParseOptions = {}): PolicyResult {
  const begun = beginPolicy(read(input, policyReading, options));
  return begun.kind === "unreported" ? endPolicy(begun, problemsOf(policySchema, begun.value)) : begun;
}

/**
 * Returns the request iff `input` is a JSON object of at most 64 KiB and 32 levels, without duplicate keys and numbers that are not finite; else every problem with it.
 * A request without a well-formed action is none of them: every policy denies it. Lone surrogates are allowed.
 * @param input JSON or YAML text, or a value that was parsed before (which is copied, never changed)
 */
export function parseRequest(input: unknown, options: ParseOptions = {}): RequestResult {
  const begun = beginRequest(read(input, requestReading, options));
  return begun.kind === "unreported" ? endRequest(begun, problemsOf(requestSchema, begun.value)) : begun;
}
