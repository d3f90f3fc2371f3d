// What people see of an answer: 80 columns, the verdict first. Not trusted.

import type { Counterexample, LinkResult, ParsedPolicy, Verdict } from "../../prover/core.js";
import type { FileProblem } from "./io.js";
import { plain, type Text, wrap } from "./layout.js";
import type { Paint, Tone } from "./paint.js";
import { renderDecisions, shownDecision } from "./render-decisions.js";

type Word = Verdict | LinkResult["kind"] | "allow" | "deny" | "refused";

const toneOf = (word: Word): Tone => {
  switch (word) {
    case "apply":
    case "contained":
    case "allow":
      return "good";
    case "ask":
    case "review":
    case "undecided":
      return "warn";
    case "reject":
    case "exceeds":
    case "deny":
    case "refused":
      return "bad";
  }
};

/** Returns the first line of an answer: a word in its tone, and what it is said of. */
export function renderTitle(text: string, tone: Tone, rest: Text, paint: Paint): readonly string[] {
  const [first = "", ...more] = wrap(rest, `${text}  `, paint);
  return [`${paint[tone](text)}${first.slice(text.length)}`, ...more];
}

/** Returns the first line of a verdict. */
export const renderVerdict = (word: Word, rest: string, paint: Paint): readonly string[] =>
  renderTitle(word.toUpperCase(), toneOf(word), rest, paint);

type JsonObject = ParsedPolicy["document"];

/** One side of a link as people see it: what it is called, and its document, or that of which it is the view. */
export type NamedSide = { readonly title: string; readonly document: JsonObject };
/** The two sides of a link. */
export type NamedSides = { readonly lower: NamedSide; readonly upper: NamedSide };

const does = { allow: "allows", ask: "asks for approval of", deny: "denies" } as const;

/** Returns one counterexample: what it is, the request, what decides, and the rules of both sides beside each other. */
export function renderCounterexample(example: Counterexample, at: number, { lower, upper }: NamedSides, paint: Paint): readonly string[] {
  const strong = (text: string) => wrap([{ text, tone: "strong" }], `${at}. `, paint);
  if (example.kind === "limit") return strong(example.summary);
  const action = JSON.stringify(example.request["action"] ?? null).replace(/^"(.*)"$/, "`$1`");
  const [below, above] = [does[example.lower.decision], example.upper.decision];
  return [
    ...strong(`${lower.title} ${below} ${action}, ${upper.title} ${above === "ask" ? "asks for approval" : `${does[above]} it`}`),
    "",
    ...renderDecisions(
      example.request,
      shownDecision("below", lower.title, lower.document, example.lower),
      shownDecision("above", upper.title, upper.document, example.upper),
      paint,
    ),
  ];
}

/** Returns the counterexamples of a link; nothing where it has none. */
export function renderCounterexamples(result: LinkResult, sides: NamedSides, paint: Paint): readonly string[] {
  if (result.kind !== "exceeds" && result.kind !== "review") return [];
  return result.counterexamples.flatMap((example, i) => ["", ...renderCounterexample(example, i + 1, sides, paint)]);
}

/** Returns what a result rests on, in a few words. */
export function renderGround(result: LinkResult): string {
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
  switch (result.kind) {
    case "contained":
      return `certificate of ${count(nodesOf(result.certificate), "node")}, accepted by the kernel`;
    case "review":
      return `${count(result.counterexamples.length, "request")} to review, none denied`;
    case "exceeds":
      return `${count(result.counterexamples.length, "counterexample")}, replayed on both`;
    case "undecided":
      return `reason \`${result.reason}\`: never taken as contained`;
  }
}

const nodesOf = (certificate: JsonObject): number => {
  const nodes = certificate["nodes"];
  return Array.isArray(nodes) ? nodes.length : 0;
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
      ...wrap(
        [
          { text: `${file === "-" ? "<stdin>" : file}:${pointer}`, tone: "strong" },
          { text: `  ${code}`, tone: "faint" },
        ],
        "",
        paint,
      ),
      // A message repeats what was expected and got: it is for those who have one line only.
      ...(expected === undefined ? wrap(message, "  ") : wrap(expected, "  expected  ")),
      ...(expected === undefined || got === undefined ? [] : wrap(got, "  got       ")),
      ...(expected === undefined || nearest === undefined ? [] : wrap(nearest, "  nearest   ")),
    ]),
  ];
}
