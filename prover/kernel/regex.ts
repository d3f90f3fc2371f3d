// TRUSTED. Reads regular expressions: those of `matches`, and those that all other patterns and the canonical forms are written as.
// SOURCE: RE2's syntax page, without look-around, back-references, flags, Unicode classes and word boundaries.
import { alt, complement, type Expression, literal, pointMax, pointsOf, type Ranges, set } from "./automata.js";
import { refuse } from "./canonical.js";

const [repeatMax, groupsMax, dot] = [1000, 100, set([0, 9, 11, pointMax])]; // many dots are one expression
const classes = new Map<string, Ranges>();
for (const [name, ends] of Object.entries({ d: "09", w: "09AZ__az", s: "\t\n\f\r  " }))
  classes.set(name, pointsOf(ends)).set(name.toUpperCase(), complement(pointsOf(ends)));
for (const [i, name] of [..."abtnvfr"].entries()) if (name !== "b") classes.set(name, [7 + i, 7 + i]);

/** Returns the expression that `text` denotes; the whole string must match, anchors are allowed. @throws Refused where it denotes none */
export function readRegex(text: string): Expression {
  let [at, depth] = [0, 0];
  // Goes past the next `token`, a sticky pattern, and returns it; undefined where it does not come next.
  const next = (token: RegExp): readonly (string | undefined)[] | undefined => {
    token.lastIndex = at;
    const found = token.exec(text) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  // Reads one character, or what follows a backslash: a class, or one code point.
  const readPoints = (): Ranges => {
    const [, braced, hex = braced] = next(/\\x(?:\{0?(10[0-9A-Fa-f]{4}|[0-9A-Fa-f]{1,5})\}|([0-9A-Fa-f]{2}))/y) ?? [];
    if (hex !== undefined) return [Number.parseInt(hex, 16), Number.parseInt(hex, 16)];
    const [, escaped = "", c = escaped] = next(/\\([\s\S])|([^\\])/uy) ?? refuse("ends too soon");
    if (escaped === "x") refuse("expected two hex digits or `{…}` after `\\x`");
    if (/[A-Za-z0-9]/.test(escaped) && !classes.has(escaped)) refuse(`the escape \`\\${escaped}\` is not supported`);
    return classes.get(escaped) ?? pointsOf(c + c);
  };
  const readClass = (): Expression => {
    const negated = next(/\^/y) !== undefined;
    const ranges: number[] = [];
    for (let first = true; first || !next(/\]/y); first = false) {
      if (text.startsWith("[:", at)) refuse("named classes are not supported");
      const [from = 0, end = 0, ...more] = readPoints();
      if (next(/-(?=[^\]])/uy)) {
        const [to = 0, last] = readPoints();
        if (end !== from || last !== to || from > to) refuse("a character range is out of order");
        ranges.push(from, to);
      } else ranges.push(from, end, ...more);
    }
    return set(negated ? complement(ranges) : ranges);
  };
  const readGroup = (): Expression => {
    const head = next(/\?(?::|<[A-Za-z_]\w{0,196}>|P<[A-Za-z_]\w{0,195}>)/y);
    if (head === undefined && text[at] === "?") refuse("look-around and flags are not supported");
    if (++depth > groupsMax) refuse(`expected at most ${groupsMax} nested groups`);
    const inner = readAlternatives();
    depth--;
    return next(/\)/y) ? inner : refuse("a group is not closed");
  };
  const readAtom = (): Expression => {
    if (next(/\^|\\A/y)) return { kind: "start" };
    if (next(/\$|\\z/y)) return { kind: "end" };
    if (next(/\./y)) return dot;
    if (next(/\(/y)) return readGroup();
    if (next(/\[/y)) return readClass();
    const [sign] = next(/[*+?]|\{\d+(?:,\d*)?\}/y) ?? [];
    return sign === undefined ? set(readPoints()) : refuse(`nothing to repeat before \`${sign}\``);
  };
  const readRepeated = (): Expression => {
    const atom = readAtom();
    const [all, sign, least = sign === "+" ? 1 : 0, comma, most] = next(/([*+?])|\{(\d+)(?:(,)(\d*))?\}/y) ?? [];
    if (all === undefined) return atom;
    const open = sign === "*" || sign === "+" || (comma !== undefined && most === "");
    const [min, max] = [Number(least), sign === "?" ? 1 : Number(most ?? least)];
    if ((!open && min > max) || min > repeatMax || max > repeatMax) refuse(`expected a count of at most ${repeatMax}`);
    next(/\?/y); // a lazy repetition matches the same whole strings
    if (next(/[*+?]|\{\d+(?:,\d*)?\}/y)) refuse("a repetition is repeated");
    return { kind: "repeat", item: atom, min, max: open ? Number.POSITIVE_INFINITY : max };
  };
  const readAlternatives = (): Expression => {
    const ways: Expression[][] = [[]];
    while (at < text.length && text[at] !== ")") {
      const [run] = next(/[\w\t\n !"#%&',/:;<=>@`~-]+(?![*+?{])/y) ?? []; // characters that stand for themselves
      if (run !== undefined) ways.at(-1)?.push(literal(run));
      else if (next(/\|/y)) ways.push([]);
      else ways.at(-1)?.push(readRepeated());
    }
    const [only, ...more] = ways.map((items): Expression => ({ kind: "seq", items }));
    return only && more.length === 0 ? only : alt(only ? [only, ...more] : []);
  };
  const expression = readAlternatives();
  return at < text.length ? refuse("a group is closed that was not opened") : expression;
}
