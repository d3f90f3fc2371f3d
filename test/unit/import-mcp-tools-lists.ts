// Lists of MCP tools, what the importer makes of them, and calls of their tools. Test code, not trusted.

import type { ImportOptions } from "../../src/import/index.js";
import { importMcpTools } from "../../src/import/mcp-tools/index.js";
import { documentIn, loadDocument, problemsIn } from "./import-results.js";

/** The options of an import: the server that the tools are of. */
export const github: ImportOptions = { server: "github" };

/** The document that a list is imported as; throws where it is refused. */
export const documentOf = (text: string, options: ImportOptions = github) => documentIn(importMcpTools(text, options));

/** What a list is refused for, each as its code and its place; empty where it is imported. */
export const problemsOf = (text: string, options: ImportOptions = github) => problemsIn(importMcpTools(text, options));

/** A JSON Schema, or what stands in a tool beside it. */
export type Schema = { readonly [key: string]: unknown };
/** One tool of a list. */
export const tool = (name: string, inputSchema: unknown, more: Schema = {}) => ({ name, inputSchema, ...more });
/** The text of a list of tools. */
export const list = (...tools: readonly unknown[]) => JSON.stringify({ tools });
/** One tool with the argument `x`, required. */
export const withArgument = (schema: unknown, more: Schema = {}) =>
  list(tool("t", { type: "object", properties: { x: schema }, required: ["x"], ...more }));

/** What the author makes of it: every rule's effect changed from deny to allow. */
export const allowed = (text: string) =>
  loadDocument(JSON.parse(JSON.stringify(documentOf(text)).replaceAll('"effect":"deny"', '"effect":"allow"')));
/** A call of one tool; without arguments where there are none. */
export const call = (args?: unknown, name = "t") => ({ action: `mcp:github:${name}`, ...(args === undefined ? {} : { args }) });

/** A list of two tools: one with an argument of every kind, and one without any. */
export const issues = list(
  tool(
    "create_issue",
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      properties: {
        owner: { type: "string", description: "Repository owner" },
        repo: { type: "string" },
        state: { type: "string", enum: ["open", "closed"], default: "open" },
        labels: { type: "array", items: { type: "string" } },
        page: { type: "integer", minimum: 1, maximum: 100 },
        draft: { type: "boolean" },
        milestone: { anyOf: [{ type: "integer" }, { type: "null" }] },
        author: { type: "object", properties: { name: { type: "string" }, "e.mail": { type: "string" } }, required: ["name"] },
      },
      required: ["owner", "repo"],
      additionalProperties: false,
    },
    { description: "Opens an issue", annotations: { title: "Create", destructiveHint: true, readOnlyHint: false, openWorldHint: true } },
  ),
  tool("now", { type: "object" }),
);
