// The Claude Code importer: what each rule becomes, judged by the kernel's evaluator, and what is refused and where.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, escapes } from "../../prover/evaluate/decide.js";
import { type Decision, parsePolicy } from "../../prover/index.js";
import { loadPolicy } from "../../prover/kernel/index.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import { findImporter, type ImportOptions, type JsonObject } from "../../src/import/index.js";
import { checkContainment } from "../../src/index.js";

const fixtures = resolve(import.meta.dirname, "../../../shared/fixtures/claude-code");
const anchors: ImportOptions = { workdir: "/w", home: "/home/me" };

type Permissions = { readonly [key: string]: unknown };
const settings = (permissions: Permissions) => JSON.stringify({ permissions });

function documentOf(text: string, options: ImportOptions = anchors): JsonObject {
  const result = importClaudeCode(text, options);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}

function load(text: string, options: ImportOptions = anchors) {
  const loaded = loadPolicy(documentOf(text, options));
  if (loaded.kind === "invalid") throw new Error(`${loaded.pointer}: ${loaded.message}`);
  return loaded.policy;
}

const decideOn = (permissions: Permissions, request: JsonObject) => decide(load(settings(permissions)), request);
function subjectOf(text: string) {
  const parsed = parsePolicy(documentOf(text));
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

const problemsOf = (text: string, options: ImportOptions = anchors) => {
  const result = importClaudeCode(text, options);
  return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};
const bash = (command: string): JsonObject => ({ action: "tool:bash", args: { command } });
const file = (action: string, path: string): JsonObject => ({ action, args: { path } });
const notesOf = (text: string, options: ImportOptions = anchors) => {
  const result = importClaudeCode(text, options);
  return result.kind === "ok" ? result.notes.join("\n") : "";
};

describe("commands", () => {
  it.each<[string, Readonly<Record<string, boolean>>]>([
    ["Bash", { "rm -rf /": true, "": true, "a && b": true }],
    ["Bash(*)", { "rm -rf /": true }],
    ["Bash(npm run build)", { "npm run build": true, "npm run build ": false, "npm run builds": false, "npm run": false }],
    ["Bash(npm run test:*)", { "npm run test": true, "npm run test --all": true, "npm run test:unit": false, "npm run tests": false }],
    ["Bash(ls *)", { ls: true, "ls -la": true, lsof: false }],
    ["Bash(ls*)", { ls: true, "ls -la": true, lsof: true, als: false }],
    ["Bash(* --version)", { "node --version": true, "--version": false, "node --version x": false }],
    ["Bash(git * main)", { "git push origin main": true, "git merge main": true, "git main": false }],
    ["Bash(git:* push)", { "git:x push": true, "git push": false }],
    ["Bash(echo [a] ?)", { "echo [a] ?": true, "echo a x": false }],
    ["Bash(git commit -m:*)", { 'git commit -m "a; b (c)"': true, "git commit -m 'a && b'": true }],
  ])("%s matches what it matches there", (rule, cases) => {
    for (const [command, matches] of Object.entries(cases)) {
      expect([command, decideOn({ allow: [rule] }, bash(command))]).toEqual([command, matches ? "allow" : "deny"]);
    }
  });

  it.each([
    "npm test && rm -rf /",
    "npm test; rm -rf /",
    "npm test | sh",
    "npm test |& sh",
    "npm test & rm -rf /",
    "npm test\nrm -rf /",
    "npm test $(rm -rf /)",
    "npm test `rm -rf /`",
    'npm test "$(rm -rf /)"',
    'npm test "`rm -rf /`"',
    "npm test <(rm -rf /)",
    "npm test 'a' 'b; rm -rf /",
    'npm test "a\\"; rm -rf /',
    "npm test \\\\; rm -rf /",
    "npm test $'\\'' ; rm -rf / # '",
    "npm test # '\nrm -rf /\n#'",
    "npm test >& x; rm -rf /",
    "npm test 2>&1 && rm -rf /",
  ])("a rule for one command does not permit %j, which is more than one", (command) => {
    expect(decideOn({ allow: ["Bash(npm test:*)"] }, bash(command))).toBe("deny");
  });

  it.each(["npm test 2>&1", "npm test &> log", "npm test 'a;b'", 'npm test "a|b" \\; $HOME $x "$y" "5$"', "npm test > out < in"])(
    "%j is one command",
    (command) => expect(decideOn({ allow: ["Bash(npm test:*)"] }, bash(command))).toBe("allow"),
  );

  it("a deny rule is not slipped by another command in front: what is no single command is denied until it is split", () => {
    for (const effect of ["deny", "ask"]) {
      const permissions = { allow: ["Bash"], [effect]: ["Bash(rm:*)"] };
      expect(decideOn(permissions, bash("rm -rf /"))).toBe(effect);
      expect(decideOn(permissions, bash("ls; rm -rf /"))).toBe("deny");
      expect(decideOn(permissions, { action: "tool:bash" })).toBe("deny");
      expect(decideOn(permissions, bash("rmdir x"))).toBe("allow");
    }
  });

  it.each([
    ["Bash()", "invalid_value"],
    ["Bash(:*)", "invalid_value"],
    ["Bash( ls)", "ambiguous_glob"],
    ["Bash(ls )", "ambiguous_glob"],
    ["Bash(ls  *)", "ambiguous_glob"],
    ["Bash(a\\*b)", "ambiguous_glob"],
    ["Bash(git * x:*)", "ambiguous_glob"],
    ["Bash(* --help *)", "ambiguous_glob"],
    ["Bash(npm test && npm run lint)", "not_supported"],
    ["Bash(curl * | bash)", "not_supported"],
    ["Bash(echo $(date))", "not_supported"],
    ["PowerShell(Get-ChildItem *)", "not_supported"],
    ["Bash(ls", "invalid_value"],
    ["(ls)", "invalid_value"],
    ["Bash(ls) ", "invalid_value"],
    ["Bash (ls)", "invalid_value"],
  ])("%s is refused as %s", (rule, code) => {
    expect(problemsOf(settings({ allow: ["Bash", rule] }))).toEqual([`${code} /permissions/allow/1`]);
  });

  it("takes a last ` *` after another `*` where the rule beside it makes its two readings one", () => {
    const permissions = { allow: ["Bash(* --help *)", "Bash(* --help)"] };
    expect(decideOn(permissions, bash("git --help"))).toBe("allow");
    expect(decideOn(permissions, bash("git --help push"))).toBe("allow");
    expect(problemsOf(settings({ allow: ["Bash(* --help *)"], deny: ["Bash(* --help)"] }))).toEqual([
      "ambiguous_glob /permissions/allow/0",
    ]);
  });
});

describe("paths", () => {
  it.each<[string, Readonly<Record<string, boolean>>]>([
    ["./src/**", { "/w/src/a": true, "/w/src/a/b": true, "/w/src": false, "/w/x/src/a": false, "/w/srcs/a": false }],
    ["src/**", { "/w/src/a": true, "/w/x/src/a": false }],
    ["src/*.ts", { "/w/src/a.ts": true, "/w/src/.ts": true, "/w/src/x/a.ts": false, "/w/src/d.ts/x": true }],
    [".env", { "/w/.env": true, "/w/a/b/.env": true, "/w/.env/x": true, "/.env": false, "/w/.env.local": false }],
    ["**/.env", { "/w/.env": true, "/w/a/b/.env": true, "/.env": false }],
    ["./.env", { "/w/.env": true, "/w/a/.env": false }],
    ["*.env", { "/w/x.env": true, "/w/a/x.env": true }],
    ["**", { "/w/a": true, "/w/a/b": true, "/w": false, "/x": false }],
    ["/docs/**", { "/w/docs/a": true, "/docs/a": false }],
    ["/docs", { "/w/docs": true, "/w/docs/a": true, "/w/a/docs": false }],
    ["//etc/**", { "/etc/passwd": true, "/etc/a/b": true, "/etc": false, "/w/etc/a": false }],
    ["//etc/hosts", { "/etc/hosts": true, "/etc/hosts2": false }],
    ["//**/.env", { "/.env": true, "/a/b/.env": true }],
    ["~/.zshrc", { "/home/me/.zshrc": true, "/home/you/.zshrc": false, "/home/me/a/.zshrc": false }],
    ["build/", { "/w/build": false, "/w/build/a": true, "/w/a/build/b/c": true }],
    ["a/**/b", { "/w/a/b": true, "/w/a/x/y/b": true, "/w/b": false }],
    ["a/**/**/b", { "/w/a/b": true }],
    ["\\[x\\]\\*", { "/w/[x]*": true, "/w/[x]y": false }],
    ["a?c", { "/w/abc": true, "/w/ac": false }],
    ["(a)", { "/w/(a)": true }],
  ])("Read(%s) matches what it matches there", (specifier, cases) => {
    // The working directory itself is readable without a rule, so the rules are seen where they deny.
    const permissions = { allow: ["Edit"], deny: [`Edit(${specifier})`] };
    for (const [path, matches] of Object.entries(cases)) {
      expect([path, decideOn(permissions, file("tool:edit", path))]).toEqual([path, matches ? "deny" : "allow"]);
    }
  });

  it("Read is about every tool that reads, Edit about every tool that edits", () => {
    const permissions = { allow: ["Read(//r/**)", "Edit(//e/**)"] };
    for (const action of ["tool:read", "tool:grep", "tool:glob", "tool:ls"]) {
      expect(decideOn(permissions, file(action, "/r/a"))).toBe("allow");
      expect(decideOn(permissions, file(action, "/e/a"))).toBe("deny");
    }
    for (const action of ["tool:edit", "tool:write", "tool:multi_edit", "tool:notebook_edit"]) {
      expect(decideOn(permissions, file(action, "/e/a"))).toBe("allow");
      expect(decideOn(permissions, file(action, "/r/a"))).toBe("deny");
    }
  });

  it("a Read deny rule blocks Edit on the same path, and not Write; an ask rule blocks neither", () => {
    const denied = { allow: ["Edit"], deny: ["Read(~/.ssh/**)"] };
    expect(decideOn(denied, file("tool:edit", "/home/me/.ssh/id"))).toBe("deny");
    expect(decideOn(denied, file("tool:write", "/home/me/.ssh/id"))).toBe("allow");
    expect(decideOn({ allow: ["Edit"], ask: ["Read(~/.ssh/**)"] }, file("tool:edit", "/home/me/.ssh/id"))).toBe("allow");
  });

  it("paths that are not canonical are never allowed, and are denied where a deny rule is", () => {
    expect(decideOn({ allow: ["Edit(src/**)"] }, file("tool:edit", "/w/src/../../etc/passwd"))).toBe("deny");
    expect(decideOn({ allow: ["Edit"], deny: ["Edit(//etc/**)"] }, file("tool:edit", "/w/../etc/passwd"))).toBe("deny");
    expect(decideOn({ allow: ["Edit"], deny: ["Edit(//etc/**)"] }, { action: "tool:edit", args: { path: ["/etc/passwd"] } })).toBe("deny");
  });

  it("directories with pattern characters in their names are taken by the letter", () => {
    const policy = load(settings({ allow: ["Edit(./a)"] }), { workdir: "/x*/y?" });
    expect(decide(policy, file("tool:edit", "/x*/y?/a"))).toBe("allow");
    expect(decide(policy, file("tool:edit", "/xx/yy/a"))).toBe("deny");
    expect(decide(load(settings({ allow: ["Edit(./a)"] }), { workdir: "/" }), file("tool:edit", "/a"))).toBe("allow");
  });

  it.each([
    ["*", "ambiguous_glob"],
    ["", "invalid_value"],
    ["../x", "not_canonical"],
    ["./", "not_canonical"],
    [".", "not_canonical"],
    ["a//b", "not_canonical"],
    ["///a", "not_canonical"],
    ["~user/x", "not_canonical"],
    ["C:\\x", "not_canonical"],
    ["a\\", "not_canonical"],
    ["!a", "not_supported"],
    ["#a", "ambiguous_glob"],
    ["a ", "ambiguous_glob"],
    ["a[bc]", "not_supported"],
    ["{a,b}", "ambiguous_glob"],
    ["a**b", "ambiguous_glob"],
    ["file_path:/etc", "not_enforced"],
    ["a\u0000", "not_canonical"],
  ])("Read(%s) is refused as %s", (specifier, code) => {
    expect(problemsOf(settings({ allow: [`Read(${specifier})`] }))).toEqual([`${code} /permissions/allow/0`]);
  });

  it("without --workdir and --home, what starts there is refused, and nothing else", () => {
    const text = settings({
      allow: ["Read(./a)", "Read(a)", "Edit(/a)", "Read(~/a)", "Read(//a)"],
      additionalDirectories: ["b", "~", "/c"],
    });
    expect(problemsOf(text, {})).toEqual([
      "workdir_required /permissions/allow/0",
      "workdir_required /permissions/allow/1",
      "workdir_required /permissions/allow/2",
      "home_required /permissions/allow/3",
      "workdir_required /permissions/additionalDirectories/0",
      "home_required /permissions/additionalDirectories/1",
    ]);
    const result = importClaudeCode(text, {});
    expect(result.kind === "refused" && result.problems.map(({ expected }) => expected?.split(" ")[0])).toEqual([
      "--workdir",
      "--workdir",
      "--workdir",
      "--home",
      "--workdir",
      "--home",
    ]);
    expect(problemsOf(text, { workdir: "w", home: "/a/../b" })[0]).toBe("invalid_workdir ");
    expect(problemsOf(text, { workdir: "w", home: "/a/../b" })[1]).toBe("invalid_home ");
  });
});

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

describe("precedence", () => {
  it.each<[Permissions, string, Decision]>([
    [{ allow: ["Bash(git:*)"] }, "git push", "allow"],
    [{ allow: ["Bash(git:*)"], ask: ["Bash(git push:*)"] }, "git push", "ask"],
    [{ allow: ["Bash(git push origin x)"], ask: ["Bash(git push:*)"] }, "git push origin x", "ask"],
    [{ allow: ["Bash(aws s3 ls)"], deny: ["Bash(aws *)"] }, "aws s3 ls", "deny"],
    [{ ask: ["Bash"], deny: ["Bash(git:*)"] }, "git push", "deny"],
    [{ ask: ["Bash"] }, "ls", "ask"],
    [{ allow: ["Bash(git:*)"] }, "ls", "deny"],
    [{ defaultMode: "bypassPermissions", deny: ["Bash(rm:*)"] }, "rm x", "deny"],
    [{ defaultMode: "bypassPermissions", ask: ["Bash(rm:*)"] }, "rm x", "ask"],
    [{ defaultMode: "bypassPermissions" }, "rm x", "allow"],
    [{ defaultMode: "dontAsk" }, "rm x", "deny"],
  ])("%j decides %j as %s", (permissions, command, decision) => {
    expect(decideOn(permissions, bash(command))).toBe(decision);
  });
});

describe("settings", () => {
  it("what may be read without a rule is the working directory, where it is known, and the additional ones", () => {
    const permissions = { additionalDirectories: ["../docs/", "~/notes", "/opt/x"] };
    for (const path of ["/w", "/w/a", "/docs/a", "/home/me/notes/a", "/opt/x"]) {
      expect(decideOn(permissions, file("tool:read", path))).toBe("allow");
      expect(decideOn(permissions, file("tool:edit", path))).toBe("deny");
    }
    expect(decideOn(permissions, file("tool:read", "/opt/xy"))).toBe("deny");
    const without = load(settings({}), {});
    expect(decide(without, file("tool:read", "/w/a"))).toBe("deny");
    expect(notesOf(settings({}), {})).toContain("--workdir");
  });

  it("names in a note what it keeps out, and what a mode leaves to a person", () => {
    const text = JSON.stringify({ model: "x", env: { A: "b" }, hooks: { PostToolUse: [] }, permissions: { allow: ["Read(/a)"] } });
    for (const words of ["`model`, `env`, `hooks`", "asks the person", "read-only", "project settings"])
      expect(notesOf(text)).toContain(words);
    expect(notesOf(settings({ defaultMode: "dontAsk" }))).not.toContain("asks the person");
  });

  it.each([
    ["{}", "missing_key "],
    ["[]", "wrong_type "],
    ["", "wrong_type "],
    ["{", "invalid_yaml "],
    ['{"permissions": {}, "permissions": {}}', "duplicate_key /permissions"],
    ['{"permissions": []}', "wrong_type /permissions"],
    ['{"permissions": {"alow": []}}', "unknown_key /permissions/alow"],
    ['{"permissions": {"allow": "Bash"}}', "wrong_type /permissions/allow"],
    ['{"permissions": {"allow": ["Bash", 7]}}', "wrong_type /permissions/allow/1"],
    ['{"permissions": {"allow": [""]}}', "wrong_type /permissions/allow/0"],
    ['{"permissions": {"allow": ["\\ud800"]}}', "lone_surrogate /permissions/allow/0"],
    ['{"permissions": {"defaultMode": "acceptEdits"}}', "not_supported /permissions/defaultMode"],
    ['{"permissions": {"defaultMode": "plan"}}', "not_supported /permissions/defaultMode"],
    ['{"permissions": {"defaultMode": "auto"}}', "not_supported /permissions/defaultMode"],
    ['{"permissions": {"defaultMode": "yolo"}}', "invalid_value /permissions/defaultMode"],
    [
      '{"permissions": {"defaultMode": "bypassPermissions", "disableBypassPermissionsMode": "disable"}}',
      "not_enforced /permissions/defaultMode",
    ],
    ['{"permissions": {"disableAutoMode": true}}', "invalid_value /permissions/disableAutoMode"],
    ['{"permissions": {}, "sandbox": {}}', "not_supported /sandbox"],
    ['{"permissions": {}, "hooks": {"PreToolUse": []}}', "not_supported /hooks/PreToolUse"],
    ['{"permissions": {}, "enabledPlugins": {}}', "not_supported /enabledPlugins"],
    ['{"permissions": {}, "modle": "x"}', "unknown_key /modle"],
  ])("%s is refused as %s", (text, problem) => expect(problemsOf(text)[0]).toBe(problem));

  it("tells every problem at once, in words that are quoted shortly", () => {
    const result = importClaudeCode(settings({ allow: ["Read(../a)", `Bash(${"x".repeat(5_000)})`], deny: ["bash"] }), anchors);
    const problems = result.kind === "refused" ? result.problems : [];
    expect(problems.map(({ pointer }) => pointer)).toEqual(["/permissions/deny/0", "/permissions/allow/0", "/permissions/allow/1"]);
    expect(problems[0]?.nearest).toBe("Bash");
    for (const { message } of problems) {
      expect(message).toMatch(/^[^A-Z].*[^.]$/s);
      expect(message.length).toBeLessThan(400);
    }
  });

  it("is in the registry, and takes name, delegation and limits from the options", () => {
    expect(findImporter("claude-code")).toBe(importClaudeCode);
    const document = documentOf(settings({}), { name: "n", delegation: "all", limits: { depth: 1 }, fileName: "/x/settings.json" });
    expect([document["name"], document["delegation"], document["limits"]]).toEqual(["n", "all", { depth: 1 }]);
    expect(documentOf(settings({}), { fileName: "/x/settings.json" })["name"]).toBe("settings");
    expect(documentOf(settings({}), {})["name"]).toBe("claude-code");
  });
});

describe("text of any kind", () => {
  const piece = fc.constantFrom(
    ..."Bash Read Edit WebFetch Agent mcp__ a b / // ~/ ./ ** * ? : :* ( ) \\ [ ] domain: . ' \" $ ; & | # 1 __".split(" "),
    " ",
    "\n",
    "é",
  );
  const rule = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 9 }).map((parts) => parts.join("")),
    fc
      .tuple(fc.constantFrom("Bash", "Read", "Edit", "WebFetch", "Agent", "Skill", "mcp__s__t"), fc.array(piece, { maxLength: 6 }))
      .map(([tool, parts]) => `${tool}(${parts.join("")})`),
  );
  // Of these most are accepted, so that what comes out is seen as often as what is refused.
  const word = fc.constantFrom("git", "a", "x.y", "src", "é", "*a", "b*", "?", "**");
  const words = fc.array(word, { minLength: 1, maxLength: 4 });
  const likely = fc.oneof(
    fc.tuple(words, fc.constantFrom("", ":*", "*")).map(([parts, tail]) => `Bash(${parts.join(" ")}${tail})`),
    fc
      .tuple(fc.constantFrom("Read", "Edit"), fc.constantFrom("", "./", "/", "//", "~/"), words, fc.constantFrom("", "/", "/**"))
      .map(([tool, start, parts, end]) => `${tool}(${start}${parts.join("/")}${end})`),
    words.map((parts) => `WebFetch(domain:${parts.join(".")})`),
    fc.constantFrom("Bash", "Read", "mcp__s", "mcp__s__t", "mcp__s__t*", "WebSearch", "Agent(x)"),
  );
  const list = fc.array(fc.oneof({ weight: 5, arbitrary: likely }, { weight: 1, arbitrary: rule }), { maxLength: 2 });
  const options = fc.constantFrom<ImportOptions>({}, anchors, { workdir: "/", home: "/" }, { workdir: "x" });

  it("ends in an answer, the same every time, and what is handed out always parses", () => {
    let accepted = 0;
    fc.assert(
      fc.property(list, list, list, options, (allow, ask, deny, given) => {
        const text = settings({ allow, ask, deny });
        const result = importClaudeCode(text, given);
        expect(importClaudeCode(text, given)).toEqual(result);
        if (result.kind === "refused") expect(result.problems.length).toBeGreaterThan(0);
        else {
          accepted += 1;
          expect(parsePolicy(result.document).kind).toBe("ok");
        }
      }),
      { numRuns: 1_000 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it("single rules of every shape are accepted often enough for this to mean something", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(rule, likely), fc.constantFrom("allow", "ask", "deny"), (text, effect) => {
        const result = importClaudeCode(settings({ [effect]: [text] }), anchors);
        if (result.kind === "refused") return;
        accepted += 1;
        expect(parsePolicy(result.document).kind).toBe("ok");
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it("never throws on what is no settings file", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(importClaudeCode(text)).toEqual(importClaudeCode(text));
      }),
      { numRuns: 500 },
    );
    for (const text of ["[".repeat(200_000), '{"permissions":'.repeat(5_000), " ".repeat(1_100_000)]) {
      expect(importClaudeCode(text).kind).toBe("refused");
    }
  });
});

describe("containment of imported settings", () => {
  const check = async (lower: Permissions, upper: Permissions) =>
    (await checkContainment(subjectOf(settings(lower)), subjectOf(settings(upper)))).kind;
  it.each<[Permissions, Permissions, string]>([
    [{ allow: ["Bash(npm run test:*)"] }, { allow: ["Bash(npm:*)"] }, "contained"],
    [{ allow: ["Bash(npm:*)"] }, { allow: ["Bash(npm run test:*)"] }, "exceeds"],
    [{ allow: ["Bash(npm:*)"] }, { allow: ["Bash"] }, "contained"],
    [{ allow: ["Bash"] }, { allow: ["Bash(npm:*)", "Bash"] }, "contained"],
    [{ allow: ["Bash(git:*)"], deny: ["Bash(git push:*)"] }, { allow: ["Bash(git:*)"] }, "contained"],
    [{ allow: ["Bash(git:*)"] }, { allow: ["Bash(git:*)"], deny: ["Bash(git push:*)"] }, "exceeds"],
    [{ allow: ["Bash(git status)"] }, { allow: ["Bash(git:*)"], deny: ["Bash(git push:*)"] }, "contained"],
    [{ allow: ["Bash(git:*)"] }, { allow: ["Bash(git:*)"], ask: ["Bash(git push)"] }, "review"],
    [{ allow: ["Edit(src/**)"] }, { allow: ["Edit(//w/**)"] }, "contained"],
    [{ allow: ["Edit(.env)"] }, { allow: ["Edit(**)"], deny: ["Edit(**/.env)"] }, "exceeds"],
    [{ allow: ["WebFetch(domain:api.example.com)"] }, { allow: ["WebFetch(domain:*.example.com)"] }, "contained"],
    [{ allow: ["mcp__github__get_issue"] }, { allow: ["mcp__github"] }, "contained"],
    [{ defaultMode: "bypassPermissions" }, { allow: ["Bash"] }, "exceeds"],
  ])("%j below %j: %s", async (lower, upper, kind) => {
    expect(await check(lower, upper)).toBe(kind);
  });
});

// Without the shared fixtures (they are no part of the repository) these are skipped; everything above stands without them.
describe.skipIf(!existsSync(fixtures))("the real files in shared/fixtures/claude-code (skipped where that folder is absent)", () => {
  const read = (name: string) => readFileSync(resolve(fixtures, `${name}.settings.json`), "utf8");
  it("the Python settings are within the JavaScript ones; the reverse exceeds at `yarn`", async () => {
    const [python, javascript] = [read("sentry-python"), read("sentry-javascript")];
    expect(escapes(load(javascript), load(python), bash("yarn install"))).toBe(true);
    expect(escapes(load(python), load(javascript), bash("git status"))).toBe(false);
    expect((await checkContainment(subjectOf(python), subjectOf(javascript))).kind).toBe("contained");
    const reverse = await checkContainment(subjectOf(javascript), subjectOf(python));
    expect(reverse.kind).toBe("exceeds");
    expect(JSON.stringify(reverse)).toContain("yarn");
  });
});
