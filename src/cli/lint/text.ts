// What lint found, for people: one block a finding, with the place in the file, what covers it and what it rests on. Not trusted.

import {
  type Evidence,
  type Finding,
  fieldText,
  isObject,
  type Json,
  type LintReport,
  type RuleMention,
  type Undecided,
} from "../../../prover/core.js";
import { labelled, plain, type Span, wrap } from "../layout.js";
import type { Paint } from "../paint.js";
import { policyTitle, renderTitle } from "../render.js";
import { statedAt } from "../render-decisions.js";
import { renderRequest } from "../render-json.js";
import { renderBeside, type ShownRule } from "../render-rules.js";
import type { FindPlace } from "../source-places.js";

/** A file as it is named, where things stand in it, and the policy that it holds, where its rules are to be shown. */
export type Source = { readonly file: string; readonly find: FindPlace; readonly document?: { readonly [key: string]: Json } };

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const placeOf = ({ file, find }: Source, pointer: string): string => {
  const { line, column } = find(pointer);
  return plain(`${file === "-" ? "<stdin>" : file}:${line}:${column}`);
};

const ruleText = ({ effect, id }: RuleMention): string => `${effect} rule \`${id}\``;

// What one of two requests has and the other has not: what decides between them.
function onlyIn(one: Json, other: Json, path: readonly string[]): readonly (readonly string[])[] {
  if (!isObject(one) || !isObject(other)) return [];
  return Object.entries(one).flatMap(([key, member]) => {
    const beside = Object.hasOwn(other, key) ? other[key] : undefined;
    return beside === undefined ? [[...path, key]] : onlyIn(member, beside, [...path, key]);
  });
}

function decidingOf(evidence: Evidence, all: readonly Evidence[]): readonly string[] {
  if (evidence.kind !== "request") return [];
  const others = all.flatMap((other) => (other.kind === "request" && other.decision !== evidence.decision ? [other.request] : []));
  const fields = others.flatMap((other) => [...onlyIn(evidence.request, other, []), ...onlyIn(other, evidence.request, [])]);
  return [...new Set(fields.map(fieldText))];
}

function renderEvidence(evidence: Evidence, all: readonly Evidence[], paint: Paint): readonly string[] {
  switch (evidence.kind) {
    case "certificate": {
      const nodes = evidence.certificate["nodes"];
      const size = Array.isArray(nodes) ? count(nodes.length, "node") : "no node";
      return labelled("proved", `${evidence.claim}: certificate of ${size}, accepted by the kernel`);
    }
    case "request":
      return [...labelled("replayed", evidence.claim), ...renderRequest(evidence.request, decidingOf(evidence, all), paint)];
    case "limit":
      return labelled("stated", evidence.claim);
  }
}

// The rule and what covers it, side by side; the other rules that cover it below.
function renderCovers({ rule, covers }: Finding, source: Source, paint: Paint): readonly string[] {
  const [cover] = covers;
  const { document } = source;
  const line = (other: RuleMention) => labelled("covered", `by ${ruleText(other)} at ${placeOf(source, other.pointer)}`);
  if (rule === undefined || cover === undefined || document === undefined) return covers.flatMap(line);
  const shown = (one: RuleMention): ShownRule => ({
    rule: one,
    place: placeOf(source, one.pointer),
    stated: statedAt(document, one.pointer),
  });
  const by = covers.length === 1 ? "COVERED BY" : `COVERED BY, WITH ${covers.length - 1} MORE`;
  return [
    "",
    ...renderBeside({ head: ["THIS"], shown: shown(rule) }, { head: [by], shown: shown(cover) }, [], paint),
    "",
    ...covers.slice(1).flatMap(line),
  ];
}

function renderFinding(finding: Finding, source: Source, paint: Paint): readonly string[] {
  const { kind, level, pointer, rule, removable, summary, evidence } = finding;
  const word = kind.replaceAll("_", " ").toUpperCase();
  const kindSpan: Span = { text: word, tone: level === "warning" ? "warn" : "faint" };
  const what = rule === undefined ? "" : `  ${ruleText(rule)}`;
  return [
    "",
    ...wrap([{ text: placeOf(source, pointer), tone: "strong" }, { text: "  " }, kindSpan, { text: what }], "", paint),
    ...wrap(summary, "   "),
    ...renderCovers(finding, source, paint),
    ...evidence.flatMap((one) => renderEvidence(one, evidence, paint)),
    ...(removable
      ? labelled("remove", `the policy ${pointer.startsWith("/rules/") ? "decides every request alike" : "hands on the same"} without it`)
      : []),
  ];
}

const renderUndecided = ({ kind, pointer, rule, reason }: Undecided, source: Source, paint: Paint): readonly string[] => {
  const what = `${placeOf(source, pointer)}  ${kind.replaceAll("_", " ")}, ${rule === undefined ? pointer : ruleText(rule)}  `;
  return wrap([{ text: what }, { text: reason, tone: "faint" }], "   ", paint);
};

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
  if (tally.length === 0)
    return [...renderTitle("CLEAN", "good", title, paint), ...labelled("ground", `${count(checks, "link")} proved or refuted`)];
  return [
    ...renderTitle(
      findings.length > 0 ? "FINDINGS" : "UNDECIDED",
      findings.length > 0 ? "bad" : "warn",
      `${title}: ${tally.join(", ")}`,
      paint,
    ),
    ...findings.flatMap((finding) => renderFinding(finding, source, paint)),
    ...(undecided.length === 0 ? [] : ["", paint.warn("could not be decided, so that nothing is said of it")]),
    ...undecided.flatMap((open) => renderUndecided(open, source, paint)),
  ];
}
