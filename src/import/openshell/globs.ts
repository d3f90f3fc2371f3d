// OpenShell's pattern dialects in ours. Not trusted. What the two mean differs in small ways, so nothing is copied over unread:
//   there `/a/**` needs the slash after `a`; here it matches `/a` too, so it becomes `/a/**/*`
//   there `/*` matches the root, because `*` may be empty; here the root has no segment, so it becomes `/*` and `/`
//   there `**.example.com` needs a label in front; here it matches `example.com` too, so it becomes `**.*.example.com`
//   there `*` in a query value stops at a `.`; here `glob` has no such stop, so it becomes the expression `[^.]*`
// A `**` that shares its segment with other characters, `?`, brackets and braces are refused: OpenShell's runtime, documents and
// prover do not agree on them.

/** Patterns of ours that together match the same, or why there are none. */
export type Translated =
  | { readonly kind: "patterns"; readonly patterns: readonly string[] }
  | { readonly kind: "refused"; readonly code: "ambiguous_glob" | "not_canonical"; readonly reason: string };

/** Longest pattern that is translated, in UTF-16 units (the design's 4 KiB). */
export const PATTERN_LENGTH_MAX = 4_096;

const ambiguous = (reason: string): Translated => ({ kind: "refused", code: "ambiguous_glob", reason });
const notCanonical = (reason: string): Translated => ({ kind: "refused", code: "not_canonical", reason });

/** Returns `route` patterns for an OpenShell URL path glob, over canonical request paths. */
export function translateRouteGlob(glob: string): Translated {
  if (glob.length > PATTERN_LENGTH_MAX) return notCanonical(`longer than ${PATTERN_LENGTH_MAX} characters`);
  if (glob === "**") return { kind: "patterns", patterns: ["/**"] };
  if (/[?[\]{}\\]/.test(glob)) return ambiguous("`?`, brackets, braces and backslashes have no agreed meaning there");
  // SOURCE: RFC 3986 section 3.3 (pchar). `;` is left out: OpenShell cuts path parameters off before it matches.
  if (!/^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-F]{2})*$/.test(glob)) {
    return notCanonical("it holds characters that a canonical request path never has");
  }
  if (/%(?:[01][0-9A-F]|2[146-9A-F]|3[0-9ABD]|4[0-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF])/.test(glob)) {
    return notCanonical("it escapes a character that a canonical request path never escapes");
  }
  return translateSegments(glob, true);
}

/** Returns `path` patterns for an OpenShell binary path: a text to be equal to, or a glob once there is a `*` in it. */
export function translateBinaryGlob(glob: string): Translated {
  if (glob.length > PATTERN_LENGTH_MAX) return notCanonical(`longer than ${PATTERN_LENGTH_MAX} characters`);
  if (hasControl(glob)) return notCanonical("it holds a control character");
  if (glob === "**") return { kind: "patterns", patterns: ["/**"] };
  if (!glob.includes("*")) {
    const path = canonicalPathOf(glob);
    if (path !== glob) return notCanonical("an executable's path is absolute, without empty, `.` or `..` segments");
    return { kind: "patterns", patterns: [escapePattern(path)] };
  }
  if (/[?[\]{}\\]/.test(glob)) return ambiguous("`?`, brackets, braces and backslashes have no agreed meaning there");
  return translateSegments(glob, false);
}

function translateSegments(glob: string, trailingSlash: boolean): Translated {
  if (!glob.startsWith("/")) return notCanonical("it does not start with `/`, so no canonical path matches it");
  if (glob === "/") return { kind: "patterns", patterns: ["/"] };
  const segments = glob
    .slice(1)
    .split("/")
    .filter((segment, index, all) => segment !== "**" || all[index - 1] !== "**");
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "" && !(last && trailingSlash)) return notCanonical("an empty segment matches no canonical path");
    if (segment === "." || segment === "..") return notCanonical(`a \`${segment}\` segment matches no canonical path`);
    if (segment !== "**" && segment.includes("**")) return ambiguous("a `**` that shares its segment has no agreed meaning there");
  }
  const last = segments.at(-1);
  const before = segments.slice(0, -1);
  if (last === "**" && before.length > 0) return { kind: "patterns", patterns: [`/${[...before, "**", "*"].join("/")}`] };
  const pattern = `/${segments.join("/")}`;
  // Ours gives the root no segment, there it has an empty one: what a last `*` may be, and a last slash after `**` is.
  const matchesRoot = (last === "*" || last === "") && before.every((segment) => segment === "**");
  return { kind: "patterns", patterns: matchesRoot ? [pattern, "/"] : [pattern] };
}

/** A host as OpenShell compares it: one name, or a glob whose only wildcards stand in the first label. */
export type TranslatedHost =
  | { readonly kind: "exact"; readonly host: string }
  | { readonly kind: "wildcard"; readonly first: string; readonly rest: string; readonly pattern: string }
  | { readonly kind: "refused"; readonly code: "ambiguous_glob" | "not_canonical"; readonly reason: string };

/** Returns what a `host` of an endpoint matches, in lower case. */
export function translateHost(text: string): TranslatedHost {
  const refused = (code: "ambiguous_glob" | "not_canonical", reason: string): TranslatedHost => ({ kind: "refused", code, reason });
  const host = text.toLowerCase();
  if (/[^\x21-\x7e]/.test(text) || host.length > 253) return refused("not_canonical", "a host is ASCII, of at most 253 characters");
  if (/[?[\]{}\\:]/.test(host))
    return refused("not_canonical", "a host is a name or an IPv4 address; ports and IPv6 literals stand elsewhere");
  const [first = "", ...others] = host.split(".");
  const rest = others.join(".");
  if (![first.replaceAll("*", "x"), ...others].every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) {
    return refused(
      "not_canonical",
      others.some((label) => label.includes("*"))
        ? "a wildcard stands in the first label only"
        : "a label is empty or has a character that no host has",
    );
  }
  const numeric = /^(?:[0-9]+|0x[0-9a-f]*)$/.test(others.at(-1) ?? first);
  if (!first.includes("*")) {
    if (numeric && !isIpv4(host)) return refused("not_canonical", "a last label that is a number stands in an IPv4 address only");
    return { kind: "exact", host };
  }
  if (others.length < 2 || numeric) return refused("not_canonical", "a wildcard needs at least two named labels after it");
  if (first !== "**" && first.includes("**")) return refused("ambiguous_glob", "a `**` that shares its label has no agreed meaning there");
  return { kind: "wildcard", first, rest, pattern: first === "**" ? `**.*.${rest}` : host };
}

/** Returns whether some host may match both (never false where one does). */
export function hostsMayOverlap(left: TranslatedHost | undefined, right: TranslatedHost | undefined): boolean {
  if (left === undefined || right === undefined || left.kind === "refused" || right.kind === "refused") return true;
  if (left.kind === "exact" && right.kind === "exact") return left.host === right.host;
  if (left.kind === "wildcard" && right.kind === "wildcard") {
    if (left.first === "**" && `.${right.rest}`.endsWith(`.${left.rest}`)) return true;
    if (right.first === "**" && `.${left.rest}`.endsWith(`.${right.rest}`)) return true;
    return left.rest === right.rest;
  }
  const [exact, wildcard] = left.kind === "exact" ? [left, right] : [right, left];
  if (exact.kind !== "exact" || wildcard.kind !== "wildcard") return true;
  if (!exact.host.endsWith(`.${wildcard.rest}`)) return false;
  return wildcard.first === "**" || !exact.host.slice(0, -wildcard.rest.length - 1).includes(".");
}

/** What one query value is held to: anything, one text, or a regular expression over the whole value. */
export type QueryPattern =
  | { readonly kind: "anything" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly expression: string }
  | { readonly kind: "refused"; readonly reason: string };

/** Returns what an OpenShell query glob matches. `*` there is any run without a `.`, and `**` alone is anything. */
export function translateQueryGlob(glob: string): QueryPattern {
  if (glob.length > PATTERN_LENGTH_MAX) return { kind: "refused", reason: `longer than ${PATTERN_LENGTH_MAX} characters` };
  if (glob === "**") return { kind: "anything" };
  if (glob.includes("**")) return { kind: "refused", reason: "a `**` beside other characters has no agreed meaning there" };
  if (/[?[\]{}\\]/.test(glob)) return { kind: "refused", reason: "`?`, brackets, braces and backslashes have no agreed meaning there" };
  if (!glob.includes("*")) return { kind: "text", text: glob };
  return { kind: "expression", expression: glob.split("*").map(escapeExpression).join("[^.]*") };
}

/** Returns `text` as a regular expression that matches it and nothing else. */
export function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** Returns `text` as a segment pattern that matches it and nothing else. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?]/g, "\\$&");
}

/** Returns an absolute path without empty and `.` segments, or undefined where it is relative, has `..` or a control character. */
export function canonicalPathOf(text: string): string | undefined {
  if (!text.startsWith("/") || hasControl(text)) return undefined;
  const segments = text.split("/").filter((segment) => segment !== "" && segment !== ".");
  return segments.includes("..") ? undefined : `/${segments.join("/")}`;
}

function hasControl(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}

/** Returns whether a host is an IPv4 address as it is written canonically. */
export function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
}
