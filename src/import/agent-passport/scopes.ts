// Scopes of a delegation as action patterns. Not trusted.
// SOURCE: agent-passport-system, `scopeCovers` in src/core/delegation.ts: a scope covers itself and what follows it after a `:`;
// `*` covers everything; `a:*` covers `a` and what follows `a:`. Elsewhere a `*` is a letter to that function and a wildcard to readers.

/** An action pattern, or why there is none. */
export type TranslatedScope =
  | { readonly kind: "pattern"; readonly pattern: string }
  | { readonly kind: "refused"; readonly code: "ambiguous_glob" | "not_canonical"; readonly reason: string };

/** Longest scope that is translated, in UTF-16 units. */
export const SCOPE_LENGTH_MAX = 1_024;

/** Returns the one pattern of the actions that `scope` covers; `a:**` matches `a` too. */
export function translateScope(scope: string): TranslatedScope {
  if (scope === "*") return { kind: "pattern", pattern: "**" };
  if (scope.length > SCOPE_LENGTH_MAX) return refused("not_canonical", `longer than ${SCOPE_LENGTH_MAX} characters`);
  const base = scope.endsWith(":*") ? scope.slice(0, -2) : scope;
  if (base.includes("*")) {
    return refused("ambiguous_glob", "a `*` that is not all of the last segment grants what the check at use then refuses");
  }
  if (base.split(":").includes("")) return refused("not_canonical", "a segment is empty, so no action matches it");
  if (/[\u0000-\u001f\u007f-\u009f]/.test(base)) return refused("not_canonical", "it holds a control character");
  return { kind: "pattern", pattern: `${base.replace(/[\\?]/g, "\\$&")}:**` };
}

function refused(code: "ambiguous_glob" | "not_canonical", reason: string): TranslatedScope {
  return { kind: "refused", code, reason };
}
