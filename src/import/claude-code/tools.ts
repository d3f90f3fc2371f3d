// The names of Claude Code's tools, and the actions that stand for them. Not trusted.

import { escapePattern } from "../openshell/globs.js";

// SOURCE: code.claude.com/docs/en/tools-reference, and the names that earlier versions had. `Cd` is none: no agent calls it.
const TOOLS = [
  ..."Agent Artifact AskUserQuestion Bash BashOutput CronCreate CronDelete CronList Edit EndConversation EnterPlanMode".split(" "),
  ..."EnterWorktree ExitPlanMode ExitWorktree Glob Grep KillBash KillShell ListAgents ListMcpResourcesTool LS LSP Monitor".split(" "),
  ..."MultiEdit NotebookEdit NotebookRead PowerShell PushNotification Read ReadMcpResourceTool RemoteTrigger ReportFindings".split(" "),
  ..."ScheduleWakeup SendFeedback SendMessage SendUserFile ShareOnboardingGuide Skill SlashCommand SubagentHandback Task".split(" "),
  ..."TaskCreate TaskGet TaskList TaskOutput TaskStop TaskUpdate TodoRead TodoWrite ToolSearch WaitForMcpServers WebFetch".split(" "),
  ..."WebSearch Workflow Write".split(" "),
];

/** The actions that a `Read` rule is about: every built-in tool that reads files. */
export const READ_ACTIONS: readonly string[] = ["tool:read", "tool:grep", "tool:glob", "tool:ls", "tool:notebook_read"];

/** The actions that an `Edit` rule is about: every built-in tool that changes files. */
export const EDIT_ACTIONS: readonly string[] = ["tool:edit", "tool:write", "tool:multi_edit", "tool:notebook_edit"];

/** Tools that take a path of their own, and whose rules with a path Claude Code accepts and never looks at. */
export const UNCHECKED_PATH_TOOLS: readonly string[] = ["Write", "MultiEdit", "NotebookEdit", "NotebookRead", "Glob", "Grep", "LS"];

/** Fields that Claude Code matches by rules of its own, so that `Tool(field:value)` is ignored there. */
export const OWN_FIELDS: Readonly<Record<string, string>> = {
  Bash: "command",
  PowerShell: "command",
  Monitor: "command",
  Read: "file_path",
  Edit: "file_path",
  Write: "file_path",
  Grep: "path",
  Glob: "path",
  NotebookEdit: "notebook_path",
  WebFetch: "url",
};

/** Returns the action of a built-in tool, or undefined where none has that name. */
export function actionOf(tool: string): string | undefined {
  if (!TOOLS.includes(tool)) return undefined;
  if (tool === "WebFetch") return "net:fetch";
  if (tool === "Task") return "tool:agent";
  return `tool:${tool
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/^Power_Shell$/, "Powershell")
    .toLowerCase()}`;
}

/** The names of the built-in tools, for a message that looks for the nearest one. */
export const toolNames: readonly string[] = TOOLS;

/** An action pattern for tools of MCP servers, or why there is none. */
export type McpPattern =
  | { readonly kind: "action"; readonly action: string; readonly everyServer: boolean }
  | { readonly kind: "refused"; readonly code: "ambiguous_glob" | "not_canonical" | "not_supported"; readonly reason: string };

const NAME_LENGTH_MAX = 256;

/** Returns what `mcp__server`, `mcp__server__tool` and their globs match. */
export function translateMcp(name: string): McpPattern {
  const refused = (code: "ambiguous_glob" | "not_canonical" | "not_supported", reason: string): McpPattern => ({
    kind: "refused",
    code,
    reason,
  });
  if (name.length > NAME_LENGTH_MAX) return refused("not_canonical", `longer than ${NAME_LENGTH_MAX} characters`);
  const rest = name.slice("mcp__".length);
  if (rest === "*") return { kind: "action", action: "mcp:*:*", everyServer: true };
  if (!/^[A-Za-z0-9_*-]+$/.test(rest)) return refused("not_canonical", "names of servers and tools are letters, digits, `_` and `-`");
  const cut = rest.indexOf("__");
  const server = cut === -1 ? rest : rest.slice(0, cut);
  const tool = cut === -1 ? "*" : rest.slice(cut + 2);
  if (server.includes("*")) return refused("not_supported", "a glob for servers may reach into the names of tools");
  if (server === "" || tool === "") return refused("not_canonical", "the server or the tool has no name");
  if (tool.includes("__") || tool.startsWith("_"))
    return refused("ambiguous_glob", "three `_` or more: where the server's name ends is not told");
  if (tool.includes("**")) return refused("ambiguous_glob", "`**` has no meaning of its own there");
  return { kind: "action", action: `mcp:${escapePattern(server)}:${tool}`, everyServer: false };
}
