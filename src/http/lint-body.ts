// Reads the body of `POST /lint`: one policy, and the time at which its limits are judged. Not trusted.

import { type ParsedPolicy, type Problem, parseTime, problemsOf } from "../../prover/index.js";
import { asBytes, isRecord, memberOf, problemFor, readLong, readText } from "./body.js";
import { lintShapeSchema } from "./lint-schemas.js";
import type { HttpProblem } from "./problem.js";
import type { PolicyStore } from "./store.js";

/** What is linted, and when. */
export type LintBody = { readonly kind: "lint"; readonly policy: ParsedPolicy; readonly now?: number };

const timeProblem = (text: string): Problem => {
  const [expected, got] = ["an RFC 3339 time", `\`${text}\``];
  return { code: "time_malformed", pointer: "/now", message: `expected ${expected}, got ${got}`, expected, got };
};

/**
 * Returns what a body asks to be linted, the policy a document or `{"sha256": …}` of one in the store; else every problem with it.
 * @param body the bytes as they came; anything else counts as no body
 * @param bytesMax the bound that the body is within already
 */
export function readLintBody(body: unknown, store: PolicyStore, bytesMax: number): LintBody | HttpProblem {
  const bytes = asBytes(body);
  if ("kind" in bytes) return bytes;
  const text = readText(bytes, bytesMax);
  if (text.kind === "problem") return text;
  const problems: Problem[] = [...text.problems, ...problemsOf(lintShapeSchema, text.value)];
  const [stated, time] = [memberOf(text.value, "policy"), memberOf(text.value, "now")];
  const now = typeof time === "string" ? parseTime(time) : undefined;
  if (typeof time === "string" && now === undefined) problems.push(timeProblem(time));
  const read = isRecord(stated) ? readLong(stated, store) : { problems: [] };
  if ("problems" in read) problems.push(...read.problems.map((problem) => ({ ...problem, pointer: `/policy${problem.pointer}` })));
  if (problems.length > 0 || !("policy" in read)) return problemFor(problems);
  return { kind: "lint", policy: read.policy, ...(now === undefined ? {} : { now }) };
}
