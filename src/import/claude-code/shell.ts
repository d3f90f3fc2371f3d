// What of a shell's language a command may hold, as regular expressions of ours. Not trusted.
// SOURCE: code.claude.com/docs/en/permissions, "Compound commands", "Wrappers" and "Redirections"; the manuals of bash, dash and zsh.

// What ends a word or means something to some shell: none of it stands outside quotes, and no control character does.
const SPECIAL = " '\"\\\\;&|`$()#<>\\x00-\\x1f\\x7f";
// `${…}` is a name and no more, because quotes nest in it. A name without braces is not followed by `[`, which zsh reads as a
// subscript, and a subscript may run commands; what may follow is told by name, so that `$ab[` is not `$a` and `b[`.
const VARIABLE = "\\$(?:[0-9A-Z_a-z]+|[?@*])";
const BRACED = "\\$\\{[0-9A-Z_a-z]+\\}";
const DOUBLE = `"(?:[^"\\\\\`$]|\\\\.|\\$ |${BRACED}|(?:${VARIABLE})+[^"\\\\\`$\\[0-9A-Z_a-z])*(?:${VARIABLE})*\\$?"`;
const PART = `[^${SPECIAL}]|\\\\.|'[^']*'|${DOUBLE}|${BRACED}|(?:${VARIABLE})+[/.,:=@%+-]`;
const WORD = `(?:(?:${PART})+(?:${VARIABLE})*|(?:${VARIABLE})+)`;
// The program is named plainly: no assignment, no keyword made of signs (`!`, `{`, `[[`), and no `-` alone, which runs a command in zsh.
const PROGRAM = "(?:[0-9A-Z_a-z./~:][0-9A-Z_a-z./~:,@%+-]*|\\[)";

/** An expression for every text. */
export const ANY_TEXT = "(?:.|\\n)*";

/** An expression for redirections that touch no file. Claude Code checks the files of all others by rules of their own. */
export const HARMLESS_REDIRECTIONS = "(?: (?:[0-9]?>&[0-9]|(?:[0-9]?(?:>>?|<)|&>>?) ?/dev/null))*";

/**
 * An expression for the texts that are one command, as far as a regular expression can tell: a program and its arguments, one blank
 * between them, and redirections that touch no file at the end. It errs towards refusing: a shell that reads a text as two commands,
 * or runs one to expand it, never finds it here.
 */
export const SIMPLE_COMMAND = `${PROGRAM}(?: ${WORD})*${HARMLESS_REDIRECTIONS}`;

/** Programs that Claude Code takes off before it matches any rule: each runs its argument as the command. */
export const WRAPPERS: readonly string[] = "builtin command nice noglob nohup stdbuf time timeout xargs".split(" ");

// SOURCE: Claude Code's changelog, 2.1.113: deny rules match behind "`env`/`sudo`/`watch`/`ionice`/`setsid` and similar exec wrappers".
const RUNNERS = "doas env eval exec flock ionice setsid sudo watch".split(" ");
// What stands before a command in a control structure; of these zsh has forms that need no separator.
const KEYWORDS = "case coproc do elif else for foreach function if nocorrect repeat select then until while".split(" ");

/** The first words of the texts below. */
export const FIRST_WORDS: readonly string[] = [...WRAPPERS, ...RUNNERS, ...KEYWORDS];

// `command -v` asks where a command is, and `xargs` with options is matched as itself.
const ALWAYS = FIRST_WORDS.filter((name) => name !== "command" && name !== "xargs").join("|");

/** An expression for the texts whose command, to Claude Code's rules, is not their first word but one behind it. */
export const WRAPPED_COMMAND = `(?:[^ ]*/)?(?:(?:${ALWAYS}) |command (?:[^-]|-(?:[^v]|v[^ ]))|xargs [^-])${ANY_TEXT}`;
