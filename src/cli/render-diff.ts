// A comparison as people see it: 80 columns, what changed first. Not trusted.

import type { DiffItem, DiffResult, Evaluation, Region } from "../../prover/core.js";
import { labelled, wrap } from "./layout.js";
import type { Paint } from "./paint.js";
import { type NamedSide, renderTitle } from "./render.js";
import { renderDecisions, type ShownDecision, shownDecision } from "./render-decisions.js";
import { renderJson } from "./render-json.js";

/** The two policies: what they are called, and their documents. */
export type DiffSides = { readonly old: NamedSide; readonly new: NamedSide };

const rules = (places: Region["except"]): string => places.map(({ effect, id }) => `${effect} rule \`${id}\``).join(", ");

// The rule of the part is told in the words of the policy, but where the table below shows it anyway.
function renderRegion({ side, rule, action, when, unless, except }: Region, isShown: boolean): readonly string[] {
  const value = (label: string, json: Region["action"] | undefined): readonly string[] => {
    if (json === undefined) return [];
    const [first = "", ...more] = renderJson(json, " ".repeat(12));
    return more.length === 0 ? [`     ${label.padEnd(7)}${first.trimStart()}`] : [`     ${label}`, first, ...more];
  };
  return [
    ...labelled("where", `${rule.effect} rule \`${rule.id}\` of the ${side} policy, at ${rule.pointer}, takes effect`),
    ...(isShown ? [] : [...value("action", action), ...value("when", when), ...value("unless", unless)]),
    ...(except.length === 0 ? [] : labelled("except", `where ${rules(except)} of the other policy takes effect`)),
  ];
}

// Of the rules that made a decision, the one of the part comes first.
function decisionOf(label: "old" | "new", side: NamedSide, evaluation: Evaluation, region: Region): ShownDecision {
  const shown = shownDecision(label, side.title, side.document, evaluation);
  const isOfPart = ({ rule: { pointer } }: ShownDecision["rules"][number]) => region.side === label && pointer === region.rule.pointer;
  return { ...shown, rules: [...shown.rules.filter(isOfPart), ...shown.rules.filter((rule) => !isOfPart(rule))] };
}

/** Returns one part of a difference. */
export function renderDiffItem(item: DiffItem, at: number, sides: DiffSides, paint: Paint): readonly string[] {
  if (item.kind === "limit")
    return wrap([{ text: `limit \`${item.limit}\`: ${item.old} → ${item.new}`, tone: "strong" }], `${at}. `, paint);
  const rises = item.to === "allow" || item.from === "deny";
  const [old, fresh] = [decisionOf("old", sides.old, item.old, item.region), decisionOf("new", sides.new, item.new, item.region)];
  const [first] = (item.region.side === "old" ? old : fresh).rules;
  return [
    ...wrap([{ text: `${item.from} → ${item.to}`, tone: rises ? "bad" : "good" }], `${at}. `, paint),
    ...renderRegion(item.region, first?.rule.pointer === item.region.rule.pointer),
    ...renderDecisions(item.request, old, fresh, paint),
  ];
}

/** Returns a whole comparison. */
export function renderDiff(result: DiffResult, sides: DiffSides, paint: Paint): readonly string[] {
  const title = `${sides.old.title} → ${sides.new.title}`;
  switch (result.kind) {
    case "equivalent":
      return [...renderTitle("EQUIVALENT", "good", title, paint), ...labelled("ground", "a certificate each way, accepted by the kernel")];
    case "undecided":
      return [...renderTitle("UNDECIDED", "warn", title, paint), ...labelled("ground", `reason \`${result.reason}\``)];
    case "differs":
      return [
        ...renderTitle("DIFFERS", "warn", title, paint),
        ...labelled(
          "ground",
          result.complete
            ? "proved to be all of the difference, no part twice"
            : `not proved to be all of it: reason \`${result.reason ?? "search_bound"}\``,
        ),
        ...result.items.flatMap((item, i) => ["", ...renderDiffItem(item, i + 1, sides, paint)]),
      ];
  }
}
