// What every importer ends with: the language's own parser judges the document, so that what is handed out always loads. Not trusted.

import { type Problem, parsePolicy } from "../../prover/index.js";
import type { ImportOptions, ImportResult, JsonObject } from "./index.js";
import { PROBLEMS_MAX } from "./openshell/document.js";
import type { Report } from "./openshell/reader.js";

/** What an importer has read: the rules in order, each with the JSON Pointer of what it comes from. */
export type Draft = {
  readonly format: string;
  readonly title: string;
  readonly rules: readonly PlacedRule[];
};

/** A rule of ours and the place in the source that it stands for. */
export type PlacedRule = { readonly rule: JsonObject; readonly pointer: string };

/** Returns the document iff nothing was refused and the language's parser accepts it; otherwise every problem, at its place in the source. */
export function judge(report: Report, draft: Draft, options: ImportOptions): ImportResult {
  if (report.problems.length > 0) return { kind: "refused", problems: capped(report.problems) };
  const document = assemble(draft, options);
  const parsed = parsePolicy(document);
  if (parsed.kind === "ok") return { kind: "ok", document, notes: report.notes };
  return { kind: "refused", problems: capped(parsed.problems.map((problem) => placed(problem, draft.rules))) };
}

/** Returns at most `PROBLEMS_MAX` problems, and one that counts the others. */
export function capped(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= PROBLEMS_MAX) return problems;
  const left = problems.length - PROBLEMS_MAX;
  return [...problems.slice(0, PROBLEMS_MAX), { code: "too_many_problems", pointer: "", message: `${left} more problems are not listed` }];
}

// A problem of the parser's is about our document; its reader wrote the source.
function placed(problem: Problem, rules: readonly PlacedRule[]): Problem {
  const index = /^\/rules\/([0-9]+)(?:\/|$)/.exec(problem.pointer)?.[1];
  const pointer = index === undefined ? undefined : rules[Number(index)]?.pointer;
  return pointer === undefined ? problem : { ...problem, pointer };
}

function assemble(draft: Draft, options: ImportOptions): JsonObject {
  const source = options.fileName?.split(/[\\/]/).at(-1);
  const stem = source?.replace(/\.(?:ya?ml|json)$/i, "");
  return {
    language: "atmost/1",
    name: options.name ?? (stem === undefined || stem === "" || stem === "-" ? draft.format : stem),
    version: "1",
    description: source === undefined ? `imported from ${draft.title}` : `imported from ${draft.title}, ${source}`,
    rules: draft.rules.map(({ rule }) => rule),
    ...(options.delegation === undefined ? {} : { delegation: options.delegation }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  };
}
