// The examples of docs/library.md, of the README and of the docstrings do what they say.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { transform } from "esbuild";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as kernel from "../../prover/kernel/index.js";
import * as library from "../../src/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(resolve(root, "docs/library.md"), "utf8");
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
const modules: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { atmost: library, "atmost/kernel": kernel };

type Run = (...values: readonly unknown[]) => unknown;
/** Returns a function of the named parameters. The texts are our own documentation. */
const compile = (kind: "Function" | "AsyncFunction", names: readonly string[], body: string): Run => {
  const made: unknown = Reflect.construct(kind === "Function" ? Function : (async () => undefined).constructor, [
    ...names,
    `"use strict";\n${body}`,
  ]);
  if (typeof made !== "function") throw new Error("no function was made");
  return (...values) => Reflect.apply(made, undefined, values);
};

/** Returns what an example prints, a line for each call. Its imports come from the sources. */
async function run(text: string): Promise<readonly string[]> {
  const { code } = await transform(text, { loader: "ts", format: "esm", target: "node20" });
  const body = code.replace(
    /^import \{([^}]*)\} from "([^"]*)";$/gm,
    (_, names: string, from: string) => `const {${names.replaceAll(" as ", ": ")}} = modules[${JSON.stringify(from)}];`,
  );
  const printed: string[] = [];
  const console = { log: (...values: readonly unknown[]) => printed.push(format(...values)) };
  await compile("AsyncFunction", ["modules", "console"], body)(modules, console);
  return printed;
}

describe("docs/library.md", () => {
  test("has examples for reading, deciding, checking, spawning, verifying and settings", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(6);
    for (const name of ["parsePolicy", "evaluate", "checkContainment", "spawnCheck", "verifyCertificate", "createProver"])
      expect(
        blocks.some((block) => block.includes(`${name}(`)),
        name,
      ).toBe(true);
  });

  test.each(blocks.map((block, i) => [i + 1, block] as const))("example %i prints what stands behind its arrows", async (_, block) => {
    const promised = [...block.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(await run(block)).toEqual(promised);
  });

  test("its examples are typed as the built package is", () => {
    expect(existsSync(resolve(root, "dist/src/index.d.ts")), "`npm test` builds first: run `npm run build`").toBe(true);
    const folder = mkdtempSync(resolve(tmpdir(), "atmost-examples-"));
    try {
      const files = blocks.map((block, i) => {
        const file = resolve(folder, `example-${i + 1}.mts`);
        writeFileSync(file, block);
        return file;
      });
      const program = ts.createProgram(files, {
        target: ts.ScriptTarget.ES2023,
        lib: ["lib.es2024.d.ts"],
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        typeRoots: [resolve(root, "node_modules/@types")],
        types: ["node"],
        paths: {
          atmost: [resolve(root, "dist/src/index.d.ts")],
          "atmost/kernel": [resolve(root, "dist/prover/kernel/index.d.ts")],
        },
      });
      const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
        const where = file === undefined ? "" : relative(folder, file.fileName);
        return `${where}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      });
      expect(problems).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("names exports that are there, and links to pages and headings that are there", () => {
    const called = [...page.matchAll(/`([a-z][A-Za-z]+)(?:\([^`]*\))?`/g)].map(([, name = ""]) => name);
    const functions = called.filter(
      (name) => /^(?:parse|check|spawn|verify|create|encode|canonical|evaluate|default)[A-Z]/.test(name) || name === "evaluate",
    );
    expect(functions.length).toBeGreaterThan(8);
    expect(functions.filter((name) => !(name in library) && !(name in kernel))).toEqual([]);
    const headings = new Set([...page.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => `#${title.toLowerCase().replaceAll(" ", "-")}`));
    const links = [...page.matchAll(/\]\(([^)]*)\)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => (link.startsWith("#") ? !headings.has(link) : !existsSync(resolve(root, "docs", link))))).toEqual([]);
  });
});

describe("the built package", () => {
  test("resolves as `atmost`, with the exports of the source", () => {
    expect(existsSync(resolve(root, "dist/src/index.js")), "`npm test` builds first: run `npm run build`").toBe(true);
    const script = 'import * as library from "atmost"; console.log(JSON.stringify(Object.keys(library).sort()));';
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, encoding: "utf8" });
    expect(JSON.parse(output)).toEqual(Object.keys(library).toSorted());
  });

  test("does nothing when it is imported: it prints nothing and keeps no process alive", () => {
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", 'import "atmost";'], {
      cwd: root,
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(output).toBe("");
  });
});

describe("the README", () => {
  test("its library example is run on two policies, and prints what a counterexample says", async () => {
    const readme = readFileSync(resolve(root, "README.md"), "utf8");
    const [, example = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    expect(example).toContain("checkContainment(");
    const text = (name: string, action: string) =>
      JSON.stringify({ language: "atmost/1", name, version: "1", rules: [{ id: "r", effect: "allow", action }] });
    const given = `const childText = ${JSON.stringify(text("child", "fs:**"))}; const parentText = ${JSON.stringify(text("parent", "fs:read"))};`;
    const printed = await run(example.replace(/(from "atmost";\n)/, `$1${given}\n`));
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(/^`child` allows `fs.*no rule of `parent` permits this action$/);
  });
});

// Each `@example` of a docstring: the text up to the next tag or the end of the comment.
const examples = ["prover", "src"].flatMap((folder) =>
  readdirSync(resolve(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const file = `${folder}/${name}`;
      const comments = [...readFileSync(resolve(root, file), "utf8").matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, text = ""]) => text);
      return comments.flatMap((comment) =>
        [...comment.matchAll(/@example([\s\S]*?)(?=\n\s*\* @|$)/g)].map(([, text = ""]): [string, string] => [
          file,
          text.replaceAll(/\n\s*\* ?/g, "\n").trim(),
        ]),
      );
    }),
);

describe("docstrings", () => {
  test("have examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  test.each(examples)("of %s: `%s` runs, and is true where it says something", async (file, text) => {
    const own: unknown = await import(/* @vite-ignore */ pathToFileURL(resolve(root, file)).href);
    const names = { ...library, ...Object(own) };
    const isStatement = /;\s*$/.test(text);
    const value: unknown = await compile(
      isStatement ? "AsyncFunction" : "Function",
      Object.keys(names),
      isStatement ? text : `return (${text});`,
    )(...Object.values(names));
    if (/ [=!]== | [<>]=? /.test(text) && !isStatement) expect(value).toBe(true);
    if (typeof value === "object" && value !== null && "kind" in value) expect(value.kind).not.toBe("invalid");
  });
});
