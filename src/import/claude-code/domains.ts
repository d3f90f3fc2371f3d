// Claude Code's `domain:` patterns in ours. Not trusted.
// SOURCE: code.claude.com/docs/en/permissions, "WebFetch": compared without case; a last `.` is dropped; a leading `*.` is one label or
// more; any other `*` stays between two dots.

import { canonicalHost } from "../../../prover/index.js";

/** `any`: every host. `pattern`: one `host` pattern of ours. */
export type DomainPattern =
  | { readonly kind: "any" }
  | { readonly kind: "pattern"; readonly pattern: string }
  | { readonly kind: "refused"; readonly code: "ambiguous_glob" | "not_canonical"; readonly reason: string };

const HOST_LENGTH_MAX = 253;

/** Returns what the text after `domain:` matches. */
export function translateDomain(text: string): DomainPattern {
  const refused = (code: "ambiguous_glob" | "not_canonical", reason: string): DomainPattern => ({ kind: "refused", code, reason });
  if (text === "*") return { kind: "any" };
  const domain = text.toLowerCase().replace(/\.$/, "");
  if (/[^\x21-\x7e]/.test(text) || domain.length > HOST_LENGTH_MAX)
    return refused("not_canonical", "a host is ASCII, of at most 253 characters");
  if (domain.includes("**")) return refused("ambiguous_glob", "`**` has no meaning of its own there");
  if (!domain.split(".").every((label) => /^[a-z0-9_*-]{1,63}$/.test(label))) {
    return refused("not_canonical", "a label is empty or has a character that no host has: schemes, ports and paths are no part of it");
  }
  if (!domain.includes("*") && canonicalHost(domain) !== domain) return refused("not_canonical", "it has no canonical form");
  const deep = domain.startsWith("*.");
  return { kind: "pattern", pattern: deep ? `**.${domain}` : domain };
}
