// What the benchmark uses of the product, in one place: the built package, as it ships.

export { decide } from "../../prover/evaluate/decide.js";
export {
  createProver,
  createSolverPool,
  evaluate,
  exportSmt,
  type Json,
  type LinkResult,
  type ParsedPolicy,
  type Prover,
  parsePolicy,
  type Subject,
  verifyCertificate,
} from "../../prover/index.js";

import { type ParsedPolicy, parsePolicy } from "../../prover/index.js";

/** Returns the policy that a text holds. @throws Error where it holds none: the benchmark made it wrong */
export function policyOf(text: string): ParsedPolicy {
  const read = parsePolicy(text, { format: "json" });
  if (read.kind === "invalid") throw new Error(`${JSON.stringify(read.problems[0])} in ${text.slice(0, 2_000)}`);
  return read.policy;
}
