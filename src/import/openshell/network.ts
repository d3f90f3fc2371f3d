// Network entries as rules of `atmost/1`. Not trusted.
//   net:http     one HTTP request that the runtime reads: host, port, ip, method, route, query.<key>
//   net:connect  a connection whose bytes nobody reads: host, port, ip
//   credential:use  the runtime puts a provider's credential into a request: provider, credential, host, port
// `context.binaries` is the executable that asks and its ancestors; `context.binary_identity` is "off" where the runtime does not
// establish it, so that entries are open to every program.

import type { Json, JsonObject } from "../index.js";
import { CLOSED_BLOCKS, INTERNAL_BLOCKS } from "./addresses.js";
import { escapePattern, isIpv4 } from "./globs.js";
import { inspectedInstead, type Placement } from "./overlap.js";
import type { Endpoint, Entry, Grant, QueryPredicate, RequestShape } from "./shape.js";

/** What a condition does where it holds: an ask and a deny hold a request back that another rule allows. */
type Side = "allow" | "ask" | "deny";

/** Methods by name, so that a counterexample to "any method" has an ordinary one to show. */
const COMMON_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const ANY_METHOD: JsonObject = { any: [{ method: { in: COMMON_METHODS } }, { method: { matches: "[A-Z][A-Z0-9_-]*" } }] };

// SOURCE: OpenShell, l7/path.rs: `;` and what follows it are cut off each segment before a policy is asked. A request here is judged by
// its text, which a deny rule for `/admin` does not see in `/admin;v=1`: so no rule with a wildcard permits such a text.
const WITH_PARAMETERS: JsonObject = { route: { route: "/**/*;*/**" } };

/** Returns the rules of all endpoints, in the order of the source; a rule's `id` is the pointer of what it comes from. */
export function networkRules(placements: readonly Placement[]): readonly JsonObject[] {
  return placements.flatMap((placement) => endpointRules(placement, placements));
}

function endpointRules(placement: Placement, all: readonly Placement[]): readonly JsonObject[] {
  const { entry, endpoint } = placement;
  const rules: JsonObject[] = [];
  const held = exceptions(placement, all);
  const { layer } = endpoint;
  switch (layer.kind) {
    case "l4": {
      const when = conjunction([connection(endpoint, "allow")], entry);
      rules.push({ id: idOf(endpoint.pointer), effect: "allow", action: ["net:connect", "net:http"], when, ...unlessAny(held) });
      break;
    }
    case "rest":
      for (const grant of layer.grants) {
        const open = [...grant.routes, ...(layer.scope ?? [])].some((route) => route.includes("*"));
        rules.push({ ...grantRule(grant, endpoint, layer.scope, entry), ...unlessAny(open ? [...held, WITH_PARAMETERS] : held) });
      }
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
    rules.push(credentialRule(`${endpoint.pointer}/credential_binding`, who, placement, all));
  }
  return rules;
}

/** Returns the rule that lets the credentials that `who` selects be put into requests to the endpoint, for those who may reach it. */
export function credentialRule(pointer: string, who: JsonObject, placement: Placement, all: readonly Placement[]): JsonObject {
  const when = conjunction([{ ...who, ...connection(placement.endpoint, "allow") }], placement.entry);
  return { id: idOf(pointer), effect: "allow", action: "credential:use", when, ...unlessAny(exceptions(placement, all)) };
}

function grantRule(grant: Grant, endpoint: Endpoint, scope: readonly string[] | undefined, entry: Entry): JsonObject {
  const effect = grant.review === undefined ? "allow" : "ask";
  const when = requestCondition(grant, endpoint, scope, entry, effect);
  const rule: JsonObject = { id: idOf(grant.pointer), effect, action: "net:http", when };
  return grant.review === undefined ? rule : { ...rule, because: grant.review };
}

function requestCondition(
  shape: RequestShape,
  endpoint: Endpoint,
  scope: readonly string[] | undefined,
  entry: Entry,
  side: Side,
): JsonObject {
  const parts: JsonObject[] = [
    {
      ...connection(endpoint, side),
      ...(shape.methods === "any" ? {} : { method: oneOf(shape.methods) }),
      route: { route: oneOrList(shape.routes) },
      ...queryFields(shape, side),
    },
  ];
  if (scope !== undefined && scope.join(" ") !== shape.routes.join(" ")) parts.push({ route: { route: oneOrList(scope) } });
  if (shape.methods === "any" && side !== "deny") parts.push(ANY_METHOD);
  return conjunction(parts, entry);
}

/** An allow needs the key, and every one of its values to match; a deny needs one that does. */
function queryFields(shape: RequestShape, side: Side): JsonObject {
  return Object.fromEntries(
    shape.query.map(({ key, value: wanted }): [string, Json] => {
      const value = side === "allow" ? wanted : strict(wanted);
      const field = /^[A-Za-z0-9_-]+$/.test(key) ? `query.${key}` : `query[${JSON.stringify(key)}]`;
      return [field, side === "deny" ? { some: value } : { some: value, each: value }];
    }),
  );
}

/** Texts as globs, which are unknown of a value that is no text, where `eq` and `in` are just false of it. */
function strict(value: QueryPredicate): QueryPredicate {
  const { eq, in: several } = value;
  const texts = [eq ?? [], several ?? []].flat();
  return texts.length === 0 ? value : { glob: oneOrList(texts.map(escapePattern)) };
}

/**
 * Which connections are the endpoint's. A field that is absent, of another type or not canonical never lets an allow hold, and never keeps
 * an ask or a deny from holding: so these read an exact host by `host`, which is unknown of odd spelling, where `eq` would just be false.
 */
function connection(endpoint: Endpoint, side: Side): JsonObject {
  const { host, ports } = endpoint;
  const ip = addressFields(endpoint, side);
  return {
    ...hostFields(host, side),
    port: oneOf(ports),
    ...(Object.keys(ip).length === 0 ? {} : { ip }),
  };
}

function hostFields(host: Endpoint["host"], side: Side): JsonObject {
  if (host === undefined || host.kind === "refused") return side === "deny" ? {} : { host: { present: true } };
  if (host.kind === "wildcard") return { host: { host: host.pattern } };
  return { host: side === "allow" ? { eq: host.host } : { host: host.host } };
}

/** A literal is reached at its own address only; where a wildcard goes, the address must be known, for some of them are held back. */
function addressFields({ host, blocks }: Endpoint, side: Side): JsonObject {
  const within: JsonObject = blocks === undefined ? {} : { cidr: oneOrList(blocks) };
  if (side === "deny") return within;
  if (host?.kind === "exact") return isIpv4(host.host) ? { ...within, eq: host.host } : within;
  return blocks === undefined ? { present: true } : within;
}

/** What the endpoint does not reach although its host and port match: addresses that are held back, and what is inspected instead. */
function exceptions(placement: Placement, all: readonly Placement[]): readonly JsonObject[] {
  return [
    ...heldBack(placement.endpoint),
    ...inspectedInstead(placement, all).map((other) => conjunction([connection(other.endpoint, "deny")], other.entry)),
  ];
}

function unlessAny(parts: readonly JsonObject[]): JsonObject {
  const [first, ...more] = parts;
  return first === undefined ? {} : { unless: more.length === 0 ? first : { any: parts } };
}

function heldBack({ host, blocks }: Endpoint): readonly JsonObject[] {
  if (blocks !== undefined) return [];
  if (host?.kind !== "exact") return [{ ip: { cidr: [...CLOSED_BLOCKS, ...INTERNAL_BLOCKS] } }];
  return isIpv4(host.host) ? [] : [{ ip: { cidr: CLOSED_BLOCKS } }];
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
export function oneOrList(patterns: readonly string[]): string | readonly string[] {
  const [first, ...more] = patterns;
  return first !== undefined && more.length === 0 ? first : patterns;
}
