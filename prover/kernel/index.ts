// TRUSTED. The kernel: it says what is true of a request, and checks the certificates of containment. It imports nothing outside this folder.
export { type Automaton, accepts, compileExpression, pointMax } from "./automata.js";
export { Branch, stopsToo } from "./branch.js";
export { canonicalJson, encodeUtf8, isObject, type Json, nestingMax, sha256Hex } from "./canonical.js";
export * from "./certificate.js";
export * from "./evaluate.js";
export * from "./load.js";
export { canonicalForms, type FormKind, formKinds, formOf, parsePattern, type TextKind } from "./patterns.js";
export { atomsOf, type Literal, possible } from "./possible.js";
export * from "./values.js";
