// `atmost import FORMAT FILE`: a foreign policy as `atmost/1`. Not trusted.

import { isObject, type Json, lint, type ParsedPolicy, parsePolicyAsync } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { findImporter, importers } from "../../import/index.js";
import { documentReadMax, exitCodes, fileProblem, type Io, readText } from "../io.js";
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

/** Returns a JSON option, or undefined where the text is none. */
function readOption(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
  const delegation =
    options.delegation === "none" || options.delegation === "all" ? options.delegation : readOption(options.delegation ?? '"none"');
  if (delegation === undefined) return usage("`--delegation`: expected `none`, `all` or a JSON object");
  const limits = readOption(options.limits ?? "{}");
  if (!isObject(limits)) return usage("`--limits`: expected a JSON object");
  const text = await readText(file, documentReadMax, io);
  if (text.kind === "invalid") return refuseInput(io, options, text.problems);
  const result = importer(text.value, {
    fileName: file,
    ...(options.workdir === undefined ? {} : { workdir: options.workdir }),
    ...(options.home === undefined ? {} : { home: options.home }),
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.delegation === undefined ? {} : { delegation }),
    ...(options.limits === undefined ? {} : { limits }),
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
