// `atmost eval POLICY REQUEST`: one decision, with the rules that made it. Not trusted.

import { delegableView, encodeEvaluation, evaluate, parseRequestAsync } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { documentReadMax, exitCodes, type FileProblem, type Io, readPolicy, readText, stdinTwice } from "../io.js";
import { paintWith } from "../paint.js";
import { policyTitle, renderVerdict } from "../render.js";
import { decidingFields, renderDecision, shownDecision } from "../render-decisions.js";
import { renderRequest } from "../render-json.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";

/** The options of `eval`. */
export type EvalOptions = CommonOptions & { readonly view?: boolean };

const exitOf = { allow: exitCodes.held, deny: exitCodes.refused, ask: exitCodes.review } as const;

/** Answers what the policy in one file decides of the request in another. */
export async function runEval(policyFile: string, requestFile: string, options: EvalOptions, io: Io): Promise<ExitCode> {
  const twice = stdinTwice([policyFile, requestFile]);
  if (twice !== undefined) return refuseInput(io, options, [twice]);
  const policy = await readPolicy(policyFile, io);
  const text = await readText(requestFile, documentReadMax, io);
  const request = text.kind === "ok" ? await parseRequestAsync(text.value) : text;
  const problems: readonly FileProblem[] = [
    ...(policy.kind === "invalid" ? policy.problems : []),
    ...(request.kind === "invalid" ? request.problems.map((problem) => ({ ...problem, file: requestFile })) : []),
  ];
  if (policy.kind === "invalid" || request.kind === "invalid") return refuseInput(io, options, problems);
  const subject = options.view === true ? delegableView(policy.value) : policy.value;
  const evaluation = evaluate(subject, request.request);
  if (options.json === true) writeJson(io, encodeEvaluation(evaluation));
  else {
    const who = `${options.view === true ? "delegable view of " : ""}${policyTitle(policy.value)}`;
    const paint = paintWith(io.colours.out);
    const shown = shownDecision("decision", "the policy", policy.value.document, evaluation);
    writeLines(io, [
      ...renderVerdict(evaluation.decision, who, paint),
      ...renderRequest(request.request, decidingFields(shown, request.request), paint),
      ...renderDecision(shown),
    ]);
  }
  return exitOf[evaluation.decision];
}
