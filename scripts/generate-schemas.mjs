// Writes schemas/*.schema.json from the zod schemas that validate; with --check, only says which files are out of step (exit code 1).

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// The bundle stands inside node_modules so that it finds the packages it imports.
const bundle = join(root, "node_modules", ".cache", "atmost", "published-schemas.mjs");
await build({
  entryPoints: [join(root, "scripts", "published-schemas.ts")],
  outfile: bundle,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  logLevel: "error",
});
const { publishedSchemas, renderSchema } = await import(pathToFileURL(bundle).href);

const check = process.argv.includes("--check");
mkdirSync(join(root, "schemas"), { recursive: true });
for (const entry of publishedSchemas) {
  const file = join(root, "schemas", `${entry.name}.schema.json`);
  const text = renderSchema(entry);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (check) process.exitCode = 1;
  else writeFileSync(file, text);
  console.error(`${check ? "out of step" : "written"}: schemas/${entry.name}.schema.json`);
}
