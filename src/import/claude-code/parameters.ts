// `Tool(parameter:value)`, which deny and ask rules may have. Not trusted.
// SOURCE: code.claude.com/docs/en/permissions, "Match by input parameter": a direct, scalar field of the input as it was sent, by its text;
// `*` is any run of characters; a parameter that is left out never matches.

import type { Json, JsonObject } from "../index.js";
import { escapePattern, PATTERN_LENGTH_MAX } from "../openshell/globs.js";
import { OWN_FIELDS } from "./tools.js";

/** The condition of a parameter rule, or why there is none. */
export type Parameter =
  | { readonly kind: "condition"; readonly when: JsonObject }
  | {
      readonly kind: "refused";
      readonly code: "ambiguous_glob" | "invalid_value" | "not_enforced" | "not_supported";
      readonly reason: string;
    };

// Where a specifier may be a command as well, only these are parameters.
const BASH_PARAMETERS = ["description", "timeout", "run_in_background", "dangerouslyDisableSandbox"];

/** Returns the condition under which a call of `tool` has the parameter with that value. */
export function translateParameter(tool: string, specifier: string): Parameter {
  const refused = (code: "ambiguous_glob" | "invalid_value" | "not_enforced" | "not_supported", reason: string): Parameter => ({
    kind: "refused",
    code,
    reason,
  });
  const [, name = "", value = ""] = /^([A-Za-z_][A-Za-z0-9_-]*)\s*:\s*(\S(?:.*\S)?)$/s.exec(specifier) ?? [];
  if (name === "") return refused("not_supported", `no specifier like this is known for \`${tool}\``);
  if (value.length > PATTERN_LENGTH_MAX) return refused("invalid_value", `longer than ${PATTERN_LENGTH_MAX} characters`);
  if (OWN_FIELDS[tool] === name) return refused("not_enforced", `Claude Code ignores \`${name}:\` and warns`);
  if (tool === "Bash" && !BASH_PARAMETERS.includes(name)) {
    return refused("ambiguous_glob", "it may be a command with a colon, or a parameter and its value");
  }
  if (value.includes("\\")) return refused("ambiguous_glob", "a backslash has no documented meaning there");
  const field = `args.${name}`;
  if (value === "*") return { kind: "condition", when: { [field]: { present: true } } };
  // A number or a truth value is no text, so that the glob is unknown of it, and an unknown restricts.
  if (value.includes("*")) return { kind: "condition", when: { [field]: { glob: value.split("*").map(escapePattern).join("*") } } };
  return { kind: "condition", when: { [field]: { in: [value, ...scalarOf(value)] } } };
}

function scalarOf(value: string): readonly Json[] {
  if (value === "true" || value === "false") return [value === "true"];
  return /^(?:0|-?[1-9][0-9]{0,14})$/.test(value) ? [Number(value)] : [];
}
