// What the importers of JSON formats share: reading the text strictly, and putting the document together. Not trusted.

import { type Json, type Problem, policyReading, readJsonText } from "../../prover/index.js";
import type { ImportOptions, ImportResult, JsonObject } from "./index.js";
import { PROBLEMS_MAX, type Tree } from "./openshell/document.js";
import type { Report } from "./openshell/reader.js";

/** What a document is named by: the foreign text's own words where it has some. */
export type Head = {
  readonly format: string;
  readonly title: string;
  readonly name: string | undefined;
  readonly description?: string;
};

/** Returns the tree of a JSON text, or undefined after at least one problem was pushed. Never throws. */
export function readJsonTree(report: Report, text: string): Tree | undefined {
  const { value, problems } = readJsonText(text, policyReading);
  report.problems.push(...problems);
  return value === undefined || problems.length > 0 ? undefined : treeOf(value);
}

// Recursion ends within `nestingMax`, which the reader has checked.
function treeOf(value: Json): Tree {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(treeOf);
  return new Map(Object.entries(value).map(([key, member]) => [key, treeOf(member)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Returns the document of these rules; `delegation` and `limits` of the options stand as they are. */
export function assembleDocument(options: ImportOptions, head: Head, rules: readonly JsonObject[]): JsonObject {
  const source = options.fileName?.split(/[\\/]/).at(-1);
  const stem = source?.replace(/\.json$/i, "");
  return {
    language: "atmost/1",
    name: options.name ?? head.name ?? (stem === undefined || stem === "" ? head.format : stem),
    version: "1",
    description: head.description ?? `imported from ${head.title}${source === undefined ? "" : `, ${source}`}`,
    rules,
    ...(options.delegation === undefined ? {} : { delegation: options.delegation }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  };
}

/** Returns the result of an import: the document iff there is one and no problem was found. */
export function concludeImport(report: Report, document: JsonObject | undefined): ImportResult {
  const { problems, notes } = report;
  if (document === undefined || problems.length > 0) return { kind: "refused", problems: capped(problems) };
  return { kind: "ok", document, notes };
}

function capped(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= PROBLEMS_MAX) return problems;
  const left = problems.length - PROBLEMS_MAX;
  return [...problems.slice(0, PROBLEMS_MAX), { code: "too_many_problems", pointer: "", message: `${left} more problems are not listed` }];
}
