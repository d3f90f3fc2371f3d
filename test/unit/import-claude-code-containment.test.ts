// Containment of imported Claude Code settings is proved and refuted as the rules say, on planted pairs and on a real one.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { escapes } from "../../prover/evaluate/decide.js";
import { parsePolicy } from "../../prover/index.js";
import { checkContainment } from "../../src/index.js";
import { fixturesOf, isWithoutFixtures } from "../outside.js";
import { bash, documentOf, load, type Permissions, settings } from "./import-claude-code-permissions.js";

const fixtures = fixturesOf("claude-code");
const isWithout = isWithoutFixtures("claude-code");

function subjectOf(text: string) {
  const parsed = parsePolicy(documentOf(text));
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

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

// Without the shared fixtures (they are no part of the repository) these are skipped, but not in CI; every other test stands without them.
describe.skipIf(isWithout)("the real files in shared/fixtures/claude-code (skipped where that folder is absent)", () => {
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
