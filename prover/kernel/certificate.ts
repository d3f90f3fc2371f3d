// TRUSTED. Checks a certificate against two policies. It knows nothing of how the certificate was found.
//
// A certificate is a decision tree in preorder. Each node may apply lemmas: sets of literals of which no request has all.
// An inner node splits on the truth of a condition, or goes through the cases of one; a leaf says why no request there escapes.
import { Branch } from "./branch.js";
import { attempt, canonicalJson, isObject, refuse } from "./canonical.js";
import { all3, F, T, type Truth, U } from "./evaluate.js";
import { type Condition, limitEscapes, loadStated, type Policy } from "./load.js";
import { type Literal, possible } from "./possible.js";

/** The relation that a certificate proves of `lower` and `upper`: section 7 of the language. */
export type Relation = "contained" | "review";
type Accepted = { readonly kind: "accepted"; readonly relation: Relation; readonly nodes: number };
/** What the check found. */
export type Checked = Accepted | { readonly kind: "refused"; readonly reason: string };
/** The bounds on a certificate: characters of its text, nodes, lemmas, conditions, and the work of checking it. */
export const certificateMax = { characters: 16_000_000, nodes: 200_000, lemmas: 100_000, conditions: 100_000, work: 3_000_000 };

const readList = (value: unknown, most: number): readonly unknown[] =>
  Array.isArray(value) && value.length <= most ? value : refuse(`expected a list of at most ${most}`);
const readIndex = <Item>(items: readonly Item[], value: unknown): Item =>
  (typeof value === "number" ? items[value] : undefined) ?? refuse("an index names nothing");
const readTruths = (value: unknown): Truth => [1, 2, 3, 4, 5, 6].find((truths) => truths === value) ?? refuse("expected truths");
// Returns an object that has no other keys than these.
function readKeys(value: unknown, ...keys: readonly string[]): { readonly [key: string]: unknown } {
  const own = isObject(value) ? value : refuse("expected an object");
  return Object.keys(own).every((key) => keys.includes(key)) ? own : refuse("unknown key");
}

// A condition of the table: one that a policy states, the truth that some rule permits, or one stated in the policy language.
type Stated = { readonly permits: readonly Condition[] } | { readonly condition: Condition };
type Lemma = readonly Literal[];
type Pair = { readonly lower: Policy; readonly upper: Policy; readonly relation: Relation };

function readCondition(value: unknown, pair: Pair): Stated {
  const { of, list, rule, permits, condition } = readKeys(value, "of", "list", "rule", "permits", "condition");
  if (condition !== undefined) return { condition: loadStated(condition) ?? refuse("expected a condition") };
  const policy = of === "lower" || of === "upper" ? pair[of] : refuse("expected lower or upper");
  const { rules } = readIndex(policy.lists, list);
  if (permits !== true || of === "upper") return { condition: readIndex(rules, rule).condition };
  // INVARIANT: where no rule of a list of `lower` permits, `lower` denies: nothing escapes outside these cases.
  const conditions = rules.filter((r) => r.effect !== "deny").map((r) => r.condition);
  return { permits: [...new Map(conditions.map((c) => [c.key, c])).values()] };
}
function readLiteral(value: unknown, table: readonly Stated[]): Literal {
  const [index, truths] = readList(value, 2);
  const stated = readIndex(table, index);
  if (!("condition" in stated) || stated.condition.kind !== "atom") return refuse("a lemma is about atoms");
  return { atom: stated.condition, truths: readTruths(truths) };
}
// Applies a lemma: where all its literals but one hold, the last one does not.
function applyLemma(branch: Branch, lemma: Lemma): void {
  const [last, ...more] = lemma.filter(({ atom, truths }) => (branch.truths(atom) & ~truths) !== 0);
  if (more.length > 0) refuse("a lemma does not apply");
  branch.contradictory ||= last === undefined;
  if (last !== undefined) branch.narrow(last.atom, all3 - last.truths);
}
function leafHolds(branch: Branch, leaf: unknown, { lower, upper, relation }: Pair): boolean {
  if (leaf === "impossible") return branch.contradictory;
  if (leaf === "lower_denies") return branch.highest(lower) === 0;
  if (leaf === "upper_permits") return branch.lowest(upper, lower) >= (relation === "contained" ? 2 : 1);
  return leaf === "lower_asks" && branch.highest(lower) <= 1 && branch.lowest(upper, lower) >= 1;
}
// Returns the ways on from a node, of which every request that is left goes one: what holds there, and with which truths.
function waysOf(branch: Branch, stated: Stated, into: unknown): readonly (readonly [Condition, Truth])[] {
  if ("permits" in stated) return into === undefined ? stated.permits.map((part) => [part, T]) : refuse("a split on no condition");
  const { condition } = stated;
  const now = branch.truths(condition);
  if (into !== undefined) {
    const truths = readList(into, 3).map(readTruths);
    return now & ~truths.reduce((sum, t) => sum | t, 0) ? refuse("a split leaves a truth out") : truths.map((t) => [condition, t]);
  }
  // INVARIANT: a whole that is `zero`, or is not `one`, has such a part.
  const [zero, one] = condition.kind === "all" ? [F, T] : [T, F];
  if (!("items" in condition) || (now !== zero && now & one)) return refuse("cases that may not be all");
  return condition.items.map((item) => [item, now === zero ? zero : zero | U]);
}
function checkTree(nodes: readonly unknown[], table: readonly Stated[], lemmas: readonly Lemma[], pair: Pair): void {
  const branch = new Branch();
  let at = 0;
  const checkNode = (): void => {
    const { by = [], split, into, cases, leaf } = readKeys(nodes[at++], "by", "split", "into", "cases", "leaf");
    if ([split, cases, leaf].filter((part) => part !== undefined).length !== 1) refuse("expected one of split, cases and leaf");
    for (const index of readList(by, lemmas.length)) applyLemma(branch, readIndex(lemmas, index));
    if (leaf !== undefined && !leafHolds(branch, leaf, pair)) refuse("a leaf does not hold");
    for (const [condition, truths] of leaf ? [] : waysOf(branch, readIndex(table, split ?? cases), into)) {
      const mark = branch.mark();
      branch.narrow(condition, truths);
      checkNode();
      branch.undo(mark);
    }
  };
  checkNode();
  if (at !== nodes.length) refuse("a node too many");
}

const rootKeys = ["certificate", "language", "relation", "lower", "upper", "counts", "conditions", "lemmas", "nodes"];
function check(certificate: unknown, lower: Policy, upper: Policy): Checked {
  // Nothing that an object brings along, a getter or a proxy, is used but to read its text.
  const text = typeof certificate === "string" ? certificate : (canonicalJson(certificate, certificateMax.characters) ?? refuse("no JSON"));
  const root = readKeys(text.length > certificateMax.characters ? refuse("too large") : JSON.parse(text), ...rootKeys);
  if (root["certificate"] !== "atmost-certificate/1" || root["language"] !== "atmost/1") refuse("unknown version");
  const relation = root["relation"] === "contained" || root["relation"] === "review" ? root["relation"] : refuse("unknown relation");
  const pair: Pair = { lower, upper, relation };
  for (const name of ["lower", "upper"] as const) {
    const { sha256, view } = readKeys(root[name], "sha256", "view");
    if (sha256 !== pair[name].sha256 || view !== pair[name].view) refuse(`made for another ${name} policy`);
  }
  if (limitEscapes(lower, upper).length > 0) refuse("a limit is greater below");
  const table = readList(root["conditions"], certificateMax.conditions).map((condition) => readCondition(condition, pair));
  const readLemma = (lemma: unknown) => readList(lemma, certificateMax.conditions).map((literal) => readLiteral(literal, table));
  const lemmas = readList(root["lemmas"], certificateMax.lemmas).map(readLemma);
  for (const lemma of lemmas) if (possible(lemma)) refuse("a lemma is not shown");
  const nodes = readList(root["nodes"], certificateMax.nodes);
  const { conditions, lemmas: shown, nodes: count } = readKeys(root["counts"], "conditions", "lemmas", "nodes");
  if (conditions !== table.length || shown !== lemmas.length || count !== nodes.length) refuse("the counts differ");
  checkTree(nodes, table, lemmas, pair);
  return { kind: "accepted", relation, nodes: nodes.length };
}
/** Returns `accepted` only if `certificate` (JSON, or its text) proves its relation of exactly these two policies. Never throws. */
export function checkCertificate(certificate: unknown, lower: Policy, upper: Policy): Checked {
  const refused = (reason: string): Checked => ({ kind: "refused", reason });
  return attempt(() => check(certificate, lower, upper), refused, certificateMax.work);
}
