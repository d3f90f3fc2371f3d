// RFC 8785 text, quickly: for certificates and statements, whose hashes and bytes are made in each answer. Not trusted, and it need not be:
// who checks a hash makes the text with the kernel's `canonicalJson`, which a property test holds this to, byte by byte.

import { canonicalJson, type Json } from "../prover/index.js";

/** Deeper than this, the kernel's own writer is asked: it knows the bound. */
const DEPTH_MAX = 60;
// Printable ASCII without the quote and the backslash: what stands for itself between quotes.
const PLAIN = /^[ !#-[\]-~]*$/;

const isSorted = (keys: readonly string[]): boolean => keys.every((key, at) => at === 0 || (keys[at - 1] ?? "") < key);

const writeText = (text: string): string | undefined => {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : undefined;
};

const writeList = (items: readonly Json[], depth: number): string | undefined => {
  let text = "[";
  for (let i = 0; i < items.length; i++) {
    const item = write(items[i], depth + 1);
    if (item === undefined) return undefined;
    text += i === 0 ? item : `,${item}`;
  }
  return `${text}]`;
};

const writeObject = (value: { readonly [key: string]: Json }, depth: number): string | undefined => {
  const own = Object.keys(value);
  // SOURCE: RFC 8785 section 3.2.3: keys are ordered by UTF-16 code units, which is JavaScript's own order of strings.
  const keys = isSorted(own) ? own : own.sort();
  let text = "{";
  for (const [i, key] of keys.entries()) {
    const name = writeText(key);
    const member = write(value[key], depth + 1);
    if (name === undefined || member === undefined) return undefined;
    text += i === 0 ? `${name}:${member}` : `,${name}:${member}`;
  }
  return `${text}}`;
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

// Undefined where there is no such text, or where it is not for this writer to say.
const write = (value: Json | undefined, depth: number): string | undefined => {
  if (value === undefined || depth > DEPTH_MAX) return undefined;
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : undefined;
  if (value === null || typeof value === "boolean") return String(value);
  return isList(value) ? writeList(value, depth) : typeof value === "object" ? writeObject(value, depth) : undefined;
};

/** Returns what the kernel's `canonicalJson` returns: the RFC 8785 form of `value`, or undefined where it has none. */
export const canonicalText = (value: Json): string | undefined => write(value, 0) ?? canonicalJson(value);
