// JSON Schemas of tools' arguments, as far as a policy can say them. Not trusted. What can not be said is loosened to something wider,
// and named: a schema describes calls that a server takes, while a policy is what its author makes of the conditions that come out here.

import { at, type Tree, type TreeMap } from "../openshell/document.js";
import { type Report, refuse } from "../openshell/reader.js";

/** What values an argument has. `any` stands for what could not be said too. */
export type Shape =
  | { readonly kind: "any" | "string" | "boolean" | "null" }
  | { readonly kind: "number"; readonly integer: boolean; readonly bounds: Readonly<Record<string, number>> }
  | { readonly kind: "literals"; readonly values: readonly (null | boolean | number | string)[] }
  | { readonly kind: "array"; readonly items: Shape }
  | { readonly kind: "object"; readonly properties: readonly Property[]; readonly closed: boolean }
  | { readonly kind: "union"; readonly options: readonly Shape[] };

/** One named field of an object. */
export type Property = { readonly key: string; readonly required: boolean; readonly shape: Shape };

/** Deepest nesting of schemas that is described, and longest chain of references; what lies deeper is `any`. */
export const SHAPE_DEPTH_MAX = 5;

/** Most schemas that are read for one tool: references may multiply a small text. */
export const SHAPES_MAX = 2_000;

const ANY: Shape = { kind: "any" };
const TYPES = ["string", "number", "integer", "boolean", "null", "array", "object"];

// Words that describe a value and permit none and forbid none.
const ANNOTATIONS =
  "title description default example examples $schema $id $comment $defs definitions deprecated readOnly writeOnly format".split(" ");

/** Reads the schemas of one tool, and keeps the pointers of what was loosened. */
export class SchemaReader {
  readonly #report: Report;
  readonly #root: Tree;
  readonly #rootPointer: string;
  #read = 0;
  /** Pointers of the keywords that the shapes do not say. */
  readonly loosened = new Set<string>();

  constructor(report: Report, root: Tree, rootPointer: string) {
    this.#report = report;
    this.#root = root;
    this.#rootPointer = rootPointer;
  }

  /** Returns the shape of the schema at `pointer`. */
  read(schema: Tree, pointer: string, depth = 0, links = 0): Shape {
    this.#read += 1;
    if (this.#read === SHAPES_MAX + 1) {
      refuse(this.#report, "too_large", pointer, `the schemas of one tool come to more than ${SHAPES_MAX}`, {
        expected: `at most ${SHAPES_MAX} schemas, references followed`,
      });
    }
    if (this.#read > SHAPES_MAX) return ANY;
    if (schema === true) return ANY;
    if (schema === false) return { kind: "literals", values: [] };
    if (!(schema instanceof Map)) {
      refuse(this.#report, "wrong_type", pointer, "expected a JSON Schema", { expected: "a map, true or false" });
      return ANY;
    }
    if (depth > SHAPE_DEPTH_MAX || links > SHAPE_DEPTH_MAX) return this.#loosen(pointer);
    const said = new Set<string>(ANNOTATIONS);
    const shape = this.#shapeOf(schema, pointer, depth, links, said);
    for (const key of schema.keys()) if (!said.has(key) && !key.startsWith("x-")) this.loosened.add(at(pointer, key));
    return shape;
  }

  #loosen(pointer: string): Shape {
    this.loosened.add(pointer);
    return ANY;
  }

  #shapeOf(schema: TreeMap, pointer: string, depth: number, links: number, said: Set<string>): Shape {
    const literals = this.#literals(schema, pointer, said);
    if (literals !== undefined) return literals;
    const reference = schema.get("$ref");
    if (typeof reference === "string") {
      said.add("$ref");
      const target = this.#resolve(reference);
      return target === undefined
        ? this.#loosen(at(pointer, "$ref"))
        : this.read(target, `${this.#rootPointer}${reference.slice(1)}`, depth, links + 1);
    }
    const type = schema.get("type");
    const implied = type ?? (schema.has("properties") ? "object" : schema.has("items") ? "array" : undefined);
    if (implied !== undefined) {
      said.add("type");
      const types = isList(implied) ? implied : [implied];
      const shapes = types.map((name) => this.#typed(name, schema, pointer, depth, said));
      const [only, ...more] = shapes;
      return only !== undefined && more.length === 0 ? only : { kind: "union", options: shapes };
    }
    return this.#combined(schema, pointer, depth, said);
  }

  /** `const` and `enum`, where every value is a scalar that a policy can compare with. */
  #literals(schema: TreeMap, pointer: string, said: Set<string>): Shape | undefined {
    const key = schema.has("const") ? "const" : schema.has("enum") ? "enum" : undefined;
    if (key === undefined) return undefined;
    const value = schema.get(key) ?? null;
    const values = key === "const" ? [value] : value;
    if (!isList(values)) {
      refuse(this.#report, "wrong_type", at(pointer, key), "expected the values of an enumeration", { expected: "a list" });
      return undefined;
    }
    const scalars = values.filter(isComparable);
    // A type beside its enumeration says nothing more, but where it contradicts it; then it is named as left out.
    if (scalars.length !== values.length) return undefined;
    said.add(key);
    const type = schema.get("type");
    const types = isList(type) ? type : [type];
    if (scalars.every((scalar) => types.some((name) => isOfType(scalar, name)))) said.add("type");
    return { kind: "literals", values: scalars };
  }

  #typed(name: Tree, schema: TreeMap, pointer: string, depth: number, said: Set<string>): Shape {
    switch (name) {
      case "string":
      case "boolean":
      case "null":
        return { kind: name };
      case "integer":
      case "number":
        return { kind: "number", integer: name === "integer", bounds: bounds(schema, said) };
      case "array": {
        const items = schema.get("items");
        if (items === undefined || isList(items)) return { kind: "array", items: ANY };
        said.add("items");
        return { kind: "array", items: this.read(items, at(pointer, "items"), depth + 1) };
      }
      case "object":
        return this.#object(schema, pointer, depth, said);
      default:
        refuse(this.#report, "invalid_value", at(pointer, "type"), "expected a type of JSON Schema", {
          expected: TYPES.join(", "),
          got: typeof name === "string" ? name : "something else",
        });
        return ANY;
    }
  }

  #object(schema: TreeMap, pointer: string, depth: number, said: Set<string>): Shape {
    for (const key of ["properties", "required", "additionalProperties"]) said.add(key);
    const named = schema.get("properties");
    const requiredValue = schema.get("required");
    const required = isList(requiredValue) ? requiredValue : [];
    if (named !== undefined && !(named instanceof Map)) {
      refuse(this.#report, "wrong_type", at(pointer, "properties"), "expected schemas by name", { expected: "a map" });
    }
    if (requiredValue !== undefined && (!isList(requiredValue) || !requiredValue.every((key) => typeof key === "string"))) {
      refuse(this.#report, "wrong_type", at(pointer, "required"), "expected the names of what is required", {
        expected: "a list of strings",
      });
    }
    const place = at(pointer, "properties");
    const properties = [...(named instanceof Map ? named : new Map<string, Tree>())].map(([key, value]) => {
      if (/[\u0000-\u001f\u007f-\u009f]/.test(key)) {
        refuse(this.#report, "not_canonical", at(place, key), "a name with a control character is no field of the language");
      }
      return { key, required: required.includes(key), shape: this.read(value, at(place, key), depth + 1) };
    });
    for (const key of required) {
      if (typeof key === "string" && !properties.some((property) => property.key === key)) this.loosened.add(at(pointer, "required"));
    }
    const additional = schema.get("additionalProperties");
    if (additional instanceof Map && additional.size > 0) this.loosened.add(at(pointer, "additionalProperties"));
    return { kind: "object", properties, closed: additional === undefined ? properties.length > 0 || depth === 0 : additional === false };
  }

  #combined(schema: TreeMap, pointer: string, depth: number, said: Set<string>): Shape {
    for (const key of ["anyOf", "oneOf", "allOf"]) {
      const options = schema.get(key);
      if (!isList(options) || options.length === 0 || (key === "allOf" && options.length > 1)) continue;
      if (["anyOf", "oneOf", "allOf"].some((other) => other !== key && schema.has(other))) continue;
      // A value may be of several of the options here, and of one alone there.
      if (key !== "oneOf") said.add(key);
      const shapes = options.map((option, index) => this.read(option, at(at(pointer, key), index), depth + 1));
      const [only, ...more] = shapes;
      return only !== undefined && more.length === 0 ? only : { kind: "union", options: shapes };
    }
    return ANY;
  }

  /** Returns what a reference within the tool's own schema leads to. */
  #resolve(reference: string): Tree | undefined {
    if (reference !== "#" && !reference.startsWith("#/")) return undefined;
    let value: Tree | undefined = this.#root;
    for (const token of reference.split("/").slice(1)) {
      if (!(value instanceof Map)) return undefined;
      value = value.get(token.replaceAll("~1", "/").replaceAll("~0", "~"));
    }
    return value;
  }
}

function isList(value: Tree | undefined): value is readonly Tree[] {
  return Array.isArray(value);
}

type Scalar = null | boolean | number | string;

// SOURCE: language.md 4: a literal has at most 15 significant digits.
function isComparable(value: Tree): value is Scalar {
  return typeof value === "number" ? isExact(value) : value === null || typeof value === "string" || typeof value === "boolean";
}

function isExact(value: number): boolean {
  return Number(value.toPrecision(15)) === value;
}

function isOfType(value: Scalar, type: Tree | undefined): boolean {
  if (value === null) return type === "null";
  if (typeof value !== "number") return typeof value === type;
  return type === "number" || (type === "integer" && Number.isInteger(value));
}

const BOUNDS: readonly (readonly [keyword: string, predicate: string])[] = [
  ["minimum", "gte"],
  ["maximum", "lte"],
  ["exclusiveMinimum", "gt"],
  ["exclusiveMaximum", "lt"],
];

function bounds(schema: TreeMap, said: Set<string>): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [keyword, predicate] of BOUNDS) {
    const value = schema.get(keyword);
    if (typeof value !== "number" || !isExact(value)) continue;
    found[predicate] = value;
    said.add(keyword);
  }
  return found;
}
