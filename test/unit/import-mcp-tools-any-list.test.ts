// The importer of MCP tool lists ends in an answer whatever the list, and what it hands out permits no request.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import { importMcpTools } from "../../src/import/mcp-tools/index.js";
import { propertyParameters } from "../generators/index.js";
import { call, documentOf, github, list, tool, withArgument } from "./import-mcp-tools-lists.js";
import { loadDocument as load } from "./import-results.js";

describe("lists of any kind", () => {
  const name = fc.oneof(
    fc.constantFrom("a", "b.c", "d/e", "all", "__proto__", "constructor", "é", "*"),
    fc.string({ minLength: 1, maxLength: 4 }),
  );
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<unknown>(true, {}, { type: "string" }, { type: "integer", minimum: 1 }, { type: "number" }, { enum: ["a", 1] }),
      fc.constantFrom<unknown>(
        { const: null },
        { type: "boolean" },
        { $ref: "#" },
        { $ref: "#/properties" },
        { type: "string", pattern: "a" },
      ),
      fc.record({ type: fc.constant("array"), items: tie("schema") }, { requiredKeys: ["type"] }),
      fc.record(
        {
          type: fc.constant("object"),
          properties: fc.dictionary(name, tie("schema"), { maxKeys: 3 }),
          required: fc.array(name, { maxLength: 2 }),
          additionalProperties: fc.boolean(),
        },
        { requiredKeys: ["type"] },
      ),
      fc.record({ anyOf: fc.array(tie("schema"), { maxLength: 3 }) }),
    ),
  }));
  const properties = fc.dictionary(name, schema, { maxKeys: 3 });
  const tools = fc.uniqueArray(fc.tuple(name, properties, fc.array(name, { maxLength: 2 })), {
    maxLength: 3,
    selector: ([first]) => first,
  });
  const text = tools.map((each) =>
    list(
      ...each.map(([called, named, required]) =>
        tool(called, { type: "object", properties: named, required: [...required, ...Object.keys(named).slice(0, 1)] }),
      ),
    ),
  );

  it("end in an answer, the same every time; what is handed out parses and permits no request at all", () => {
    let accepted = 0;
    const args = fc.oneof(fc.dictionary(name, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(text, args, name, (input, given, other) => {
        const result = importMcpTools(input, github);
        expect(importMcpTools(input, github)).toEqual(result);
        if (result.kind === "refused") {
          expect(result.problems.length).toBeGreaterThan(0);
          return;
        }
        accepted += 1;
        const parsed = parsePolicy(result.document);
        expect(parsed.kind).toBe("ok");
        const policy = load(result.document);
        const names = JSON.parse(input).tools.map((each: { readonly name: string }) => each.name);
        for (const called of [...names, other]) {
          for (const request of [call(given, called), call(undefined, called), { action: `mcp:other:${called}` }, { action: called }]) {
            expect(decide(policy, JSON.parse(JSON.stringify(request)))).toBe("deny");
          }
        }
      }),
      propertyParameters("mcp-tools: lists of any kind", 600),
    );
    if (process.env["ATMOST_RUNS"] === undefined) expect(accepted).toBeGreaterThan(200);
  });

  it("never throw, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((value) => list(value)),
          fc.jsonValue().map((value) => withArgument(value)),
        ),
        (input) => {
          expect(importMcpTools(input, github)).toEqual(importMcpTools(input, github));
        },
      ),
      propertyParameters("mcp-tools: any text is answered", 800),
    );
    for (const input of ["[".repeat(200_000), '{"tools":'.repeat(5_000), " ".repeat(1_100_000)]) {
      expect(importMcpTools(input, github).kind).toBe("refused");
    }
  });

  it("of many tools are one policy", () => {
    const many = list(
      ...Array.from({ length: 400 }, (_, index) => tool(`t${index}`, { type: "object", properties: { x: { type: "string" } } })),
    );
    expect(parsePolicy(documentOf(many)).kind).toBe("ok");
  });
});
