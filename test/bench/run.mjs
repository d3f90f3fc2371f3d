// Runs the benchmark: installs the opponents where they are missing, builds the product, bundles the benchmark, starts it.
// `--no-build` takes dist as it is; `--dist DIR` another build; everything else goes to main.ts.

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const built = join(here, ".build");
const given = process.argv.slice(2);
const at = given.indexOf("--dist");
const dist = resolve(root, at < 0 ? "dist" : (given[at + 1] ?? "dist"));
const rest = given.filter((word, i) => word !== "--no-build" && (at < 0 || (i !== at && i !== at + 1)));

// What the tools say goes to standard error: standard output is the table's.
const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(join(here, "node_modules"))) run("npm", ["ci", "--prefix", here, "--ignore-scripts", "--no-audit", "--no-fund"]);
if (!given.includes("--no-build")) run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"]);

// The product is taken from its build, as it ships; only the benchmark itself is bundled.
const productFromDist = {
  name: "product-from-dist",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const from = relative(root, resolve(resolveDir, path));
      return /^(prover|src)\//.test(from) ? { path: pathToFileURL(join(dist, from)).href, external: true } : undefined;
    });
  },
};

rmSync(built, { recursive: true, force: true });
await build({
  entryPoints: ["main", "children/z3-raw", "children/bare-route", "children/endurance"].map((name) => join(here, `${name}.ts`)),
  outdir: built,
  outbase: here,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
  plugins: [productFromDist],
});

const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--expose-gc", join(built, "main.js"), "--dist", dist, ...rest], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
