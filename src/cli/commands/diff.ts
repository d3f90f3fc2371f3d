// `atmost diff OLD NEW`: what a new policy permits that the old one did not, and the other way round. Not trusted.

import { type DiffResult, delegableView, diff, encodeDiff, type ParsedPolicy, type Subject } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { exitCodes, type Io, readPolicies } from "../io.js";
import { paintWith } from "../paint.js";
import { withProver } from "../prover.js";
import { policyTitle } from "../render.js";
import { renderDiff } from "../render-diff.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";

/** The options of `diff`. */
export type DiffCommandOptions = CommonOptions & { readonly oldView?: boolean; readonly newView?: boolean; readonly deadline?: number };

/** Returns the exit code of a comparison. */
export function exitOfDiff({ kind }: DiffResult): ExitCode {
  switch (kind) {
    case "equivalent":
      return exitCodes.held;
    case "differs":
      return exitCodes.refused;
    case "undecided":
      return exitCodes.undecided;
  }
}

/** Answers how the policy in `newFile` differs from the one in `oldFile`. */
export async function runDiff(oldFile: string, newFile: string, options: DiffCommandOptions, io: Io): Promise<ExitCode> {
  const read = await readPolicies({ old: oldFile, new: newFile }, io);
  if (read.kind === "invalid") return refuseInput(io, options, read.problems);
  const [old, fresh] = [read.value.get("old"), read.value.get("new")];
  const subject = (policy: ParsedPolicy, view: boolean | undefined): Subject => (view === true ? delegableView(policy) : policy);
  const title = (policy: ParsedPolicy, view: boolean | undefined) => `${view === true ? "delegable view of " : ""}${policyTitle(policy)}`;
  const settings = options.deadline === undefined ? {} : { deadlineMs: options.deadline };
  const result = await withProver(io, (prover) => diff(prover, subject(old, options.oldView), subject(fresh, options.newView), settings));
  const mention = ({ name, version, sha256 }: ParsedPolicy, view: boolean | undefined) => ({
    name,
    version,
    sha256,
    ...(view === true ? { derived: "delegable_view" } : {}),
  });
  if (options.json === true)
    writeJson(io, { old: mention(old, options.oldView), new: mention(fresh, options.newView), ...encodeDiff(result) });
  else
    writeLines(
      io,
      renderDiff(
        result,
        {
          old: { title: title(old, options.oldView), document: old.document },
          new: { title: title(fresh, options.newView), document: fresh.document },
        },
        paintWith(io.colours.out),
      ),
    );
  return exitOfDiff(result);
}
