// The lemma loop: the solver proposes truths of atoms, the theories answer with a request or with a lemma. Not trusted.

import { conflictOf, groupLiterals, smallConflictOf } from "../certify/facts.js";
import type { Lemma } from "../certify/proof.js";
import { refuteByLemmas } from "../certify/refute.js";
import { memberOf, type Request, requestOf } from "../certify/request.js";
import { type SearchOutcome, search } from "../certify/search.js";
import type { LinkContext, Solved } from "../contain.js";
import { decide, decisions } from "../evaluate/decide.js";
import {
  all3,
  type Condition,
  F,
  type Literal,
  type Policy,
  possible,
  type Relation,
  type Rule,
  T,
  type Truth,
  truthsOf,
  U,
} from "../kernel/index.js";
import type { Subject } from "../results.js";
import { type Member, newSearch } from "../theory/tree.js";
import { type Encoded, encodeQuestion, type Slice } from "./encode.js";
import type { Clause, OpenSession } from "./formula.js";

type Stop = { readonly kind: "stopped"; readonly reason: Exclude<Solved["outcome"], SearchOutcome>["reason"]; readonly nodes: number };

// Rules whose action can be one that `lower` permits; the others are false of every request that could escape.
function sliceOf(lower: Policy): Slice {
  const actions = new Map<string, Condition>();
  for (const list of lower.lists.slice(0, 1))
    for (const rule of list.rules) if (rule.effect !== "deny") actions.set(rule.action.key, rule.action);
  const meets = (rule: Rule): boolean => {
    const { action } = rule;
    if (action.kind !== "atom") return true;
    return [...actions.values()].some(
      (other) =>
        other.kind !== "atom" ||
        possible([
          { atom: other, truths: T },
          { atom: action, truths: T },
        ]),
    );
  };
  return (list) => list.rules.filter(meets);
}

type Ranks = { readonly highest: number; readonly lowest: number };

// The ranks that a policy can decide where atoms have the truths of `known`.
function ranksOf(
  policy: Policy,
  slice: ReadonlyMap<Policy["lists"][number], readonly Rule[]>,
  known: (condition: Condition) => Truth,
): Ranks {
  let [highest, lowest] = [2, 2];
  for (const list of policy.lists) {
    let [can, must, asked, asks, denied, denies] = [0, false, false, false, false, false];
    for (const rule of slice.get(list) ?? []) {
      const truths = truthsOf(rule.condition, known);
      if (rule.effect === "deny") {
        denied ||= truths !== F;
        denies ||= !(truths & F);
        continue;
      }
      if (rule.effect === "ask") {
        asked ||= truths !== F;
        asks ||= !(truths & F);
      }
      if (truths & T) can = Math.max(can, rule.effect === "ask" ? 1 : 2);
      must ||= truths === T;
    }
    highest = Math.min(highest, denies ? 0 : asks ? Math.min(can, 1) : can);
    lowest = Math.min(lowest, denied || !must ? 0 : asked ? 1 : 2);
  }
  return { highest, lowest };
}

/** One question on one pair of policies. */
class Loop {
  readonly #encoded: Encoded;
  readonly #slices = new Map<Policy["lists"][number], readonly Rule[]>();
  readonly #lemmas: Lemma[] = [];
  checks = 0;

  constructor(
    readonly lower: Policy,
    readonly upper: Policy,
    readonly relation: Relation,
    readonly context: LinkContext,
  ) {
    const slice = sliceOf(lower);
    for (const list of [...lower.lists, ...upper.lists]) this.#slices.set(list, slice(list));
    this.#encoded = encodeQuestion(lower, upper, relation, (list) => this.#slices.get(list) ?? []);
  }

  async run(open: OpenSession): Promise<Solved["outcome"]> {
    const { context } = this;
    const session = open(this.#encoded.problem, {
      rlimit: context.bounds.solverRlimit,
      deadlineMs: Math.max(1, context.deadline - context.clock()),
    });
    try {
      for (let round = 0; round < context.bounds.solverRoundsMax; round++) {
        if (context.aborted() || context.clock() > context.deadline) return stopped("deadline");
        this.checks++;
        const answer = await session.check();
        if (answer.kind === "unknown") return stopped(answer.reason);
        if (answer.kind === "unsat") return this.#refuted();
        const step = this.#judge(answer.bools);
        if ("kind" in step) return step;
        for (const clause of step) session.add(clause);
      }
      return stopped("search_bound");
    } finally {
      session.close();
    }
  }

  #refuted(): Solved["outcome"] {
    const { context } = this;
    const expired = () => context.clock() > context.deadline || context.aborted();
    const nodesMax = context.bounds.searchNodesMax;
    const proof = refuteByLemmas(this.lower, this.upper, this.relation, this.#lemmas, { nodesMax: Math.ceil(nodesMax / 10), expired });
    if (proof !== undefined) return { kind: "proved", proof, nodes: this.#lemmas.length, splits: 0 };
    // The lemmas alone make a tree that is too large: the search splits on more than atoms, so its tree may be smaller.
    const searched = search(this.lower, this.upper, this.relation, { nodesMax, nodesAfterMax: 0, escapesMax: 1, expired, splits: true });
    return searched.kind === "stopped" && searched.reason !== "deadline" ? stopped("certificate_too_large") : sound(searched);
  }

  // Turns an assignment into a request, or into clauses that exclude it.
  #judge(bools: readonly boolean[]): Solved["outcome"] | readonly Clause[] {
    const members = new Map<string, Member>();
    const clauses: Clause[] = [];
    for (const [key, group] of groupLiterals(this.#essential(bools))) {
      const budget = newSearch();
      // Most groups that contradict themselves do so by two literals, which is known sooner than that no value is left.
      const small = smallConflictOf(group);
      const member = small === undefined ? memberOf(key, group, budget) : undefined;
      if (member !== undefined) {
        members.set(key, member);
        continue;
      }
      const conflict = small ?? conflictOf(group);
      if (conflict === undefined) return stopped(budget.unsure === "mixed_theories" ? "mixed_theories" : "theory_bound");
      const lemma = weaken(conflict);
      this.#lemmas.push(lemma);
      clauses.push(...this.#clausesOf(lemma));
    }
    if (clauses.length > 0) return clauses;
    const request = requestOf(members);
    return this.#escapes(request) ? { kind: "escapes", requests: [request], nodes: this.checks, splits: 0 } : stopped("solver_failed");
  }

  #escapes(request: Request): boolean {
    const [low, high] = [decisions.indexOf(decide(this.lower, request)), decisions.indexOf(decide(this.upper, request))];
    return this.relation === "contained" ? low > high : low > 0 && high === 0;
  }

  // The literals of an assignment without those on which the escape does not hang.
  #essential(bools: readonly boolean[]): readonly Literal[] {
    const chosen = new Map<string, Literal>();
    for (const [place, atom] of this.#encoded.atoms.entries())
      chosen.set(atom.key, { atom, truths: bools[2 * place] === true ? T : bools[2 * place + 1] === true ? F : U });
    const known = (condition: Condition): Truth =>
      condition.kind === "atom" ? (chosen.get(condition.key)?.truths ?? (condition.predicate.kind === "action" ? T | F : all3)) : all3;
    const holds = (): boolean => {
      const [low, high] = [ranksOf(this.lower, this.#slices, known), ranksOf(this.upper, this.#slices, known)];
      return this.relation === "contained" ? low.lowest > high.highest : low.lowest > 0 && high.highest === 0;
    };
    if (!holds()) return [...chosen.values()];
    for (const literal of [...chosen.values()].reverse()) {
      chosen.delete(literal.atom.key);
      if (!holds()) chosen.set(literal.atom.key, literal);
    }
    return [...chosen.values()];
  }

  // "Not all of these literals": a clause over the Booleans, or several where a literal says "true or false".
  #clausesOf(lemma: Lemma): readonly Clause[] {
    const places = new Map(this.#encoded.atoms.map((atom, place) => [atom.key, place]));
    return lemma.reduce<readonly Clause[]>(
      (clauses, { atom, truths }) => {
        const place = places.get(atom.key) ?? 0;
        const [yes, no] = [2 * place, 2 * place + 1];
        // What it takes for the literal not to hold, as alternatives that are each a disjunction of Booleans.
        const ways: readonly Clause[] =
          truths === T
            ? [[{ id: yes, value: false }]]
            : truths === F
              ? [[{ id: no, value: false }]]
              : truths === (T | U)
                ? [[{ id: no, value: true }]]
                : truths === (F | U)
                  ? [[{ id: yes, value: true }]]
                  : truths === U
                    ? [
                        [
                          { id: yes, value: true },
                          { id: no, value: true },
                        ],
                      ]
                    : [[{ id: yes, value: false }], [{ id: no, value: false }]];
        return clauses.flatMap((clause) => ways.map((way) => [...clause, ...way]));
      },
      [[]],
    );
  }
}

// A search that leaves nothing open but needs a split can not happen: it was allowed to split.
const sound = (outcome: SearchOutcome): Solved["outcome"] =>
  outcome.kind === "stopped" ? stopped(outcome.reason === "needs_split" ? "search_bound" : outcome.reason) : outcome;

const stopped = (reason: Stop["reason"]): Stop => ({ kind: "stopped", reason, nodes: 0 });

// The same contradiction with as many truths in each literal as it bears: such a lemma excludes more.
function weaken(lemma: Lemma): Lemma {
  const kept = [...lemma];
  for (const [i, { atom, truths }] of lemma.entries())
    for (const wider of [truths | U, truths | F, truths | T, T | U, F | U]) {
      const before = kept[i];
      if (before === undefined || (wider & before.truths) !== before.truths || wider === before.truths || wider === all3) continue;
      kept[i] = { atom, truths: wider };
      if (possible(kept)) kept[i] = before;
    }
  return kept;
}

/** Returns the search by solver and theories: what `createProver` takes as its solver's `solve`. */
export const createSolve =
  (open: OpenSession): NonNullable<LinkContext["solve"]> =>
  async (lower: Subject, upper: Subject, relation: Relation, context: LinkContext): Promise<Solved> => {
    const loop = new Loop(lower.loaded, upper.loaded, relation, context);
    const outcome = await loop.run(open);
    return { outcome, checks: loop.checks };
  };
