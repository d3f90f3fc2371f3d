// Generated pairs of policies with their rules in chosen numbers, by a seed. Benchmark code, not trusted.

import { randomFrom } from "../generators/seed.js";
import { type Area, areaOf, pick, type Random, type RuleDocument } from "./areas.js";
import { isRecord } from "./json.js";

/** What a pair was made to be. A widening may still be covered by another rule, so this is no verdict, save for `contained`. */
export type Intent = "contained" | "review" | "exceeds";
/** Two policies as JSON texts. */
export type Pair = { readonly intent: Intent; readonly lower: string; readonly upper: string };

/** The sizes of target 1: rules below and above. */
export const sizes = [
  { lower: 3, upper: 5, name: "3/5" },
  { lower: 8, upper: 15, name: "8/15" },
  { lower: 20, upper: 40, name: "20/40" },
  { lower: 50, upper: 100, name: "50/100" },
  { lower: 100, upper: 200, name: "100/200" },
] as const;

const documentOf = (name: string, rules: readonly RuleDocument[], expires: string): string =>
  JSON.stringify({
    language: "atmost/1",
    name,
    version: "1",
    description: "made by the benchmark",
    rules,
    limits: { expires, depth: name === "lower" ? 1 : 2, children: 4 },
  });

const shuffle = <T>(random: Random, items: readonly T[]): readonly T[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

// A policy above: whole areas, the last one without some of its rules. Few rules per area at small sizes, so that three rules can stay below one.
function areasFor(random: Random, rulesWanted: number): readonly Area[] {
  const areas: Area[] = [];
  const start = Math.floor(random() * 5);
  let left = rulesWanted;
  for (let i = 0; left > 0; i++) {
    const area = areaOf(random, i, start);
    const guards = shuffle(random, area.guards).slice(0, left < 4 ? 1 : 2);
    const allows = area.allows.slice(0, Math.max(1, left - guards.length));
    const kept = { ...area, allows, guards: guards.slice(0, left - allows.length) };
    areas.push(allows.length === area.allows.length ? kept : { ...kept, narrow: [], wide: [] });
    left -= kept.allows.length + kept.guards.length;
  }
  return areas;
}

type Below = { readonly rules: readonly RuleDocument[]; readonly intent: Intent };

// Rules below: the guards of some areas first, because without them the rest escapes, then narrowings of the same areas.
function rulesBelow(random: Random, areas: readonly Area[], rulesWanted: number, intent: Intent): Below {
  const guards: RuleDocument[] = [];
  const narrow: RuleDocument[] = [];
  const wide: RuleDocument[] = [];
  const chosen: Area[] = [];
  for (const area of shuffle(random, areas)) {
    if (area.narrow.length === 0) continue;
    if (guards.length + area.guards.length + 1 > rulesWanted) continue;
    chosen.push(area);
    guards.push(...area.guards);
    narrow.push(...area.narrow);
    wide.push(...area.wide);
    if (guards.length + narrow.length >= rulesWanted) break;
  }
  const rules = [...guards, ...shuffle(random, narrow)].slice(0, rulesWanted);
  if (intent === "contained" || rules.length === 0) return { rules: shuffle(random, rules), intent: "contained" };
  const spot = rules.findLastIndex(({ effect }) => effect === "allow");
  if (intent === "review") {
    // What is asked above is allowed below: an ask is missing, beside a rule that it would meet.
    const asking = chosen.find((area) => area.guards.some(({ effect }) => effect === "ask"));
    const met = asking?.allows[asking.asked];
    const ask = asking?.guards.find(({ effect }) => effect === "ask");
    if (met === undefined || spot < 0) return { rules: shuffle(random, rules), intent: "contained" };
    return {
      rules: shuffle(
        random,
        rules.toSpliced(spot, 1, met).filter((rule) => rule !== ask),
      ),
      intent,
    };
  }
  // One spot escapes: a wider rule in the place of one that allows, or a deny that is missing.
  const denies = rules.flatMap(({ effect }, i) => (effect === "deny" ? [i] : []));
  const [first, ...more] = wide;
  const deny = denies[Math.floor(random() * denies.length)];
  if (deny !== undefined && random() < 0.3) return { rules: shuffle(random, rules.toSpliced(deny, 1)), intent };
  if (first === undefined) return { rules: shuffle(random, rules), intent: "contained" };
  return { rules: shuffle(random, rules.toSpliced(Math.max(spot, 0), 1, pick(random, [first, ...more]))), intent };
}

/** Returns `count` pairs of a size: half are made to be contained, three in ten to exceed, two in ten to need a review. */
export function generatePairs(size: { readonly lower: number; readonly upper: number }, count: number, seed: number): readonly Pair[] {
  const random = randomFrom(seed ^ (size.upper * 7919));
  return Array.from({ length: count }, (_, i): Pair => {
    const wanted: Intent = i % 2 === 0 ? "contained" : i % 10 < 6 ? "exceeds" : "review";
    const areas = areasFor(random, size.upper);
    const { rules, intent } = rulesBelow(random, areas, size.lower, wanted);
    const above = shuffle(
      random,
      areas.flatMap((area) => [...area.allows, ...area.guards]),
    );
    return {
      intent,
      lower: documentOf("lower", rules, "2027-01-01T00:00:00Z"),
      upper: documentOf("upper", above, "2027-06-30T00:00:00Z"),
    };
  });
}

/** Returns a policy of `upper` rules, and one of `lower` rules below it that is contained. */
export function generateContained(upper: number, lower: number, seed: number): Pair {
  const random = randomFrom(seed);
  const areas = areasFor(random, upper);
  const { rules } = rulesBelow(random, areas, lower, "contained");
  const above = shuffle(
    random,
    areas.flatMap((area) => [...area.allows, ...area.guards]),
  );
  return {
    intent: "contained",
    lower: documentOf("lower", rules, "2027-01-01T00:00:00Z"),
    upper: documentOf("upper", above, "2027-06-30T00:00:00Z"),
  };
}

/** Four policies of a spawn as JSON texts, each contained in the next. */
export type Chain = {
  readonly child: string;
  readonly parentDelegable: string;
  readonly parentBoundary: string;
  readonly adminMax: string;
};

const levelOf = (name: string, rules: readonly RuleDocument[], depth: number): string =>
  JSON.stringify({
    language: "atmost/1",
    name,
    version: "1",
    rules,
    limits: { expires: `2027-0${depth}-01T00:00:00Z`, depth, children: depth },
  });

/** Returns chains that all apply: 40 rules for everybody, fewer for the parent and for what it may hand on, ten for the child. */
export function generateChains(count: number, seed: number): readonly Chain[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => chainOf(random, areasFor(random, 40), "job"));
}

/** Returns chains whose three policies above the child are the same ones; no two children are. */
export function generateChildren(count: number, seed: number): readonly Chain[] {
  const random = randomFrom(seed);
  const areas = areasFor(random, 40);
  const above = chainOf(randomFrom(seed), areas, "above");
  return Array.from({ length: count }, (_, n) => ({ ...above, child: chainOf(random, areas, `job-${n}`).child }));
}

function chainOf(random: Random, areas: readonly Area[], job: string): Chain {
  const guards = areas.flatMap((area) => area.guards);
  const allows = areas.flatMap((area) => area.allows);
  // What a child's rules need is in whole areas: the parents keep those, and lose areas from the end.
  const first = (share: number) => areas.slice(0, Math.ceil(areas.length * share)).flatMap((area) => area.allows);
  const { rules } = rulesBelow(random, areas.slice(0, Math.ceil(areas.length * 0.5)), 10, "contained");
  const child = rules.map((rule) => {
    const { when } = rule;
    return rule["effect"] === "allow" ? { ...rule, when: { ...(isRecord(when) ? when : {}), "context.job": { glob: `${job}-*` } } } : rule;
  });
  return {
    child: levelOf(`child of ${job}`, child, 1),
    parentDelegable: levelOf("what may be handed on", [...guards, ...first(0.5)], 2),
    parentBoundary: levelOf("parent", [...guards, ...first(0.75)], 3),
    adminMax: levelOf("everybody", [...guards, ...allows], 4),
  };
}
