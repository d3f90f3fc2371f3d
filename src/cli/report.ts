// How a command ends: its answer or its problems, for people or for machines, and its exit code. Not trusted.

import type { Json } from "../../prover/core.js";
import type { ExitCode } from "../errors.js";
import { exitCodes, type FileProblem, type Io } from "./io.js";
import { paintWith } from "./paint.js";
import { renderProblems } from "./render.js";

/** What every command takes. */
export type CommonOptions = { readonly json?: boolean };

/** Writes lines of a result. */
export const writeLines = (io: Io, lines: readonly string[]): void => io.out(`${lines.join("\n")}\n`);

/** Writes a result as JSON. */
export const writeJson = (io: Io, value: Json): void => io.out(`${JSON.stringify(value, undefined, 2)}\n`);

/** Writes every problem with the input, as JSON on standard output where machines read. @returns exit code 2 */
export function refuseInput(io: Io, options: CommonOptions, problems: readonly FileProblem[]): ExitCode {
  if (options.json === true) writeJson(io, { code: "bad_input", problems: problems.map((problem) => ({ ...problem })) });
  else io.err(`${renderProblems(problems, paintWith(io.colours.err)).join("\n")}\n`);
  return exitCodes.badInput;
}
