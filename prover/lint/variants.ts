// Variants of a policy: the same document after a few edits, as JSON Patch writes them, so that whoever holds the policy and the edits can
// make the other side of every certificate again. Not trusted: a certificate is bound to the hash of what comes out.

import { isObject, type Json } from "../kernel/index.js";
import { loadPolicy } from "../load.js";
import type { ParsedPolicy, Subject } from "../results.js";
import type { Edit, Side } from "./types.js";

/** A policy that was made of another, with how it was made. */
export type Variant = { readonly subject: Subject; readonly side: Side };

type JsonObject = { readonly [key: string]: Json };

const keysOf = (path: string): readonly string[] =>
  path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));

function edited(value: Json, keys: readonly string[], edit: Edit): Json {
  const [key, ...more] = keys;
  if (key === undefined) throw new Error("an edit of the whole document");
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const at = key === "-" ? items.length : Number(key);
    if (more.length > 0) return items.map((item, i) => (i === at ? edited(item, more, edit) : item));
    return [
      ...items.slice(0, at),
      ...(edit.op === "remove" ? [] : [edit.value]),
      ...(edit.op === "add" ? items.slice(at) : items.slice(at + 1)),
    ];
  }
  if (!isObject(value)) throw new Error(`an edit at \`${edit.path}\`, where nothing stands`);
  const object: JsonObject = value;
  if (more.length > 0) return { ...object, [key]: edited(object[key] ?? null, more, edit) };
  const { [key]: _, ...others } = object;
  return edit.op === "remove" ? others : { ...others, [key]: edit.value };
}

/**
 * Returns `document` after `edits`, applied one after the other as RFC 6902 says of `add`, `remove` and `replace`.
 * @throws Error where an edit names a place that is not there: a bug of whoever made it
 */
export function applyEdits(document: JsonObject, edits: readonly Edit[]): JsonObject {
  let value: Json = document;
  for (const edit of edits) value = edited(value, keysOf(edit.path), edit);
  if (!isObject(value)) throw new Error("an edit that leaves no document");
  return value;
}

/** Returns the policy after `edits`, or its delegable view. */
export function variantOf(policy: ParsedPolicy, edits: readonly Edit[], view = false): Variant {
  const document = edits.length === 0 ? policy.document : applyEdits(policy.document, edits);
  const whole = edits.length === 0 ? { kind: "loaded" as const, policy: policy.loaded } : loadPolicy(document);
  const seen = view ? loadPolicy(document, true) : whole;
  if (whole.kind === "invalid" || seen.kind === "invalid") throw new Error("a variant of a policy that was loaded does not load");
  const { sha256 } = whole.policy;
  const made: ParsedPolicy = { kind: "policy", document, name: policy.name, version: policy.version, sha256, loaded: whole.policy };
  return { subject: view ? { kind: "view", of: made, loaded: seen.policy } : made, side: { edits, view, sha256 } };
}
