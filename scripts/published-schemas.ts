// The JSON Schemas that are published: every document that crosses a border. Not trusted. To publish another one, add it to the list.

import * as z from "zod";
import { policySchema, requestSchema } from "../prover/language/schema.js";
import { publishedCliSchemas } from "../src/cli/schemas.js";
import { publishedHttpSchemas } from "../src/http/schemas.js";
import { savedSchema } from "../src/prove/saved.js";
import { claimsSchema } from "../src/prove/schema.js";

/** One schema to publish: it becomes `schemas/<name>.schema.json`. */
export type PublishedSchema = {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly title: string;
  readonly description: string;
};

/** The schemas that are published, in the order of their names. */
export const publishedSchemas: readonly PublishedSchema[] = [
  {
    name: "policy",
    schema: policySchema,
    title: "atmost policy",
    description:
      "A policy of the language atmost/1. The parser also checks what JSON Schema can not: the grammar of patterns, canonical literals, unique ids.",
  },
  {
    name: "request",
    schema: requestSchema,
    title: "atmost request",
    description: "One thing an agent wants to do: an action and any JSON attributes.",
  },
  ...publishedHttpSchemas,
  ...publishedCliSchemas,
  {
    name: "claims",
    schema: claimsSchema,
    title: "atmost claims",
    description:
      "What must hold of policies, for `atmost prove`. The reader also checks what JSON Schema can not: unique names, the grammar of patterns.",
  },
  {
    name: "claims-certificates",
    schema: savedSchema,
    title: "atmost kept certificates",
    description: "What `atmost prove --save` keeps beside a claims file, and `--verify-only` checks. Nothing in it is believed unchecked.",
  },
];

/** Returns the text of the file `schemas/<name>.schema.json`: JSON Schema 2020-12, with a line feed at the end. */
export function renderSchema({ name, schema, title, description }: PublishedSchema): string {
  const { $schema, ...body } = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
  return `${JSON.stringify({ $schema, $id: `urn:atmost:schema:${name}`, title, description, ...body }, null, 2)}\n`;
}
