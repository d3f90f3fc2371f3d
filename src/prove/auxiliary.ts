// `never`, `always` and `disjoint` as questions of containment, between the policy and others that are made from it here. Each is exact: the
// containment holds iff the claim does, which `docs/prove.md` argues line by line. So certificates and counterexamples carry over. Not
// trusted beyond that: the policies made here are read by the language's parser, and the certificates are about them by hash.

import {
  delegableView,
  isObject,
  type Json,
  leavesNoGeneration,
  type ParsedPolicy,
  parsePolicyAsync,
  type Subject,
} from "../../prover/core.js";
import type { NamedPolicy } from "./policies.js";
import type { Quantified } from "./schema.js";
import { invalid, type Reading } from "./world.js";

/** A question of containment. */
export type Pair = { readonly title: string; readonly lower: Subject; readonly upper: Subject };

type JsonObject = { readonly [key: string]: Json };
type Condition = Pick<Quantified, "action" | "when" | "unless">;

const rulesOf = (document: JsonObject): readonly Json[] => {
  const { rules } = document;
  return Array.isArray(rules) ? rules : [];
};

// An id that no rule of the list has: at most as many tries as there are rules, and one.
function freeId(rules: readonly Json[], wanted: string): string {
  const taken = new Set(rules.map((rule) => (isObject(rule) ? rule["id"] : undefined)));
  let id = wanted;
  for (let count = 2; taken.has(id); count++) id = `${wanted}-${count}`;
  return id;
}

const conditionRule = (effect: string, { action, when, unless }: Condition, others: readonly Json[] = []): JsonObject => ({
  id: freeId(others, "claim"),
  effect,
  action: typeof action === "string" || action === undefined ? (action ?? "**") : action,
  ...(when === undefined ? {} : { when }),
  ...(unless === undefined ? {} : { unless }),
});

// The limits that a policy made for a question has: it expires as the other does, and nothing else of it is compared.
const expiryOf = (document: JsonObject): JsonObject => {
  const limits = document["limits"];
  const expires = isObject(limits) ? limits["expires"] : undefined;
  return expires === undefined ? {} : { expires };
};

const nothing: JsonObject = { language: "atmost/1", name: "nothing", version: "1", rules: [] };
const askAll: JsonObject = {
  language: "atmost/1",
  name: "approval for everything",
  version: "1",
  rules: [{ id: "all", effect: "ask", action: "**" }],
};

async function read(document: JsonObject, file: string): Promise<Reading<ParsedPolicy>> {
  const parsed = await parsePolicyAsync(document);
  if (parsed.kind === "ok") return { kind: "ok", value: parsed.policy };
  return invalid(...parsed.problems.map((found) => ({ ...found, file: `${file} (with the claim's condition)` })));
}

/** The policy with one more rule, as a policy or as its view. */
async function withRule(named: NamedPolicy, effect: "ask" | "deny", condition: Condition): Promise<Reading<Subject>> {
  const { document } = named.policy;
  const rules = rulesOf(document);
  const made = await read({ ...document, rules: [...rules, conditionRule(effect, condition, rules)] }, named.file);
  if (made.kind === "invalid") return made;
  return { kind: "ok", value: named.subject.kind === "view" ? delegableView(made.value) : made.value };
}

/** A policy that decides so where the condition is true, and denies all else. */
const only = (named: NamedPolicy, effect: "ask" | "allow", condition: Condition): Promise<Reading<ParsedPolicy>> =>
  read({ language: "atmost/1", name: "the claim's condition", version: "1", rules: [conditionRule(effect, condition)] }, named.file);

/** What decides the lesser of the policy and of `rules`: the delegable view of the policy with `rules` for its delegation. */
async function lesser(document: JsonObject, rules: readonly Json[], file: string): Promise<Reading<Subject>> {
  const made = await read({ ...document, delegation: { rules }, limits: { ...expiryOf(document), depth: 1 } }, file);
  return made.kind === "invalid" ? made : { kind: "ok", value: delegableView(made.value) };
}

// Where the policy asks, this allows; else it decides alike.
const approved = (document: JsonObject): JsonObject => ({
  ...document,
  rules: rulesOf(document).map((rule) => {
    if (!isObject(rule) || rule["effect"] !== "ask") return rule;
    const { reviewers: _, ...rest } = rule;
    return { ...rest, effect: "allow" };
  }),
});

async function pairOf(title: string, lower: Promise<Reading<Subject>>, upper: Promise<Reading<Subject>>): Promise<Reading<Pair>> {
  const [below, above] = [await lower, await upper];
  if (below.kind === "invalid") return below;
  if (above.kind === "invalid") return above;
  return { kind: "ok", value: { title, lower: below.value, upper: above.value } };
}

const given = (subject: Subject): Promise<Reading<Subject>> => Promise.resolve({ kind: "ok", value: subject });

/**
 * Returns what decides every request as the named policy or view does, as one list of rules; undefined of a view whose delegation has rules of
 * its own: it is the lesser of two lists, and beside a third one no policy of the language says that.
 */
export function withOneList(named: NamedPolicy): NamedPolicy | undefined {
  const { policy, subject } = named;
  if (subject.kind === "policy") return named;
  const isNothing = subject.loaded.lists.some(({ rules }) => rules.length === 0);
  if (!isNothing && policy.document["delegation"] !== "all") return undefined;
  return isNothing ? { ...named, policy: { ...policy, document: { ...policy.document, rules: [] } } } : named;
}

// What decides every request as the policy or view does, and can be compared: a view that leaves no generation permits nothing, but its
// limit, which these claims are not about, is below that of every policy.
async function decidingAs(named: NamedPolicy): Promise<NamedPolicy> {
  if (!leavesNoGeneration(named.subject)) return named;
  const made = await read(nothing, named.file);
  return made.kind === "invalid" ? named : { ...named, policy: made.value, subject: made.value };
}

/** Returns the question that is answered `contained` iff no request that meets the condition is so decided. */
export async function neverPair(about: NamedPolicy, { is, ...condition }: Quantified): Promise<Reading<Pair>> {
  const named = await decidingAs(about);
  const { document } = named.policy;
  switch (is) {
    case "permitted":
      return pairOf("policy ≤ policy that denies these", given(named.subject), withRule(named, "deny", condition));
    case "allowed":
      return pairOf("policy ≤ policy that asks for these", given(named.subject), withRule(named, "ask", condition));
    case "asked":
      return pairOf(
        "policy with approval, for these ≤ policy",
        lesser(approved(document), [conditionRule("allow", condition)], named.file),
        given(named.subject),
      );
  }
}

/** Returns the questions that are all answered `contained` iff every request that meets the condition is so decided. */
export function alwaysPairs(about: NamedPolicy, { is, ...condition }: Quantified): readonly Promise<Reading<Pair>>[] {
  const deciding = decidingAs(about);
  const policy = deciding.then(({ subject }) => given(subject));
  const least = pairOf("these ≤ policy", only(about, is === "allowed" ? "allow" : "ask", condition), policy);
  if (is !== "asked") return [least];
  const within = deciding.then((named) => lesser(named.policy.document, [conditionRule("allow", condition)], named.file));
  return [least, pairOf("policy, for these ≤ approval", within, read(askAll, about.file))];
}

/** Returns the question that is answered `contained` iff no request is permitted by both. */
export function disjointPair(first: NamedPolicy, second: NamedPolicy): Promise<Reading<Pair>> {
  const { document } = second.policy;
  const rules = rulesOf(document);
  const { expires } = expiryOf(document);
  // A delegation has no limits of its own: the second policy's expiry stands as the rule that it is.
  const expiry =
    expires === undefined
      ? []
      : [{ id: freeId(rules, "expires"), effect: "deny", action: "**", unless: { "context.time": { before: expires } } }];
  return pairOf(
    "the lesser of both ≤ nothing",
    lesser(first.policy.document, [...rules, ...expiry], first.file),
    read(nothing, first.file),
  );
}
