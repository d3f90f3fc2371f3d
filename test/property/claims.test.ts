// `never`, `always` and `disjoint` on random policies and conditions, against what they mean stated plainly: over requests, one by one.

import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, decisions } from "../../prover/evaluate/decide.js";
import { delegableView } from "../../prover/index.js";
import { prove } from "../../src/prove/index.js";
import { arbPair, type Json, type PolicyDocument, propertyParameters } from "../generators/index.js";
import { fail, parsed, requestsFor, Tally, testProver } from "./support.js";

const RUNS = 400;
const REQUESTS = 300;

type Condition = { readonly action?: Json; readonly when?: Json; readonly unless?: Json };

// The condition of the other policy's first rule.
function conditionOf(document: PolicyDocument): Condition {
  const [rule] = document.rules;
  if (rule === undefined) return {};
  const { action, when, unless } = rule;
  return { action: action as Json, ...(when === undefined ? {} : { when }), ...(unless === undefined ? {} : { unless }) };
}

const decider = (document: unknown, isView = false) => {
  const { loaded } = isView ? delegableView(parsed(document)) : parsed(document);
  return (request: unknown) => decisions.indexOf(decide(loaded, request));
};

// True, or only not false: a rule that allows grants where its condition is true, one that denies also where it is unknown.
function truths(condition: Condition): { readonly isTrue: (request: unknown) => boolean; readonly mayBe: (request: unknown) => boolean } {
  const rule = { action: "**", ...condition };
  const shape = (rules: readonly object[]) => ({ language: "atmost/1", name: "c", version: "1", rules });
  const grants = decider(shape([{ id: "c", effect: "allow", ...rule }]));
  const spares = decider(
    shape([
      { id: "all", effect: "allow", action: "**" },
      { id: "c", effect: "deny", ...rule },
    ]),
  );
  return { isTrue: (request) => grants(request) === 2, mayBe: (request) => spares(request) === 0 };
}

const meanings = {
  permitted: (rank: number) => rank > 0,
  asked: (rank: number) => rank === 1,
  allowed: (rank: number) => rank === 2,
};

const tally = new Tally();

async function judge(claim: object, documents: readonly [PolicyDocument, PolicyDocument]) {
  const texts: Readonly<Record<string, string>> = { "a.json": JSON.stringify(documents[0]), "b.json": JSON.stringify(documents[1]) };
  const claims = { language: "atmost-claims/1", claims: [{ name: "n", because: "b", ...claim }] };
  const result = await prove(claims, { readFile: (path) => texts[path.replace("./", "")], prover });
  if (result.kind === "invalid") return fail("a claim on generated policies is refused", { claims, problems: result.problems });
  const [answer] = result.claims;
  return answer ?? fail("a claim has no answer", { claims });
}

const prover = testProver();

async function checkClaim(
  claim: object,
  documents: readonly [PolicyDocument, PolicyDocument],
  requests: readonly Json[],
  violates: (request: unknown) => boolean,
): Promise<void> {
  const answer = await judge(claim, documents);
  tally.add("links");
  if (answer.found === "undecided") tally.add("undecided");
  tally.add(`${Object.keys(claim)[0]} ${answer.found}`);
  if (answer.found === "undecided") return;
  const shown = answer.witnesses.flatMap((witness) => (witness.kind === "request" ? [witness.request] : []));
  if (answer.found === "holds") {
    const found = requests.find(violates);
    if (found !== undefined) fail("a claim holds, and yet a request violates it", { claim, documents, found });
  } else if (shown.length === 0 || !shown.every(violates))
    fail("a claim fails, and what it shows does not violate it", { claim, documents, shown });
}

test("hold or fail as they do when every request is looked at by itself", { timeout: 600_000 }, async () => {
  const parameters = propertyParameters("claims mean what they say", RUNS);
  await fc.assert(
    fc.asyncProperty(arbPair(), fc.nat(), async ({ lower, upper }, seed) => {
      const documents = [lower, upper] as const;
      const condition = conditionOf(upper);
      const { isTrue, mayBe } = truths(condition);
      const [rank, other] = [decider(lower), decider(upper)];
      const requests = requestsFor(lower, upper, seed, REQUESTS);
      const is = (["permitted", "asked", "allowed"] as const)[seed % 3] ?? "permitted";
      const meets = is === "asked" ? isTrue : mayBe;
      // Of views whose delegation has rules of its own, `asked` is refused; of those that leave no generation it is not.
      const isList = typeof lower.delegation !== "object" || (lower.limits?.depth ?? 0) === 0;
      const isView = seed % 4 === 0 && (is !== "asked" || isList);
      if (isView) tally.add((lower.limits?.depth ?? 0) === 0 ? "views without a generation" : "views");
      const about = isView ? decider(lower, true) : rank;
      const claim = { policy: isView ? { policy: "a.json", view: true } : "a.json", is, ...condition };
      await checkClaim({ never: claim }, documents, requests, (request) => meets(request) && meanings[is](about(request)));
      await checkClaim({ always: claim }, documents, requests, (request) => isTrue(request) && !meanings[is](about(request)));
      await checkClaim({ disjoint: ["a.json", "b.json"] }, documents, requests, (request) => rank(request) > 0 && other(request) > 0);
    }),
    parameters,
  );
  tally.report("claims");
  // Each kind must have been seen to hold and to fail: else this looked at nothing.
  for (const kind of ["views", "views without a generation"])
    expect(tally.count(kind), kind).toBeGreaterThanOrEqual(Math.floor(parameters.numRuns / 40));
  for (const kind of ["never", "always", "disjoint"])
    for (const found of ["holds", "fails"])
      expect(tally.count(`${kind} ${found}`), `${kind} ${found}`).toBeGreaterThanOrEqual(Math.floor(parameters.numRuns / 40));
});
