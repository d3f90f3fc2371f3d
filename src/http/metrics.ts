// What the service counts and times, for Prometheus. Labels come from small fixed sets only: routes as they are registered, never
// addresses as they were asked for. Not trusted.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { SpawnResult, StoreStats } from "../../prover/index.js";
import type { HttpLimits } from "./limits.js";
import type { PolicyStore } from "./store.js";

/** Where the figures come from that are read when somebody looks. */
export type MetricSources = {
  readonly store: PolicyStore;
  readonly limits: HttpLimits;
  /** The prover's own figures; whatever in it is a number becomes a gauge. */
  readonly proverStats: () => unknown;
  /** Figures of the attestations that are kept. */
  readonly attestations: () => StoreStats;
};

/** The service's metrics. */
export type Metrics = {
  readonly contentType: string;
  /** The exposition text. */
  readonly render: () => Promise<string>;
  readonly requestStarted: () => void;
  /** `route` is a registered path or "other". */
  readonly requestEnded: (route: string, method: string, status: number, seconds: number) => void;
  readonly spawnChecked: (result: SpawnResult) => void;
  readonly overloaded: (where: "http" | "solver") => void;
};

const requestSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const stageSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
/** Most figures that are taken from the prover, and how deep they may stand. */
const FIGURES_MAX = 200;
const DEPTH_MAX = 4;

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/[^a-z0-9_]/gi, "_");

/** Returns every number in `value` by its place, `a_b` for `{a: {b: 1}}`, at most 200 of them. */
export const flattenFigures = (value: unknown): ReadonlyMap<string, number> => {
  const figures = new Map<string, number>();
  const walk = (part: unknown, name: string, depth: number): void => {
    if (figures.size >= FIGURES_MAX) return;
    if (typeof part === "number" && Number.isFinite(part)) figures.set(name, part);
    else if (typeof part === "boolean") figures.set(name, Number(part));
    else if (typeof part === "object" && part !== null && !Array.isArray(part) && depth < DEPTH_MAX) {
      for (const [key, inner] of Object.entries(part)) walk(inner, name === "" ? snakeCase(key) : `${name}_${snakeCase(key)}`, depth + 1);
    }
  };
  walk(value, "", 0);
  return figures;
};

type Figure = { readonly name: string; readonly help: string; readonly pick: (stats: StoreStats) => number };

const registerStores = (
  registers: Registry[],
  label: string,
  figures: readonly Figure[],
  read: () => { readonly [name: string]: StoreStats | undefined },
): void => {
  for (const { name, help, pick } of figures) {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [store, stats] of Object.entries(read())) if (stats !== undefined) this.set({ [label]: store }, pick(stats));
      },
    });
  }
};

const policyFigures: readonly Figure[] = [
  { name: "atmost_policies_held", help: "Policies that are held, read and ready.", pick: ({ entries }) => entries },
  { name: "atmost_policies_held_bytes", help: "Bytes of the texts of the policies that are held.", pick: ({ bytes }) => bytes },
  { name: "atmost_policies_hits", help: "Lookups since the start that found their policy.", pick: ({ hits }) => hits },
  { name: "atmost_policies_misses", help: "Lookups since the start that did not find their policy.", pick: ({ misses }) => misses },
  { name: "atmost_policies_evictions", help: "Policies forgotten since the start to make room.", pick: ({ evictions }) => evictions },
];
const answerFigures: readonly Figure[] = [
  { name: "atmost_answers_held", help: "Answers for links, and attestations, that are held.", pick: ({ entries }) => entries },
  { name: "atmost_answers_hits", help: "Lookups since the start that found their answer.", pick: ({ hits }) => hits },
  { name: "atmost_answers_misses", help: "Lookups since the start that did not find their answer.", pick: ({ misses }) => misses },
  { name: "atmost_answers_evictions", help: "Answers forgotten since the start to make room.", pick: ({ evictions }) => evictions },
];

// The prover may be anybody's: its cache is known by its figures, if it has one.
const cacheOf = (stats: unknown): StoreStats | undefined => {
  const figures = flattenFigures(stats);
  const figure = (name: string): number => figures.get(`cache_${name}`) ?? 0;
  if (!figures.has("cache_entries")) return undefined;
  return {
    entries: figure("entries"),
    bytes: figure("bytes"),
    hits: figure("hits"),
    misses: figure("misses"),
    evictions: figure("evictions"),
  };
};

const registerFigures = (registers: Registry[], name: string, help: string, read: () => unknown): void => {
  new Gauge({
    name,
    help,
    labelNames: ["name"],
    registers,
    collect() {
      this.reset();
      for (const [figure, value] of flattenFigures(read())) this.set({ name: figure }, value);
    },
  });
};

const registerProcess = (registers: Registry[]): void => {
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "process_cpu_seconds_total",
    help: "Processor time used since the start.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1e6);
    },
  });
};

/** Returns fresh metrics in a registry of their own. */
export const createMetrics = ({ store, limits, proverStats, attestations }: MetricSources): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "atmost_http_requests_total",
    help: "Requests answered.",
    labelNames: ["route", "method", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "atmost_http_request_duration_seconds",
    help: "Time from the head of a request to the end of its answer.",
    labelNames: ["route"],
    buckets: requestSeconds,
    registers,
  });
  const inFlight = new Gauge({ name: "atmost_http_requests_in_flight", help: "Requests that are being read or answered.", registers });
  const verdicts = new Counter({ name: "atmost_verdicts_total", help: "Spawn checks by verdict.", labelNames: ["verdict"], registers });
  const links = new Counter({
    name: "atmost_links_total",
    help: "Links by result, and by how the answer was found.",
    labelNames: ["result", "stage"],
    registers,
  });
  const cached = new Counter({
    name: "atmost_links_cached_total",
    help: "Those of the links that were answered by an answer kept from before.",
    labelNames: ["result", "stage"],
    registers,
  });
  const undecided = new Counter({ name: "atmost_undecided_total", help: "Undecided links by reason.", labelNames: ["reason"], registers });
  const proof = new Histogram({
    name: "atmost_link_duration_seconds",
    help: "Time to find the answer for a link, and for the kernel to check it.",
    labelNames: ["part", "stage"],
    buckets: stageSeconds,
    registers,
  });
  const solverChecks = new Counter({ name: "atmost_solver_checks_total", help: "Questions that links put to the solver.", registers });
  const overloads = new Counter({
    name: "atmost_overloaded_total",
    help: "Requests refused because there was too much to do, by who was full.",
    labelNames: ["where"],
    registers,
  });
  registerStores(registers, "store", policyFigures, store.stats);
  registerStores(registers, "cache", answerFigures, () => ({ links: cacheOf(proverStats()), attestations: attestations() }));
  registerFigures(registers, "atmost_prover", "Settings and figures of the prover and its solver pool.", proverStats);
  registerFigures(registers, "atmost_limit", "The bounds of the service.", () => limits);
  registerProcess(registers);
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    requestStarted: () => inFlight.inc(),
    requestEnded: (route, method, status, seconds) => {
      inFlight.dec();
      requests.inc({ route, method, status: String(status) });
      durations.observe({ route }, seconds);
    },
    spawnChecked: (result) => {
      verdicts.inc({ verdict: result.verdict });
      for (const link of result.links) {
        const { kind, effort } = link.result;
        links.inc({ result: kind, stage: effort.stage });
        if (effort.cached === true) {
          cached.inc({ result: kind, stage: effort.stage });
          continue;
        }
        proof.observe({ part: "find", stage: effort.stage }, effort.findMs / 1000);
        proof.observe({ part: "check", stage: effort.stage }, effort.checkMs / 1000);
        solverChecks.inc(effort.solverChecks);
        if (link.result.kind === "undecided") undecided.inc({ reason: link.result.reason });
      }
    },
    overloaded: (where) => overloads.inc({ where }),
  };
};
