// The OpenAPI 3.1 document, made from the routes and from the same zod schemas that validate.

import * as z from "zod";
import { policySchema } from "../../prover/index.js";
import { type ErrorCode, errors } from "../errors.js";
import type { Route } from "./context.js";
import { PROBLEM_TYPE } from "./problem.js";
import { healthSchema, publishedHttpSchemas, storedPolicySchema } from "./schemas.js";

type JsonSchema = Readonly<Record<string, unknown>>;

const components: readonly { readonly component: string; readonly schema: z.ZodType }[] = [
  { component: "Policy", schema: policySchema },
  ...publishedHttpSchemas,
  { component: "StoredPolicy", schema: storedPolicySchema },
  { component: "Health", schema: healthSchema },
];

/** Errors that any route may answer. */
const commonErrors: readonly ErrorCode[] = ["bad_http", "foreign_host", "headers_too_large", "request_timeout", "unauthorized", "internal"];
/** Errors that any route with a body may answer. */
const bodyErrors: readonly ErrorCode[] = [
  "invalid_json",
  "invalid_utf8",
  "invalid_request",
  "too_large",
  "unsupported_media_type",
  "unsupported_encoding",
];

const definitions = "#/$defs/";
const isObject = (value: unknown): value is JsonSchema => typeof value === "object" && value !== null && !Array.isArray(value);

// Definitions that stand inside one schema become components of the whole document, so references to them must follow.
const pointedAtComponents = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(pointedAtComponents);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === "$ref" && typeof inner === "string" && inner.startsWith(definitions)
        ? [key, `#/components/schemas/${inner.slice(definitions.length)}`]
        : [key, pointedAtComponents(inner)],
    ),
  );
};

const componentSchemas = (): JsonSchema => {
  const schemas: Record<string, unknown> = {};
  for (const { component, schema } of components) {
    const { $schema: _, id: __, $defs = {}, ...body } = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
    schemas[component] = pointedAtComponents(body);
    for (const [name, definition] of Object.entries($defs)) schemas[name] = pointedAtComponents(definition);
  }
  return schemas;
};

const reference = (component: string): JsonSchema => ({ $ref: `#/components/schemas/${component}` });

const content = (type: string, component: string | undefined): JsonSchema => ({
  [type]: { schema: component === undefined ? {} : reference(component) },
});

const errorAnswers = (codes: readonly ErrorCode[]): JsonSchema => {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(errors[code].status, [...(byStatus.get(errors[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      String(status),
      {
        description: all.map((code) => `\`${code}\`: ${errors[code].message}`).join("; "),
        content: content(PROBLEM_TYPE, "Problem"),
      },
    ]),
  );
};

const parametersOf = (path: string): readonly JsonSchema[] =>
  [...path.matchAll(/:([a-z0-9]+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    description: "SHA-256 of the policy's RFC 8785 form, lower-case hex.",
    schema: { type: "string", pattern: "^[0-9a-f]{64}$" },
  }));

const operation = (route: Route): JsonSchema => {
  const parameters = parametersOf(route.path);
  const codes: readonly ErrorCode[] = [
    ...commonErrors,
    ...(route.body === undefined ? [] : bodyErrors),
    ...(parameters.length > 0 ? ["not_found" as const] : []),
    ...(route.whileStopping ? [] : ["shutting_down" as const]),
    ...route.errors,
  ];
  const answers = Object.entries(route.answers).map(([status, { description, type, component }]) => [
    status,
    { description, content: content(type ?? "application/json", component) },
  ]);
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: content("application/json", route.body) } }),
    responses: { ...Object.fromEntries(answers), ...errorAnswers(codes) },
    security: route.open ? [] : [{ bearer: [] }, {}],
  };
};

/**
 * Returns the OpenAPI 3.1 document of the routes.
 * @param version the version of this package
 */
export const createOpenApi = (routes: readonly Route[], version: string): JsonSchema => {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:([a-z0-9]+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "atmost",
      version,
      summary: "Proves that an agent you spawn can do at most what you were allowed to hand it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    // Relative, so that it is the address the document was fetched from.
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "Needed where the service was started with tokens." } },
    },
  };
};
