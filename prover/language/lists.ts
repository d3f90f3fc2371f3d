// Where a list of patterns expands to too many states, though each of them alone does not. Not trusted: it explains what the kernel refuses.

import { isObject, type Json, loadStated, textKinds } from "../kernel/index.js";
import { type Path, pointerOf } from "./report.js";

const kinds: ReadonlySet<string> = new Set(textKinds);

const loads = (kind: string, list: readonly Json[]): boolean =>
  loadStated(kind === "action" ? { action: list } : { field: { [kind]: list } }) !== undefined;

function find(value: Json, path: Path): Path | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  for (const [key, member] of Object.entries<Json>(value)) {
    const at = [...path, key];
    if (Array.isArray(member) && kinds.has(key) && !loads(key, member)) return at;
    const found = find(member, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the JSON Pointer of the first list of patterns that the kernel refuses, in a document that the schema accepts. */
export function refusedListAt(document: Json): string | undefined {
  const path = find(document, []);
  return path && pointerOf(path);
}
