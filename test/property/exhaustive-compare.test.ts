// On small policies brute force knows every request that there can be: the differences between two policies cover all that separate them,
// and a narrowed policy decides each as the least of child and bound does.
import { expect, test } from "vitest";
import { coversRequest, diff, narrow } from "../../prover/index.js";
import { arbSmallPair, universeOf } from "../generators/index.js";
import { fail, holds, parsed, rankOf, sideOf, Tally, testProver, timeLimit } from "./support.js";

const RUNS = 500;

test("the listed differences cover every request of the universe that separates, and each alone covers its own", {
  timeout: timeLimit(RUNS),
}, async () => {
  const prover = testProver();
  const tally = new Tally();
  await holds("differences, exhaustively", RUNS, arbSmallPair(), async (pair) => {
    const [old, fresh] = [sideOf(pair.upper), sideOf(pair.lower)];
    const { requests, complete } = universeOf(pair.lower, pair.upper);
    const result = await diff(prover, old.subject, fresh.subject);
    tally.add(complete ? "complete universes" : "incomplete universes");
    tally.add(result.kind);
    if (result.kind === "undecided" || (result.kind === "differs" && !result.complete)) return;
    const items = result.kind === "differs" ? result.items.filter((item) => item.kind !== "limit") : [];
    const coveredBy = (request: unknown) => items.filter((item) => coversRequest(item, old.subject, fresh.subject, request));
    for (const request of requests) {
      if (rankOf(old, request) === rankOf(fresh, request)) continue;
      tally.add("separating requests");
      if (coveredBy(request).length === 0) fail("a request that separates is not covered", { ...pair, request, items });
    }
    for (const item of items) {
      if (rankOf(old, item.request) === rankOf(fresh, item.request)) fail("a listed request does not separate", { ...pair, item });
      if (coveredBy(item.request).length !== 1) fail("an item could be left out", { ...pair, item, items });
    }
  });
  await prover.close();
  tally.report("differences, exhaustively");
  expect(tally.count("separating requests")).toBeGreaterThan(tally.count("differs"));
});

test("a narrowed policy decides every request of the universe as the least of both, and leaves a contained child as it is", {
  timeout: timeLimit(RUNS),
}, async () => {
  const prover = testProver();
  const tally = new Tally();
  await holds("narrowings, exhaustively", RUNS, arbSmallPair(), async (pair) => {
    const [child, bound] = [sideOf(pair.lower), sideOf(pair.upper)];
    const result = await narrow(prover, parsed(pair.lower), [bound.subject]);
    tally.add(result.kind);
    if (result.kind === "undecided") return;
    const { policy, largest, unchanged } = result;
    const made = sideOf(JSON.parse(JSON.stringify(policy.document)));
    const { requests, complete } = universeOf(pair.lower, pair.upper);
    tally.add(complete ? "complete universes" : "incomplete universes");
    for (const request of requests) {
      const [least, got] = [Math.min(rankOf(child, request), rankOf(bound, request)), rankOf(made, request)];
      if (got > least || (got < least && largest !== undefined))
        fail("decides other than the least", { ...pair, request, least, got, narrowed: policy.document });
    }
    const { kind } = await prover.checkContainment(child.subject, bound.subject);
    if (kind === "contained") tally.add("contained before");
    if ((kind === "contained") !== unchanged) fail("changed though contained, or unchanged though not", { ...pair, kind, unchanged });
  });
  await prover.close();
  tally.report("narrowings, exhaustively");
  expect(tally.count("contained before")).toBeGreaterThan(0);
  expect(tally.count("narrowed")).toBeGreaterThan(tally.count("contained before"));
});
