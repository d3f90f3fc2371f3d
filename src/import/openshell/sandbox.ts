// The static half of an OpenShell policy: filesystem, Landlock, process. Not trusted.

import type { ImportOptions, JsonObject } from "../index.js";
import { at, type Tree, type TreeMap } from "./document.js";
import { canonicalPathOf, escapePattern } from "./globs.js";
import { oneOrList } from "./network.js";
import { type Placed, type Report, readChoice, readFlag, readMap, readOptionalText, readTexts, refuse } from "./reader.js";

const FILESYSTEM = "/filesystem_policy";

/**
 * Returns the rules of `filesystem_policy`. A path grants itself and what is beneath it. Where the whole section is absent,
 * OpenShell gives the working directory; without `workdir` that is said by the field `workdir`, for it is no path yet.
 */
export function filesystemRules(report: Report, root: TreeMap, options: ImportOptions): readonly JsonObject[] {
  const workdir = readWorkdir(report, options);
  const value = root.get("filesystem_policy");
  if (value === undefined) {
    if (workdir !== undefined) return [pathRule("filesystem_policy", ["fs:read", "fs:write"], [workdir])];
    report.notes.push(
      "`filesystem_policy` is absent: the working directory is open, wherever it is (field `workdir`); say where with --workdir",
    );
    return [{ id: "filesystem_policy", effect: "allow", action: ["fs:read", "fs:write"], when: { workdir: { eq: true } } }];
  }
  const map = readMap(report, value, FILESYSTEM, ["include_workdir", "read_only", "read_write"]);
  if (map === undefined) return [];
  const readOnly = readPaths(report, map, "read_only");
  const readWrite = readPaths(report, map, "read_write");
  const rules: JsonObject[] = [];
  if (readOnly.length > 0) rules.push(pathRule("filesystem_policy/read_only", "fs:read", readOnly));
  if (readWrite.length > 0) rules.push(pathRule("filesystem_policy/read_write", ["fs:read", "fs:write"], readWrite));
  if (readFlag(report, map, "include_workdir", FILESYSTEM)) {
    if (workdir !== undefined) rules.push(pathRule("filesystem_policy/include_workdir", ["fs:read", "fs:write"], [workdir]));
    else if (options.workdir === undefined) {
      refuse(
        report,
        "workdir_required",
        at(FILESYSTEM, "include_workdir"),
        "`include_workdir` stands for a directory that the policy does not name",
        {
          expected: "--workdir with the absolute path of the working directory",
          got: "no working directory",
        },
      );
    }
  }
  return rules;
}

function readWorkdir(report: Report, options: ImportOptions): string | undefined {
  if (options.workdir === undefined) return undefined;
  const path = canonicalPathOf(options.workdir);
  if (path === undefined) {
    refuse(
      report,
      "invalid_workdir",
      at(FILESYSTEM, "include_workdir"),
      `working directory \`${options.workdir}\` is not an absolute path`,
      {
        expected: "an absolute path without `..`",
        got: options.workdir,
      },
    );
  }
  return path;
}

function readPaths(report: Report, map: TreeMap, key: string): readonly string[] {
  const value = map.get(key);
  const texts: readonly Placed[] = value === undefined ? [] : readTexts(report, value, at(FILESYSTEM, key));
  const paths = texts.flatMap(({ text, pointer }) => {
    const path = canonicalPathOf(text);
    if (path !== undefined) return [path];
    refuse(report, "not_canonical", pointer, `path \`${text}\` is not absolute, or has a \`..\` in it`, {
      expected: "an absolute path without `..`",
      got: text,
    });
    return [];
  });
  return [...new Set(paths)];
}

function pathRule(id: string, action: string | readonly string[], paths: readonly string[]): JsonObject {
  const patterns = paths.map((path) => (path === "/" ? "/**" : `${escapePattern(path)}/**`));
  return { id, effect: "allow", action, when: { path: { path: oneOrList(patterns) } } };
}

/**
 * Returns the rule that says how a sandbox may be started: `sandbox:start` with `user`, `group` and `landlock`. A section that
 * leaves one open permits more starts, so a child that weakens a fact permits a start that its parent does not.
 */
export function startRule(report: Report, root: TreeMap): JsonObject {
  const landlock = readLandlock(report, root.get("landlock"));
  const section = root.get("process");
  const process = section === undefined ? undefined : readMap(report, section, "/process", ["run_as_user", "run_as_group"]);
  const user = process === undefined ? undefined : readOptionalText(report, process, "run_as_user", "/process");
  const group = process === undefined ? undefined : readOptionalText(report, process, "run_as_group", "/process");
  return {
    id: "process",
    effect: "allow",
    action: "sandbox:start",
    when: {
      ...(user === undefined ? {} : { user: { eq: user } }),
      ...(group === undefined ? {} : { group: { eq: group } }),
      landlock: landlock === "best_effort" ? { in: ["best_effort", "hard_requirement"] } : { eq: "hard_requirement" },
    },
  };
}

function readLandlock(report: Report, value: Tree | undefined): "best_effort" | "hard_requirement" {
  const map = value === undefined ? undefined : readMap(report, value, "/landlock", ["compatibility"]);
  const mode = map?.get("compatibility");
  if (mode === undefined) return "best_effort";
  return readChoice(report, mode, "/landlock/compatibility", ["best_effort", "hard_requirement"]) ?? "best_effort";
}
