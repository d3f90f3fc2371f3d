// Tables of what the predicates are on values, seen through the public evaluator.
import { expect, test } from "vitest";
import { evaluate, type Json, type ParsedPolicy, parsePolicy } from "../../src/index.js";

/** Returns the policy of these rules. */
export function read(rules: readonly Json[]): ParsedPolicy {
  const result = parsePolicy({ language: "atmost/1", name: "p", version: "1", rules });
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

/** A condition is seen from outside as true where it permits, as false where it does not deny, else as unknown. */
export function truthOf(when: Json, request: unknown): "true" | "false" | "unknown" {
  const permits = evaluate(read([{ id: "a", effect: "allow", action: "x", when }]), request).decision;
  const rules = [
    { id: "a", effect: "allow", action: "x" },
    { id: "d", effect: "deny", action: "x", when },
  ];
  const spared = evaluate(read(rules), request).decision;
  if (permits === "allow") return spared === "deny" ? "true" : "unknown";
  return spared === "allow" ? "false" : "unknown";
}

type Row = {
  readonly when: Json;
  readonly true?: readonly unknown[];
  readonly false?: readonly unknown[];
  readonly unknown?: readonly unknown[];
};
const casesOf = (rows: readonly Row[]): [truth: string, predicate: Json, value: unknown][] =>
  rows.flatMap((row) =>
    (["true", "false", "unknown"] as const).flatMap((truth) =>
      (row[truth] ?? []).map((value): [string, Json, unknown] => [truth, row.when, value]),
    ),
  );
/** Claims, for each value of each row, that the predicate is so on a field `f` that holds it. */
export const holds = (rows: readonly Row[]) =>
  test.each(casesOf(rows))("is %s: %j of %j", (truth, predicate, value) => {
    expect(truthOf({ f: predicate }, { action: "x", f: value })).toBe(truth);
  });
/** Returns the codes of the problems with a predicate on a field. */
export const codesOf = (predicate: Json): readonly string[] => {
  const rules = [{ id: "a", effect: "allow", action: "x", when: { f: predicate } }];
  const result = parsePolicy({ language: "atmost/1", name: "p", version: "1", rules });
  return result.kind === "ok" ? [] : result.problems.map(({ code }) => code);
};
