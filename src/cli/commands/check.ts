// `atmost check LOWER UPPER`: one link. Not trusted.

import { delegableView, encodeLink, type LinkResult, type ParsedPolicy, type Subject } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { exitCodes, type Io, readPolicies, writeText } from "../io.js";
import { plain } from "../layout.js";
import { paintWith } from "../paint.js";
import { withProver } from "../prover.js";
import { policyTitle, renderCounterexamples, renderVerdict } from "../render.js";
import { drawChain } from "../render-chain.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";

/** The options of `check`. */
export type CheckOptions = CommonOptions & {
  readonly lowerView?: boolean;
  readonly upperView?: boolean;
  readonly certificate?: string;
  readonly deadline?: number;
};

const mention = ({ name, version, sha256 }: ParsedPolicy, view: boolean | undefined) => ({
  name,
  version,
  sha256,
  ...(view === true ? { derived: "delegable_view" } : {}),
});

/** Returns the exit code of a link's result. */
export function exitOfLink({ kind }: LinkResult): ExitCode {
  switch (kind) {
    case "contained":
      return exitCodes.held;
    case "review":
      return exitCodes.review;
    case "exceeds":
      return exitCodes.refused;
    case "undecided":
      return exitCodes.undecided;
  }
}

/** Answers whether the policy in `lower` is contained in the one in `upper`. */
export async function runCheck(lower: string, upper: string, options: CheckOptions, io: Io): Promise<ExitCode> {
  const read = await readPolicies({ lower, upper }, io);
  if (read.kind === "invalid") return refuseInput(io, options, read.problems);
  const [below, above] = [read.value.get("lower"), read.value.get("upper")];
  const subjects: readonly [Subject, Subject] = [
    options.lowerView === true ? delegableView(below) : below,
    options.upperView === true ? delegableView(above) : above,
  ];
  const result = await withProver(io, (prover) =>
    prover.checkContainment(...subjects, options.deadline === undefined ? {} : { deadlineMs: options.deadline }),
  );
  if (options.certificate !== undefined) {
    const problem = await writeCertificate(options.certificate, result, io);
    if (problem !== undefined) return refuseInput(io, options, [problem]);
  }
  const mentions = { lower: mention(below, options.lowerView), upper: mention(above, options.upperView) };
  if (options.json === true) writeJson(io, { ...mentions, ...encodeLink(result) });
  else writeLines(io, renderLink(result, below, above, options, io));
  return exitOfLink(result);
}

async function writeCertificate(file: string, result: LinkResult, io: Io) {
  if (result.kind === "contained" || result.kind === "review") return writeText(file, `${JSON.stringify(result.certificate)}\n`);
  io.err(`atmost: no certificate was written to \`${plain(file)}\`: the answer is ${result.kind}\n`);
  return undefined;
}

function renderLink(result: LinkResult, below: ParsedPolicy, above: ParsedPolicy, options: CheckOptions, io: Io): readonly string[] {
  const paint = paintWith(io.colours.out);
  const title = (policy: ParsedPolicy, view: boolean | undefined) => `${view === true ? "delegable view of " : ""}${policyTitle(policy)}`;
  const lower = { title: title(below, options.lowerView), document: below.document };
  const upper = { title: title(above, options.upperView), document: above.document };
  const nodes = [
    { role: "lower", title: lower.title, sha256: below.sha256 },
    { role: "upper", title: upper.title, sha256: above.sha256 },
  ];
  return [
    ...renderVerdict(result.kind, `${lower.title} ≤ ${upper.title}`, paint),
    "",
    ...drawChain(nodes, [result], paint),
    ...renderCounterexamples(result, { lower, upper }, paint),
  ];
}
