// A claim that fails says where and by what, one that is undecided is never as expected, and answers come in the order of their claims.

import { describe, expect, test } from "vitest";
import { createProver } from "../../prover/index.js";
import { files, one, run } from "./prove-answers.js";

const inRepo = { path: { path: "/repo/**" } };

describe("a failure", () => {
  test("blames the rules by file and line, and says what changed", async () => {
    const result = await one({ no_new_access: { old: "small.json", new: "large.json" } });
    const lines = (files["p/large.json"] ?? "").split("\n");
    expect(result.blame.length).toBeGreaterThan(0);
    for (const { file, line, id } of result.blame) {
      expect(file).toBe("p/large.json");
      expect(lines.slice((line ?? 0) - 1, (line ?? 0) + 1).join("")).toContain(`"id": "${id}"`);
    }
    expect(result.changes?.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      "added rule `files`",
      "added rule `mail`",
      "added rule `env`",
      "removed rule `read`",
    ]);
  });

  test("of an imported policy blames the line of the foreign text", async () => {
    const policies = { shell: { import: "openshell", file: "shell.yaml" } };
    const never = { policy: "shell", is: "permitted", action: "fs:read", when: { path: { path: "/usr/**" } } };
    expect((await one({ never }, { policies })).blame).toMatchObject([{ file: "p/shell.yaml", line: 3 }]);
  });

  test("by a limit alone shows the limit", async () => {
    const [witness] = (await one({ contained: { lower: "given.json", upper: "large.json" } })).witnesses;
    expect(witness).toEqual({ kind: "limit", title: "lower ≤ upper", limit: "depth", lower: "1", upper: "0" });
  });

  test("of a spawn whose delegable policy leaves no fewer generations is the depth", async () => {
    const spawn = { child: "small.json", delegable: "given.json", boundary: "parent.json", max: "top.json", verdict: "apply" };
    const result = await one({ spawn });
    expect(result.found).toBe("fails");
    expect(result.witnesses).toMatchObject([{ kind: "limit", limit: "depth", title: "delegable ≤ boundary" }]);
  });
});

describe("an undecided claim", () => {
  const bounded = () => createProver({ solver: "none", engines: [] });
  test("is never as expected, whichever way it must go, and keeps nothing", async () => {
    const prover = bounded();
    for (const expected of ["holds", "fails"]) {
      const claim = { expect: expected, contained: { lower: "small.json", upper: "large.json" } };
      const result = await one(claim, {}, { prover });
      expect(result).toMatchObject({ found: "undecided", outcome: "undecided", summary: "undecided: search_bound" });
      expect(result.evidence).toBeUndefined();
    }
    await prover.close();
  });

  test("of a spawn is undecided, not the reject that it would be", async () => {
    const prover = bounded();
    const spawn = { child: "small.json", boundary: "parent.json", max: "top.json", verdict: "reject" };
    expect((await one({ spawn }, {}, { prover })).outcome).toBe("undecided");
    await prover.close();
  });
});

test("claims are answered in their order, whatever the number at one time", async () => {
  const claims = Array.from({ length: 12 }, (_, index) => ({
    name: `claim ${index}`,
    because: "b",
    never: { policy: "large.json", is: "permitted", when: { ...inRepo, n: { eq: index } }, action: index % 2 === 0 ? "fs:read" : "tool:x" },
  }));
  const answers = await Promise.all([1, 4, 64].map((jobs) => run(claims, {}, { jobs })));
  for (const answer of answers) {
    if (answer.kind === "invalid") throw new Error("the input is refused");
    expect(answer.claims.map(({ name }) => name)).toEqual(claims.map(({ name }) => name));
    expect(answer.claims.map(({ found }) => found)).toEqual(claims.map((_, index) => (index % 2 === 0 ? "fails" : "holds")));
  }
});
