// The published JSON Schemas: in step with the zod schemas, valid, and of one mind with the parser.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicy, parseRequest } from "../../prover/language/parse.js";
import { publishedSchemas, renderSchema } from "../../scripts/published-schemas.js";
import { arbPolicy } from "../generators/policies.js";
import { propertyParameters } from "../generators/seed.js";

const folder = join(fileURLToPath(new URL("../..", import.meta.url)), "schemas");
const fileOf = (name: string) => join(folder, `${name}.schema.json`);
// The format is the one that the statement names; its values are held by the zod schema and its tests.
const ajv = () =>
  new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    formats: { "date-time": (text: string) => !Number.isNaN(Date.parse(text)) },
  });
const validator = (name: string) => ajv().compile(JSON.parse(readFileSync(fileOf(name), "utf8")));

describe("the published schemas", () => {
  test.each(publishedSchemas.map((entry) => [entry.name, entry] as const))("are in step with the code: %s", (name, entry) => {
    // Where this fails: node scripts/generate-schemas.mjs
    expect(readFileSync(fileOf(name), "utf8")).toBe(renderSchema(entry));
  });

  test("are all listed: no file is without its entry", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".schema.json"));
    expect(files.sort()).toEqual(publishedSchemas.map(({ name }) => `${name}.schema.json`).sort());
  });

  test.each(publishedSchemas.map(({ name }) => name))("compile as JSON Schema 2020-12 in strict mode, and have a title: %s", (name) => {
    const schema = JSON.parse(readFileSync(fileOf(name), "utf8"));
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", title: expect.any(String) });
    expect(() => ajv().compile(schema)).not.toThrow();
  });
});

describe("the policy schema", () => {
  test("accepts every generated policy", () => {
    const validate = validator("policy");
    fc.assert(
      fc.property(arbPolicy(), (policy) => {
        validate(JSON.parse(JSON.stringify(policy)));
        expect(validate.errors ?? []).toEqual([]);
      }),
      propertyParameters("the policy schema accepts policies", 300),
    );
  });

  const rule = (more: object) => ({
    language: "atmost/1",
    name: "p",
    version: "1",
    rules: [{ id: "r", effect: "allow", action: "x", ...more }],
  });
  test.each<[string, unknown]>([
    ["no object", []],
    ["another language", { ...rule({}), language: "atmost/2" }],
    ["an unknown key", { ...rule({}), nam: "x" }],
    ["no name", { language: "atmost/1", version: "1", rules: [] }],
    ["modify", rule({ modify: {} })],
    ["reviewers without ask", rule({ reviewers: ["me"] })],
    ["no action", rule({ action: [] })],
    ["the action as a field", rule({ when: { "action.x": { eq: 1 } } })],
    ["a field that is none", rule({ when: { "a..b": { eq: 1 } } })],
    ["a field without predicate", rule({ when: { a: {} } })],
    ["an unknown predicate", rule({ when: { a: { equals: 1 } } })],
    ["where beside a predicate", rule({ when: { a: { each: { where: {}, eq: 1 } } } })],
    ["keys of nothing", rule({ when: { a: { keys: {} } } })],
    ["a time that is none", rule({ when: { a: { before: "soon" } } })],
    ["a depth below zero", { ...rule({}), limits: { depth: -1 } }],
    ["a currency that is none", { ...rule({}), limits: { spend: { usd: "1" } } }],
    ["an amount that is none", { ...rule({}), limits: { spend: { USD: "01" } } }],
  ])("and the parser refuse %s", (_, document) => {
    expect(validator("policy")(document)).toBe(false);
    expect(parsePolicy(document).kind).toBe("invalid");
  });

  test("takes what the parser takes: combinators, bracketed fields, conditions of elements", () => {
    const when = {
      all: [{ '["all"]': { eq: 1 } }],
      any: [],
      not: {},
      'args["a.b"].c': { some: { where: { action: { eq: "x" } } } },
      actions: { present: true },
    };
    const document = {
      ...rule({ effect: "ask", when, reviewers: ["me"] }),
      $schema: "./policy.schema.json",
      limits: { spend: "unlimited", expires: "2026-12-01T00:00:00.5Z" },
    };
    const validate = validator("policy");
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    expect(parsePolicy(document).kind).toBe("ok");
  });
});

describe("the request schema", () => {
  test("and the parser accept any object and nothing else", () => {
    const validate = validator("request");
    for (const request of [{}, { action: 5 }, { action: "x", args: { a: [1] }, context: { time: 1 } }])
      expect([validate(request), parseRequest(request).kind]).toEqual([true, "ok"]);
    for (const request of [[], null, 5]) expect([validate(request), parseRequest(request).kind]).toEqual([false, "invalid"]);
  });
});
