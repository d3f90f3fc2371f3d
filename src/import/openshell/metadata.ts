// `metadata` of a managed maximum policy: its name, its version, and whether changes inside it may pass without a person. Not trusted.

import { at, describe, type Tree } from "./document.js";
import { type Report, readChoice, readMap, readOptionalText, readTexts, refuse } from "./reader.js";

/** What the document's own head is made of. */
export type Metadata = {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly description: string | undefined;
};

const PLACE = "/metadata";

/** Returns the facts of `metadata`. Modes without `auto` would turn every allow into an ask and are refused. */
export function describeMetadata(report: Report, value: Tree | undefined): Metadata {
  const none: Metadata = { name: undefined, version: undefined, description: undefined };
  const map =
    value === undefined
      ? undefined
      : readMap(report, value, PLACE, ["policy_id", "version", "allowed_modes", "default_mode", "audit_label"]);
  if (map === undefined) return none;
  const modes = map.get("allowed_modes");
  const listed = modes === undefined ? undefined : readTexts(report, modes, at(PLACE, "allowed_modes"));
  for (const { text, pointer } of listed ?? []) readChoice(report, text, pointer, ["ask", "auto"]);
  const defaultMode = map.get("default_mode");
  if (defaultMode !== undefined) readChoice(report, defaultMode, at(PLACE, "default_mode"), ["ask", "auto"]);
  if (listed !== undefined && !listed.some(({ text }) => text === "auto")) {
    refuse(
      report,
      "not_supported",
      at(PLACE, "allowed_modes"),
      "modes without `auto` put every permission before a person, which is not translated",
      {
        expected: "a list with `auto` in it",
      },
    );
  }
  const label = readOptionalText(report, map, "audit_label", PLACE);
  return {
    name: readOptionalText(report, map, "policy_id", PLACE),
    version: readVersionText(report, map.get("version")),
    description: label === undefined ? undefined : `imported from OpenShell, audit label ${label}`,
  };
}

function readVersionText(report: Report, value: Tree | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" || (typeof value === "string" && value !== "")) return String(value);
  refuse(report, "wrong_type", at(PLACE, "version"), "expected a version", { expected: "a number or a string", got: describe(value) });
  return undefined;
}
