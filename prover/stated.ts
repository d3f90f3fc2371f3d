// What stands in a document at a JSON Pointer of ours. Not trusted.

import { isObject, type Json } from "./kernel/index.js";
import type { Subject } from "./results.js";

/** Returns the document that `subject` is of. */
export const documentOf = (subject: Subject): Json => (subject.kind === "view" ? subject.of.document : subject.document);

/** Returns what stands at `pointer`, whose keys need no escapes; undefined where nothing does. */
export const statedAt = (document: Json, pointer: string): Json | undefined =>
  pointer
    .split("/")
    .slice(1)
    .reduce(
      (value: Json | undefined, key) => (Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined),
      document,
    );
