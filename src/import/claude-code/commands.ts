// Claude Code's patterns of shell commands in ours. Not trusted.
// SOURCE: code.claude.com/docs/en/permissions, "Bash": `*` is any run of characters, blanks and all; ` *` and `:*` at the end mean the
// command alone, or with anything after a blank; `:*` elsewhere is text. A command is judged part by part, split at the shell's separators.

import { escapeExpression, escapePattern, PATTERN_LENGTH_MAX } from "../openshell/globs.js";
import { ANY_TEXT, FIRST_WORDS, HARMLESS_REDIRECTIONS, SIMPLE_COMMAND, WRAPPED_COMMAND, WRAPPERS } from "./shell.js";

/**
 * `any`: every command. `globs`: patterns of `glob`, for texts that `simple` matches as well; `bare` is the rule that has to stand beside
 * it for its two readings to agree. `redirected`: the same texts and those with a harmless redirection behind them, where the globs do
 * not match these. `wrapped`: whether it matches texts that start with a wrapper, which no rule there ever sees; `behind`: whether it
 * matches any whose command is behind their first word.
 */
export type CommandPattern =
  | { readonly kind: "any" }
  | {
      readonly kind: "globs";
      readonly globs: readonly string[];
      readonly simple: string;
      readonly bare: string | undefined;
      readonly redirected: string | undefined;
      readonly wrapped: "always" | "never" | "sometimes";
      readonly behind: boolean;
    }
  | { readonly kind: "refused"; readonly code: CommandCode; readonly reason: string };

type CommandCode = "ambiguous_glob" | "invalid_value" | "not_canonical" | "not_supported";

// Assignments before the program, without a `*`: a rule that has them is about texts that have the same ones.
const ASSIGNMENTS = /^(?:[A-Za-z_][A-Za-z0-9_]*=(?:[A-Za-z0-9_.,/:@%+~-]*|'[^'*]*'|"[^"\\`$*]*") )*/;

const simple = new RegExp(`^(?:${SIMPLE_COMMAND})$`);
const wrapped = new RegExp(`^(?:${WRAPPED_COMMAND})$`);
const stripped = new RegExp(`^(?:[^ ]*/)?(?:${WRAPPERS.join("|")}) `);

/** Returns what the specifier of a `Bash` rule matches. */
export function translateCommand(text: string): CommandPattern {
  if (text === "*") return { kind: "any" };
  if (text === "" || text === ":*") return refused("invalid_value", "there is no command in it");
  if (text.length > PATTERN_LENGTH_MAX) return refused("invalid_value", `longer than ${PATTERN_LENGTH_MAX} characters`);
  if (text.trim() !== text) return refused("ambiguous_glob", "a blank at either end has no agreed meaning there");
  if (text.includes("\\")) return refused("ambiguous_glob", "a backslash has no documented meaning there");
  const colon = text.endsWith(":*");
  const tail = colon || text.endsWith(" *");
  const head = tail ? text.slice(0, -2) : text;
  if (tail && (head.trim() === "" || head.endsWith(" ")))
    return refused("ambiguous_glob", "blanks before the last `*` have no agreed meaning");
  if (colon && head.includes("*")) return refused("ambiguous_glob", "a `*` before `:*` has no agreed meaning there: end it in ` *`");
  const [assignments = ""] = ASSIGNMENTS.exec(head) ?? [];
  const command = head.slice(assignments.length);
  if (!simple.test(command.replaceAll("*", "x"))) {
    const reason = "it is not one command of plain words and closed quotes, one blank apart: commands are judged one by one";
    return refused("not_supported", `${reason}, without redirections`);
  }
  if (assignments !== "" && /^[^ ]*\*/.test(command)) {
    return refused("ambiguous_glob", "which program follows the assignment is left open, and another assignment may");
  }
  return {
    kind: "globs",
    globs: tail ? [globOf(head), `${globOf(head)} *`] : [globOf(head)],
    simple: escapeExpression(assignments) + SIMPLE_COMMAND,
    // The documentation gives the last ` *` a word's end in every pattern; the program only where it is the one `*` there is.
    bare: tail && head.includes("*") ? head : undefined,
    redirected: tail || head.endsWith("*") ? undefined : head.split("*").map(escapeExpression).join(ANY_TEXT) + HARMLESS_REDIRECTIONS,
    wrapped: wrappedOf(tail ? `${command} *` : command),
    behind: startsWithOne(FIRST_WORDS, tail ? `${command} *` : command),
  };
}

function refused(code: CommandCode, reason: string): CommandPattern {
  return { kind: "refused", code, reason };
}

// What a pattern's letters before its first `*` say of the wrapper that its texts may start with.
function wrappedOf(pattern: string): "always" | "never" | "sometimes" {
  const [start = ""] = pattern.split("*");
  if (stripped.test(start)) return wrapped.test(start) ? "always" : pattern === start ? "never" : "sometimes";
  return startsWithOne(WRAPPERS, pattern) ? "sometimes" : "never";
}

// Whether some text that the pattern matches starts with one of the names and a blank.
function startsWithOne(names: readonly string[], pattern: string): boolean {
  const [start = ""] = pattern.split("*");
  const [first = "", ...more] = start.split(" ");
  const program = first.slice(first.lastIndexOf("/") + 1);
  return names.some((name) => (more.length > 0 ? name === program : pattern !== start && name.startsWith(program)));
}

function globOf(text: string): string {
  return text.split("*").map(escapePattern).join("*");
}
