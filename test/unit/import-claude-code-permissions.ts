// Settings of Claude Code made of permissions, what the importer makes of them, and requests to them. Test code, not trusted.

import { decide } from "../../prover/evaluate/decide.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import type { ImportOptions, JsonObject } from "../../src/import/index.js";
import { documentIn, loadDocument, problemsIn } from "./import-results.js";

/** The directories that relative rules start at. */
export const anchors: ImportOptions = { workdir: "/w", home: "/home/me" };

/** The permissions of a settings file. */
export type Permissions = { readonly [key: string]: unknown };
/** The text of a settings file with these permissions. */
export const settings = (permissions: Permissions) => JSON.stringify({ permissions });

/** The document that a settings file is imported as; throws where it is refused. */
export const documentOf = (text: string, options: ImportOptions = anchors) => documentIn(importClaudeCode(text, options));

/** The imported policy as the kernel loads it; throws where it is refused. */
export const load = (text: string, options: ImportOptions = anchors) => loadDocument(documentOf(text, options));

/** What the policy imported from these permissions decides of a request. */
export const decideOn = (permissions: Permissions, request: JsonObject) => decide(load(settings(permissions)), request);

/** What a settings file is refused for, each as its code and its place; empty where it is imported. */
export const problemsOf = (text: string, options: ImportOptions = anchors) => problemsIn(importClaudeCode(text, options));
/** A request to run a command. */
export const bash = (command: string): JsonObject => ({ action: "tool:bash", args: { command } });
/** A request of a tool for a file. */
export const file = (action: string, path: string): JsonObject => ({ action, args: { path } });
