// Colour, and nothing else: which tones there are, what each is on a terminal, and when a stream is given any. Not trusted.

/** What a word says by its colour. `mark` is for the part of a request or a rule that decides. */
export type Tone = "good" | "bad" | "warn" | "strong" | "faint" | "mark";

/** Paints words. Without colours it leaves them as they are. */
export type Paint = { readonly [tone in Tone]: (text: string) => string };

/** Returns how words are painted. SOURCE: ECMA-48 section 8.3.117, select graphic rendition. */
export function paintWith(colours: boolean): Paint {
  const tone = (code: string) => (text: string) => (colours && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: tone("1;32"), bad: tone("1;31"), warn: tone("1;33"), strong: tone("1"), faint: tone("2"), mark: tone("1;35") };
}

/** What is known of a stream and its world before anything is written. */
export type Surroundings = { readonly isTTY: boolean; readonly env: Readonly<Record<string, string | undefined>> };

/**
 * Returns true iff what is written is painted: never where `NO_COLOR` is set; else where `FORCE_COLOR` says so, or on a terminal that is
 * not dumb. `FORCE_COLOR` of `0` or `false` means none.
 */
export function wantsColours({ isTTY, env }: Surroundings): boolean {
  const { NO_COLOR: none = "", FORCE_COLOR: force = "", TERM } = env;
  // SOURCE: no-color.org: present and not empty means no colours, whatever else is asked for.
  if (none !== "") return false;
  // SOURCE: force-color.org, and the values that Node's own `getColorDepth` takes.
  if (force !== "") return force !== "0" && force !== "false";
  return isTTY && TERM !== "dumb";
}
