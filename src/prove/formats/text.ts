// Answers for people: 80 columns, one line for what is as expected, and for what is not the request, the rules and their places. Not trusted.

import { labelled, plain, wrap } from "../../cli/layout.js";
import type { Paint } from "../../cli/paint.js";
import { decidingFields, renderDecision, renderDecisions, type ShownDecision } from "../../cli/render-decisions.js";
import { renderRequest } from "../../cli/render-json.js";
import type { ShownRule } from "../../cli/render-rules.js";
import type { ClaimResult, PartyDecision, PlacedRule, Totals, Witness } from "../results.js";
import { placeText } from "../sentences.js";

const wordWidth = 9;

function word({ found, outcome }: ClaimResult, paint: Paint): string {
  const text = found === "fails" && outcome === "unexpected" ? "FAILED" : found.toUpperCase();
  const tone = outcome === "expected" ? paint.good : outcome === "undecided" ? paint.warn : paint.bad;
  return `  ${tone(text)}${" ".repeat(Math.max(0, wordWidth - text.length))}  `;
}

// A text after a painted word: wrapped as if the word had its visible width.
function beside(head: string, text: string): readonly string[] {
  const blank = " ".repeat(2 + wordWidth + 2);
  const [first = "", ...more] = wrap(text, blank);
  return [`${head}${first.slice(blank.length)}`, ...more];
}

const part = (label: string, text: string): readonly string[] => labelled(label, text);

const shownRule = (rule: PlacedRule): ShownRule => ({ rule, place: placeText(rule), stated: rule.stated });
const shown = ({ role, policy, decision, rules, near }: PartyDecision): ShownDecision => ({
  label: role,
  who: policy,
  decision,
  rules: rules.map(shownRule),
  near: near.map(({ rule, field, summary }) => ({ shown: shownRule(rule), field, summary })),
});

function witnessLines(witness: Witness, paint: Paint): readonly string[] {
  if (witness.kind === "limit")
    return part("limit", `\`${witness.limit}\` of ${witness.title}: ${witness.lower} below, ${witness.upper} above`);
  const [first, second, ...others] = witness.decisions.map(shown);
  if (first === undefined) return renderRequest(witness.request);
  if (second !== undefined) return [...renderDecisions(witness.request, first, second, paint), ...others.flatMap(renderDecision)];
  return [
    ...renderRequest(witness.request, decidingFields(first, witness.request), paint),
    ...renderDecision({ ...first, near: first.near.slice(0, 2) }),
  ];
}

const does = { allow: "allows", ask: "asks for approval of", deny: "denies" } as const;

// What a request shows is told with it, so that here one line is enough.
function foundText({ found, summary, witnesses }: ClaimResult): string {
  const [first] = witnesses;
  if (found !== "fails" || first?.kind !== "request") return summary;
  const action = first.request["action"];
  const what = typeof action === "string" ? `\`${action}\`` : "a request without an action";
  return first.decisions.map(({ policy, decision }, i) => `${policy} ${does[decision]} ${i === 0 ? what : "it"}`).join(", ");
}

const signs = { added: "+", removed: "-", changed: "~" } as const;

function detail(result: ClaimResult, paint: Paint): readonly string[] {
  const { because, claim, witnesses, changes, links } = result;
  return [
    ...part("because", because),
    ...part("claim", `\`${claim}\` at ${placeText(result)}`),
    ...part("found", foundText(result)),
    ...links
      .filter(({ result: kind }) => kind === "undecided")
      .flatMap(({ title, reason }) => part("undecided", `${title}: ${reason ?? "not proved"}`)),
    ...witnesses.flatMap((witness) => [...(witness.kind === "limit" ? [] : [""]), ...witnessLines(witness, paint)]),
    ...(changes === undefined || changes.length === 0 ? [] : [""]),
    ...(changes ?? []).flatMap((change) => part("changed", `${signs[change.kind]} ${change.what} at ${placeText(change)}`)),
    "",
  ];
}

/** Returns the lines of one claim. */
export function renderClaim(result: ClaimResult, paint: Paint): readonly string[] {
  const planned = result.outcome === "expected" && result.found === "fails";
  const title = beside(word(result, paint), `${result.name}${planned ? ", as it must:" : ""}`);
  if (planned) return [...title, ...wrap(result.summary, " ".repeat(4 + wordWidth + 2)).map(paint.faint)];
  return result.outcome === "expected" ? title : [...title, ...detail(result, paint)];
}

/** Returns the lines of one claims file. */
export function renderFile(file: string, results: readonly ClaimResult[], paint: Paint): readonly string[] {
  const lines = results.flatMap((result) => renderClaim(result, paint));
  return [paint.strong(plain(file)), ...lines, ...(lines.at(-1) === "" ? [] : [""])];
}

/** Returns the last line: how many claims ended how. */
export function renderTotals({ claims, expected, planned, unexpected, undecided }: Totals, ms: number, paint: Paint): string {
  const all = `${expected} of ${claims} claim${claims === 1 ? "" : "s"} as expected`;
  const fails = planned === 0 ? "" : ` (${planned} failing as they must)`;
  const others = [
    ...(unexpected === 0 ? [] : [paint.bad(`${unexpected} not`)]),
    ...(undecided === 0 ? [] : [paint.warn(`${undecided} undecided`)]),
  ];
  return [`${expected === claims ? paint.good(all) : all}${fails}`, ...others, `${(ms / 1000).toFixed(1)} s`].join(", ");
}
