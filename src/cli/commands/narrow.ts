// `atmost narrow CHILD BOUND…`: the largest policy within all of them. Not trusted.

import { encodeNarrow, narrow, narrowMax } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { exitCodes, fileProblem, type Io, readPolicies } from "../io.js";
import { labelled } from "../layout.js";
import { paintWith } from "../paint.js";
import { withProver } from "../prover.js";
import { policyTitle } from "../render.js";
import { renderDiff } from "../render-diff.js";
import { type CommonOptions, refuseInput, writeJson } from "../report.js";

/** The options of `narrow`. */
export type NarrowOptions = CommonOptions & { readonly deadline?: number };

/** Prints the policy in `childFile` narrowed to what those in `boundFiles` permit; what it loses goes to standard error. */
export async function runNarrow(childFile: string, boundFiles: readonly string[], options: NarrowOptions, io: Io): Promise<ExitCode> {
  if (boundFiles.length > narrowMax.bounds)
    return refuseInput(io, options, [fileProblem("command line", "usage", `expected at most ${narrowMax.bounds} bounds`)]);
  const files = Object.fromEntries(boundFiles.map((file, i) => [`bound ${i}`, file]));
  const read = await readPolicies({ child: childFile, ...files }, io);
  if (read.kind === "invalid") return refuseInput(io, options, read.problems);
  const child = read.value.get("child");
  const bounds = boundFiles.map((_, i) => read.value.get(`bound ${i}`));
  const settings = options.deadline === undefined ? {} : { deadlineMs: options.deadline };
  const result = await withProver(io, (prover) => narrow(prover, child, bounds, settings));
  if (options.json === true) writeJson(io, encodeNarrow(result));
  else if (result.kind === "narrowed") writeJson(io, result.policy.document);
  if (result.kind === "undecided") {
    if (options.json !== true) io.err(`atmost: undecided, reason \`${result.reason}\`: nothing is narrowed\n`);
    return exitCodes.undecided;
  }
  if (options.json !== true) {
    const sides = {
      old: { title: policyTitle(child), document: child.document },
      new: { title: "narrowed", document: result.policy.document },
    };
    const ground =
      result.largest === undefined ? "certified within each; more might be kept" : "certified within each; nothing more can be kept";
    const lines = [...renderDiff(result.lost, sides, paintWith(io.colours.err)), "", ...labelled("policy", ground)];
    io.err(`${lines.join("\n")}\n`);
  }
  return exitCodes.held;
}
