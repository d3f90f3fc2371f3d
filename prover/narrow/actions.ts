// The actions that two lists of patterns have in common, as patterns. Exact. Not trusted: the result of a narrowing is proved as a whole.

/** The most patterns that an intersection may take. */
export const actionsMax = 64;

type Meet = readonly string[] | undefined;

// What two words of tokens have in common, where `many` stands for any run of tokens, the empty one too. Undefined past the bound.
function meetWords(
  one: readonly string[],
  two: readonly string[],
  many: string,
  meetTokens: (a: string, b: string) => Meet,
): readonly (readonly string[])[] | undefined {
  const known = new Map<string, readonly (readonly string[])[] | undefined>();
  const unique = (words: readonly (readonly string[])[]) => [...new Map(words.map((word) => [JSON.stringify(word), word])).values()];
  const meet = (i: number, j: number): readonly (readonly string[])[] | undefined => {
    const key = `${i} ${j}`;
    if (known.has(key)) return known.get(key);
    const words = unique(step(i, j) ?? Array.from({ length: actionsMax + 1 }, (_, n) => [String(n)]));
    const found = words.length > actionsMax ? undefined : words;
    known.set(key, found);
    return found;
  };
  const both = (a: readonly (readonly string[])[] | undefined, b: readonly (readonly string[])[] | undefined) => a && b && [...a, ...b];
  const step = (i: number, j: number): readonly (readonly string[])[] | undefined => {
    const [a, b] = [one[i], two[j]];
    if (a === undefined && b === undefined) return [[]];
    if (a === many && b === many) return both(meet(i + 1, j), meet(i, j + 1))?.map((word) => (word[0] === many ? word : [many, ...word]));
    if (a === many) return both(meet(i + 1, j), b === undefined ? [] : meet(i, j + 1)?.map((word) => [b, ...word]));
    if (b === many) return both(meet(i, j + 1), a === undefined ? [] : meet(i + 1, j)?.map((word) => [a, ...word]));
    if (a === undefined || b === undefined) return [];
    const [heads, tails] = [meetTokens(a, b), meet(i + 1, j + 1)];
    return heads && tails && heads.flatMap((head) => tails.map((tail) => [head, ...tail]));
  };
  return meet(0, 0);
}

const charactersOf = (segment: string): readonly string[] => segment.match(/\\.|./gsu) ?? [];
const literalOf = (token: string): string => (token.length > 1 && token.startsWith("\\") ? token.slice(1) : token);
const meetCharacters = (a: string, b: string): Meet => (a === "?" ? [b] : b === "?" ? [a] : literalOf(a) === literalOf(b) ? [a] : []);

const meetSegments = (a: string, b: string): Meet =>
  a === b ? [a] : meetWords(charactersOf(a), charactersOf(b), "*", meetCharacters)?.map((word) => word.join(""));

const meetPatterns = (a: string, b: string): Meet =>
  a === b ? [a] : meetWords(a.split(":"), b.split(":"), "**", meetSegments)?.map((word) => word.join(":"));

/** Returns patterns of exactly the actions that a pattern of each list matches; undefined where that takes too many. */
export function meetActions(one: readonly string[], two: readonly string[]): Meet {
  const found = new Set<string>();
  for (const a of one)
    for (const b of two) {
      const part = meetPatterns(a, b);
      if (part === undefined) return undefined;
      for (const pattern of part) if (pattern !== "") found.add(pattern);
      if (found.size > actionsMax) return undefined;
    }
  return [...found].sort();
}
