// What other programs read: JUnit's XML, SARIF, GitHub's annotations; and the progress that people see.
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { paintWith } from "../../src/cli/paint.js";
import { annotationOf } from "../../src/prove/formats/github.js";
import { encodeJunit, escapeXml } from "../../src/prove/formats/junit.js";
import { encodeSarif } from "../../src/prove/formats/sarif.js";
import { renderFile, renderTotals } from "../../src/prove/formats/text.js";
import { prove } from "../../src/prove/index.js";
import { barProgress, lineProgress } from "../../src/prove/progress.js";
import { type ClaimResult, totalsOf } from "../../src/prove/results.js";
import { elementsOf, junitProblems } from "./junit-schema.js";
import { jenkinsProblems, sarifProblems } from "./published-schemas.js";
import { sarifSchema } from "./sarif-schema.js";

const files: Readonly<Record<string, string>> = {
  "p/a b.json":
    '{ "language": "atmost/1", "name": "a", "version": "1", "rules": [\n  { "id": "r,1:%", "effect": "allow", "action": "x" }\n] }',
  "p/none.yaml": "language: atmost/1\nname: none\nversion: '1'\nrules: []\n",
};
const odd = 'it <is> & "is" not\u0000 ]]> \u202e so';

async function results(): Promise<readonly ClaimResult[]> {
  const pair = { lower: "a b.json", upper: "none.yaml" };
  const claims = [
    { name: "holds", because: "b", contained: { lower: "none.yaml", upper: "a b.json" } },
    { name: "100%, or: not", because: odd, contained: pair },
    { name: "must fail", because: "b", expect: "fails", contained: pair },
    { name: odd, because: "b", no_new_access: { new: "a b.json", old: "none.yaml" } },
    { name: "holds, and must not", because: "b", expect: "fails", exceeds: pair },
  ];
  const answer = await prove({ language: "atmost-claims/1", claims }, { file: "p/t.claims.json", readFile: (path) => files[path] });
  if (answer.kind === "invalid") throw new Error(JSON.stringify(answer.problems));
  const [, second] = answer.claims;
  if (second === undefined) throw new Error("no second answer");
  return [...answer.claims, { ...second, name: "open", found: "undecided", outcome: "undecided", witnesses: [], blame: [] }];
}

describe("JUnit", () => {
  test("is what Jenkins reads: its published schema, elements, attributes, counts", async () => {
    const xml = encodeJunit([{ file: "p/t.claims.json", results: await results() }]);
    expect(jenkinsProblems(xml)).toEqual([]);
    expect(junitProblems(xml)).toEqual([]);
    const elements = elementsOf(xml);
    expect(elements.filter(({ name }) => name === "testcase").length).toBe(6);
    expect(elements.find(({ name }) => name === "testsuite")?.attributes).toMatchObject({ tests: "6", failures: "3", errors: "1" });
    expect(elements.filter(({ name }) => name === "failure").map(({ attributes }) => attributes["type"])).toEqual([
      "fails",
      "fails",
      "holds",
    ]);
    expect(elements.find(({ name }) => name === "error")?.attributes["type"]).toBe("undecided");
  });

  test("is valid by Jenkins' published schema with no claim and with no file too, and that schema can refuse", async () => {
    expect(jenkinsProblems(encodeJunit([]))).toEqual([]);
    expect(jenkinsProblems(encodeJunit([{ file: "p/t.claims.json", results: [] }]))).toEqual([]);
    const xml = encodeJunit([{ file: "p/t.claims.json", results: await results() }]);
    const spoils = [
      ["<testsuite ", "<testsuite odd='1' "],
      ["<failure ", "<broken/><failure "],
      ["<testcase name=", "<testcase title="],
      ["</testsuites>", ""],
    ] as const;
    for (const [from, to] of spoils) expect(jenkinsProblems(xml.replace(from, to))).not.toEqual([]);
  });

  test("holds no character that XML 1.0 can not", () => {
    expect(escapeXml('\u0000\u0008\ufffe\ud800<a>&"\n')).toBe("\\u0000\\u0008\\ufffe\\ud800&lt;a&gt;&amp;&quot;&#10;");
  });

  test.each([
    ["a wrong root", "<suites/>"],
    [
      "an attribute that is none",
      '<testsuites><testsuite name="a" tests="0" failures="0" errors="0" time="0.000" odd="1"></testsuite></testsuites>',
    ],
    ["a wrong count", '<testsuites><testsuite name="a" tests="2" failures="0" errors="0" time="0.000"></testsuite></testsuites>'],
    ["a name that is missing", '<testsuites><testsuite tests="0" failures="0" errors="0" time="0.000"></testsuite></testsuites>'],
    ["an open element", "<testsuites>"],
  ])("is refused by the check where it is not so: %s", (_, xml) => {
    expect(junitProblems(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`)).not.toEqual([]);
  });
});

describe("SARIF", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(sarifSchema);
  test("is of version 2.1.0, with a result for each claim that is not as expected", async () => {
    const log = JSON.parse(JSON.stringify(encodeSarif(await results(), "1.2.3")));
    expect(sarifProblems(log)).toEqual([]);
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
    const [run] = log.runs;
    expect(run.tool.driver.semanticVersion).toBe("1.2.3");
    expect(run.results.map((result: { message: { text: string } }) => result.message.text.split("\n")[0])).toEqual([
      "100%, or: not",
      odd,
      "holds, and must not",
      "open",
    ]);
    for (const result of run.results) expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(run.results[0].locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: "p/a%20b.json" }, region: { startLine: 2 } } },
    ]);
    expect(run.results[2].locations[0].physicalLocation.artifactLocation.uri).toBe("p/t.claims.json");
  });

  test("says no version where the package's is not known", () => {
    const log = JSON.parse(JSON.stringify(encodeSarif([], "unknown")));
    expect(log.runs[0].tool.driver).not.toHaveProperty("semanticVersion");
    expect(sarifProblems(log)).toEqual([]);
  });

  test.each([
    ["another version", { version: "2.0.0" }],
    ["runs that are none", { runs: {} }],
    ["a level that is none", { runs: [{ tool: { driver: { name: "x" } }, results: [{ message: { text: "a" }, level: "fatal" }] }] }],
    [
      "a line below 1",
      {
        runs: [
          {
            tool: { driver: { name: "x" } },
            results: [
              { message: { text: "a" }, locations: [{ physicalLocation: { artifactLocation: { uri: "a" }, region: { startLine: 0 } } }] },
            ],
          },
        ],
      },
    ],
  ])("is refused by the schemas where it is not so: %s", (_, change) => {
    expect(validate({ version: "2.1.0", runs: [], ...change })).toBe(false);
    expect(sarifProblems({ version: "2.1.0", runs: [], ...change })).not.toEqual([]);
  });
});

describe("an annotation of GitHub's", () => {
  test("stands at the rule to blame, escaped as the runner reads it; a claim that is as expected has none", async () => {
    const lines = (await results()).map(annotationOf);
    expect(lines.map((line) => line?.split("::")[1])).toEqual([
      undefined,
      "error file=p/a b.json,line=2,title=100%25%2C or%3A not",
      undefined,
      expect.stringMatching(/^error file=p\/a b\.json,line=2,title=it <is> & /),
      expect.stringMatching(/^error file=p\/t\.claims\.json,line=\d+,title=holds%2C and must not$/),
      expect.stringMatching(/^error file=p\/t\.claims\.json,line=\d+,title=open$/),
    ]);
    for (const line of lines) expect(line ?? "").not.toContain("\n");
    expect(lines[1]).toContain("`r,1:%25`");
  });
});

describe("progress", () => {
  test("is one line on a terminal, drawn over and then left empty, and never wider than 79 columns", async () => {
    const written: string[] = [];
    const all = await results();
    const progress = barProgress(all.length, (text) => written.push(text));
    for (const result of all) progress.claim({ ...result, name: `${result.name}${"x".repeat(100)}` });
    progress.end();
    expect(written.length).toBe(all.length + 1);
    expect(written.at(-2)).toContain("[########################] 6/6, 4 not as expected");
    expect(written.at(-1)).toBe("\r\u001b[K");
    for (const text of written) {
      expect(text.startsWith("\r\u001b[K")).toBe(true);
      expect(text.length - "\r\u001b[K".length).toBeLessThan(80);
      expect(text).not.toContain("\n");
    }
  });

  test("is one plain line for each claims file elsewhere", async () => {
    const written: string[] = [];
    const all = await results();
    const progress = lineProgress(new Map([["p/t.claims.json", all.length]]), (text) => written.push(text));
    for (const result of all) progress.claim(result);
    progress.end();
    expect(written).toEqual(["atmost: p/t.claims.json: 6 claims, 4 not as expected\n"]);
  });
});

test("the text for people paints words only where colours are wanted, and escapes what could move the cursor", async () => {
  const all = await results();
  const [plainText, painted] = [false, true].map((colours) =>
    [...renderFile("p/t.claims.json", all, paintWith(colours)), renderTotals(totalsOf(all), 0, paintWith(colours))].join("\n"),
  );
  expect(plainText).not.toContain("\u001b");
  expect(plainText).not.toContain("\u202e");
  expect(painted).toContain("\u001b[1;31mFAILED\u001b[0m");
  expect(painted?.replace(/\u001b\[[0-9;]*m/g, "")).toBe(plainText);
});
