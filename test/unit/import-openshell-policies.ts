// Random OpenShell policies, requests made from their own patterns, and requests with one field spoilt. Test code, not trusted.

import fc from "fast-check";
import { randomFrom } from "../generators/index.js";
import type { Endpoint, Entry, Matcher, OpenshellPolicy, OpenshellRequest, Profile, RestRule } from "./import-openshell-reference.js";
import { portsOf } from "./import-openshell-reference.js";

const some = <T>(...values: readonly T[]) => fc.constantFrom(...values);
/** The value in so many of a hundred, and nothing in the others. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, percent = 50): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: percent, arbitrary }, { weight: 100 - percent, arbitrary: fc.constant(undefined) });
const list = <T>(item: fc.Arbitrary<T>, maxLength: number, minLength = 1) => fc.array(item, { minLength, maxLength });
/** Drops what is undefined, so that an absent key is absent. */
const defined = <T extends object>(record: T) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]: Exclude<T[K], undefined>;
  };

const segment = fc.oneof({ weight: 4, arbitrary: some("a", "b", "ab", "x.y") }, some("*", "a*", "*b", "**", "*.*"));
const pathGlob = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(list(segment, 3), some("", "", "/")).map(([parts, end]) => `/${parts.join("/")}${end}`) },
  some("**", "/**", "/", "/*", "/**/", "/**/*", "/%20a"),
);
const queryGlob = some("", "a", "b", "a.b", "*", "**", "a*", "*.b", "v1.*", "*a*", "1", "A+(b)");
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  { weight: 3, arbitrary: queryGlob },
  list(queryGlob, 2).map((globs) => ({ any: globs.map((glob) => (glob === "" ? "c" : glob)) })), // "" stands by itself only
);
const method = some("GET", "get", "HEAD", "POST", "DELETE", "Patch", "*", "*");
const query = fc.dictionary(some("q", "r", "a.b"), matcher, { minKeys: 1, maxKeys: 2 });
const denyRule: fc.Arbitrary<RestRule> = fc.record({ method, path: pathGlob, query: maybe(query, 30) }).map(defined);
const allowRule: fc.Arbitrary<RestRule> = fc
  .record({
    method,
    path: fc.oneof(pathGlob, some("**", "/**")),
    query: maybe(query, 30),
    review: maybe(
      some(true, true, false).map((required) => ({ required })),
      40,
    ),
  })
  .map(defined);
const grants = fc.oneof(
  { weight: 3, arbitrary: list(allowRule, 3).map((rules) => ({ rules: rules.map((allow) => ({ allow })) })) },
  some("read-only" as const, "read-write" as const, "full" as const).map((access) => ({ access })),
);

const exactHost = some("api.example.com", "API.Example.com", "a.example.com", "b.a.example.com", "other.test", "10.1.2.3");
const wildHost = some("*.example.com", "a*.example.com", "*-api.example.com", "**.example.com", "**.a.example.com");
const where = fc.oneof(
  { weight: 3, arbitrary: some(443, 80).map((port) => ({ port })) },
  some([443], [443, 8443], [80, 443]).map((ports) => ({ ports })),
);
const block = some(
  "10.0.0.0/8",
  "10.1.2.3",
  "10.200.0.9/16",
  "93.184.216.0/24",
  "2001:DB8::/32",
  "2606:4700::1",
  "192.168.0.0/17",
  "fd00::/8",
);

type Style = {
  readonly hosts: fc.Arbitrary<string | undefined>;
  readonly ips: fc.Arbitrary<readonly string[] | undefined>;
  readonly inspected?: true;
};

function endpointOf({ hosts, ips, inspected }: Style): fc.Arbitrary<Endpoint> {
  const place = fc.tuple(hosts, ips, where).map(([host, allowed_ips, ports]): Endpoint => {
    return host === undefined && allowed_ips === undefined
      ? { host: "api.example.com", ...ports }
      : defined({ host, allowed_ips, ...ports });
  });
  const rest = fc
    .record({
      more: grants,
      path: maybe(pathGlob, 20),
      deny_rules: maybe(list(denyRule, 2), 40),
      tls: maybe(some("terminate" as const), 10),
      credential_binding: maybe(some({ provider: "vault" }, { provider: "work" }), 30),
    })
    .map(({ more, ...others }): Endpoint => ({ protocol: "rest", enforcement: "enforce", ...more, ...defined(others) }));
  const l4 = some<Endpoint>({}, {}, {}, { protocol: "tcp" }, { tls: "skip" }, { tls: "terminate" });
  const layer = inspected === true ? rest : fc.oneof({ weight: 3, arbitrary: rest }, l4);
  return fc.tuple(place, layer).map(([at, more]) => ({ ...at, ...more }));
}

const binary = some("/usr/bin/curl", "/usr/bin/*", "/usr/**", "/opt/**/python3*", "/**", "**", "/a+b/c");
const entryOf = (style: Style): fc.Arbitrary<Entry> =>
  fc
    .record({
      endpoints: list(endpointOf(style), 3),
      binaries: maybe(
        list(binary, 2, 0).map((paths) => paths.map((path) => ({ path }))),
        90,
      ),
    })
    .map(defined);

// Endpoints that meet must reach the same addresses, so most policies keep to one way of saying which; the last one does not.
const style = fc.oneof<fc.MaybeWeightedArbitrary<Style>[]>(
  { weight: 4, arbitrary: fc.constant({ hosts: exactHost, ips: fc.constant(undefined) }) },
  { weight: 3, arbitrary: fc.constant({ hosts: wildHost, ips: fc.constant(undefined) }) },
  {
    weight: 3,
    arbitrary: list(block, 2).map((ips) => ({ hosts: fc.oneof(exactHost, wildHost, fc.constant(undefined)), ips: fc.constant(ips) })),
  },
  // Rules for any host beside deny rules and reviews for one, which an oddly spelt host must not slip past.
  {
    weight: 2,
    arbitrary: fc.constant({ hosts: some(undefined, "api.example.com"), ips: fc.constant(["10.0.0.0/8"]), inspected: true as const }),
  },
  fc.constant({ hosts: fc.oneof(exactHost, wildHost), ips: maybe(list(block, 1)) }),
);
const network = style.chain((each) => fc.dictionary(some("n", "m", "k"), entryOf(each), { minKeys: 1, maxKeys: 3 }));

const directory = some("/usr", "/usr//lib/.", "/tmp", "/a*b", "/w/x", "/data/é", "/x?");
const filesystem = fc
  .record({
    include_workdir: maybe(fc.boolean()),
    read_only: maybe(list(fc.oneof(directory, some("/")), 3, 0)),
    read_write: maybe(list(directory, 2, 0)),
  })
  .map(defined);
const identity = maybe(some("sandbox", "1500"));

/** Provider profiles: one entry, and credentials that it lends at its endpoints. */
export const profiles: fc.Arbitrary<Profile> = style
  .chain((each) => fc.record({ credentials: maybe(list(some({ name: "K" }, { name: "M" }), 2, 0)), entry: entryOf(each) }))
  .map(({ credentials, entry: { endpoints, binaries = [] } }) =>
    defined({ id: "p", credentials, endpoints, binaries: binaries.map(({ path }) => path) }),
  );

/** A policy, and the directory of `--workdir`; without one no policy includes it. */
export type Case = { readonly policy: OpenshellPolicy; readonly workdir: string | undefined };
export const cases: fc.Arbitrary<Case> = fc
  .record({
    workdir: maybe(some("/w", "/home/me")),
    filesystem_policy: maybe(filesystem, 70),
    process: maybe(fc.record({ run_as_user: identity, run_as_group: identity }).map(defined)),
    landlock: maybe(fc.record({ compatibility: maybe(some("best_effort" as const, "hard_requirement" as const)) }).map(defined)),
    network_policies: maybe(network, 90),
  })
  .map(({ workdir, filesystem_policy: files, ...others }) => {
    const open = workdir === undefined && files?.include_workdir === true ? { ...files, include_workdir: false } : files;
    return { workdir, policy: defined({ version: 1 as const, filesystem_policy: open, ...others }) };
  });

type Choose = <T>(...values: readonly T[]) => T;
/** Returns what chooses among values, one choice after another, the same for the same seed. */
export function chooser(seed: number): Choose {
  const random = randomFrom(seed);
  return <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
}

export const addresses = [
  ...["93.184.216.34", "93.184.217.0", "10.1.2.3", "10.1.2.4", "10.200.255.255", "11.0.0.0", "192.168.127.255", "192.168.128.0"],
  ...["127.0.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "198.18.0.1", "255.255.255.255", "172.31.255.255", "172.32.0.0"],
  ...["2001:db8::1", "2001:db9::", "2606:4700::1", "fd00::1", "fbff::1", "::1", "::", "fe80::1", "febf::1", "fec0::1"],
];
export const hosts = [
  "api.example.com",
  "a.example.com",
  "ab.example.com",
  "-api.example.com",
  "b.a.example.com",
  "example.com",
  "other.test",
  "10.1.2.3",
];
export const routes = ["/", "/a", "/a/", "/a/b", "/ab/x.y", "/b/a/ab", "/%20a", "/x.y/", "/a;v=1/b", "/;b", "/a/x.y;"];
export const values = ["", "a", "b", "ab", "a.b", "v1.", "v1.2", "v1.2.3", "1", "A+(b)", "b a", "é", "\n"];
export const methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"];
export const binaries = [
  "/usr/bin/curl",
  "/usr/bin/node",
  "/usr/local/bin/x",
  "/opt/python3",
  "/opt/py/3/bin/python3.13",
  "/bin/sh",
  "/a+b/c",
];

/** A text that a glob may match: each `**` one of several segments, each `*` one of several runs. */
const witness = (glob: string, separator: string, choose: Choose): string =>
  (glob === "**" && separator === "/" ? "/**" : glob)
    .split(separator)
    .map((part) => (part === "**" ? choose("a", `b${separator}a`, "", "x.y") : part.replaceAll("*", () => choose("", "a", "b", "x", "-"))))
    .join(separator);

function routeFrom(rules: readonly RestRule[], path: string | undefined, choose: Choose): string {
  const globs = [...rules.map((rule) => rule.path), ...(path === undefined ? [] : [path])];
  if (globs.length === 0 || choose(0, 1, 2, 3) === 0) return choose(...routes);
  const made = witness(choose(...globs), "/", choose);
  const near = choose(made, made, made, `${made}/`, `${made}/b`, made.replace(/\/[^/]*$/, ""), made.replace(/^\/[^/]*/, ""));
  const changed = choose(near, near, near, near, near, near, near, near.replace(/\/[^/]*/, "$&;v=1"), near.replace(/[^/]*\/?$/, ";$&"));
  return changed.replace(/\/{2,}/g, "/").replace(/\/\.{1,2}(?=\/|$)/g, "/a") || "/"; // so that it is canonical
}

function queryFrom(rules: readonly RestRule[], choose: Choose) {
  const constrained = rules.flatMap((rule) => Object.entries(rule.query ?? {}));
  const valueFrom = (globs: readonly string[]) => choose(witness(choose(...globs), ".", choose), choose(...values));
  const entries = constrained.map(([key, each]) => {
    const globs = typeof each === "string" ? [each] : each.any;
    return [key, choose([valueFrom(globs)], [valueFrom(globs)], [valueFrom(globs), valueFrom(globs)], [])] as const;
  });
  const kept = Object.fromEntries([...entries, ["z", ["a"]] as const].filter(([, found]) => found.length > 0));
  return choose(kept, kept, kept, undefined);
}

function contextFrom({ binaries: listed = [] }: Entry, choose: Choose): NonNullable<OpenshellRequest["context"]> {
  const globs = listed.map(({ path }) => path);
  const made =
    globs.length === 0
      ? choose(...binaries)
      : witness(choose(...globs), "/", choose)
          .replace(/\/{2,}/g, "/")
          .replace(/(.)\/$/, "$1");
  const asking = choose([made], [made], [made], [choose(...binaries), made], [made, choose(...binaries)], [choose(...binaries)], []);
  const known = { binaries: asking };
  return choose<NonNullable<OpenshellRequest["context"]>>(known, known, { ...known, binary_identity: "on" }, { binary_identity: "off" });
}

function networkRequest(entries: readonly Entry[], choose: Choose): OpenshellRequest {
  const entry = choose(...entries);
  const endpoint = choose(...entry.endpoints);
  const { allowed_ips = [], rules = [], deny_rules = [], host = "api.example.com" } = endpoint;
  const all = [...rules.map(({ allow }) => allow), ...deny_rules];
  const about = all.length > 0 ? choose(all, [choose(...all)], [choose(...all)], [choose(...all)]) : [];
  const made = witness(host.toLowerCase(), ".", choose).replace(/^\./, "a.");
  const ips = allowed_ips.map((text) => (text.split("/")[0] ?? "").toLowerCase().replace(/::\/.*$/, "::"));
  const near = /^[0-9.]+$/.test(made) && allowed_ips.length === 0 ? made : choose(...(ips.length === 0 ? ["93.184.216.34"] : ips));
  const ports = portsOf(endpoint);
  const connection = {
    host: choose(made, made, made, made, choose(...hosts)),
    port: choose(...ports, ...ports, ...ports, ...ports, 443, 22),
    ip: choose(choose(...addresses), near, near, near),
    context: contextFrom(entry, choose),
  };
  const action = choose("net:http", "net:http", "net:http", "net:http", "net:connect", "credential:use");
  if (action === "credential:use") return { action, provider: choose("vault", "work", "p"), credential: choose("K", "L"), ...connection };
  if (action === "net:connect") return { action, ...connection };
  const wanted = about.map((rule) => rule.method.toUpperCase()).filter((name) => name !== "*");
  const request = {
    method: choose(choose(...methods), ...Array.from({ length: 3 }, () => choose(...(wanted.length > 0 ? wanted : ["GET"])))),
    route: routeFrom(about, endpoint.path, choose),
    query: queryFrom(about, choose),
  };
  return defined({ action, ...connection, ...request });
}

function fileRequest({ policy, workdir }: Case, choose: Choose): OpenshellRequest {
  const { read_only = [], read_write = [] } = policy.filesystem_policy ?? {};
  const clean = (path: string) =>
    `/${path
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/")}`;
  const base = clean(choose("/etc", workdir ?? "/w", ...read_only, ...read_write));
  const path = choose(
    base,
    clean(`${base}/x`),
    clean(`${base}/x/y`),
    `${base}x`,
    base.replace("*", "x"),
    clean(base.replace(/[^/]+$/, "")),
  );
  const action = choose("fs:read", "fs:write");
  return choose<OpenshellRequest>({ action, path }, { action, path }, { action, path }, { action, workdir: true });
}

/** Returns a well-formed request, near what the policy is about. */
export function requestFrom(each: Case, seed: number): OpenshellRequest {
  const choose = chooser(seed);
  const entries = Object.values(each.policy.network_policies ?? {});
  const kind = choose("file", "start", ...Array.from({ length: 8 }, () => "network"));
  if (kind === "network" && entries.length > 0) return networkRequest(entries, choose);
  if (kind === "file") return fileRequest(each, choose);
  const action = choose("sandbox:start", "sandbox:start", "sandbox:start", "net:other", "fs");
  return {
    action,
    user: choose("sandbox", "1500"),
    group: choose("sandbox", "1500"),
    landlock: choose("best_effort", "hard_requirement", "off"),
  };
}
