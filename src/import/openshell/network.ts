// Network entries as rules of `atmost/1`. Not trusted.
//   net:http     one HTTP request that the runtime reads: host, port, ip, method, route, query.<key>
//   net:connect  a connection whose bytes nobody reads: host, port, ip
//   credential:use  the runtime puts a provider's credential into a request: provider, credential, host, port
// `context.binaries` is the executable that asks and its ancestors; `context.binary_identity` is "off" where the runtime does not
// establish it, so that entries are open to every program.

import type { Json, JsonObject } from "../index.js";
import { INTERNAL_BLOCKS } from "./addresses.js";
import { inspectedInstead, type Placement } from "./overlap.js";
import type { Endpoint, Entry, Grant, RequestShape } from "./shape.js";

/** Methods by name, so that a counterexample to "any method" has an ordinary one to show. */
const COMMON_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const ANY_METHOD: JsonObject = { any: [{ method: { in: COMMON_METHODS } }, { method: { matches: "[A-Z][A-Z0-9_-]*" } }] };

/** Returns the rules of all endpoints, in the order of the source; a rule's `id` is the pointer of what it comes from. */
export function networkRules(placements: readonly Placement[]): readonly JsonObject[] {
  return placements.flatMap((placement) => endpointRules(placement, placements));
}

function endpointRules(placement: Placement, all: readonly Placement[]): readonly JsonObject[] {
  const { entry, endpoint } = placement;
  const rules: JsonObject[] = [];
  const except = exceptions(placement, all);
  const unless: JsonObject = except === undefined ? {} : { unless: except };
  const { layer } = endpoint;
  switch (layer.kind) {
    case "l4": {
      const when = conjunction([connection(endpoint)], entry);
      rules.push({ id: idOf(endpoint.pointer), effect: "allow", action: ["net:connect", "net:http"], when, ...unless });
      break;
    }
    case "rest":
      for (const grant of layer.grants) rules.push({ ...grantRule(grant, endpoint, layer.scope, entry), ...unless });
      for (const denial of layer.denials) {
        rules.push({
          id: idOf(denial.pointer),
          effect: "deny",
          action: "net:http",
          when: requestCondition(denial, endpoint, layer.scope, entry, "deny"),
        });
      }
      break;
  }
  if (endpoint.provider !== undefined) {
    const who: JsonObject = { provider: { eq: endpoint.provider } };
    rules.push({ ...credentialRule(`${endpoint.pointer}/credential_binding`, who, placement), ...unless });
  }
  return rules;
}

/** Returns the rule that lets the credentials that `who` selects be put into requests to the endpoint, for those who may reach it. */
export function credentialRule(pointer: string, who: JsonObject, { entry, endpoint }: Placement): JsonObject {
  const when = conjunction([{ ...who, ...connection(endpoint) }], entry);
  return { id: idOf(pointer), effect: "allow", action: "credential:use", when };
}

function grantRule(grant: Grant, endpoint: Endpoint, scope: readonly string[] | undefined, entry: Entry): JsonObject {
  const rule: JsonObject = {
    id: idOf(grant.pointer),
    effect: grant.review === undefined ? "allow" : "ask",
    action: "net:http",
    when: requestCondition(grant, endpoint, scope, entry, "allow"),
  };
  return grant.review === undefined ? rule : { ...rule, because: grant.review };
}

function requestCondition(
  shape: RequestShape,
  endpoint: Endpoint,
  scope: readonly string[] | undefined,
  entry: Entry,
  side: "allow" | "deny",
): JsonObject {
  const parts: JsonObject[] = [
    {
      ...connection(endpoint),
      ...(shape.methods === "any" ? {} : { method: oneOf(shape.methods) }),
      route: { route: oneOrList(shape.routes) },
      ...queryFields(shape, side),
    },
  ];
  if (scope !== undefined && scope.join(" ") !== shape.routes.join(" ")) parts.push({ route: { route: oneOrList(scope) } });
  if (shape.methods === "any" && side === "allow") parts.push(ANY_METHOD);
  return conjunction(parts, entry);
}

/** An allow needs the key, and every one of its values to match; a deny needs one that does. */
function queryFields(shape: RequestShape, side: "allow" | "deny"): JsonObject {
  return Object.fromEntries(
    shape.query.map(({ key, value }): [string, Json] => {
      const field = /^[A-Za-z0-9_-]+$/.test(key) ? `query.${key}` : `query[${JSON.stringify(key)}]`;
      return [field, side === "allow" ? { some: value, each: value } : { some: value }];
    }),
  );
}

function connection({ host, ports, blocks }: Endpoint): JsonObject {
  return {
    ...(host === undefined || host.kind === "refused" ? {} : { host: host.kind === "exact" ? { eq: host.host } : { host: host.pattern } }),
    port: oneOf(ports),
    ...(blocks === undefined ? {} : { ip: { cidr: oneOrList(blocks) } }),
  };
}

/** What the endpoint does not reach although its host and port match: internal addresses, and what is inspected instead. */
function exceptions(placement: Placement, all: readonly Placement[]): JsonObject | undefined {
  const { endpoint } = placement;
  const internal = endpoint.blocks === undefined && endpoint.host?.kind !== "exact";
  const parts: readonly JsonObject[] = [
    ...(internal ? [{ ip: { cidr: INTERNAL_BLOCKS } }] : []),
    ...inspectedInstead(placement, all).map((other) => conjunction([connection(other.endpoint)], other.entry)),
  ];
  const [first, ...more] = parts;
  return first === undefined || more.length === 0 ? first : { any: parts };
}

// Fields and combinators of one object are all required, so the fields stay on top, where a reader looks first.
function conjunction([fields = {}, ...more]: readonly JsonObject[], entry: Entry): JsonObject {
  return { ...fields, ...(more.length === 0 ? {} : { all: more }), ...whoAsks(entry) };
}

function whoAsks({ binaries }: Entry): JsonObject {
  const off: JsonObject = { "context.binary_identity": { eq: "off" } };
  return binaries.length === 0 ? off : { any: [{ "context.binaries": { some: { path: oneOrList(binaries) } } }, off] };
}

// A rule's id: the pointer of its source without the leading slash.
function idOf(pointer: string): string {
  return pointer.slice(1);
}

/** Returns the predicate that holds of exactly these values. */
export function oneOf(values: readonly (string | number)[]): JsonObject {
  const [first, ...more] = values;
  return first !== undefined && more.length === 0 ? { eq: first } : { in: values };
}

/** Returns the one pattern, or the list of them: a predicate takes either. */
export function oneOrList(patterns: readonly string[]): Json {
  const [first, ...more] = patterns;
  return first !== undefined && more.length === 0 ? first : patterns;
}
