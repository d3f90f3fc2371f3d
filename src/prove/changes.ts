// What changed between two versions of a policy: rules by their ids, and the other keys. Not trusted: it says where to look, not what it means.

import { canonicalJson, isObject, type Json } from "../../prover/core.js";
import { lineOfRule, type NamedPolicy } from "./policies.js";
import type { Change } from "./results.js";

type Part = { readonly what: string; readonly text: string; readonly id: string; readonly pointer: string };

const textOf = (value: Json): string => canonicalJson(value) ?? "";

const rulesIn = (list: Json | undefined, at: string, title: string): readonly Part[] =>
  Array.isArray(list)
    ? list.flatMap((rule: Json, index) => {
        const id = isObject(rule) && typeof rule["id"] === "string" ? rule["id"] : String(index);
        return [{ what: `${title} \`${id}\``, text: textOf(rule), id, pointer: `${at}/${index}` }];
      })
    : [];

// What a version says, part by part: its rules, those of its delegation, its limits. Name, version and texts for people are no change of access.
function partsOf({ policy: { document } }: NamedPolicy): ReadonlyMap<string, Part> {
  const { rules, delegation, limits } = document;
  const parts = [...rulesIn(rules, "/rules", "rule")];
  if (isObject(delegation)) parts.push(...rulesIn(delegation["rules"], "/delegation/rules", "delegation rule"));
  else if (delegation !== undefined) parts.push({ what: "`delegation`", text: textOf(delegation), id: "", pointer: "/delegation" });
  if (isObject(limits))
    for (const [name, value] of Object.entries(limits))
      parts.push({ what: `limit \`${name}\``, text: textOf(value), id: "", pointer: `/limits/${name}` });
  return new Map(parts.map((part) => [part.what, part]));
}

/** Returns what `now` has that `old` has not, has otherwise, or no longer has. */
export function changesOf(old: NamedPolicy, now: NamedPolicy): readonly Change[] {
  const [before, after] = [partsOf(old), partsOf(now)];
  const place = (named: NamedPolicy, part: Part) => {
    const line = lineOfRule(named, part);
    return { file: named.file, ...(line === undefined ? {} : { line }) };
  };
  const here = [...after.values()].flatMap((part): readonly Change[] => {
    const same = before.get(part.what);
    if (same?.text === part.text) return [];
    return [{ kind: same === undefined ? "added" : "changed", what: part.what, ...place(now, part) }];
  });
  const gone = [...before.values()]
    .filter(({ what }) => !after.has(what))
    .map((part): Change => ({ kind: "removed", what: part.what, ...place(old, part) }));
  return [...here, ...gone];
}
