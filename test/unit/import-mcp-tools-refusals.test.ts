// What the importer of MCP tool lists refuses, each by its code and its place, and all of it at once.

import { describe, expect, it } from "vitest";
import { importMcpTools } from "../../src/import/mcp-tools/index.js";
import { SHAPES_MAX } from "../../src/import/mcp-tools/schema.js";
import { github, issues, list, problemsOf, tool, withArgument } from "./import-mcp-tools-lists.js";

describe("what is refused", () => {
  const one = (value: unknown) => list(value);
  const schema = { type: "object" };
  it.each<[string, string]>([
    ["", "wrong_type "],
    ["[]", "wrong_type "],
    ["{", "invalid_yaml "],
    ["{}", "missing_key "],
    ['{"tools": {}}', "wrong_type /tools"],
    ['{"tools": [], "tools": []}', "duplicate_key /tools"],
    ['{"tools": [], "nextCursor": "x"}', "not_supported /nextCursor"],
    ['{"tools": [], "toolz": []}', "unknown_key /toolz"],
    ['{"jsonrpc": "2.0", "id": 1, "error": {"code": 1}}', "not_a_policy /error"],
    ['{"jsonrpc": "2.0", "id": 1}', "not_a_policy "],
    ['{"jsonrpc": "1.0", "id": 1, "result": {"tools": []}}', "invalid_value /jsonrpc"],
    [one(7), "wrong_type /tools/0"],
    [one({ inputSchema: schema }), "missing_key /tools/0"],
    [one({ name: "a" }), "missing_key /tools/0"],
    [one(tool("", schema)), "wrong_type /tools/0/name"],
    [one({ name: 7, inputSchema: schema }), "wrong_type /tools/0/name"],
    [one(tool("a:b", schema)), "not_canonical /tools/0/name"],
    [one(tool("a\nb", schema)), "not_canonical /tools/0/name"],
    [one(tool("x".repeat(129), schema)), "not_canonical /tools/0/name"],
    [list(tool("a", schema), tool("a", schema)), "duplicate_id /tools/1/name"],
    [one(tool("a", { type: "string" })), "invalid_value /tools/0/inputSchema"],
    [one(tool("a", true)), "invalid_value /tools/0/inputSchema"],
    [one(tool("a", schema, { anotations: {} })), "unknown_key /tools/0/anotations"],
    [one(tool("a", schema, { annotations: { readOnlyHint: "yes" } })), "wrong_type /tools/0/annotations/readOnlyHint"],
    [one(tool("a", schema, { annotations: { hint: true } })), "unknown_key /tools/0/annotations/hint"],
    [one(tool("a", schema, { description: 7 })), "wrong_type /tools/0/description"],
    [withArgument(7), "wrong_type /tools/0/inputSchema/properties/x"],
    [withArgument({ type: "text" }), "invalid_value /tools/0/inputSchema/properties/x/type"],
    [withArgument({ enum: "a" }), "wrong_type /tools/0/inputSchema/properties/x/enum"],
    [withArgument({ type: "object", properties: [] }), "wrong_type /tools/0/inputSchema/properties/x/properties"],
    [withArgument({ type: "object", required: "a" }), "wrong_type /tools/0/inputSchema/properties/x/required"],
    [one(tool("a", { type: "object", properties: { "a\u0001": {} } })), "not_canonical /tools/0/inputSchema/properties/a\u0001"],
  ])("%s", (text, problem) => expect(problemsOf(text)[0]).toBe(problem));

  it("a server that is not named, or can not be part of an action", () => {
    expect(problemsOf(issues, {})).toEqual(["server_required "]);
    for (const server of ["", "a:b", "a\n", "\ud800", "x".repeat(129)]) expect(problemsOf(issues, { server })).toEqual(["invalid_server "]);
  });

  it("schemas that references multiply", () => {
    const wide = {
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, { $ref: "#/$defs/W" }])),
    };
    const result = importMcpTools(withArgument({ $ref: "#/$defs/W" }, { $defs: { W: wide } }), github);
    expect(result.kind === "refused" && result.problems.map(({ code }) => code)).toEqual(["too_large"]);
    expect(SHAPES_MAX).toBeLessThan(20 ** 3);
  });

  it("names every problem at once", () => {
    expect(problemsOf(list(tool("a:b", schema), tool("c", 7), 7), {})).toEqual([
      "server_required ",
      "not_canonical /tools/0/name",
      "invalid_value /tools/1/inputSchema",
      "wrong_type /tools/2",
    ]);
  });
});
