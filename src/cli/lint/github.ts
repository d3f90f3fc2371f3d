// What lint found as annotations of a GitHub workflow. Not trusted.
// SOURCE: GitHub, Workflow commands for GitHub Actions; what is escaped is as actions/toolkit escapes it.

import type { LintReport } from "../../../prover/core.js";
import { plain } from "../layout.js";
import type { Source } from "./text.js";

const escapeData = (text: string): string => plain(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const escapeProperty = (text: string): string => escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** Returns one line for each finding and each open question. */
export function renderGithub({ findings, undecided }: LintReport, { file, find }: Source): readonly string[] {
  const line = (command: "warning" | "notice", pointer: string, title: string, message: string): string => {
    const place = find(pointer);
    const named = file === "-" ? {} : { file, line: place.line, col: place.column };
    const properties = Object.entries({ ...named, title }).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
    return `::${command} ${properties.join(",")}::${escapeData(message)}`;
  };
  return [
    ...findings.map(({ kind, level, pointer, summary }) =>
      line(level === "warning" ? "warning" : "notice", pointer, `atmost ${kind}`, summary),
    ),
    ...undecided.map(({ kind, pointer, reason }) =>
      line("notice", pointer, "atmost undecided", `\`${kind}\` could not be decided: ${reason}`),
    ),
  ];
}
