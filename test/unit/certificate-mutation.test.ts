// Certificates of hundreds of real proofs, changed in every place and in every way: the kernel refuses each, or it is still a true
// proof of the same claim, which the prover and both evaluators decide. And certificates that are carried over to other policies.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type LinkResult, type Relation, verifyCertificate } from "../../prover/index.js";
import {
  arbPair,
  type JsonObject,
  narrowings,
  narrowPolicy,
  type PolicyDocument,
  type Random,
  randomFrom,
  widenings,
  widenPolicy,
} from "../generators/index.js";
import {
  fail,
  greaterLimits,
  holds,
  type Link,
  rankOf,
  referenceRankOf,
  requestsFor,
  sideOf,
  Tally,
  testProver,
  timeLimit,
} from "../property/support.js";
import { changedAt, listAt, type Mutant, type Proof, pickFrom, placesOf, subtreeChange, subtreesOf } from "./certificate-mutants.js";

// Somewhat less than half of the pairs are proofs: with this many, more than 500 are.
const RUNS = 1_400;
const PROOFS_MIN = 500;
const PLACES_MAX = 120;
const SUBTREE_CHANGES = 30;
const TRANSPLANTS = 6;
const REQUESTS = 400;

const escapesBy = (relation: Relation, below: number, above: number) =>
  relation === "contained" ? below > above : below > 0 && above === 0;

/** Says why the claim is false: by the prover's own answer, or by a request that escapes. */
function falsehoodOf(link: Link, relation: Relation, answer: LinkResult, seed: number): string | undefined {
  if (answer.kind === "exceeds" || (answer.kind === "review" && relation === "contained")) return `the prover says ${answer.kind}`;
  if (greaterLimits(link).length > 0) return "a limit is greater";
  const escaped = requestsFor(link.lower.document, link.upper.document, seed, REQUESTS).find(
    (request) =>
      escapesBy(relation, rankOf(link.lower, request), rankOf(link.upper, request)) ||
      (seed % 16 === 0 && escapesBy(relation, referenceRankOf(link.lower, request), referenceRankOf(link.upper, request))),
  );
  return escaped === undefined ? undefined : `a request escapes: ${JSON.stringify(escaped)}`;
}

const check = (certificate: unknown, { lower, upper }: Link) => verifyCertificate(certificate, lower.subject, upper.subject);

function judgeMutants(proof: Proof, answer: LinkResult, mutants: readonly Mutant[], seed: number, tally: Tally): void {
  const original = JSON.stringify(proof.certificate);
  const falsehoods = new Map<Relation, string | undefined>();
  for (const { how, certificate } of mutants) {
    if (JSON.stringify(certificate) === original) continue;
    tally.add("mutants");
    const checked = check(certificate, proof.link);
    if (checked.kind === "refused") continue;
    tally.add("accepted");
    tally.add(`accepted: ${how}`);
    const { relation } = checked;
    if (!falsehoods.has(relation)) falsehoods.set(relation, falsehoodOf(proof.link, relation, answer, seed));
    const falsehood = falsehoods.get(relation);
    if (falsehood !== undefined)
      fail("a changed certificate proves what is false", {
        how,
        falsehood,
        lower: proof.link.lower.document,
        upper: proof.link.upper.document,
        certificate,
      });
  }
}

const pairs = fc.oneof(arbPair(), arbPair({ rulesMin: 2, rulesMax: 5, fieldsMax: 3 }));
const prover = testProver();

async function proofOf(link: Link): Promise<{ readonly proof?: Proof; readonly answer: LinkResult }> {
  const answer = await prover.checkContainment(link.lower.subject, link.upper.subject);
  if (answer.kind !== "contained" && answer.kind !== "review") return { answer };
  return { answer, proof: { link, relation: answer.kind, certificate: answer.certificate } };
}

test("any node, condition, literal, hash, count or relation changed: refused, or a true proof of the same claim", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  await holds("certificates changed in one place", RUNS, fc.tuple(pairs, fc.nat()), async ([{ lower, upper }, seed]) => {
    const { proof, answer } = await proofOf({ lower: sideOf(lower), upper: sideOf(upper) });
    if (proof === undefined) return;
    tally.add("proofs");
    const random = randomFrom(seed);
    const places = placesOf(proof.certificate);
    const step = Math.max(1, places.length / PLACES_MAX);
    const chosen = places.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
    judgeMutants(
      proof,
      answer,
      chosen.map((place) => changedAt(proof.certificate, place, random)),
      seed,
      tally,
    );
  });
  tally.report("changed in one place");
  if (process.env["ATMOST_RUNS"] === undefined) expect(tally.count("proofs")).toBeGreaterThanOrEqual(PROOFS_MIN);
});

test("subtrees dropped, doubled, moved or cut to a leaf: refused, or a true proof of the same claim", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  await holds("certificates with other subtrees", RUNS, fc.tuple(pairs, fc.nat()), async ([{ lower, upper }, seed]) => {
    const { proof, answer } = await proofOf({ lower: sideOf(lower), upper: sideOf(upper) });
    if (proof === undefined) return;
    tally.add("proofs");
    const random = randomFrom(seed);
    const subtrees = subtreesOf(proof);
    judgeMutants(
      proof,
      answer,
      Array.from({ length: SUBTREE_CHANGES }, () => subtreeChange(proof, subtrees, random)),
      seed,
      tally,
    );
  });
  tally.report("other subtrees");
  if (process.env["ATMOST_RUNS"] === undefined) expect(tally.count("proofs")).toBeGreaterThanOrEqual(PROOFS_MIN);
});

test("sides swapped, other policies, another hash, view or relation: refused every time", { timeout: timeLimit(RUNS) }, async () => {
  const tally = new Tally();
  let previous: Link | undefined;
  await holds("certificates for others", RUNS, fc.tuple(pairs, fc.nat(63)), async ([{ lower, upper }, digit]) => {
    const link = { lower: sideOf(lower), upper: sideOf(upper) };
    const { proof, answer } = await proofOf(link);
    const before = previous ?? link;
    previous = link;
    if (proof === undefined) return;
    tally.add("proofs");
    const { certificate } = proof;
    const same = link.lower.subject.loaded.sha256 === link.upper.subject.loaded.sha256;
    const other = { ...lower, name: "another" };
    const others: readonly Link[] = [
      ...(same ? [] : [{ lower: link.upper, upper: link.lower }]),
      { lower: sideOf(other), upper: link.upper },
      { lower: link.lower, upper: sideOf({ ...upper, name: "another" }) },
      { lower: sideOf(lower, true), upper: link.upper },
      { lower: link.lower, upper: sideOf(upper, true) },
      ...(before.lower.subject.loaded.sha256 === link.lower.subject.loaded.sha256 ? [] : [{ lower: before.lower, upper: link.upper }]),
    ];
    for (const wrong of others)
      if (check(certificate, wrong).kind !== "refused") fail("accepted for other policies", { lower, upper, wrong: wrong.lower.document });
    const hash = link.lower.subject.loaded.sha256;
    const flipped = `${hash.slice(0, digit)}${hash[digit] === "0" ? "1" : "0"}${hash.slice(digit + 1)}`;
    const changes: readonly JsonObject[] = [
      { lower: { sha256: flipped, view: false } },
      { lower: { sha256: hash.toUpperCase(), view: false } },
      { upper: { sha256: flipped, view: false } },
      { lower: { sha256: hash, view: true } },
      { upper: { sha256: link.upper.subject.loaded.sha256, view: true } },
      { relation: "exceeds" },
      { relation: "Contained" },
      { relation: ["contained"] },
      { certificate: "atmost-certificate/2" },
      { language: "atmost/2" },
      ...(answer.kind === "review" ? [{ relation: "contained" }] : []),
      ...["conditions", "lemmas", "nodes"].map((name) => ({
        counts: { ...Object(certificate["counts"]), [name]: listAt(certificate, name).length + 1 },
      })),
    ];
    for (const change of changes) {
      if (hash === hash.toUpperCase() && change === changes[1]) continue;
      if (check({ ...certificate, ...change }, link).kind !== "refused") fail("accepted with another head", { lower, upper, change });
    }
    tally.add("refused", others.length + changes.length);
  });
  tally.report("for others");
});

// A certificate made out to other policies, so that its hashes do not shield the kernel: nothing but the tree decides then.
function madeOutTo(certificate: JsonObject, { lower, upper }: Link): JsonObject {
  const [below, above] = [lower.subject.loaded, upper.subject.loaded];
  return { ...certificate, lower: { sha256: below.sha256, view: below.view }, upper: { sha256: above.sha256, view: above.view } };
}

function neighbours(
  { lower, upper }: { readonly lower: PolicyDocument; readonly upper: PolicyDocument },
  random: Random,
): readonly (readonly [PolicyDocument, PolicyDocument])[] {
  const condition: JsonObject = { "args.n": { lt: Math.floor(random() * 5) } };
  const wider = () =>
    widenPolicy(lower, { kind: pickFrom(widenings, random) ?? "add_allow", pick: Math.floor(random() * 100), condition, action: "fs:*" });
  const narrower = () =>
    narrowPolicy(upper, { kind: pickFrom(narrowings, random) ?? "add_deny", pick: Math.floor(random() * 100), condition, action: "fs:*" });
  return [
    [wider(), upper],
    [wider(), upper],
    [lower, narrower()],
    [lower, narrower()],
    [wider(), narrower()],
    [upper, lower],
  ];
}

test("made out to policies for which the claim is false, and then changed in any place: refused", {
  timeout: timeLimit(RUNS),
}, async () => {
  const tally = new Tally();
  await holds("certificates made out to others", RUNS, fc.tuple(pairs, fc.nat()), async ([pair, seed]) => {
    const random = randomFrom(seed);
    const { proof } = await proofOf({ lower: sideOf(pair.lower), upper: sideOf(pair.upper) });
    if (proof === undefined) return;
    tally.add("proofs");
    for (const [lower, upper] of neighbours(pair, random).slice(0, TRANSPLANTS)) {
      const link = { lower: sideOf(lower), upper: sideOf(upper) };
      const forged = madeOutTo(proof.certificate, link);
      const answer = await prover.checkContainment(link.lower.subject, link.upper.subject);
      if (answer.kind === "undecided") continue;
      const isFalse = answer.kind === "exceeds" || (answer.kind === "review" && proof.relation === "contained");
      tally.add(isFalse ? "false claims" : "true claims");
      const places = placesOf(forged).filter(([first]) => first !== "lower" && first !== "upper" && first !== "relation");
      const changes = Array.from({ length: isFalse ? 12 : 1 }, () => changedAt(forged, pickFrom(places, random) ?? [], random));
      judgeMutants(
        { link, relation: proof.relation, certificate: {} },
        answer,
        [{ how: "made out", certificate: forged }, ...changes],
        seed,
        tally,
      );
    }
  });
  tally.report("made out to others");
  expect(tally.count("false claims")).toBeGreaterThan(0);
});
