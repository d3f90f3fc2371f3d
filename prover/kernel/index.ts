// TRUSTED. The kernel: it decides requests, and checks the certificates of containment. It imports nothing outside this folder.

export { type Automaton, accepts, cutOf, pointMax, weightMax } from "./automata.js";
export { Branch } from "./branch.js";
export { canonicalJson, encodeUtf8, isObject, type Json, nestingMax, sha256Hex } from "./canonical.js";
export { type Checked, certificateMax, checkCertificate, type Relation } from "./certificate.js";
export {
  absent,
  all3,
  type Decision,
  decide,
  decisions,
  escapes,
  F,
  judge,
  obscured,
  resolve,
  T,
  type Truth,
  truthOf,
  U,
} from "./evaluate.js";
export {
  type Atom,
  type Condition,
  type Effect,
  type Limit,
  type Loaded,
  limitEscapes,
  loadPolicy,
  loadStated,
  type Policy,
  type Predicate,
  patternProblem,
  type Rule,
  type RuleList,
} from "./load.js";
export { canonicalForms, type FormKind, formKinds, formOf, isCanonical, type TextKind } from "./patterns.js";
export { flip, type Literal, possible, truthsOf } from "./possible.js";
export { formatIp, parseAmount, parseBlock, parseField, parseIp, parseTime } from "./values.js";
