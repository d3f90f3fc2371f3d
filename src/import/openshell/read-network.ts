// Reads entries, endpoints and binaries of an OpenShell network section. Not trusted.

import { canonicalBlock } from "./addresses.js";
import { at, describe, type Tree, type TreeMap } from "./document.js";
import { isIpv4, type TranslatedHost, translateBinaryGlob, translateHost } from "./globs.js";
import { readDenials, readGrants, readRouteGlob } from "./read-rules.js";
import { note, type Placed, type Report, readFlag, readList, readMap, readOptionalText, readText, readTexts, refuse } from "./reader.js";
import type { Endpoint, Entry, Layer } from "./shape.js";

/** Switches that change what a request carries or how it is inspected. False is what their absence means. */
const REFUSED_FLAGS = [
  "allow_encoded_slash",
  "websocket_credential_rewrite",
  "request_body_credential_rewrite",
  "allow_uninspected_credentials",
];
/** Keys of protocols and of signing that no rule of ours can say. */
const REFUSED_KEYS = [
  "persisted_queries",
  "graphql_persisted_queries",
  "graphql_max_body_bytes",
  "credential_signing",
  "signing_service",
  "signing_region",
  "json_rpc",
  "mcp",
];
const ENDPOINT_KEYS = [
  "host",
  "path",
  "port",
  "ports",
  "protocol",
  "tls",
  "enforcement",
  "access",
  "rules",
  "deny_rules",
  "allowed_ips",
  "credential_binding",
  ...REFUSED_FLAGS,
  ...REFUSED_KEYS,
];
const REST_ONLY_KEYS = ["path", "enforcement", "access", "rules", "deny_rules"];

/** Returns one entry of `network_policies`. */
export function readEntry(report: Report, value: Tree, pointer: string): Entry | undefined {
  const map = readMap(report, value, pointer, ["name", "endpoints", "binaries"]);
  if (map === undefined) return undefined;
  const name = readOptionalText(report, map, "name", pointer);
  if (name !== undefined && at("/network_policies", name) !== pointer)
    note(report, `\`${pointer}\` is named \`${name}\`, which grants nothing`);
  const place = at(pointer, "binaries");
  const listed = map.get("binaries");
  const binaries = (listed === undefined ? [] : (readList(report, listed, place) ?? [])).flatMap((item, index) => {
    const binary = readMap(report, item, at(place, index), ["path"]);
    const path = binary?.get("path");
    if (binary !== undefined && path === undefined) {
      refuse(report, "missing_key", at(place, index), "a binary needs `path`", { expected: "`path`" });
    }
    const text = path === undefined ? undefined : readText(report, path, at(at(place, index), "path"));
    return text === undefined ? [] : [{ text, pointer: at(at(place, index), "path") }];
  });
  return finishEntry(report, map, pointer, binaries);
}

/** Returns the network half of a provider profile, whose binaries are plain strings. */
export function readProfileEntry(report: Report, map: TreeMap): Entry {
  const listed = map.get("binaries");
  return finishEntry(report, map, "", listed === undefined ? [] : readTexts(report, listed, "/binaries"));
}

function finishEntry(report: Report, map: TreeMap, pointer: string, binaries: readonly Placed[]): Entry {
  const patterns = binaries.flatMap(({ text, pointer: place }) => {
    const translated = translateBinaryGlob(text);
    if (translated.kind === "patterns") return translated.patterns;
    refuse(report, translated.code, place, `binary \`${text}\` cannot be translated: ${translated.reason}`, { got: text });
    return [];
  });
  if (binaries.length === 0) {
    const who = pointer === "" ? "the profile" : `\`${pointer}\``;
    report.notes.push(`${who} lists no binary: it is open only where the runtime does not establish who is asking`);
  }
  const place = at(pointer, "endpoints");
  const listed = map.get("endpoints");
  const endpoints = (listed === undefined ? [] : (readList(report, listed, place) ?? [])).flatMap((item, index) => {
    const endpoint = readEndpoint(report, item, at(place, index));
    return endpoint === undefined ? [] : [endpoint];
  });
  return { pointer, binaries: patterns, endpoints };
}

function readEndpoint(report: Report, value: Tree, pointer: string): Endpoint | undefined {
  const map = readMap(report, value, pointer, ENDPOINT_KEYS);
  if (map === undefined) return undefined;
  const blocks = readBlocks(report, map, pointer);
  const host = readHost(report, map, pointer, blocks !== undefined);
  const ports = readPorts(report, map, pointer);
  const provider = readBinding(report, map, pointer);
  const layer = readLayer(report, map, pointer);
  return layer === undefined || ports.length === 0 ? undefined : { pointer, host, ports, blocks, provider, layer };
}

function readHost(report: Report, map: TreeMap, pointer: string, hasBlocks: boolean): TranslatedHost | undefined {
  const value = map.get("host");
  const place = at(pointer, "host");
  if (value === undefined) {
    if (!hasBlocks)
      refuse(report, "missing_key", pointer, "an endpoint needs `host`", { expected: "`host`, or `allowed_ips` for any host" });
    return undefined;
  }
  const text = readText(report, value, place);
  if (text === undefined) return undefined;
  const host = translateHost(text);
  if (host.kind === "refused") refuse(report, host.code, place, `host \`${text}\` cannot be translated: ${host.reason}`, { got: text });
  const own = host.kind === "exact" && isIpv4(host.host) ? canonicalBlock(host.host) : undefined;
  if (own?.kind === "refused")
    refuse(report, "invalid_value", place, `host \`${text}\` cannot be translated: ${own.reason}`, { got: text });
  return host;
}

function readPorts(report: Report, map: TreeMap, pointer: string): readonly number[] {
  const single = map.get("port");
  const several = map.get("ports");
  if ((single === undefined) === (several === undefined)) {
    refuse(report, single === undefined ? "missing_key" : "invalid_value", pointer, "an endpoint needs `port` or `ports`, and not both", {
      expected: "one of `port` and `ports`",
    });
  }
  const listed = several === undefined ? [] : (readList(report, several, at(pointer, "ports")) ?? []);
  if (several !== undefined && listed.length === 0) {
    refuse(report, "invalid_value", at(pointer, "ports"), "`ports` holds no port", { expected: "at least one port" });
  }
  const places = listed.map((value, index) => ({ value, place: at(at(pointer, "ports"), index) }));
  if (single !== undefined) places.push({ value: single, place: at(pointer, "port") });
  const ports = places.flatMap(({ value, place }) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535) return [value];
    refuse(report, "wrong_type", place, "expected a TCP port", { expected: "an integer from 1 to 65535", got: describe(value) });
    return [];
  });
  return [...new Set(ports)].sort((left, right) => left - right);
}

function readBlocks(report: Report, map: TreeMap, pointer: string): readonly string[] | undefined {
  const value = map.get("allowed_ips");
  if (value === undefined) return undefined;
  const place = at(pointer, "allowed_ips");
  if (Array.isArray(value) && value.length === 0) {
    refuse(report, "invalid_value", place, "`allowed_ips` is empty", { expected: "at least one address, or no such key" });
  }
  const blocks = readTexts(report, value, place).flatMap(({ text, pointer: where }) => {
    const block = canonicalBlock(text);
    if (block.kind === "block") return [block.cidr];
    refuse(report, "invalid_value", where, `address \`${text}\` cannot be translated: ${block.reason}`, { got: text });
    return [];
  });
  return [...new Set(blocks)].sort();
}

function readBinding(report: Report, map: TreeMap, pointer: string): string | undefined {
  const value = map.get("credential_binding");
  if (value === undefined) return undefined;
  const place = at(pointer, "credential_binding");
  const binding = readMap(report, value, place, ["provider"]);
  const provider = binding?.get("provider");
  if (provider !== undefined) return readText(report, provider, at(place, "provider"));
  if (binding !== undefined) refuse(report, "missing_key", place, "`credential_binding` needs `provider`", { expected: "`provider`" });
  return undefined;
}

function readLayer(report: Report, map: TreeMap, pointer: string): Layer | undefined {
  const named = map.get("protocol");
  const protocol = (named === undefined ? "" : readText(report, named, at(pointer, "protocol")))?.toLowerCase();
  if (protocol === undefined) return undefined;
  if (protocol !== "" && protocol !== "tcp" && protocol !== "rest") {
    const known = ["graphql", "websocket", "mcp", "json-rpc", "sql"].includes(protocol);
    const message = known
      ? `protocol \`${protocol}\` is not translated: what it lets through is in the body of a request`
      : `protocol \`${protocol}\` is not known`;
    refuse(report, known ? "not_supported" : "invalid_value", at(pointer, "protocol"), message, {
      expected: "`rest`, `tcp` or no protocol",
      got: protocol,
    });
    return undefined;
  }
  refuseExtensions(report, map, pointer);
  const tls = readTls(report, map, pointer, protocol === "rest");
  return protocol === "rest" ? readRest(report, map, pointer) : readL4(report, map, pointer, protocol === "" && tls !== "skip");
}

function refuseExtensions(report: Report, map: TreeMap, pointer: string): void {
  for (const key of REFUSED_FLAGS) {
    if (readFlag(report, map, key, pointer)) {
      refuse(report, "not_supported", at(pointer, key), `\`${key}\` changes how requests are inspected, which no rule can say`, {
        expected: "false, or no such key",
      });
    }
  }
  for (const key of REFUSED_KEYS) {
    if (map.has(key)) refuse(report, "not_supported", at(pointer, key), `\`${key}\` is not translated`, { expected: "no such key" });
  }
}

/** `terminate` and `passthrough` are old words without effect. `skip` leaves nothing to inspect. */
function readTls(report: Report, map: TreeMap, pointer: string, inspected: boolean): string | undefined {
  const tls = readOptionalText(report, map, "tls", pointer);
  if (tls === undefined || tls === "terminate" || tls === "passthrough") return tls;
  const place = at(pointer, "tls");
  if (tls !== "skip")
    refuse(report, "invalid_value", place, `tls \`${tls}\` is not known`, { expected: "`skip`, or no such key", got: tls });
  else if (inspected)
    refuse(report, "not_enforced", place, "with `tls: skip` the rules of a rest endpoint are never looked at", { expected: "no such key" });
  return tls;
}

function readL4(report: Report, map: TreeMap, pointer: string, bare: boolean): Layer {
  for (const key of REST_ONLY_KEYS) {
    if (map.has(key))
      refuse(report, "not_enforced", at(pointer, key), `\`${key}\` has no effect without \`protocol: rest\``, {
        expected: "`protocol: rest`, or no such key",
      });
  }
  return { kind: "l4", bare: bare && !map.has("allowed_ips") };
}

function readRest(report: Report, map: TreeMap, pointer: string): Layer {
  const enforcement = map.get("enforcement");
  if (enforcement !== "enforce") {
    const place = enforcement === undefined ? pointer : at(pointer, "enforcement");
    refuse(
      report,
      enforcement === undefined ? "missing_key" : "not_enforced",
      place,
      "a rest endpoint that is not `enforcement: enforce` only logs what its rules forbid",
      {
        expected: "`enforcement: enforce`",
        got: enforcement === undefined ? "nothing, which OpenShell reads as `audit`" : describe(enforcement),
      },
    );
  }
  const scope = map.get("path");
  return {
    kind: "rest",
    scope: scope === undefined ? undefined : readRouteGlob(report, scope, at(pointer, "path")),
    grants: readGrants(report, map, pointer),
    denials: readDenials(report, map, pointer),
  };
}
