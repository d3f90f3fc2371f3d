// The opponent of the HTTP service: fastify, which parses the same body, validates it by the published schema, and answers a constant.

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fastify } from "fastify";

const schema: unknown = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });
const validate = ajv.compile(Object(schema));

const server = fastify({ bodyLimit: 8 * 1_048_576 });
server.post("/spawn-check", { schema: { body: {} }, validatorCompiler: () => (body: unknown) => validate(body) }, async () => ({
  verdict: "apply",
}));
await server.listen({ host: "127.0.0.1", port: 0 });
const address = server.server.address();
console.log(`listens on http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
