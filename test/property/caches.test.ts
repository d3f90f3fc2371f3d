// No cache changes an answer: what is asked again, or of policies that are spelt otherwise, or past the bounds of a cache, is answered to the
// last byte as by a service that keeps nothing. Certificates and counterexamples are compared whole.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  canonicalJson,
  createProver,
  delegableView,
  encodeLink,
  type Json,
  type LinkCacheOptions,
  type LinkResult,
  type Prover,
  type Subject,
  verifyCertificate,
} from "../../prover/index.js";
import { withoutCaches } from "../../src/http/limits.js";
import { silent, testApp } from "../generators/http.js";
import { arbChain, arbPair, type PolicyChain, type PolicyDocument, type Random, randomFrom } from "../generators/index.js";
import { fail, holds, parsed, shuffled, Tally, timeLimit } from "./support.js";

const PAIRS = 1_500;
const CHAINS = 250;
const roomy: LinkCacheOptions = { entriesMax: 10_000, bytesMax: 50_000_000 };
/** So small that nearly every answer pushes another one out. */
const cramped: LinkCacheOptions = { entriesMax: 3, bytesMax: 6_000 };

const proverWith = (cache?: LinkCacheOptions): Prover =>
  createProver({
    clock: () => performance.now(),
    bounds: { deadlineMs: 20_000 },
    solver: "none",
    ...(cache === undefined ? {} : { cache }),
  });

/** Returns the same value with the members of every object in another order: its RFC 8785 form, and so its hash, stays. */
function respelt(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((item) => respelt(item, random));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(shuffled(Object.entries(value), random).map(([key, member]) => [key, respelt(member, random)]));
}

const subjectOf = (document: unknown, isView: boolean): Subject => (isView ? delegableView(parsed(document)) : parsed(document));
const textOf = (result: LinkResult): string => JSON.stringify(encodeLink(result));

/** Returns the answers for one link: proved without a cache, twice with a roomy one, and with one that is always full. */
async function askAll(provers: readonly Prover[], lower: Subject, upper: Subject): Promise<readonly LinkResult[]> {
  const answers: LinkResult[] = [];
  for (const prover of provers) answers.push(await prover.checkContainment(lower, upper));
  return answers;
}

function same(answers: readonly LinkResult[], details: { readonly [name: string]: unknown }): void {
  const [first, ...others] = answers.map(textOf);
  for (const other of others) if (other !== first) fail("a cache changed an answer", { ...details, first, other });
}

test("a link is answered the same without a cache, with a cold, a warm and an overflowing one, and however its policies are spelt", {
  timeout: timeLimit(PAIRS),
}, async () => {
  const tally = new Tally();
  const [none, kept, full] = [proverWith(), proverWith(roomy), proverWith(cramped)];
  await holds("links from caches", PAIRS, fc.tuple(arbPair(), fc.boolean(), fc.nat()), async ([pair, isView, seed]) => {
    const [lower, upper] = [subjectOf(pair.lower, isView), subjectOf(pair.upper, false)];
    const answers = await askAll([none, kept, kept, full, full], lower, upper);
    same(answers, { ...pair, isView });
    // A policy and its delegable view have one hash, and are two subjects.
    same(await askAll([none, kept, full], subjectOf(pair.lower, !isView), upper), { ...pair, isView: !isView });
    const random = randomFrom(seed);
    const [low, high] = [subjectOf(respelt(pair.lower, random), isView), subjectOf(respelt(pair.upper, random), false)];
    if (low.loaded.sha256 !== lower.loaded.sha256 || high.loaded.sha256 !== upper.loaded.sha256)
      fail("another spelling has another hash", pair);
    const again = await askAll([none, kept, full], low, high);
    same(again, { ...pair, isView, respelt: true });
    for (const result of [...answers, ...again]) {
      tally.answer(result);
      if (result.effort.cached === true) tally.add("from a cache");
      if (!("certificate" in result)) continue;
      const checked = verifyCertificate(result.certificate, low, high);
      if (checked.kind !== "accepted" || checked.relation !== result.kind) fail("a kept certificate is refused", { ...pair, checked });
    }
    // Asked a second time, whatever was decided and may be kept is no work any more.
    const [, , warm] = answers;
    if (warm !== undefined && warm.kind !== "undecided" && warm.effort.stage !== "limits" && warm.effort.cached !== true)
      fail("an answer was not kept", { ...pair, isView });
  });
  tally.report("links from caches");
  expect(tally.count("from a cache")).toBeGreaterThan(tally.count("links") / 3);
  expect(full.stats().cache?.evictions).toBeGreaterThan(0);
  for (const kind of ["contained", "exceeds"]) expect(tally.count(kind)).toBeGreaterThan(0);
});

const bodyOf = ({ child, delegable, boundary, max }: PolicyChain, given: boolean): { readonly [role: string]: PolicyDocument } => ({
  child,
  ...(given ? { parent_delegable: delegable } : {}),
  parent_boundary: boundary,
  admin_max: max,
});

type App = Awaited<ReturnType<typeof testApp>>;
const ask = async ({ server }: App, payload: string): Promise<string> => {
  const { statusCode, body } = await server.inject({
    method: "POST",
    url: "/spawn-check",
    headers: { "content-type": "application/json" },
    payload,
  });
  return `${statusCode} ${body}`;
};
const put = async (app: App, document: unknown): Promise<Json> => {
  const { sha256 } = parsed(document);
  const payload = JSON.stringify(document);
  const { statusCode } = await app.server.inject({
    method: "PUT",
    url: `/policies/${sha256}`,
    headers: { "content-type": "application/json" },
    payload,
  });
  if (statusCode >= 300) fail("a policy is not taken", { statusCode });
  return { sha256 };
};

test("a spawn check is answered to the byte the same, attestation included, cold, warm, by hash, and with every cache off", {
  timeout: timeLimit(CHAINS),
}, async () => {
  const tally = new Tally();
  const bounds = { deadlineMs: 60_000 };
  const off = await testApp({ logger: silent(), prover: proverWith(), limits: { ...withoutCaches, ...bounds } });
  const on = await testApp({ logger: silent(), prover: proverWith(roomy), limits: bounds });
  const tight = { inlineEntriesMax: 2, linkEntriesMax: 2, envelopesMax: 1, ...bounds };
  const small = await testApp({ logger: silent(), prover: proverWith(cramped), limits: tight });
  await holds("spawn checks from caches", CHAINS, fc.tuple(arbChain(), fc.boolean(), fc.nat()), async ([chain, given, seed]) => {
    const parts = bodyOf(chain, given);
    const body = JSON.stringify(parts);
    const cold = await ask(off, body);
    const random = randomFrom(seed);
    const other = JSON.stringify(Object.fromEntries(Object.entries(parts).map(([role, policy]) => [role, respelt(policy, random)])));
    for (const [name, app, text] of [
      ["once more with nothing kept", off, body],
      ["the first time", on, body],
      ["again", on, body],
      ["again, spelt otherwise", on, other],
      ["with full caches", small, body],
      ["with full caches, again", small, body],
    ] as const) {
      // Where limits are in another order, they are told in that order: then nothing but the same spelling can be compared.
      const expected = text === other ? await ask(off, other) : cold;
      const got = await ask(app, text);
      if (got !== expected) fail("a cache changed an answer", { name, chain, given, got, expected });
    }
    const named = { ...parts, parent_boundary: await put(on, chain.boundary), admin_max: await put(on, chain.max) };
    const byHash = await ask(on, JSON.stringify(named));
    if (byHash !== cold) fail("a policy by its hash is judged otherwise", { chain, given, byHash, cold });
    tally.add(/"verdict":"[a-z]+"/.exec(cold)?.[0] ?? cold.slice(0, 200));
  });
  console.log(
    `spawn checks: ${["apply", "ask", "reject"].map((verdict) => `${verdict} ${tally.count(`"verdict":"${verdict}"`)}`).join(", ")}`,
  );
  expect(tally.count('"verdict":"apply"')).toBeGreaterThan(0);
  expect(tally.count('"verdict":"reject"')).toBeGreaterThan(0);
});

test("an answer that is kept can not be changed by who was given it", async () => {
  const prover = proverWith(roomy);
  const document = { language: "atmost/1", name: "p", version: "1", rules: [{ id: "a", effect: "allow", action: "x" }] };
  const policy = parsed(document);
  const first = await prover.checkContainment(policy, policy);
  if (first.kind !== "contained") throw new Error(`expected contained, got ${first.kind}`);
  const before = canonicalJson(first.certificate);
  expect(() => Object.assign(first.certificate, { relation: "review" })).toThrow(TypeError);
  expect(() => (first.certificate["nodes"] as unknown[]).push({ leaf: "impossible" })).toThrow(TypeError);
  const second = await prover.checkContainment(policy, policy);
  expect(second.effort.cached).toBe(true);
  expect("certificate" in second && canonicalJson(second.certificate)).toBe(before);
});

test("an answer that came after its deadline, or that decides nothing, is not kept", async () => {
  let now = 0;
  // Every look at the clock is a second later.
  const late = createProver({ clock: () => (now += 1_000), bounds: { deadlineMs: 500 }, solver: "none", cache: roomy });
  const policy = parsed({ language: "atmost/1", name: "p", version: "1", rules: [{ id: "a", effect: "allow", action: "x" }] });
  await late.checkContainment(policy, policy);
  expect(late.stats().cache).toMatchObject({ entries: 0, misses: 1 });
  const stuck = createProver({ bounds: { searchNodesMax: 0 }, engines: ["search"], solver: "none", cache: roomy });
  expect((await stuck.checkContainment(policy, policy)).kind).toBe("undecided");
  expect(stuck.stats().cache?.entries).toBe(0);
});
