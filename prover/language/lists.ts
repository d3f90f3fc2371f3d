// Where a list of patterns expands to too many states, though each of them alone does not. Not trusted: it explains what the kernel refuses.

import { isObject, type Json, loadStated, textKinds } from "../kernel/index.js";
import type { Problem } from "./problem.js";
import { mismatch, type Path } from "./report.js";

const kinds: ReadonlySet<string> = new Set(textKinds);

const loads = (kind: string, list: readonly Json[]): boolean =>
  loadStated(kind === "action" ? { action: list } : { field: { [kind]: list } }) !== undefined;

const tooMany = (path: Path, kind: string, { length }: readonly Json[]): Problem =>
  mismatch(
    "pattern_too_complex",
    path,
    "a list that expands to at most 8192 states, about one for each character; other lists beside it under `any` count apart",
    `more, in ${length} \`${kind}\` patterns`,
  );

function find(value: Json, path: Path): Problem | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  for (const [key, member] of Object.entries<Json>(value)) {
    const at = [...path, key];
    if (Array.isArray(member) && kinds.has(key) && !loads(key, member)) return tooMany(at, key, member);
    const found = find(member, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the problem of the first list of patterns that the kernel refuses, in a document that the schema accepts. */
export const refusedList = (document: Json): Problem | undefined => find(document, []);
