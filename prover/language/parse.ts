// Reads policies and requests, from text or from values, and says everything that is wrong with them at once.
// Not trusted: a policy is what the kernel loads, and the kernel loads it here too.

import { type Json, loadPolicy, type Policy } from "../kernel/index.js";
import { documentBytesMax, nestingMax, requestBytesMax } from "./bounds.js";
import { problemsOf } from "./issues.js";
import { readJsonText } from "./json.js";
import type { ReadOptions, ReadResult } from "./json-parts.js";
import { readJsonValue } from "./json-value.js";
import type { Problem } from "./problem.js";
import { passesQuickly } from "./quick.js";
import { policySchema, requestSchema } from "./schema.js";
import { readYamlText } from "./yaml.js";

/** How a text is read. With `auto`, a text whose first character is `{` or `[` is JSON, any other is YAML. Values have no format. */
export type ParseOptions = { readonly format?: "json" | "yaml" | "auto" };

/** A policy that was read: the document as given, deeply frozen; the SHA-256 of its RFC 8785 form in lower-case hex; and what the kernel loaded. */
export type ParsedPolicy = {
  readonly kind: "policy";
  readonly document: { readonly [key: string]: Json };
  readonly sha256: string;
  readonly name: string;
  readonly version: string;
  readonly loaded: Policy;
};
/** What `parsePolicy` returns. `problems` is never empty. */
export type PolicyResult =
  | { readonly kind: "ok"; readonly policy: ParsedPolicy }
  | { readonly kind: "invalid"; readonly problems: readonly Problem[] };
/** What `parseRequest` returns. `request` is deeply frozen, `problems` is never empty. */
export type RequestResult =
  | { readonly kind: "ok"; readonly request: { readonly [key: string]: Json } }
  | { readonly kind: "invalid"; readonly problems: readonly Problem[] };

const policyReading: ReadOptions = { bytesMax: documentBytesMax, tooLarge: "too_large", nestingMax, exact: true };
const requestReading: ReadOptions = { bytesMax: requestBytesMax, tooLarge: "request_too_large", nestingMax, exact: false };

/** Returns what `input` holds: a string is text in `format`, anything else is a value that somebody has parsed before. */
function read(input: unknown, reading: ReadOptions, { format = "auto" }: ParseOptions): ReadResult {
  if (typeof input !== "string") return readJsonValue(input, reading);
  const isJson = format === "json" || (format === "auto" && /^[ \t\r\n]*[{[]/.test(input));
  return isJson ? readJsonText(input, reading) : readYamlText(input, reading);
}

// A problem that the reader and the schema both see is told once, as the reader saw it.
function merged(first: readonly Problem[], second: readonly Problem[]): readonly Problem[] {
  const told = new Set(first.map(({ code, pointer }) => `${code} ${pointer}`));
  return [...first, ...second.filter(({ code, pointer }) => !told.has(`${code} ${pointer}`))];
}

function loadedPolicy(document: Json): PolicyResult {
  const result = loadPolicy(document);
  if (result.kind === "invalid") {
    const { pointer, message } = result;
    // A list of patterns can expand to too many states where each of them alone does not.
    const code = message.includes("too many states") ? "pattern_too_complex" : "kernel_refused";
    return { kind: "invalid", problems: [{ code, pointer, message }] };
  }
  // INVARIANT: what the kernel loads is an object whose name and version are texts.
  const object = document as { readonly [key: string]: Json };
  const { sha256 } = result.policy;
  const name = String(object["name"]);
  const version = String(object["version"]);
  return { kind: "ok", policy: { kind: "policy", document: object, sha256, name, version, loaded: result.policy } };
}

/**
 * Returns the policy iff `input` is a policy document of `atmost/1`; else every problem with it, each with its JSON Pointer.
 * Where the text itself can not be read to its end (broken syntax, nesting over 32, over 1 MiB) the problems end there.
 * @param input JSON or YAML text, or a value that was parsed before (which is copied, never changed)
 * @example parsePolicy('{"language":"atmost/1","name":"none","version":"1","rules":[]}').kind === "ok"
 */
export function parsePolicy(input: unknown, options: ParseOptions = {}): PolicyResult {
  const { value, problems } = read(input, policyReading, options);
  if (value === undefined) return { kind: "invalid", problems };
  if (problems.length === 0 && passesQuickly(value)) {
    const result = loadedPolicy(value);
    if (result.kind === "ok") return result;
  }
  const all = merged(problems, problemsOf(policySchema, value));
  return all.length > 0 ? { kind: "invalid", problems: all } : loadedPolicy(value);
}

/**
 * Returns the request iff `input` is a JSON object of at most 64 KiB and 32 levels, without duplicate keys and numbers that are not finite; else every problem with it.
 * A request without a well-formed action is none of them: every policy denies it. Lone surrogates are allowed.
 * @param input JSON or YAML text, or a value that was parsed before (which is copied, never changed)
 */
export function parseRequest(input: unknown, options: ParseOptions = {}): RequestResult {
  const { value, problems } = read(input, requestReading, options);
  if (value === undefined) return { kind: "invalid", problems };
  const all = merged(problems, problemsOf(requestSchema, value));
  if (all.length > 0) return { kind: "invalid", problems: all };
  return { kind: "ok", request: value as { readonly [key: string]: Json } };
}
