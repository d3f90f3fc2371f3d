// The question of containment in SMT-LIB 2.6, for any other solver to answer: `unsat` says contained, `sat` says that something escapes.
// Not trusted, and apart from the prover's own compiler on purpose: it reads the language's page again, with strings as strings.

import type { Condition, Policy, RuleList } from "../kernel/index.js";
import type { Subject } from "../results.js";
import { connect, Definitions } from "./export-atoms.js";
import { atomsOf, declareField, type Field, kindDeclaration, plantFields } from "./export-fields.js";
import { Alphabet, commentOf, Unsupported } from "./export-text.js";

/** The longest text that is exported, characters. */
export const exportCharactersMax = 16_000_000;

/** `contained`: does `lower` decide some request higher than `upper`? `review`: does `lower` permit one that `upper` denies? */
export type ExportQuestion = "contained" | "review";
/** The exported question, or what in it SMT-LIB has no words for. */
export type Exported = { readonly kind: "ok"; readonly text: string } | { readonly kind: "unsupported"; readonly what: string };

const { all, any, not } = connect;

/**
 * Returns the SMT-LIB 2.6 script of the question whether something escapes from `lower` ≤ `upper`. A sound and complete solver that
 * answers `unsat` says that nothing does; `sat`, that some request or limit does.
 * @param options.question `contained` (default), or `review`: whether something that `lower` permits is denied by `upper`
 * @returns the script; or `unsupported`, where the question is not expressible exactly: characters told apart above U+2FFFF, `cidr`
 *   beside a text pattern on one field, numbers beside zero where doubles are sparse, more fields or text than the bounds
 */
export function exportSmt(lower: Subject, upper: Subject, options: { readonly question?: ExportQuestion } = {}): Exported {
  try {
    return { kind: "ok", text: scriptOf(lower, upper, options.question ?? "contained") };
  } catch (problem) {
    if (problem instanceof Unsupported) return { kind: "unsupported", what: problem.message };
    throw problem;
  }
}

const nameOf = (subject: Subject): string => {
  const policy = subject.kind === "view" ? subject.of : subject;
  const what = subject.kind === "view" ? "the delegable view of " : "";
  return commentOf(`${what}${JSON.stringify(policy.name)} version ${JSON.stringify(policy.version)} sha256 ${policy.sha256}`);
};

function scriptOf(lower: Subject, upper: Subject, question: ExportQuestion): string {
  const alphabet = new Alphabet();
  const rules = [lower, upper].flatMap((subject) => subject.loaded.lists.flatMap((list) => list.rules));
  const atoms = atomsOf(rules.map(({ condition }) => condition)).filter(({ predicate }) => predicate.kind !== "action");
  const root = plantFields(atoms);
  const definitions = new Definitions(alphabet, exportCharactersMax);
  const canonicalAction = definitions.form("action");
  const sides = [defineSide("lower", lower.loaded, root, definitions), defineSide("upper", upper.loaded, root, definitions)];
  // The fields come after their definitions were made, because only then is it known what the texts tell apart.
  const fields = declareField(root, undefined, false, alphabet);
  const permitted = all(["lower-permits", not("upper-permits")]);
  const allowed = all(["lower-allows", not("upper-allows")]);
  return [
    "(set-info :smt-lib-version 2.6)",
    `; lower: ${nameOf(lower)}`,
    `; upper: ${nameOf(upper)}`,
    question === "contained"
      ? "; Is some request decided higher by lower than by upper, or some limit greater? unsat: contained. sat: something escapes."
      : "; Does lower permit some request that upper denies, or is some limit greater? unsat: contained, or review. sat: exceeds.",
    "; Characters above U+2FFFF are clamped to U+2FFFF: no pattern and no literal here tells them apart.",
    "(set-logic ALL)",
    kindDeclaration,
    ...(alphabet.tellsSurrogates ? [pairedSurrogatesNone] : []),
    "",
    "; The request. Its action is a canonical text: every other request is denied by both.",
    "(declare-const action String)",
    ...fields,
    "",
    "; A predicate is `-true` where it is true, `-open` where it is true or unknown.",
    ...definitions.lines,
    `(assert (str.in_re action ${canonicalAction}))`,
    ...(alphabet.tellsSurrogates ? ["(assert (str.in_re action paired-surrogates-none))"] : []),
    ...sides.flat(),
    "",
    "; Limits are numbers in units of 10^-30, compared one by one. The view's depth is one less than its policy's.",
    ...defineLimits(lower.loaded, upper.loaded),
    "",
    `(assert ${any(question === "contained" ? ["limit-greater", permitted, allowed] : ["limit-greater", permitted])})`,
    "(check-sat)",
    "",
  ].join("\n");
}

// A high surrogate before a low one is one character above U+FFFF, so no text has the two as characters of their own.
const pairedSurrogatesNone =
  '(define-fun paired-surrogates-none () RegLan (re.comp (re.++ re.all (re.range "\\u{d800}" "\\u{dbff}") (re.range "\\u{dc00}" "\\u{dfff}") re.all)))';

// SOURCE: section 2 of the language, "Decision"; of several lists (a delegable view) the least decision counts.
function defineSide(side: "lower" | "upper", policy: Policy, root: Field, definitions: Definitions): readonly string[] {
  const lines = policy.lists.flatMap((list, i) => ["", ...defineList(`${side}${i}`, list, root, definitions)]);
  const each = (what: string) => all(policy.lists.map((_, i) => `${side}${i}-${what}`));
  return [...lines, `(define-fun ${side}-permits () Bool ${each("permits")})`, `(define-fun ${side}-allows () Bool ${each("allows")})`];
}

function defineList(name: string, list: RuleList, root: Field, definitions: Definitions): readonly string[] {
  const lines: string[] = [];
  const denies: string[] = [];
  const asks: string[] = [];
  const grants: string[] = [];
  const define = (i: number, what: "true" | "open", condition: Condition): string => {
    const { isTrue, isOpen } = definitions.truth(condition, root);
    lines.push(`(define-fun ${name}-r${i}-${what} () Bool ${what === "true" ? isTrue : isOpen})`);
    return `${name}-r${i}-${what}`;
  };
  for (const [i, rule] of list.rules.entries()) {
    lines.push(`; ${name}-r${i}: ${rule.effect} ${commentOf(JSON.stringify(rule.id))}`);
    if (rule.effect === "deny") denies.push(define(i, "open", rule.condition));
    if (rule.effect === "ask") asks.push(define(i, "open", rule.condition));
    if (rule.effect !== "deny") grants.push(define(i, "true", rule.condition));
  }
  return [
    ...lines,
    `(define-fun ${name}-permits () Bool ${all([not(any(denies)), any(grants)])})`,
    `(define-fun ${name}-allows () Bool ${all([`${name}-permits`, not(any(asks))])})`,
  ];
}

// SMT-LIB has no negative numerals; the view of a policy of depth 0 has depth -1.
const integer = (value: bigint): string => (value < 0n ? `(- ${-value})` : String(value));

// SOURCE: section 5 of the language. What a policy does not grant is 0; of `spend`, a currency that is not named has the whole's amount.
function defineLimits(lower: Policy, upper: Policy): readonly string[] {
  const parts: string[] = [];
  const lines: string[] = [];
  for (const [name, limit] of lower.limits) {
    const own = upper.limits.get(name) ?? (name.startsWith("spend.") ? upper.limits.get("spend") : undefined);
    const bound = own === undefined ? 0n : own.amount;
    const greater = bound === undefined ? "false" : limit.amount === undefined ? "true" : `(> ${integer(limit.amount)} ${integer(bound)})`;
    lines.push(`; ${commentOf(name)}: lower ${commentOf(limit.text)}, upper ${commentOf(own?.text ?? "0")}`);
    parts.push(greater);
  }
  return [...lines, `(define-fun limit-greater () Bool ${any(parts)})`];
}
