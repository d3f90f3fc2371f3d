// The cases that other systems get wrong, through the package's face. Numbers are the rows of section 2 of the peers page.
// Every `contained` and `review` here has its certificate checked again, and every counterexample is replayed.
import { afterAll, describe, expect, test } from "vitest";
import {
  type Certificate,
  canonicalHost,
  canonicalJson,
  createProver,
  delegableView,
  evaluate,
  type Json,
  type LinkResult,
  type ParsedPolicy,
  parsePolicy,
  type Subject,
  spawnCheck,
  verifyCertificate,
} from "../../src/index.js";

type Line = readonly [mark: "+" | "?" | "-", action: string, when?: Json];
type Request = { readonly [key: string]: Json };
const effects = { "+": "allow", "?": "ask", "-": "deny" } as const;

function read(document: unknown): ParsedPolicy {
  const result = parsePolicy(document);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const ruleOf = ([mark, action, when]: Line, index: number): Request => ({
  id: `r${index}`,
  effect: effects[mark],
  action,
  ...(when === undefined ? {} : { when }),
});
const documentOf = (lines: readonly Line[], more: Request = {}): Request => ({
  language: "atmost/1",
  name: "p",
  version: "1",
  rules: lines.map(ruleOf),
  ...more,
});
const policy = (...lines: readonly Line[]): ParsedPolicy => read(documentOf(lines));

const prover = createProver();
afterAll(() => prover.close());
const ranks = { deny: 0, ask: 1, allow: 2 } as const;
const requestsOf = (result: LinkResult): readonly Request[] =>
  "counterexamples" in result ? result.counterexamples.flatMap((example) => (example.kind === "request" ? [example.request] : [])) : [];

function certificateOf(result: LinkResult): Certificate {
  if ("certificate" in result) return result.certificate;
  throw new Error(`expected a certificate, got ${JSON.stringify(result)}`);
}

/** Returns the answer, after its certificate was checked and its counterexamples were replayed. */
async function relate(lower: Subject, upper: Subject): Promise<LinkResult> {
  const result = await prover.checkContainment(lower, upper);
  if ("certificate" in result)
    expect(verifyCertificate(result.certificate, lower, upper)).toMatchObject({ kind: "accepted", relation: result.kind });
  for (const request of requestsOf(result)) {
    const [below, above] = [evaluate(lower, request).decision, evaluate(upper, request).decision];
    expect(ranks[below], JSON.stringify(request)).toBeGreaterThan(ranks[above]);
    if (result.kind === "exceeds") expect(above).toBe("deny");
  }
  return result;
}
const kindOf = async (lower: Subject, upper: Subject): Promise<string> => (await relate(lower, upper)).kind;
const nearFields = (result: LinkResult): readonly string[] =>
  "counterexamples" in result
    ? result.counterexamples.flatMap((example) => (example.kind === "request" ? example.upper.near.map(({ field }) => field) : []))
    : [];

describe("names and arguments", () => {
  test("row 1: a path with `..` is refused as a pattern, and the text is not below the directory that it starts with", async () => {
    const escape = "/data/../etc/passwd";
    const result = parsePolicy(documentOf([["+", "fs:read", { path: { path: escape } }]]));
    expect(result).toMatchObject({ kind: "invalid", problems: [{ code: "pattern_not_canonical", pointer: "/rules/0/when/path/path" }] });
    const upper = policy(["+", "fs:read", { path: { path: "/data/**" } }]);
    const found = await relate(policy(["+", "fs:read", { path: { eq: escape } }]), upper);
    expect(found.kind).toBe("exceeds");
    expect(requestsOf(found)).toEqual([{ action: "fs:read", path: escape }]);
  });

  test("row 2: a bare name does not cover what is beneath it", async () => {
    const found = await relate(policy(["+", "file:write"]), policy(["+", "file"]));
    expect(found.kind).toBe("exceeds");
    expect(requestsOf(found)).toEqual([{ action: "file:write" }]);
    expect(await kindOf(policy(["+", "file:write"]), policy(["+", "file:**"]))).toBe("contained");
  });

  test("row 3: `api:*:read` covers `api:users:read`, and neither a longer nor a shorter name", async () => {
    const upper = policy(["+", "api:*:read"]);
    expect(await kindOf(policy(["+", "api:users:read"]), upper)).toBe("contained");
    expect(await kindOf(policy(["+", "api:read"]), upper)).toBe("exceeds");
    expect(await kindOf(policy(["+", "api:users:all:read"]), upper)).toBe("exceeds");
  });

  test("row 4: a tool with any argument exceeds the tool with a checked one, and the counterexample names `args.path`", async () => {
    const lower = policy(["+", "tool:read_file"]);
    const found = await relate(lower, policy(["+", "tool:read_file", { "args.path": { path: "/data/**" } }]));
    expect(found.kind).toBe("exceeds");
    expect(nearFields(found)).toContain("args.path");
    if (found.kind !== "exceeds") return;
    for (const { summary } of found.counterexamples) expect(summary).toContain("`args.path`");
  });

  test("row 5: `lte 50` exceeds `lt 50` at exactly 50, and nowhere else", async () => {
    const pay = (predicate: Json) => policy(["+", "tool:pay", { "args.amount": predicate }]);
    const found = await relate(pay({ lte: 50 }), pay({ lt: 50 }));
    expect(found.kind).toBe("exceeds");
    expect(requestsOf(found)).toEqual([{ action: "tool:pay", args: { amount: 50 } }]);
    expect(await kindOf(pay({ lt: 50 }), pay({ lte: 50 }))).toBe("contained");
  });
});
