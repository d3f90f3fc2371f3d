// Settings of Claude Code made of permissions, what the importer makes of them, and requests to them. Test code, not trusted.

import { decide } from "../../prover/evaluate/decide.js";
import { loadPolicy } from "../../prover/kernel/index.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import type { ImportOptions, JsonObject } from "../../src/import/index.js";

/** The directories that relative rules start at. */
export const anchors: ImportOptions = { workdir: "/w", home: "/home/me" };

/** The permissions of a settings file. */
export type Permissions = { readonly [key: string]: unknown };
/** The text of a settings file with these permissions. */
export const settings = (permissions: Permissions) => JSON.stringify({ permissions });

/** The document that a settings file is imported as; throws where it is refused. */
export function documentOf(text: string, options: ImportOptions = anchors): JsonObject {
  const result = importClaudeCode(text, options);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}

/** The imported policy as the kernel loads it; throws where it is refused. */
export function load(text: string, options: ImportOptions = anchors) {
  const loaded = loadPolicy(documentOf(text, options));
  if (loaded.kind === "invalid") throw new Error(`${loaded.pointer}: ${loaded.message}`);
  return loaded.policy;
}

/** What the policy imported from these permissions decides of a request. */
export const decideOn = (permissions: Permissions, request: JsonObject) => decide(load(settings(permissions)), request);

/** What a settings file is refused for, each as its code and its place; empty where it is imported. */
export const problemsOf = (text: string, options: ImportOptions = anchors) => {
  const result = importClaudeCode(text, options);
  return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};
/** A request to run a command. */
export const bash = (command: string): JsonObject => ({ action: "tool:bash", args: { command } });
/** A request of a tool for a file. */
export const file = (action: string, path: string): JsonObject => ({ action, args: { path } });
