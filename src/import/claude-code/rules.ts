// One permission rule, `Tool` or `Tool(specifier)`, as what a rule of ours says. Not trusted.

import type { Json, JsonObject } from "../index.js";
import { at } from "../openshell/document.js";
import { type Report, refuse } from "../openshell/reader.js";
import { translateCommand } from "./commands.js";
import { translateDomain } from "./domains.js";
import { translateParameter } from "./parameters.js";
import { type Anchors, translatePath } from "./paths.js";
import { SIMPLE_COMMAND, WRAPPED_COMMAND } from "./shell.js";
import { actionOf, EDIT_ACTIONS, OWN_FIELDS, READ_ACTIONS, toolNames, translateMcp, UNCHECKED_PATH_TOOLS } from "./tools.js";

/** The three lists, which are the three effects. */
export type Effect = "allow" | "ask" | "deny";

/** What one entry of a list is translated with. */
export type RuleContext = {
  readonly report: Report;
  readonly effect: Effect;
  readonly anchors: Anchors;
  readonly text: string;
  readonly pointer: string;
  /** Every entry of the same list, for the patterns that need another one beside them. */
  readonly siblings: readonly string[];
};

/**
 * What a rule is about. `fromSettings`: its path starts where the settings are. `loose`: whether a rule about commands lets texts through
 * that are not plainly one command; `behind`: or such whose command is behind their first word.
 */
export type Target = {
  readonly action: string | readonly string[];
  readonly when?: JsonObject;
  readonly unless?: JsonObject;
  readonly fromSettings?: boolean;
  readonly loose?: boolean;
  readonly behind?: boolean;
};

/** Where a request has its command. */
export const COMMAND = "args.command";

/** Returns what the entry says, or undefined after it was refused. */
export function translateRule(context: RuleContext): Target | undefined {
  const { text } = context;
  const parsed = /^([^()]+)(?:\((.*)\))?$/s.exec(text);
  const [, tool = "", specifier] = parsed ?? [];
  if (parsed === null || tool.trim() !== tool) return no(context, "invalid_value", "it is not written `Tool` or `Tool(specifier)`");
  if (tool.startsWith("mcp__")) return mcpTarget(context, tool, specifier);
  if (tool.includes("*")) return globTarget(context, tool, specifier);
  const action = actionOf(tool);
  if (action === undefined) return unknownTool(context, tool);
  if (specifier === undefined) return wholeTool(context, tool, action);
  return scopedTarget(context, tool, action, specifier);
}

/** Refuses the entry, by its text and place. */
function no(context: RuleContext, code: string, reason: string, expected?: string): undefined {
  const more = expected === undefined ? { got: context.text } : { expected, got: context.text };
  refuse(context.report, code, context.pointer, `rule \`${context.text}\` is not translated: ${reason}`, more);
  return undefined;
}

function unknownTool(context: RuleContext, tool: string): undefined {
  if (tool === "Cd") return no(context, "not_supported", "`Cd` is about what a person types, and no tool of an agent's");
  const nearest = toolNames.find((name) => name.toLowerCase() === tool.toLowerCase());
  refuse(context.report, "invalid_value", context.pointer, `rule \`${context.text}\` names no tool that is known`, {
    expected: "the canonical name of a built-in tool, or `mcp__server__tool`",
    got: tool,
    ...(nearest === undefined ? {} : { nearest }),
  });
  return undefined;
}

function globTarget(context: RuleContext, tool: string, specifier: string | undefined): Target | undefined {
  if (context.effect === "allow") return no(context, "not_enforced", "Claude Code skips allow rules whose glob names no MCP server");
  if (specifier !== undefined) return no(context, "not_supported", "a glob of tools with a specifier has no documented meaning");
  if (tool === "*") return { action: "**" };
  return no(context, "not_supported", "which tools a glob reaches depends on the version", "`*`, `mcp__*`, or the tools by name");
}

function mcpTarget(context: RuleContext, tool: string, specifier: string | undefined): Target | undefined {
  const pattern = translateMcp(tool);
  if (pattern.kind === "refused") return no(context, pattern.code, pattern.reason);
  if (pattern.everyServer && context.effect === "allow") {
    return no(context, "not_enforced", "Claude Code skips allow rules whose glob names no MCP server");
  }
  if (specifier === undefined) return { action: pattern.action };
  return parameterTarget(context, tool, pattern.action, specifier);
}

function wholeTool(context: RuleContext, tool: string, action: string): Target {
  if (tool === "Read") return { action: readActions(context.effect) };
  return { action: tool === "Edit" ? EDIT_ACTIONS : action };
}

// SOURCE: code.claude.com/docs/en/permissions: a `Read` deny rule blocks the Edit tool on the same path, and not Write or NotebookEdit.
function readActions(effect: Effect): readonly string[] {
  return effect === "deny" ? [...READ_ACTIONS, "tool:edit"] : READ_ACTIONS;
}

function scopedTarget(context: RuleContext, tool: string, action: string, specifier: string): Target | undefined {
  switch (tool) {
    case "Bash":
      return commandTarget(context, specifier);
    case "Read":
    case "Edit":
      return pathTarget(context, tool, specifier);
    case "WebFetch":
      return domainTarget(context, specifier);
    case "PowerShell":
      if (specifier === "*") return { action };
      return no(context, "not_supported", "aliases and letter case are resolved before it is matched");
    case "Agent":
    case "Task":
      return /^[A-Za-z0-9_-]+$/.test(specifier)
        ? { action, when: { "args.subagent_type": { eq: specifier } } }
        : parameterTarget(context, tool, action, specifier);
    case "Skill":
      return /^[A-Za-z0-9_-]+$/.test(specifier)
        ? { action, when: { "args.skill": { eq: specifier } } }
        : parameterTarget(context, tool, action, specifier);
    default:
      return parameterTarget(context, tool, action, specifier);
  }
}

function commandTarget(context: RuleContext, specifier: string): Target | undefined {
  const parameter = /^([A-Za-z_][A-Za-z0-9_]*)\s*:(?!\*$)/.exec(specifier)?.[1];
  if (parameter !== undefined && context.effect !== "allow") return parameterTarget(context, "Bash", "tool:bash", specifier);
  const pattern = translateCommand(specifier);
  if (pattern.kind === "refused") return no(context, pattern.code, pattern.reason);
  if (pattern.kind === "any") return { action: "tool:bash" };
  if (pattern.bare !== undefined && !context.siblings.includes(`Bash(${pattern.bare})`)) {
    const reason = "whether its last ` *` may be nothing at all is told in two ways where another `*` stands before it";
    return no(context, "ambiguous_glob", reason, `\`Bash(${pattern.bare})\` in the same list, which makes both the same`);
  }
  const { redirected, simple, wrapped, behind } = pattern;
  const glob = oneOrList(pattern.globs);
  const action = "tool:bash";
  if (context.effect !== "allow") {
    return { action, when: { [COMMAND]: redirected === undefined ? { glob } : { matches: redirected } }, loose: true, behind };
  }
  if (wrapped === "always") {
    return no(context, "not_enforced", "Claude Code takes the wrapper off before it matches, so it never matches one", "the command alone");
  }
  const unless = wrapped === "never" ? {} : { unless: { [COMMAND]: { matches: WRAPPED_COMMAND } } };
  const passes = { loose: simple !== SIMPLE_COMMAND, behind: behind && wrapped === "never" };
  return { action, when: { [COMMAND]: { glob, matches: simple } }, ...unless, ...passes };
}

function pathTarget(context: RuleContext, tool: "Read" | "Edit", specifier: string): Target | undefined {
  const field = OWN_FIELDS[tool] ?? "";
  if (new RegExp(`^${field}\\s*:`).test(specifier)) return no(context, "not_enforced", `Claude Code ignores \`${field}:\` and warns`);
  if (context.effect !== "allow" && /^[a-z_]+\s*:/.test(specifier)) {
    return no(context, "ambiguous_glob", "it may be a path with a colon, or a parameter and its value");
  }
  const path = translatePath(specifier, context.anchors);
  if (path.kind === "refused") return no(context, path.code, path.reason, optionFor(path.code));
  const action = tool === "Read" ? readActions(context.effect) : EDIT_ACTIONS;
  return { action, when: { "args.path": { path: path.pattern } }, fromSettings: path.fromSettings };
}

/** Returns which option of the command line a refusal asks for. */
export function optionFor(code: string): string | undefined {
  if (code === "workdir_required") return "--workdir with the absolute path of the working directory";
  return code === "home_required" ? "--home with the absolute path of the home directory" : undefined;
}

function domainTarget(context: RuleContext, specifier: string): Target | undefined {
  const domain = /^domain:(.+)$/.exec(specifier)?.[1];
  if (domain === undefined && /^url\s*:/.test(specifier)) return no(context, "not_enforced", "Claude Code ignores `url:` and warns");
  if (domain === undefined) {
    const action = "net:fetch";
    if (context.effect !== "allow" && specifier.includes(":")) return parameterTarget(context, "WebFetch", action, specifier);
    return no(context, "invalid_value", "a fetch is told apart by its host only", "`WebFetch(domain:example.com)`");
  }
  const pattern = translateDomain(domain);
  if (pattern.kind === "refused") return no(context, pattern.code, pattern.reason);
  return pattern.kind === "any" ? { action: "net:fetch" } : { action: "net:fetch", when: { host: { host: pattern.pattern } } };
}

function parameterTarget(context: RuleContext, tool: string, action: string, specifier: string): Target | undefined {
  if (UNCHECKED_PATH_TOOLS.includes(tool) && !specifier.includes(":")) {
    const instead = EDIT_ACTIONS.includes(action) ? "Edit" : "Read";
    return no(context, "not_enforced", `Claude Code accepts paths of \`${tool}\` and never looks at them`, `\`${instead}(${specifier})\``);
  }
  if (context.effect === "allow") return no(context, "not_supported", `no specifier of \`${tool}\` is known that an allow rule may have`);
  const parameter = translateParameter(tool, specifier);
  if (parameter.kind === "refused") return no(context, parameter.code, parameter.reason);
  return { action, when: parameter.when };
}

/** Returns the element of a list of one, and any other list as it is. */
export function oneOrList(patterns: readonly string[]): Json {
  const [first, ...more] = patterns;
  return more.length === 0 && first !== undefined ? first : patterns;
}

/** Returns where the entry `index` of a list stands. */
export function entryPointer(effect: Effect, index: number): string {
  return at(at("/permissions", effect), index);
}
