// Deny goes before ask and ask before allow in settings of Claude Code; what else stands there is kept out by a note or refused.

import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import type { Decision } from "../../prover/index.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import { findImporter, type ImportOptions } from "../../src/import/index.js";
import {
  anchors,
  bash,
  decideOn,
  documentOf,
  file,
  load,
  type Permissions,
  problemsOf,
  settings,
} from "./import-claude-code-permissions.js";

const notesOf = (text: string, options: ImportOptions = anchors) => {
  const result = importClaudeCode(text, options);
  return result.kind === "ok" ? result.notes.join("\n") : "";
};

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
    [{ defaultMode: "dontAsk", allow: ["Bash(git *)"], ask: ["Bash(git push *)"] }, "git push origin", "deny"],
    [{ defaultMode: "dontAsk", allow: ["Bash(git *)"], ask: ["Bash(git push *)"] }, "git pull origin", "allow"],
    [{ defaultMode: "dontAsk", allow: ["Bash"], ask: ["Bash(git push)"] }, "git push", "deny"],
    [{ defaultMode: "dontAsk", allow: ["Bash(git *)"], ask: ["Bash"] }, "git pull", "deny"],
    [{ defaultMode: "dontAsk", ask: ["Bash(git *)"] }, "git pull", "deny"],
    [{ defaultMode: "manual", allow: ["Bash(git *)"], ask: ["Bash(git push *)"] }, "git push origin", "ask"],
  ])("%j decides %j as %s", (permissions, command, decision) => {
    expect(decideOn(permissions, bash(command))).toBe(decision);
  });
});

describe("settings", () => {
  it("under `dontAsk` nothing is asked: an ask rule denies what it is about and no more, and a question to a person is denied", () => {
    const permissions = { defaultMode: "dontAsk", allow: ["AskUserQuestion", "Edit", "mcp__s"], ask: ["Read(//etc/**)", "mcp__s__t"] };
    expect(decideOn(permissions, { action: "tool:ask_user_question" })).toBe("deny");
    expect(decideOn({ allow: ["AskUserQuestion"] }, { action: "tool:ask_user_question" })).toBe("allow");
    expect(decideOn(permissions, file("tool:edit", "/etc/a"))).toBe("allow");
    expect(decideOn({ ...permissions, allow: ["Read"] }, file("tool:read", "/etc/a"))).toBe("deny");
    expect([decideOn(permissions, { action: "mcp:s:t" }), decideOn(permissions, { action: "mcp:s:u" })]).toEqual(["deny", "allow"]);
    expect(notesOf(settings(permissions))).toContain("`dontAsk`");
  });

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
