// Requests to a generated policy: most are made from one of its rules, so that they meet it or miss it by little. Benchmark code, not trusted.

import type { Json } from "../../prover/index.js";
import { randomFrom } from "../generators/seed.js";
import { isRecord } from "./json.js";

type Request = { readonly [key: string]: unknown };

const filled = (pattern: string, random: () => number): string =>
  pattern
    .replaceAll("/**/", random() < 0.5 ? "/" : "/a/b/")
    .replace(/\/\*\*$/, "/x/y")
    .replace(/^\*\*\./, "eu.")
    .replaceAll("*", random() < 0.5 ? "k" : "key7");

const textIn = (argument: Json): string => {
  const first: unknown = Array.isArray(argument) ? argument[0] : argument;
  return typeof first === "string" ? first : "";
};

// The expressions of the generated policies; each with a text that matches.
const matching = (expression: string): string =>
  expression.startsWith("prod") ? "prod-eu12" : expression.includes("[1-9]") ? "release/2.4.1" : "release/2.4";

function valueFor(predicates: Json, random: () => number): unknown {
  if (!isRecord(predicates)) return "x";
  const [entry] = Object.entries(predicates);
  if (entry === undefined) return "x";
  const [name, argument] = entry;
  switch (name) {
    case "eq":
      return argument;
    case "in":
      return Array.isArray(argument) ? argument[Math.floor(random() * argument.length)] : argument;
    case "gt":
    case "gte":
      return Number(argument) + 1;
    case "lt":
    case "lte":
      return Number(argument) - (random() < 0.8 ? 1 : -9);
    case "before":
      return Date.parse("2026-11-21T00:00:00Z");
    case "after":
      return Date.parse("2026-12-25T00:00:00Z");
    case "cidr": {
      const block = textIn(argument);
      return block.includes(":") ? block.replace(/::\/.*$/, "::7") : block.replace(/\.0\/.*$/, ".7");
    }
    case "each":
    case "some":
      return [valueFor(argument, random)];
    case "matches":
      return matching(textIn(argument));
    case "prefix":
      return `${textIn(argument)}tail`;
    default:
      return filled(textIn(argument), random);
  }
}

// Sets what a dotted field names.
function place(request: Record<string, unknown>, field: string, value: unknown): void {
  const [first = "", ...rest] = field.split(".");
  if (rest.length === 0) {
    request[first] = value;
    return;
  }
  const inner = request[first];
  const next: Record<string, unknown> = typeof inner === "object" && inner !== null ? { ...inner } : {};
  place(next, rest.join("."), value);
  request[first] = next;
}

/** Returns requests to the policy that `text` holds: each from one of its rules, one in four with a field changed or left out. */
export function requestsFor(text: string, count: number, seed: number): readonly Request[] {
  const random = randomFrom(seed);
  const { rules } = JSON.parse(text) as { readonly rules: readonly { readonly action: Json; readonly when?: Json }[] };
  return Array.from({ length: count }, (_, n) => {
    const rule = rules[Math.floor(random() * rules.length)] ?? { action: "none" };
    const request: Record<string, unknown> = { action: textIn(rule.action).replace(/\*+/, "run") };
    const fields = Object.entries(isRecord(rule.when) ? rule.when : {});
    const spoilt = n % 4 === 3 ? Math.floor(random() * fields.length) : -1;
    for (const [i, [field, predicates]] of fields.entries()) {
      const value = valueFor(predicates, random);
      if (i !== spoilt) place(request, field, value);
      else if (typeof value === "string") place(request, field, `${value}-other`);
    }
    place(request, "context.time", Date.parse("2026-11-21T12:00:00Z"));
    return request;
  });
}
