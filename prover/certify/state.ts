// Conditions as a person writes them: the inverse of what the kernel loads, up to sharing and order. Not trusted.

import type { Atom, Condition, Json } from "../kernel/index.js";

type JsonObject = { readonly [key: string]: Json };

/** Returns the text of a field: `args.filter`, `args["a.b"]`, `["all"]`. */
export function fieldText(path: readonly string[]): string {
  return path.reduce((text, key, i) => {
    const plain = /^[^.[\]]+$/.test(key) && !(i === 0 && path.length === 1 && ["all", "any", "not"].includes(key));
    return plain ? `${text}${i === 0 ? "" : "."}${key}` : `${text}[${JSON.stringify(key)}]`;
  }, "");
}

const single = (list: Json): Json => (Array.isArray(list) && list.length === 1 ? (list[0] ?? null) : list);

/** Returns the name and the argument of a predicate as the language writes them. */
export function statePredicate({ predicate, argument }: Atom): readonly [string, Json] {
  switch (predicate.kind) {
    case "in":
      return Array.isArray(argument) && argument.length === 1 ? ["eq", argument[0] ?? null] : ["in", argument];
    case "only":
    case "has":
      return ["keys", { [predicate.kind]: argument }];
    case "each":
    case "some":
      return [predicate.kind, predicate.where ? { where: stateCondition(predicate.inner) } : stateElement(predicate.inner)];
    case "lt":
    case "lte":
    case "gt":
    case "gte":
    case "present":
      return [predicate.kind, argument];
    default:
      return [predicate.kind, single(argument)];
  }
}

// The predicates on an element itself. Two of one kind come of two spellings (`gte` and `after`, `eq` and `in`): the other one serves.
function stateElement(inner: Condition): Json {
  const items = inner.kind === "all" ? inner.items : [inner];
  const members = new Map<string, Json>();
  for (const item of items) {
    if (item.kind === "not") {
      members.set("present", false);
      continue;
    }
    if (item.kind !== "atom") continue;
    const [name, argument] = statePredicate(item);
    const known = members.get(name);
    if (known === undefined) members.set(name, argument);
    else if (name === "keys" && isMembers(known) && isMembers(argument)) members.set(name, { ...known, ...argument });
    else restate(members, name, known, argument);
  }
  return Object.fromEntries(members);
}

const isMembers = (value: Json): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
const isTime = (value: Json): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= -62_167_219_200_000 && value <= 253_402_300_799_999;

function restate(members: Map<string, Json>, name: string, known: Json, argument: Json): void {
  const twin = name === "lt" ? "before" : "after";
  if (name === "eq") members.set("in", [argument]);
  else if (isTime(argument)) members.set(twin, new Date(argument).toISOString());
  else if (isTime(known)) {
    members.set(twin, new Date(known).toISOString());
    members.set(name, argument);
  }
}

/** Returns the condition in the policy language; the pattern of an action as `{"action": …}`. */
export function stateCondition(condition: Condition): JsonObject {
  switch (condition.kind) {
    case "all":
    case "any":
      return { [condition.kind]: condition.items.map(stateCondition) };
    case "not":
      return { not: stateCondition(condition.item) };
    case "atom": {
      const [name, argument] = statePredicate(condition);
      return name === "action" ? { action: argument } : { [fieldText(condition.path)]: { [name]: argument } };
    }
  }
}
