// TRUSTED. Checks a certificate against two policies. It knows nothing of how the certificate was found.
//
// A certificate is a decision tree in preorder. Each node may apply lemmas: sets of literals of which no request has all.
// An inner node splits on the truth of a condition, or goes through the cases of one; a leaf says why no request there escapes.

import { Branch } from "./branch.js";
import { isObject } from "./canonical.js";
import { all3, F, T, type Truth, U } from "./evaluate.js";
import { type Condition, limitEscapes, loadStated, type Policy } from "./load.js";
import { type Literal, possible } from "./possible.js";

/** The relation that a certificate proves of `lower` and `upper`: section 7 of the language. */
export type Relation = "contained" | "review";
export type Checked =
  | { readonly kind: "accepted"; readonly relation: Relation; readonly nodes: number }
  | { readonly kind: "refused"; readonly reason: string };

/** The bounds on a certificate: characters of its text, nodes, lemmas, conditions. */
export const certificateMax = { characters: 16_000_000, nodes: 200_000, lemmas: 100_000, conditions: 100_000 };

class Refused extends Error {}
const refuse = (reason: string): never => {
  throw new Refused(reason);
};
const readList = (value: unknown, most: number): readonly unknown[] =>
  Array.isArray(value) && value.length <= most ? value : refuse(`expected a list of at most ${most}`);
const readIndex = <Item>(items: readonly Item[], value: unknown): Item =>
  (typeof value === "number" ? items[value] : undefined) ?? refuse("an index names nothing");
const readTruths = (value: unknown): Truth =>
  value === T || value === F || value === U || value === 3 || value === 5 || value === 6 ? value : refuse("expected truths");

function readKeys(value: unknown, required: readonly string[], optional: readonly string[] = []): { readonly [key: string]: unknown } {
  if (!isObject(value)) return refuse("expected an object");
  const keys = Object.keys(value);
  if (!required.every((key) => keys.includes(key)) || !keys.every((key) => required.includes(key) || optional.includes(key)))
    refuse("unknown or missing key");
  return value;
}

// A condition of the table: one that a policy states, the truth that some rule permits, or one stated in the policy language.
type Stated = { readonly permits: readonly Condition[] } | { readonly condition: Condition };

function readCondition(value: unknown, policies: { readonly lower: Policy; readonly upper: Policy }): Stated {
  const { of, list, rule, permits, condition } = readKeys(value, [], ["of", "list", "rule", "permits", "condition"]);
  if (condition !== undefined) return { condition: loadStated(condition) ?? refuse("expected a condition") };
  const policy = of === "lower" ? policies.lower : of === "upper" ? policies.upper : refuse("expected lower or upper");
  const { rules } = readIndex(policy.lists, list);
  // INVARIANT: where no rule of a list of `lower` permits, `lower` denies: nothing escapes outside these cases.
  if (permits === true && of === "lower") return { permits: rules.filter(({ effect }) => effect !== "deny").map((r) => r.condition) };
  return { condition: readIndex(rules, rule).condition };
}

// Applies a lemma: where all its literals but one hold, the last one does not.
function applyLemma(branch: Branch, lemma: readonly Literal[]): void {
  const open = lemma.filter(({ atom, truths }) => (branch.truths(atom) & ~truths) !== 0);
  const [last] = open;
  if (open.length > 1) refuse("a lemma does not apply");
  else if (last === undefined) branch.contradictory = true;
  else branch.narrow(last.atom, all3 - last.truths);
}

function checkLeaf(branch: Branch, reason: unknown, relation: Relation, lower: Policy, upper: Policy): void {
  const holds =
    reason === "impossible"
      ? branch.contradictory
      : reason === "lower_denies"
        ? branch.highest(lower) === 0
        : reason === "upper_permits"
          ? branch.lowest(upper) >= (relation === "contained" ? 2 : 1)
          : reason === "lower_asks" && branch.highest(lower) <= 1 && branch.lowest(upper) >= 1;
  if (!holds) refuse("a leaf does not hold");
}

// The ways on from a node: each narrows some condition. None at a leaf.
type Way = readonly [Condition, Truth];

function waysOn(branch: Branch, node: { readonly [key: string]: unknown }, table: readonly Stated[]): readonly Way[] {
  const stated = readIndex(table, node["split"] ?? node["cases"]);
  if (node["split"] !== undefined) {
    if (!("condition" in stated)) return refuse("a split on no condition");
    const into = readList(node["into"], 3).map(readTruths);
    if (branch.truths(stated.condition) & ~into.reduce((sum, truths) => sum | truths, 0)) refuse("a split leaves a truth out");
    return into.map((truths) => [stated.condition, truths]);
  }
  if ("permits" in stated) return stated.permits.map((condition) => [condition, T]);
  const { condition } = stated;
  const now = branch.truths(condition);
  if (condition.kind !== "all" && condition.kind !== "any") return refuse("cases of a condition without parts");
  // INVARIANT: a whole that is `zero`, or is not `one`, has such a part.
  const [zero, one] = condition.kind === "all" ? [F, T] : [T, F];
  const wanted = now === zero ? zero : now & one ? refuse("cases that may not be all") : zero | U;
  return condition.items.map((item) => [item, wanted]);
}

function checkTree(
  nodes: readonly unknown[],
  table: readonly Stated[],
  lemmas: readonly (readonly Literal[])[],
  relation: Relation,
  lower: Policy,
  upper: Policy,
): void {
  const branch = new Branch();
  type Frame = { readonly ways: readonly Way[]; next: number; readonly mark: ReturnType<Branch["mark"]> };
  const stack: Frame[] = [{ ways: [], next: 0, mark: branch.mark() }];
  for (const [at, value] of nodes.entries()) {
    if (at > 0) {
      // Goes back to the last node that has a way left, and takes it.
      while (stack.length > 0 && stack.at(-1)?.next === stack.at(-1)?.ways.length) stack.pop();
      const frame = stack.at(-1) ?? refuse("a node too many");
      branch.undo(frame.mark);
      const [condition, truths] = frame.ways[frame.next++] ?? refuse("a node too many");
      branch.narrow(condition, truths);
    }
    const node = readKeys(value, [], ["by", "split", "into", "cases", "leaf"]);
    for (const index of node["by"] === undefined ? [] : readList(node["by"], lemmas.length)) applyLemma(branch, readIndex(lemmas, index));
    const inner = node["leaf"] === undefined;
    if (
      (node["split"] !== undefined) !== (node["into"] !== undefined) ||
      [node["split"], node["cases"], node["leaf"]].filter((x) => x !== undefined).length !== 1
    )
      refuse("expected one of split, cases and leaf");
    if (inner) stack.push({ ways: waysOn(branch, node, table), next: 0, mark: branch.mark() });
    else checkLeaf(branch, node["leaf"], relation, lower, upper);
  }
  if (nodes.length === 0 || stack.some((frame) => frame.next < frame.ways.length)) refuse("a branch is missing");
}

function check(value: unknown, lower: Policy, upper: Policy): Checked {
  const json: unknown =
    typeof value === "string" ? (value.length <= certificateMax.characters ? JSON.parse(value) : refuse("too large")) : value;
  const root = readKeys(json, ["certificate", "language", "relation", "lower", "upper", "counts", "conditions", "lemmas", "nodes"]);
  if (root["certificate"] !== "atmost-certificate/1" || root["language"] !== "atmost/1") refuse("unknown version");
  const relation = root["relation"] === "contained" || root["relation"] === "review" ? root["relation"] : refuse("unknown relation");
  for (const [name, policy] of [
    ["lower", lower],
    ["upper", upper],
  ] as const) {
    const subject = readKeys(root[name], ["sha256", "view"]);
    if (subject["sha256"] !== policy.sha256 || subject["view"] !== policy.view) refuse(`made for another ${name} policy`);
  }
  if (limitEscapes(lower, upper).length > 0) refuse("a limit is greater below");
  const conditions = readList(root["conditions"], certificateMax.conditions);
  const table = conditions.map((condition) => readCondition(condition, { lower, upper }));
  const lemmas = readList(root["lemmas"], certificateMax.lemmas).map((lemma) =>
    readList(lemma, certificateMax.conditions).map((literal): Literal => {
      const [index, truths, ...more] = readList(literal, 2);
      const stated = readIndex(table, index);
      if (!("condition" in stated) || stated.condition.kind !== "atom" || more.length > 0) return refuse("a lemma is about atoms");
      return { atom: stated.condition, truths: readTruths(truths) };
    }),
  );
  for (const lemma of lemmas) if (possible(lemma)) refuse("a lemma is not shown");
  const nodes = readList(root["nodes"], certificateMax.nodes);
  const counts = readKeys(root["counts"], ["conditions", "lemmas", "nodes"]);
  if (counts["conditions"] !== table.length || counts["lemmas"] !== lemmas.length || counts["nodes"] !== nodes.length)
    refuse("the counts differ");
  checkTree(nodes, table, lemmas, relation, lower, upper);
  return { kind: "accepted", relation, nodes: nodes.length };
}

/** Returns `accepted` only if `certificate` (JSON, or its text) proves its relation of exactly these two policies. Never throws. */
export function checkCertificate(certificate: unknown, lower: Policy, upper: Policy): Checked {
  try {
    return check(certificate, lower, upper);
  } catch (problem) {
    return { kind: "refused", reason: problem instanceof Refused ? problem.message : "not a certificate" };
  }
}
