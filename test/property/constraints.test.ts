// The compiled constraints say of every concrete request what the evaluator says: the solver is asked the right question.
import fc from "fast-check";
import { test } from "vitest";
import { decide, decisions, escapes } from "../../prover/evaluate/decide.js";
import { type Atom, absent, F, type Policy, type Relation, resolve, T, truthOf } from "../../prover/kernel/index.js";
import { type Encoded, encodeQuestion } from "../../prover/smt/encode.js";
import type { Problem } from "../../prover/smt/formula.js";
import { arbPair } from "../generators/index.js";
import { fail, holds, requestsFor, sideOf, Tally, timeLimit } from "./support.js";

const RUNS = 2_500;

type Assignment = { readonly bools: readonly boolean[]; readonly nums: readonly number[] };

/** What a request makes of the Booleans and numbers of a problem. Fields follow the atoms: is absent, is a number, and its number. */
function assignmentOf({ problem, atoms }: Encoded, request: unknown): Assignment {
  const truths = atoms.map((atom) => truthOf(atom, request));
  const fields = new Map<string, Atom>();
  for (const atom of atoms)
    if (atom.predicate.kind !== "action") fields.set(JSON.stringify(atom.path), fields.get(JSON.stringify(atom.path)) ?? atom);
  const values = [...fields.values()].map(({ path }) => resolve(request, path));
  const bools = [
    ...truths.flatMap((truth) => [truth === T, truth === F]),
    ...values.flatMap((value) => [value === absent, Number.isFinite(value)]),
  ];
  const nums = values.map((value) => (typeof value === "number" && Number.isFinite(value) ? value : 0));
  if (bools.length !== problem.bools || nums.length !== problem.nums)
    fail("the problem has other variables", { bools: problem.bools, nums: problem.nums });
  return { bools, nums };
}

/** Returns whether the assignment satisfies every root. Nodes come after the nodes that they are made of. */
function satisfies(problem: Problem, { bools, nums }: Assignment): boolean {
  const values: boolean[] = [];
  for (const node of problem.nodes) {
    switch (node.kind) {
      case "bool":
        values.push(bools[node.id] ?? fail("no such Boolean", node));
        break;
      case "num": {
        const value = nums[node.variable] ?? fail("no such number", node);
        values.push(node.op === "lt" ? value < node.bound : value <= node.bound);
        break;
      }
      case "not":
        values.push(!(values[node.item] ?? fail("a node is used before it is made", node)));
        break;
      case "and":
        values.push(node.items.every((item) => values[item] ?? fail("a node is used before it is made", node)));
        break;
      case "or":
        values.push(node.items.some((item) => values[item] ?? fail("a node is used before it is made", node)));
        break;
    }
  }
  return problem.roots.every((root) => values[root] ?? fail("no such root", { root }));
}

const isPermittedBelowAlone = (lower: Policy, upper: Policy, request: unknown): boolean =>
  decisions.indexOf(decide(lower, request)) > 0 && decide(upper, request) === "deny";

test("a request satisfies the compiled constraints iff the evaluator lets it escape", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  const cases = fc.tuple(arbPair(), fc.boolean(), fc.boolean(), fc.nat());
  await holds("constraints agree with the evaluator", RUNS, cases, ([pair, viewBelow, viewAbove, seed]) => {
    const lower = sideOf(pair.lower, viewBelow).subject.loaded;
    const upper = sideOf(pair.upper, viewAbove).subject.loaded;
    const requests = requestsFor(pair.lower, pair.upper, seed, 20);
    for (const relation of ["contained", "review"] satisfies Relation[]) {
      const encoded = encodeQuestion(lower, upper, relation, ({ rules }) => rules);
      for (const request of requests) {
        const wanted = relation === "contained" ? escapes(lower, upper, request) : isPermittedBelowAlone(lower, upper, request);
        tally.add(`${relation} ${wanted ? "escape" : "none"}`);
        if (satisfies(encoded.problem, assignmentOf(encoded, request)) !== wanted)
          fail("constraints and evaluator differ", { relation, wanted, pair, viewBelow, viewAbove, request });
      }
    }
  });
  tally.report("constraints");
});
