// Bash rules of Claude Code match the commands that they match there, and no second command slips in behind one.

import { describe, expect, it } from "vitest";
import { bash, decideOn, documentOf, type Permissions, problemsOf, settings } from "./import-claude-code-permissions.js";

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
    `npm test "\${x#'"'}" ; rm -rf / #'`,
    `npm test "\${x-"'"}" ; rm -rf / #'`,
    "npm test \\\n; rm -rf /",
    "npm test &> log rm -rf /",
    'npm test "$[$(rm -rf /)]"',
    "npm test $HOME[psvar[\\$\\(rm\\)]]",
    "npm test \u0000; rm -rf /",
  ])("a rule for one command does not permit %j, which is more than one", (command) => {
    expect(decideOn({ allow: ["Bash(npm test:*)"] }, bash(command))).toBe("deny");
  });

  it.each([
    ...["npm test 2>&1", "npm test &> /dev/null", "npm test x >/dev/null 2>&1 < /dev/null", "npm test 'a;b\n'"],
    ...['npm test "a|b" \\; $HOME $x/y "$y" "5$"', `npm test "\${HOME}/x $A $1" \${B}c$D "a[$E]"`, "npm test src/[id]/x.ts {a,b} a=b !"],
  ])("%j is one command", (command) => expect(decideOn({ allow: ["Bash(npm test:*)"] }, bash(command))).toBe("allow"));

  it.each(["npm test > out", "npm test < in", "npm test &> log", "npm test 2>&1x", "npm test <<< x", "npm test > /dev/null x"])(
    "%j is not permitted by a rule for commands: Claude Code asks for the file of a redirection by other rules",
    (command) => expect(decideOn({ allow: ["Bash(npm test:*)"] }, bash(command))).toBe("deny"),
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
    ...["FOO=1 rm x", "FOO=1 BAR='a b' rm x", "FOO+=1 rm x", "a[0]=1 rm x", "a[1 + 2]=1 rm x", " rm x", "\trm x", "rm\tx", "\u00a0rm x"],
    ...["command rm x", "builtin rm x", "noglob rm x", "timeout 5 rm x", "time -p rm x", "nice -n 5 rm x", "nohup rm x", "stdbuf -o0 rm x"],
    ...[
      "xargs rm",
      "/usr/bin/nohup rm x",
      "nohup timeout 5 rm x",
      "command -p rm x",
      "env A=b rm x",
      "sudo rm x",
      "exec rm x",
      "setsid rm x",
    ],
    ...["! rm x", "{ rm x }", "if rm x", "while rm x", "repeat 2 rm x", "coproc rm x", "- rm x", "[[ -n a ]] rm x", "then rm x"],
    ...["rm>x", ">o rm x", "<i rm x", "rm  x ", "\\rm x", "'rm' x", "{rm,x}", "$RM x"],
  ])("%j does not slip the rule that denies rm, or asks about it", (command) => {
    for (const effect of ["deny", "ask"]) {
      expect(decideOn({ allow: ["Bash"], [effect]: ["Bash(rm *)"] }, bash(command))).toBe("deny");
      expect(decideOn({ allow: ["Bash(* x)", "Bash(*)"], [effect]: ["Bash(rm *)"] }, bash(command))).toBe("deny");
      expect(decideOn({ defaultMode: "bypassPermissions", [effect]: ["Bash(rm *)"] }, bash(command))).toBe("deny");
    }
  });

  it("the rules against that are there only where another rule would let it through", () => {
    const ids = (permissions: Permissions) => JSON.stringify(documentOf(settings(permissions))).match(/[a-z]+-command(?=")/g) ?? [];
    const deny = ["Bash(rm *)"];
    expect(ids({ allow: ["Bash"], deny })).toEqual(["compound-command", "wrapped-command"]);
    expect(ids({ allow: ["Bash(git *)", "Bash(* --version)"], deny })).toEqual([]);
    expect(ids({ allow: ["Bash(git *)"], ask: ["Bash(git push *)"] })).toEqual(["compound-command"]);
    expect(ids({ allow: ["Bash(A=1 git *)"], deny })).toEqual(["compound-command"]);
    for (const rule of ["Bash(sudo *)", "Bash(e*)", "Bash(/usr/bin/env *)"]) {
      expect(ids({ allow: [rule], deny })).toEqual(["wrapped-command"]);
      expect(decideOn({ allow: [rule], deny }, bash(rule.includes("sudo") ? "sudo rm x" : "env rm x"))).toBe("deny");
    }
    expect(ids({ allow: ["Bash(git *)"], ask: ["Bash(git push *)"], defaultMode: "dontAsk" })).toEqual([]);
  });

  it.each(["npm test", "command -v rm", "xargs -n1 rm", "/bin/rm x", "bash -c 'rm x'", "echo rm x", "[ -f x ]", "make CC=gcc", "rmdir x"])(
    "%j is another command to that rule, there and here",
    (command) => expect(decideOn({ allow: ["Bash"], deny: ["Bash(rm *)"] }, bash(command))).toBe("allow"),
  );

  it("a rule for exact words is not slipped by more blanks, or by a redirection that touches no file", () => {
    for (const rule of ["Bash(git push)", "Bash(* push)"]) {
      for (const command of ["git  push", "git push ", "git push>x", "git 2>&1 push"]) {
        expect([command, decideOn({ allow: ["Bash"], ask: [rule] }, bash(command))]).toEqual([command, "deny"]);
      }
      for (const command of ["git push", "git push 2>&1", "git push > /dev/null 2>&1"]) {
        expect([command, decideOn({ allow: ["Bash"], ask: [rule] }, bash(command))]).toEqual([command, "ask"]);
        expect([command, decideOn({ allow: ["Bash"], deny: [rule] }, bash(command))]).toEqual([command, "deny"]);
      }
      expect(decideOn({ allow: ["Bash"], ask: [rule] }, bash("git push origin 2>&1"))).toBe("allow");
    }
  });

  it("an allow rule does not match past an assignment or a wrapper, unless the assignment is its own", () => {
    const permits = (rule: string, command: string) => decideOn({ allow: [rule] }, bash(command)) === "allow";
    for (const command of ["PATH=/x node --version", "nohup node --version", "ls=1 rm --version", " node --version"]) {
      expect([command, permits("Bash(* --version)", command), permits("Bash(ls*)", command)]).toEqual([command, false, false]);
    }
    expect([permits("Bash(n*)", "npm x"), permits("Bash(n*)", "nice rm x"), permits("Bash(n*)", "noglob rm x")]).toEqual([
      true,
      false,
      false,
    ]);
    expect([permits("Bash(xargs *)", "xargs -n1 wc"), permits("Bash(xargs *)", "xargs rm")]).toEqual([true, false]);
    expect([permits("Bash(command -v *)", "command -v rm"), permits("Bash(command *)", "command rm x")]).toEqual([true, false]);
    const own = "Bash(A=1 B='x y' npm test *)";
    expect([permits(own, "A=1 B='x y' npm test a"), permits(own, "npm test a"), permits(own, "A=1 B='x y' npm test a; rm x")]).toEqual([
      ...[true, false, false],
    ]);
    const denied = { allow: ["Bash(A=1 rm *)"], deny: ["Bash(rm *)"] };
    expect(decideOn(denied, bash("A=1 rm x"))).toBe("deny");
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
    ["Bash(echo * > *)", "not_supported"],
    ["Bash(A=* npm test)", "not_supported"],
    ["Bash(A=1 *)", "not_supported"],
    ["Bash(A=1 * test)", "ambiguous_glob"],
    ["Bash(timeout 5 npm test)", "not_enforced"],
    ["Bash(nohup *)", "not_enforced"],
    ["Bash(command rm:*)", "not_enforced"],
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
