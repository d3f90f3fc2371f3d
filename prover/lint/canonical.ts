// Patterns that no canonical text can have: they are true of nothing, whatever stands beside them. Not trusted.

import { type FormKind, formKinds, isObject, type Json, loadStated, possible, T } from "../kernel/index.js";
import type { Run } from "./run.js";
import { dropKeys, type Listed, mentionOf, replaceRules } from "./scope.js";

/** A pattern, and where it stands in the policy. */
type Placed = { readonly kind: FormKind; readonly text: string; readonly pointer: string };

const child = (at: string, key: string | number): string => `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

const textsIn = (kind: FormKind, value: Json | undefined, pointer: string): readonly Placed[] => {
  if (typeof value === "string") return [{ kind, text: value, pointer }];
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  return items.flatMap((text, i) => (typeof text === "string" ? [{ kind, text, pointer: child(pointer, i) }] : []));
};

function inPredicates(predicates: Json | undefined, at: string): readonly Placed[] {
  if (!isObject(predicates)) return [];
  return Object.entries(predicates).flatMap(([name, argument]) => {
    const kind = formKinds.find((form) => form === name);
    const place = child(at, name);
    if (kind !== undefined && kind !== "action") return textsIn(kind, argument, place);
    if ((name !== "each" && name !== "some") || !isObject(argument)) return [];
    return argument["where"] === undefined ? inPredicates(argument, place) : inCondition(argument["where"], child(place, "where"));
  });
}

// INVARIANT: it goes no deeper than the document does, and that is bounded by the reader.
function inCondition(condition: Json | undefined, at: string): readonly Placed[] {
  if (!isObject(condition)) return [];
  return Object.entries(condition).flatMap(([key, member]) => {
    const place = child(at, key);
    if (key === "not") return inCondition(member, place);
    if (key !== "all" && key !== "any") return inPredicates(member, place);
    const items: readonly Json[] = Array.isArray(member) ? member : [];
    return items.flatMap((item, i) => inCondition(item, child(place, i)));
  });
}

const patternsOf = ({ stated, pointer }: Listed): readonly Placed[] => [
  ...textsIn("action", stated["action"], child(pointer, "action")),
  ...inCondition(stated["when"], child(pointer, "when")),
  ...inCondition(stated["unless"], child(pointer, "unless")),
];

/** Finds the patterns of a rule that match no canonical text, and says so. @returns how many patterns were looked at */
export async function checkCanonical(run: Run, listed: Listed, patternsMax: number): Promise<number> {
  const { asker } = run;
  const place = { rule: mentionOf(listed) };
  const patterns = patternsOf(listed);
  if (patterns.length > patternsMax) run.leave("never_canonical", { pointer: listed.pointer, ...place }, "lint_bound");
  const edits = dropKeys(asker.policy, "limits", "delegation");
  const nothing = asker.variant([...edits, replaceRules("/rules", [])]);
  for (const { kind, text, pointer } of patterns.slice(0, patternsMax)) {
    const field = kind === "action" ? {} : { value: { [kind]: text } };
    const atom = loadStated(kind === "action" ? { action: text } : field);
    if (atom?.kind !== "atom" || possible([{ atom, truths: T }])) continue;
    const probe = { id: "pattern", effect: "allow", action: kind === "action" ? text : "**", when: field };
    const claim = `no canonical ${kind} matches the pattern`;
    const answer = await asker.ask(claim, asker.variant([...edits, replaceRules("/rules", [probe])]), nothing);
    if (answer.kind === "undecided") run.leave("never_canonical", { pointer, ...place }, answer.reason);
    if (answer.kind !== "yes") continue;
    const summary = `the pattern \`${text}\` matches no canonical ${kind}`;
    run.find({ kind: "never_canonical", pointer, ...place, summary, evidence: [answer.proof] });
  }
  return Math.min(patterns.length, patternsMax);
}
