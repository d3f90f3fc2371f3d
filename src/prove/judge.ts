// Decides one claim: by proof, or from what was kept of an earlier proof. Not trusted: a certificate counts because the kernel has accepted
// it, a request because the evaluator has replayed it.

import type { Counterexample, Json, LinkResult, Prover } from "../../prover/core.js";
import { changesOf } from "./changes.js";
import { witnessesMax } from "./limits.js";
import { type Answer, kindOfClaim, type Plan, type Question, type Statement } from "./plan.js";
import type { ClaimsFile } from "./read.js";
import type { ClaimResult, Evidence, Found, LinkEvidence, LinkUse, PolicyUse, Witness } from "./results.js";
import type { Claim } from "./schema.js";
import { sentenceOf } from "./sentences.js";
import { policyChange, verifyLink } from "./verify.js";
import { asObject, blameOf, decisionOf, witnessOf } from "./witness.js";

/** A claim that was read and planned. */
export type Planned = { readonly file: ClaimsFile; readonly claim: Claim; readonly line?: number; readonly plan: Plan };

/** How claims are decided: by a prover, or from what was kept. */
export type Judge =
  | { readonly kind: "prove"; readonly prover: Prover; readonly deadlineMs?: number }
  | { readonly kind: "verify"; readonly kept: (file: string) => ReadonlyMap<string, Evidence> | undefined };

type Judged = {
  readonly found: Found;
  readonly links: readonly LinkUse[];
  readonly witnesses: readonly Witness[];
  readonly evidence?: Evidence;
  /** Why nothing is decided, or nothing is proved. */
  readonly why?: string;
};

type JsonObject = { readonly [key: string]: Json };

const nodesOf = (certificate: JsonObject): number => (Array.isArray(certificate["nodes"]) ? certificate["nodes"].length : 0);

function linkUse(title: string, result: LinkResult): LinkUse {
  if (result.kind === "contained" || result.kind === "review") return { title, result: result.kind, nodes: nodesOf(result.certificate) };
  return result.kind === "undecided" ? { title, result: result.kind, reason: result.reason } : { title, result: result.kind };
}

const counterexamplesOf = (result: LinkResult): readonly Counterexample[] =>
  result.kind === "exceeds" || result.kind === "review" ? result.counterexamples : [];

function witnessesOf({ title, parties, depth }: Question, result: LinkResult): readonly Witness[] {
  const shallow: readonly Witness[] = depth === undefined ? [] : [{ kind: "limit", title, limit: "depth", ...depth }];
  const found = counterexamplesOf(result).map((example): Witness => {
    if (example.kind === "request") return witnessOf(title, parties, example.request);
    const { limit, lower, upper } = example;
    return { kind: "limit", title, limit, lower, upper };
  });
  return [...shallow, ...found];
}

function linkEvidence({ title }: Question, result: LinkResult): readonly LinkEvidence[] {
  if (result.kind === "undecided") return [];
  const example = counterexamplesOf(result).find(({ kind }) => kind === "request") ?? counterexamplesOf(result)[0];
  const shown = example === undefined ? {} : example.kind === "request" ? { request: example.request } : { limit: example.limit };
  return [{ title, result: result.kind, ...(result.kind === "exceeds" ? {} : { certificate: result.certificate }), ...shown }];
}

const hashesOf = (plan: Plan) => Object.fromEntries(plan.parties.map(({ role, named }) => [role, named.policy.sha256]));
const isDecided = (statement: Statement): statement is "holds" | "fails" => statement !== "undecided";

async function proveLinks({ claim, plan }: Planned, { prover, deadlineMs }: Extract<Judge, { kind: "prove" }>): Promise<Judged> {
  if (plan.kind !== "links") throw new Error("only links are proved");
  const results: LinkResult[] = [];
  const options = deadlineMs === undefined ? {} : { deadlineMs };
  for (const { lower, upper } of plan.questions) results.push(await prover.checkContainment(lower, upper, options));
  const each = plan.questions.map((question, index) => ({ question, result: results[index] }));
  const known = each.flatMap(({ question, result }) => (result === undefined ? [] : [{ question, result }]));
  const answers = known.map(({ question, result }): Answer => (question.depth === undefined ? result.kind : "exceeds"));
  const found = plan.conclude(answers);
  const undecided = known.flatMap(({ result }) => (result.kind === "undecided" ? [result.reason] : []));
  return {
    found,
    links: known.map(({ question, result }) => linkUse(question.title, result)),
    witnesses: known.flatMap(({ question, result }) => witnessesOf(question, result)).slice(0, witnessesMax),
    ...(found === "undecided" ? { why: `undecided: ${[...new Set(undecided)].join(", ")}` } : {}),
    ...(isDecided(found)
      ? {
          evidence: {
            name: claim.name,
            found,
            policies: hashesOf(plan),
            links: known.flatMap(({ question, result }) => linkEvidence(question, result)),
          },
        }
      : {}),
  };
}

function verifyLinks({ plan }: Planned, evidence: Evidence): Judged {
  if (plan.kind !== "links") throw new Error("only links are verified");
  const verified = plan.questions.map((question) => {
    const kept = evidence.links.find(({ title }) => title === question.title);
    return { question, kept, outcome: verifyLink(question, kept) };
  });
  const answers = verified.map(({ outcome }): Answer => (outcome.kind === "answered" ? outcome.answer : "undecided"));
  const found = plan.conclude(answers);
  const links = verified.map(({ question, kept }, index): LinkUse => {
    const certificate = kept?.certificate;
    return {
      title: question.title,
      result: answers[index] ?? "undecided",
      ...(certificate === undefined ? {} : { nodes: nodesOf(certificate) }),
    };
  });
  const why = verified.flatMap(({ outcome }) => (outcome.kind === "refused" ? [outcome.why] : [])).join("; ");
  const witnesses = verified.flatMap(({ question, kept }): readonly Witness[] => {
    const { title, parties, depth } = question;
    if (depth !== undefined) return [{ kind: "limit", title, limit: "depth", ...depth }];
    const request = asObject(kept?.request);
    return request === undefined ? [] : [witnessOf(title, parties, request)];
  });
  if (!isDecided(found)) return { found: "unproved", links, witnesses: [], why };
  return { found, links, witnesses: witnesses.slice(0, witnessesMax), evidence };
}

function judgeDecision({ claim, plan }: Planned): Judged {
  if (plan.kind !== "decision") throw new Error("only decisions are judged so");
  const request = asObject(plan.request) ?? {};
  const witness = witnessOf("decision", plan.parties, request);
  const { decision } = decisionOf(plan.parties[0], request);
  const found = decision === plan.is ? "holds" : "fails";
  return { found, links: [], witnesses: [witness], evidence: { name: claim.name, found, policies: hashesOf(plan), links: [] } };
}

function judgeKept(planned: Planned, kept: ReadonlyMap<string, Evidence> | undefined): Judged {
  const unproved = (why: string): Judged => ({ found: "unproved", links: [], witnesses: [], why });
  if (kept === undefined) return unproved("there is no file of certificates beside the claims: make it with `--save`");
  const evidence = kept.get(planned.claim.name);
  if (evidence === undefined) return unproved("nothing was kept of this claim: prove it with `--save`");
  const changed = policyChange(planned.plan, evidence);
  if (changed !== undefined) return unproved(changed);
  return planned.plan.kind === "decision" ? judgeDecision(planned) : verifyLinks(planned, evidence);
}

const usesOf = (plan: Plan): readonly PolicyUse[] =>
  plan.parties.map(({ role, named }) => {
    const { name, version, sha256 } = named.policy;
    return { role, file: named.file, name, version, sha256, view: named.subject.kind === "view", old: named.old };
  });

function changesIn({ claim, plan }: Planned, found: Found): Pick<ClaimResult, "changes"> {
  if (claim.no_new_access === undefined || found === "holds") return {};
  const [now, old] = [plan.parties.find(({ role }) => role === "new"), plan.parties.find(({ role }) => role === "old")];
  return now === undefined || old === undefined ? {} : { changes: changesOf(old.named, now.named) };
}

/** Returns the answer for one claim. */
export async function judgeClaim(planned: Planned, judge: Judge, clock: () => number): Promise<ClaimResult> {
  const { file, claim, line, plan } = planned;
  const started = clock();
  const judged =
    judge.kind === "verify"
      ? judgeKept(planned, judge.kept(file.file))
      : plan.kind === "decision"
        ? judgeDecision(planned)
        : await proveLinks(planned, judge);
  const { found, links, witnesses, evidence, why } = judged;
  const expect = claim.expect ?? "holds";
  const outcome = found === "undecided" ? "undecided" : found === expect ? "expected" : "unexpected";
  return {
    file: file.file,
    ...(line === undefined ? {} : { line }),
    name: claim.name,
    because: claim.because,
    claim: kindOfClaim(claim),
    expect,
    found,
    outcome,
    summary: sentenceOf(kindOfClaim(claim), found, expect, witnesses, why),
    policies: usesOf(plan),
    links,
    witnesses,
    blame: blameOf(witnesses),
    ...changesIn(planned, found),
    ...(evidence === undefined ? {} : { evidence }),
    ms: Math.max(0, clock() - started),
  };
}
