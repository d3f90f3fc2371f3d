// What lint found, for people: one block a finding, with the place in the file, what covers it and what it rests on. Not trusted.

import type { Evidence, Finding, LintReport, RuleMention, Undecided } from "../../../prover/core.js";
import { labelled, type Paint, plain, policyTitle, renderRequest, wrap } from "../render.js";
import type { FindPlace } from "../source-places.js";

/** A file as it is named, and where things stand in it. */
export type Source = { readonly file: string; readonly find: FindPlace };

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const placeOf = ({ file, find }: Source, pointer: string): string => {
  const { line, column } = find(pointer);
  return plain(`${file === "-" ? "<stdin>" : file}:${line}:${column}`);
};

const ruleText = ({ effect, id }: RuleMention): string => `${effect} rule \`${id}\``;

function renderEvidence(evidence: Evidence): readonly string[] {
  switch (evidence.kind) {
    case "certificate": {
      const nodes = evidence.certificate["nodes"];
      const size = Array.isArray(nodes) ? count(nodes.length, "node") : "no node";
      return labelled("proved", `${evidence.claim}: certificate of ${size}, accepted by the kernel`);
    }
    case "request":
      return [...labelled("replayed", evidence.claim), ...renderRequest(evidence.request)];
    case "limit":
      return labelled("stated", evidence.claim);
  }
}

function renderFinding(finding: Finding, source: Source, paint: Paint): readonly string[] {
  const { kind, level, pointer, rule, covers, removable, summary, evidence } = finding;
  const word = kind.replaceAll("_", " ").toUpperCase();
  const what = rule === undefined ? "" : `  ${plain(ruleText(rule))}`;
  return [
    "",
    `${paint.strong(placeOf(source, pointer))}  ${level === "warning" ? paint.warn(word) : paint.faint(word)}${what}`,
    ...wrap(summary, "   "),
    ...covers.flatMap((cover) => labelled("covered", `by ${ruleText(cover)} at ${placeOf(source, cover.pointer)}`)),
    ...evidence.flatMap(renderEvidence),
    ...(removable
      ? labelled("remove", `the policy ${pointer.startsWith("/rules/") ? "decides every request alike" : "hands on the same"} without it`)
      : []),
  ];
}

const renderUndecided = ({ kind, pointer, rule, reason }: Undecided, source: Source, paint: Paint): readonly string[] => [
  `   ${placeOf(source, pointer)}  ${kind.replaceAll("_", " ")}, ${rule === undefined ? pointer : plain(ruleText(rule))}  ${paint.faint(reason)}`,
];

/** Returns the report with its items in the order of the file. */
export function inFileOrder(report: LintReport, { find }: Source): LintReport {
  const byPlace = (a: { readonly pointer: string }, b: { readonly pointer: string }): number => {
    const [one, other] = [find(a.pointer), find(b.pointer)];
    return one.line - other.line || one.column - other.column;
  };
  return { ...report, findings: report.findings.toSorted(byPlace), undecided: report.undecided.toSorted(byPlace) };
}

/** Returns what was found, the verdict first. */
export function renderLint({ policy, findings, undecided, checks }: LintReport, source: Source, paint: Paint): readonly string[] {
  const warnings = findings.filter(({ level }) => level === "warning").length;
  const notes = findings.length - warnings;
  const tally = [
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
    ...(notes > 0 ? [count(notes, "note")] : []),
    ...(undecided.length > 0 ? [`${undecided.length} undecided`] : []),
  ];
  const title = policyTitle(policy);
  if (tally.length === 0) return [`${paint.good("CLEAN")}  ${title}`, ...labelled("ground", `${count(checks, "link")} proved or refuted`)];
  return [
    `${findings.length > 0 ? paint.bad("FINDINGS") : paint.warn("UNDECIDED")}  ${title}: ${tally.join(", ")}`,
    ...findings.flatMap((finding) => renderFinding(finding, source, paint)),
    ...(undecided.length === 0 ? [] : ["", paint.warn("could not be decided, so that nothing is said of it")]),
    ...undecided.flatMap((open) => renderUndecided(open, source, paint)),
  ];
}
