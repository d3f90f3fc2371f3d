// What people see: 80 columns, the verdict first. Not trusted. Every text of a policy or a request goes through `plain`, so that none
// of them can move the cursor, recolour a verdict or turn a line around.

import {
  type ChainLink,
  type Counterexample,
  type Evaluation,
  isObject,
  type Json,
  type LinkResult,
  type NearMiss,
  type ParsedPolicy,
  type RuleMention,
  type Verdict,
} from "../../prover/core.js";
import type { FileProblem } from "./io.js";

/** The width of a line, characters. */
export const columns = 80;
/** The longest JSON value that stands on one line, characters. */
const inlineMax = 64;

/** Paints words. Without colours it leaves them as they are. */
export type Paint = { readonly [tone in "good" | "bad" | "warn" | "strong" | "faint"]: (text: string) => string };

/** Returns how words are painted. SOURCE: ECMA-48 section 8.3.117, select graphic rendition. */
export function paintWith(colours: boolean): Paint {
  const tone = (code: string) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: tone("1;32"), bad: tone("1;31"), warn: tone("1;33"), strong: tone("1"), faint: tone("2") };
}

/** Returns `text` with control characters, lone surrogates and characters that turn a line around written as escapes. */
export const plain = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Returns `text` in lines of 80 columns: the first after `first`, the others after as many spaces. A long word is never cut. */
export function wrap(text: string, first = ""): readonly string[] {
  const indent = " ".repeat(first.length);
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of plain(text).split(" ")) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line = empty ? `${line}${word}` : `${line} ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** Returns a label of a fixed width and a value beside it. */
export const labelled = (label: string, value: string): readonly string[] => wrap(value, `   ${label.padEnd(9)}`);

// JSON on one line, with a space after each `:` and `,` that is none of a text's own.
function compactJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(compactJson).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${compactJson(member)}`)
    .join(", ")}}`;
}

/** Returns a JSON value for people: whatever is short stands on one line. */
export function renderJson(value: Json, indent: string): readonly string[] {
  const short = compactJson(value);
  if (short.length <= inlineMax || typeof value !== "object" || value === null) return [`${indent}${plain(short)}`];
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const members: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? value.map((item) => ["", item])
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item]);
  const lines = members.flatMap(([key, item], i) => {
    const [first = "", ...more] = renderJson(item, `${indent}  `);
    const named = [`${indent}  ${plain(key)}${first.trimStart()}`, ...more];
    return i === members.length - 1 ? named : [...named.slice(0, -1), `${named.at(-1)},`];
  });
  return [`${indent}${open}`, ...lines, `${indent}${close}`];
}

const because = (reason: string | undefined): string => (reason === undefined || reason === "" ? "" : `, because “${reason}”`);
const unknownNote = ({ truth }: RuleMention): string => (truth === "unknown" ? ", which can not judge the value" : "");
const ruleText = (rule: RuleMention): string =>
  `${rule.effect} rule \`${rule.id}\` at ${rule.pointer}${unknownNote(rule)}${because(rule.because)}`;
const nearText = ({ rule, summary }: NearMiss): string =>
  `${rule.effect} rule \`${rule.id}\` at ${rule.pointer} does not match: ${summary}`;

/** Returns the word of a verdict, painted. */
export function renderWord(word: Verdict | LinkResult["kind"] | "allow" | "deny" | "refused", paint: Paint): string {
  switch (word) {
    case "apply":
    case "contained":
    case "allow":
      return paint.good(word.toUpperCase());
    case "ask":
    case "review":
    case "undecided":
      return paint.warn(word.toUpperCase());
    case "reject":
    case "exceeds":
    case "deny":
    case "refused":
      return paint.bad(word.toUpperCase());
  }
}

/** Returns what a policy decides of a request, the rules that made the decision, and why those that were near did not match. */
export function renderEvaluation(label: string, who: string, { decision, rules, near }: Evaluation): readonly string[] {
  const verb = { allow: "allows it", ask: "asks for approval", deny: "denies it" }[decision];
  return [
    ...labelled(label, `${who} ${verb}`),
    ...rules.flatMap((rule) => wrap(ruleText(rule), "            · ")),
    ...(rules.length === 0 ? wrap("no rule permits it", "            · ") : []),
    ...near.flatMap((miss) => wrap(nearText(miss), "            · ")),
  ];
}

type Names = { readonly lower: string; readonly upper: string };

/** Returns one counterexample: its sentence, the request, what each side decides and why. */
export function renderCounterexample(example: Counterexample, at: number, names: Names, paint: Paint): readonly string[] {
  const sentence = wrap(example.summary, `${at}. `).map((line) => paint.strong(line));
  if (example.kind === "limit") return sentence;
  return [
    ...sentence,
    ...renderRequest(example.request),
    ...renderEvaluation("below", names.lower, { ...example.lower, near: [] }),
    ...renderEvaluation("above", names.upper, example.upper),
  ];
}

/** Returns a request for people, beside its label where it is short. */
export function renderRequest(request: { readonly [key: string]: Json }): readonly string[] {
  const lines = renderJson(request, "");
  const [only] = lines;
  return lines.length === 1 && only !== undefined ? [`   request  ${only}`] : ["   request", ...lines.map((line) => `     ${line}`)];
}

/** Returns the counterexamples of a link; nothing where it has none. */
export function renderCounterexamples(result: LinkResult, names: Names, paint: Paint): readonly string[] {
  if (result.kind !== "exceeds" && result.kind !== "review") return [];
  return result.counterexamples.flatMap((example, i) => ["", ...renderCounterexample(example, i + 1, names, paint)]);
}

/** Returns what a result rests on, in a few words. */
export function renderGround(result: LinkResult): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  switch (result.kind) {
    case "contained":
      return `certificate of ${count(nodesOf(result.certificate), "node")}, accepted by the kernel`;
    case "review":
      return `nothing denied escapes; ${count(result.counterexamples.length, "request")} to review`;
    case "exceeds":
      return `${count(result.counterexamples.length, "counterexample")}, replayed on both policies`;
    case "undecided":
      return `reason \`${result.reason}\`: never taken as contained`;
  }
}

const nodesOf = (certificate: { readonly [key: string]: Json }): number => {
  const nodes = certificate["nodes"];
  return Array.isArray(nodes) ? nodes.length : 0;
};

/** Returns the lines of a chain, one a link. */
export function renderChain(links: readonly ChainLink[], paint: Paint): readonly string[] {
  const title = ({ lower, upper }: ChainLink) => `${lower} ≤ ${upper}`;
  const width = Math.max(...links.map((link) => title(link).length));
  return links.map((link) => {
    const { kind } = link.result;
    const word = renderWord(kind, paint) + " ".repeat(Math.max(0, 9 - kind.length));
    return `  ${title(link).padEnd(width)}  ${word}  ${paint.faint(shortGround(link.result))}`;
  });
}

const shortGround = (result: LinkResult): string => {
  switch (result.kind) {
    case "contained":
      return `certificate, ${nodesOf(result.certificate)} nodes`;
    case "review":
      return `${result.counterexamples.length} to review`;
    case "exceeds":
      return `${result.counterexamples.length} shown`;
    case "undecided":
      return result.reason;
  }
};

/** Returns a policy's name and version for a line of text. */
export const policyTitle = ({ name, version }: Pick<ParsedPolicy, "name" | "version">): string => plain(`${name} ${version}`);
/** Returns the first digits of a hash. */
export const shortHash = (sha256: string): string => `${sha256.slice(0, 12)}…`;

/** Returns every problem with the input: where, what was expected, what stood there, and what is nearest to it. */
export function renderProblems(problems: readonly FileProblem[], paint: Paint): readonly string[] {
  const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
  return [
    `${paint.bad("atmost")}: ${count} with the input`,
    ...problems.flatMap(({ file, pointer, code, message, expected, got, nearest }) => [
      "",
      `${paint.strong(plain(`${file === "-" ? "<stdin>" : file}:${pointer}`))}  ${paint.faint(plain(code))}`,
      // A message repeats what was expected and got: it is for those who have one line only.
      ...(expected === undefined ? wrap(message, "  ") : wrap(expected, "  expected  ")),
      ...(expected === undefined || got === undefined ? [] : wrap(got, "  got       ")),
      ...(expected === undefined || nearest === undefined ? [] : wrap(nearest, "  nearest   ")),
    ]),
  ];
}
