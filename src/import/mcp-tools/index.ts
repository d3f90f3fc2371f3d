// What an MCP server answers to `tools/list`, as a policy to start from: it names every tool and every argument, and permits nothing.
// Not trusted. docs/import-mcp-tools.md has the table. Each rule denies, with the condition that is worth having once it allows.

import type { ImportOptions, ImportResult } from "../index.js";
import { capped, judge, type PlacedRule } from "../judge.js";
import { at, readDocument, type Tree, type TreeMap } from "../openshell/document.js";
import { escapePattern } from "../openshell/globs.js";
import { type Report, readFlag, readList, readMap, readOptionalText, readText, refuse } from "../openshell/reader.js";
import { argumentsCondition, isElementExact, namesOf } from "./conditions.js";
import { SchemaReader, type Shape } from "./schema.js";

/** Longest name of a tool or a server, in UTF-16 units; the protocol asks for 128 at most. */
const NAME_LENGTH_MAX = 128;
const WORDS_LENGTH_MAX = 2_000;
const LOOSENED_LISTED_MAX = 8;

const TOOL_KEYS = ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "icons", "execution", "_meta"];
const HINTS: readonly (readonly [key: string, words: string])[] = [
  ["readOnlyHint", "that it only reads"],
  ["destructiveHint", "that it may destroy"],
  ["idempotentHint", "that repeating it changes nothing"],
  ["openWorldHint", "that it reaches out of its own world"],
];

/**
 * Returns a policy with one deny rule for each tool iff every tool can be named; otherwise every problem at once.
 *
 * @param text the result of `tools/list`, bare or in its JSON-RPC response, at most 1 MiB
 * @param options `server` is required: actions are `mcp:<server>:<tool>`
 * @returns `ok` with the document and notes, or `refused` with at least one problem
 * @throws never
 * @example importMcpTools('{"tools": [{"name": "now", "inputSchema": {"type": "object"}}]}', { server: "clock" })
 */
export function importMcpTools(text: string, options: ImportOptions = {}): ImportResult {
  const report: Report = { problems: [], notes: [] };
  const root = readDocument(text, report.problems);
  if (root === undefined) return { kind: "refused", problems: capped(report.problems) };
  const server = readServer(report, options);
  const rules = toolRules(report, root, server ?? "server");
  report.notes.push("every rule denies: read it, narrow its condition, and make its effect `ask` or `allow`");
  return judge(report, { format: "mcp-tools", title: "an MCP server's list of tools", rules }, options);
}

function readServer(report: Report, options: ImportOptions): string | undefined {
  const expected = "--server with the name that the server goes by";
  if (options.server === undefined) {
    refuse(report, "server_required", "", "a list of tools does not say what server it is of", { expected, got: "no name" });
    return undefined;
  }
  const reason = nameProblem(options.server);
  if (reason === undefined) return options.server;
  refuse(report, "invalid_server", "", `server \`${options.server}\` can not be part of an action: ${reason}`, {
    expected,
    got: options.server,
  });
  return undefined;
}

/** Returns why a name can not be one segment of an action, or undefined where it can. */
function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > NAME_LENGTH_MAX) return `it is longer than ${NAME_LENGTH_MAX} characters`;
  if (name.includes(":")) return "a `:` separates the parts of an action";
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/u.test(name))
    return "it holds a control character or half of a surrogate pair";
  return undefined;
}

function toolRules(report: Report, root: Tree, server: string): readonly PlacedRule[] {
  const found = resultOf(report, root);
  if (found === undefined) return [];
  const { result, pointer } = found;
  const map = readMap(report, result, pointer, ["tools", "nextCursor", "_meta"]);
  if (map === undefined) return [];
  if (map.has("nextCursor") && map.get("nextCursor") !== null) {
    refuse(report, "not_supported", at(pointer, "nextCursor"), "the list goes on: put the tools of all its pages into one list");
  }
  const place = at(pointer, "tools");
  const tools = map.get("tools");
  if (tools === undefined) {
    refuse(report, "missing_key", pointer, "a result of `tools/list` needs `tools`", { expected: "`tools`" });
    return [];
  }
  const names = new Set<string>();
  return (readList(report, tools, place) ?? []).flatMap((tool, index) => toolRule(report, tool, at(place, index), server, names) ?? []);
}

type Result = { readonly result: Tree; readonly pointer: string };

/** Returns the result itself, taken out of the JSON-RPC response where it is in one. */
function resultOf(report: Report, root: Tree): Result | undefined {
  if (!(root instanceof Map) || !root.has("jsonrpc")) return { result: root, pointer: "" };
  readMap(report, root, "", ["jsonrpc", "id", "result", "error"]);
  if (root.get("jsonrpc") !== "2.0") refuse(report, "invalid_value", "/jsonrpc", "expected version `2.0`", { expected: '"2.0"' });
  const result = root.get("result");
  if (root.has("error") || result === undefined) {
    refuse(report, "not_a_policy", root.has("error") ? "/error" : "", "the response has no list of tools", { expected: "`result`" });
    return undefined;
  }
  return { result, pointer: "/result" };
}

function toolRule(report: Report, value: Tree, pointer: string, server: string, names: Set<string>): PlacedRule | undefined {
  const tool = readMap(report, value, pointer, TOOL_KEYS);
  if (tool === undefined) return undefined;
  const name = readName(report, tool, pointer, names);
  for (const key of ["title", "description"]) readOptionalText(report, withoutEmpty(tool), key, pointer);
  const hints = readHints(report, tool, pointer);
  const shape = readArguments(report, tool, pointer, name ?? "");
  if (name === undefined || shape === undefined || shape.kind !== "object") return undefined;
  const words = `${name}(${namesOf(shape.properties)}${shape.closed ? "" : `${shape.properties.length > 0 ? ", " : ""}…`})`;
  const rule = {
    id: name,
    effect: "deny",
    action: `mcp:${escapePattern(server)}:${escapePattern(name)}`,
    when: argumentsCondition(shape.properties, shape.closed),
    because: `not reviewed yet: ${shorten(words)}${hints === "" ? "" : `; it says of itself ${hints}`}`,
  };
  return { rule, pointer };
}

// An empty description is common, and says as much as none.
function withoutEmpty(tool: TreeMap): TreeMap {
  return new Map([...tool].filter(([, value]) => value !== "" && value !== null));
}

function readName(report: Report, tool: TreeMap, pointer: string, names: Set<string>): string | undefined {
  const place = at(pointer, "name");
  const value = tool.get("name");
  if (value === undefined) {
    refuse(report, "missing_key", pointer, "a tool needs a `name`", { expected: "`name`" });
    return undefined;
  }
  const name = readText(report, value, place);
  if (name === undefined) return undefined;
  const reason = nameProblem(name);
  if (reason !== undefined) {
    refuse(report, "not_canonical", place, `tool \`${name}\` can not be part of an action: ${reason}`, { got: name });
    return undefined;
  }
  if (names.has(name)) refuse(report, "duplicate_id", place, `two tools are called \`${name}\``, { got: name });
  names.add(name);
  return name;
}

function readHints(report: Report, tool: TreeMap, pointer: string): string {
  const value = tool.get("annotations");
  const place = at(pointer, "annotations");
  if (value === undefined || value === null) return "";
  const map = readMap(report, value, place, ["title", ...HINTS.map(([key]) => key)]);
  if (map === undefined) return "";
  const said = HINTS.filter(([key]) => readFlag(report, map, key, place));
  return said.map(([, words]) => words).join(", ");
}

function readArguments(report: Report, tool: TreeMap, pointer: string, name: string): Shape | undefined {
  const place = at(pointer, "inputSchema");
  const schema = tool.get("inputSchema");
  if (schema === undefined) {
    refuse(report, "missing_key", pointer, "a tool needs an `inputSchema`", { expected: "`inputSchema`" });
    return undefined;
  }
  if (!(schema instanceof Map) || schema.get("type") !== "object") {
    refuse(report, "invalid_value", place, "the arguments of a tool are an object", { expected: 'a JSON Schema with `"type": "object"`' });
    return undefined;
  }
  const reader = new SchemaReader(report, schema, place);
  const shape = reader.read(schema, place);
  if (shape.kind !== "object") {
    refuse(report, "not_supported", place, "the arguments of a tool are not told by their names", { expected: "`properties`" });
    return undefined;
  }
  noteLoosened(report, name, reader.loosened, shape);
  return shape;
}

function noteLoosened(report: Report, name: string, loosened: ReadonlySet<string>, shape: Shape): void {
  if (loosened.size > 0) {
    const listed = [...loosened].slice(0, LOOSENED_LISTED_MAX).map((pointer) => `\`${pointer}\``);
    const more = loosened.size > listed.length ? ` and ${loosened.size - listed.length} more` : "";
    report.notes.push(`the rule of \`${name}\` is wider than its schema, which says more by ${listed.join(", ")}${more}`);
  }
  if (hasWideElements(shape)) report.notes.push(`the rule of \`${name}\` does not hold the elements of every array to their type`);
}

function hasWideElements(shape: Shape): boolean {
  if (shape.kind === "array") return !isElementExact(shape.items) || hasWideElements(shape.items);
  if (shape.kind === "object") return shape.properties.some((property) => hasWideElements(property.shape));
  return shape.kind === "union" && shape.options.some(hasWideElements);
}

function shorten(words: string): string {
  return words.length <= WORDS_LENGTH_MAX ? words : `${words.slice(0, WORDS_LENGTH_MAX).replace(/\p{Surrogate}$/u, "")}…`;
}
