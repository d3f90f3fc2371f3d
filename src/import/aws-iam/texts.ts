// The texts of IAM policies: wildcards, their escapes `${*}`, `${?}` and `${$}`, policy variables and placeholders. Not trusted.

import { escapeExpression } from "../openshell/globs.js";

/** One piece of a text: a wildcard, or a character that stands for itself. */
export type Token = { readonly kind: "any" } | { readonly kind: "one" } | { readonly kind: "letter"; readonly letter: string };

/** The pieces of a text, or why it is not translated. */
export type ReadText =
  | { readonly kind: "tokens"; readonly tokens: readonly Token[] }
  | { readonly kind: "refused"; readonly code: "not_supported" | "invalid_value"; readonly reason: string };

/** Longest text that is translated, in UTF-16 units: escaped, it stays within the language's 4 KiB. */
export const TEXT_LENGTH_MAX = 1_024;

const PLACEHOLDER = /<[A-Za-z][A-Za-z0-9 _-]*>|\[[A-Z][A-Z0-9_]+\]|\{[a-z][a-z0-9]*(?:-[a-z0-9]+)+\}/;

/** Returns the pieces of `text`; without `wildcards` a `*` and a `?` are characters like any other. */
export function readTokens(text: string, wildcards: boolean): ReadText {
  if (text.length > TEXT_LENGTH_MAX) return refused("invalid_value", `longer than ${TEXT_LENGTH_MAX} characters`);
  const [placeholder] = PLACEHOLDER.exec(text) ?? [];
  if (placeholder !== undefined) return refused("invalid_value", `\`${placeholder}\` is a placeholder, which needs a value first`);
  const tokens: Token[] = [];
  for (const [piece = ""] of text.matchAll(/\$\{[^}]*\}?|[\s\S]/gu)) {
    const [, escaped] = /^\$\{([*?$])\}$/.exec(piece) ?? [];
    if (escaped !== undefined) tokens.push({ kind: "letter", letter: escaped });
    else if (piece.startsWith("${")) {
      return refused("not_supported", `the policy variable \`${piece}\` has its value at the time of a request only`);
    } else if (wildcards && piece === "*") tokens.push({ kind: "any" });
    else if (wildcards && piece === "?") tokens.push({ kind: "one" });
    else tokens.push({ kind: "letter", letter: piece });
  }
  return { kind: "tokens", tokens };
}

function refused(code: "not_supported" | "invalid_value", reason: string): ReadText {
  return { kind: "refused", code, reason };
}

/** Returns the tokens as a text glob of ours. */
export function globOf(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.kind === "letter" ? token.letter.replace(/[\\*?]/g, "\\$&") : wildcardOf(token.kind))).join("");
}

function wildcardOf(kind: "any" | "one"): string {
  return kind === "any" ? "*" : "?";
}

/** Returns the regular expression of the tokens where ASCII letters of either case are equal. */
export function ignoreCaseExpression(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.kind === "letter" ? eitherCase(token.letter) : "")).join("");
}

function eitherCase(letter: string): string {
  return /^[A-Za-z]$/.test(letter) ? `[${letter.toUpperCase()}${letter.toLowerCase()}]` : escapeExpression(letter);
}

/**
 * Returns the regular expression of a resource pattern whose wildcards stay between two colons, but for a `*` that ends its segment,
 * which runs on; undefined where every wildcard is such, so that the glob says the same.
 * SOURCE: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html, "Using wildcards in resource ARNs".
 */
export function segmentExpression(tokens: readonly Token[]): string | undefined {
  let expression = "";
  let held = false;
  // A run of `*` is one.
  const single = tokens.filter(({ kind }, index) => kind !== "any" || tokens[index + 1]?.kind !== "any");
  for (const [index, token] of single.entries()) {
    const next = single[index + 1];
    const runsOn = token.kind === "any" && (next === undefined || (next.kind === "letter" && next.letter === ":"));
    held ||= token.kind !== "letter" && !runsOn;
    if (token.kind === "letter") expression += escapeExpression(token.letter);
    else if (token.kind === "one") expression += "[^:]";
    else expression += runsOn ? "(?:.|\\n)*" : "[^:]*";
  }
  return held ? expression : undefined;
}

/**
 * Returns the regular expression of an ARN pattern, or undefined where it has less than six parts. Wildcards of the first five stay
 * within their part; the sixth, the resource, may hold colons.
 */
export function arnExpression(tokens: readonly Token[]): string | undefined {
  let colons = 0;
  let expression = "";
  for (const token of tokens) {
    const any = colons < 5 ? "[^:]" : "[\\x00-\\x{10FFFF}]";
    if (token.kind === "letter") {
      if (token.letter === ":") colons += 1;
      expression += escapeExpression(token.letter);
    } else expression += token.kind === "any" ? `${any}*` : any;
  }
  return colons >= 5 ? expression.replace(/((?:\[\^:\]|\[\\x00-\\x\{10FFFF\}\])\*)\1+/g, "$1") : undefined;
}
