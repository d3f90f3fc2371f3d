// `atmost verify`: the kernel, nothing else. It takes a certificate, or an answer that holds some, and reads the policies itself; what
// the answer claims counts for nothing. Not trusted beyond picking which certificate the kernel is given.

import { delegableView, isObject, type ParsedPolicy, type Subject, verifyCertificate } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import { certificateReadMax, exitCodes, fileProblem, type Io, readPolicies, readText, stdinTwice } from "../io.js";
import { labelled, painted, wrap } from "../layout.js";
import { paintWith } from "../paint.js";
import { policyTitle, renderVerdict, shortHash } from "../render.js";
import { markOf } from "../render-chain.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";

/** The options of `verify`: two policies for one link, or those of a spawn for its whole chain. */
export type VerifyOptions = CommonOptions & {
  readonly lower?: string;
  readonly upper?: string;
  readonly lowerView?: boolean;
  readonly upperView?: boolean;
  readonly child?: string;
  readonly delegable?: string;
  readonly boundary?: string;
  readonly max?: string;
};

/** The most links of an answer that are looked at. */
const linksMax = 64;

/** What the kernel found of one claim. */
type Finding =
  | { readonly kind: "accepted"; readonly relation: "contained" | "review"; readonly nodes: number }
  | { readonly kind: "refused"; readonly reason: string };

/** Verifies the certificate in `file`, or those of the answer in it. */
export async function runVerify(file: string, options: VerifyOptions, io: Io): Promise<ExitCode> {
  const { lower, upper, child, delegable, boundary, max } = options;
  const isLink = lower !== undefined && upper !== undefined;
  const isSpawn = child !== undefined && boundary !== undefined && max !== undefined;
  if (isLink === isSpawn) {
    const message = "expected either `--lower` and `--upper`, or `--child`, `--boundary` and `--max`";
    return refuseInput(io, options, [fileProblem("command line", "usage", message)]);
  }
  const files: Readonly<Record<string, string>> = isLink
    ? { lower, upper }
    : { child: child ?? "", ...(delegable === undefined ? {} : { delegable }), boundary: boundary ?? "", max: max ?? "" };
  const twice = stdinTwice([file, ...Object.values(files)]);
  if (twice !== undefined) return refuseInput(io, options, [twice]);
  const text = await readText(file, certificateReadMax, io);
  const policies = await readPolicies(files, io);
  if (text.kind === "invalid" || policies.kind === "invalid") {
    const problems = [text, policies].flatMap((read) => (read.kind === "invalid" ? read.problems : []));
    return refuseInput(io, options, problems);
  }
  const answer = parseAnswer(text.value);
  if (answer === undefined) return refuseInput(io, options, [fileProblem(file, "json_syntax", "expected JSON")]);
  const policy = policies.value.get;
  return isLink ? verifyLink(answer, policy("lower"), policy("upper"), options, io) : verifySpawn(answer, policy, options, io);
}

/** Returns the JSON of `text` in a box, so that `null` is an answer too; undefined where it is none. */
function parseAnswer(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

// The certificates in an answer: of a chain, of one link, or the certificate itself.
function certificatesIn(json: unknown): readonly unknown[] {
  if (!isObject(json)) return [];
  const { links, certificate } = json;
  const ofLink = (link: unknown) => (isObject(link) && isObject(link["certificate"]) ? [link["certificate"]] : []);
  if (Array.isArray(links)) return links.slice(0, linksMax).flatMap(ofLink);
  return certificate === undefined || isObject(certificate) ? ofLink(json) : [json];
}

const names = (certificate: unknown, side: "lower" | "upper", { loaded }: Subject): boolean => {
  const header = isObject(certificate) ? certificate[side] : undefined;
  return isObject(header) && header["sha256"] === loaded.sha256 && header["view"] === loaded.view;
};

/** Returns what the kernel says of the certificates in `json` that name these two policies. */
function findFor(json: unknown, lower: Subject, upper: Subject): Finding {
  const all = certificatesIn(json);
  const candidates = all.filter((certificate) => names(certificate, "lower", lower) && names(certificate, "upper", upper));
  // The kernel says itself why a single certificate of other policies is refused.
  const found = (candidates.length === 0 && all.length === 1 ? all : candidates).map((certificate) =>
    verifyCertificate(certificate, lower, upper),
  );
  const accepted = found.filter((finding) => finding.kind === "accepted");
  return (
    accepted.find(({ relation }) => relation === "contained") ??
    accepted[0] ??
    found[0] ?? { kind: "refused", reason: all.length === 0 ? "there is no certificate" : "no certificate names these two policies" }
  );
}

function verifyLink(
  answer: { readonly json: unknown },
  below: ParsedPolicy,
  above: ParsedPolicy,
  options: VerifyOptions,
  io: Io,
): ExitCode {
  const lower = options.lowerView === true ? delegableView(below) : below;
  const upper = options.upperView === true ? delegableView(above) : above;
  const finding = findFor(answer.json, lower, upper);
  const paint = paintWith(io.colours.out);
  const title = (policy: ParsedPolicy, view: boolean | undefined) => `${view === true ? "delegable view of " : ""}${policyTitle(policy)}`;
  const link = `${title(below, options.lowerView)} ≤ ${title(above, options.upperView)}`;
  const hashes = [...labelled("lower", `sha256 ${shortHash(below.sha256)}`), ...labelled("upper", `sha256 ${shortHash(above.sha256)}`)];
  if (options.json === true) writeJson(io, encodeFinding(finding));
  else if (finding.kind === "refused")
    writeLines(io, [...renderVerdict("refused", link, paint), ...labelled("reason", finding.reason), ...hashes]);
  else
    writeLines(io, [
      ...renderVerdict(finding.relation, link, paint),
      ...labelled("ground", `the kernel accepted a certificate of ${finding.nodes} node${finding.nodes === 1 ? "" : "s"}`),
      ...hashes,
    ]);
  return exitOfFinding(finding);
}

const encodeFinding = (finding: Finding) =>
  finding.kind === "refused"
    ? { result: finding.kind, reason: finding.reason }
    : { result: finding.kind, relation: finding.relation, nodes: finding.nodes };

const exitOfFinding = (finding: Finding): ExitCode =>
  finding.kind === "refused" ? exitCodes.refused : finding.relation === "contained" ? exitCodes.held : exitCodes.review;

// SOURCE: section 5 of the language: a delegable policy that is a document leaves fewer generations than the boundary.
const hasLessDepth = (delegable: ParsedPolicy, boundary: ParsedPolicy): boolean => {
  const [below, above] = [delegable.loaded.limits.get("depth")?.amount, boundary.loaded.limits.get("depth")?.amount];
  return below !== undefined && (above === undefined || below < above);
};

function verifySpawn(answer: { readonly json: unknown }, policy: (name: string) => ParsedPolicy, options: VerifyOptions, io: Io): ExitCode {
  const [child, boundary, max] = [policy("child"), policy("boundary"), policy("max")];
  const given = options.delegable === undefined ? undefined : policy("delegable");
  const delegable: Subject = given ?? delegableView(boundary);
  // SOURCE: section 7 of the language.
  const chain: readonly (readonly [string, string, Subject, Subject])[] = [
    ["child", "parent_delegable", child, delegable],
    ["parent_delegable", "parent_boundary", delegable, boundary],
    ["parent_boundary", "admin_max", boundary, max],
    ["child", "admin_max", child, max],
  ];
  const links = chain.map(([lower, upper, below, above]) => {
    const shallow = above !== boundary || given === undefined || hasLessDepth(given, boundary);
    const refused: Finding = { kind: "refused", reason: "the delegable policy has no smaller depth than the boundary" };
    return { lower, upper, finding: shallow ? findFor(answer.json, below, above) : refused };
  });
  const relations = links.map(({ finding }) => (finding.kind === "accepted" ? finding.relation : "refused"));
  const verdict = relations.includes("refused") ? "refused" : relations.includes("review") ? "ask" : "apply";
  if (options.json === true)
    writeJson(io, { verdict, links: links.map(({ lower, upper, finding }) => ({ lower, upper, ...encodeFinding(finding) })) });
  else {
    const paint = paintWith(io.colours.out);
    writeLines(io, [
      ...renderVerdict(verdict, policyTitle(child), paint),
      ...links.flatMap(({ lower, upper, finding }) => {
        const word = finding.kind === "accepted" ? `${finding.relation}, ${finding.nodes} nodes` : `refused: ${finding.reason}`;
        const mark = painted([markOf(finding.kind === "accepted" ? finding.relation : "exceeds")], paint);
        return wrap(word, `    ${`${lower} ≤ ${upper}`.padEnd(34)}  `).map((line, i) => (i === 0 ? `  ${mark}${line.slice(3)}` : line));
      }),
    ]);
  }
  return verdict === "refused" ? exitCodes.refused : verdict === "ask" ? exitCodes.review : exitCodes.held;
}
