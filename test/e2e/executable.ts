// The built executable, and how a command is run to its end. Test code.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";

/** The repository. */
export const root = resolve(import.meta.dirname, "../..");
/** The executable as it was built. */
export const bin = join(root, "dist/src/cli/main.js");

/** How a command ended. */
export type Run = { readonly code: number | null; readonly out: string; readonly err: string };
type Env = Readonly<Record<string, string>>;

/** Runs a command to its end, in a world that has nothing but its folder as home, the path to programs, and `env`. */
export function execute(command: string, args: readonly string[], cwd: string, env: Env = {}, input = ""): Run {
  const { status, stdout, stderr } = spawnSync(command, [...args], {
    cwd,
    input,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
  });
  return { code: status, out: stdout, err: stderr };
}
