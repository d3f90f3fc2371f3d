// The shared random generators of the property tests: policies, pairs, chains, requests, tiny universes, seeds. Test code, not trusted.

export * from "./documents.js";
export * from "./mutate.js";
export * from "./policies.js";
export { actionValues, fieldValues, predicateNames } from "./predicates.js";
export * from "./requests.js";
export * from "./seed.js";
export * from "./universe.js";
