// The library's face. What is outside `prover/` imports from here, or from `core.ts` where it must do without schemas, and from nowhere else
// inside it.

export * from "./core.js";
export { problemsOf } from "./language/issues.js";
export { parsePolicy, parseRequest } from "./language/parse.js";
export { conditionSchema, policySchema, requestSchema, ruleSchema, strictShape } from "./language/schema.js";
export { readYamlText } from "./language/yaml.js";
export { exportSmt } from "./smt/export.js";
export { createSolverPool } from "./solver/pool.js";
