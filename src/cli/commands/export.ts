// `atmost export --smt2 LOWER UPPER`: the question in SMT-LIB 2.6, for any other solver. Not trusted.

import { delegableView, exportSmt } from "../../../prover/index.js";
import type { ExitCode } from "../../errors.js";
import { exitCodes, type Io, readPolicies } from "../io.js";
import { type CommonOptions, refuseInput, writeJson } from "../report.js";

/** The options of `export`. */
export type ExportOptions = CommonOptions & { readonly review?: boolean; readonly lowerView?: boolean; readonly upperView?: boolean };

/** Writes the question whether anything escapes from the policy in `lower` to the one in `upper`. */
export async function runExport(lower: string, upper: string, options: ExportOptions, io: Io): Promise<ExitCode> {
  const read = await readPolicies({ lower, upper }, io);
  if (read.kind === "invalid") return refuseInput(io, options, read.problems);
  const [below, above] = [read.value.get("lower"), read.value.get("upper")];
  const exported = exportSmt(
    options.lowerView === true ? delegableView(below) : below,
    options.upperView === true ? delegableView(above) : above,
    {
      question: options.review === true ? "review" : "contained",
    },
  );
  if (exported.kind === "ok") {
    if (options.json === true) writeJson(io, { result: "exported", smt2: exported.text });
    else io.out(exported.text);
    return exitCodes.held;
  }
  if (options.json === true) writeJson(io, { result: "undecided", reason: "not_supported", what: exported.what });
  else io.err(`atmost: SMT-LIB can not say this question exactly: ${exported.what} (not_supported)\n`);
  return exitCodes.undecided;
}
