// Answers as workflow commands of GitHub Actions: annotations at the rules to blame, and one line for the log. Not trusted.
// SOURCE: the escapes of GitHub's own toolkit for workflow commands: `%`, CR and LF in a message, `:` and `,` too in a property.

import type { ClaimResult } from "../results.js";
import { detailText, placeOf } from "./detail.js";

const escapeData = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const escapeProperty = (text: string): string => escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** Returns the annotation of a claim that is not as expected; undefined of one that is. */
export function annotationOf(result: ClaimResult): string | undefined {
  if (result.outcome === "expected") return undefined;
  const { file, line } = placeOf(result);
  const at = line === undefined ? "" : `,line=${line}`;
  return `::error file=${escapeProperty(file)}${at},title=${escapeProperty(result.name)}::${escapeData(detailText(result))}`;
}
