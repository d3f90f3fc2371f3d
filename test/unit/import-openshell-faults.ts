// One fault put into a policy that is accepted, with the code and the place that it must be refused by. Test code, not trusted.

import type { JsonObject } from "../../src/import/index.js";
import type { Case, chooser } from "./import-openshell-policies.js";
import { type Endpoint, isRest } from "./import-openshell-reference.js";

/** A faulty document, and the problem that names the fault: code and JSON Pointer. */
export type Fault = { readonly document: JsonObject; readonly problem: string };
type Change = readonly [code: string, place: string, change: JsonObject, without?: readonly string[]];

const rule = (more: JsonObject): JsonObject => ({ method: "GET", path: "/a", ...more });
const anywhere: readonly Change[] = [
  ["unknown_key", "/hots", { hots: "a.example.com" }],
  ["not_supported", "/protocol", { protocol: "graphql" }],
  ["invalid_value", "/protocol", { protocol: "ftp" }],
  ["not_supported", "/allow_encoded_slash", { allow_encoded_slash: true }],
  ["not_supported", "/credential_signing", { credential_signing: "sigv4" }],
  ["missing_key", "/credential_binding", { credential_binding: {} }],
  ["wrong_type", "/ports/1", { ports: [443, 65_536] }, ["port"]],
  ["missing_key", "", {}, ["port", "ports"]],
  ["missing_key", "", {}, ["host", "allowed_ips"]],
  ...["*", "**", "*.com", "a.*.example.com", "a..b", "[::1]", "1.2.3", "example.com."].map(
    (host): Change => ["not_canonical", "/host", { host }],
  ),
  ["ambiguous_glob", "/host", { host: "a**.example.com" }],
  ...["127.0.0.1", "169.254.169.254", "0.0.0.0"].map((host): Change => ["invalid_value", "/host", { host }]),
  ...["127.0.0.0/8", "0.0.0.0/0", "::1", "fe80::/10", "::ffff:10.0.0.1", "10.0.0.0/33", "x"].map(
    (block): Change => ["invalid_value", "/allowed_ips/1", { allowed_ips: ["10.0.0.0/8", block] }],
  ),
];
const onRest: readonly Change[] = [
  ["missing_key", "", {}, ["enforcement"]],
  ["not_enforced", "/enforcement", { enforcement: "audit" }],
  ["not_enforced", "/tls", { tls: "skip" }],
  ["invalid_value", "/rules", { rules: [] }, ["access"]],
  ["invalid_value", "/rules", { rules: [{ allow: rule({}) }], access: "full" }],
  ["missing_key", "", {}, ["rules", "access"]],
  ["invalid_value", "/access", { access: "everything" }, ["rules"]],
  ["invalid_value", "/deny_rules", { deny_rules: [] }],
  ["missing_key", "/deny_rules/1", { deny_rules: [rule({}), { method: "GET" }] }],
  ["not_supported", "/deny_rules/0/tool", { deny_rules: [rule({ tool: "x" })] }],
  ["invalid_value", "/deny_rules/0/method", { deny_rules: [rule({ method: "G T" })] }],
  ["invalid_value", "/deny_rules/0/query/q", { deny_rules: [rule({ query: { q: { any: [] } } })] }],
  ["ambiguous_glob", "/deny_rules/0/query/q/any/1", { deny_rules: [rule({ query: { q: { any: ["a", "a**"] } } })] }],
  ["wrong_type", "/deny_rules/0/query/q", { deny_rules: [rule({ query: { q: 1 } })] }],
  ...["/a?", "/a**", "/[ab]", "/{a,b}", "/a\\b"].map((path): Change => ["ambiguous_glob", "/path", { path }]),
  ...["a", "*", "/a//b", "/a/../b", "/%2Fa", "/a b"].map(
    (path): Change => ["not_canonical", "/deny_rules/0/path", { deny_rules: [rule({ path })] }],
  ),
];
const onL4: readonly Change[] = [
  ["not_enforced", "/access", { access: "full" }],
  ["not_enforced", "/rules", { rules: [{ allow: rule({}) }] }],
  ["not_enforced", "/deny_rules", { deny_rules: [rule({})] }],
  ["not_enforced", "/path", { path: "/a" }],
  ["not_enforced", "/enforcement", { enforcement: "enforce" }],
  ["invalid_value", "/tls", { tls: "off" }],
];
const onDocument: readonly Change[] = [
  ["invalid_value", "/version", { version: 2 }],
  ["missing_key", "", {}, ["version"]],
  ["unknown_key", "/network_policy", { network_policy: {} }],
  ["not_supported", "/network_middlewares/a~1b", { network_middlewares: { "a/b": {} } }],
  ["not_supported", "/cedar_policy", { cedar_policy: "permit(principal, action, resource);" }],
  ["invalid_value", "/landlock/compatibility", { landlock: { compatibility: "none" } }],
  ["wrong_type", "/process/run_as_user", { process: { run_as_user: 1500 } }],
  ["not_canonical", "/filesystem_policy/read_only/1", { filesystem_policy: { read_only: ["/usr", "usr"] } }],
  ["not_canonical", "/filesystem_policy/read_write/0", { filesystem_policy: { read_write: ["/a/../b"] } }],
  ["unknown_key", "/filesystem_policy/read_onyl", { filesystem_policy: { read_onyl: ["/usr"] } }],
];
const binaries: readonly (readonly [code: string, path: string])[] = [
  ["not_canonical", "usr/bin/curl"],
  ["not_canonical", "/usr/../bin/x"],
  ["not_canonical", "/usr//bin/*"],
  ["ambiguous_glob", "/usr/b**"],
  ["ambiguous_glob", "/usr/b?n/*"],
];

const changed = (of: object, change: JsonObject, without: readonly string[] = []): JsonObject =>
  Object.fromEntries(Object.entries({ ...of, ...change }).filter(([key]) => !without.includes(key))) as JsonObject;

/** Returns the policy with one fault in it. */
export function faultIn({ policy }: Case, choose: ReturnType<typeof chooser>): Fault {
  const entries = Object.entries(policy.network_policies ?? {});
  if (entries.length === 0 || choose(0, 1, 2, 3) === 0) {
    const [code, place, change, without] = choose(...onDocument);
    return { document: changed(policy, change, without), problem: `${code} ${place}` };
  }
  const [name, entry] = choose(...entries);
  const into = (entryChange: JsonObject): JsonObject =>
    changed(policy, { network_policies: { ...policy.network_policies, [name]: { ...entry, ...entryChange } } as unknown as JsonObject });
  if (choose(0, 1, 2, 3) === 0) {
    const [code, path] = choose(...binaries);
    const listed = [...(entry.binaries ?? []), { path }];
    return { document: into({ binaries: listed }), problem: `${code} /network_policies/${name}/binaries/${listed.length - 1}/path` };
  }
  const index = choose(...entry.endpoints.keys());
  const endpoint: Endpoint = entry.endpoints[index] ?? {};
  const [code, place, change, without] = choose(...anywhere, ...(isRest(endpoint) ? onRest : onL4), ...(isRest(endpoint) ? onRest : onL4));
  const endpoints = entry.endpoints.map((each, at) => (at === index ? changed(each, change, without) : each)) as unknown as JsonObject[];
  return { document: into({ endpoints }), problem: `${code} /network_policies/${name}/endpoints/${index}${place}` };
}
