// The kernel stands alone: small, in plain ECMAScript, without an import, and it works where nothing of Node's is. So does what decides
// requests, which imports the kernel and nothing else: a policy enforcement point may be anywhere.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import * as kernel from "../../prover/kernel/index.js";
import { canonicalJson, createProver, type Json, parsePolicy, sha256Hex } from "../../src/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const filesOf = (folder: string): readonly string[] =>
  readdirSync(resolve(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .map((name) => resolve(root, folder, name));
const files = filesOf("prover/kernel");
const deciding = [...files, ...filesOf("prover/evaluate")];
const codeLinesMax = 1_000;
const linesMax = 1_200; // with comments and blank lines

/** Returns how many lines of `text` hold code: something that is no blank and no comment. */
function codeLinesOf(text: string): number {
  const source = ts.createSourceFile("kernel.ts", text, ts.ScriptTarget.Latest, true);
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    const [first, last] = [node.getStart(source), node.getEnd()].map((at) => source.getLineAndCharacterOfPosition(at).line);
    if (children.length === 0 && node.getWidth(source) > 0) for (let line = first ?? 0; line <= (last ?? 0); line++) lines.add(line);
    for (const child of children) visit(child);
  };
  visit(source);
  return lines.size;
}

const policyOf = (rules: readonly Json[], more: object = {}): object => ({ language: "atmost/1", name: "p", version: "1", rules, ...more });
const lowerDocument = policyOf([
  { id: "n", effect: "allow", action: "x", when: { n: { gte: 0, lte: 10 }, p: { path: "/w/**" } } },
  { id: "é", effect: "ask", action: "net:*", when: { ip: { cidr: ["10.0.0.0/8", "2001:db8::/32"] } } },
]);
const upperDocument = policyOf([
  { id: "small", effect: "allow", action: "**", when: { n: { lte: 5 } } },
  { id: "large", effect: "allow", action: "**", when: { n: { gt: 5 } } },
  { id: "net", effect: "ask", action: "net:**" },
]);
const requests: readonly Json[] = [
  { action: "x", n: 5, p: "/w/a" },
  { action: "x", n: 11, p: "/w/a" },
  { action: "x", n: 5, p: "/w/../a" },
  { action: "net:get", ip: "10.1.2.3" },
  { action: "net:get", ip: "2001:db8::1" },
  { action: "net:get", ip: "::1" },
  { action: "" },
  null,
];

async function certified(): Promise<{ readonly certificate: string; readonly decisions: readonly string[] }> {
  const [lower, upper] = [parsePolicy(lowerDocument), parsePolicy(upperDocument)];
  if (lower.kind === "invalid" || upper.kind === "invalid") throw new Error("the policies are refused");
  const result = await createProver({ solver: "none" }).checkContainment(lower.policy, upper.policy);
  if (result.kind !== "contained") throw new Error(JSON.stringify(result));
  const { loaded } = lower.policy;
  return { certificate: JSON.stringify(result.certificate), decisions: requests.map((request) => decide(loaded, request)) };
}

describe("the kernel's text", () => {
  test("is there, and stays under 1,000 lines of code", () => {
    expect(files.length).toBeGreaterThan(4);
    const texts = files.map((file) => readFileSync(file, "utf8"));
    const sum = (count: (text: string) => number) => texts.reduce((total, text) => total + count(text), 0);
    expect(sum(codeLinesOf)).toBeLessThan(codeLinesMax);
    expect(sum((text) => text.split("\n").length - 1)).toBeLessThan(linesMax);
  });

  test("has its lines of code counted: not blanks and comments, but all else, also beside a comment and inside a text of several lines", () => {
    expect(codeLinesOf("// a\n\n/** b\n * c */\nconst x = 1; // d\n/* e */ const y = `f\n\ng`;\n}\n")).toBe(5);
    expect(codeLinesOf("")).toBe(0);
  });

  test("is not made short by long lines", () => {
    const widest = files.flatMap((file) => readFileSync(file, "utf8").split("\n")).reduce((most, line) => Math.max(most, line.length), 0);
    expect(widest).toBeLessThanOrEqual(160); // the formatter's 140, and room for one literal
  });

  // The compiler is given ECMAScript's own names and no others: `process`, `Buffer`, `console`, `TextEncoder`, `crypto` would not be found.
  test("names no global that is not ECMAScript's, and imports nothing from outside; nor does what decides, but the kernel", () => {
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2023,
      lib: ["lib.es2024.d.ts"],
      types: [],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const program = ts.createProgram(deciding, options);
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    expect(problems).toEqual([]);
    const sources = program.getSourceFiles().filter(({ isDeclarationFile }) => !isDeclarationFile);
    expect(sources.map(({ fileName }) => resolve(fileName)).toSorted()).toEqual(deciding.toSorted());
  });

  test("reads no clock, no randomness and no code from text, and does not look for globals; nor does what decides", () => {
    const forbidden = ["globalThis", "eval", "Function", "Atomics", "SharedArrayBuffer", "WeakRef", "FinalizationRegistry"];
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const text = ts.isPropertyAccessExpression(node) ? node.getText() : "";
      if (["Math.random", "Date.now", "import.meta"].includes(text)) found.push(text);
      if (ts.isIdentifier(node) && forbidden.includes(node.text)) found.push(node.text);
      const isDate = (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "Date";
      if (isDate && (node.arguments ?? []).length === 0) found.push("Date()");
      if (node.kind === ts.SyntaxKind.ThisKeyword && node.parent.parent?.kind === ts.SyntaxKind.SourceFile) found.push("this");
      ts.forEachChild(node, visit);
    };
    for (const file of deciding) visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
    expect(found).toEqual([]);
  });
});

describe("the kernel and what decides in a browser's place", () => {
  const bundle = (entry = "prover/kernel/index.ts") =>
    build({
      entryPoints: [resolve(root, entry)],
      bundle: true,
      write: false,
      metafile: true,
      platform: "browser",
      format: "iife",
      globalName: "atmost",
      target: "es2023",
      absWorkingDir: root,
      logLevel: "silent",
    });

  test("bundles as one file that holds its own sources and no others", async () => {
    const { metafile, outputFiles, errors, warnings } = await bundle();
    expect([...errors, ...warnings]).toEqual([]);
    expect(outputFiles).toHaveLength(1);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.length).toBeGreaterThan(4);
    expect(inputs.filter((input) => !input.startsWith("prover/kernel/"))).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
  });

  const bare = () => {
    const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
    expect(runInContext("[typeof process, typeof require, typeof Buffer, typeof TextEncoder, typeof URL].join()", context)).toBe(
      "undefined,undefined,undefined,undefined,undefined",
    );
    return context;
  };

  test("what decides bundles with the kernel's sources, and decides in a context that has nothing but the language", async () => {
    const [{ metafile, outputFiles, errors, warnings }, { decisions }] = [await bundle("test/unit/decide-entry.ts"), await certified()];
    expect([...errors, ...warnings]).toEqual([]);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain("prover/evaluate/decide.ts");
    expect(inputs.filter((input) => !/^prover\/(kernel|evaluate)\/|^test\/unit\/decide-entry\.ts$/.test(input))).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
    const context = bare();
    runInContext(outputFiles[0]?.text ?? "", context);
    const script = `{
      const given = JSON.parse(${JSON.stringify(JSON.stringify({ policy: lowerDocument, requests }))});
      const { policy } = atmost.loadPolicy(given.policy, () => "");
      JSON.stringify(given.requests.map((request) => atmost.decide(policy, request)));
    }`;
    expect(JSON.parse(String(runInContext(script, context)))).toEqual(decisions);
    expect(decisions).toEqual(["allow", "deny", "deny", "ask", "ask", "deny", "deny", "deny"]);
  });

  test("the kernel loads policies, checks a certificate and judges conditions in a context that has nothing but the language", async () => {
    const [{ outputFiles }, { certificate }] = [await bundle(), await certified()];
    const context = bare();
    context["sha256"] = sha256Hex; // the one thing that the kernel wants of whoever calls it
    runInContext(outputFiles[0]?.text ?? "", context);
    const given = { lower: lowerDocument, upper: upperDocument, certificate, requests };
    const script = `{
      const given = JSON.parse(${JSON.stringify(JSON.stringify(given))});
      const load = (document) => {
        const result = atmost.loadPolicy(document, sha256);
        if (result.kind !== "loaded") throw new Error(result.message);
        return result.policy;
      };
      const lower = load(given.lower);
      const upper = load(given.upper);
      JSON.stringify({
        accepted: atmost.checkCertificate(given.certificate, lower, upper),
        parsed: atmost.checkCertificate(JSON.parse(given.certificate), lower, upper),
        swapped: atmost.checkCertificate(given.certificate, upper, lower).kind,
        broken: atmost.checkCertificate(given.certificate.slice(1), lower, upper).kind,
        truths: given.requests.map((request) => atmost.truthOf(lower.lists[0].rules[0].condition, request)),
        decides: "decide" in atmost,
        sha256: [lower.sha256, upper.sha256],
        invalid: atmost.loadPolicy({ ...given.lower, rules: [{}] }, sha256).kind,
      });
    }`;
    const told: unknown = JSON.parse(String(runInContext(script, context)));
    expect(told).toMatchObject({
      accepted: { kind: "accepted", relation: "contained" },
      parsed: { kind: "accepted", relation: "contained" },
      swapped: "refused",
      broken: "refused",
      truths: [kernel.T, kernel.F, kernel.U, kernel.F, kernel.F, kernel.F, kernel.F, kernel.U],
      decides: false,
      sha256: [lowerDocument, upperDocument].map((document) => sha256Hex(canonicalJson(document) ?? "")),
      invalid: "invalid",
    });
  });
});

describe("the subpath `atmost/kernel`", () => {
  test("resolves from the built package, with the exports of the source", () => {
    expect(existsSync(resolve(root, "dist/prover/kernel/index.js")), "`npm test` builds first: run `npm run build`").toBe(true);
    const script = `
      import * as kernel from "atmost/kernel";
      const loaded = kernel.loadPolicy(${JSON.stringify(lowerDocument)}, () => "");
      const { condition } = loaded.policy.lists[0].rules[0];
      console.log(JSON.stringify({ names: Object.keys(kernel).sort(), truth: kernel.truthOf(condition, ${JSON.stringify(requests[0])}) }));
    `;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, encoding: "utf8" });
    expect(JSON.parse(output)).toEqual({ names: Object.keys(kernel).toSorted(), truth: kernel.T });
  });
});
