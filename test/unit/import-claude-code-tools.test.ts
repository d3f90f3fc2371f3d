// Rules of Claude Code for every other tool, WebFetch, MCP, agents and skills, match what they match there.

import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/import/index.js";
import { decideOn, file, problemsOf, settings } from "./import-claude-code-permissions.js";

describe("other tools", () => {
  const fetching = (host: string): JsonObject => ({ action: "net:fetch", host });
  it.each<[string, Readonly<Record<string, boolean>>]>([
    ["WebFetch", { "a.example": true, "10.0.0.1": true }],
    ["WebFetch(domain:*)", { "a.example": true }],
    ["WebFetch(domain:example.com)", { "example.com": true, "api.example.com": false, "example.com.evil.org": false }],
    ["WebFetch(domain:EXAMPLE.com.)", { "example.com": true }],
    ["WebFetch(domain:*.example.com)", { "api.example.com": true, "a.b.example.com": true, "example.com": false, "xexample.com": false }],
    ["WebFetch(domain:example.*)", { "example.org": true, "example.evil.com": false }],
    ["WebFetch(domain:10.0.0.1)", { "10.0.0.1": true }],
  ])("%s matches what it matches there", (rule, cases) => {
    for (const [host, matches] of Object.entries(cases)) {
      expect([host, decideOn({ allow: [rule] }, fetching(host))]).toEqual([host, matches ? "allow" : "deny"]);
    }
  });

  const mcp = (server: string, tool: string, args: JsonObject = {}): JsonObject => ({ action: `mcp:${server}:${tool}`, args });
  it("MCP rules name a server, some of its tools, or one", () => {
    for (const rule of ["mcp__github", "mcp__github__*"]) {
      expect(decideOn({ allow: [rule] }, mcp("github", "get_issue"))).toBe("allow");
      expect(decideOn({ allow: [rule] }, mcp("github2", "get_issue"))).toBe("deny");
    }
    expect(decideOn({ allow: ["mcp__github__get_*"] }, mcp("github", "get_issue"))).toBe("allow");
    expect(decideOn({ allow: ["mcp__github__get_*"] }, mcp("github", "create_issue"))).toBe("deny");
    expect(decideOn({ allow: ["mcp__github__get_issue"] }, mcp("github", "get_issues"))).toBe("deny");
    expect(decideOn({ allow: ["mcp__github", "WebSearch"], deny: ["mcp__*"] }, mcp("github", "get_issue"))).toBe("deny");
    expect(decideOn({ allow: ["mcp__github", "WebSearch"], deny: ["mcp__*"] }, { action: "tool:web_search" })).toBe("allow");
    expect(decideOn({ allow: ["mcp__github", "WebSearch"], ask: ["*"] }, { action: "tool:web_search" })).toBe("ask");
  });

  it("names agents, skills and the old names of tools", () => {
    const permissions = { allow: ["Agent(Explore)", "Task(Plan)", "Skill(commit)", "TodoWrite", "LSP", "PowerShell(*)"], deny: ["Write"] };
    const agent = (subagent_type: string) => ({ action: "tool:agent", args: { subagent_type } });
    expect(["Explore", "Plan", "other"].map((name) => decideOn(permissions, agent(name)))).toEqual(["allow", "allow", "deny"]);
    expect(decideOn(permissions, { action: "tool:skill", args: { skill: "commit" } })).toBe("allow");
    for (const action of ["tool:todo_write", "tool:lsp", "tool:powershell"]) expect(decideOn(permissions, { action })).toBe("allow");
  });

  it("a bare Write is that tool alone, a bare Edit every one that edits", () => {
    expect(decideOn({ allow: ["Edit"], deny: ["Write"] }, file("tool:write", "/a"))).toBe("deny");
    expect(decideOn({ allow: ["Edit"], deny: ["Write"] }, file("tool:edit", "/a"))).toBe("allow");
    expect(decideOn({ allow: ["Write"] }, file("tool:edit", "/a"))).toBe("deny");
  });

  it("deny and ask rules match a parameter by its text", () => {
    const agent = (args: JsonObject) => ({ action: "tool:agent", args });
    const permissions = {
      allow: ["Agent", "Bash", "mcp__s"],
      deny: ["Agent(model:opus)", "Bash(run_in_background:true)"],
      ask: ["mcp__s__t(n: 1*)"],
    };
    expect(decideOn(permissions, agent({ model: "opus" }))).toBe("deny");
    expect(decideOn(permissions, agent({ model: "opus-4" }))).toBe("allow");
    expect(decideOn(permissions, agent({}))).toBe("allow");
    expect(decideOn(permissions, { action: "tool:bash", args: { command: "a", run_in_background: true } })).toBe("deny");
    expect(decideOn(permissions, { action: "tool:bash", args: { command: "a", run_in_background: false } })).toBe("allow");
    expect(decideOn(permissions, mcp("s", "t", { n: "12" }))).toBe("ask");
    expect(decideOn(permissions, mcp("s", "t", { n: 12 }))).toBe("ask");
    expect(decideOn(permissions, mcp("s", "t", { n: "2" }))).toBe("allow");
    expect(decideOn({ allow: ["Agent"], deny: ["Agent(isolation:*)"] }, agent({ isolation: "worktree" }))).toBe("deny");
    expect(decideOn({ allow: ["Agent"], deny: ["Agent(isolation:*)"] }, agent({}))).toBe("allow");
  });

  it.each([
    ["allow", "mcp__*", "not_enforced"],
    ["allow", "*", "not_enforced"],
    ["allow", "B*", "not_enforced"],
    ["deny", "B*", "not_supported"],
    ["deny", "mcp__*__delete", "not_supported"],
    ["allow", "mcp__a__b__c", "ambiguous_glob"],
    ["allow", "mcp__a___b", "ambiguous_glob"],
    ["allow", "mcp__", "not_canonical"],
    ["allow", "mcp__a__", "not_canonical"],
    ["allow", "mcp__a b", "not_canonical"],
    ["allow", "mcp__a__b(c:d)", "not_supported"],
    ["allow", "Write(src/**)", "not_enforced"],
    ["deny", "Glob(src/**)", "not_enforced"],
    ["deny", "Bash(command:rm *)", "not_enforced"],
    ["deny", "Bash(curl:x)", "ambiguous_glob"],
    ["deny", "Read(offset:1)", "ambiguous_glob"],
    ["deny", "WebFetch(url:https://x)", "not_enforced"],
    ["allow", "WebFetch(https://example.com)", "invalid_value"],
    ["allow", "WebFetch(domain:example.com:8080)", "not_canonical"],
    ["allow", "WebFetch(domain:https://example.com)", "not_canonical"],
    ["allow", "WebFetch(domain:a**.example.com)", "ambiguous_glob"],
    ["allow", "WebFetch(domain:1.2.3)", "not_canonical"],
    ["allow", "WebFetch(domain:exämple.com)", "not_canonical"],
    ["allow", "WebSearch(x)", "not_supported"],
    ["deny", "Cd(/x)", "not_supported"],
    ["deny", "bash", "invalid_value"],
    ["deny", "constructor", "invalid_value"],
  ])("in %s, %s is refused as %s", (list, rule, code) => {
    expect(problemsOf(settings({ [list]: [rule] }))).toEqual([`${code} /permissions/${list}/0`]);
  });
});
