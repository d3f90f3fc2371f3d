// Shapes of arguments as conditions of the language, and as words for people. Not trusted.

import type { JsonObject } from "../index.js";
import type { Property, Shape } from "./schema.js";

/** Returns a field of the language for the path of keys. */
export function fieldOf(path: readonly string[]): string {
  return path
    .map((key, index) => {
      if (!/^[A-Za-z0-9_-]+$/.test(key)) return `["${key.replace(/["\\]/g, "\\$&")}"]`;
      // A lone `all`, `any` or `not` would be a combinator, and a lone `__proto__` no key of an object that is built by assigning.
      if (path.length === 1 && ["all", "any", "not", "__proto__"].includes(key)) return `["${key}"]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}

/** Returns the condition that the value at `path` is of that shape; true of no absent value. */
export function conditionOf(shape: Shape, path: readonly string[]): JsonObject {
  const field = fieldOf(path);
  switch (shape.kind) {
    case "number":
      // Every number is on one side of 0, and nothing else is.
      if (Object.keys(shape.bounds).length === 0) return { any: [{ [field]: { lte: 0 } }, { [field]: { gte: 0 } }] };
      return { [field]: shape.bounds };
    case "object":
      return objectCondition(shape.properties, shape.closed, path);
    case "union":
      return { any: shape.options.map((option) => conditionOf(option, path)) };
    default:
      return { [field]: elementOf(shape) };
  }
}

/** Returns the predicate that an element of an array is of that shape, or of a wider one where no predicate says as much. */
function elementOf(shape: Shape): JsonObject {
  switch (shape.kind) {
    case "string":
      return { glob: "*" };
    case "boolean":
      return { in: [false, true] };
    case "null":
      return { eq: null };
    case "literals": {
      const [only, ...more] = shape.values;
      return only !== undefined && more.length === 0 ? { eq: only } : { in: shape.values };
    }
    case "array":
      return { each: elementOf(shape.items) };
    case "number":
      return Object.keys(shape.bounds).length === 0 ? { present: true } : shape.bounds;
    case "object": {
      const fields = shape.properties.map((property) => propertyCondition(property, []));
      return fields.length === 0 ? { keys: { has: [] } } : { where: conjunction(fields) };
    }
    case "any":
    case "union":
      return { present: true };
  }
}

/** Returns whether `elementOf` says all that the shape says. */
export function isElementExact(shape: Shape): boolean {
  switch (shape.kind) {
    case "number":
      return Object.keys(shape.bounds).length > 0;
    case "union":
      return false;
    case "array":
      return isElementExact(shape.items);
    case "object":
      return !shape.closed || shape.properties.length === 0;
    default:
      return true;
  }
}

function objectCondition(properties: readonly Property[], closed: boolean, path: readonly string[]): JsonObject {
  const keys = closed ? { only: properties.map(({ key }) => key) } : { has: [] };
  return conjunction([{ [fieldOf(path)]: { keys } }, ...properties.map((property) => propertyCondition(property, path))]);
}

function propertyCondition(property: Property, path: readonly string[]): JsonObject {
  const inner = [...path, property.key];
  const condition = conditionOf(property.shape, inner);
  if (property.required) return condition;
  const absent = { [fieldOf(inner)]: { present: false } };
  // Of a shape that anything has, nothing is left to say once it may be absent; the field is named all the same.
  return { any: [absent, condition] };
}

/** Returns the condition of a tool's arguments; a call without any meets it where none is required. */
export function argumentsCondition(properties: readonly Property[], closed: boolean): JsonObject {
  const condition = objectCondition(properties, closed, ["args"]);
  return properties.some(({ required }) => required) ? condition : { any: [{ args: { present: false } }, condition] };
}

// Fields that stand for one thing only are kept on top, where a reader looks first.
function conjunction(conditions: readonly JsonObject[]): JsonObject {
  const flat: Record<string, JsonObject[string]> = {};
  const more: JsonObject[] = [];
  for (const condition of conditions) {
    const keys = Object.keys(condition);
    if (keys.some((key) => ["all", "any", "not"].includes(key) || Object.hasOwn(flat, key))) more.push(condition);
    else for (const key of keys) flat[key] = condition[key] ?? null;
  }
  return more.length === 0 ? flat : { ...flat, all: more };
}

const WORDS_DEPTH_MAX = 4;

/** Returns the shape in words: `string`, `"open" | "closed"`, `{ a: string, b?: integer }`, `string[]`. */
export function wordsOf(shape: Shape, depth = 0): string {
  if (depth > WORDS_DEPTH_MAX) return "…";
  switch (shape.kind) {
    case "number": {
      const signs: Readonly<Record<string, string>> = { gte: ">=", lte: "<=", gt: ">", lt: "<" };
      const bounds = Object.entries(shape.bounds).map(([name, value]) => ` ${signs[name] ?? name} ${value}`);
      return `${shape.integer ? "integer" : "number"}${bounds.join("")}`;
    }
    case "literals":
      return shape.values.length === 0 ? "never" : shape.values.map((value) => JSON.stringify(value)).join(" | ");
    case "array": {
      const items = wordsOf(shape.items, depth + 1);
      return / /.test(items) ? `(${items})[]` : `${items}[]`;
    }
    case "object":
      return shape.properties.length === 0 ? "object" : `{ ${namesOf(shape.properties, depth + 1)} }`;
    case "union":
      return shape.options.map((option) => wordsOf(option, depth + 1)).join(" | ");
    default:
      return shape.kind;
  }
}

/** Returns the properties in words, each with its type, `?` after the optional ones. */
export function namesOf(properties: readonly Property[], depth = 0): string {
  return properties.map(({ key, required, shape }) => `${key}${required ? "" : "?"}: ${wordsOf(shape, depth)}`).join(", ");
}
