// Reads the old version of a file from git, for `no_new_access` and `--base`. Not trusted.

import { execFile } from "node:child_process";
import { invalid, problem, type Reading } from "./world.js";

/** The longest that git may take, milliseconds. */
const gitMsMax = 30_000;

/** Returns true iff `text` can be a revision: never an option of git's, and never with a path of its own. */
export const isRevision = (text: string): boolean => /^[A-Za-z0-9_@^~./{}+-]{1,200}$/.test(text) && !text.startsWith("-");

/**
 * Returns the text that the file at `path` has in `revision`, as `git show` has it.
 * @param bytesMax the largest file that is read
 * @returns the text, or the problem `base_unreadable`
 */
export function readFromGit(revision: string, path: string, bytesMax: number): Promise<Reading<string>> {
  const slash = path.lastIndexOf("/");
  const [folder, name] = slash < 0 ? [".", path] : [path.slice(0, slash) || "/", path.slice(slash + 1)];
  const refuse = (why: string) =>
    invalid(problem("base_unreadable", path, "", `expected the file in the revision \`${revision}\` of git, got \`${why}\``));
  return new Promise((resolve) => {
    // `./` makes git look from the folder; the arguments reach git as they are, without a shell.
    const args = ["-C", folder, "show", `${revision}:./${name}`];
    execFile("git", args, { maxBuffer: bytesMax, timeout: gitMsMax, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: "ok", value: stdout });
      else resolve(refuse(stderr.trim().split("\n")[0] || error.message));
    });
  });
}
