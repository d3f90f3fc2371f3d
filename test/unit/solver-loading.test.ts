// A prover loads the solver when it is first asked, once, and not at all once it is closed.

import { describe, expect, it } from "vitest";
import { createProver, parsePolicy } from "../../prover/index.js";

describe("a prover that loads the solver when it is asked", () => {
  const policyOf = (action: string) => {
    const rules = [{ id: "r", effect: "allow", action }];
    const result = parsePolicy({ language: "atmost/1", name: action, version: "1", rules });
    if (result.kind !== "ok") throw new Error("refused");
    return result.policy;
  };

  it("has one pool for questions that come at once", async () => {
    const prover = createProver({ engines: ["solver"] });
    const answers = await Promise.all(["a:b", "a:c"].map((action) => prover.checkContainment(policyOf(action), policyOf("a:*"))));
    expect(answers.map(({ kind }) => kind)).toEqual(["contained", "contained"]);
    expect(prover.stats().solver?.sessions).toBe(2);
    await prover.close();
  });

  it("starts no worker once it is closed, even where the question came before", async () => {
    const prover = createProver({ engines: ["solver"] });
    const answer = prover.checkContainment(policyOf("a:b"), policyOf("a:*"));
    await prover.close();
    expect(await answer).toMatchObject({ kind: "undecided", reason: "shutdown" });
    expect(prover.stats().solver).toMatchObject({ started: 0, workers: 0 });
  });
});
