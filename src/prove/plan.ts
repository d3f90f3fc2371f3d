// What must be proved for a claim, and what follows from the answers. Not trusted.

import { delegableView, type LinkResult, type ParsedPolicy, type Subject } from "../../prover/core.js";
import { alwaysPairs, disjointPair, neverPair, type Pair, withOneList } from "./auxiliary.js";
import type { NamedPolicy, Policies } from "./policies.js";
import { type Claim, type ClaimKind, claimKinds, type PolicyReference, type Quantified } from "./schema.js";
import { invalid, type ProveProblem, problem, type Reading } from "./world.js";

/** A policy of a claim, by the part it plays. */
export type Party = { readonly role: string; readonly named: NamedPolicy };

/** The answer for one question. */
export type Answer = LinkResult["kind"];

/** One containment to prove or to refute, and the policies that a request against it is explained by. */
export type Question = Pair & {
  readonly parties: readonly Party[];
  /** Present where a limit alone decides: the delegable policy of a spawn must leave fewer generations than the boundary. */
  readonly depth?: { readonly lower: string; readonly upper: string };
};

/** What the answers say of the claim. */
export type Statement = "holds" | "fails" | "undecided";

/** How a claim is decided. */
export type Plan =
  | {
      readonly kind: "links";
      readonly parties: readonly Party[];
      readonly questions: readonly Question[];
      readonly conclude: (answers: readonly Answer[]) => Statement;
    }
  | {
      readonly kind: "decision";
      readonly parties: readonly [Party];
      readonly request: { readonly [key: string]: unknown };
      readonly is: "deny" | "ask" | "allow";
    };

/** Returns the kind of a claim. */
export function kindOfClaim(claim: Claim): ClaimKind {
  const kind = claimKinds.find((name) => claim[name] !== undefined);
  // INVARIANT: the schema wants exactly one of the keys.
  if (kind === undefined) throw new Error("a claim that was read has no kind");
  return kind;
}

/** Returns `holds` iff every answer is `wanted`: one other answer refutes, whatever is still undecided. */
const every =
  (wanted: Answer) =>
  (answers: readonly Answer[]): Statement => {
    if (answers.some((answer) => answer !== wanted && answer !== "undecided")) return "fails";
    return answers.includes("undecided") ? "undecided" : "holds";
  };

const verdictIs =
  (wanted: "apply" | "ask" | "reject") =>
  (answers: readonly Answer[]): Statement => {
    if (!answers.includes("exceeds") && answers.includes("undecided")) return "undecided";
    const verdict = answers.includes("exceeds") ? "reject" : answers.includes("review") ? "ask" : "apply";
    return verdict === wanted ? "holds" : "fails";
  };

type Named = readonly (readonly [string, PolicyReference])[];

/** Makes the plans of one claims file. */
export class Planner {
  readonly #policies: Policies;
  readonly #file: string;

  constructor(policies: Policies, file: string) {
    this.#policies = policies;
    this.#file = file;
  }

  /** Returns how `claim`, at `pointer` of its file, is decided; or every problem with what it names. */
  async plan(claim: Claim, pointer: string): Promise<Reading<Plan>> {
    const at = `${pointer}/${kindOfClaim(claim)}`;
    const { contained, review, exceeds, equivalent, disjoint, never, always, spawn, decision, no_new_access: access } = claim;
    if (contained !== undefined) return this.#pair(contained, at, "contained");
    if (review !== undefined) return this.#pair(review, at, "review");
    if (exceeds !== undefined) return this.#pair(exceeds, at, "exceeds");
    if (equivalent !== undefined) return this.#equivalent(equivalent, at);
    if (disjoint !== undefined) return this.#disjoint(disjoint, at);
    if (never !== undefined) return this.#quantified(never, at, (named) => [neverPair(named, never)], never.is === "asked");
    if (always !== undefined) return this.#quantified(always, at, (named) => alwaysPairs(named, always), always.is === "asked");
    if (spawn !== undefined) return this.#spawn(spawn, at);
    if (access !== undefined) return this.#access(access, at);
    if (decision === undefined) throw new Error("a claim that was read has no kind");
    const parties = await this.#parties([["policy", decision.policy]], at);
    if (parties.kind === "invalid") return parties;
    const [party] = parties.value;
    if (party === undefined) throw new Error("one policy was asked for");
    return { kind: "ok", value: { kind: "decision", parties: [party], request: decision.request, is: decision.is } };
  }

  async #parties(references: Named, at: string): Promise<Reading<readonly Party[]>> {
    const parties: Party[] = [];
    const problems: ProveProblem[] = [];
    for (const [role, reference] of references) {
      const place = Number.isNaN(Number(role)) ? role : String(Number(role) - 1);
      const read = await this.#policies.get(reference, `${at}/${place}`);
      if (read.kind === "ok") parties.push({ role: place === role ? role : role === "1" ? "first" : "second", named: read.value });
      else problems.push(...read.problems);
    }
    return problems.length > 0 ? invalid(...problems) : { kind: "ok", value: parties };
  }

  async #pair(pair: { lower: PolicyReference; upper: PolicyReference }, at: string, wanted: Answer): Promise<Reading<Plan>> {
    const parties = await this.#parties(Object.entries(pair), at);
    if (parties.kind === "invalid") return parties;
    const [lower, upper] = [partyOf(parties.value, "lower"), partyOf(parties.value, "upper")];
    return links(parties.value, [question("lower ≤ upper", lower, upper)], every(wanted));
  }

  async #equivalent(both: readonly PolicyReference[], at: string): Promise<Reading<Plan>> {
    const parties = await this.#parties(numbered(both), at);
    if (parties.kind === "invalid") return parties;
    const [first, second] = [partyOf(parties.value, "first"), partyOf(parties.value, "second")];
    return links(parties.value, [question("first ≤ second", first, second), question("second ≤ first", second, first)], every("contained"));
  }

  async #disjoint(both: readonly PolicyReference[], at: string): Promise<Reading<Plan>> {
    const parties = await this.#parties(numbered(both), at);
    if (parties.kind === "invalid") return parties;
    const [first, second] = [partyOf(parties.value, "first"), partyOf(parties.value, "second")];
    const [one, other] = [withOneList(first.named), withOneList(second.named)];
    if (one === undefined || other === undefined) return this.#noView(at, ofTwoLists);
    const pair = await disjointPair(one, other);
    if (pair.kind === "invalid") return pair;
    return links(parties.value, [{ ...pair.value, parties: parties.value }], every("contained"));
  }

  async #quantified(
    { policy }: Quantified,
    at: string,
    pairsOf: (named: NamedPolicy) => readonly Promise<Reading<Pair>>[],
    plainOnly: boolean,
  ): Promise<Reading<Plan>> {
    const parties = await this.#parties([["policy", policy]], at);
    if (parties.kind === "invalid") return parties;
    const party = partyOf(parties.value, "policy");
    const named = plainOnly ? withOneList(party.named) : party.named;
    if (named === undefined) return this.#noView(at, ofTwoLists);
    const questions: Question[] = [];
    for (const pair of await Promise.all(pairsOf(named))) {
      if (pair.kind === "invalid") return pair;
      questions.push({ ...pair.value, parties: [party] });
    }
    return links(parties.value, questions, every("contained"));
  }

  async #spawn({ verdict, ...given }: NonNullable<Claim["spawn"]>, at: string): Promise<Reading<Plan>> {
    const { child, delegable, boundary, max } = given;
    const references: Named = [
      ["child", child],
      ...(delegable === undefined ? [] : [["delegable", delegable] as const]),
      ["boundary", boundary],
      ["max", max],
    ];
    const read = await this.#parties(references, at);
    if (read.kind === "invalid") return read;
    const [below, parent, above] = [partyOf(read.value, "child"), partyOf(read.value, "boundary"), partyOf(read.value, "max")];
    const named = read.value.find(({ role }) => role === "delegable");
    if (isView(parent) || isView(below) || isView(above) || (named !== undefined && isView(named)))
      return this.#noView(at, "expected policies as they are: a spawn takes the boundary's delegable view itself");
    // SOURCE: section 7 of the language: without a delegable policy the boundary's view is taken.
    const view: Party = named ?? { role: "delegable", named: { ...parent.named, subject: delegableView(parent.named.policy) } };
    const depth = named === undefined ? undefined : depthProblem(named.named.policy, parent.named.policy);
    const questions = [
      question("child ≤ delegable", below, view),
      { ...question("delegable ≤ boundary", view, parent), ...(depth === undefined ? {} : { depth }) },
      question("boundary ≤ max", parent, above),
      question("child ≤ max", below, above),
    ];
    return links(read.value, questions, verdictIs(verdict));
  }

  async #access({ old, new: now }: NonNullable<Claim["no_new_access"]>, at: string): Promise<Reading<Plan>> {
    const before = await this.#policies.get(old ?? now, `${at}/${old === undefined ? "new" : "old"}`, old === undefined ? "base" : "now");
    const after = await this.#policies.get(now, `${at}/new`);
    if (before.kind === "invalid" || after.kind === "invalid")
      return invalid(...[before, after].flatMap((read) => (read.kind === "invalid" ? read.problems : [])));
    const [newer, older] = [
      { role: "new", named: after.value },
      { role: "old", named: before.value },
    ];
    return links([newer, older], [question("new ≤ old", newer, older)], every("contained"));
  }

  #noView(at: string, message: string): Reading<Plan> {
    return invalid(problem("not_supported", this.#file, at, message));
  }
}

const numbered = (both: readonly PolicyReference[]): Named => both.map((reference, index) => [String(index + 1), reference] as const);
const ofTwoLists = 'expected a policy, or the delegable view of one whose `delegation` is "all" or "none", got one with rules of its own';
const isView = ({ named }: Party): boolean => named.subject.kind === "view";

function partyOf(parties: readonly Party[], role: string): Party {
  const party = parties.find((other) => other.role === role);
  if (party === undefined) throw new Error(`no policy plays the part \`${role}\``);
  return party;
}

const question = (title: string, lower: Party, upper: Party): Question => ({
  title,
  lower: lower.named.subject,
  upper: upper.named.subject,
  parties: [lower, upper],
});

const links = (
  parties: readonly Party[],
  questions: readonly Question[],
  conclude: (answers: readonly Answer[]) => Statement,
): Reading<Plan> => ({ kind: "ok", value: { kind: "links", parties, questions, conclude } });

// SOURCE: section 5 of the language: a delegable policy that is a document leaves fewer generations than the boundary.
function depthProblem(delegable: ParsedPolicy, boundary: ParsedPolicy): Question["depth"] {
  const [below, above] = [delegable.loaded.limits.get("depth"), boundary.loaded.limits.get("depth")];
  if (below?.amount !== undefined && (above?.amount === undefined || below.amount < above.amount)) return undefined;
  return { lower: below?.text ?? "0", upper: `${above?.text ?? "0"}, which must be more` };
}

/** Returns how a policy is named in a sentence. */
export const subjectName = (subject: Subject): string => (subject.kind === "view" ? `${subject.of.name} (delegable view)` : subject.name);
