// What a policy enforcement point would bundle: kernel-boundary.test.ts does. Test code.
export { decide } from "../../prover/evaluate/decide.js";
export { loadPolicy } from "../../prover/kernel/index.js";
