// Folders with policies and claims, and `atmost prove` as a process that runs in them. Test code.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { bin, type Run, root, execute as run } from "./executable.js";

export { bin, root };

/** A folder for all the tests of one file. */
export const scratch = mkdtempSync(join(tmpdir(), "atmost-prove-"));
/** A copy of the repository's proofs. */
export const proofs = join(scratch, "proofs");
/** The folder of the test at hand, with `engineer`, `maximum` and `claims` in it. */
export let dir = "";
let count = 0;

/** Runs a command to its end, without colours. */
export const execute = (command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Run =>
  run(command, args, cwd, { HOME: scratch, NO_COLOR: "1", ...env });
/** Runs `atmost prove`. */
export const atmost = (args: readonly string[], cwd = dir, env = {}) => execute(process.execPath, [bin, "prove", ...args], cwd, env);
/** Writes a file into the folder of the test at hand. */
export const write = (name: string, text: string) => {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
};

/** A policy of an administrator. */
export const maximum = `language: atmost/1
name: maximum
version: "3"
rules:
  - id: files
    effect: allow
    action: "fs:**"
    when: { path: { path: /repo/** } }
  - id: deploy
    effect: ask
    action: deploy:release
    because: customers see it
    reviewers: [owner]
`;
/** A policy within `maximum`. */
export const engineer = `{ "language": "atmost/1", "name": "engineer", "version": "1",
  "rules": [
    { "id": "code", "effect": "allow", "action": ["fs:read", "fs:write"],
      "when": { "path": { "path": "/repo/src/**" } } }
  ] }
`;
/** Claims of the two, all as expected. */
export const claims = `language: atmost-claims/1
claims:
  - name: the engineer is within the maximum
    because: everybody is
    contained: { lower: engineer.json, upper: maximum.yaml }
  - name: nobody deploys without a person
    because: customers see it
    never: { policy: maximum.yaml, is: allowed, action: "deploy:**" }
  - name: the maximum is within the engineer
    because: it is not, which must be found
    expect: fails
    contained: { lower: maximum.yaml, upper: engineer.json }
`;
/** `engineer` with a rule that is not within `maximum`: on line 3. */
export const broken = engineer.replace('"/repo/src/**"', '["/repo/src/**", "/etc/**"]');

/** Makes the folders before the tests of a file, and takes them away after. */
export function inFolders(): void {
  beforeAll(() => {
    expect(existsSync(bin), "the executable is not built: run `npm run build`").toBe(true);
    cpSync(join(root, "proofs"), proofs, { recursive: true });
  });
  beforeEach(() => {
    dir = join(scratch, String(count++));
    mkdirSync(dir);
    write("engineer.json", engineer);
    write("maximum.yaml", maximum);
    write("team.claims.yaml", claims);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
}
