// `atmost lint` with a world of its own: what it prints for people, for GitHub and as SARIF, and how it ends.
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import type { Json, LintReport } from "../../prover/core.js";
import { columns } from "../../src/cli/layout.js";
import { renderGithub } from "../../src/cli/lint/github.js";
import { encodeSarif, uriOf } from "../../src/cli/lint/sarif.js";
import { renderLint } from "../../src/cli/lint/text.js";
import { paintWith } from "../../src/cli/paint.js";
import { runIn, type WorldOptions } from "../generators/cli.js";
import { sarifProblems } from "./published-schemas.js";
import { sarifSubset } from "./sarif-subset.js";

const policy = `language: atmost/1
name: engineer
version: "7"
rules:
  - { id: read, effect: allow, action: "fs:read" }
  - id: read-src
    effect: allow
    action: "fs:read"
    when: { path: { path: "/workspace/src/**" } }
  - { id: no-env, effect: deny, action: "fs:**", when: { path: { path: "/**/.env*" } } }
  - { id: pay, effect: ask, action: pay }
  - { id: no-pay, effect: deny, action: "pay*", because: "money" }
  - { id: hosts, effect: allow, action: net, when: { host: { host: [a.example, "API*.example"] } } }
delegation: { rules: [{ id: all-files, effect: allow, action: "fs:*" }] }
limits: { depth: 1, children: 1, expires: "2020-01-01T00:00:00Z" }
`;
const clean = JSON.stringify({ language: "atmost/1", name: "clean", version: "1", rules: [{ id: "a", effect: "allow", action: "x" }] });

const lintText = (input: string, args: readonly string[] = [], options: WorldOptions = {}) => runIn(["lint", "-", ...args], input, options);
const now = ["--now", "2026-01-01T00:00:00Z"] as const;

describe("the text of atmost lint", () => {
  test("is laid out in 80 columns, in the order of the file", async () => {
    const { code, out, err } = await lintText(policy, now);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out.split("\n").filter((line) => line.length > columns)).toEqual([]);
    expect(out).toMatchSnapshot();
  });

  test("says of a clean policy that it is clean, and ends with 0", async () => {
    expect(await lintText(clean)).toEqual({ code: 0, out: "CLEAN  clean 1\n   ground   1 link proved or refuted\n", err: "" });
  });

  test("has colours on a terminal only, and control characters never", async () => {
    const odd = clean.replace('"a"', '"\\u001b[31m"').replace('"x"}', '"x","when":{"any":[]}}');
    expect((await lintText(odd, [], { colours: true })).out).toMatch(/^\u001b\[1;31mFINDINGS/);
    const { out } = await lintText(odd);
    expect(out).not.toContain("\u001b");
    expect(out).toContain("\\u001b[31m");
  });
});

describe("atmost lint ends", () => {
  test("with 2 where the policy, the time or the format is wrong, as JSON where that was asked for", async () => {
    expect(await lintText("{}")).toMatchObject({ code: 2, out: "" });
    expect(await lintText(clean, ["--now", "tomorrow"])).toMatchObject({ code: 2, err: expect.stringContaining("time_malformed") });
    expect(await lintText(clean, ["--format", "html"])).toMatchObject({ code: 2, out: "" });
    for (const args of [["--json"], ["--format", "json"]])
      expect(JSON.parse((await lintText("{}", args)).out)).toMatchObject({ code: "bad_input" });
  });

  test("with 3 where nothing was found and something could not be decided", async () => {
    // The steady clock jumps past the deadline at once.
    let time = 0;
    const ended = await lintText(clean, ["--deadline", "1"], { steadyMs: () => time++ * 1_000 });
    expect(ended.code).toBe(3);
    expect(ended.out).toBe(
      "UNDECIDED  clean 1: 1 undecided\n\ncould not be decided, so that nothing is said of it\n   <stdin>:1:62  never matches, allow rule `a`  deadline\n",
    );
  });

  test("with the JSON that the service answers", async () => {
    const { code, out } = await lintText(policy, ["--json"]);
    expect(code).toBe(1);
    const answer = JSON.parse(out);
    expect(Object.keys(answer)).toEqual(["policy", "findings", "undecided"]);
    expect(answer.findings.map(({ kind }: { kind: string }) => kind)).toContain("redundant");
  });
});

const report = async (): Promise<LintReport> => ({
  policy: { name: "p", version: "1", sha256: "0".repeat(64) },
  findings: [
    {
      kind: "redundant",
      level: "warning",
      pointer: "/rules/1",
      rule: { id: "b,c:d", effect: "allow", pointer: "/rules/1" },
      covers: [{ id: "a", effect: "allow", pointer: "/rules/0" }],
      removable: true,
      summary: "100% of `b\r\n`",
      evidence: [],
    },
    { kind: "wide_delegation", level: "note", pointer: "/delegation", covers: [], removable: false, summary: "s", evidence: [] },
  ],
  undecided: [{ kind: "never_matches", pointer: "/rules/2", reason: "lint_bound" }],
  checks: 3,
});
const source = { file: "a dir/p,q.json", find: (pointer: string) => ({ line: pointer.length, column: 2 }) };

describe("the annotations for GitHub", () => {
  test("are one line each, with what would end a property or a line escaped", async () => {
    expect(renderGithub(await report(), source)).toEqual([
      "::warning file=a dir/p%2Cq.json,line=8,col=2,title=atmost redundant::100%25 of `b\\u000d\\u000a`",
      "::notice file=a dir/p%2Cq.json,line=11,col=2,title=atmost wide_delegation::s",
      "::notice file=a dir/p%2Cq.json,line=8,col=2,title=atmost undecided::`never_matches` could not be decided: lint_bound",
    ]);
    expect(renderGithub(await report(), { ...source, file: "-" })[1]).toBe("::notice title=atmost wide_delegation::s");
  });
});

describe("SARIF", () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(sarifSubset);
  const expectSarif = (log: Json): void => {
    expect(sarifProblems(log)).toEqual([]);
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
  };

  test("is valid by its published schema and by the closed part of it that is used, for what is found, for open questions and for nothing", async () => {
    expectSarif(encodeSarif(await report(), source));
    for (const input of [policy, clean]) {
      const { out } = await lintText(input, ["--format", "sarif", ...now]);
      expectSarif(JSON.parse(out));
    }
    // The schema is one that can refuse.
    type Log = { readonly runs: readonly [{ readonly results: { level?: string; message?: unknown; extra?: number }[] }] };
    const spoils: readonly ((results: Log["runs"][0]["results"]) => void)[] = [
      ([first]) => Object.assign(first ?? {}, { level: "fatal" }),
      ([, , open]) => Object.assign(open ?? {}, { level: "warning" }),
      ([, second]) => Object.assign(second ?? {}, { message: undefined }),
      ([first]) => Object.assign(first ?? {}, { extra: 1 }),
    ];
    for (const spoil of spoils) {
      const log: Log = JSON.parse(JSON.stringify(encodeSarif(await report(), source)));
      spoil(log.runs[0].results);
      expect(validate(JSON.parse(JSON.stringify(log)))).toBe(false);
    }
  });

  test("names every rule once, and results point at theirs by index", async () => {
    const log = JSON.parse(JSON.stringify(encodeSarif(await report(), source)));
    const [{ tool, results }] = log.runs;
    const ids = tool.driver.rules.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(8);
    for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId);
    expect(results[0]).toMatchObject({
      locations: [{ physicalLocation: { artifactLocation: { uri: "a%20dir/p%2Cq.json" }, region: { startLine: 8, startColumn: 2 } } }],
      relatedLocations: [{ id: 0, logicalLocations: [{ name: "a", fullyQualifiedName: "/rules/0" }] }],
    });
    expect(results[2]).toMatchObject({ kind: "open", level: "none" });
  });

  test("names files as URI references", () => {
    expect(uriOf("policies/a b%.json")).toBe("policies/a%20b%25.json");
    expect(uriOf("c:d.json")).toBe("c%3Ad.json");
    expect(uriOf("/tmp/ü.json")).toBe("file:///tmp/%C3%BC.json");
  });
});

test("the text of what is undecided stands apart from what was found", async () => {
  const lines = renderLint(await report(), source, paintWith(false));
  expect(lines[0]).toBe("FINDINGS  p 1: 1 warning, 1 note, 1 undecided");
  expect(lines.at(-1)).toBe("   a dir/p,q.json:8:2  never matches, /rules/2  lint_bound");
});
