// The first quarter of an hour of a new user, in an empty directory, by the command line alone: a policy with a slip, the error explained,
// a claim proved, the policy widened, the counterexample, the child narrowed. The README shows what this prints; a test holds it to that.

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const atmost = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), "atmost-walkthrough-"));

function write(name, text) {
  writeFileSync(join(cwd, name), text);
  console.log(`\n$ cat ${name}\n${text.trimEnd()}`);
}

function run(line, expected) {
  console.log(`\n$ atmost ${line}`);
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [atmost, ...line.split(" ")], { cwd, encoding: "utf8", env });
  // How long it took is the only thing that differs from run to run.
  process.stdout.write(`${stdout}${stderr}`.replace(/, [0-9.]+ m?s\n/g, "\n"));
  if (status !== expected) {
    process.stderr.write(`expected exit code ${expected}, got ${status}\n`);
    process.exit(1);
  }
}

const policy = (name, rules) => `language: atmost/1\nname: ${name}\nversion: "1"\nrules:\n${rules.map((rule) => `  - ${rule}\n`).join("")}`;
const parent = policy("parent", [
  "{ id: files, effect: allow, action: 'fs:*', when: { path: { path: /repo/** } } }",
  "{ id: no-secrets, effect: deny, action: 'fs:**', when: { path: { path: '/**/.env*' } } }",
]);
const child = (when) => policy("child", [`{ id: reads, effect: allow, action: 'fs:read', when: ${when} }`]);
const guard = "  - { id: no-secrets, effect: deny, action: 'fs:**', when: { path: { path: '/**/.env*' } } }\n";

write("parent.yaml", parent);
write("child.yaml", child("{ path: { paht: /repo/src/** } }") + guard);
run("check child.yaml parent.yaml", 2);

write("child.yaml", child("{ path: { path: /repo/src/** } }") + guard);
write(
  "team.claims.yaml",
  `language: atmost-claims/1
claims:
  - name: the child stays within its parent
    because: it is spawned without a person
    contained: { lower: child.yaml, upper: parent.yaml }
`,
);
run("prove team.claims.yaml", 0);

write("child.yaml", child("{ path: { path: /repo/** } }"));
run("prove team.claims.yaml", 1);
run("narrow child.yaml parent.yaml", 0);
