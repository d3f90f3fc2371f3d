// What an OpenShell sandbox may read and write, and how it must start, is decided as there: filesystem, process and landlock.

import { describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import type { JsonObject } from "../../src/import/index.js";
import { decideOn, documentOf, load, problemsOf } from "./import-openshell-texts.js";
import { relate } from "./import-results.js";

describe("filesystem", () => {
  const text = "version: 1\nfilesystem_policy: { read_only: [/usr//lib/., /a*b], read_write: [/tmp] }";
  it.each([
    ["fs:read", "/usr/lib", "allow"],
    ["fs:read", "/usr/lib/x/y", "allow"],
    ["fs:write", "/usr/lib/x", "deny"],
    ["fs:read", "/usr/libx", "deny"],
    ["fs:read", "/a*b/c", "allow"],
    ["fs:read", "/axb/c", "deny"],
    ["fs:read", "/tmp/x", "allow"],
    ["fs:write", "/tmp", "allow"],
    ["fs:write", "/tmp/../etc/passwd", "deny"],
  ])("grants a path itself and what is beneath it: %s %s is %s", (action, path, decision) => {
    expect(decideOn(text, { action, path })).toBe(decision);
  });

  it("reads include_workdir as the directory of the option, and refuses it by place without one", () => {
    const workdir = "version: 1\nfilesystem_policy: { include_workdir: true }";
    expect(decide(load(workdir, { workdir: "/home/dev/" }), { action: "fs:write", path: "/home/dev/a" })).toBe("allow");
    expect(problemsOf(workdir)).toEqual(["workdir_required /filesystem_policy/include_workdir"]);
    expect(problemsOf(workdir, { workdir: "dev" })).toEqual(["invalid_workdir /filesystem_policy/include_workdir"]);
  });

  it("keeps OpenShell's default for an absent section: the working directory, named or not", () => {
    expect(decideOn("version: 1", { action: "fs:write", workdir: true })).toBe("allow");
    expect(decideOn("version: 1", { action: "fs:write", path: "/tmp/x" })).toBe("deny");
    expect(decideOn("version: 1\nfilesystem_policy: {}", { action: "fs:write", workdir: true })).toBe("deny");
    expect(decide(load("version: 1", { workdir: "/w" }), { action: "fs:read", path: "/w/x" })).toBe("allow");
  });
});

describe("process and landlock", () => {
  const policy = (process: string, landlock: string) =>
    `version: 1\nfilesystem_policy: {}\nprocess: { ${process} }\nlandlock: { ${landlock} }`;
  const boundary = policy("run_as_user: sandbox, run_as_group: sandbox", "compatibility: hard_requirement");
  const start = (more: JsonObject) => ({
    action: "sandbox:start",
    user: "sandbox",
    group: "sandbox",
    landlock: "hard_requirement",
    ...more,
  });
  it("permits the starts that the facts permit and no weaker ones", () => {
    expect(decideOn(boundary, start({}))).toBe("allow");
    for (const weaker of [{ user: "root" }, { group: "1500" }, { landlock: "best_effort" }]) {
      expect(decideOn(boundary, start(weaker))).toBe("deny");
    }
  });
  const hard = "compatibility: hard_requirement";
  /** What differs from the boundary's own start; an undefined field is absent. */
  type Start = { readonly [field in "user" | "group" | "landlock"]?: string | undefined };
  it.each<[name: string, lower: string, added: Start | undefined, lost: Start | undefined]>([
    ["the same start", boundary, undefined, undefined],
    ["another user", policy("run_as_user: '1500', run_as_group: sandbox", hard), { user: "1500" }, { user: "sandbox" }],
    ["no user at all", policy("run_as_group: sandbox", hard), { user: undefined }, undefined],
    ["another group", policy("run_as_user: sandbox, run_as_group: '1500'", hard), { group: "1500" }, { group: "sandbox" }],
    ["a weaker landlock", policy("run_as_user: sandbox, run_as_group: sandbox", ""), { landlock: "best_effort" }, undefined],
  ])("%s below the boundary: the prover shows the start that it adds, and in the other direction the one that it lost", async (...row) => {
    const [, lower, added, lost] = row;
    for (const [below, above, more] of [
      [lower, boundary, added],
      [boundary, lower, lost],
    ] as const) {
      const found = await relate(documentOf(below), documentOf(above));
      if (more === undefined) expect(found).toEqual({ kind: "contained", requests: [] });
      else expect(found).toEqual({ kind: "exceeds", requests: [{ ...start({}), ...more }] });
    }
  });
});
