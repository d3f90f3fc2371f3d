// The importer of MCP tool lists: what it names, that it permits nothing, and what its rules permit once their effect is changed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import { loadPolicy } from "../../prover/kernel/index.js";
import { findImporter, type ImportOptions, type JsonObject } from "../../src/import/index.js";
import { importMcpTools } from "../../src/import/mcp-tools/index.js";
import { SHAPES_MAX } from "../../src/import/mcp-tools/schema.js";

const github: ImportOptions = { server: "github" };

function documentOf(text: string, options: ImportOptions = github): JsonObject {
  const result = importMcpTools(text, options);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}

const problemsOf = (text: string, options: ImportOptions = github) => {
  const result = importMcpTools(text, options);
  return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};
const notesOf = (text: string) => {
  const result = importMcpTools(text, github);
  return result.kind === "ok" ? result.notes.slice(0, -1) : [];
};

type Schema = { readonly [key: string]: unknown };
const tool = (name: string, inputSchema: unknown, more: Schema = {}) => ({ name, inputSchema, ...more });
const list = (...tools: readonly unknown[]) => JSON.stringify({ tools });
/** One tool with the argument `x`, required. */
const withArgument = (schema: unknown, more: Schema = {}) =>
  list(tool("t", { type: "object", properties: { x: schema }, required: ["x"], ...more }));

function load(document: unknown) {
  const loaded = loadPolicy(document);
  if (loaded.kind === "invalid") throw new Error(`${loaded.pointer}: ${loaded.message}`);
  return loaded.policy;
}

/** What the author makes of it: every rule's effect changed from deny to allow. */
const allowed = (text: string) => load(JSON.parse(JSON.stringify(documentOf(text)).replaceAll('"effect":"deny"', '"effect":"allow"')));
const call = (args?: unknown, name = "t") => ({ action: `mcp:github:${name}`, ...(args === undefined ? {} : { args }) });
const permits = (text: string, args?: unknown) => decide(allowed(text), JSON.parse(JSON.stringify(call(args)))) === "allow";

const issues = list(
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

describe("a list of tools", () => {
  it("becomes one deny rule for each tool, which names every argument with its type", () => {
    const rules = JSON.parse(JSON.stringify(documentOf(issues)["rules"]));
    expect(rules.map(({ id, effect, action }: Schema) => [id, effect, action])).toEqual([
      ["create_issue", "deny", "mcp:github:create_issue"],
      ["now", "deny", "mcp:github:now"],
    ]);
    expect(rules[0].because).toBe(
      'not reviewed yet: create_issue(owner: string, repo: string, state?: "open" | "closed", labels?: string[], ' +
        "page?: integer >= 1 <= 100, draft?: boolean, milestone?: integer | null, author?: { name: string, e.mail?: string }); " +
        "it says of itself that it may destroy, that it reaches out of its own world",
    );
    expect(rules[1].because).toBe("not reviewed yet: now()");
    expect(rules[0].when).toMatchObject({
      args: { keys: { only: ["owner", "repo", "state", "labels", "page", "draft", "milestone", "author"] } },
      "args.owner": { glob: "*" },
      "args.repo": { glob: "*" },
    });
    for (const field of [
      "args.state",
      "args.labels",
      "args.page",
      "args.draft",
      "args.milestone",
      "args.author",
      'args.author[\\"e.mail\\"]',
    ]) {
      expect(JSON.stringify(rules[0].when)).toContain(`"${field}"`);
    }
  });

  it("reads the same from a JSON-RPC response", () => {
    const wrapped = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { ...JSON.parse(issues), _meta: {} } });
    expect(documentOf(wrapped)).toEqual(documentOf(issues));
    const bad = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { tools: [{ name: "a:b", inputSchema: { type: "object" } }] } });
    expect(problemsOf(bad)).toEqual(["not_canonical /result/tools/0/name"]);
  });

  it("permits the calls of its schemas once it allows, and no others", () => {
    const policy = allowed(issues);
    const judge = (args: unknown) => decide(policy, JSON.parse(JSON.stringify(call(args, "create_issue"))));
    const base = { owner: "acme", repo: "web" };
    for (const more of [
      {},
      { state: "open", labels: [], page: 1, draft: false, milestone: null },
      { labels: ["a", "b"], page: 100, milestone: -7, author: { name: "n" } },
      { author: { name: "n", "e.mail": "m" } },
    ]) {
      expect([more, judge({ ...base, ...more })]).toEqual([more, "allow"]);
    }
    for (const args of [
      { owner: "acme" },
      { ...base, owner: 7 },
      { ...base, state: "all" },
      { ...base, labels: "a" },
      { ...base, labels: ["a", 7] },
      { ...base, page: 0 },
      { ...base, page: 101 },
      { ...base, page: "1" },
      { ...base, draft: "false" },
      { ...base, milestone: "1" },
      { ...base, author: {} },
      { ...base, author: { name: "n", admin: true } },
      { ...base, other: 1 },
      [],
      "x",
    ]) {
      expect([args, judge(args)]).toEqual([args, "deny"]);
    }
  });

  it("takes names with pattern characters by the letter, in tools and in servers", () => {
    const text = list(tool("a*b?\\c/d.é", { type: "object" }));
    const policy = load(JSON.parse(JSON.stringify(documentOf(text, { server: "s*" })).replace('"deny"', '"allow"')));
    expect(decide(policy, { action: "mcp:s*:a*b?\\c/d.é" })).toBe("allow");
    expect(decide(policy, { action: "mcp:sx:a*b?\\c/d.é" })).toBe("deny");
    expect(decide(policy, { action: "mcp:s*:axbx\\c/d.é" })).toBe("deny");
  });
});

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
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(200);
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
      { numRuns: 800 },
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

describe("names", () => {
  it("come from the options and the file; the format is in the registry", () => {
    expect(findImporter("mcp-tools")).toBe(importMcpTools);
    expect(documentOf(issues)["name"]).toBe("mcp-tools");
    expect(documentOf(issues, { ...github, fileName: "/x/tools.json" })["name"]).toBe("tools");
    expect(documentOf(issues, { ...github, fileName: "/x/tools.json", name: "n", delegation: "all" })).toMatchObject({
      name: "n",
      delegation: "all",
    });
  });
});
