// What tests need that is no part of the repository: the real files beside it, and programs. Where one is missing, what needs it is
// skipped and says why; in CI, where all of it must be, it fails. Test code, not trusted.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { cvc5Version } from "./differential/cvc5.js";

function isMissing(isThere: boolean, what: string): boolean {
  if (isThere) return false;
  if (process.env["CI"] === "true") throw new Error(`${what} was not found: in CI it must be there`);
  console.log(`skipped: ${what} was not found`);
  return true;
}

/** Returns the folder of a shared fixture, which lies beside the repository whether or not it is there. */
export const fixturesOf = (name: string): string => resolve(import.meta.dirname, "../../shared/fixtures", name);

/**
 * Returns whether there are no real files of that name, and says so on the console.
 * @throws Error in CI, where they must be
 */
export const isWithoutFixtures = (name: string): boolean => isMissing(existsSync(fixturesOf(name)), `\`../shared/fixtures/${name}\``);

/**
 * Returns whether `program` cannot be started, and says so on the console.
 * @param program one that ends at once, with status 0, when asked for its `--version`
 * @throws Error in CI, where it must be
 */
export const isWithoutProgram = (program: "bash" | "curl" | "git"): boolean =>
  isMissing(spawnSync(program, ["--version"]).status === 0, `\`${program}\``);

/**
 * Returns whether there is no cvc5, and says so on the console.
 * @throws Error in CI, where it must be
 */
export const isWithoutCvc5 = (): boolean => isMissing(cvc5Version() !== undefined, "`cvc5` (Debian's package `cvc5`)");
