// The differences between two policies: they cover every request that is decided differently, each shows one that it alone covers, and
// equivalent policies have a certificate each way.
import fc from "fast-check";
import { expect, test } from "vitest";
import { coversRequest, type DiffItem, type DiffResult, diff, verifyCertificate } from "../../prover/index.js";
import { arbPair } from "../generators/index.js";
import {
  fail,
  greaterLimits,
  holds,
  type Link,
  rankOf,
  referenceRankOf,
  requestsFor,
  sideOf,
  Tally,
  testProver,
  timeLimit,
} from "./support.js";

const RUNS = 150;
const REQUESTS = 1_000;
const decisions = ["deny", "ask", "allow"];

type Pair = { readonly old: Link["lower"]; readonly fresh: Link["upper"] };
const named = ({ old, fresh }: Pair) => ({ old: old.document, new: fresh.document, views: [old.isView, fresh.isView] });

function checkItem(pair: Pair, item: DiffItem, items: readonly DiffItem[]): void {
  const { old, fresh } = pair;
  if (item.kind === "limit") {
    const greater = [...greaterLimits({ lower: fresh, upper: old }), ...greaterLimits({ lower: old, upper: fresh })];
    if (!greater.includes(item.limit)) fail("a limit that does not differ is told", { ...named(pair), item });
    return;
  }
  const { request, from, to } = item;
  for (const rank of [rankOf, referenceRankOf]) {
    const got = [rank(old, request), rank(fresh, request)].map((place) => decisions[place]);
    if (from === to || got[0] !== from || got[1] !== to) fail("a request does not separate as it is told", { ...named(pair), item, got });
  }
  const covering = items.filter((other) => coversRequest(other, old.subject, fresh.subject, request));
  if (covering.length !== 1 || covering[0] !== item)
    fail("a request is covered by others, or not by its own item", { ...named(pair), item, covering });
}

function checkCovered(pair: Pair, result: DiffResult, seed: number, tally: Tally): void {
  const { old, fresh } = pair;
  const items = result.kind === "differs" ? result.items : [];
  for (const request of requestsFor(old.document, fresh.document, seed, REQUESTS)) {
    if (rankOf(old, request) === rankOf(fresh, request)) continue;
    tally.add("separating requests");
    if (!items.some((item) => coversRequest(item, old.subject, fresh.subject, request)))
      fail("a request that is decided differently is not covered", { ...named(pair), request, items });
  }
  const greater = [...greaterLimits({ lower: fresh, upper: old }), ...greaterLimits({ lower: old, upper: fresh })];
  const told = items.flatMap((item) => (item.kind === "limit" ? [item.limit] : []));
  if (JSON.stringify(greater.toSorted()) !== JSON.stringify(told.toSorted()))
    fail("other limits are told", { ...named(pair), greater, told });
}

test(
  "the listed differences cover every separating request, and each has one of its own",
  async () => {
    const prover = testProver();
    const tally = new Tally();
    const cases = fc.tuple(arbPair(), fc.boolean(), fc.nat());
    await holds("differences", RUNS, cases, async ([{ lower, upper }, turned, seed]) => {
      const [old, fresh] = turned ? [sideOf(lower), sideOf(upper, seed % 5 === 0)] : [sideOf(upper, seed % 5 === 0), sideOf(lower)];
      const pair: Pair = { old, fresh };
      const result = await diff(prover, old.subject, fresh.subject);
      tally.add("pairs");
      tally.add(result.kind);
      if (result.kind === "equivalent") {
        const { newWithinOld, oldWithinNew } = result.certificates;
        if (verifyCertificate(newWithinOld, fresh.subject, old.subject).kind !== "accepted") fail("a certificate is refused", named(pair));
        if (verifyCertificate(oldWithinNew, old.subject, fresh.subject).kind !== "accepted") fail("a certificate is refused", named(pair));
      }
      if (result.kind === "differs") {
        tally.add("items", result.items.length);
        for (const item of result.items) checkItem(pair, item, result.items);
      }
      if (result.kind === "undecided" || (result.kind === "differs" && !result.complete)) {
        tally.add("not complete");
        tally.add(`not complete: ${result.reason}`);
      } else checkCovered(pair, result, seed, tally);
    });
    tally.report("differences");
    // A bound on work may be met, but hardly ever.
    expect(tally.count("not complete")).toBeLessThan(Math.max(2, tally.count("pairs") / 100));
    expect(tally.count("items")).toBeGreaterThan(tally.count("pairs") / 2);
    expect(tally.count("separating requests")).toBeGreaterThan(tally.count("pairs"));
    await prover.close();
  },
  timeLimit(RUNS) * 4,
);
