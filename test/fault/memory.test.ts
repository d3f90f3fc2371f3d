// Policies that are let go are let go: what the kernel shares between policies is bounded by its size, not only by how many things it is.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const dist = new URL("../../dist/prover/index.js", import.meta.url).href;
const heapMiB = 240;

// Found by an adversary: a service with 1,500 MB of heap was out of memory after 107 requests with policies like these, none of them kept.
const kinds = {
  // Thirteen conditions around one long text; each of their keys holds those of its parts.
  "24, long texts in nested conditions": `
    let when = { f: { eq: i + "x".repeat(900_000) } };
    for (let d = 0; d < 13; d++) when = { [d % 2 ? "all" : "any"]: [when, { ["g" + d]: { eq: i } }] };
    const rules = [{ id: "r", effect: "allow", action: "a", when }];`,
  // Expressions of some 8,000 parts.
  "6, patterns of many parts": `
    const list = (r) => Array.from({ length: 8 }, (_, p) => i + "-" + r + "-" + p + "[^a]".repeat(990));
    const rules = Array.from({ length: 30 }, (_, r) => ({ id: "r" + r, effect: "allow", action: "a", when: { f: { matches: list(r) } } }));`,
};

it.each(Object.entries(kinds))(`policies of 0.9 MB, one after the other, fit into ${heapMiB} MiB: %s`, async (name, rules) => {
  const script = `
    import { evaluate, parsePolicy } from ${JSON.stringify(dist)};
    for (let i = 0; i < ${Number.parseInt(name, 10)}; i++) {
      ${rules}
      const read = parsePolicy({ language: "atmost/1", name: "n" + i, version: "1", rules });
      if (read.kind !== "ok") throw new Error(JSON.stringify(read.problems).slice(0, 300));
      evaluate(read.policy, { action: "a", f: "b" });
    }
    console.log("done");`;
  const options = [`--max-old-space-size=${heapMiB}`, "--input-type=module", "--eval", script];
  const run = await promisify(execFile)(process.execPath, options, { timeout: 100_000 });
  expect(run.stdout).toBe("done\n");
});
