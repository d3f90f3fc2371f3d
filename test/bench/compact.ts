// Policies of up to 10,000 rules: each rule in about a hundred bytes, because a document has at most 1 MiB. Benchmark code, not trusted.

import { randomFrom } from "../generators/seed.js";
import type { RuleDocument } from "./areas.js";

const RULES_PER_AREA = 7;

const octets = (i: number): string => `${11 + Math.floor(i / 65_536)}.${Math.floor(i / 256) % 256}.${i % 256}`;

// The rules above of the `i`-th area: five that allow, one that asks, one that denies.
const above = (i: number): readonly RuleDocument[] => [
  { id: `r${i}`, effect: "allow", action: "fs:read", when: { path: { path: `/w/p${i}/**` } } },
  { id: `d${i}`, effect: "deny", action: "fs:**", when: { path: { path: `/w/p${i}/**/.env*` } } },
  { id: `h${i}`, effect: "allow", action: "net:http", when: { host: { host: `**.h${i}.io` }, port: { eq: 443 } } },
  { id: `q${i}`, effect: "ask", action: "net:http", when: { host: { eq: `h${i}.io` }, method: { eq: "PUT" } } },
  { id: `t${i}`, effect: "allow", action: `tool:s${i % 50}:run`, when: { "args.id": { eq: i }, "args.n": { lte: 50 } } },
  { id: `c${i}`, effect: "allow", action: "net:tcp", when: { ip: { cidr: `${octets(i)}.0/24` } } },
  { id: `w${i}`, effect: "allow", action: "fs:write", when: { path: { path: `/w/p${i}/src/**` } } },
];

// Rules of a child within the `i`-th area: what guards it, and three that allow.
const below = (i: number): readonly RuleDocument[] => [
  { id: `d${i}`, effect: "deny", action: "fs:**", when: { path: { path: `/w/p${i}/**/.env*` } } },
  { id: `q${i}`, effect: "ask", action: "net:http", when: { host: { eq: `h${i}.io` }, method: { eq: "PUT" } } },
  { id: `r${i}`, effect: "allow", action: "fs:read", when: { path: { path: [`/w/p${i}/docs/**`, `/w/p${i}/src/**/*.ts`] } } },
  { id: `h${i}`, effect: "allow", action: "net:http", when: { host: { host: `*.h${i}.io` }, port: { eq: 443 }, method: { eq: "GET" } } },
  { id: `c${i}`, effect: "allow", action: "net:tcp", when: { ip: { cidr: `${octets(i)}.64/26` }, port: { eq: 5432 } } },
];

const documentOf = (name: string, rules: readonly RuleDocument[]): string =>
  JSON.stringify({ language: "atmost/1", name, version: "1", rules });

/** Returns a policy of `count` rules. */
export const compactPolicy = (count: number): string =>
  documentOf(
    "above",
    Array.from({ length: Math.ceil(count / RULES_PER_AREA) }, (_, i) => above(i))
      .flat()
      .slice(0, count),
  );

/** Returns children of ten rules, each in two areas of the policy of `count` rules, all contained in it. */
export function compactChildren(count: number, children: number, seed: number): readonly string[] {
  const random = randomFrom(seed);
  const areas = Math.max(1, Math.floor(count / RULES_PER_AREA));
  return Array.from({ length: children }, (_, n) => {
    const first = Math.floor(random() * areas);
    const second = (first + 1 + Math.floor(random() * Math.max(1, areas - 1))) % areas;
    const rules = first === second ? below(first) : [...below(first), ...below(second)];
    return documentOf(`child-${n}`, rules);
  });
}

/** Returns requests of every kind to the policy of `count` rules: two of three meet a rule that allows. */
export function compactRequests(count: number, requests: number, seed: number): readonly { readonly [key: string]: unknown }[] {
  const random = randomFrom(seed);
  const areas = Math.max(1, Math.floor(count / RULES_PER_AREA));
  return Array.from({ length: requests }, (_, n) => {
    const i = n % 3 === 2 ? areas + Math.floor(random() * 1_000) : Math.floor(random() * areas);
    switch (n % 5) {
      case 0:
        return { action: "fs:read", path: `/w/p${i}/src/index.ts` };
      case 1:
        return { action: "net:http", host: `api.h${i}.io`, port: 443, method: "GET" };
      case 2:
        return { action: `tool:s${i % 50}:run`, args: { id: i, n: Math.floor(random() * 60) } };
      case 3:
        return { action: "net:tcp", ip: `${octets(i)}.7`, port: 5432 };
      default:
        return { action: "fs:write", path: `/w/p${i}/src/a/b.ts` };
    }
  });
}
