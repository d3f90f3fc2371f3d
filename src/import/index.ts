// The registry of foreign policy formats that `atmost import` reads. Not trusted: an importer proposes an `atmost/1` document,
// which the language's own parser judges like any other.

import type { Problem } from "../../prover/index.js";
import { importAgentPassport } from "./agent-passport/index.js";
import { importAwsIam } from "./aws-iam/index.js";
import { importClaudeCode } from "./claude-code/index.js";
import { importMcpTools } from "./mcp-tools/index.js";
import { importOpenshell } from "./openshell/index.js";

/** A JSON value as `JSON.parse` makes it, read-only. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/**
 * What an importer may be told beside the text. `fileName` names the policy when nothing else does; `workdir` is the canonical
 * absolute directory that a foreign "working directory" stands for, `home` the one of `~`; `server` is the name of the MCP server that
 * a list of tools is of; `name` overrides the policy's name; `delegation` and `limits`
 * are put into the document as they are, because foreign formats rarely say what may be handed on.
 */
export type ImportOptions = {
  readonly fileName?: string;
  readonly workdir?: string;
  readonly home?: string;
  readonly server?: string;
  readonly name?: string;
  readonly delegation?: Json;
  readonly limits?: JsonObject;
};

/** `ok`: an `atmost/1` document, and notes for people on how to read it. `refused`: every problem found, each by name and place. */
export type ImportResult =
  | { readonly kind: "ok"; readonly document: JsonObject; readonly notes: readonly string[] }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** Reads one foreign policy. Total: never throws, whatever the text. Deterministic: the same text and options, the same result. */
export type Importer = (text: string, options: ImportOptions) => ImportResult;

/** Every format that `atmost import FORMAT FILE` knows, by the name it is called by. */
export const importers: Readonly<Record<string, Importer>> = {
  "agent-passport": importAgentPassport,
  "aws-iam": importAwsIam,
  "claude-code": importClaudeCode,
  "mcp-tools": importMcpTools,
  openshell: importOpenshell,
};

/** Returns the importer of that name, or undefined where there is none (own keys only, so `constructor` is no format). */
export function findImporter(name: string): Importer | undefined {
  return Object.hasOwn(importers, name) ? importers[name] : undefined;
}
