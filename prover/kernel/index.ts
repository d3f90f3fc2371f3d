// TRUSTED. The kernel: it says what is true of a request, and checks the certificates of containment. It imports nothing outside this folder.
export { Automaton, compile, pointMax, type State } from "./automata.js";
export { Branch, stopsToo } from "./branch.js";
export { attempt, canonicalJson, isObject, type Json, nestingMax } from "./canonical.js";
export * from "./certificate.js";
export * from "./evaluate.js";
export * from "./load.js";
export { canonicalForms, type FormKind, formKinds, formOf, parsePattern, type TextKind, textKinds } from "./patterns.js";
export { atomsOf, type Literal, possible } from "./possible.js";
export * from "./values.js";
