// The `Condition` block of a statement. Not trusted. What holds where a key is missing is AWS's own rule: a positive operator does
// not, a negated one does, `IfExists` does, `ForAllValues` does, `ForAnyValue` does not.

import type { JsonObject } from "../index.js";
import { at, describe, type Tree } from "../openshell/document.js";
import { type Report, readMap, refuse } from "../openshell/reader.js";
import { all, any, contextField, not, type Polarity, present, readMany, type Valued } from "./logic.js";
import { findOperator, OPERATOR_NAMES, type Operator } from "./operators.js";
import { predicatesOf, readBooleans } from "./predicates.js";
import { readTokens } from "./texts.js";

const KEY_LENGTH_MAX = 256;
const CLOCK_KEYS = ["aws:currenttime", "aws:epochtime"];

/** Returns the conditions of the block, all of which must hold. */
export function readConditions(report: Report, value: Tree | undefined, pointer: string, polarity: Polarity): readonly JsonObject[] {
  const block = value === undefined ? undefined : readMap(report, value, pointer, "any");
  return [...(block ?? [])].flatMap(([name, tests]) => {
    const place = at(pointer, name);
    const operator = findOperator(name);
    if (operator === undefined) refuseOperator(report, name, place);
    const map = readMap(report, tests, place, "any");
    if (operator === undefined || map === undefined) return [];
    if (map.size === 0) refuse(report, "invalid_value", place, "an operator without a key tests nothing", { expected: "at least one key" });
    const seen = new Set<string>();
    return [...map].flatMap(([key, values]) => {
      const there = at(place, key);
      const field = readKey(report, key, operator, there);
      if (seen.size === seen.add(key.toLowerCase()).size) {
        refuse(report, "duplicate_key", there, `\`${key}\` stands twice: keys have no case`, { got: key });
      }
      const condition = readTest(report, operator, field ?? "", readMany<Tree>(report, values, there), there, polarity);
      return field === undefined || condition === undefined ? [] : [condition];
    });
  });
}

function refuseOperator(report: Report, name: string, pointer: string): void {
  if (/^(?:For(?:All|Any)Values?:)?BinaryEquals/.test(name)) {
    refuse(report, "not_supported", pointer, `\`${name}\` is not translated: bytes are no value of a request`, { got: name });
    return;
  }
  const nearest = OPERATOR_NAMES.find((known) => known.toLowerCase() === name.toLowerCase());
  refuse(report, "unknown_key", pointer, `operator \`${name}\` is not known`, {
    expected: `one of ${OPERATOR_NAMES.join(", ")}, with \`IfExists\`, \`ForAllValues:\` or \`ForAnyValue:\``,
    got: name,
    ...(nearest === undefined ? {} : { nearest }),
  });
}

// The time of a request is the language's own field, so that a date and an expiry are about one thing.
function readKey(report: Report, key: string, { name, test }: Operator, pointer: string): string | undefined {
  const read = readTokens(key, false);
  if (read.kind === "refused") {
    refuse(report, read.code, pointer, `key \`${key}\` cannot be translated: ${read.reason}`, { got: key });
    return undefined;
  }
  if (!/^[\x21-\x7e]+:[\x20-\x7e]+$/.test(key) || key.length > KEY_LENGTH_MAX) {
    refuse(report, "invalid_value", pointer, `\`${key}\` is no condition key`, {
      expected: "a key such as `aws:SourceIp`, in ASCII",
      got: key,
    });
    return undefined;
  }
  if (!CLOCK_KEYS.includes(key.toLowerCase())) return contextField(key);
  if (test.kind === "date" || test.kind === "null") return "context.time";
  refuse(report, "not_supported", pointer, `\`${name}\` on a time is not translated`, { expected: "a `Date` operator", got: name });
  return undefined;
}

function readTest(
  report: Report,
  operator: Operator,
  field: string,
  values: readonly Valued<Tree>[],
  pointer: string,
  polarity: Polarity,
): JsonObject | undefined {
  const { test, quantifier, name } = operator;
  if (test.kind === "null") return readNull(report, field, values, pointer);
  if (test.kind === "bool") {
    if (quantifier === undefined) return boolean(field, readBooleans(report, values), operator.ifExists, polarity);
    refuse(report, "not_supported", pointer, `\`${name}\` is not translated: no key holds a list of Booleans`, { got: name });
    return undefined;
  }
  const predicates = predicatesOf(report, test, values);
  const wantsEach = quantifier === (operator.negated ? "ForAnyValue" : "ForAllValues");
  if (wantsEach && predicates.length > 1) {
    refuse(report, "not_supported", pointer, `\`${name}\` with several numbers is not translated: each element would be one of them`, {
      expected: "one number",
    });
    return undefined;
  }
  return predicates.length === 0 ? undefined : conditionOf(operator, field, predicates);
}

/** Returns the condition that the operator holds, where one of the `predicates` is what it asks of one value. */
function conditionOf({ quantifier, negated, ifExists }: Operator, field: string, predicates: readonly JsonObject[]): JsonObject {
  const absent = present(field, false);
  const over = (element: "each" | "some") => any(predicates.map((predicate) => ({ [field]: { [element]: predicate } })));
  const optional = (condition: JsonObject) => (ifExists ? any([absent, condition]) : condition);
  switch (quantifier) {
    case undefined: {
      const hit = any(predicates.map((predicate) => ({ [field]: predicate })));
      return negated ? not(hit) : optional(hit);
    }
    case "ForAllValues":
      return negated ? not(over("some")) : any([absent, over("each")]);
    case "ForAnyValue":
      if (!negated) return optional(over("some"));
      return ifExists ? not(over("each")) : all([present(field, true), not(over("each"))]);
  }
}

// `in` is false, not unknown, of a text in a Boolean's place. So a grant asks for the value, and a restriction for anything but the other.
function boolean(field: string, values: readonly boolean[], ifExists: boolean, polarity: Polarity): JsonObject {
  const others = [true, false].filter((value) => !values.includes(value));
  if (polarity === "grant") {
    const hit: JsonObject = { [field]: { in: [...new Set(values)] } };
    return ifExists ? any([present(field, false), hit]) : hit;
  }
  const other = not({ [field]: { in: others } });
  return ifExists ? other : all([present(field, true), other]);
}

function readNull(report: Report, field: string, values: readonly Valued<Tree>[], pointer: string): JsonObject | undefined {
  const [absent, ...more] = readBooleans(report, values);
  if (more.length > 0) {
    const got = describe(values.map(({ value }) => value));
    refuse(report, "invalid_value", pointer, "a key is there or it is not", { expected: "`true` or `false`", got });
  }
  return absent === undefined ? undefined : present(field, !absent);
}
