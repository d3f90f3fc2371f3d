// Claude Code's settings files as `atmost/1`. Not trusted. docs/import-claude-code.md has the table of what becomes what, and of what
// is refused; every rule and every key is translated, refused by its place, or named in a note.

import type { ImportOptions, ImportResult, JsonObject } from "../index.js";
import { capped, judge, type PlacedRule } from "../judge.js";
import { at, readDocument, type TreeMap } from "../openshell/document.js";
import { canonicalPathOf } from "../openshell/globs.js";
import { type Report, readMap, readTexts, refuse } from "../openshell/reader.js";
import type { Anchors } from "./paths.js";
import { COMMAND, type Effect, oneOrList, type Target, translateRule } from "./rules.js";
import { directoryRules, effectUnder, modeRules, readTopLevel } from "./settings.js";
import { SIMPLE_COMMAND, WRAPPED_COMMAND } from "./shell.js";

const LISTS: readonly Effect[] = ["deny", "ask", "allow"];
const PERMISSION_KEYS = [...LISTS, "additionalDirectories", "defaultMode", "disableAutoMode", "disableBypassPermissionsMode"];

/**
 * Returns the settings' permissions as an `atmost/1` document iff every part of them could be translated; otherwise every problem.
 *
 * @param text a settings file of Claude Code, JSON, at most 1 MiB
 * @param options `workdir` is what `./` and `/` in rules start at, `home` what `~/` does
 * @returns `ok` with the document and notes, or `refused` with at least one problem
 * @throws never
 * @example importClaudeCode('{"permissions": {"allow": ["Bash(npm test)"]}}', { name: "tester" })
 */
export function importClaudeCode(text: string, options: ImportOptions = {}): ImportResult {
  const report: Report = { problems: [], notes: [] };
  const root = readDocument(text, report.problems);
  if (root === undefined) return { kind: "refused", problems: capped(report.problems) };
  const map = readMap(report, root, "", "any");
  const rules = map === undefined ? [] : translate(report, map, options);
  return judge(report, { format: "claude-code", title: "Claude Code", rules }, options);
}

function translate(report: Report, root: TreeMap, options: ImportOptions): readonly PlacedRule[] {
  readTopLevel(report, root);
  const anchors = readAnchors(report, options);
  const value = root.get("permissions");
  if (value === undefined) {
    refuse(report, "missing_key", "", "settings without `permissions` do not say what is permitted", { expected: "`permissions`" });
    return [];
  }
  const permissions = readMap(report, value, "/permissions", PERMISSION_KEYS);
  if (permissions === undefined) return [];
  const listed = LISTS.flatMap((effect) => listRules(report, permissions, effect, anchors));
  if (listed.some(({ target }) => target.fromSettings === true)) {
    report.notes.push("a rule's path with one leading `/` starts at --workdir, as in project settings of a session that starts there");
  }
  report.notes.push(
    "commands that Claude Code takes for read-only (`ls`, `cat`, …) run there without a rule; they are not in the document",
  );
  const allowed = listed.filter(({ effect }) => effect === "allow").flatMap(({ target }) => target.action);
  const mode = modeRules(report, permissions, allowed);
  return [
    ...blindRules(listed, mode),
    ...listed.map(({ rule, pointer }) => ({ rule, pointer })),
    ...mode,
    ...directoryRules(report, permissions, anchors),
  ];
}

function readAnchors(report: Report, options: ImportOptions): Anchors {
  const read = (text: string | undefined, code: "invalid_home" | "invalid_workdir", what: string): string | undefined => {
    const path = text === undefined ? undefined : canonicalPathOf(text);
    if (text !== undefined && path === undefined) {
      refuse(report, code, "", `${what} \`${text}\` is not an absolute path`, { expected: "an absolute path without `..`", got: text });
    }
    return path;
  };
  return {
    workdir: read(options.workdir, "invalid_workdir", "working directory"),
    home: read(options.home, "invalid_home", "home directory"),
  };
}

type Listed = PlacedRule & { readonly target: Target; readonly effect: Effect };

function listRules(report: Report, permissions: TreeMap, effect: Effect, anchors: Anchors): readonly Listed[] {
  const value = permissions.get(effect);
  const texts = value === undefined ? [] : readTexts(report, value, at("/permissions", effect));
  const siblings = texts.map(({ text }) => text);
  // What a rule matches is as its list says; what it does then, the mode may change.
  const outcome = effectUnder(permissions, effect);
  return texts.flatMap(({ text, pointer }) => {
    const target = translateRule({ report, effect, anchors, text, pointer, siblings });
    if (target === undefined) return [];
    const { action, when, unless } = target;
    const conditions = { ...(when === undefined ? {} : { when }), ...(unless === undefined ? {} : { unless }) };
    return [{ rule: { id: pointer.slice(1), effect: outcome, action, ...conditions }, pointer, target, effect: outcome }];
  });
}

// What a deny or ask rule would not see: a command behind another one, or a request without the field that the rule looks at. It is denied
// where another rule would let it through.
function blindRules(listed: readonly Listed[], mode: readonly PlacedRule[]): readonly PlacedRule[] {
  const everything = mode.some(({ rule }) => rule["effect"] === "allow");
  return SUBJECTS.flatMap(({ field, id, blind, because, passes }) => {
    const looks = ({ target: { when = {} } }: Listed) => Object.hasOwn(when, field);
    const opened = listed.filter((each) => each.effect !== "deny" && (passes(each.target) ?? !looks(each)));
    const open = new Set(opened.flatMap(({ target }) => target.action));
    const restricting = listed.filter((each) => each.effect !== "allow" && looks(each));
    const restricted = [...new Set(restricting.flatMap(({ target }) => target.action))];
    const action = restricted.filter((name) => everything || open.has(name) || open.has("**"));
    const [first] = restricting;
    if (first === undefined || action.length === 0) return [];
    return [{ rule: { id, effect: "deny", action: oneOrList(action), ...blind, because }, pointer: first.pointer }];
  });
}

// `passes`: whether a rule about the field may let through what this is about; where it says nothing, rules that look at the field do not.
type Subject = {
  readonly field: string;
  readonly id: string;
  readonly blind: JsonObject;
  readonly because: string;
  readonly passes: (target: Target) => boolean | undefined;
};
const SUBJECTS: readonly Subject[] = [
  {
    field: COMMAND,
    id: "compound-command",
    blind: { unless: { [COMMAND]: { matches: SIMPLE_COMMAND } } },
    because: "commands are judged one by one: this is not a single one that can be judged",
    passes: ({ loose }) => loose,
  },
  {
    field: COMMAND,
    id: "wrapped-command",
    blind: { when: { [COMMAND]: { matches: WRAPPED_COMMAND } } },
    because: "commands are judged by what they run: this one runs what stands behind its first word",
    passes: ({ behind }) => behind,
  },
  {
    field: "args.path",
    id: "missing-path",
    blind: { when: { "args.path": { present: false } } },
    because: "rules tell paths apart: a request without one can not be judged",
    passes: () => undefined,
  },
  {
    field: "host",
    id: "missing-host",
    blind: { when: { host: { present: false } } },
    because: "rules tell hosts apart: a request without one can not be judged",
    passes: () => undefined,
  },
];
