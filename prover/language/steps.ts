// The steps of reading a policy or a request that need neither zod nor yaml: what text is JSON, what passes without the full report, and
// what an answer is once the report is there. Not trusted: a policy is what the kernel loads, and the kernel loads it here too.

import { isObject, type Json, type Policy } from "../kernel/index.js";
import { loadPolicy } from "../load.js";
import { documentBytesMax, nestingMax, requestBytesMax } from "./bounds.js";
import type { ReadOptions, ReadResult } from "./json-parts.js";
import { refusedList } from "./lists.js";
import type { Problem } from "./problem.js";
import { passesQuickly } from "./quick.js";

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

/** How the text of a policy is read. */
export const policyReading: ReadOptions = { bytesMax: documentBytesMax, tooLarge: "too_large", nestingMax, exact: true };
/** How the text of a request is read. */
export const requestReading: ReadOptions = { bytesMax: requestBytesMax, tooLarge: "request_too_large", nestingMax, exact: false };

/** Returns true iff `text` is read as JSON, false iff as YAML. */
export const isJsonText = (text: string, { format = "auto" }: ParseOptions): boolean =>
  format === "json" || (format === "auto" && /^[ \t\r\n]*[{[]/.test(text));

// A problem that the reader and the schema both see is told once, as the reader saw it.
function merged(first: readonly Problem[], second: readonly Problem[]): readonly Problem[] {
  const told = new Set(first.map(({ code, pointer }) => `${code} ${pointer}`));
  return [...first, ...second.filter(({ code, pointer }) => !told.has(`${code} ${pointer}`))];
}

function loadedPolicy(document: Json): PolicyResult {
  const result = loadPolicy(document);
  if (result.kind === "invalid") {
    // A list of patterns can expand to too many states where each of them alone does not.
    const problem = refusedList(document) ?? { code: "kernel_refused", pointer: "", message: result.message };
    return { kind: "invalid", problems: [problem] };
  }
  // INVARIANT: what is loaded here has passed the quick look or the schema: it is an object whose name and version are texts.
  const object = document as { readonly [key: string]: Json };
  const { sha256 } = result.policy;
  const name = String(object["name"]);
  const version = String(object["version"]);
  return { kind: "ok", policy: { kind: "policy", document: object, sha256, name, version, loaded: result.policy } };
}

/** What was read, where only the schema can say whether it is right, and everything that is wrong with it. */
export type Unreported = { readonly kind: "unreported"; readonly value: Json; readonly problems: readonly Problem[] };

/** Returns the policy, or why nothing was read, where that needs no report of the schema's; else what the report is needed of. */
export function beginPolicy({ value, problems }: ReadResult): PolicyResult | Unreported {
  if (value === undefined) return { kind: "invalid", problems };
  const result = problems.length === 0 && passesQuickly(value) ? loadedPolicy(value) : undefined;
  return result?.kind === "ok" ? result : { kind: "unreported", value, problems };
}

/** Returns the answer once the schema has `reported` of the value that was read. */
export function endPolicy({ value, problems }: Unreported, reported: readonly Problem[]): PolicyResult {
  const all = merged(problems, reported);
  return all.length > 0 ? { kind: "invalid", problems: all } : loadedPolicy(value);
}

/** Returns the request, or why nothing was read: the schema asks of a request that it be an object. Else what the report is needed of. */
export function beginRequest({ value, problems }: ReadResult): RequestResult | Unreported {
  if (value === undefined) return { kind: "invalid", problems };
  return problems.length === 0 && isObject(value) ? { kind: "ok", request: value } : { kind: "unreported", value, problems };
}

/** Returns the answer once the schema has `reported` of the value that was read. */
export function endRequest({ value, problems }: Unreported, reported: readonly Problem[]): RequestResult {
  const all = merged(problems, reported);
  return all.length === 0 && isObject(value) ? { kind: "ok", request: value } : { kind: "invalid", problems: all };
}
