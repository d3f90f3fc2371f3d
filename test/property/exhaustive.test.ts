// On small policies brute force knows the truth of every request that there can be: the prover's answer is that truth, both ways.
import { expect, test } from "vitest";
import { arbSmallPair, bruteForce } from "../generators/index.js";
import { fail, holds, sideOf, Tally, testProver, timeLimit } from "./support.js";

const RUNS = 2_500;

test("the prover's answer is the exhaustive truth, by short cuts, by search alone and by the solver alone", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  const provers = [
    ["all engines", testProver()],
    ["search alone", testProver(["search"])],
    // Its worker is the built one: `npm test` builds before it tests.
    ["solver alone", testProver(["solver"])],
  ] as const;
  await holds("prover agrees with brute force", RUNS, arbSmallPair(), async (pair) => {
    const { relation, complete, request } = bruteForce(pair.lower, pair.upper);
    tally.add(complete ? "complete universes" : "incomplete universes");
    if (complete) tally.add(`truly ${relation}`);
    const [lower, upper] = [sideOf(pair.lower).subject, sideOf(pair.upper).subject];
    for (const [name, prover] of provers) {
      const result = await prover.checkContainment(lower, upper);
      tally.answer(result);
      tally.add(`${name}: ${result.kind}`);
      if (result.kind === "undecided") continue;
      // What brute force finds, it has seen; what it does not find is not there where its universe is complete.
      const wrong = complete ? result.kind !== relation : relation === "exceeds" && result.kind !== "exceeds";
      if (wrong)
        fail("prover and brute force differ", { name, prover: result.kind, bruteForce: relation, complete, request, ...pair, result });
    }
  });
  for (const [, prover] of provers) await prover.close();
  tally.report("exhaustive");
  // What we take for a proof, the kernel takes for one.
  expect(tally.count("undecided: certificate_refused")).toBe(0);
  for (const relation of ["contained", "review", "exceeds"]) expect(tally.count(`truly ${relation}`)).toBeGreaterThan(0);
});
