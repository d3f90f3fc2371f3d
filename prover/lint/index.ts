// The face of lint.

export { encodeLint } from "./encode.js";
export { lint } from "./lint.js";
export * from "./types.js";
export { applyEdits } from "./variants.js";
