// Answers as SARIF 2.1.0, for code scanning: one result a claim that is not as expected, at the rule to blame. Not trusted.

import { isObject, type Json } from "../../../prover/core.js";
import type { ClaimResult, Place } from "../results.js";
import { claimKinds } from "../schema.js";
import { detailText, placeOf } from "./detail.js";

// SOURCE: SARIF 2.1.0 section 3.4.3: a URI reference; a path's characters that a URI can not hold are escaped.
const location = ({ file, line }: Place): Json => ({
  physicalLocation: {
    artifactLocation: { uri: file.split("/").map(encodeURIComponent).join("/") },
    ...(line === undefined ? {} : { region: { startLine: line } }),
  },
});

const resultOf = (result: ClaimResult): Json => ({
  ruleId: result.claim,
  ruleIndex: claimKinds.indexOf(result.claim),
  // What is undecided is no less a reason to stop than what fails.
  level: "error",
  kind: "fail",
  message: { text: `${result.name}\n${detailText(result)}` },
  locations: [location(placeOf(result))],
  relatedLocations: [{ ...asObject(location(result)), id: 1, message: { text: "the claim" } }],
});

const asObject = (value: Json): { readonly [key: string]: Json } => (isObject(value) ? value : {});

/** Returns the SARIF log of the answers. */
export const encodeSarif = (results: readonly ClaimResult[], version: string): Json => ({
  $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
  version: "2.1.0",
  runs: [
    {
      tool: {
        driver: {
          name: "atmost prove",
          // SOURCE: SARIF 2.1.0 section 3.19.12: a semantic version, so nothing where the package's is not known.
          ...(/^\d+\.\d+\.\d+/.test(version) ? { semanticVersion: version } : {}),
          rules: claimKinds.map((id) => ({ id, shortDescription: { text: `A claim of the kind ${id}` } })),
        },
      },
      columnKind: "utf16CodeUnits",
      results: results.filter(({ outcome }) => outcome !== "expected").map(resultOf),
    },
  ],
});
