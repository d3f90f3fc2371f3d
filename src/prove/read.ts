// Reads a claims file, JSON or YAML, and says everything that is wrong with it at once. Not trusted.

import { isJsonText, type Json, policyReading } from "../../prover/core.js";
import { problemsOf, readJsonText, readYamlText } from "../../prover/index.js";
import { type ClaimsDocument, claimsSchema } from "./schema.js";
import { invalid, type Reading } from "./world.js";

/** A claims file that was read: its path, its text, and what it says. */
export type ClaimsFile = {
  readonly file: string;
  readonly text: string;
  readonly document: ClaimsDocument;
};

/**
 * Returns the claims iff `text` is a claims file; else every problem with it.
 * @param file the path that problems name, and that the paths within start from
 */
export function parseClaims(text: string, file: string): Reading<ClaimsFile> {
  // JSON where it starts as JSON does, else YAML.
  const { value, problems } = isJsonText(text, {}) ? readJsonText(text, policyReading) : readYamlText(text, policyReading);
  const told = new Set(problems.map(({ code, pointer }) => `${code} ${pointer}`));
  const reported =
    value === undefined ? [] : problemsOf(claimsSchema, value).filter(({ code, pointer }) => !told.has(`${code} ${pointer}`));
  const all = [...problems, ...reported].map((found) => ({ ...found, file }));
  if (value === undefined || all.length > 0) return invalid(...all);
  return { kind: "ok", value: { file, text, document: asClaims(value) } };
}

// INVARIANT: the schema has accepted the value, and what it accepts is of its type: it has no defaults and transforms nothing. The value
// itself is used, because zod drops a key `__proto__`, which a condition can name.
const asClaims = (value: Json): ClaimsDocument => value as ClaimsDocument;
