// `atmost import FORMAT FILE`: a foreign policy as `atmost/1`. Not trusted.

import { isObject, type Json, lint, type ParsedPolicy, parsePolicyAsync, policyReading, readJsonText } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { findImporter, importers } from "../../import/index.js";
import { documentReadMax, exitCodes, fileProblem, type Io, type Reading, readText } from "../io.js";
import { plain } from "../layout.js";
import { withProver } from "../prover.js";
import { type CommonOptions, refuseInput, writeJson } from "../report.js";

/** The options of `import`. */
export type ImportCommandOptions = CommonOptions & {
  readonly workdir?: string;
  readonly home?: string;
  readonly server?: string;
  readonly name?: string;
  readonly delegation?: string;
  readonly limits?: string;
};

// Reads an option as strictly as a policy: a key that stands twice is an error, not the second of them.
function readOption(option: string, text: string): Reading<Json> {
  const { value, problems } = readJsonText(text, policyReading);
  if (value !== undefined && problems.length === 0) return { kind: "ok", value };
  return { kind: "invalid", problems: problems.map((problem) => ({ ...problem, file: option })) };
}

const LINT_MS = 2_000;

// An imported document passes lint, or it is said why it does not.
async function lintNotes(policy: ParsedPolicy, io: Io): Promise<readonly string[]> {
  const { findings, undecided } = await withProver(io, (prover) => lint(prover, policy, { clock: io.steadyMs, deadlineMs: LINT_MS }));
  const open =
    undecided.length === 0 ? [] : [`lint: ${undecided.length} questions are open after ${LINT_MS} ms; \`atmost lint\` takes longer`];
  return [...findings.map(({ kind, summary }) => `lint: ${kind}: ${summary}`), ...open];
}

/** Writes the policy in `file` as an `atmost/1` document, which our own parser has accepted. */
export async function runImport(format: string, file: string, options: ImportCommandOptions, io: Io): Promise<ExitCode> {
  const importer = findImporter(format);
  const usage = (message: string) => refuseInput(io, options, [fileProblem("command line", "usage", message)]);
  if (importer === undefined) return usage(`expected a format of ${Object.keys(importers).join(", ")}, got \`${plain(format)}\``);
  const { delegation: told = "none" } = options;
  const isWord = told === "none" || told === "all";
  const delegation: Reading<Json> = isWord ? { kind: "ok", value: told } : readOption("--delegation", told);
  const limits = readOption("--limits", options.limits ?? "{}");
  const misread = [delegation, limits].flatMap((read) => (read.kind === "invalid" ? read.problems : []));
  if (delegation.kind === "invalid" || limits.kind === "invalid") return refuseInput(io, options, misread);
  if (!isWord && !isObject(delegation.value)) return usage("`--delegation`: expected `none`, `all` or a JSON object");
  if (!isObject(limits.value)) return usage("`--limits`: expected a JSON object");
  const text = await readText(file, documentReadMax, io);
  if (text.kind === "invalid") return refuseInput(io, options, text.problems);
  const result = importer(text.value, {
    fileName: file,
    ...(options.workdir === undefined ? {} : { workdir: options.workdir }),
    ...(options.home === undefined ? {} : { home: options.home }),
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.delegation === undefined ? {} : { delegation: delegation.value }),
    ...(options.limits === undefined ? {} : { limits: limits.value }),
  });
  if (result.kind === "refused")
    return refuseInput(
      io,
      options,
      result.problems.map((problem) => ({ ...problem, file })),
    );
  const parsed = await parsePolicyAsync(result.document);
  if (parsed.kind === "invalid")
    return refuseInput(
      io,
      options,
      parsed.problems.map((problem) => ({ ...problem, file: `${file} (imported)` })),
    );
  const notes = [...result.notes, ...(await lintNotes(parsed.policy, io))];
  if (options.json === true) writeJson(io, { document: result.document, sha256: parsed.policy.sha256, notes });
  else {
    for (const note of notes) io.err(`note: ${plain(note)}\n`);
    writeJson(io, result.document);
  }
  return exitCodes.held;
}
