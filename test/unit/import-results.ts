// What came of an import: its document, its problems, and the policy as the kernel loads it. Test code, not trusted.

import type { Policy } from "../../prover/kernel/index.js";
import { loadPolicy } from "../../prover/load.js";
import type { ImportResult, JsonObject } from "../../src/import/index.js";

/** The document that was handed out; throws where the text was refused. */
export function documentIn(result: ImportResult): JsonObject {
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}

/** What a text was refused for, each as its code and its place; empty where it was imported. */
export const problemsIn = (result: ImportResult): readonly string[] =>
  result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);

/** A document as the kernel loads it, or its delegable view; throws where it is none. */
export function loadDocument(document: unknown, view = false): Policy {
  const loaded = loadPolicy(document, view);
  if (loaded.kind === "invalid") throw new Error(loaded.message);
  return loaded.policy;
}
