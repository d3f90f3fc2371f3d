// Asks Debian's cvc5 an exported question, and reads its model back as a request. Test code, not trusted.
import { spawn, spawnSync } from "node:child_process";
import { formatIp, isObject, type Json } from "../../prover/kernel/index.js";
import type { Subject } from "../../prover/results.js";
import { atomsOf, type Field, plantFields } from "../../prover/smt/export-fields.js";

/** What cvc5 said: `gave_up` is `unknown` or out of time; `failed` is a complaint about the script. */
export type Cvc5Answer =
  | { readonly kind: "unsat" | "gave_up" }
  | { readonly kind: "sat"; readonly model: string }
  | { readonly kind: "failed"; readonly why: string };

const OUTPUT_CHARACTERS_MAX = 4_000_000;

/** Returns cvc5's version line, or undefined where there is no cvc5. */
export function cvc5Version(): string | undefined {
  const { error, stdout } = spawnSync("cvc5", ["--version"], { encoding: "utf8" });
  return error === undefined ? stdout.split("\n")[0] : undefined;
}

/** cvc5's own measure of work for one question: about two seconds on an idle machine, and the same answer on a busy one. */
const WORK_MAX = 150_000;
/** Past this time it is stopped, milliseconds. */
const QUERY_MS = 30_000;

/** Returns cvc5's answer to an SMT-LIB script that ends with `(check-sat)`. */
export function askCvc5(script: string): Promise<Cvc5Answer> {
  return new Promise((resolve) => {
    const args = ["--lang=smt2", "--strings-exp", "--produce-models", `--rlimit=${WORK_MAX}`, `--tlimit=${QUERY_MS}`, "-"];
    const child = spawn("cvc5", args, { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    const read = (chunk: Buffer) => {
      if (output.length < OUTPUT_CHARACTERS_MAX) output += chunk.toString("utf8");
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    // A cvc5 that ends at its limit may do so before it has read all: that is its answer, no fault of the pipe.
    child.stdin.on("error", () => undefined);
    child.on("error", (error) => resolve({ kind: "failed", why: error.message }));
    child.on("close", () => resolve(answerOf(output)));
    child.stdin.end(`${script}(get-model)\n`);
  });
}

function answerOf(output: string): Cvc5Answer {
  const end = output.indexOf("\n");
  const [first, rest] = end < 0 ? [output, ""] : [output.slice(0, end), output.slice(end + 1)];
  if (first === "sat") return { kind: "sat", model: rest };
  if (first === "unsat") return { kind: "unsat" };
  return first === "unknown" || output.includes("interrupted by timeout") || output === ""
    ? { kind: "gave_up" }
    : { kind: "failed", why: output.slice(0, 500) };
}

// ---- models ----

type Sexp = string | readonly Sexp[];

function readSexp(text: string): Sexp {
  const tokens = text.match(/"(?:[^"]|"")*"|[()]|[^\s()"]+/gu) ?? [];
  const stack: Sexp[][] = [[]];
  for (const token of tokens) {
    if (token === "(") stack.push([]);
    else if (token === ")") {
      const done = stack.pop() ?? [];
      stack.at(-1)?.push(done);
    } else stack.at(-1)?.push(token);
  }
  return stack[0]?.[0] ?? [];
}

const numberOf = (value: Sexp | undefined): number => {
  if (typeof value === "string") return Number(value);
  const [sign, first, second] = value ?? [];
  return sign === "-" ? -numberOf(first) : numberOf(first) / numberOf(second);
};
const textOf = (value: Sexp | undefined): string =>
  typeof value !== "string"
    ? ""
    : value
        .slice(1, -1)
        .replaceAll('""', '"')
        .replace(/\\u\{([0-9a-fA-F]+)\}/gu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));

/** Returns the request that a model describes. */
export function requestOf(model: string, lower: Subject, upper: Subject): { readonly [key: string]: Json } {
  const values = valuesOf(model);
  const rules = [lower, upper].flatMap((subject) => subject.loaded.lists.flatMap((list) => list.rules));
  const root = plantFields(atomsOf(rules.map(({ condition }) => condition)).filter(({ predicate }) => predicate.kind !== "action"));
  const jsonOf = (field: Field): Json => {
    const part = (what: string) => values.get(`${field.name}-${what}`);
    switch (values.get(field.name)) {
      case "k-boolean":
        return part("boolean") === "true";
      case "k-number":
        return numberOf(part("number") ?? "0");
      case "k-string":
        return part("is-address") === "true"
          ? formatIp(BigInt(String(part("address"))))
          : otherText(field, part("is-address"), textOf(part("text")));
      case "k-array":
        return field.elements.slice(0, numberOf(part("length") ?? "0")).map(jsonOf);
      case "k-object": {
        const members = [...field.members].filter(([, member]) => values.get(member.name) !== "k-absent");
        const unnamed = part("unnamed-key") === "true" ? [["unnamed key", 1] as const] : [];
        return Object.fromEntries([...members.map(([key, member]) => [key, jsonOf(member)] as const), ...unnamed]);
      }
      default:
        return null;
    }
  };
  const request = jsonOf(root);
  const action = textOf(values.get("action"));
  return isObject(request) ? { ...request, action } : { action };
}

/** Returns which of the SMT-LIB Boolean `terms` cvc5 finds true, under `declarations`. */
export async function evaluateTerms(declarations: readonly string[], terms: readonly string[]): Promise<readonly boolean[]> {
  // INVARIANT: no term has a free constant, so the one model there is decides each.
  const names = terms.map((_, i) => `t${i}`);
  const definitions = terms.map((term, i) => `(declare-const t${i} Bool)\n(assert (= t${i} ${term}))`);
  const answer = await askCvc5(["(set-logic ALL)", ...declarations, ...definitions, "(check-sat)"].join("\n"));
  if (answer.kind !== "sat") throw new Error(`cvc5 said ${answer.kind}${answer.kind === "failed" ? `: ${answer.why}` : ""}`);
  const values = valuesOf(answer.model);
  return names.map((name) => values.get(name) === "true");
}

function valuesOf(model: string): ReadonlyMap<string, Sexp> {
  const values = new Map<string, Sexp>();
  const parsed = readSexp(model);
  for (const definition of typeof parsed === "string" ? [] : parsed)
    if (typeof definition !== "string" && typeof definition[1] === "string") values.set(definition[1], definition[4] ?? "");
  return values;
}

// Where the model says that a text is no address, its text is free unless it is one that a policy names.
function otherText(field: Field, isAddress: Sexp | undefined, text: string): string {
  const named = field.atoms.some(({ predicate: p }) => p.kind === "in" && p.values.has(text));
  return isAddress === undefined || named ? text : "no address, and named nowhere";
}
