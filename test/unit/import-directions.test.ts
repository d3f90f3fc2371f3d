// The arrows between the folders, as the code's head comments and the design state them. Every import counts, of types too.
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
type Import = { readonly from: string; readonly specifier: string; readonly typeOnly: boolean; readonly dynamic: boolean };

const filesOf = (folder: string): readonly string[] =>
  readdirSync(resolve(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) => relative(root, resolve(entry.parentPath, entry.name)).split(sep).join("/"));

/** Returns every module that a source names, in whatever way: import, export from, `import()`, `require()`, a type's `import()`, a URL of its own. */
function importsOf(from: string, text = readFileSync(resolve(root, from), "utf8")): readonly Import[] {
  const found: Import[] = [];
  const add = (node: ts.Expression | undefined, typeOnly: boolean, dynamic = false): void => {
    if (node !== undefined) found.push({ from, specifier: ts.isStringLiteralLike(node) ? node.text : "(computed)", typeOnly, dynamic });
  };
  const onlyTypes = (elements: ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier>): boolean =>
    elements.length > 0 && elements.every(({ isTypeOnly }) => isTypeOnly);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings;
      const types = named !== undefined && ts.isNamedImports(named) && clause?.name === undefined && onlyTypes(named.elements);
      add(node.moduleSpecifier, clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || types);
    } else if (ts.isExportDeclaration(node)) {
      const named = node.exportClause;
      add(node.moduleSpecifier, node.isTypeOnly || (named !== undefined && ts.isNamedExports(named) && onlyTypes(named.elements)));
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined, true);
    } else if (ts.isImportEqualsDeclaration(node)) {
      if (ts.isExternalModuleReference(node.moduleReference)) add(node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isCallExpression(node)) {
      const called = node.expression;
      if (called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require"))
        add(node.arguments[0], false, called.kind === ts.SyntaxKind.ImportKeyword);
    } else if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "URL") {
      const [first, second] = node.arguments ?? [];
      if (first !== undefined && ts.isStringLiteralLike(first) && /\.[jt]s$/.test(first.text) && second?.getText().includes("import.meta"))
        add(first, false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true));
  return found;
}

const proverFiles = filesOf("prover");
const srcFiles = filesOf("src");
const imports = [...proverFiles, ...srcFiles].flatMap((file) => importsOf(file));

const isRelative = ({ specifier }: Import): boolean => specifier.startsWith(".");
/** Returns the source that a relative import names, from the repository's root; what is compiled counts as its source. */
const targetOf = ({ from, specifier }: Import): string =>
  relative(root, resolve(root, dirname(from), specifier))
    .split(sep)
    .join("/")
    .replace(/^dist\//, "")
    .replace(/\.js$/, ".ts");
const packageOf = ({ specifier }: Pick<Import, "specifier">): string => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
const isNode = ({ specifier }: Import): boolean => specifier.startsWith("node:") || builtinModules.includes(packageOf({ specifier }));
/** Returns the part of the house that a file is in: a folder of `prover/`, or one of its files by its name. */
const partOf = (file: string): string => {
  const [house, part = ""] = file.split("/");
  return house === "prover" ? part.replace(/\.ts$/, "") : `${house}`;
};
const tell = ({ from, specifier }: Import): string => `${from} imports ${specifier}`;
/** Returns the packages that are loaded before the first line of `files` runs: what is imported by `import()` waits until it is asked for. */
function packagesBefore(...files: readonly string[]): readonly string[] {
  const seen = new Set(files);
  const packages = new Set<string>();
  for (const file of seen)
    for (const i of imports) {
      if (i.from !== file || i.typeOnly || i.dynamic) continue;
      if (isRelative(i)) seen.add(targetOf(i));
      else if (!isNode(i)) packages.add(packageOf(i));
    }
  return [...packages].toSorted();
}
const arrows = imports
  .filter((i) => isRelative(i) && i.from.startsWith("prover/"))
  .map((i) => ({ ...i, to: partOf(targetOf(i)), at: partOf(i.from) }));

// What each part of the prover may import besides itself. `results` and `bounds` are data that all of the untrusted parts speak in.
const allowed: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  evaluate: ["kernel"],
  sha256: [],
  load: ["kernel", "sha256"],
  language: ["kernel", "load"],
  theory: ["kernel"],
  bounds: [],
  results: ["kernel", "evaluate"],
  certify: ["kernel", "evaluate", "theory", "results"],
  stated: ["kernel", "results"],
  explain: ["kernel", "evaluate", "certify", "results", "stated"],
  minimise: ["kernel", "evaluate"],
  contain: ["kernel", "evaluate", "certify", "explain", "minimise", "bounds", "results"],
  cache: ["kernel", "results"],
  chain: ["kernel", "load", "explain", "results"],
  encode: ["kernel", "results"],
  lint: ["kernel", "load", "evaluate", "certify", "explain", "encode", "results"],
  diff: ["kernel", "sha256", "evaluate", "explain", "encode", "results", "stated"],
  narrow: ["kernel", "load", "language", "diff", "results"],
  smt: ["kernel", "evaluate", "language", "theory", "certify", "contain", "results", "bounds"],
  solver: ["smt"],
  core: [
    "kernel",
    "sha256",
    "evaluate",
    "certify",
    "language",
    "smt",
    "solver",
    "contain",
    "cache",
    "chain",
    "diff",
    "narrow",
    "encode",
    "explain",
    "lint",
    "bounds",
    "results",
  ],
  index: ["core", "language", "smt", "solver"],
};

describe("the reading of imports", () => {
  test("sees every way in which a module is named", () => {
    const text = [
      'import a from "./a.js";',
      'import { type B } from "./b.js";',
      'import type { C } from "./c.js";',
      'export * from "./d.js";',
      'export type { E } from "./e.js";',
      'const f = await import("./f.js");',
      'type G = import("./g.js").G;',
      'const h = require("./h.js");',
      'import i = require("./i.js");',
      'new URL("./j.js", import.meta.url);',
      "await import(name);",
      'import "./k.js";',
      '// import "./comment.js";',
      "const text = 'import \"./text.js\"';",
    ].join("\n");
    const found = importsOf("prover/x/y.ts", text);
    expect(found.map(({ specifier }) => specifier)).toEqual([..."abcdefghij"].map((name) => `./${name}.js`).concat("(computed)", "./k.js"));
    expect(found.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual(["./b.js", "./c.js", "./e.js", "./g.js"]);
    expect(found.filter(({ dynamic }) => dynamic).map(({ specifier }) => specifier)).toEqual(["./f.js", "./j.js", "(computed)"]);
  });

  test("saw the files, and every part of the prover", () => {
    expect(proverFiles.length).toBeGreaterThan(30);
    expect(srcFiles.length).toBeGreaterThan(20);
    expect(imports.length).toBeGreaterThan(150);
    expect([...new Set(proverFiles.map(partOf))].toSorted()).toEqual(Object.keys(allowed).toSorted());
  });

  test("every relative import names a file that is there, and none is computed", () => {
    const all = new Set([...proverFiles, ...srcFiles]);
    expect(imports.filter((i) => isRelative(i) && !all.has(targetOf(i))).map(tell)).toEqual([]);
    expect(imports.filter(({ specifier }) => specifier === "(computed)").map(tell)).toEqual([]);
  });
});

describe("the arrows", () => {
  test.each(Object.entries(allowed))("prover/%s imports nothing of the prover but %j", (part, others) => {
    const wrong = arrows.filter(({ at, to }) => at === part && to !== part && !others.includes(to));
    expect(wrong.map(tell)).toEqual([]);
  });

  test("smt knows how a link is proved by its types alone", () => {
    expect(arrows.filter(({ at, to, typeOnly }) => at === "smt" && to === "contain" && !typeOnly).map(tell)).toEqual([]);
  });

  test("the kernel imports nothing outside itself: no package, and nothing of Node's", () => {
    const outside = imports.filter((i) => partOf(i.from) === "kernel" && (!isRelative(i) || !targetOf(i).startsWith("prover/kernel/")));
    expect(outside.map(tell)).toEqual([]);
  });

  test("the prover imports nothing of src", () => {
    expect(imports.filter((i) => i.from.startsWith("prover/") && isRelative(i) && !targetOf(i).startsWith("prover/")).map(tell)).toEqual(
      [],
    );
  });

  test("only prover/language reads with zod and yaml, and no other package is used in the prover but by the solver's worker", () => {
    const used = imports.filter((i) => i.from.startsWith("prover/") && !isRelative(i) && !isNode(i));
    const wrong = used.filter(
      (i) => !(partOf(i.from) === "language" && ["zod", "yaml"].includes(packageOf(i))) && i.from !== "prover/solver/worker.ts",
    );
    expect(wrong.map(tell)).toEqual([]);
  });

  test("only prover/solver/worker.ts imports z3-solver", () => {
    const importers = new Set(imports.filter((i) => packageOf(i) === "z3-solver").map(({ from }) => from));
    expect([...importers]).toEqual(["prover/solver/worker.ts"]);
  });

  test("only prover/solver uses modules of Node's inside the prover", () => {
    expect(imports.filter((i) => i.from.startsWith("prover/") && isNode(i) && partOf(i.from) !== "solver").map(tell)).toEqual([]);
  });

  test("src imports prover/index.ts, its command line and its claims prover/core.ts too, and nothing else of the prover", () => {
    const deep = imports.filter((i) => {
      const target = isRelative(i) && i.from.startsWith("src/") ? targetOf(i) : "";
      const face = target === "prover/index.ts" || (target === "prover/core.ts" && /^src\/(cli|prove)\//.test(i.from));
      return target.startsWith("prover/") && !face;
    });
    expect(deep.map(tell)).toEqual([]);
  });

  test("no part of the prover depends on itself by way of others", () => {
    const next = new Map<string, ReadonlySet<string>>();
    for (const part of Object.keys(allowed))
      next.set(part, new Set(arrows.filter(({ at, to }) => at === part && to !== part).map(({ to }) => to)));
    const reached = (from: string): ReadonlySet<string> => {
      const seen = new Set(next.get(from));
      for (const part of seen) for (const to of next.get(part) ?? []) seen.add(to);
      return seen;
    };
    expect([...next.keys()].filter((part) => reached(part).has(part))).toEqual([]);
  });
});

describe("what a command waits for", () => {
  test.each([
    ["check", ["commander"]],
    ["spawn-check", ["commander"]],
    ["eval", ["commander"]],
    ["diff", ["commander"]],
    ["narrow", ["commander"]],
    ["verify", ["commander"]],
    ["lint", ["commander"]],
    ["export", ["commander", "yaml", "zod"]],
    ["import", ["commander", "yaml", "zod"]],
    ["keygen", ["@noble/ed25519", "commander", "zod"]],
    ["serve", ["@noble/ed25519", "commander", "fastify", "pino", "prom-client", "yaml", "zod"]],
  ])("before `atmost %s` begins, no package is loaded but %j", (command, packages) => {
    expect(packagesBefore("src/cli/main.ts", `src/cli/commands/${command}.ts`)).toEqual(packages);
  });

  test("no solver is loaded before it is asked", () => {
    expect(packagesBefore("src/index.ts")).toEqual(["yaml", "zod"]);
  });
});
