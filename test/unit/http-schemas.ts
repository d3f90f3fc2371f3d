// What the published schemas of the HTTP service say of a value. Test code.

import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import * as z from "zod";
import { publishedHttpSchemas } from "../../src/http/schemas.js";

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const validators = new Map(
  publishedHttpSchemas.map(({ component, schema }) => [
    component,
    ajv.compile(z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" })),
  ]),
);

/** Expects `value` to be what the published schema `component` says. */
export const expectValid = (component: string, value: unknown): void => {
  const validate = validators.get(component);
  expect(validate).toBeDefined();
  expect({ valid: validate?.(value), errors: validate?.errors }).toEqual({ valid: true, errors: null });
};

/** Returns whether `value` is what the published schema `component` says; undefined where there is none of that name. */
export const isValid = (component: string, value: unknown): unknown => validators.get(component)?.(value);
