// Patterns that share no text, and patterns that do: what most lemmas are about.
import { expect, test } from "vitest";
import { atomsOf, loadStated, possible, T } from "../../prover/kernel/index.js";

test("two patterns that begin or end in different ways share no text; those of which one goes on as the other begins may", () => {
  const share = (one: object, other: object): boolean => {
    const literals = [one, other].flatMap((predicate) => {
      const condition = loadStated({ f: predicate }) ?? expect.unreachable("a condition");
      return atomsOf(condition).map((atom) => ({ atom, truths: T }));
    });
    return possible(literals);
  };
  expect(share({ path: "/w/p5/**" }, { path: "/w/p6/**" })).toBe(false);
  expect(share({ path: "/w/p5/**" }, { path: "/w/p5/docs/*" })).toBe(true);
  expect(share({ host: "*.a.io" }, { host: "*.b.io" })).toBe(false);
  expect(share({ host: "*.a.io" }, { host: "**.io" })).toBe(true);
  expect(share({ suffix: "😀" }, { suffix: "😁" })).toBe(false);
  expect(share({ matches: "[-0-9]x" }, { matches: "5." })).toBe(true);
});
