// The schema of an MCP tool becomes a condition of the values that it describes, and where it is wider a note says where.

import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import { importMcpTools } from "../../src/import/mcp-tools/index.js";
import { allowed, call, documentOf, github, list, tool, withArgument } from "./import-mcp-tools-lists.js";

const notesOf = (text: string) => {
  const result = importMcpTools(text, github);
  return result.kind === "ok" ? result.notes.slice(0, -1) : [];
};

const permits = (text: string, args?: unknown) => decide(allowed(text), JSON.parse(JSON.stringify(call(args)))) === "allow";

describe("schemas", () => {
  it.each<[string, unknown, readonly unknown[], readonly unknown[]]>([
    ["string", { type: "string" }, ["", "a"], [1, null, ["a"], {}]],
    ["number", { type: "number" }, [0, -1.5, 1e300], ["1", null, [1], true]],
    ["exclusive bounds", { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 }, [0.5], [0, 1]],
    ["boolean", { type: "boolean" }, [true, false], ["true", 0, null]],
    ["null", { type: "null" }, [null], [0, ""]],
    ["const", { const: "a" }, ["a"], ["b", 1]],
    ["const null", { const: null }, [null], ["b"]],
    ["enum", { enum: ["a", 1, null, true] }, ["a", 1, null, true], ["1", false, 2]],
    ["typed enum", { type: ["string", "null"], enum: ["a", null] }, ["a", null], ["b"]],
    ["type list", { type: ["string", "null"] }, ["a", null], [1, []]],
    ["oneOf", { oneOf: [{ type: "string" }, { type: "boolean" }] }, ["a", true], [1]],
    ["allOf of one", { allOf: [{ type: "string" }] }, ["a"], [1]],
    ["array", { type: "array" }, [[], [1, "a"]], ["a", {}]],
    ["array of arrays", { type: "array", items: { type: "array", items: { type: "string" } } }, [[], [["a"], []]], [["a"], [[1]]]],
    ["array of bounded numbers", { type: "array", items: { type: "integer", minimum: 0 } }, [[0, 7]], [[-1], ["0"]]],
    [
      "array of objects",
      { type: "array", items: { type: "object", properties: { p: { type: "string" }, q: { type: "number" } }, required: ["p"] } },
      [[{ p: "a" }], [{ p: "a", q: 1 }], []],
      [[{ p: 1 }], [{}], ["a"], [{ p: "a", q: "b" }]],
    ],
    ["object", { type: "object" }, [{}, { a: 1 }], [[], "a"]],
    ["closed object", { type: "object", properties: {}, additionalProperties: false }, [{}], [{ a: 1 }]],
    [
      "open object",
      { type: "object", properties: { a: { type: "string" } }, additionalProperties: true },
      [{ a: "b", c: 1 }, {}],
      [{ a: 1 }],
    ],
    ["implied object", { properties: { a: { type: "string" } } }, [{ a: "b" }, {}], [{ a: 1 }, { b: 1 }]],
    ["implied array", { items: { type: "string" } }, [["a"]], [[1]]],
    ["true", true, [1, "a", {}], []],
    ["false", false, [], [1, "a", {}, null]],
    ["anything", {}, [1, "a", {}, null, []], []],
    [
      "awkward names",
      { type: "object", properties: { all: { type: "string" }, __proto__x: {}, "a]b": { type: "null" } } },
      [{ all: "a" }, { "a]b": null }],
      [{ all: 1 }, { "a]b": 1 }],
    ],
  ])("%s", (_, schema, good, bad) => {
    for (const value of good) expect([value, permits(withArgument(schema), { x: value })]).toEqual([value, true]);
    for (const value of bad) expect([value, permits(withArgument(schema), { x: value })]).toEqual([value, false]);
    expect(permits(withArgument(schema), {})).toBe(false);
  });

  it("follows references within the tool's own schema, and stops where they go round", () => {
    const issue = { type: "object", properties: { title: { type: "string" } }, required: ["title"] };
    const text = withArgument({ $ref: "#/$defs/Issue" }, { $defs: { Issue: issue } });
    expect(permits(text, { x: { title: "a" } })).toBe(true);
    expect(permits(text, { x: { title: 1 } })).toBe(false);
    expect(notesOf(text)).toEqual([]);
    const placed = withArgument({ $ref: "#/$defs/Issue" }, { $defs: { Issue: { type: "string", pattern: "a" } } });
    expect(notesOf(placed).join()).toContain("`/tools/0/inputSchema/$defs/Issue/pattern`");
    const round = withArgument(
      { $ref: "#/$defs/Node" },
      { $defs: { Node: { type: "object", properties: { next: { $ref: "#/$defs/Node" } } } } },
    );
    expect(permits(round, { x: { next: { next: {} } } })).toBe(true);
    expect(permits(round, { x: { next: 1 } })).toBe(false);
    expect(notesOf(round).join()).toContain("wider than its schema");
    expect(notesOf(withArgument({ $ref: "https://example.com/x" })).join()).toContain("`/tools/0/inputSchema/properties/x/$ref`");
  });

  it.each<[unknown, string]>([
    [{ type: "string", pattern: "^a" }, "/pattern"],
    [{ type: "string", minLength: 1 }, "/minLength"],
    [{ type: "array", items: { type: "string", maxLength: 3 } }, "/items/maxLength"],
    [{ type: "string", enum: [{}] }, "/enum"],
    [{ type: "number", minimum: 1 / 3 }, "/minimum"],
    [{ oneOf: [{ type: "string" }] }, "/oneOf"],
    [{ allOf: [{ type: "string" }, { type: "number" }] }, "/allOf"],
    [{ type: "object", additionalProperties: { type: "string" } }, "/additionalProperties"],
    [{ type: "object", required: ["a"] }, "/required"],
    [{ not: {} }, "/not"],
  ])("%j is loosened, and the note says where", (schema, end) => {
    expect(notesOf(withArgument(schema)).join()).toContain(`\`/tools/0/inputSchema/properties/x${end}\``);
    expect(parsePolicy(documentOf(withArgument(schema))).kind).toBe("ok");
  });

  it("notes where the elements of an array are not held to their type", () => {
    expect(notesOf(withArgument({ type: "array", items: { type: "number" } })).join()).toContain("elements");
    expect(notesOf(withArgument({ type: "array", items: { type: ["string", "null"] } })).join()).toContain("elements");
    expect(notesOf(withArgument({ type: "array", items: { type: "string" } }))).toEqual([]);
  });

  it("lets a call without arguments meet a tool that requires none", () => {
    const text = list(tool("t", { type: "object", properties: { x: { type: "string" } } }));
    expect([permits(text), permits(text, {}), permits(text, { x: "a" }), permits(text, { x: 1 }), permits(text, { y: 1 })]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(permits(list(tool("t", { type: "object" })), { y: 1 })).toBe(false);
    expect(permits(list(tool("t", { type: "object", additionalProperties: true })), { y: 1 })).toBe(true);
  });
});
