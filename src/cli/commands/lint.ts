// `atmost lint POLICY`: what in a policy is proved not to do what it seems to. Not trusted.

import { encodeLint, type LintReport, lint, parsePolicyAsync, parseTime } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { documentReadMax, exitCodes, type FileProblem, type Io, readText } from "../io.js";
import { renderGithub } from "../lint/github.js";
import { encodeSarif } from "../lint/sarif.js";
import { inFileOrder, renderLint } from "../lint/text.js";
import { paintWith } from "../paint.js";
import { withProver } from "../prover.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";
import { findPlaces } from "../source-places.js";

/** The options of `lint`. */
export type LintCommandOptions = CommonOptions & {
  readonly format?: "text" | "json" | "sarif" | "github";
  readonly now?: string;
  readonly deadline?: number;
};

const exitOfLint = ({ findings, undecided }: LintReport): ExitCode =>
  findings.length > 0 ? exitCodes.refused : undecided.length > 0 ? exitCodes.undecided : exitCodes.held;

const badTime = (got: string): FileProblem => ({
  file: "command line",
  code: "time_malformed",
  pointer: "",
  message: `expected an RFC 3339 time for \`--now\`, got \`${got}\``,
});

/** Says what was found in the policy in `file`. */
export async function runLint(file: string, options: LintCommandOptions, io: Io): Promise<ExitCode> {
  const format = options.json === true ? "json" : (options.format ?? "text");
  const told = { json: format === "json" };
  const now = options.now === undefined ? undefined : parseTime(options.now);
  if (options.now !== undefined && now === undefined) return refuseInput(io, told, [badTime(options.now)]);
  const text = await readText(file, documentReadMax, io);
  if (text.kind === "invalid") return refuseInput(io, told, text.problems);
  const read = await parsePolicyAsync(text.value);
  if (read.kind === "invalid") {
    const problems = read.problems.map((problem) => ({ ...problem, file }));
    return refuseInput(io, told, problems);
  }
  const settings = {
    clock: io.steadyMs,
    ...(now === undefined ? {} : { now }),
    ...(options.deadline === undefined ? {} : { deadlineMs: options.deadline }),
  };
  const report = await withProver(io, (prover) => lint(prover, read.policy, settings));
  if (format === "json") writeJson(io, encodeLint(report));
  else {
    const source = { file, find: (await findPlaces(text.value)).nearest, document: read.policy.document };
    const ordered = inFileOrder(report, source);
    if (format === "sarif") writeJson(io, encodeSarif(ordered, source));
    else if (format === "text") writeLines(io, renderLint(ordered, source, paintWith(io.colours.out)));
    else for (const line of renderGithub(ordered, source)) io.out(`${line}\n`);
  }
  return exitOfLint(report);
}
