// Read and Edit rules of Claude Code match the paths that they match there, from the directories that they start at.

import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import { decideOn, file, load, problemsOf, settings } from "./import-claude-code-permissions.js";

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
