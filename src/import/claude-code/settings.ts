// The keys of a settings file beside its three lists: those that change decisions, and those that do not. Not trusted.

import type { PlacedRule } from "../judge.js";
import { at, type Tree, type TreeMap } from "../openshell/document.js";
import { escapePattern } from "../openshell/globs.js";
import { type Report, readChoice, readMap, readTexts, refuse } from "../openshell/reader.js";
import { type Anchors, directoryOf } from "./paths.js";
import { type Effect, optionFor } from "./rules.js";
import { READ_ACTIONS } from "./tools.js";

// Keys that grant no use of a tool and take none away: they are named in a note.
const KEPT_OUT = [
  ..."$schema alwaysThinkingEnabled apiKeyHelper attribution autoMemoryDirectory autoMemoryEnabled autoUpdates autoUpdatesChannel".split(
    " ",
  ),
  ..."awsAuthRefresh awsCredentialExport availableModels cleanupPeriodDays companyAnnouncements disableAllHooks effortLevel env".split(" "),
  ..."fastMode fileSuggestion forceLoginMethod forceLoginOrgUUID includeCoAuthoredBy includeGitInstructions language".split(" "),
  ..."model modelOverrides otelHeadersHelper outputStyle plansDirectory prefersReducedMotion respectGitignore".split(" "),
  ..."showThinkingSummaries showTurnDuration spinnerTipsEnabled spinnerTipsOverride spinnerVerbs statusLine theme tui verbose".split(" "),
];

// Keys that decide, each by other means than a rule.
const DECIDING: Readonly<Record<string, string>> = {
  allowManagedHooksOnly: "it decides which hooks are run",
  allowManagedPermissionRulesOnly: "it decides which files' rules count",
  allowManagedMcpServersOnly: "it decides which servers are connected",
  allowedMcpServers: "it decides which servers are connected",
  autoMode: "a model decides by it",
  deniedMcpServers: "it decides which servers are connected",
  disabledMcpjsonServers: "it decides which servers are connected",
  enableAllProjectMcpServers: "it decides which servers are connected",
  enabledMcpjsonServers: "it decides which servers are connected",
  enabledPlugins: "plugins bring hooks and tools of their own",
  sandbox: "it lets commands run without a rule, and holds them in other ways",
};

// Hooks that are run beside a decision and never make one.
const WATCHING_HOOKS = [
  ..."Notification PostCompact PostToolUse PostToolUseFailure PreCompact SessionEnd SessionStart Stop".split(" "),
  ..."SubagentStart SubagentStop UserPromptSubmit".split(" "),
];

/** Refuses every top-level key that decides otherwise than by rules, and notes those that decide nothing. */
export function readTopLevel(report: Report, root: TreeMap): void {
  readMap(report, root, "", ["permissions", "hooks", ...Object.keys(DECIDING), ...KEPT_OUT]);
  for (const key of root.keys()) {
    const reason = Object.hasOwn(DECIDING, key) ? DECIDING[key] : undefined;
    if (reason !== undefined) refuse(report, "not_supported", at("", key), `\`${key}\` is not translated: ${reason}`);
  }
  const hooks = root.get("hooks");
  const events = hooks === undefined ? undefined : readMap(report, hooks, "/hooks", "any");
  for (const event of events?.keys() ?? []) {
    if (WATCHING_HOOKS.includes(event)) continue;
    refuse(report, "not_supported", at("/hooks", event), `\`${event}\` hooks are not translated: a program decides there`);
  }
  const kept = [...root.keys()].filter((key) => KEPT_OUT.includes(key) || key === "hooks");
  if (kept.length > 0) report.notes.push(`kept out, for it grants no use of a tool: ${kept.map((key) => `\`${key}\``).join(", ")}`);
}

/** Returns what an entry of a list has for its effect: under `dontAsk` nobody is asked, and what would be asked is denied. */
export function effectUnder(permissions: TreeMap, effect: Effect): Effect {
  return effect === "ask" && permissions.get("defaultMode") === "dontAsk" ? "deny" : effect;
}

/** Returns the rules of the mode, beside rules that allow these actions. What no rule decides is put before a person there, and denied in the document. */
export function modeRules(report: Report, permissions: TreeMap, allowed: readonly string[]): readonly PlacedRule[] {
  const disabled = ["disableAutoMode", "disableBypassPermissionsMode"].filter((key) => permissions.has(key));
  for (const key of disabled) readChoice(report, permissions.get(key) ?? null, at("/permissions", key), ["disable"]);
  const pointer = "/permissions/defaultMode";
  const value = permissions.get("defaultMode");
  const modes = ["default", "manual", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"] as const;
  const mode = value === undefined ? "default" : readChoice(report, value, pointer, modes);
  switch (mode) {
    case "default":
    case "manual":
      report.notes.push(
        "what no rule decides is denied here; Claude Code asks the person who sits there, whom a spawned agent has not got",
      );
      return [];
    case "dontAsk":
      report.notes.push("`dontAsk`: what an ask rule is about is denied, and so is `AskUserQuestion`");
      if (!allowed.includes(QUESTION)) return [];
      return [{ rule: { id: "permissions/defaultMode", effect: "deny", action: QUESTION, because: "nobody is asked" }, pointer }];
    case undefined:
      return [];
    case "bypassPermissions":
      if (disabled.includes("disableBypassPermissionsMode")) {
        refuse(report, "not_enforced", pointer, "`bypassPermissions` is disabled beside it by `disableBypassPermissionsMode`");
        return [];
      }
      report.notes.push("`bypassPermissions`: everything is allowed that no deny rule and no ask rule is about");
      return [{ rule: { id: "permissions/defaultMode", effect: "allow", action: "**" }, pointer }];
    case "acceptEdits":
    case "plan":
    case "auto":
      refuse(report, "not_supported", pointer, `mode \`${mode}\` is not translated: ${MODE_REASONS[mode]}`, {
        expected: "`dontAsk`, `default`, `bypassPermissions`, or no mode",
        got: mode,
      });
      return [];
  }
}

// SOURCE: code.claude.com/docs/en/permission-modes: under `dontAsk` this tool is denied "even if your allow rules match it".
const QUESTION = "tool:ask_user_question";

const MODE_REASONS = {
  acceptEdits: "it lets shell commands through by the files that they touch",
  plan: "it takes back what allow rules give",
  auto: "a model decides there",
} as const;

/** Returns the rules for what may be read without asking: the working directory, where it is known, and the additional ones. */
export function directoryRules(report: Report, permissions: TreeMap, anchors: Anchors): readonly PlacedRule[] {
  const rules: PlacedRule[] = [];
  if (anchors.workdir === undefined) {
    report.notes.push("files of the working directory are read there without a rule; name it with --workdir to have that in the document");
  } else rules.push({ rule: readRule("workdir", anchors.workdir), pointer: "" });
  const value: Tree | undefined = permissions.get("additionalDirectories");
  const texts = value === undefined ? [] : readTexts(report, value, "/permissions/additionalDirectories");
  for (const { text, pointer } of texts) {
    const directory = directoryOf(text, anchors);
    if (directory.kind === "directory") rules.push({ rule: readRule(pointer.slice(1), directory.path), pointer });
    else {
      const expected = optionFor(directory.code);
      const more = expected === undefined ? { got: text } : { expected, got: text };
      refuse(report, directory.code, pointer, `directory \`${text}\` is not translated: ${directory.reason}`, more);
    }
  }
  return rules;
}

function readRule(id: string, directory: string) {
  const pattern = directory === "/" ? "/**" : `${escapePattern(directory)}/**`;
  return { id, effect: "allow", action: READ_ACTIONS, when: { "args.path": { path: pattern } } };
}
