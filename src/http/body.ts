// Reads bodies: strict JSON in UTF-8, and the policies in it. The common way is short: the members of the outer object are cut out of the
// bytes, and each policy is looked up by its exact text or read once by the language's reader. Where that can not be, the long way reads the
// whole body strictly and tells every problem at its place. Not trusted.

import { isUtf8 } from "node:buffer";
import {
  documentBytesMax,
  type Json,
  nestingMax,
  type ParsedPolicy,
  type Problem,
  parsePolicy,
  problemsOf,
  type Role,
  readJsonText,
} from "../../prover/index.js";
import { ROLES } from "../signing/index.js";
import { type HttpProblem, httpProblem, PROBLEMS_MAX } from "./problem.js";
import { policyReferenceSchema, spawnCheckShapeSchema } from "./schemas.js";
import { type PolicyStore, textKey } from "./store.js";

/** The policies of a spawn check. */
export type SpawnPolicies = {
  readonly child: ParsedPolicy;
  readonly parentDelegable?: ParsedPolicy;
  readonly parentBoundary: ParsedPolicy;
  readonly adminMax: ParsedPolicy;
};

/** Most members that the outer object of a body is cut into. */
const MEMBERS_MAX = 8;
/** The longest text that may be a reference by hash, bytes. */
const REFERENCE_BYTES_MAX = 256;
const REFERENCE = /^\{\s*"sha256"\s*:\s*"([0-9a-f]{64})"\s*\}$/;

const REQUIRED: readonly Role[] = ["child", "parent_boundary", "admin_max"];
const isRole = (key: string): boolean => ROLES.some((role) => role === key);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const skipSpace = (bytes: Uint8Array, from: number): number => {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
};

// Returns the index after the closing quote of the string that opens at `from`, or the length where it does not close.
const endOfString = (bytes: Uint8Array, from: number): number => {
  let at = from + 1;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return bytes.length;
};

// Returns the index after the object that opens at `from`, by its brackets alone, or the length where it does not close.
const endOfObject = (bytes: Uint8Array, from: number): number => {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    at++;
    if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return at;
  }
  return bytes.length;
};

/**
 * Returns the members of the outer object by key, each as the bytes of its value, iff the outer object is one as everybody writes it: keys
 * without escapes, each once, and values that are objects by their brackets. INVARIANT: where every value so cut out is a JSON text, the
 * whole is one too: everything between the values was read here.
 * @param bytes UTF-8
 */
export const splitMembers = (bytes: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined => {
  const members = new Map<string, Uint8Array>();
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN) return undefined;
  at = skipSpace(bytes, at + 1);
  for (let count = 0; count < MEMBERS_MAX; count++) {
    if (bytes[at] !== QUOTE) return undefined;
    const end = endOfString(bytes, at);
    const key = Buffer.from(bytes.subarray(at + 1, end - 1)).toString("latin1");
    if (!/^[a-z_]{1,32}$/.test(key) || members.has(key)) return undefined;
    at = skipSpace(bytes, end);
    if (bytes[at] !== 0x3a) return undefined;
    at = skipSpace(bytes, at + 1);
    if (bytes[at] !== OPEN) return undefined;
    const start = at;
    at = endOfObject(bytes, start);
    members.set(key, bytes.subarray(start, at));
    at = skipSpace(bytes, at);
    if (bytes[at] === CLOSE) return skipSpace(bytes, at + 1) === bytes.length ? members : undefined;
    if (bytes[at] !== 0x2c) return undefined;
    at = skipSpace(bytes, at + 1);
  }
  return undefined;
};

// Past these the reader sees no more of a text.
const endsReading = ({ code }: Problem): boolean => code === "json_syntax" || code === "too_deep";

// A text of its own: what is kept of a policy must not keep the whole body alive.
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");

/** One policy of a body, or every problem with it, by pointers below it. */
export type OneRead = { readonly policy: ParsedPolicy } | { readonly problems: readonly Problem[] };

const unknownPolicy = (sha256: string): OneRead => {
  const got = `\`${sha256}\``;
  const expected = "the hash of a policy that was put before and is still held";
  return { problems: [{ code: "unknown_policy", pointer: "", message: `expected ${expected}, got ${got}`, expected, got }] };
};

const tooLarge = (bytes: number): OneRead => {
  const expected = `at most ${documentBytesMax} bytes`;
  return { problems: [{ code: "too_large", pointer: "", message: `expected ${expected}, got ${bytes}`, expected, got: `${bytes}` }] };
};

const findReference = (sha256: string, store: PolicyStore): OneRead => {
  const policy = store.find(sha256);
  return policy === undefined ? unknownPolicy(sha256) : { policy };
};

// Undefined where only the long way can say what is wrong: a text that can not be read to its end (the place in the whole body is wanted),
// or what may be meant as a reference.
const readShort = (bytes: Uint8Array, store: PolicyStore): OneRead | undefined => {
  if (bytes.length <= REFERENCE_BYTES_MAX) {
    const text = textOf(bytes);
    const sha256 = REFERENCE.exec(text)?.[1];
    if (sha256 !== undefined) return findReference(sha256, store);
    if (text.includes("sha256")) return undefined;
  }
  if (bytes.length > documentBytesMax) return tooLarge(bytes.length);
  const key = textKey(bytes);
  const known = store.recall(key);
  if (known !== undefined) return { policy: known };
  const result = parsePolicy(textOf(bytes), { format: "json" });
  if (result.kind === "invalid") return result.problems.some(endsReading) ? undefined : { problems: result.problems };
  store.remember(key, result.policy, bytes.length);
  return { policy: result.policy };
};

const assembled = (found: ReadonlyMap<string, ParsedPolicy>): SpawnPolicies | undefined => {
  const child = found.get("child");
  const parentDelegable = found.get("parent_delegable");
  const parentBoundary = found.get("parent_boundary");
  const adminMax = found.get("admin_max");
  if (child === undefined || parentBoundary === undefined || adminMax === undefined) return undefined;
  return { child, ...(parentDelegable === undefined ? {} : { parentDelegable }), parentBoundary, adminMax };
};

/** Returns true iff `value` is a JSON object. */
export const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the member of `value` by its key, where it is an object that has it. */
export const memberOf = (value: Json, key: string): Json | undefined =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const under = (role: Role, problems: readonly Problem[]): readonly Problem[] =>
  problems.map((problem) => ({ ...problem, pointer: `/${role}${problem.pointer}` }));

const readReference = (value: Json, sha256: Json | undefined, store: PolicyStore): OneRead => {
  const problems = problemsOf(policyReferenceSchema, value);
  return problems.length > 0 || typeof sha256 !== "string" ? { problems } : findReference(sha256, store);
};

/** Returns the policy that `value` states, or that it names by its hash. */
export const readLong = (value: Json, store: PolicyStore): OneRead => {
  const sha256 = memberOf(value, "sha256");
  // A document of the language names it, and knows no `sha256`.
  if (sha256 !== undefined && memberOf(value, "language") === undefined) return readReference(value, sha256, store);
  const result = parsePolicy(value);
  return result.kind === "ok" ? { policy: result.policy } : { problems: result.problems };
};

/** Returns the answer that tells these problems. It has one code: theirs where all share one that callers act on, else `invalid_request`. */
export const problemFor = (told: readonly Problem[]): HttpProblem => {
  // What the reader of the text and that of the policy both see is told once.
  const problems = [...new Map(told.map((problem) => [`${problem.code} ${problem.pointer}`, problem])).values()];
  const all = (code: string): boolean => problems.every((problem) => problem.code === code);
  for (const code of ["unknown_policy", "request_too_large"] as const) if (all(code)) return httpProblem(code, { problems });
  return httpProblem(all("too_large") ? "too_large" : "invalid_request", { problems });
};

type Text = { readonly kind: "json"; readonly value: Json; readonly problems: readonly Problem[] };

/** Returns the JSON of a whole body, read strictly. What is around its policies has `levels` levels more than a policy has. */
export const readText = (bytes: Uint8Array, bytesMax: number, levels = 1): Text | HttpProblem => {
  const reading = { bytesMax, tooLarge: "too_large", nestingMax: nestingMax + levels, exact: true };
  const { value, problems } = readJsonText(textOf(bytes), reading);
  return value === undefined ? httpProblem("invalid_json", { problems }) : { kind: "json", value, problems };
};

/** Returns a body as UTF-8. */
export const asBytes = (body: unknown): Uint8Array | HttpProblem => {
  if (!(body instanceof Uint8Array)) return httpProblem("invalid_json", { detail: "expected a JSON text, got no body" });
  return isUtf8(body) ? body : httpProblem("invalid_utf8");
};

type AllRead = { readonly kind: "policies"; readonly policies: SpawnPolicies; readonly narrow: boolean } | HttpProblem;

// What the schema of the body's shape accepts, without its reasons: nearly every body is one that has nothing wrong with it.
const hasShape = (value: Json): boolean =>
  isRecord(value) &&
  Object.entries(value).every(([key, member]) => (key === "narrow" ? typeof member === "boolean" : isRole(key) && isRecord(member))) &&
  REQUIRED.every((role) => Object.hasOwn(value, role));

// Reads the policies that stand in `value` by role, one after the other; once there are more problems than are told, no further one.
const readAll = (
  value: Json,
  told: readonly Problem[],
  readOne: (role: Role, member: Json) => OneRead | undefined,
): AllRead | undefined => {
  const problems: Problem[] = [...told, ...(hasShape(value) ? [] : problemsOf(spawnCheckShapeSchema, value))];
  const found = new Map<string, ParsedPolicy>();
  for (const role of ROLES) {
    const member = memberOf(value, role);
    if (!isRecord(member) || problems.length > PROBLEMS_MAX) continue;
    const read = readOne(role, member);
    if (read === undefined) return undefined;
    if ("policy" in read) found.set(role, read.policy);
    else problems.push(...under(role, read.problems));
  }
  const policies = problems.length === 0 ? assembled(found) : undefined;
  return policies === undefined ? problemFor(problems) : { kind: "policies", policies, narrow: memberOf(value, "narrow") === true };
};

const readMembers = (members: ReadonlyMap<string, Uint8Array>, store: PolicyStore): AllRead | undefined => {
  const nothing = new Uint8Array();
  const keysAlone = Object.fromEntries([...members.keys()].map((key) => [key, {}]));
  return readAll(keysAlone, [], (role) => readShort(members.get(role) ?? nothing, store));
};

const readWhole = (
  bytes: Uint8Array,
  members: ReadonlyMap<string, Uint8Array> | undefined,
  store: PolicyStore,
  bytesMax: number,
): AllRead => {
  const text = readText(bytes, bytesMax);
  if (text.kind === "problem") return text;
  const read = readAll(text.value, text.problems, (role, member) => {
    const length = members?.get(role)?.length ?? 0;
    return length > documentBytesMax ? tooLarge(length) : readLong(member, store);
  });
  return read ?? httpProblem("invalid_request");
};

/**
 * Returns the policies of a spawn check's body: each a document, or `{"sha256": …}` of one in the store, and whether the child is to be
 * narrowed; else every problem with it.
 * @param body the bytes as they came; anything else counts as no body
 * @param bytesMax the bound that the body is within already
 */
export const readSpawnBody = (body: unknown, store: PolicyStore, bytesMax: number): AllRead => {
  const bytes = asBytes(body);
  if ("kind" in bytes) return bytes;
  const members = splitMembers(bytes);
  return (members === undefined ? undefined : readMembers(members, store)) ?? readWhole(bytes, members, store, bytesMax);
};

/** Returns the policy that a body is, and the length of its text; else every problem with it. */
export const readPolicyBody = (
  body: unknown,
): { readonly kind: "policy"; readonly policy: ParsedPolicy; readonly bytes: number } | HttpProblem => {
  const bytes = asBytes(body);
  if ("kind" in bytes) return bytes;
  const result = parsePolicy(textOf(bytes), { format: "json" });
  if (result.kind === "ok") return { kind: "policy", policy: result.policy, bytes: bytes.length };
  const { problems } = result;
  if (problems.some(endsReading)) return httpProblem("invalid_json", { problems });
  return problemFor(problems);
};
