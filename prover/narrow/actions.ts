// The actions that two lists of patterns have in common, as patterns. Exact. Not trusted: the result of a narrowing is proved as a whole.

/** The most patterns that an intersection may take. */
export const actionsMax = 64;
/** The most tokens of two words together that are put side by side: it bounds how deep that goes. */
export const tokensMax = 2_000;

/** What may still be spent on intersections: about the places of two words that are put side by side, and the tokens that are written. */
export type Budget = { left: number };

type Words = readonly (readonly string[])[];
type Meet = readonly string[] | undefined;

const unique = (words: Words): Words => [...new Map(words.map((word) => [JSON.stringify(word), word])).values()];

// What two words of tokens have in common, where `many` stands for any run of tokens, the empty one too. Undefined past a bound.
function meetWords(
  one: readonly string[],
  two: readonly string[],
  many: string,
  budget: Budget,
  meetTokens: (a: string, b: string) => Meet,
): Words | undefined {
  if (one.length + two.length > tokensMax) return undefined;
  const known = new Map<number, Words | undefined>();
  const meet = (i: number, j: number): Words | undefined => {
    const key = i * (tokensMax + 1) + j;
    if (known.has(key)) return known.get(key);
    const words = --budget.left < 0 ? undefined : step(i, j);
    const kept = words === undefined || words.length < 2 ? words : unique(words);
    budget.left -= kept === undefined ? 0 : kept.reduce((sum, word) => sum + word.length, 0) / 2;
    const found = kept === undefined || kept.length > actionsMax ? undefined : kept;
    known.set(key, found);
    return found;
  };
  const both = (a: Words | undefined, b: () => Words | undefined): Words | undefined => {
    const other = a && b();
    return a && other && [...a, ...other];
  };
  const step = (i: number, j: number): Words | undefined => {
    const [a, b] = [one[i], two[j]];
    if (a === undefined && b === undefined) return [[]];
    if (a === many && b === many)
      return both(meet(i + 1, j), () => meet(i, j + 1))?.map((word) => (word[0] === many ? word : [many, ...word]));
    if (a === many) return both(meet(i + 1, j), () => (b === undefined ? [] : meet(i, j + 1)?.map((word) => [b, ...word])));
    if (b === many) return both(meet(i, j + 1), () => (a === undefined ? [] : meet(i + 1, j)?.map((word) => [a, ...word])));
    if (a === undefined || b === undefined) return [];
    const heads = meetTokens(a, b);
    if (heads === undefined || heads.length === 0) return heads && [];
    return meet(i + 1, j + 1)?.flatMap((tail) => heads.map((head) => [head, ...tail]));
  };
  return meet(0, 0);
}

const charactersOf = (segment: string): readonly string[] => segment.match(/\\.|./gsu) ?? [];
const literalOf = (token: string): string => (token.length > 1 && token.startsWith("\\") ? token.slice(1) : token);
const meetCharacters = (a: string, b: string): Meet => (a === "?" ? [b] : b === "?" ? [a] : literalOf(a) === literalOf(b) ? [a] : []);
const isPlain = (segment: string): boolean => !/[*?\\]/.test(segment);

const meetSegments = (a: string, b: string, budget: Budget): Meet => {
  if (a === b) return [a];
  if (isPlain(a) && isPlain(b)) return [];
  return meetWords(charactersOf(a), charactersOf(b), "*", budget, meetCharacters)?.map((word) => word.join(""));
};

const meetPatterns = (a: string, b: string, budget: Budget): Meet =>
  a === b ? [a] : meetWords(a.split(":"), b.split(":"), "**", budget, (c, d) => meetSegments(c, d, budget))?.map((word) => word.join(":"));

/** Returns patterns of exactly the actions that a pattern of each list matches; undefined where that takes too many, or too much. */
export function meetActions(one: readonly string[], two: readonly string[], budget: Budget): Meet {
  const found = new Set<string>();
  for (const a of one)
    for (const b of two) {
      const part = --budget.left < 0 ? undefined : meetPatterns(a, b, budget);
      if (part === undefined) return undefined;
      for (const pattern of part) if (pattern !== "") found.add(pattern);
      if (found.size > actionsMax) return undefined;
    }
  return [...found].sort();
}
