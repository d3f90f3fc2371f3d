import fc from "fast-check";
import { test } from "vitest";
import { arbPair, randomFrom } from "../generators/index.js";
import { sideOf, testProver, shuffled } from "./support.js";
test("m", async () => {
  const prover = testProver();
  const hist: any = { order: {}, rename: {}, dup: {} };
  const n = (r: any) => r.certificate?.counts.nodes;
  let worst: any;
  for (const { lower, upper } of fc.sample(arbPair(), { numRuns: 1500, seed: Number(process.env.S ?? 1) })) {
    const a = await prover.checkContainment(sideOf(lower).subject, sideOf(upper).subject);
    if (a.kind === "exceeds") continue;
    const random = randomFrom(1);
    const f: any = {
      order: (p: any) => ({ ...p, rules: shuffled(p.rules, random) }),
      rename: (p: any) => ({ ...p, rules: p.rules.map((r: any, i: number) => ({ ...r, id: `z${100 - i}` })) }),
      dup: (p: any) => ({ ...p, rules: [...p.rules, ...p.rules.map((r: any, i: number) => ({ ...r, id: `z${100 - i}` }))] }),
    };
    for (const k of Object.keys(f)) {
      const b = await prover.checkContainment(sideOf(f[k](lower)).subject, sideOf(f[k](upper)).subject);
      if (b.kind !== a.kind) console.log("KIND", k, a.kind, b.kind);
      const d = n(b) - n(a);
      hist[k][d] = (hist[k][d] ?? 0) + 1;
      if (k === "order" && (worst === undefined || Math.abs(d) > Math.abs(worst.d))) worst = { d, a: n(a), b: n(b), lower, upper, below: f[k] };
    }
  }
  console.log(JSON.stringify(hist), JSON.stringify(worst));
}, 600000);
