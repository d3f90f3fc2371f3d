// `atmost prove [PATH…]`: what claims files state of policies, by proof or from kept certificates. Not trusted.

import type { ExitCode } from "../../errors.js";
import { isRevision, readFromGit } from "../../prove/base.js";
import { findClaimsFiles } from "../../prove/find.js";
import { annotationOf } from "../../prove/formats/github.js";
import { encodeReport } from "../../prove/formats/json.js";
import { encodeJunit } from "../../prove/formats/junit.js";
import { encodeSarif } from "../../prove/formats/sarif.js";
import { renderFile, renderTotals } from "../../prove/formats/text.js";
import { judgeClaims, planClaims } from "../../prove/index.js";
import type { Judge, Planned } from "../../prove/judge.js";
import { savedBytesMax } from "../../prove/limits.js";
import { barProgress, lineProgress, type Progress } from "../../prove/progress.js";
import { parseClaims } from "../../prove/read.js";
import { type ClaimResult, type Evidence, type Totals, totalsOf } from "../../prove/results.js";
import { encodeSaved, parseSaved, savedFileOf } from "../../prove/saved.js";
import type { ProveProblem, ProveWorld } from "../../prove/world.js";
import { documentReadMax, exitCodes, fileProblem, type Io, readText, writeText } from "../io.js";
import { plain } from "../layout.js";
import type { proveFormats } from "../limits.js";
import { paintWith } from "../paint.js";
import { withProver } from "../prover.js";
import { refuseInput, writeJson, writeLines } from "../report.js";
import { packageVersion } from "../version.js";

/** The options of `prove`. */
export type ProveCommandOptions = {
  readonly format: (typeof proveFormats)[number];
  readonly json?: boolean;
  readonly jobs: number;
  readonly base?: string;
  readonly deadline?: number;
  readonly save?: boolean;
  readonly verifyOnly?: boolean;
};

type Kept = ReadonlyMap<string, ReadonlyMap<string, Evidence>>;

/** Proves, or verifies, every claim of the files at `paths`. */
export async function runProve(paths: readonly string[], given: ProveCommandOptions, io: Io): Promise<ExitCode> {
  const options = given.json === true ? { ...given, format: "json" as const } : given;
  const refuse = (problems: readonly ProveProblem[]) => refuseInput(io, { json: options.format === "json" }, problems);
  const usage = (message: string) => refuse([fileProblem("command line", "usage", message)]);
  if (options.save === true && options.verifyOnly === true) return usage("expected one of `--save` and `--verify-only`, got both");
  if (options.base !== undefined && !isRevision(options.base)) return usage("`--base`: expected a revision of git");
  const started = io.steadyMs();
  const found = await findClaimsFiles(paths.length === 0 ? ["."] : paths);
  if (found.kind === "invalid") return refuse(found.problems);
  const files = found.value;
  const shared = options.save === true ? sharedFiles(files) : [];
  if (shared.length > 0) return refuse(shared);
  const world: ProveWorld = {
    readFile: (path) => readText(path === "-" ? "./-" : path, documentReadMax, io),
    ...(options.base === undefined ? {} : { readBase: readerOfBase(options.base) }),
  };
  const planned = await planAll(files, world);
  if (planned.kind === "invalid") return refuse(planned.problems);
  const kept = await readKept(options.verifyOnly === true ? files : [], io);
  if (kept.kind === "invalid") return refuse(kept.problems);
  const progress = progressOf(planned.value, options, io);
  const run = (judge: Judge) =>
    judgeClaims(planned.value, judge, { jobs: options.jobs, clock: io.steadyMs, done: (result) => progress.claim(result) });
  const deadline = options.deadline === undefined ? {} : { deadlineMs: options.deadline };
  // INVARIANT: what is only verified makes no prover, so that nothing is looked for and no solver can be loaded.
  const results =
    options.verifyOnly === true
      ? await run({ kind: "verify", kept: (file) => kept.value.get(file) })
      : await withProver(io, (prover) => run({ kind: "prove", prover, ...deadline }));
  progress.end();
  const problems = options.save === true ? await saveAll(files, results) : [];
  const totals = totalsOf(results);
  writeReport(files, results, totals, { format: options.format, ms: io.steadyMs() - started }, io);
  if (problems.length > 0) return refuse(problems);
  return totals.unexpected > 0 ? exitCodes.refused : totals.undecided > 0 ? exitCodes.undecided : exitCodes.held;
}

// Two files that would keep their certificates in one: what the first keeps, the second would write over.
const sharedFiles = (files: readonly string[]): readonly ProveProblem[] =>
  files
    .filter((file, i) => files.findIndex((other) => savedFileOf(other) === savedFileOf(file)) < i)
    .map((file) =>
      fileProblem(file, "usage", `expected a file of its own for the certificates, got \`${plain(savedFileOf(file))}\` twice`),
    );

const readerOfBase = (revision: string) => (path: string) => readFromGit(revision, path, documentReadMax);

type Gathered<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "invalid"; readonly problems: readonly ProveProblem[] };

async function planAll(files: readonly string[], world: ProveWorld): Promise<Gathered<readonly Planned[]>> {
  const planned: Planned[] = [];
  const problems: ProveProblem[] = [];
  for (const file of files) {
    const text = await world.readFile(file);
    const read = text.kind === "invalid" ? text : parseClaims(text.value, file);
    const plans = read.kind === "invalid" ? read : await planClaims(read.value, world);
    if (plans.kind === "ok") planned.push(...plans.value);
    else problems.push(...plans.problems);
  }
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "ok", value: planned };
}

// A file that is not there keeps nothing: its claims say so, one by one. One that is no file of certificates is bad input.
async function readKept(files: readonly string[], io: Io): Promise<Gathered<Kept>> {
  const kept = new Map<string, ReadonlyMap<string, Evidence>>();
  const problems: ProveProblem[] = [];
  for (const file of files) {
    const text = await readText(savedFileOf(file), savedBytesMax, io);
    if (text.kind === "invalid") {
      problems.push(...text.problems.filter(({ code }) => code !== "file_unreadable"));
      continue;
    }
    const read = parseSaved(text.value, savedFileOf(file));
    if (read.kind === "ok") kept.set(file, read.value);
    else problems.push(...read.problems);
  }
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "ok", value: kept };
}

function progressOf(planned: readonly Planned[], { format }: ProveCommandOptions, io: Io): Progress {
  if (io.terminal === true) return barProgress(planned.length, io.err);
  // The report in text is plain lines already.
  if (format === "text") return { claim: () => undefined, end: () => undefined };
  const counts = new Map<string, number>();
  for (const { file } of planned) counts.set(file.file, (counts.get(file.file) ?? 0) + 1);
  return lineProgress(counts, io.err);
}

async function saveAll(files: readonly string[], results: readonly ClaimResult[]): Promise<readonly ProveProblem[]> {
  const problems: ProveProblem[] = [];
  for (const file of files) {
    const own = results.filter((result) => result.file === file && result.outcome === "expected");
    const problem = await writeText(
      savedFileOf(file),
      encodeSaved(own.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence]))),
    );
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

type Report = { readonly format: ProveCommandOptions["format"]; readonly ms: number };

function writeReport(files: readonly string[], results: readonly ClaimResult[], totals: Totals, { format, ms }: Report, io: Io): void {
  const byFile = files.map((file) => ({ file, results: results.filter((result) => result.file === file) }));
  const paint = paintWith(format === "text" && io.colours.out);
  switch (format) {
    case "text":
      writeLines(io, [...byFile.flatMap((one) => renderFile(one.file, one.results, paint)), renderTotals(totals, ms, paint)]);
      return;
    case "json":
      writeJson(io, encodeReport(results, totals));
      return;
    case "junit":
      io.out(encodeJunit(byFile));
      return;
    case "sarif":
      writeJson(io, encodeSarif(results, packageVersion()));
      return;
    case "github":
      writeLines(io, [...results.flatMap((result) => annotationOf(result) ?? []).map(plain), renderTotals(totals, ms, paint)]);
      return;
  }
}
