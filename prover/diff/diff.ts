// How two policies differ: a short list that covers all of it without repeats. Not trusted: requests are replayed, and that nothing is left
// out rests on certificates that the kernel has checked.

import { decide } from "../evaluate/decide.js";
import { explainLimit, explainRequest } from "../explain.js";
import { isObject, limitEscapes, type Rule } from "../kernel/index.js";
import type { Subject, UndecidedReason } from "../results.js";
import { documentOf, statedAt } from "../stated.js";
import { kindsOf, type Part, partsOf } from "./parts.js";
import { Asker, type AskOptions, type LinkProver, takesEffect } from "./question.js";
import type { DiffItem, DiffResult, DiffSide, Region, RulePlace } from "./types.js";

/** The bounds of one comparison: questions to the prover, and items told. Past either, the answer is not complete: `search_bound`. */
export const diffMax = { questions: 4_000, items: 200 };

/** The settings of one comparison. */
export type DiffOptions = AskOptions & { readonly itemsMax?: number };

const placeOf = ({ id, effect, pointer }: Rule): RulePlace => ({ id, effect, pointer });

function regionOf(side: DiffSide, subject: Subject, rule: Rule, except: readonly Rule[]): Region {
  const stated = statedAt(documentOf(subject), rule.pointer);
  const base = { side, rule: placeOf(rule), except: except.map(placeOf) };
  // The rule that an expiry implies is written nowhere: it denies what is not before it.
  if (!isObject(stated)) return { ...base, action: "**", unless: { "context.time": { before: stated ?? null } } };
  const { action = "**", when, unless } = stated;
  return { ...base, action, ...(when === undefined ? {} : { when }), ...(unless === undefined ? {} : { unless }) };
}

type Pair = { readonly old: Subject; readonly new: Subject };

function itemOf(pair: Pair, highSide: DiffSide, part: Part): DiffItem {
  const lowSide = highSide === "old" ? "new" : "old";
  const side = part.of === "high" ? highSide : lowSide;
  const example = explainRequest(pair[highSide], pair[lowSide], part.request);
  if (example.kind !== "request") throw new Error("a request is explained as a limit");
  const [high, low] = [example.lower, example.upper];
  const evaluations = highSide === "new" ? { old: low, new: high } : { old: high, new: low };
  return {
    kind: "requests",
    from: evaluations.old.decision,
    to: evaluations.new.decision,
    region: regionOf(side, pair[side], part.rule, part.except),
    request: part.request,
    ...evaluations,
    summary: example.summary,
  };
}

function limitItems(old: Subject, fresh: Subject): readonly DiffItem[] {
  const more = limitEscapes(fresh.loaded, old.loaded).map((found): DiffItem => {
    const { summary } = explainLimit(fresh, old, found);
    return { kind: "limit", limit: found.limit, old: found.upper, new: found.lower, summary };
  });
  const less = limitEscapes(old.loaded, fresh.loaded).map((found): DiffItem => {
    const { summary } = explainLimit(old, fresh, found);
    return { kind: "limit", limit: found.limit, old: found.lower, new: found.upper, summary };
  });
  return [...more, ...less];
}

/**
 * Returns how `fresh` differs from `old`: `equivalent` with a certificate each way; or the items that together cover every request which the
 * two decide differently, and every limit, none of which can be left out.
 */
export async function diff(prover: LinkProver, old: Subject, fresh: Subject, options: DiffOptions = {}): Promise<DiffResult> {
  const asker = new Asker(prover, options, diffMax.questions);
  const pair: Pair = { old, new: fresh };
  const links = { new: await asker.link(fresh, old), old: await asker.link(old, fresh) };
  if (links.new.kind === "contained" && links.old.kind === "contained")
    return { kind: "equivalent", certificates: { newWithinOld: links.new.certificate, oldWithinNew: links.old.certificate } };
  const items: DiffItem[] = [];
  let reason: UndecidedReason | undefined;
  for (const highSide of ["new", "old"] as const) {
    const [high, low] = highSide === "new" ? [fresh, old] : [old, fresh];
    const known = links[highSide].kind;
    if (known === "contained") continue;
    for (const kind of kindsOf(high.loaded, low.loaded)) {
      // Where nothing permitted escapes, only what was asked for is left.
      if (known === "review" && kind.from === "deny") continue;
      const found = await partsOf(kind, asker);
      reason ??= found.reason;
      items.push(...found.parts.map((part) => itemOf(pair, highSide, part)));
    }
  }
  items.push(...limitItems(old, fresh));
  const itemsMax = options.itemsMax ?? diffMax.items;
  if (items.length > itemsMax) reason ??= "search_bound";
  if (items.length === 0) return { kind: "undecided", reason: reason ?? "search_bound" };
  return { kind: "differs", items: items.slice(0, itemsMax), complete: reason === undefined, ...(reason === undefined ? {} : { reason }) };
}

const ruleAt = (subject: Subject, { pointer }: RulePlace): Rule | undefined =>
  subject.loaded.lists.flatMap(({ rules }) => rules).find((rule) => rule.pointer === pointer);

/** Returns true iff `item` covers `request`: the evaluator decides it `from` and `to`, and it is in the item's region. */
export function coversRequest(item: DiffItem, old: Subject, fresh: Subject, request: unknown): boolean {
  if (item.kind !== "requests") return false;
  const { from, to, region } = item;
  if (decide(old.loaded, request) !== from || decide(fresh.loaded, request) !== to) return false;
  const [own, other] = region.side === "old" ? [old, fresh] : [fresh, old];
  const rule = ruleAt(own, region.rule);
  // A rule of the side that decides higher grants, be it an ask: there it must be true.
  const grants = region.rule.effect !== "deny" && (region.side === "new") === rises(item);
  if (rule === undefined || !takesEffect(grants ? { ...rule, effect: "allow" } : rule, request)) return false;
  return region.except.every((place) => {
    const excepted = ruleAt(other, place);
    return excepted !== undefined && !takesEffect(excepted, request);
  });
}

const rises = ({ from, to }: DiffItem & { readonly kind: "requests" }): boolean => to === "allow" || from === "deny";
