// The values of one operator and key as predicates of ours. Not trusted.
//   INVARIANT: on a value of another type than the page says, each predicate here is unknown. So `eq` is never used: on a number in
//   a text's place it would be false, and a deny would be slipped, or an allow granted by its negation.

import type { JsonObject } from "../index.js";
import { describe, type Tree } from "../openshell/document.js";
import { type Placed, type Report, refuse } from "../openshell/reader.js";
import { oneOrMore, readTokenLists, type Valued } from "./logic.js";
import type { Comparison, Test } from "./operators.js";
import { arnExpression, globOf, ignoreCaseExpression, type Token } from "./texts.js";
import { type Read, readBlock, readDate, readDecimal } from "./values.js";

const EXPRESSION_LENGTH_MAX = 4_096;

/** Returns predicates of one value, of which one must hold; every value that is not translated is named. */
export function predicatesOf(report: Report, test: Test, values: readonly Valued<Tree>[]): readonly JsonObject[] {
  switch (test.kind) {
    case "text":
      return patterns("glob", readTokenLists(report, texts(report, values), test.wildcards).map(globOf));
    case "ignoreCase":
      return patterns("matches", expressions(report, texts(report, values), false, ignoreCase));
    case "arn":
      return patterns("matches", expressions(report, texts(report, values), true, arn));
    case "ip":
      return patterns(
        "cidr",
        readEach(report, values, (tree) => (typeof tree === "string" ? readBlock(tree) : notText)),
      );
    case "number":
      return compare(test.comparison, readEach(report, values, readDecimal));
    case "date":
      return compare(test.comparison, readEach(report, values, readDate));
    case "bool":
    case "null":
      return [];
  }
}

const notText: Read<never> = { kind: "refused", reason: "it is not a string" };

function patterns(predicate: "glob" | "matches" | "cidr", list: readonly string[]): readonly JsonObject[] {
  return list.length === 0 ? [] : [{ [predicate]: oneOrMore([...new Set(list)]) }];
}

// Of several bounds any may hold, so the widest is the one that counts; equal numbers stand beside one another.
function compare(comparison: Comparison, numbers: readonly number[]): readonly JsonObject[] {
  const unique = [...new Set(numbers)];
  if (comparison === "eq") return unique.map((number) => ({ gte: number, lte: number }));
  if (unique.length === 0) return [];
  const widest = comparison === "lt" || comparison === "lte" ? Math.max : Math.min;
  return [{ [comparison]: unique.reduce((best, number) => widest(best, number)) }];
}

/** Returns the values that are true or false, as Booleans or as texts. */
export function readBooleans(report: Report, values: readonly Valued<Tree>[]): readonly boolean[] {
  return readEach(report, values, (tree): Read<boolean> => {
    if (typeof tree === "boolean") return { kind: "value", value: tree };
    return tree === "true" || tree === "false"
      ? { kind: "value", value: tree === "true" }
      : { kind: "refused", reason: "it is not `true` or `false`" };
  });
}

function readEach<Value>(report: Report, values: readonly Valued<Tree>[], read: (tree: Tree) => Read<Value>): readonly Value[] {
  return values.flatMap(({ value, pointer }) => {
    const found = read(value);
    if (found.kind === "value") return [found.value];
    refuse(report, "invalid_value", pointer, `${describe(value)} cannot be translated: ${found.reason}`, { got: describe(value) });
    return [];
  });
}

function texts(report: Report, values: readonly Valued<Tree>[]): readonly Placed[] {
  return values.flatMap(({ value, pointer }) => {
    if (typeof value === "string") return [{ text: value, pointer }];
    refuse(report, "wrong_type", pointer, "expected a string", { expected: "a string", got: describe(value) });
    return [];
  });
}

type Express = (tokens: readonly Token[]) => Read<string>;

const ignoreCase: Express = (tokens) => {
  const cased = tokens.find((token) => token.kind === "letter" && !/[\0-\x7f]/.test(token.letter) && hasCase(token.letter));
  if (cased === undefined) return { kind: "value", value: ignoreCaseExpression(tokens) };
  return { kind: "refused", reason: "what counts as the other case of a letter outside ASCII is not said" };
};

function hasCase(letter: string): boolean {
  return letter.toLowerCase() !== letter || letter.toUpperCase() !== letter;
}

const arn: Express = (tokens) => {
  const expression = arnExpression(tokens);
  if (expression === undefined) return { kind: "refused", reason: "an ARN has six parts, `arn:partition:service:region:account:resource`" };
  return { kind: "value", value: expression };
};

function expressions(report: Report, placed: readonly Placed[], wildcards: boolean, express: Express): readonly string[] {
  return placed.flatMap((each) => {
    const [tokens] = readTokenLists(report, [each], wildcards);
    if (tokens === undefined) return [];
    const read = express(tokens);
    const reason = read.kind === "refused" ? read.reason : "it is too long once it is a regular expression";
    if (read.kind === "value" && byteLength(read.value) <= EXPRESSION_LENGTH_MAX) return [read.value];
    refuse(report, "invalid_value", each.pointer, `\`${each.text}\` cannot be translated: ${reason}`, { got: each.text });
    return [];
  });
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
