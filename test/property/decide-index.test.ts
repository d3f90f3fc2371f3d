// Finding rules by what they require changes no decision: it is the one of every rule asked in turn. The restatement below is the definition.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Decision, decide } from "../../prover/evaluate/decide.js";
import { F, isCanonical, isObject, type Policy, T, truthOf } from "../../prover/kernel/index.js";
import { arbPair, type PolicyDocument } from "../generators/index.js";
import { fail, holds, requestsFor, sideOf, Tally, timeLimit } from "./support.js";

const RUNS = 2_500;
const ODD: readonly unknown[] = [null, true, 0, -0, 1, "", "a", "/", "/../a", "A.B", "::1", "1.2.3.4", "01.2.3.4", [], ["a"], {}, { a: 1 }];
const NO_JSON: readonly unknown[] = [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n];

/** Returns the decision where every rule of every list is asked. */
function plainly(policy: Policy, request: unknown): Decision {
  const action = isObject(request) && Object.hasOwn(request, "action") ? request["action"] : undefined;
  if (typeof action !== "string" || !isCanonical("action", action)) return "deny";
  const ranks = policy.lists.map(({ rules }) => {
    const truths = rules.map(({ effect, condition }) => ({ effect, truth: truthOf(condition, request) }));
    if (truths.some(({ effect, truth }) => effect === "deny" && truth !== F)) return 0;
    if (!truths.some(({ effect, truth }) => effect !== "deny" && truth === T)) return 0;
    return truths.some(({ effect, truth }) => effect === "ask" && truth !== F) ? 1 : 2;
  });
  return (["deny", "ask", "allow"] as const)[Math.min(...ranks)] ?? "deny";
}

/** Returns the request with one of its members, at any depth, replaced by something odd or left out. */
function mutants(request: unknown, seed: number): readonly unknown[] {
  if (!isObject(request)) return [];
  const values = [...ODD, ...NO_JSON];
  return Object.entries(request).flatMap(([key, member], i) => {
    const odd = values[(seed + i) % values.length];
    const { [key]: _gone, ...rest } = request;
    return [...mutants(member, seed + i + 1).map((inner) => ({ ...request, [key]: inner })), { ...request, [key]: odd }, rest];
  });
}

/** The rules of several policies as those of one: enough of them that they are found by tables. */
const merged = (documents: readonly PolicyDocument[], delegation: boolean): PolicyDocument => ({
  language: "atmost/1",
  name: "merged",
  version: "1",
  limits: documents[0]?.limits ?? {},
  rules: documents.flatMap(({ rules }, n) => rules.map((rule) => ({ ...rule, id: `${n} ${rule.id}` }))),
  delegation: delegation ? "all" : "none",
});

test("what is found by tables decides as every rule asked in turn, of policies and of their views", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  const cases = fc.tuple(fc.array(arbPair(), { minLength: 1, maxLength: 4 }), fc.nat({ max: 1_000_000 }), fc.boolean());
  await holds("tables agree with every rule", RUNS, cases, ([pairs, seed, isView]) => {
    const documents = pairs.flatMap(({ lower, upper }) => [lower, upper]);
    const document = merged(documents, isView);
    const { loaded } = sideOf(document, isView).subject;
    const [first, last] = [documents[0], documents.at(-1)];
    const asked = [...requestsFor(document, first ?? document, seed, 8), ...requestsFor(last, document, seed + 1, 4)];
    // The first few are decided without tables: they come once more in the end.
    const requests = [...asked, ...asked.flatMap((request, i) => mutants(request, seed + i)), ...asked];
    for (const request of requests) {
      const [found, plain] = [decide(loaded, request), plainly(loaded, request)];
      tally.add(plain);
      if (found !== plain) fail("decisions differ", { found, plain, isView, document, request });
    }
  });
  tally.report("tables");
  for (const decision of ["deny", "ask", "allow"]) expect(tally.count(decision)).toBeGreaterThan(0);
});
