// What an OpenShell sandbox may read and write, and how it must start, is decided as there: filesystem, process and landlock.

import { describe, expect, it } from "vitest";
import { decide, escapes } from "../../prover/evaluate/decide.js";
import type { JsonObject } from "../../src/import/index.js";
import { decideOn, load, problemsOf } from "./import-openshell-texts.js";

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
  it.each([
    ["another user", policy("run_as_user: '1500', run_as_group: sandbox", "compatibility: hard_requirement"), { user: "1500" }],
    ["no user at all", policy("run_as_group: sandbox", "compatibility: hard_requirement"), { user: "postgres" }],
    ["a weaker landlock", policy("run_as_user: sandbox, run_as_group: sandbox", ""), { landlock: "best_effort" }],
  ])("shows %s below as an escape, and not the other way", (_, weaker, more) => {
    expect(escapes(load(weaker), load(boundary), start(more))).toBe(true);
    expect(escapes(load(boundary), load(weaker), start(more))).toBe(false);
  });
});
