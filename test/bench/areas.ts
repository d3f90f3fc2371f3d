// The parts that generated policies are made of: an area is one thing an agent works with (a project on disk, a web service, a tool, a
// network) with the rules above it, narrowings that stay inside, and widenings that escape in one spot. Benchmark code, not trusted.

import type { Json } from "../../prover/index.js";

/** A rule as a policy document holds it. */
export type RuleDocument = { readonly [key: string]: Json };
/** Returns a number in [0, 1). */
export type Random = () => number;

/** One thing that an agent works with. */
export type Area = {
  /** Rules above that allow. */
  readonly allows: readonly RuleDocument[];
  /** Which of `allows` the rule that asks meets. */
  readonly asked: number;
  /** Rules above that ask or deny: what is below keeps them, or escapes. */
  readonly guards: readonly RuleDocument[];
  /** Rules below, all within `allows` and `guards`; some need two rules above together. */
  readonly narrow: readonly RuleDocument[];
  /** Rules below that reach past what is above in one spot. */
  readonly wide: readonly RuleDocument[];
};

/** Returns one of `items`. */
export const pick = <T>(random: Random, items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];
const upTo = (random: Random, least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

const syllables = ["ka", "lo", "mi", "ne", "ro", "su", "ta", "ve", "xi", "zu", "bra", "dor", "fen", "gal", "hul", "pex"] as const;
/** Returns a name that no other area of the same policy has. */
const nameOf = (random: Random, i: number): string => `${pick(random, syllables)}${pick(random, syllables)}${i}`;

const rule = (id: string, effect: "allow" | "ask" | "deny", action: Json, when: { readonly [field: string]: Json }): RuleDocument => ({
  id,
  effect,
  action,
  when,
});

function projectOnDisk(random: Random, i: number): Area {
  const name = nameOf(random, i);
  const team = pick(random, ["web", "core", "infra", "data"]);
  const root = `/workspace/${team}/${name}`;
  const bytes = upTo(random, 1, 64) * 4096;
  const suffix = pick(random, ["ts", "py", "go", "rs"]);
  const writable = { path: { path: [`${root}/src/**/*.${suffix}`, `${root}/docs/**`] } };
  return {
    allows: [
      rule(`${name}-read`, "allow", ["fs:read", "fs:list"], { path: { path: `${root}/**` } }),
      rule(`${name}-write`, "allow", "fs:write", { ...writable, bytes: { lte: bytes } }),
      rule(`${name}-clean`, "allow", "fs:delete", { path: { path: `${root}/build*/**` }, "context.env": { in: ["dev", "ci"] } }),
    ],
    asked: 1,
    guards: [
      rule(`${name}-index`, "ask", "fs:write", { path: { path: `${root}/**/index.*` } }),
      rule(`${name}-keys`, "deny", "fs:**", { path: { path: `${root}/**/secrets/**` } }),
    ],
    narrow: [
      rule(`${name}-n1`, "allow", "fs:read", { path: { path: [`${root}/src/**`, `${root}/*/lib/**/*.${suffix}`] } }),
      rule(`${name}-n2`, "allow", "fs:write", { path: { path: `${root}/src/**/*_test.${suffix}` }, bytes: { lt: bytes } }),
      rule(`${name}-n3`, "allow", "fs:list", { path: { prefix: `${root}/src/`, path: `${root}/**` } }),
      rule(`${name}-n4`, "allow", "fs:delete", { path: { path: `${root}/build/tmp/**` }, "context.env": { eq: "ci" } }),
      {
        ...rule(`${name}-n5`, "allow", ["fs:read", "fs:list"], { path: { path: `${root}/docs/**` } }),
        unless: { path: { suffix: ".draft" } },
      },
    ],
    wide: [
      rule(`${name}-w1`, "allow", "fs:read", { path: { path: `/workspace/${team}/${name}*/**` } }),
      rule(`${name}-w2`, "allow", "fs:write", { path: { path: `${root}/src/**/*.${suffix}` }, bytes: { lte: bytes + 1 } }),
      rule(`${name}-w3`, "allow", "fs:delete", { path: { path: `${root}/build/**` } }),
      rule(`${name}-w4`, "allow", "fs:write", { path: { path: `${root}/src/**/*.${suffix}*` }, bytes: { lte: bytes } }),
    ],
  };
}

function webService(random: Random, i: number): Area {
  const name = nameOf(random, i);
  const host = `api.${name}.example.com`;
  const version = `v${upTo(random, 1, 3)}`;
  const main = { host: { host: `**.${name}.example.com` }, port: { in: [443, 8443] } };
  return {
    allows: [
      rule(`${name}-get`, "allow", "net:http", { ...main, method: { in: ["GET", "HEAD"] }, route: { route: `/${version}/**` } }),
      rule(`${name}-post`, "allow", "net:http", {
        host: { eq: host },
        port: { eq: 443 },
        method: { in: ["POST", "PUT"] },
        route: { route: [`/${version}/items/**`, `/${version}/orders/*`] },
      }),
      rule(`${name}-delete`, "allow", "net:http", {
        host: { eq: host },
        port: { eq: 443 },
        method: { eq: "DELETE" },
        route: { route: `/${version}/orders/**` },
        "context.time": { before: "2027-06-01T00:00:00Z" },
      }),
    ],
    asked: 1,
    guards: [
      rule(`${name}-orders`, "ask", "net:http", {
        host: { host: `*.${name}.example.com` },
        method: { in: ["PUT", "DELETE"] },
        route: { route: `/${version}/orders/**` },
      }),
      rule(`${name}-admin`, "deny", "net:http*", { host: { host: `**.${name}.example.com` }, route: { route: "/**/admin/**" } }),
    ],
    narrow: [
      rule(`${name}-n1`, "allow", "net:http", {
        host: { in: [host, `cdn.${name}.example.com`] },
        port: { gte: 443, lte: 443 },
        method: { eq: "GET" },
        route: { route: `/${version}/items/**` },
      }),
      rule(`${name}-n2`, "allow", "net:http", {
        host: { host: `api.${name}.example.com` },
        port: { eq: 443 },
        method: { eq: "POST" },
        route: { route: [`/${version}/items/*/notes`, `/${version}/orders/*`] },
      }),
      // Neither rule above covers this one alone.
      rule(`${name}-n3`, "allow", "net:http", {
        host: { eq: host },
        port: { eq: 443 },
        method: { in: ["GET", "POST", "HEAD"] },
        route: { route: `/${version}/items/**` },
      }),
      rule(`${name}-n4`, "allow", "net:http", {
        host: { host: `*.eu.${name}.example.com` },
        port: { eq: 8443 },
        method: { eq: "HEAD" },
        route: { route: `/${version}/*/status` },
      }),
    ],
    wide: [
      rule(`${name}-w1`, "allow", "net:http", {
        ...main,
        method: { in: ["GET", "PATCH"] },
        route: { route: `/${version}/items/**` },
      }),
      rule(`${name}-w2`, "allow", "net:http", {
        host: { host: `**.${name}*.example.com` },
        port: { eq: 443 },
        method: { eq: "GET" },
        route: { route: `/${version}/items/**` },
      }),
      rule(`${name}-w3`, "allow", "net:http", { ...main, method: { eq: "GET" }, route: { route: `/${version}*/items/**` } }),
      rule(`${name}-w4`, "allow", "net:http", {
        host: { eq: host },
        port: { gte: 443, lte: 444 },
        method: { eq: "GET" },
        route: { route: `/${version}/items/**` },
      }),
    ],
  };
}

function toolOfService(random: Random, i: number): Area {
  const name = nameOf(random, i);
  const tool = (verb: string) => `tool:${name}:${verb}`;
  const repositories = ["web", "api", "app", "docs"].map((part) => `${name}/${part}`);
  return {
    allows: [
      rule(`${name}-issue`, "allow", [tool("create_issue"), tool("comment")], {
        "args.repo": { in: repositories },
        "args.title": { glob: ["feat: *", "fix: *", "docs: *"] },
      }),
      rule(`${name}-merge`, "allow", tool("merge"), { "args.branch": { matches: "release/[0-9]+\\.[0-9]+(\\.[0-9]+)?" } }),
      rule(`${name}-label`, "allow", tool("label"), { "args.labels": { each: { in: ["bug", "docs", "good first issue"] } } }),
    ],
    asked: 1,
    guards: [
      rule(`${name}-hot`, "ask", tool("merge"), { "args.branch": { matches: "release/[0-9]+\\.[0-9]+\\.[1-9][0-9]*" } }),
      rule(`${name}-prod`, "deny", `tool:${name}:**`, { "args.target": { matches: "prod-[a-z]{2}[0-9]{1,3}" } }),
    ],
    narrow: [
      rule(`${name}-n1`, "allow", tool("create_issue"), {
        "args.repo": { in: repositories.slice(0, 2) },
        "args.title": { glob: "fix: *#*" },
      }),
      rule(`${name}-n2`, "allow", tool("merge"), {
        "args.branch": { matches: "release/1\\.[0-9]{1,2}(\\.[0-9])?" },
        "args.squash": { eq: true },
      }),
      rule(`${name}-n3`, "allow", tool("label"), { "args.labels": { each: { eq: "docs" } } }),
      rule(`${name}-n4`, "allow", tool("comment"), {
        "args.repo": { glob: `${name}/*`, in: [...repositories, "other/web"] },
        "args.title": { prefix: "docs: " },
      }),
    ],
    wide: [
      rule(`${name}-w1`, "allow", tool("create_issue"), {
        "args.repo": { in: [...repositories, `${name}/secret`] },
        "args.title": { glob: "fix: *" },
      }),
      rule(`${name}-w2`, "allow", tool("merge"), { "args.branch": { matches: "release/[0-9]+(\\.[0-9]+)*" } }),
      rule(`${name}-w3`, "allow", tool("label"), { "args.labels": { some: { eq: "docs" } } }),
      rule(`${name}-w4`, "allow", [tool("comment"), tool("close")], {
        "args.repo": { eq: `${name}/web` },
        "args.title": { prefix: "fix: " },
      }),
    ],
  };
}

function payments(random: Random, i: number): Area {
  const name = nameOf(random, i);
  const tool = (verb: string) => `tool:${name}:${verb}`;
  const middle = upTo(random, 20, 90);
  const small = { "args.amount": { gt: 0, lte: middle }, "args.currency": { in: ["EUR", "USD"] } };
  const approved = { "args.currency": { eq: "EUR" }, "args.approved": { eq: true } };
  return {
    allows: [
      rule(`${name}-pay`, "allow", tool("pay"), small),
      rule(`${name}-pay-more`, "allow", tool("pay"), { "args.amount": { gt: middle, lte: 200 }, ...approved }),
      rule(`${name}-quote`, "allow", [tool("quote"), tool("list")], { "args.to": { host: `**.${name}.example.com` } }),
    ],
    asked: 1,
    guards: [
      rule(`${name}-large`, "ask", tool("pay"), { "args.amount": { gt: 120 } }),
      rule(`${name}-dry`, "deny", `tool:${name}:**`, { "args.account": { prefix: ["test-", "tmp-"] } }),
    ],
    narrow: [
      // Neither rule above covers this one alone.
      rule(`${name}-n1`, "allow", tool("pay"), { "args.amount": { gt: 0, lte: 140 }, ...approved }),
      rule(`${name}-n2`, "allow", tool("pay"), { "args.amount": { gte: 1, lt: middle }, "args.currency": { eq: "USD" } }),
      rule(`${name}-n3`, "allow", tool("quote"), { "args.to": { in: [`${name}.example.com`, `eu.${name}.example.com`] } }),
      rule(`${name}-n4`, "allow", tool("list"), { "args.to": { host: `*.${name}.example.com` }, "args.page": { lte: 10 } }),
    ],
    wide: [
      rule(`${name}-w1`, "allow", tool("pay"), { ...small, "args.amount": { gt: 0, lte: middle + 1 } }),
      rule(`${name}-w2`, "allow", tool("pay"), { "args.amount": { gt: 0, lte: 140 }, "args.currency": { eq: "EUR" } }),
      rule(`${name}-w3`, "allow", tool("quote"), { "args.to": { host: `**.${name}*.example.com` } }),
    ],
  };
}

function network(random: Random, i: number): Area {
  const name = nameOf(random, i);
  const block = `10.${i % 250}`;
  const six = `2001:db8:${(2 * i + 16).toString(16)}`;
  const port = upTo(random, 1, 60) * 1000;
  return {
    allows: [
      rule(`${name}-low`, "allow", "net:tcp", { ip: { cidr: `${block}.0.0/17` }, port: { gte: port, lte: port + 99 } }),
      rule(`${name}-high`, "allow", "net:tcp", { ip: { cidr: `${block}.128.0/17` }, port: { gte: port, lt: port + 50 } }),
      rule(`${name}-six`, "allow", ["net:tcp", "net:udp"], { ip: { cidr: `${six}::/48` }, port: { in: [53, 853] } }),
    ],
    asked: 0,
    guards: [
      rule(`${name}-night`, "ask", "net:tcp", { ip: { cidr: `${block}.64.0/18` }, "context.time": { after: "2026-12-24T00:00:00Z" } }),
      rule(`${name}-meta`, "deny", ["net:tcp", "net:udp"], { ip: { cidr: [`${block}.255.0/24`, `${six}:ffff::/64`] } }),
    ],
    narrow: [
      // Neither block above covers this one alone.
      rule(`${name}-n1`, "allow", "net:tcp", { ip: { cidr: `${block}.0.0/16` }, port: { gte: port, lte: port + 9 } }),
      rule(`${name}-n2`, "allow", "net:tcp", { ip: { cidr: [`${block}.3.0/24`, `${block}.8.0/21`] }, port: { in: [port, port + 80] } }),
      rule(`${name}-n3`, "allow", "net:udp", { ip: { cidr: `${six}:a::/64` }, port: { eq: 53 } }),
      rule(`${name}-n4`, "allow", "net:tcp", { ip: { in: [`${block}.130.7`, `${block}.1.1`] }, port: { eq: port + 7 } }),
    ],
    wide: [
      rule(`${name}-w1`, "allow", "net:tcp", { ip: { cidr: `${block}.0.0/17` }, port: { gte: port, lte: port + 100 } }),
      rule(`${name}-w2`, "allow", "net:tcp", { ip: { cidr: `${block}.0.0/16` }, port: { gte: port, lte: port + 50 } }),
      rule(`${name}-w3`, "allow", "net:udp", { ip: { cidr: `${six}::/47` }, port: { eq: 53 } }),
    ],
  };
}

const makers = [projectOnDisk, webService, toolOfService, network, payments] as const;

/** Returns the `i`-th area of a policy; the kinds take turns, so that every policy of five areas has each. */
export const areaOf = (random: Random, i: number, start: number): Area => {
  const make = makers[(i + start) % makers.length] ?? projectOnDisk;
  return make(random, i);
};
