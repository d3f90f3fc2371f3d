// What an OpenShell policy permits, written again for the tests from OpenShell's schema reference, its page on network rules and the address
// ranges of its own prover: no code of the importer, and none of the kernel. Requests are those of docs/import-openshell.md, well formed.

import { isGlob } from "./glob-by-hand.js";

export type Matcher = string | { readonly any: readonly string[] };
export type RestRule = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, Matcher>>;
  readonly review?: { readonly required: boolean; readonly reason?: string };
};
export type Endpoint = {
  readonly host?: string;
  readonly port?: number;
  readonly ports?: readonly number[];
  readonly path?: string;
  readonly protocol?: "rest" | "tcp";
  readonly tls?: "skip" | "terminate";
  readonly enforcement?: "enforce";
  readonly access?: "read-only" | "read-write" | "full";
  readonly rules?: readonly { readonly allow: RestRule }[];
  readonly deny_rules?: readonly RestRule[];
  readonly allowed_ips?: readonly string[];
  readonly credential_binding?: { readonly provider: string };
};
export type Entry = { readonly endpoints: readonly Endpoint[]; readonly binaries?: readonly { readonly path: string }[] };
export type OpenshellPolicy = {
  readonly version: 1;
  readonly filesystem_policy?: {
    readonly include_workdir?: boolean;
    readonly read_only?: readonly string[];
    readonly read_write?: readonly string[];
  };
  readonly process?: { readonly run_as_user?: string; readonly run_as_group?: string };
  readonly landlock?: { readonly compatibility?: "best_effort" | "hard_requirement" };
  readonly network_policies?: Readonly<Record<string, Entry>>;
};
export type OpenshellRequest = {
  readonly action: string;
  readonly path?: string;
  readonly workdir?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly ip?: string;
  readonly method?: string;
  readonly route?: string;
  readonly query?: Readonly<Record<string, readonly string[]>>;
  readonly provider?: string;
  readonly credential?: string;
  readonly user?: string;
  readonly group?: string;
  readonly landlock?: string;
  readonly context?: { readonly binaries?: readonly string[]; readonly binary_identity?: string };
};
export type OpenshellDecision = "allow" | "ask" | "deny";

/** Whether segments match, where a `**` is one segment or more; `inner` is how many it needs where it is not the last. */
function areSegments(glob: readonly string[], segments: readonly string[], inner: 0 | 1): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return segments.length === 0;
  if (first !== "**") return segments[0] !== undefined && isGlob(first, segments[0]) && areSegments(rest, segments.slice(1), inner);
  for (let taken = rest.length === 0 ? 1 : inner; taken <= segments.length; taken++) {
    if (areSegments(rest, segments.slice(taken), inner)) return true;
  }
  return false;
}
const isSlashed = (glob: string, path: string) => glob === "**" || areSegments(glob.slice(1).split("/"), path.slice(1).split("/"), 0);
const isDotted = (glob: string, text: string) => areSegments(glob.split("."), text.split("."), 1);

/** The bits of an address behind the number of its family, so that no address of the one is in a block of the other. */
function bitsOf(address: string): string {
  const bits = (value: number, width: number) => value.toString(2).padStart(width, "0");
  if (address.includes(".")) return `4${address.split(".").reduce((all, part) => all + bits(Number(part), 8), "")}`;
  const [head = [], tail = []] = address.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => "0"), ...tail];
  return `6${groups.reduce((all, group) => all + bits(Number.parseInt(group, 16), 16), "")}`;
}
/** The bits that every address of a block begins with. */
export function blockBits(block: string): string {
  const [base = "", length] = block.split("/");
  const all = bitsOf(base);
  return length === undefined ? all : all.slice(0, 1 + Number(length));
}
const isIn = (ip: string, blocks: readonly string[]) => blocks.some((block) => bitsOf(ip).startsWith(blockBits(block)));

// SOURCE: OpenShell, crates/openshell-prover/src/containment/ip.rs, 34e17948f9f4: what no policy opens, and what a wildcard does not.
const neverOpen = ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/32", "::/128", "::1/128", "fe80::/10"];
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
const specialRanges = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "255.255.255.255/32", "192.0.0.0/24", "198.18.0.0/15"];

export const isWildcard = ({ host }: Endpoint) => host?.includes("*") === true;
export const isLiteral = ({ host }: Endpoint) => host !== undefined && /^[0-9.]+$/.test(host);

function isAddress(endpoint: Endpoint, ip: string | undefined): boolean {
  if (ip === undefined || isIn(ip, neverOpen)) return false;
  if (isLiteral(endpoint) && endpoint.host !== ip) return false;
  if (endpoint.allowed_ips !== undefined) return isIn(ip, endpoint.allowed_ips);
  return !isWildcard(endpoint) || !isIn(ip, [...privateRanges, ...specialRanges]);
}

export const isHost = ({ host }: Endpoint, asked: string) => host === undefined || isDotted(host.toLowerCase(), asked);
export const portsOf = ({ port, ports = [] }: Endpoint): readonly number[] => (port === undefined ? ports : [port]);
export const isRest = ({ protocol }: Endpoint) => protocol === "rest";

const isEntry = ({ binaries = [] }: Entry, { context = {} }: OpenshellRequest) =>
  context.binary_identity === "off" || binaries.some(({ path }) => context.binaries?.some((binary) => isSlashed(path, binary)));

/** The endpoints that the asking executable may use, for this host and port. */
function endpointsFor(policy: OpenshellPolicy, request: OpenshellRequest): readonly Endpoint[] {
  const { host, port } = request;
  if (host === undefined || port === undefined) return [];
  return Object.values(policy.network_policies ?? {})
    .filter((entry) => isEntry(entry, request))
    .flatMap(({ endpoints }) => endpoints.filter((endpoint) => isHost(endpoint, host) && portsOf(endpoint).includes(port)));
}

const isMethod = (rule: string, method: string) =>
  rule === "*" || rule.toUpperCase() === method || (rule.toUpperCase() === "GET" && method === "HEAD");
const isValue = (matcher: Matcher, value: string) =>
  (typeof matcher === "string" ? [matcher] : matcher.any).some((glob) => isDotted(glob, value));

/** Whether a rule is about a request: in an allow rule every value of a query's key must match, in a deny rule one is enough. */
function isRule(rule: RestRule, { method = "", route = "", query = {} }: OpenshellRequest, of: "allow" | "deny"): boolean {
  if (!isMethod(rule.method, method) || !isSlashed(rule.path, route)) return false;
  return Object.entries(rule.query ?? {}).every(([key, matcher]) => {
    const values = query[key] ?? [];
    const some = values.some((value) => isValue(matcher, value));
    return of === "deny" ? some : some && values.every((value) => isValue(matcher, value));
  });
}

const presets = { "read-only": ["GET", "HEAD", "OPTIONS"], "read-write": ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"], full: ["*"] };
const rulesOf = ({ access, rules = [] }: Endpoint): readonly RestRule[] =>
  access === undefined ? rules.map(({ allow }) => allow) : presets[access].map((method) => ({ method, path: "**" }));

function decideHttp(endpoints: readonly Endpoint[], request: OpenshellRequest): OpenshellDecision {
  const here = endpoints.filter(({ path }) => path === undefined || isSlashed(path, request.route ?? ""));
  if (here.some(({ deny_rules = [] }) => deny_rules.some((rule) => isRule(rule, request, "deny")))) return "deny";
  const holding = here
    .filter((endpoint) => isAddress(endpoint, request.ip))
    .flatMap((endpoint) => rulesOf(endpoint).filter((rule) => isRule(rule, request, "allow")));
  // OpenShell's draft of reviews lets a request through that a rule without a review permits as well; here the review stays.
  if (holding.some(({ review }) => review?.required === true)) return "ask";
  return holding.length > 0 ? "allow" : "deny";
}

/** The path that OpenShell asks a policy about: without the parameters of its segments. */
const withoutParameters = (route: string) => route.replace(/;[^/]*/g, "").replace(/\/{2,}/g, "/");

function decideNetwork(policy: OpenshellPolicy, asked: OpenshellRequest): OpenshellDecision {
  const request = asked.route === undefined ? asked : { ...asked, route: withoutParameters(asked.route) };
  const endpoints = endpointsFor(policy, request);
  const inspected = endpoints.filter(isRest);
  if (request.action === "credential:use") {
    const bound = endpoints.some((each) => each.credential_binding?.provider === request.provider && isAddress(each, request.ip));
    return bound && request.provider !== undefined ? "allow" : "deny";
  }
  if (inspected.length > 0) return request.action === "net:http" ? decideHttp(inspected, request) : "deny";
  return endpoints.some((endpoint) => isAddress(endpoint, request.ip)) ? "allow" : "deny";
}

/** Whether `path` is `directory`, or beneath it. */
function isBeneath(directory: string, path: string): boolean {
  const parts = directory.split("/").filter((part) => part !== "" && part !== ".");
  return parts.every((part, at) => path.split("/")[at + 1] === part);
}

function decideFile(policy: OpenshellPolicy, { action, path, workdir }: OpenshellRequest, anchor: string | undefined): OpenshellDecision {
  const { include_workdir = false, read_only = [], read_write = [] } = policy.filesystem_policy ?? { include_workdir: true };
  if (include_workdir && anchor === undefined && workdir === true) return "allow";
  const writable = [...read_write, ...(include_workdir && anchor !== undefined ? [anchor] : [])];
  const open = action === "fs:write" ? writable : [...writable, ...read_only];
  return path !== undefined && open.some((directory) => isBeneath(directory, path)) ? "allow" : "deny";
}

function decideStart(policy: OpenshellPolicy, { user, group, landlock }: OpenshellRequest): OpenshellDecision {
  const { run_as_user = user, run_as_group = group } = policy.process ?? {};
  const modes = ["hard_requirement", policy.landlock?.compatibility ?? "best_effort"];
  return run_as_user === user && run_as_group === group && landlock !== undefined && modes.includes(landlock) ? "allow" : "deny";
}

/** Returns what the policy decides of a well-formed request; `workdir` is the directory of `--workdir`. */
export function decideOpenshell(policy: OpenshellPolicy, request: OpenshellRequest, workdir: string | undefined): OpenshellDecision {
  switch (request.action) {
    case "fs:read":
    case "fs:write":
      return decideFile(policy, request, workdir);
    case "sandbox:start":
      return decideStart(policy, request);
    case "net:connect":
    case "net:http":
    case "credential:use":
      return decideNetwork(policy, request);
    default:
      return "deny";
  }
}

export type Profile = {
  readonly id: string;
  readonly credentials?: readonly { readonly name: string }[];
  readonly endpoints: readonly Endpoint[];
  readonly binaries: readonly string[];
};

/** Returns what a provider profile decides: one entry without files or a process, whose credentials go to its own endpoints. */
export function decideProfile({ id, credentials = [], endpoints, binaries }: Profile, request: OpenshellRequest): OpenshellDecision {
  if (!/^net:|^credential:use$/.test(request.action)) return "deny";
  const policy: OpenshellPolicy = { version: 1, network_policies: { [id]: { endpoints, binaries: binaries.map((path) => ({ path })) } } };
  if (request.action === "credential:use" && request.provider === id && credentials.some(({ name }) => name === request.credential)) {
    return endpointsFor(policy, request).some((endpoint) => isAddress(endpoint, request.ip)) ? "allow" : "deny";
  }
  return decideOpenshell(policy, request, undefined);
}

// Hosts of which some two patterns of the tests both match at least one, where any host matches both.
const probes = ["api.example.com", "a.example.com", "a-api.example.com", "b.a.example.com", "x.a.example.com", "other.test", "10.1.2.3"];
const reach = (endpoint: Endpoint) =>
  endpoint.allowed_ips === undefined
    ? String(isWildcard(endpoint))
    : [...new Set(endpoint.allowed_ips.map((block) => blockBits(block.toLowerCase())))].toSorted().join(" ");
const hasSettings = ({ protocol, tls, allowed_ips }: Endpoint) => protocol === "tcp" || tls === "skip" || allowed_ips !== undefined;

/** Returns where endpoints stand that meet others on a host and port, while only the order of the two would say what holds there. */
export function unsettled(policy: OpenshellPolicy): readonly string[] {
  const all = Object.entries(policy.network_policies ?? {}).flatMap(([name, { endpoints }]) =>
    endpoints.map((endpoint, index) => ({ endpoint, pointer: `/network_policies/${name}/endpoints/${index}` })),
  );
  return all.flatMap(({ endpoint: left, pointer: leftPointer }, index) =>
    all.slice(index + 1).flatMap(({ endpoint: right, pointer }) => {
      const meet =
        portsOf(left).some((port) => portsOf(right).includes(port)) && probes.some((host) => isHost(left, host) && isHost(right, host));
      if (!meet) return [];
      const [l4, at] = isRest(left) ? [right, pointer] : [left, leftPointer];
      const settings = isRest(left) !== isRest(right) && hasSettings(l4) ? [at] : [];
      return reach(left) === reach(right) ? settings : [pointer, ...settings];
    }),
  );
}
