// A second opinion: the exported questions, answered by a solver that shares nothing with our prover. cvc5 is Debian's package.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapes } from "../../prover/evaluate/decide.js";
import { createProver, delegableView, type LinkResult, type ParsedPolicy, parsePolicy, type Subject } from "../../prover/index.js";
import { type Json, limitEscapes } from "../../prover/kernel/index.js";
import { type ExportQuestion, exportSmt } from "../../prover/smt/export.js";
import { arbPair, arbSmallPair, propertyParameters } from "../generators/index.js";
import { isWithoutCvc5 } from "../outside.js";
import { askCvc5, type Cvc5Answer, cvc5Version, requestOf } from "./cvc5.js";

const PAIRS_WANTED = 300;
const PAIRS = 380;
/** Past this time and once enough pairs agree, the others are left out, and it says so. */
const ENOUGH_MS = 150_000;
const PARALLEL = 2;

const isWithout = isWithoutCvc5();

const policyOf = (document: unknown): ParsedPolicy => {
  const read = parsePolicy(document);
  if (read.kind === "invalid") throw new Error(JSON.stringify(read.problems));
  return read.policy;
};

type Pair = { readonly lower: Subject; readonly upper: Subject; readonly text: string };

function generatedPairs(): readonly Pair[] {
  const { seed } = propertyParameters("cvc5 agrees with the prover", PAIRS);
  const large = fc.sample(arbPair(), { seed, numRuns: PAIRS / 2 });
  const small = fc.sample(arbSmallPair(), { seed, numRuns: PAIRS / 2 });
  return [...large, ...small].flatMap((pair, i) => {
    const lower = parsePolicy(pair.lower);
    const upper = parsePolicy(pair.upper);
    if (lower.kind === "invalid" || upper.kind === "invalid") return [];
    // Every sixth pair has a delegable view on one side.
    const above = i % 6 === 0 ? delegableView(upper.policy) : upper.policy;
    const below = i % 6 === 3 ? delegableView(lower.policy) : lower.policy;
    return [{ lower: below, upper: above, text: JSON.stringify({ lower: pair.lower, upper: pair.upper, view: i % 6 }) }];
  });
}

async function ask(pair: Pair, question: ExportQuestion): Promise<Cvc5Answer | { readonly kind: "unsupported" }> {
  const exported = exportSmt(pair.lower, pair.upper, { question });
  return exported.kind === "ok" ? askCvc5(exported.text) : { kind: "unsupported" };
}

/** Throws unless cvc5's answer and ours agree; returns how the pair is counted. */
function compare(pair: Pair, question: ExportQuestion, answer: Cvc5Answer, ours: LinkResult): string {
  if (answer.kind === "failed") throw new Error(`cvc5 does not read the script: ${answer.why}\n${pair.text}`);
  if (answer.kind === "gave_up") return "cvc5 gave up";
  const limits = limitEscapes(pair.lower.loaded, pair.upper.loaded).length > 0;
  if (answer.kind === "sat" && question === "contained" && !limits) {
    const request = requestOf(answer.model, pair.lower, pair.upper);
    if (!escapes(pair.lower.loaded, pair.upper.loaded, request))
      throw new Error(`cvc5's model does not replay: ${JSON.stringify(request)}\n${pair.text}`);
  }
  if (ours.kind === "undecided") return `we are undecided (${ours.reason})`;
  const holds = question === "contained" ? ours.kind === "contained" : ours.kind !== "exceeds";
  if (holds !== (answer.kind === "unsat")) throw new Error(`${question}: we say ${ours.kind}, cvc5 says ${answer.kind}\n${pair.text}`);
  return "agreed";
}

describe("the export to SMT-LIB", () => {
  test.skipIf(isWithout)(
    `cvc5 agrees with the prover on at least ${PAIRS_WANTED} generated pairs, and its models replay`,
    async () => {
      console.log(cvc5Version());
      const prover = createProver({ clock: () => performance.now() });
      const counts = new Map<string, number>();
      const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
      const pairs = generatedPairs();
      const queue = pairs.values();
      const failures: string[] = [];
      const begun = performance.now();
      const work = async () => {
        for (const pair of queue) {
          if (performance.now() - begun > ENOUGH_MS && (counts.get("agreed") ?? 0) >= PAIRS_WANTED) {
            count("left out for time");
            continue;
          }
          const ours = await prover.checkContainment(pair.lower, pair.upper);
          try {
            const answer = await ask(pair, "contained");
            count(answer.kind === "unsupported" ? "not exported" : compare(pair, "contained", answer, ours));
            if (answer.kind !== "sat") continue;
            const review = await ask(pair, "review");
            if (review.kind !== "unsupported") count(`for review: ${compare(pair, "review", review, ours)}`);
          } catch (problem) {
            failures.push(String(problem));
          }
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, work));
      console.log(`${pairs.length} pairs: ${[...counts].map(([what, n]) => `${what} ${n}`).join(" · ")}`);
      expect(failures).toEqual([]);
      expect(counts.get("agreed") ?? 0).toBeGreaterThanOrEqual(PAIRS_WANTED);
    },
    400_000,
  );

  const allow = (when: Json, limits: Json = {}) =>
    policyOf({ language: "atmost/1", name: "p", version: "1", limits, rules: [{ id: "r", effect: "allow", action: "x", when }] });
  const cases: readonly (readonly [string, Json, Json, "sat" | "unsat"])[] = [
    ["a backslash and a quote are themselves", { s: { eq: '\\u{41}"' } }, { s: { in: ["A", '\\u{41}""', '"'] } }, "sat"],
    ["an escape in a text is no escape", { s: { eq: "\\u{41}" } }, { s: { prefix: "\\u" } }, "unsat"],
    ["NUL, é and a character above U+FFFF have length one", { s: { in: ["\0", "é", "\u{1f600}"] } }, { s: { matches: "." } }, "unsat"],
    ["a line feed is no `.`", { s: { eq: "\n" } }, { s: { matches: "." } }, "sat"],
    ["anchors hold at the borders alone", { s: { matches: "(^a|b$)*c?" } }, { s: { matches: "a?b|a?c?" } }, "unsat"],
    ["an anchor inside matches nothing", { s: { matches: "a^b|a$b" } }, { s: { in: [] } }, "unsat"],
    ["−0 is 0", { n: { eq: -0 } }, { n: { eq: 0 } }, "unsat"],
    ["a negative decimal is itself", { n: { lt: -1.5e-7 } }, { n: { lte: -1.5e-7 } }, "unsat"],
    ["a border that the upper leaves out escapes", { n: { lte: 1e21 } }, { n: { lt: 1e21 } }, "sat"],
    ["an address block holds its addresses", { i: { eq: "10.0.0.1" } }, { i: { cidr: "10.0.0.0/8" } }, "unsat"],
    ["two halves cover a block", { i: { cidr: "::/0" } }, { any: [{ i: { cidr: "::/1" } }, { i: { cidr: "8000::/1" } }] }, "unsat"],
    ["an address outside the list is in the block", { i: { cidr: "10.0.0.0/31" } }, { i: { in: ["10.0.0.0"] } }, "sat"],
    ["a full list covers the block", { i: { cidr: "10.0.0.0/31" } }, { i: { in: ["10.0.0.0", "10.0.0.1"] } }, "unsat"],
    ["every is no some", { a: { each: { eq: 1 } } }, { a: { some: { eq: 1 } } }, "sat"],
    ["some of some is found", { a: { some: { some: { eq: 1 } } } }, { a: { some: { present: true } } }, "unsat"],
    ["an object with no other key", { o: { keys: { only: ["a"] } }, "o.a": { eq: 1 } }, { o: { keys: { has: ["a"] } } }, "unsat"],
    ["an unnamed key escapes", { o: { present: true } }, { o: { keys: { only: ["a", "b"] } } }, "sat"],
  ];
  test.skipIf(isWithout).each(cases)("%s", async (_, lower, upper, expected) => {
    const exported = exportSmt(allow(lower), allow(upper));
    expect(exported.kind === "ok" ? (await askCvc5(exported.text)).kind : exported.what).toBe(expected);
  });

  test.skipIf(isWithout)("a greater limit escapes, and an equal one does not", async () => {
    const [less, more] = [allow({}, { depth: 1, spend: { USD: "0.10" } }), allow({}, { depth: 1, spend: { USD: "0.2" } })];
    const answers = await Promise.all(
      [exportSmt(less, more), exportSmt(more, less)].map(async (e) => (e.kind === "ok" ? (await askCvc5(e.text)).kind : e.what)),
    );
    expect(answers).toEqual(["unsat", "sat"]);
  });

  test.each<readonly [string, Json]>([
    ["characters that are told apart above U+2FFFF", { s: { eq: "\u{30000}" } }],
    ["`cidr` beside a text pattern", { s: { cidr: "10.0.0.0/8", prefix: "10." } }],
    ["numbers that are almost zero", { n: { gt: 5e-324 } }],
    ["anchors that are repeated many times", { s: { matches: "(^a){40}" } }],
  ])("refuses %s", (_, when) => {
    expect(exportSmt(allow(when), allow({})).kind).toBe("unsupported");
  });

  test("no text of a policy ends its comment or its string", () => {
    const odd = 'a\n(check-sat)\r\u0085\u2028"|;\\';
    const rules = [{ id: odd, effect: "allow", action: "x", when: { [JSON.stringify([odd])]: { eq: odd, glob: "\n" } } }];
    const policy = policyOf({ language: "atmost/1", name: odd, version: odd, rules });
    const exported = exportSmt(policy, policy);
    const text = exported.kind === "ok" ? exported.text : exported.what;
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(text.split("\n").filter((line) => line === "(check-sat)")).toHaveLength(1);
  });
});
