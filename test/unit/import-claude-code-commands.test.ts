// Bash rules of Claude Code match the commands that they match there, and no second command slips in behind one.

import { describe, expect, it } from "vitest";
import { bash, decideOn, problemsOf, settings } from "./import-claude-code-permissions.js";

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
