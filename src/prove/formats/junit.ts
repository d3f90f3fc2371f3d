// Answers as JUnit's XML, as Jenkins reads it: one suite a claims file, one case a claim. Not trusted.
// SOURCE: Jenkins' XSD: testsuites, testsuite, testcase, failure, error. The XSD for Ant's reports wants a host name and a time of day too.

import { plain } from "../../cli/layout.js";
import type { ClaimResult } from "../results.js";
import { detailText } from "./detail.js";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };

/** Returns `text` as XML 1.0 can hold it: characters that it can not are written as escapes. */
export const escapeXml = (text: string): string =>
  text
    .split("\n")
    .map(plain)
    .join("\n")
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? character);

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
const sum = (results: readonly ClaimResult[]): number => results.reduce((total, { ms }) => total + ms, 0);
const count = (results: readonly ClaimResult[], outcome: ClaimResult["outcome"]): number =>
  results.filter((result) => result.outcome === outcome).length;

function caseText(result: ClaimResult): string {
  const { name, file, claim, outcome, summary, ms } = result;
  const head = `    <testcase${attributes({ name, classname: `${file}.${claim}`, time: seconds(ms) })}`;
  if (outcome === "expected") return `${head}/>`;
  const element = outcome === "undecided" ? "error" : "failure";
  const type = outcome === "undecided" ? "undecided" : result.found;
  return `${head}>\n      <${element}${attributes({ message: summary, type })}>${escapeXml(detailText(result))}</${element}>\n    </testcase>`;
}

const counts = (results: readonly ClaimResult[]) => ({
  tests: results.length,
  failures: count(results, "unexpected"),
  errors: count(results, "undecided"),
  time: seconds(sum(results)),
});

/** Returns the XML of the answers, by the files that the claims stand in. */
export function encodeJunit(files: readonly { readonly file: string; readonly results: readonly ClaimResult[] }[]): string {
  const suites = files.map(({ file, results }) => {
    const head = `  <testsuite${attributes({ name: file, ...counts(results), skipped: 0 })}>`;
    return [head, ...results.map(caseText), "  </testsuite>"].join("\n");
  });
  const all = attributes({ name: "atmost prove", ...counts(files.flatMap(({ results }) => results)) });
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${all}>`, ...suites, "</testsuites>", ""].join("\n");
}
