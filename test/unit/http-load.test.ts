// The HTTP service is bounded in time and in load: what is not proved in time is undecided, and what is too much is refused. By injection.

import { describe, expect, it } from "vitest";
import type { SpawnResult } from "../../prover/index.js";
import { applyBody, fakeProver, hangingProver, noEffort, rejectingProver, testApp } from "../generators/http.js";
import { check, expectProblem, send } from "./http-requests.js";
import { expectValid } from "./http-schemas.js";

describe("time and load", () => {
  it("answers undecided, deadline when the prover does not come back, and 200: a proof's outcome is no error", async () => {
    const { prover, aborted } = hangingProver();
    const app = await testApp({ prover, limits: { deadlineMs: 20, graceMs: 5 } });
    const sent = await check(app, applyBody());
    expect(sent.status).toBe(200);
    expectValid("SpawnCheckResponse", sent.json());
    const answer: { readonly verdict: string; readonly links: readonly unknown[] } = sent.json();
    expect(answer.verdict).toBe("reject");
    expect(answer.links).toHaveLength(4);
    for (const link of answer.links) expect(link).toMatchObject({ result: "undecided", reason: "deadline" });
    expect(aborted()).toBe(true);
  });

  it("answers undecided, shutdown when it stops, and refuses new work as shutting down", async () => {
    const { prover, started } = hangingProver();
    const app = await testApp({ prover, limits: { graceMs: 5 } });
    const answer = check(app, applyBody());
    await started;
    app.flights.stop();
    expectProblem(await check(app, applyBody()), "shutting_down");
    expectProblem(await send(app, "GET", "/readyz"), "shutting_down");
    expect((await send(app, "GET", "/healthz")).status).toBe(200);
    app.flights.abort();
    const sent = await answer;
    expect(sent.status).toBe(200);
    expect(sent.json()).toMatchObject({ verdict: "reject", links: Array(4).fill({ result: "undecided", reason: "shutdown" }) });
  });

  it("answers 503 with Retry-After when the solver's queue is full, but not where a link exceeds all the same", async () => {
    const full = { kind: "undecided", reason: "solver_overloaded", effort: noEffort } as const;
    const app = await testApp({ prover: rejectingProver(full) });
    const sent = await check(app, applyBody());
    expectProblem(sent, "overloaded");
    expect(sent.headers["retry-after"]).toBe("1");
    const exceeding = fakeProver(async (input): Promise<SpawnResult> => {
      const { links, ...rest } = await rejectingProver(full).spawnCheck(input);
      const result = { kind: "exceeds", counterexamples: [], effort: noEffort } as const;
      return { ...rest, links: links.map((link, index) => (index === 0 ? { ...link, result } : link)) };
    });
    expect((await check(await testApp({ prover: exceeding }), applyBody())).status).toBe(200);
  });

  it("answers 503 with Retry-After past the bound on requests under way, and takes work again after", async () => {
    const { prover, started } = hangingProver();
    const app = await testApp({ prover, limits: { inFlightMax: 1, deadlineMs: 50, graceMs: 5 } });
    const first = check(app, applyBody());
    await started;
    const sent = await check(app, applyBody());
    expectProblem(sent, "overloaded");
    expect(sent.headers["retry-after"]).toBe("1");
    expect((await first).status).toBe(200);
    expect((await check(app, applyBody())).status).toBe(200);
  });

  it("answers 503 past the bound on bytes under way", async () => {
    const { prover, started } = hangingProver();
    const app = await testApp({
      prover,
      limits: { inFlightBytesMax: Math.floor(JSON.stringify(applyBody()).length * 1.5), deadlineMs: 50, graceMs: 5 },
    });
    const first = check(app, applyBody());
    await started;
    expectProblem(await check(app, applyBody()), "overloaded");
    expect((await first).status).toBe(200);
    expect(app.flights.stats()).toEqual({ requests: 0, bytes: 0 });
  });
});
