// Claude Code's patterns of shell commands in ours. Not trusted.
// SOURCE: code.claude.com/docs/en/permissions, "Bash": `*` is any run of characters, blanks and all; ` *` and `:*` at the end mean the
// command alone, or with anything after a blank; `:*` elsewhere is text. A command is judged part by part, split at the shell's separators.

import { escapePattern, PATTERN_LENGTH_MAX } from "../openshell/globs.js";

/** `any`: every command. `globs`: patterns of `glob`; `bare` is the rule that has to stand beside it for its two readings to agree. */
export type CommandPattern =
  | { readonly kind: "any" }
  | { readonly kind: "globs"; readonly globs: readonly string[]; readonly bare: string | undefined }
  | {
      readonly kind: "refused";
      readonly code: "ambiguous_glob" | "invalid_value" | "not_canonical" | "not_supported";
      readonly reason: string;
    };

/**
 * An expression for the texts that are one command, as far as a regular expression can tell: no separator, no parenthesis, no
 * substitution and no comment outside quotes, every quote closed. `>&` and `&>` are redirections. It errs towards refusing: a shell
 * that reads a text as two commands never finds it here, and that is why `$'…'` (which escapes quotes) and `#` are left out.
 */
export const SIMPLE_COMMAND =
  '(?:[^\'"\\\\;&|\\n`$()#]|\\\\.|>&|&>|\\$[A-Za-z0-9_{?@*]|\'[^\']*\'|"(?:[^"\\\\`$]|\\\\(?:.|\\n)|\\$[^"\\\\`$(])*\\$?")*';

const simple = new RegExp(`^${SIMPLE_COMMAND}$`);

/** Returns what the specifier of a `Bash` rule matches. */
export function translateCommand(text: string): CommandPattern {
  const refused = (code: "ambiguous_glob" | "invalid_value" | "not_canonical" | "not_supported", reason: string): CommandPattern => ({
    kind: "refused",
    code,
    reason,
  });
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
  if (!simple.test(head.replaceAll("*", "x"))) {
    return refused("not_supported", "it spans more than one simple command, and commands are judged one by one");
  }
  const globs = tail ? [globOf(head), `${globOf(head)} *`] : [globOf(head)];
  // The documentation gives the last ` *` a word's end in every pattern; the program only where it is the one `*` there is.
  return { kind: "globs", globs, bare: tail && head.includes("*") ? head : undefined };
}

function globOf(text: string): string {
  return text.split("*").map(escapePattern).join("*");
}
