// Why a policy decides as it does, in people's words. Not trusted: the decision itself is the kernel's.

import { fieldText, statePredicate } from "./certify/state.js";
import { decide } from "./evaluate/decide.js";
import {
  type Atom,
  absent,
  type Condition,
  F,
  isObject,
  type Json,
  obscured,
  type Policy,
  type Rule,
  type RuleList,
  resolve,
  T,
  truthOf,
  U,
} from "./kernel/index.js";
import type { Counterexample, Evaluation, NearMiss, RuleMention, Subject } from "./results.js";
import { documentOf, statedAt } from "./stated.js";

/** The most near rules that an evaluation names, and the most characters of a value in a sentence. */
export const explainMax = { near: 5, value: 120 };

function mention(subject: Subject, rule: Rule, unknown: boolean): RuleMention {
  const stated = statedAt(documentOf(subject), rule.pointer);
  const because = isObject(stated) ? stated["because"] : undefined;
  return {
    id: rule.id,
    effect: rule.effect,
    pointer: rule.pointer,
    ...(typeof because === "string" ? { because } : {}),
    ...(unknown ? { truth: "unknown" as const } : {}),
  };
}

// An atom that keeps a condition from being true, and whether it stands under a `not`.
type Failing = { readonly atom: Atom; readonly negated: boolean };

function failing(condition: Condition, request: unknown, negated: boolean): readonly Failing[] {
  const truth = truthOf(condition, request);
  if (truth === (negated ? F : T)) return [];
  if (condition.kind === "atom") return [{ atom: condition, negated }];
  if (condition.kind === "not") return failing(condition.item, request, !negated);
  const parts = condition.items.map((item) => failing(item, request, negated)).filter((part) => part.length > 0);
  if ((condition.kind === "all") !== negated) return parts.flat();
  return parts.sort((a, b) => a.length - b.length)[0] ?? [];
}

// Returns the JSON of a value, or what it is where JSON can not write it: it is no JSON, or nests too deeply for the stack.
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? `a ${typeof value}`;
  } catch {
    return "a value that can not be written";
  }
}

/** Returns a value as a reader sees it, shortened. Never throws. */
export function quote(value: unknown): string {
  const text = textOf(value);
  return text.length > explainMax.value ? `${text.slice(0, explainMax.value)}…` : text;
}

// The time of a request is read as a time: the kernel knows `before` and `after` by their milliseconds alone.
function atTime({ path, predicate }: Atom): readonly [string, Json] | undefined {
  if (path.join(".") !== "context.time" || (predicate.kind !== "lt" && predicate.kind !== "gte")) return undefined;
  const text = isoOf(predicate.bound).slice(2, -1);
  return text === "" ? undefined : [predicate.kind === "lt" ? "before" : "after", text];
}

// Returns epoch milliseconds as RFC 3339, in brackets behind a blank; nothing where they have no such form.
function isoOf(value: unknown): string {
  const time = new Date(typeof value === "number" ? value : Number.NaN);
  const text = Number.isNaN(time.getTime()) ? "" : time.toISOString().replace(".000Z", "Z");
  return /^\d/.test(text) ? ` (${text})` : "";
}

function describe({ atom, negated }: Failing, request: unknown): Omit<NearMiss, "rule"> {
  const value = resolve(request, atom.path);
  const [predicate, expected] = atTime(atom) ?? statePredicate(atom);
  const field = fieldText(atom.path);
  const missing = value === absent ? "is absent" : value === obscured ? "lies behind a value that is no object" : undefined;
  const unknown = truthOf(atom, request) === U;
  const need = predicate === "present" ? (negated ? "absent" : "present") : `${negated ? "not " : ""}${predicate} ${quote(expected)}`;
  const is =
    missing ??
    (unknown
      ? `is ${quote(value)}, which \`${predicate}\` can not judge`
      : `is ${quote(value)}${atTime(atom) === undefined ? "" : isoOf(value)}`);
  return {
    field,
    predicate: negated ? `not ${predicate}` : predicate,
    expected,
    ...(missing === undefined ? { got: value as Json } : {}),
    truth: unknown ? "unknown" : "false",
    summary: `\`${field}\` must be ${need}, and ${is}`,
  };
}

const listDecision = (policy: Policy, list: RuleList, request: unknown) => decide({ ...policy, lists: [list] }, request);

function evaluateList(subject: Subject, list: RuleList, request: unknown): Evaluation {
  const decision = listDecision(subject.loaded, list, request);
  const live = list.rules.map((rule) => ({ rule, truth: truthOf(rule.condition, request), called: truthOf(rule.action, request) === T }));
  const made = live.filter(({ rule, truth }) => rule.effect === decision && (decision === "allow" ? truth === T : truth !== F));
  const missed = live
    .filter(({ rule, truth, called }) => called && rule.effect !== "deny" && truth !== T)
    .map(({ rule }) => ({ rule, fails: failing(rule.condition, request, false) }))
    .sort((a, b) => a.fails.length - b.fails.length)
    .slice(0, explainMax.near);
  return {
    decision,
    rules: made.map(({ rule, truth }) => mention(subject, rule, truth === U)),
    near: missed.flatMap(({ rule, fails }) =>
      fails.slice(0, 1).map((fail) => ({ rule: mention(subject, rule, false), ...describe(fail, request) })),
    ),
  };
}

/** Returns what `subject` decides of `request`, the rules that made the decision, and why each rule that was near did not match. */
export function evaluate(subject: Subject, request: unknown): Evaluation {
  const decision = decide(subject.loaded, request);
  const { lists } = subject.loaded;
  const deciding = lists.find((list) => listDecision(subject.loaded, list, request) === decision) ?? lists[0];
  return deciding === undefined ? { decision, rules: [], near: [] } : evaluateList(subject, deciding, request);
}

// The attributes that matter, as a phrase: ` with \`path\` = "/etc"`.
function phrase(request: { readonly [key: string]: Json }): string {
  const parts: string[] = [];
  const walk = (value: Json, path: readonly string[]): void => {
    if (isObject(value) && Object.keys(value).length > 0) for (const [key, member] of Object.entries(value)) walk(member, [...path, key]);
    else parts.push(`\`${fieldText(path)}\` = ${quote(value)}`);
  };
  for (const [key, value] of Object.entries(request)) if (key !== "action") walk(value, [key]);
  return parts.length === 0 ? "" : ` with ${parts.join(", ")}`;
}

const ids = (rules: readonly RuleMention[]): string => rules.map(({ id }) => `\`${id}\``).join(", ");
const plural = (rules: readonly RuleMention[], one: string, many: string): string => (rules.length === 1 ? one : many);

function above(upper: Evaluation, name: string): string {
  const { decision, rules, near } = upper;
  if (rules.length > 0) {
    const unknown = rules.every(({ truth }) => truth === "unknown") ? ", which can not judge the value" : "";
    const does = decision === "deny" ? "denies it" : "asks for approval";
    return `\`${name}\` ${does} by rule${plural(rules, "", "s")} ${ids(rules)}${unknown}`;
  }
  const [nearest] = near;
  if (nearest === undefined) return `no rule of \`${name}\` permits this action`;
  return `no rule of \`${name}\` permits it: in the nearest, \`${nearest.rule.id}\`, ${nearest.summary}`;
}

const nameOf = (subject: Subject): string => (subject.kind === "view" ? `${subject.of.name} (delegable view)` : subject.name);

/** Returns the counterexample that `request` is, with its two evaluations and one sentence for people. */
export function explainRequest(lower: Subject, upper: Subject, request: { readonly [key: string]: Json }): Counterexample {
  const below = evaluate(lower, request);
  const over = evaluate(upper, request);
  const verb = below.decision === "allow" ? "allows" : "permits, with approval,";
  const rules = below.rules.length === 0 ? "" : ` by rule${plural(below.rules, "", "s")} ${ids(below.rules)}`;
  const what = `\`${String(request["action"])}\`${phrase(request)}`;
  return {
    kind: "request",
    request,
    lower: below,
    upper: over,
    summary: `\`${nameOf(lower)}\` ${verb} ${what}${rules}, but ${above(over, nameOf(upper))}`,
  };
}

/** Returns the counterexample of a limit that is greater below. */
export function explainLimit(
  lower: Subject,
  upper: Subject,
  found: { readonly limit: string; readonly lower: string; readonly upper: string },
): Counterexample {
  const own = `the limit \`${found.limit}\` of \`${nameOf(lower)}\` is ${found.lower}`;
  // Only the view of a policy that has no generation left has a limit below 0.
  const above = found.upper.startsWith("-")
    ? `\`${nameOf(upper)}\` leaves no generation`
    : `that of \`${nameOf(upper)}\` is ${found.upper}`;
  return { kind: "limit", ...found, summary: `${own}, but ${above}` };
}

/** Returns what makes two counterexamples one of a kind: the rule below, and the rule or the field above. */
export function kindOf(example: Counterexample): string {
  if (example.kind === "limit") return `limit ${example.limit}`;
  const { lower, upper } = example;
  const above =
    upper.rules.length > 0
      ? upper.rules.map(({ id, truth }) => `${id} ${truth ?? ""}`)
      : upper.near.map(({ field, truth }) => `${field} ${truth}`).slice(0, 1);
  return JSON.stringify([lower.rules.map(({ id }) => id), upper.decision, above]);
}
