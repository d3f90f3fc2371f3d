// Changes of certificates: of what stands at a place, and of subtrees. Test code.
import type { Relation } from "../../prover/index.js";
import { loadStated, type Policy } from "../../prover/kernel/index.js";
import { isJsonArray, isJsonObject, type Json, type JsonObject, mutateString, type Random } from "../generators/index.js";
import { fail, type Link } from "../property/support.js";

/** A proof, as a certificate, and the link that it is of. */
export type Proof = { readonly link: Link; readonly relation: Relation; readonly certificate: JsonObject };
type Place = readonly (string | number)[];
/** A certificate that was changed, and how. */
export type Mutant = { readonly how: string; readonly certificate: Json };

/** Returns one of `items`; undefined where there is none. */
export const pickFrom = <Item>(items: readonly Item[], random: Random): Item | undefined => items[Math.floor(random() * items.length)];
/** Returns the list at `key`, empty where there is none. */
export const listAt = (value: JsonObject, key: string): readonly Json[] => {
  const list = value[key];
  return isJsonArray(list) ? list : [];
};

// ---- changes at a place ----

/** Returns every place in `value`, by the keys that lead there. */
export function placesOf(value: Json, at: Place = []): readonly Place[] {
  if (isJsonArray(value)) return [at, ...value.flatMap((item, i) => placesOf(item, [...at, i]))];
  if (isJsonObject(value)) return [at, ...Object.entries(value).flatMap(([key, member]) => placesOf(member, [...at, key]))];
  return [at];
}

function valueAt(value: Json, [key, ...rest]: Place): Json | undefined {
  if (key === undefined) return value;
  const member = isJsonArray(value) && typeof key === "number" ? value[key] : isJsonObject(value) ? value[key] : undefined;
  return member === undefined ? undefined : valueAt(member, rest);
}

/** The value with what stands at the place replaced by any number of values: by none it is dropped, by two it stands twice. */
function replaced(value: Json, [key, ...rest]: Place, put: (old: Json) => readonly Json[]): Json {
  if (key === undefined) return put(value)[0] ?? null;
  const change = (member: Json): readonly Json[] => (rest.length === 0 ? put(member) : [replaced(member, rest, put)]);
  if (isJsonArray(value)) return value.flatMap((item, i) => (i === key ? change(item) : [item]));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]): readonly [string, Json][] => {
      if (name !== key) return [[name, member]];
      return change(member).map((item, i) => [i === 0 ? name : `${name}${i}`, item]);
    }),
  );
}

const strangers: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  5,
  7,
  -1,
  0.5,
  "",
  "contained",
  "impossible",
  "lower_denies",
  "upper_permits",
  "lower_asks",
  [],
  {},
];

function nudged(value: Json, random: Random): Json {
  if (typeof value === "number") return value + (random() < 0.5 ? 1 : -1);
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return mutateString(value, random);
  if (isJsonArray(value)) return value.toReversed();
  if (!isJsonObject(value)) return 0;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, member], i): [string, Json] => [i === 0 ? mutateString(key, random) : key, member]));
}

/** Counts that are right again, so that what was changed is looked at, and not only counted. */
function recounted(value: Json): Json {
  if (!isJsonObject(value)) return value;
  const [conditions, lemmas, nodes] = ["conditions", "lemmas", "nodes"].map((name) => listAt(value, name).length);
  return { ...value, counts: { conditions: conditions ?? 0, lemmas: lemmas ?? 0, nodes: nodes ?? 0 } };
}

/** Returns the certificate with what stands at `place` changed. */
export function changedAt(certificate: JsonObject, place: Place, random: Random): Mutant {
  const where = place.length === 0 ? "root" : String(place[0]);
  const count = where === "counts" || random() < 0.2 ? (value: Json) => value : recounted;
  const make = (how: string, put: (old: Json) => readonly Json[]): Mutant => ({
    how: `${where} ${how}`,
    certificate: count(replaced(certificate, place, put)),
  });
  switch (Math.floor(random() * 6)) {
    case 0:
      return make("replaced", () => [pickFrom(strangers, random) ?? null]);
    case 1:
      return make("dropped", () => []);
    case 2:
      return make("doubled", (old) => [old, old]);
    case 3: {
      // Something else that stands at the same depth of the same table.
      const others = placesOf(certificate).filter((other) => other.length === place.length && other[0] === place[0]);
      const graft = valueAt(certificate, pickFrom(others, random) ?? place) ?? null;
      return make("grafted", () => [graft]);
    }
    case 4:
      return make("stripped", (old) => [
        isJsonArray(old) ? old.slice(1) : isJsonObject(old) ? Object.fromEntries(Object.entries(old).slice(1)) : null,
      ]);
    default:
      return make("nudged", (old) => [nudged(old, random)]);
  }
}

// ---- changes of subtrees ----

/** How many nodes a node has beneath it, as the kernel counts them. */
function arityOf(node: Json, conditions: readonly Json[], lower: Policy, upper: Policy): number {
  if (!isJsonObject(node) || node["leaf"] !== undefined) return 0;
  if (node["split"] !== undefined) return listAt(node, "into").length;
  const stated = conditions[Number(node["cases"])];
  if (!isJsonObject(stated)) return 0;
  const list = (stated["of"] === "lower" ? lower : upper).lists[Number(stated["list"])];
  if (stated["permits"] === true)
    return new Set((list?.rules ?? []).filter(({ effect }) => effect !== "deny").map((rule) => rule.condition.key)).size;
  const condition = stated["condition"] === undefined ? list?.rules[Number(stated["rule"])]?.condition : loadStated(stated["condition"]);
  return condition?.kind === "all" || condition?.kind === "any" ? condition.items.length : 0;
}

type Subtree = { readonly from: number; readonly to: number; readonly children: readonly Subtree[] };

/** The subtrees of a tree in preorder, by where they begin and end. */
export function subtreesOf(proof: Proof): readonly Subtree[] {
  const [nodes, conditions] = [listAt(proof.certificate, "nodes"), listAt(proof.certificate, "conditions")];
  const found: Subtree[] = [];
  const read = (from: number): Subtree => {
    const arity = arityOf(nodes[from] ?? null, conditions, proof.link.lower.subject.loaded, proof.link.upper.subject.loaded);
    const children: Subtree[] = [];
    for (let i = 0, next = from + 1; i < arity; i++) {
      const child = read(next);
      children.push(child);
      next = child.to;
    }
    const subtree = { from, to: children.at(-1)?.to ?? from + 1, children };
    found.push(subtree);
    return subtree;
  };
  const root = read(0);
  if (root.to !== nodes.length) fail("the tree has other nodes than the certificate", { proof: proof.certificate, to: root.to });
  return found;
}

/** Returns the certificate with one of its subtrees changed. */
export function subtreeChange(proof: Proof, subtrees: readonly Subtree[], random: Random): Mutant {
  const nodes = listAt(proof.certificate, "nodes");
  const [one, other] = [pickFrom(subtrees, random), pickFrom(subtrees, random)];
  const cut = (tree: Subtree | undefined): readonly Json[] => nodes.slice(tree?.from ?? 0, tree?.to ?? 0);
  const put = (how: string, into: readonly Json[]): Mutant => ({
    how: `subtree ${how}`,
    certificate: recounted({ ...proof.certificate, nodes: [...nodes.slice(0, one?.from ?? 0), ...into, ...nodes.slice(one?.to ?? 0)] }),
  });
  switch (Math.floor(random() * 6)) {
    case 0:
      return put("dropped", []);
    case 1:
      return put("doubled", [...cut(one), ...cut(one)]);
    case 2:
      return put("replaced by another", cut(other));
    case 3:
      return put("cut to a leaf", [{ leaf: pickFrom(["impossible", "lower_denies", "upper_permits", "lower_asks"], random) ?? "" }]);
    case 4:
      return put("hoisted", cut(pickFrom(one?.children ?? [], random) ?? other));
    default: {
      const children = (one?.children ?? []).map(cut);
      return put("with its branches in another order", [
        ...nodes.slice(one?.from ?? 0, (one?.from ?? 0) + 1),
        ...children.toReversed().flat(),
      ]);
    }
  }
}
