// TRUSTED. Reads the regular expressions of `matches`.
// SOURCE: RE2's syntax page, without look-around, back-references, flags, Unicode classes and word boundaries.

import { alt, complement, type Expression, literal, normalise, pointMax, pointsOf, type Ranges, repeat, seq, set } from "./automata.js";

const repeatMax = 1000;
const groupsMax = 100;
const digit: Ranges = [0x30, 0x39];
const word: Ranges = normalise([0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]);
const space: Ranges = normalise([0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]);
const classes: ReadonlyMap<string, Ranges> = new Map([
  ["d", digit],
  ["D", complement(digit)],
  ["w", word],
  ["W", complement(word)],
  ["s", space],
  ["S", complement(space)],
]);
const controls: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
]);

class SyntaxProblem extends Error {}

/** Returns the expression that `text` denotes, or why it is none. The whole string must match; anchors are allowed. */
export function parseRegex(text: string): Expression | string {
  const points = pointsOf(text);
  let at = 0;
  let depth = 0;
  const peek = (offset = 0): string | undefined => {
    const point = points[at + offset];
    return point === undefined ? undefined : String.fromCodePoint(point);
  };
  const fail = (message: string): never => {
    throw new SyntaxProblem(message);
  };
  const take = (): string => {
    const character = peek() ?? fail("ends too soon");
    at++;
    return character;
  };
  const rest = () =>
    points
      .slice(at, at + 16)
      .map((p) => String.fromCodePoint(p))
      .join("");

  // Reads what follows a backslash: a class, or one code point.
  const parseEscape = (): Ranges => {
    const c = take();
    const known = classes.get(c);
    if (known !== undefined) return known;
    const control = controls.get(c);
    if (control !== undefined) return [control, control];
    if (c === "x") {
      const hex = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(rest());
      const point = Number.parseInt(hex?.[1] ?? hex?.[2] ?? "", 16);
      if (hex === null || point > pointMax) return fail("expected two hex digits or `{…}` after `\\x`");
      at += hex[0].length;
      return [point, point];
    }
    if (/[A-Za-z0-9]/.test(c)) return fail(`the escape \`\\${c}\` is not supported`);
    const point = c.codePointAt(0) ?? 0;
    return [point, point];
  };

  const parseClass = (): Expression => {
    const negated = peek() === "^";
    if (negated) at++;
    const ranges: number[] = [];
    for (let first = true; first || peek() !== "]"; first = false) {
      if (peek() === "[" && peek(1) === ":") return fail("named classes are not supported");
      const c = take();
      const low = c === "\\" ? parseEscape() : [c.codePointAt(0) ?? 0, c.codePointAt(0) ?? 0];
      if (peek() !== "-" || peek(1) === "]" || peek(1) === undefined) {
        ranges.push(...low);
        continue;
      }
      at++;
      const d = take();
      const high = d === "\\" ? parseEscape() : [d.codePointAt(0) ?? 0];
      const [lo = 0, hi = 0] = [low[0], high[0]];
      if (low[1] !== lo || (high.length > 1 && high[1] !== hi) || lo > hi) return fail("a character range is out of order");
      ranges.push(lo, hi);
    }
    at++;
    const positive = normalise(ranges);
    return { kind: "set", ranges: negated ? complement(positive) : positive };
  };

  const parseGroup = (): Expression => {
    const head = /^\?(?::|P?<[A-Za-z_][A-Za-z0-9_]*>)/.exec(
      points
        .slice(at, at + 200)
        .map((p) => String.fromCodePoint(p))
        .join(""),
    );
    if (head !== null) at += head[0].length;
    else if (peek() === "?") return fail("look-around and flags are not supported");
    if (++depth > groupsMax) return fail(`expected at most ${groupsMax} nested groups`);
    const inner = parseAlternatives();
    depth--;
    if (peek() !== ")") return fail("a group is not closed");
    at++;
    return inner;
  };

  const parseAtom = (): Expression => {
    const c = take();
    switch (c) {
      case ".":
        return set(0, 9, 11, pointMax);
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "(":
        return parseGroup();
      case "[":
        return parseClass();
      case "*":
      case "+":
      case "?":
        return fail(`nothing to repeat before \`${c}\``);
      case "\\":
        if (peek() === "A" || peek() === "z") return { kind: take() === "A" ? "start" : "end" };
        return { kind: "set", ranges: parseEscape() };
      default:
        return literal(c);
    }
  };

  const parseRepeated = (): Expression => {
    const atom = parseAtom();
    const counted = /^\{(\d{1,5})(,(\d{0,5}))?\}/.exec(rest());
    const sign = peek();
    const bounds =
      counted !== null
        ? [
            Number(counted[1]),
            counted[2] === undefined ? Number(counted[1]) : counted[3] === "" ? Number.POSITIVE_INFINITY : Number(counted[3]),
          ]
        : sign === "*"
          ? [0, Number.POSITIVE_INFINITY]
          : sign === "+"
            ? [1, Number.POSITIVE_INFINITY]
            : sign === "?"
              ? [0, 1]
              : undefined;
    if (bounds === undefined) return atom;
    at += counted?.[0].length ?? 1;
    const [min = 0, max = 0] = bounds;
    if (min > max || min > repeatMax || (max > repeatMax && max !== Number.POSITIVE_INFINITY))
      return fail(`expected a count of at most ${repeatMax}`);
    if (peek() === "?") at++; // a lazy repetition matches the same whole strings
    if (/^(?:[*+?]|\{\d{1,5}(?:,\d{0,5})?\})/.test(rest())) return fail("a repetition is repeated");
    return repeat(atom, min, max);
  };

  function parseAlternatives(): Expression {
    const items: Expression[] = [];
    for (;;) {
      const parts: Expression[] = [];
      while (peek() !== undefined && peek() !== "|" && peek() !== ")") parts.push(parseRepeated());
      items.push(seq(...parts));
      if (peek() !== "|") return items.length === 1 && items[0] !== undefined ? items[0] : alt(...items);
      at++;
    }
  }

  try {
    const expression = parseAlternatives();
    return at < points.length ? "a group is closed that was not opened" : expression;
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return problem.message;
    throw problem;
  }
}
