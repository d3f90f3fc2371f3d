// The narrowed policy: the pointwise minimum of child and bounds, within each by a certificate, and the same again when narrowed again.
import fc from "fast-check";
import { expect, test } from "vitest";
import { narrow, verifyCertificate } from "../../prover/index.js";
import { arbPair, arbPolicy } from "../generators/index.js";
import { fail, holds, parsed, rankOf, referenceRankOf, requestsFor, sideOf, Tally, testProver, timeLimit } from "./support.js";

const RUNS = 100;
const REQUESTS = 500;

test(
  "a narrowed policy decides the least of child and bounds, and is certified within each",
  async () => {
    const prover = testProver();
    const tally = new Tally();
    const cases = fc.tuple(arbPair(), fc.option(arbPolicy(), { nil: undefined, freq: 2 }), fc.nat());
    await holds("narrowings", RUNS, cases, async ([pair, third, seed]) => {
      const child = sideOf(pair.lower);
      const bounds = [sideOf(pair.upper, seed % 4 === 0), ...(third === undefined ? [] : [sideOf(third)])];
      const childPolicy = parsed(pair.lower);
      const result = await narrow(
        prover,
        childPolicy,
        bounds.map(({ subject }) => subject),
      );
      // Nothing is within the view of a policy that leaves no generation.
      const isSpent = bounds.some(({ document, isView }) => isView && (document.limits?.depth ?? 0) === 0);
      const saysSo = result.kind === "undecided" && result.reason === "no_generation_left";
      if (isSpent !== saysSo) fail("it says that no generation is left, or does not", { ...pair, third, isSpent, result });
      tally.add(isSpent ? "no generation left" : "narrowings");
      if (isSpent) return;
      tally.add(result.kind);
      if (result.kind === "undecided") {
        tally.add(`undecided: ${result.reason}`);
        return;
      }
      const told = { child: pair.lower, bounds: bounds.map(({ document, isView }) => [document, isView]), result: result.policy.document };
      const { policy, certificates } = result;
      if (verifyCertificate(certificates.child, policy, child.subject).kind !== "accepted") fail("not certified within the child", told);
      for (const [i, bound] of bounds.entries())
        if (verifyCertificate(certificates.bounds[i], policy, bound.subject).kind !== "accepted")
          fail("not certified within a bound", told);
      tally.add("largest", result.largest === undefined ? 0 : 1);
      tally.add("unchanged", result.unchanged ? 1 : 0);
      const made = sideOf(JSON.parse(JSON.stringify(policy.document)));
      for (const upper of bounds)
        for (const request of requestsFor(pair.lower, upper.document, seed, REQUESTS)) {
          const least = Math.min(rankOf(child, request), ...bounds.map((bound) => rankOf(bound, request)));
          const got = rankOf(made, request);
          if (got > least || (got < least && result.largest !== undefined) || got !== referenceRankOf(made, request))
            fail("decides other than the least", { ...told, request, least, got });
        }
      const again = await narrow(
        prover,
        policy,
        bounds.map(({ subject }) => subject),
      );
      if (again.kind !== "narrowed" || again.policy.sha256 !== policy.sha256) fail("narrowed again, it is another", told);
    });
    tally.report("narrowings");
    expect(tally.count("undecided")).toBeLessThan(Math.max(2, tally.count("narrowings") / 100));
    expect(tally.count("largest")).toBeGreaterThan(tally.count("narrowings") * 0.9);
    expect(tally.count("unchanged")).toBeGreaterThan(0);
    expect(tally.count("no generation left")).toBeGreaterThan(0);
    await prover.close();
  },
  timeLimit(RUNS) * 10,
);
