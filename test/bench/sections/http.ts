// Targets 5 and 6: the HTTP service as it ships, in a process of its own, beside a bare route. The load comes from this process, over
// loopback: on two cores the two share the machine, the same for both.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Answer, atRate, Connection, type Load, requestBytes, saturate } from "../load.js";
import { type Chain, generateChains, generateChildren } from "../pairs.js";
import { policyOf } from "../product.js";
import type { Row, Section, SectionResult, Settings } from "../report.js";
import { median, p99, time, times } from "../statistics.js";

const CONNECTIONS = 16;
const ROUNDS = 3;
const SEEN = 20;
const NEW_MAX = 32_000;
const RATE = 50;
const LOAD_SHARE = 0.8;

type Server = { readonly port: number; readonly stop: () => Promise<void> };

// A process that says on its standard output where it listens.
function start(script: string, args: readonly string[], home: string): Promise<Server> {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, HOME: home, XDG_STATE_HOME: home },
  });
  // A benchmark that fails leaves no server behind.
  process.once("exit", () => child.kill("SIGKILL"));
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve({ port: Number(port), stop });
    });
  });
}

const applies = ({ status, body }: Answer): boolean => status === 200 && body.startsWith('{"verdict":"apply"');

const byHash = (chain: Chain, hashes: readonly string[]): Buffer => {
  const [delegable, boundary, admin] = hashes.map((sha256) => `{"sha256":"${sha256}"}`);
  const body = `{"child":${chain.child},"parent_delegable":${delegable},"parent_boundary":${boundary},"admin_max":${admin}}`;
  return requestBytes("POST", "/spawn-check", body);
};
const inBody = ({ child, parentDelegable, parentBoundary, adminMax }: Chain): Buffer =>
  requestBytes(
    "POST",
    "/spawn-check",
    `{"child":${child},"parent_delegable":${parentDelegable},"parent_boundary":${parentBoundary},"admin_max":${adminMax}}`,
  );

function* again(requests: readonly Buffer[]): Generator<Buffer, undefined> {
  for (let i = 0; requests.length > 0; i++) {
    const next = requests[i % requests.length];
    if (next !== undefined) yield next;
  }
  return undefined;
}

// Hands out shares of the requests, each request once.
function shares(requests: readonly Buffer[]): (share: number) => Iterator<Buffer> {
  let from = 0;
  return (share) => {
    const to = from + Math.floor(requests.length * share);
    const part = requests.slice(from, to);
    from = to;
    return part.values();
  };
}

async function putParents(port: number, chain: Chain): Promise<readonly string[]> {
  const connection = await Connection.open(port);
  const hashes: string[] = [];
  for (const text of [chain.parentDelegable, chain.parentBoundary, chain.adminMax]) {
    const { sha256 } = policyOf(text);
    const answer = await connection.send(requestBytes("PUT", `/policies/${sha256}`, text));
    if (answer.status >= 300) throw new Error(`PUT /policies: ${answer.status} ${answer.body}`);
    hashes.push(sha256);
  }
  connection.close();
  return hashes;
}

const loadRow = (target: number, what: string, load: Load, note: string, against = ""): Row => ({
  target,
  what,
  median: time(median(load.latencies)),
  p99: time(p99(load.latencies)),
  against,
  note: `${Math.round(load.perSecond)} requests/s${note}${load.wrong > 0 ? `; ${load.wrong} NOT apply: ${load.firstWrong}` : ""}`,
  figures: {
    what,
    median_ms: median(load.latencies),
    p99_ms: p99(load.latencies),
    per_second: load.perSecond,
    requests: load.latencies.length,
    wrong: load.wrong,
  },
});

const middle = (loads: readonly Load[]): Load => {
  const sorted = [...loads].sort((a, b) => a.perSecond - b.perSecond);
  const chosen = sorted[Math.floor(sorted.length / 2)];
  return chosen ?? { latencies: [], perSecond: Number.NaN, wrong: 1 };
};

type Compared = { readonly ratio: number; readonly p99Ms: number; readonly wrong: number; readonly rows: readonly Row[] };

// Ours and the bare route by turns, so that what else the machine does meets both.
async function compare(
  name: string,
  ours: Server,
  bare: Server,
  bodies: (share: number) => Iterator<Buffer>,
  bareBodies: Iterator<Buffer>,
  roundMs: number,
): Promise<Compared> {
  const loads: { readonly ours: Load; readonly bare: Load }[] = [];
  const options = { connections: CONNECTIONS, totalMs: roundMs, isRight: applies };
  await saturate(ours.port, bodies(0.1), { ...options, totalMs: roundMs / 2 });
  await saturate(bare.port, bareBodies, { ...options, totalMs: roundMs / 2 });
  for (let i = 0; i < ROUNDS; i++)
    loads.push({ bare: await saturate(bare.port, bareBodies, options), ours: await saturate(ours.port, bodies(0.2), options) });
  const [full, opponent] = [middle(loads.map((load) => load.ours)), middle(loads.map((load) => load.bare))];
  const ratio = median(loads.map((load) => load.ours.perSecond / load.bare.perSecond));
  const steady = await atRate(ours.port, bodies(0.3), { perSecond: full.perSecond * LOAD_SHARE, totalMs: roundMs * 2, isRight: applies });
  return {
    ratio,
    p99Ms: p99(steady.latencies),
    wrong: loads.reduce((sum, load) => sum + load.ours.wrong, steady.wrong),
    rows: [
      loadRow(5, `${name}: saturated, ${CONNECTIONS} connections`, full, "", `${times(ratio)} of the bare route's throughput`),
      loadRow(5, `${name}: bare fastify route`, opponent, ""),
      loadRow(5, `${name}: at 80 % of its saturation`, steady, ""),
    ],
  };
}

async function run(settings: Settings): Promise<SectionResult> {
  const home = mkdtempSync(join(tmpdir(), "atmost-bench-"));
  const ours = await start(join(settings.dist, "src/cli/main.js"), ["serve", "--port", "0"], home);
  const bare = await start(join(settings.built, "children/bare-route.js"), [join("schemas", "spawn-check-request.schema.json")], home);
  try {
    const roundMs = settings.quick ? 1_000 : 3_000;
    const children = generateChildren(settings.quick ? 3_000 : NEW_MAX, settings.seed);
    const [first] = children;
    const hashes = first === undefined ? [] : await putParents(ours.port, first);
    const bodies = children.map((chain) => byHash(chain, hashes));
    settings.say("children that were seen before");
    const seenBodies = bodies.slice(0, SEEN);
    const seen = await compare("child seen before", ours, bare, () => again(seenBodies), again(seenBodies), roundMs);
    settings.say("children never seen");
    const fresh = await compare("child never seen", ours, bare, shares(bodies.slice(SEEN)), again(bodies), roundMs);
    settings.say("four policies never seen");
    const whole = generateChains(settings.quick ? 100 : 600, settings.seed + 7).map(inBody);
    // The first tenth warms up the reading of whole policies.
    const requests = whole.values();
    await atRate(ours.port, whole.slice(0, whole.length / 10).values(), { perSecond: RATE, totalMs: 60_000, isRight: applies });
    for (let i = 0; i < whole.length / 10; i++) requests.next();
    const four = await atRate(ours.port, requests, { perSecond: RATE, totalMs: 60_000, isRight: applies });
    const fourMedian = median(four.latencies);
    const fourP99 = p99(four.latencies);
    const rows: readonly Row[] = [...seen.rows, ...fresh.rows, loadRow(6, `four policies never seen, ${RATE} requests/s`, four, "")];
    const p99Ms = Math.max(seen.p99Ms, fresh.p99Ms);
    return {
      rows,
      judgements: [
        {
          target: 5,
          goal: "throughput ≥ 0.5 of the bare route's when seen, ≥ 0.2 when new; p99 ≤ 10 ms at 80 % of saturation",
          met: seen.ratio >= 0.5 && fresh.ratio >= 0.2 && p99Ms <= 10 && seen.wrong + fresh.wrong === 0 ? "met" : "not met",
          figure: `seen ${times(seen.ratio)}, new ${times(fresh.ratio)}; p99 seen ${time(seen.p99Ms)}, new ${time(fresh.p99Ms)}`,
        },
        {
          target: 6,
          goal: "four policies in the body, never seen, 50 requests/s: p50 ≤ 5 ms, p99 ≤ 25 ms",
          met: fourMedian <= 5 && fourP99 <= 25 && four.wrong === 0 ? "met" : "not met",
          figure: `p50 ${time(fourMedian)}, p99 ${time(fourP99)}`,
        },
      ],
    };
  } finally {
    await ours.stop();
    await bare.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Targets 5 and 6. */
export const httpSection: Section = { targets: [5, 6], title: "POST /spawn-check", run };
