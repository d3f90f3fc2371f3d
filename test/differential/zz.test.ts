import fc from "fast-check";
import { expect, test } from "vitest";
import { writeFileSync } from "node:fs";
import { parsePolicy } from "../../prover/language/parse.js";
import { escapes, limitEscapes } from "../../prover/kernel/index.js";
import { exportSmt } from "../../prover/smt/export.js";
import { arbPair, arbSmallPair, adversarialRequests, randomFrom } from "../generators/index.js";
import { askCvc5, requestOf } from "./cvc5.js";

test("x", async () => {
  const N = Number(process.env.N ?? 60), seed = Number(process.env.SEED ?? 1);
  const pairs = fc.sample(process.env.SMALL ? arbSmallPair() : arbPair(), { numRuns: N, seed });
  const c: Record<string, number> = {};
  const add = (k: string) => { c[k] = (c[k] ?? 0) + 1; };
  let at = 0;
  const slow: [number, number, string][] = [];
  const work = async () => {
    for (;;) {
      const i = at++;
      const pair = pairs[i];
      if (!pair) return;
      const load = (d: unknown) => { const r = parsePolicy(d); if (r.kind !== "ok") { add("invalid"); return undefined; } return { kind: "policy" as const, ...r.policy } as never; };
      const lower: any = load(pair.lower), upper: any = load(pair.upper);
      if (!lower || !upper) continue;
      const e = exportSmt(lower, upper);
      if (e.kind === "unsupported") { add("unsupported " + e.what.slice(0, 40)); continue; }
      const t = performance.now();
      const a = await askCvc5(e.text, 5000);
      const ms = performance.now() - t;
      slow.push([Math.round(ms), i, a.kind]);
      add(a.kind + " " + pair.origin);
      if (a.kind === "failed") { writeFileSync(`/tmp/f${i}.smt2`, e.text); console.log(i, a.why); }
      if (a.kind === "gave_up") writeFileSync(`/tmp/g${i}.smt2`, e.text);
      if (a.kind === "sat") {
        const r = requestOf(a.model, lower, upper);
        const limits = limitEscapes(lower.loaded, upper.loaded).length > 0;
        if (!limits && !escapes(lower.loaded, upper.loaded, r)) { add("BAD sat"); writeFileSync(`/tmp/b${i}.smt2`, e.text); console.log(i, "sat but no escape", JSON.stringify(r), JSON.stringify(pair), a.model.slice(0, 3000)); }
        else add(limits ? "sat limit" : "sat replayed");
      }
      if (a.kind === "unsat") {
        if (limitEscapes(lower.loaded, upper.loaded).length) console.log("limit?");
        const bad = adversarialRequests(pair.lower, pair.upper, randomFrom(i), 300).find((r: unknown) => escapes(lower.loaded, upper.loaded, r));
        if (bad) { add("BAD unsat"); writeFileSync(`/tmp/b${i}.smt2`, e.text); console.log(i, "unsat but escape", JSON.stringify(bad), JSON.stringify(pair)); }
      }
    }
  };
  const t0 = performance.now();
  await Promise.all([work(), work()]);
  slow.sort((a, b) => b[0] - a[0]);
  console.log(JSON.stringify(c, null, 1), Math.round(performance.now() - t0), slow.slice(0, 12).join(" | "));
});
