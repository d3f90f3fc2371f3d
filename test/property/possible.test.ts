// The kernel calls no set of literals impossible that some request has: every lemma of every certificate rests on this.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Atom, atomsOf, F, isCanonical, type Literal, possible, T, type Truth, truthOf, U } from "../../prover/kernel/index.js";
import { arbPair, isJsonObject, type Random, randomFrom } from "../generators/index.js";
import { fail, holds, requestsFor, sideOf, Tally, timeLimit } from "./support.js";

const RUNS = 2_500;
const REQUESTS = 6;
const SETS = 8;

const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random() * items.length)] ?? fail("nothing to pick from", {});
// The kernel takes the action for a canonical text: a request without one is denied before any rule is asked.
const hasAction = (request: unknown): boolean =>
  isJsonObject(request) && typeof request["action"] === "string" && isCanonical("action", request["action"]);

/** Some atoms, most of them about one field, so that they can contradict each other. */
function chooseAtoms(atoms: readonly Atom[], random: Random): readonly Atom[] {
  const first = pick(atoms, random);
  const near = atoms.filter(({ path }) => path[0] === first.path[0]);
  return [first, ...Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(random() < 0.8 ? near : atoms, random))];
}

test("what a request has is possible", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  await holds("possible says no of nothing that is", RUNS, fc.tuple(arbPair(), fc.nat()), async ([{ lower, upper }, seed]) => {
    const random = randomFrom(seed);
    const lists = [lower, upper].flatMap((document) => sideOf(document).subject.loaded.lists);
    const atoms = lists.flatMap(({ rules }) => rules.flatMap(({ condition }) => atomsOf(condition)));
    if (atoms.length === 0) return;
    for (const request of requestsFor(lower, upper, seed, REQUESTS).filter(hasAction))
      for (let set = 0; set < SETS; set++) {
        const chosen = chooseAtoms(atoms, random);
        const literals = chosen.map((atom): Literal => {
          const wider: Truth = random() < 0.3 ? pick([T, F, U], random) : 0;
          return { atom, truths: truthOf(atom, request) | wider };
        });
        tally.add("sets that a request has");
        if (!possible(literals)) {
          const stated = literals.map(({ atom: { key }, truths }) => ({ key, truths }));
          fail("the kernel calls impossible what a request has", { request, stated, lower, upper });
        }
        // Whether it ever says no: of truths at random, most contradict each other.
        const odd = chosen.map((atom): Literal => ({ atom, truths: pick([T, F, U], random) }));
        if (!possible(odd)) tally.add("other sets that are impossible");
      }
  });
  tally.report("possible");
  expect(tally.count("other sets that are impossible")).toBeGreaterThan(tally.count("sets that a request has") / 4);
});
