// The main job on real input, by the command line that users have: sandbox policies in OpenShell's format are imported, and three
// children are checked against one parent: one may be spawned, one needs a person, one is rejected with the request that escapes.

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const atmost = join(root, "dist/src/cli/main.js");
const folder = join(root, "proofs/openshell-clone");
const out = mkdtempSync(join(tmpdir(), "atmost-demo-"));

function run(args, expected, show = true) {
  if (show) console.log(`\n$ atmost ${args.map((arg) => arg.replace(`${out}/`, "")).join(" ")}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [atmost, ...args], { encoding: "utf8" });
  if (show) process.stdout.write(stdout);
  if (status !== expected) {
    process.stderr.write(`${stdout}${stderr}\nexpected exit code ${expected}, got ${status}\n`);
    process.exit(1);
  }
  return stdout;
}

const policies = [
  ["admin-maximum", ["--delegation", "all", "--limits", '{"depth":3}']],
  ["parent-boundary", ["--delegation", "all", "--limits", '{"depth":1}']],
  ["child-discover", []],
  ["child-review", []],
  ["child-clone", []],
];
for (const [name, options] of policies) {
  const document = run(["import", "openshell", join(folder, `${name}.yaml`), ...options], 0, false);
  writeFileSync(join(out, `${name}.json`), document);
}
console.log(`imported ${policies.length} OpenShell policies from proofs/openshell-clone`);

const file = (name) => join(out, `${name}.json`);
const above = ["--boundary", file("parent-boundary"), "--max", file("admin-maximum")];
run(["spawn-check", "--child", file("child-discover"), ...above], 0);

const answer = run(["spawn-check", "--child", file("child-discover"), ...above, "--json"], 0, false);
writeFileSync(join(out, "answer.json"), answer);
run(["verify", join(out, "answer.json"), "--child", file("child-discover"), ...above], 0);

run(["spawn-check", "--child", file("child-review"), ...above], 4);
run(["spawn-check", "--child", file("child-clone"), ...above], 1);
console.log(`\nThe policies and the answer with its certificates are in ${out}`);
