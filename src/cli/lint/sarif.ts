// What lint found as SARIF 2.1.0, for code scanning. Not trusted. The certificates are not in it: `--json` has them.
// SOURCE: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.28.

import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding, Json, LintKind, LintReport, RuleMention, Undecided } from "../../../prover/core.js";
import { packageVersion } from "../version.js";
import { lintKinds } from "./kinds.js";
import type { Source } from "./text.js";

type JsonObject = { readonly [key: string]: Json };

const kinds = Object.keys(lintKinds);

/** Returns the file as a URI reference: absolute files as `file:` URLs, others relative, each segment escaped. */
export function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  const path = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return path === "" ? "." : path;
}

const locationOf = ({ file, find }: Source, pointer: string, rule: RuleMention | undefined): JsonObject => {
  const { line, column } = find(pointer);
  const region = { startLine: line, startColumn: column };
  return {
    ...(file === "-" ? {} : { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } }),
    logicalLocations: [{ ...(rule === undefined ? {} : { name: rule.id }), fullyQualifiedName: pointer, kind: "member" }],
  };
};

const ruleOf = (kind: LintKind): JsonObject => ({ ruleId: kind, ruleIndex: kinds.indexOf(kind) });

function resultOf(finding: Finding, source: Source): JsonObject {
  const { kind, level, pointer, rule, covers, removable, summary, evidence } = finding;
  const related = covers.map((cover, id) => ({
    id,
    ...locationOf(source, cover.pointer, cover),
    message: { text: `${cover.effect} rule ${cover.id} covers it` },
  }));
  return {
    ...ruleOf(kind),
    level,
    message: { text: summary },
    locations: [locationOf(source, pointer, rule)],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    partialFingerprints: { "atmostFinding/v1": `${kind} ${rule?.id ?? pointer}` },
    properties: {
      removable,
      evidence: evidence.map((piece) => ({
        kind: piece.kind,
        claim: piece.claim,
        ...(piece.kind === "request" ? { request: piece.request, decision: piece.decision } : {}),
      })),
    },
  };
}

// A result of the kind `open` is one that the tool could not decide; its level is `none`.
const openOf = ({ kind, pointer, rule, reason }: Undecided, source: Source): JsonObject => ({
  ...ruleOf(kind),
  kind: "open",
  level: "none",
  message: { text: `it could not be decided whether this holds: ${reason}` },
  locations: [locationOf(source, pointer, rule)],
  properties: { reason },
});

/** Returns the log: one run, a rule for each kind of finding, a result for each finding and each open question. */
export const encodeSarif = ({ findings, undecided }: LintReport, source: Source): JsonObject => ({
  $schema: "https://json.schemastore.org/sarif-2.1.0.json",
  version: "2.1.0",
  runs: [
    {
      tool: {
        driver: {
          name: "atmost",
          semanticVersion: packageVersion(),
          rules: Object.entries(lintKinds).map(([id, text]) => ({ id, shortDescription: { text } })),
        },
      },
      columnKind: "utf16CodeUnits",
      results: [...findings.map((finding) => resultOf(finding, source)), ...undecided.map((open) => openOf(open, source))],
    },
  ],
});
