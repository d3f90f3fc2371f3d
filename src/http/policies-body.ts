// Reads the bodies that name policies and are no spawn check: of `POST /evaluate`, `POST /diff` and `POST /narrow`. Each policy is a document or
// `{"sha256": …}` of one in the store. Not trusted.

import type * as z from "zod";
import { type Json, narrowMax, type ParsedPolicy, type Problem, parseRequest, problemsOf } from "../../prover/index.js";
import { asBytes, isRecord, memberOf, problemFor, readLong, readText } from "./body.js";
import { diffShapeSchema, evaluateShapeSchema, narrowShapeSchema } from "./compare-schemas.js";
import { type HttpProblem, httpProblem, PROBLEMS_MAX } from "./problem.js";
import type { PolicyStore } from "./store.js";

/** What is evaluated. */
export type EvaluateBody = { readonly kind: "evaluate"; readonly policy: ParsedPolicy; readonly request: { readonly [key: string]: Json } };
/** What is compared. */
export type DiffBody = { readonly kind: "diff"; readonly old: ParsedPolicy; readonly new: ParsedPolicy };
/** What is narrowed, and to what. */
export type NarrowBody = { readonly kind: "narrow"; readonly child: ParsedPolicy; readonly bounds: readonly ParsedPolicy[] };

type Place = readonly [pointer: string, value: Json | undefined];
type Reading = {
  readonly shape: z.ZodType;
  /** Levels of the body above its policies. */
  readonly levels: number;
  /** Where in the body policies are looked for. */
  readonly places: (value: Json) => readonly Place[];
  /** What else is wrong with the body, given what the reader of its text found. */
  readonly check?: (value: Json, told: readonly Problem[]) => readonly Problem[];
};
type PoliciesBody = { readonly kind: "policies"; readonly value: Json; readonly policies: readonly ParsedPolicy[] };

function readPolicies(body: unknown, store: PolicyStore, bytesMax: number, reading: Reading): PoliciesBody | HttpProblem {
  const bytes = asBytes(body);
  if ("kind" in bytes) return bytes;
  const text = readText(bytes, bytesMax, reading.levels);
  if (text.kind === "problem") return text;
  const told = reading.check?.(text.value, text.problems) ?? text.problems;
  const problems: Problem[] = [...told, ...problemsOf(reading.shape, text.value)];
  const policies: ParsedPolicy[] = [];
  for (const [place, stated] of reading.places(text.value)) {
    // What is no object was told by its shape. Once there are more problems than are told, no further policy is read.
    if (!isRecord(stated) || problems.length > PROBLEMS_MAX) continue;
    const read = readLong(stated, store);
    if ("policy" in read) policies.push(read.policy);
    else problems.push(...read.problems.map((problem) => ({ ...problem, pointer: `${place}${problem.pointer}` })));
  }
  return problems.length > 0 ? problemFor(problems) : { kind: "policies", value: text.value, policies };
}

// A request is data, not law: what a policy must not hold, such as half of a surrogate pair, it may.
const toleratedInRequests = ({ code, pointer }: Problem): boolean =>
  (code === "lone_surrogate" || code === "number_too_precise") && (pointer === "/request" || pointer.startsWith("/request/"));

const requestProblems = (value: Json, told: readonly Problem[]): readonly Problem[] => {
  const stated = memberOf(value, "request");
  const read = isRecord(stated) ? parseRequest(stated) : undefined;
  const own = read?.kind === "invalid" ? read.problems : [];
  return [
    ...told.filter((problem) => !toleratedInRequests(problem)),
    ...own.map((problem) => ({ ...problem, pointer: `/request${problem.pointer}` })),
  ];
};

const membersAt =
  (...keys: readonly string[]) =>
  (value: Json): readonly Place[] =>
    keys.map((key) => [`/${key}`, memberOf(value, key)]);

const evaluateReading: Reading = { shape: evaluateShapeSchema, levels: 1, places: membersAt("policy"), check: requestProblems };
const diffReading: Reading = { shape: diffShapeSchema, levels: 1, places: membersAt("old", "new") };
const narrowReading: Reading = {
  shape: narrowShapeSchema,
  levels: 2,
  places: (value) => {
    const bounds = memberOf(value, "bounds");
    const stated = Array.isArray(bounds) ? bounds.slice(0, narrowMax.bounds) : [];
    return [["/child", memberOf(value, "child")], ...stated.map((bound: Json, at): Place => [`/bounds/${at}`, bound])];
  },
};

/** Returns what a body of `POST /evaluate` asks, else every problem with it. `bytesMax` is the bound that it is within already. */
export function readEvaluateBody(body: unknown, store: PolicyStore, bytesMax: number): EvaluateBody | HttpProblem {
  const read = readPolicies(body, store, bytesMax, evaluateReading);
  if (read.kind === "problem") return read;
  const [policy] = read.policies;
  const request = memberOf(read.value, "request");
  return policy === undefined || !isRecord(request) ? httpProblem("invalid_request") : { kind: "evaluate", policy, request };
}

/** Returns what a body of `POST /diff` asks, else every problem with it. `bytesMax` is the bound that it is within already. */
export function readDiffBody(body: unknown, store: PolicyStore, bytesMax: number): DiffBody | HttpProblem {
  const read = readPolicies(body, store, bytesMax, diffReading);
  if (read.kind === "problem") return read;
  const [old, fresh] = read.policies;
  return old === undefined || fresh === undefined ? httpProblem("invalid_request") : { kind: "diff", old, new: fresh };
}

/** Returns what a body of `POST /narrow` asks, else every problem with it. `bytesMax` is the bound that it is within already. */
export function readNarrowBody(body: unknown, store: PolicyStore, bytesMax: number): NarrowBody | HttpProblem {
  const read = readPolicies(body, store, bytesMax, narrowReading);
  if (read.kind === "problem") return read;
  const [child, ...bounds] = read.policies;
  return child === undefined ? httpProblem("invalid_request") : { kind: "narrow", child, bounds };
}
