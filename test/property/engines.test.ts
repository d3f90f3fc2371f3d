// Every way to an answer leads to the same one: covers alone, the search alone, the solver alone, and all together.
import { expect, test } from "vitest";
import { verifyCertificate } from "../../prover/index.js";
import { arbPair } from "../generators/index.js";
import { fail, holds, sideOf, Tally, testProver, timeLimit } from "./support.js";

const RUNS = 2_000;

test("no two engines give one pair different answers, and what they prove the kernel accepts", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  const provers = [
    ["all together", testProver(["cover", "search", "solver"])],
    ["cover alone", testProver(["cover"])],
    ["search alone", testProver(["search"])],
    // Its worker is the built one: `npm test` builds before it tests.
    ["solver alone", testProver(["solver"])],
  ] as const;
  await holds("engines agree", RUNS, arbPair(), async (pair) => {
    const [lower, upper] = [sideOf(pair.lower).subject, sideOf(pair.upper).subject];
    let first: { readonly name: string; readonly kind: string } | undefined;
    for (const [name, prover] of provers) {
      const result = await prover.checkContainment(lower, upper);
      tally.add(`${name}: ${result.kind}`);
      if (result.kind === "undecided") {
        // What we take for a proof, the kernel takes for one.
        if (result.reason === "certificate_refused") fail("a proof is refused", { name, ...pair });
        continue;
      }
      if (first !== undefined && first.kind !== result.kind) fail("two engines differ", { first, name, result, ...pair });
      first ??= { name, kind: result.kind };
      if (result.kind === "exceeds") continue;
      const checked = verifyCertificate(result.certificate, lower, upper);
      if (checked.kind !== "accepted" || checked.relation !== result.kind)
        fail("a certificate is not accepted", { name, checked, ...pair });
    }
  });
  for (const [, prover] of provers) await prover.close();
  tally.report("engines");
  for (const [name] of provers) expect(tally.count(`${name}: contained`)).toBeGreaterThan(0);
  for (const [name] of provers) expect(tally.count(`${name}: exceeds`)).toBeGreaterThan(0);
});
