// A list of MCP tools becomes one deny rule a tool, which permits the calls of its schema once it allows; and how the policy is named.

import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { findImporter } from "../../src/import/index.js";
import { importMcpTools } from "../../src/import/mcp-tools/index.js";
import { allowed, call, documentOf, github, issues, list, problemsOf, type Schema, tool } from "./import-mcp-tools-lists.js";
import { loadDocument as load } from "./import-results.js";

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
