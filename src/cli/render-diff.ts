// A comparison as people see it: 80 columns, what changed first. Not trusted.

import type { DiffItem, DiffResult, Region } from "../../prover/core.js";
import { labelled, type Paint, plain, renderEvaluation, renderJson, renderRequest, wrap } from "./render.js";

/** What the two policies are called. */
export type DiffNames = { readonly old: string; readonly new: string };

const rules = (places: Region["except"]): string => places.map(({ effect, id }) => `${effect} rule \`${id}\``).join(", ");

function renderRegion({ side, rule, action, when, unless, except }: Region): readonly string[] {
  const value = (label: string, json: Region["action"] | undefined): readonly string[] => {
    if (json === undefined) return [];
    const [first = "", ...more] = renderJson(json, "            ");
    return more.length === 0
      ? [`     ${label.padEnd(7)}${first.trimStart()}`]
      : [`     ${label}`, first.slice(5), ...more.map((line) => line.slice(5))];
  };
  return [
    ...labelled("where", `${rule.effect} rule \`${rule.id}\` of the ${side} policy, at ${rule.pointer}, takes effect`),
    ...value("action", action),
    ...value("when", when),
    ...value("unless", unless),
    ...(except.length === 0 ? [] : labelled("except", `where ${rules(except)} of the other policy takes effect`)),
  ];
}

/** Returns one part of a difference. */
export function renderDiffItem(item: DiffItem, at: number, names: DiffNames, paint: Paint): readonly string[] {
  if (item.kind === "limit") {
    const line = `limit \`${item.limit}\`: ${item.old} → ${item.new}`;
    return wrap(line, `${at}. `).map((text) => paint.strong(text));
  }
  const rises = item.to === "allow" || item.from === "deny";
  const change = `${at}. ${item.from} → ${item.to}`;
  return [
    rises ? paint.bad(change) : paint.good(change),
    ...renderRegion(item.region),
    ...renderRequest(item.request),
    ...renderEvaluation("old", names.old, { ...item.old, near: item.old.near.slice(0, 1) }),
    ...renderEvaluation("new", names.new, { ...item.new, near: item.new.near.slice(0, 1) }),
  ];
}

/** Returns a whole comparison. */
export function renderDiff(result: DiffResult, names: DiffNames, paint: Paint): readonly string[] {
  const title = plain(`${names.old} → ${names.new}`);
  switch (result.kind) {
    case "equivalent":
      return [`${paint.good("EQUIVALENT")}  ${title}`, ...labelled("ground", "a certificate each way, accepted by the kernel")];
    case "undecided":
      return [`${paint.warn("UNDECIDED")}  ${title}`, ...labelled("ground", `reason \`${result.reason}\``)];
    case "differs":
      return [
        `${paint.warn("DIFFERS")}  ${title}`,
        ...labelled(
          "ground",
          result.complete
            ? "proved to be all of the difference, no part twice"
            : `not proved to be all of it: reason \`${result.reason ?? "search_bound"}\``,
        ),
        ...result.items.flatMap((item, i) => ["", ...renderDiffItem(item, i + 1, names, paint)]),
      ];
  }
}
