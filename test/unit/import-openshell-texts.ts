// Texts of OpenShell policies, what the importer makes of them, and requests to them. Test code, not trusted.

import { decide } from "../../prover/evaluate/decide.js";
import type { ImportOptions, JsonObject } from "../../src/import/index.js";
import { importOpenshell } from "../../src/import/openshell/index.js";
import { documentIn, loadDocument, problemsIn } from "./import-results.js";

/** The document that a policy is imported as; throws where it is refused. */
export const documentOf = (text: string, options: ImportOptions = {}) => documentIn(importOpenshell(text, options));

/** The imported policy as the kernel loads it; throws where it is refused. */
export const load = (text: string, options: ImportOptions = {}) => loadDocument(documentOf(text, options));

/** What the imported policy decides of a request. */
export const decideOn = (text: string, request: JsonObject) => decide(load(text), request);
/** What a policy is refused for, each as its code and its place; empty where it is imported. */
export const problemsOf = (text: string, options: ImportOptions = {}) => problemsIn(importOpenshell(text, options));

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
