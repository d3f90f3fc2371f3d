// Why a request is decided as it is, by one policy or by two: the request with what decides marked in it, and the rules. Not trusted.

import { type Decision, type Evaluation, isObject, type Json, type ParsedPolicy, type RuleMention } from "../../prover/core.js";
import { labelled, type Span, type Text } from "./layout.js";
import type { Paint } from "./paint.js";
import { renderRequest, stands } from "./render-json.js";
import { type Column, renderBeside, rowsOf, type ShownRule } from "./render-rules.js";

type JsonObject = { readonly [key: string]: Json };

/** A rule that is near and does not match, the field at which it fails, and one sentence on that. */
export type ShownMiss = { readonly shown: ShownRule; readonly field: string; readonly summary: string };

/** What one policy decides of a request, with its rules as they are written. */
export type ShownDecision = {
  readonly label: string;
  readonly who: string;
  readonly decision: Decision;
  readonly rules: readonly ShownRule[];
  readonly near: readonly ShownMiss[];
};

/** The most near rules that are told beside the nearest one. */
const nearMax = 2;
const verbs = { allow: "allows it", ask: "asks for approval", deny: "denies it" } as const;
const tones = { allow: "good", ask: "warn", deny: "bad" } as const;
const ranks = { deny: 0, ask: 1, allow: 2 } as const;

/** Returns what stands at a JSON Pointer of a policy's document; undefined where nothing does. */
export function statedAt(document: Json, pointer: string): Json | undefined {
  const keys = pointer.split("/").slice(1);
  return keys.reduce((value: Json | undefined, text) => {
    const key = text.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, document);
}

/** Returns an evaluation with the rules of `document` as they are written, at their pointers. */
export function shownDecision(label: string, who: string, document: ParsedPolicy["document"], evaluation: Evaluation): ShownDecision {
  const show = (rule: RuleMention): ShownRule => ({ rule, place: rule.pointer, stated: statedAt(document, rule.pointer) });
  const { decision, rules, near } = evaluation;
  const misses = near.map(({ rule, field, summary }) => ({ shown: show(rule), field, summary }));
  return { label, who, decision, rules: rules.map(show), near: misses };
}

/**
 * Returns the fields that decide a request. Where a rule made the decision: those of which it says what the rule that made the `other`
 * decision does not, else the action. Where none did: the field at which the nearest rule fails, else the action.
 */
export function decidingFields({ rules, near }: ShownDecision, request: JsonObject, other?: ShownDecision): readonly string[] {
  const [made] = rules;
  if (made === undefined) return [near[0]?.field ?? "action"];
  if (made.rule.pointer === "/limits/expires") return ["context.time"];
  const beside = new Map(rowsOf(other?.rules[0]?.stated).map(({ key, text }) => [key, text]));
  const differing = rowsOf(made.stated).filter(({ key, text }) => key !== "action" && beside.get(key) !== text);
  const fields = [
    ...new Set(differing.filter(({ key, fields: of }) => of.length === 1 || !beside.has(key)).flatMap(({ fields: of }) => of)),
  ];
  // A rule that holds is rarely decided by what is absent: that is told only where nothing else is.
  const there = fields.filter((field) => stands(request, field));
  return there.length > 0 ? there : fields.length > 0 ? fields : ["action"];
}

function decidesText({ decision, rules, near }: ShownDecision): string {
  const [made] = rules;
  const [nearest] = near;
  if (made !== undefined) {
    const unknown = made.rule.truth === "unknown" ? ", because it can not judge the value" : "";
    return `${made.rule.effect} rule \`${made.rule.id}\` ${verbs[decision]}${unknown}`;
  }
  return nearest === undefined ? "no rule permits this action" : `no rule permits it: ${nearest.summary}`;
}

const ruleText = ({ rule, place }: ShownRule): string => `${rule.effect} rule \`${rule.id}\` at ${place}`;

function columnOf({ label, who, decision, rules, near }: ShownDecision): Column {
  const whose: Text = [{ text: `${label.toUpperCase()}  ` }, { text: who, tone: "strong" }];
  const does: Span = { text: verbs[decision], tone: tones[decision] };
  const head: readonly Text[] = [whose, [does]];
  const [made, nearest] = [rules[0], near[0]?.shown];
  if (made !== undefined) return { head, shown: made };
  if (nearest === undefined) return { head: [...head, "no rule permits this action"] };
  return { head: [whose, [does, { text: "; the nearest rule:" }]], shown: nearest };
}

function othersOf({ label, rules, near }: ShownDecision): readonly string[] {
  const misses = rules.length > 0 ? [] : near.slice(1, 1 + nearMax);
  return [
    ...rules.slice(1).flatMap((rule) => labelled("also", `${label}: ${ruleText(rule)}`)),
    ...misses.flatMap(({ shown, summary }) => labelled("near", `${label}: ${ruleText(shown)} does not match: ${summary}`)),
  ];
}

/**
 * Returns a request and what two policies decide of it, the rules side by side: the first at the left. What decides is what makes the one
 * that permits less do so.
 */
export function renderDecisions(request: JsonObject, left: ShownDecision, right: ShownDecision, paint: Paint): readonly string[] {
  const decides = ranks[left.decision] < ranks[right.decision] ? left : right;
  const deciding = decidingFields(decides, request, decides === left ? right : left);
  return [
    ...renderRequest(request, deciding, paint),
    ...labelled("decides", decidesText(decides)),
    "",
    ...renderBeside(columnOf(left), columnOf(right), deciding, paint),
    ...[left, right].flatMap(othersOf),
  ];
}

/** Returns what one policy decides: the rules that made the decision, and why those that were near did not match. */
export function renderDecision({ label, who, decision, rules, near }: ShownDecision): readonly string[] {
  const reason = ({ because }: RuleMention): string => (because === undefined || because === "" ? "" : `, because “${because}”`);
  const unknown = ({ truth }: RuleMention): string => (truth === "unknown" ? ", which can not judge the value" : "");
  const texts = [
    ...rules.map((shown) => `${ruleText(shown)}${unknown(shown.rule)}${reason(shown.rule)}`),
    ...(rules.length === 0 ? ["no rule permits it"] : []),
    ...near.map(({ shown, summary }) => `${ruleText(shown)} does not match: ${summary}`),
  ];
  return [...labelled(label, `${who} ${verbs[decision]}`), ...texts.flatMap((text) => labelled("", `· ${text}`))];
}
