// What the property tests share: policies as sides of a link, provers, random requests, limits compared once more, and time limits.
// Test code, not trusted.
import fc from "fast-check";
import { decide, decisions } from "../../prover/evaluate/decide.js";
import {
  createProver,
  delegableView,
  type Engine,
  type LinkResult,
  type ParsedPolicy,
  type Prover,
  parsePolicy,
  type Subject,
} from "../../prover/index.js";
import {
  adversarialRequests,
  arbRequest,
  isJsonObject,
  type Json,
  type PolicyDocument,
  propertyParameters,
  type Random,
  randomFrom,
} from "../generators/index.js";
import { type Decision, referenceDecision, referenceView } from "./reference.js";

/** One side of a link: what the prover takes, the document, and the second evaluator's opinion. */
export type Side = {
  readonly subject: Subject;
  readonly document: PolicyDocument;
  readonly isView: boolean;
  readonly reference: (request: unknown) => Decision;
};

/** A link to be judged. */
export type Link = { readonly lower: Side; readonly upper: Side };

const LINK_DEADLINE_MS = 20_000;
const TEST_BASE_MS = 120_000;
const TEST_PER_RUN_MS = 150;

/** Returns the policy that a generated document states. Throws where the parser refuses it: the generators make valid ones only. */
export function parsed(document: unknown): ParsedPolicy {
  const result = parsePolicy(document);
  if (result.kind === "ok") return result.policy;
  throw new Error(`a generated policy is refused: ${JSON.stringify(result.problems)}`);
}

/** Returns a document, or its delegable view, as a side of a link. */
export function sideOf(document: PolicyDocument, isView = false): Side {
  const policy = parsed(document);
  return isView
    ? { subject: delegableView(policy), document, isView, reference: (request) => referenceView(document, request) }
    : { subject: policy, document, isView, reference: (request) => referenceDecision(document, request) };
}

/** Returns the rank of what the kernel decides: 0 deny, 1 ask, 2 allow. */
export const rankOf = (side: Side, request: unknown): number => decisions.indexOf(decide(side.subject.loaded, request));

/** Returns the rank of what the reference decides. */
export const referenceRankOf = (side: Side, request: unknown): number => decisions.indexOf(side.reference(request));

/** Returns a prover, without solver unless it is asked for; a link that takes longer than 20 s is undecided. Close it in the end. */
export const testProver = (engines: readonly Engine[] = ["cover", "search"]): Prover =>
  createProver({
    clock: () => performance.now(),
    bounds: { deadlineMs: LINK_DEADLINE_MS },
    engines,
    ...(engines.includes("solver") ? {} : { solver: "none" }),
  });

/** How far up an answer stands in `contained < review < exceeds`; undefined where it is undecided. */
export function severityOf(result: LinkResult): number | undefined {
  const place = ["contained", "review", "exceeds"].indexOf(result.kind);
  return place < 0 ? undefined : place;
}

/** Returns requests at the borders of the policies' own patterns, and as many that are random. */
export function requestsFor(lower: unknown, upper: unknown, seed: number, count: number): readonly Json[] {
  const random = randomFrom(seed);
  const half = Math.ceil(count / 2);
  return [
    ...adversarialRequests(lower, upper, random, count),
    ...fc.sample(arbRequest({ lower, upper }), { seed, numRuns: half }),
    ...fc.sample(arbRequest(), { seed, numRuns: count - half }),
  ];
}

// ---- limits, compared with code of their own ----

const isDecimal = (text: unknown): text is string => typeof text === "string" && text !== "unlimited";

// Decimals are compared as integers after padding both to one number of places.
function isGreater(below: unknown, above: unknown): boolean {
  if (above === "unlimited") return false;
  if (below === "unlimited") return true;
  const [left, right] = [below, above].map((amount) => (isDecimal(amount) ? amount : String(amount ?? 0)));
  const places = Math.max(...[left, right].map((text) => (text?.split(".")[1] ?? "").length));
  const units = (text = "0"): bigint => {
    const [whole = "0", fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(places, "0"));
  };
  return units(left) > units(right);
}

function limitsOf({ document, isView }: Side): { readonly depth: unknown; readonly children: unknown; readonly spend: unknown } {
  const { depth = 0, children = 0, spend = {} } = document.limits ?? {};
  return { depth: isView && typeof depth === "number" ? depth - 1 : depth, children, spend };
}

/** Returns the names of the limits that are greater below, as section 5 of the language compares them. */
export function greaterLimits({ lower, upper }: Link): readonly string[] {
  const [below, above] = [limitsOf(lower), limitsOf(upper)];
  const currencies = isJsonObject(below.spend) ? Object.entries(below.spend) : [];
  const bound = (currency: string): unknown => (isJsonObject(above.spend) ? above.spend[currency] : above.spend);
  return [
    ...(isGreater(below.depth, above.depth) ? ["depth"] : []),
    ...(isGreater(below.children, above.children) ? ["children"] : []),
    ...(below.spend === "unlimited" && above.spend !== "unlimited" ? ["spend"] : []),
    ...currencies.filter(([currency, amount]) => isGreater(amount, bound(currency) ?? 0)).map(([currency]) => `spend.${currency}`),
  ];
}

// ---- shuffling ----

/** Returns the items in a random order. */
export function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

// ---- running ----

/** What `vitest` is told a property may take: long enough for `ATMOST_RUNS` cases on a slow machine. */
export function timeLimit(runsDefault: number): number {
  const runs = Number(process.env["ATMOST_RUNS"] ?? runsDefault);
  return TEST_BASE_MS + TEST_PER_RUN_MS * Math.max(runsDefault, Number.isFinite(runs) ? runs : 0);
}

/** Asserts an asynchronous property: the seed is printed before, seed and path and the shrunk case with a failure. */
export async function holds<Case>(
  title: string,
  runsDefault: number,
  cases: fc.Arbitrary<Case>,
  check: (value: Case) => Promise<void> | void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, async (value) => {
      await check(value);
    }),
    { ...propertyParameters(title, runsDefault), verbose: 0 },
  );
}

/** Throws with the details as JSON: cheaper than `expect` where a property looks at thousands of requests. */
export function fail(claim: string, details: { readonly [name: string]: unknown }): never {
  throw new Error(`${claim}: ${JSON.stringify(details)}`);
}

/** Counts by name, printed at the end of a property. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, this.count(name) + count);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Counts an answer by its kind, an undecided one by its reason too. */
  answer(result: LinkResult): void {
    this.add("links");
    this.add(result.kind);
    if (result.kind === "undecided") this.add(`undecided: ${result.reason}`);
  }

  /** Prints the counts, and throws where one answer in a hundred or more is undecided. */
  report(title: string): void {
    console.log(`${title}: ${[...this.#counts].map(([name, count]) => `${name} ${count}`).join(", ")}`);
    const [undecided, links] = [this.count("undecided"), this.count("links")];
    if (undecided > 0 && undecided >= links / 100) fail("too many answers are undecided", { undecided, links });
  }
}
