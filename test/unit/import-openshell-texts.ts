// Texts of OpenShell policies, what the importer makes of them, and requests to them. Test code, not trusted.

import { decide } from "../../prover/evaluate/decide.js";
import { loadPolicy } from "../../prover/kernel/index.js";
import type { ImportOptions, JsonObject } from "../../src/import/index.js";
import { importOpenshell } from "../../src/import/openshell/index.js";

/** The document that a policy is imported as; throws where it is refused. */
export function documentOf(text: string, options: ImportOptions = {}): JsonObject {
  const result = importOpenshell(text, options);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.problems, null, 1));
  return result.document;
}

/** The imported policy as the kernel loads it; throws where it is refused. */
export function load(text: string, options: ImportOptions = {}) {
  const loaded = loadPolicy(documentOf(text, options));
  if (loaded.kind === "invalid") throw new Error(`${loaded.pointer}: ${loaded.message}`);
  return loaded.policy;
}

/** What the imported policy decides of a request. */
export const decideOn = (text: string, request: JsonObject) => decide(load(text), request);
/** What a policy is refused for, each as its code and its place; empty where it is imported. */
export const problemsOf = (text: string, options: ImportOptions = {}) => {
  const result = importOpenshell(text, options);
  return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};

/** One entry with one endpoint; `more` is what stands in the endpoint beside host and port. */
export const entry = (more: string, host = "api.example.com") => `
version: 1
filesystem_policy: {}
network_policies:
  n:
    endpoints: [{ host: '${host}', port: 443, ${more} }]
    binaries: [{ path: /usr/bin/curl }]
`;
/** One entry with one REST endpoint that is enforced; `more` is what stands in it beside. */
export const rest = (more: string) => entry(`protocol: rest, enforcement: enforce, ${more}`);
/** One entry with one REST endpoint that allows GET of one path. */
export const rule = (path: string) => rest(`rules: [{ allow: { method: GET, path: '${path}' } }]`);
/** A GET by curl of the entry's host, with `more` beside and instead. */
export const http = (more: JsonObject = {}): JsonObject => ({
  action: "net:http",
  host: "api.example.com",
  port: 443,
  method: "GET",
  route: "/",
  context: { binaries: ["/usr/bin/curl"] },
  ...more,
});
/** The place of the entry's endpoint. */
export const at = "/network_policies/n/endpoints/0";
