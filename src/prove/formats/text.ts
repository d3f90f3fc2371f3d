// Answers for people: 80 columns, one line for what is as expected, and for what is not the request, the rules and their places. Not trusted.

import { type Paint, plain, renderJson, wrap } from "../../cli/render.js";
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

const part = (label: string, text: string): readonly string[] => wrap(text, `     ${label.padEnd(9)} `);

const ruleText = (rule: PlacedRule): string => {
  const because = rule.because === undefined || rule.because === "" ? "" : `, because “${rule.because}”`;
  const unknown = rule.truth === "unknown" ? ", which can not judge the value" : "";
  return `${placeText(rule)}  ${rule.effect} rule \`${rule.id}\`${unknown}${because}`;
};

function decisionLines({ role, policy, decision, rules, near }: PartyDecision): readonly string[] {
  const verb = { allow: "allows it", ask: "asks for approval", deny: "denies it" }[decision];
  return [
    ...part(role, `\`${policy}\` ${verb}${rules.length === 0 ? ": no rule permits it" : ""}`),
    ...rules.flatMap((rule) => wrap(ruleText(rule), "               · ")),
    ...near
      .slice(0, 2)
      .flatMap((miss) => wrap(`${placeText(miss.rule)}  \`${miss.rule.id}\` does not: ${miss.summary}`, "               · ")),
  ];
}

function witnessLines(witness: Witness): readonly string[] {
  if (witness.kind === "limit")
    return part("limit", `\`${witness.limit}\` of ${witness.title}: ${witness.lower} below, ${witness.upper} above`);
  const [first = "", ...more] = renderJson(witness.request, "");
  // A request that is long has lines of its own, below its label.
  const request = more.length === 0 ? [`     request   ${first}`] : ["     request", ...[first, ...more].map((line) => `       ${line}`)];
  return [...request, ...witness.decisions.flatMap(decisionLines)];
}

const signs = { added: "+", removed: "-", changed: "~" } as const;

function detail(result: ClaimResult): readonly string[] {
  const { because, claim, witnesses, changes, links } = result;
  return [
    ...part("because", because),
    ...part("claim", `\`${claim}\` at ${placeText(result)}`),
    ...part("found", result.summary),
    ...links
      .filter(({ result: kind }) => kind === "undecided")
      .flatMap(({ title, reason }) => part("undecided", `${title}: ${reason ?? "not proved"}`)),
    ...witnesses.flatMap(witnessLines),
    ...(changes ?? []).flatMap((change) => part("changed", `${signs[change.kind]} ${change.what} at ${placeText(change)}`)),
    "",
  ];
}

/** Returns the lines of one claim. */
export function renderClaim(result: ClaimResult, paint: Paint): readonly string[] {
  const planned = result.outcome === "expected" && result.found === "fails";
  const title = beside(word(result, paint), `${result.name}${planned ? ", as it must:" : ""}`);
  if (planned) return [...title, ...wrap(result.summary, " ".repeat(4 + wordWidth + 2)).map(paint.faint)];
  return result.outcome === "expected" ? title : [...title, ...detail(result)];
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
