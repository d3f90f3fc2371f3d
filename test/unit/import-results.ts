// What came of an import: its document, its problems, the policy as the kernel loads it, and what the prover says of two of them.
// Test code, not trusted.

import { escapes } from "../../prover/evaluate/decide.js";
import type { Policy } from "../../prover/kernel/index.js";
import { loadPolicy } from "../../prover/load.js";
import type { ImportResult, Json, JsonObject } from "../../src/import/index.js";
import { checkContainment, type LinkResult, type ParsedPolicy, parsePolicy, verifyCertificate } from "../../src/index.js";

/** The document that was handed out; throws where the text was refused. */
export function documentIn(result: ImportResult): JsonObject {
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}

/** What a text was refused for, each as its code and its place; empty where it was imported. */
export const problemsIn = (result: ImportResult): readonly string[] =>
  result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);

/** The list under a key of a document; throws where there is none. */
export function listIn(document: JsonObject, key: string): readonly Json[] {
  const value = document[key];
  if (!Array.isArray(value)) throw new Error(`no list \`${key}\``);
  return value;
}

/** A document as the kernel loads it, or its delegable view; throws where it is none. */
export function loadDocument(document: unknown, view = false): Policy {
  const loaded = loadPolicy(document, view);
  if (loaded.kind === "invalid") throw new Error(loaded.message);
  return loaded.policy;
}

/** What the prover answers on two documents, and the requests that it shows. */
export type Relation = { readonly kind: LinkResult["kind"]; readonly requests: readonly JsonObject[] };

function subjectIn(document: unknown): ParsedPolicy {
  const parsed = parsePolicy(document);
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

/**
 * The prover's answer on two imported documents, after its certificate was checked again and its requests were replayed.
 * Throws where a certificate is refused, a request does not escape, or a limit does.
 */
export async function relate(lower: unknown, upper: unknown): Promise<Relation> {
  const [below, above] = [subjectIn(lower), subjectIn(upper)];
  const result = await checkContainment(below, above);
  if ("certificate" in result) {
    const checked = verifyCertificate(result.certificate, below, above);
    if (checked.kind === "refused" || checked.relation !== result.kind) throw new Error(JSON.stringify(checked));
  }
  const requests = ("counterexamples" in result ? result.counterexamples : []).map((example) => {
    if (example.kind === "limit") throw new Error(example.summary);
    if (!escapes(below.loaded, above.loaded, example.request)) throw new Error(`no escape: ${JSON.stringify(example.request)}`);
    return example.request;
  });
  return { kind: result.kind, requests };
}
