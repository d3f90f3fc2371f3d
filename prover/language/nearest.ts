// Finds what somebody probably meant to write. Not trusted: it only words hints.

/** The longest word that is compared, UTF-16 code units. */
const wordMax = 64;

/**
 * Returns how many insertions, deletions, replacements and swaps of neighbours turn `from` into `to`.
 * Both are cut to 64 code units first; the time is the product of their lengths.
 */
export function editDistance(from: string, to: string): number {
  const a = from.slice(0, wordMax);
  const b = to.slice(0, wordMax);
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      next.push(best);
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}

/**
 * Returns the word of `known` that is nearest to `word`, ignoring case, or undefined when none is near enough to be meant:
 * at most one edit for every three characters, and one at least. The first of equals wins.
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
