// Requests with one field spoilt: absent, of another type, or not canonical. Beside each stand the well-formed requests that it may have been
// meant as; whoever decides it may permit no more than the least of them. Test code, not trusted.

import type { JsonObject } from "../../src/import/index.js";
import { addresses, binaries, chooser, hosts, methods, routes, values } from "./import-openshell-policies.js";
import type { OpenshellRequest } from "./import-openshell-reference.js";

/** A request that is not well formed, what was spoilt, and what it may have been meant as. */
export type Odd = { readonly field: string; readonly request: JsonObject; readonly meant: readonly OpenshellRequest[] };

type Field = keyof OpenshellRequest;
type Spoilt = { readonly bad: readonly unknown[]; readonly good: readonly unknown[] };

const ABSENT = Symbol("absent");
// OpenShell resolves a name by itself and keeps these closed: a request that does not say its address yet is judged without them.
const isClosed = (ip: string) => /^(?:127\.|169\.254\.|0\.0\.0\.0$|::1?$|fe[89ab])/.test(ip);

/** For each field, what it may be spoilt to, and the right values that a spoilt one may stand for. */
function spoiltOf(field: Field, request: OpenshellRequest): Spoilt {
  const own = request[field];
  const others = [null, 7, true, {}, [own], ""];
  switch (field) {
    case "host":
      return { bad: [ABSENT, String(own).toUpperCase(), `${own}.`, ` ${own}`, ...others], good: [own, ...hosts] };
    case "port":
      return { bad: [ABSENT, String(own), [own], null, {}, Number(own) + 0.5, -1], good: [own, 80, 443, 8443, 22] };
    case "ip":
      return { bad: [`::ffff:${own}`, `0${own}`, `${own}/32`, ...others], good: [own, ...addresses] };
    case "method":
      return { bad: [ABSENT, String(own).toLowerCase(), `${own} `, ...others], good: [own, ...methods] };
    case "route":
      return {
        bad: [ABSENT, `${own}/../a`, `/${own}`, `/%2e%2e${own}`, `${own}%2Fa`, `${own}/./`, String(own).slice(1), ...others],
        good: [own, ...routes],
      };
    case "query":
      return {
        bad: ["q=a", 7, null, ["a"]],
        good: [undefined, ...values.flatMap((each) => [{ q: [each] }, { r: [each] }, { "a.b": [each] }])],
      };
    case "context":
      return { bad: [ABSENT, "off", ["off"], null], good: [{ binaries: [] }] };
    case "path":
      return { bad: [ABSENT, `${own}/../etc`, `/${own}`, `${own}/`, `${own}/.`, "a", ...others], good: [own, "/etc", "/a", "/"] };
    case "workdir":
      return { bad: [ABSENT, "true", 1, [true], null], good: [false] };
    case "landlock":
      return { bad: [ABSENT, "none", ...others], good: ["off", "best_effort", "hard_requirement"] };
    case "action":
      return { bad: [ABSENT, `${own} `, String(own).toUpperCase(), ...others], good: ["net:other"] };
    default:
      return { bad: [ABSENT, ...others], good: [own, "sandbox", "1500", "vault", "work", "p"] };
  }
}

function replaced(request: OpenshellRequest, field: string, value: unknown): JsonObject {
  const rest = Object.entries(request).filter(([name]) => name !== field);
  return Object.fromEntries(value === ABSENT ? rest : [...rest, [field, value]]) as JsonObject;
}
const wellFormed = (request: OpenshellRequest, field: string, value: unknown) =>
  replaced(request, field, value ?? ABSENT) as OpenshellRequest;

/** One value of a query's key: no list, or a list in which something is no text. */
function oddQuery(request: OpenshellRequest, choose: ReturnType<typeof chooser>): Odd {
  const { query = {} } = request;
  const key = choose("q", "r", "a.b", ...Object.keys(query));
  const own = query[key] ?? [];
  const bad = choose<unknown>([], "a", 1, null, {}, [1], [...own, 1], [...own, null], [...own, ["a"]], [own]);
  const without = Object.fromEntries(Object.entries(query).filter(([name]) => name !== key));
  const empty = Array.isArray(bad) && bad.length === 0;
  const good = empty ? [] : values.map((each) => wellFormed(request, "query", { ...without, [key]: [...own, each] }));
  const meant = empty || own.length === 0 ? [...good, wellFormed(request, "query", without)] : good;
  return { field: "query.key", request: replaced(request, "query", { ...without, [key]: bad }), meant };
}

/** Who asks: an executable that is none stands for any, and what does not say that identity is off does not switch it off. */
function oddContext(request: OpenshellRequest, choose: ReturnType<typeof chooser>): Odd {
  const { binaries: own = [], ...others } = request.context ?? {};
  const context = (value: JsonObject) => replaced(request, "context", value);
  if (choose("binaries", "identity") === "identity") {
    const bad = choose<unknown>(7, "OFF", true, null, ["off"], {}, "");
    const meant = [{ binaries: own }, { binaries: own, binary_identity: "on" }].map((value) => wellFormed(request, "context", value));
    return { field: "context.binary_identity", request: context({ binaries: own, binary_identity: bad } as JsonObject), meant };
  }
  const mixed = choose(true, false);
  const bad = mixed
    ? [...own, choose<unknown>(7, null, "x", "/usr//bin/curl", {})]
    : choose<unknown>("/usr/bin/curl", 7, null, {}, [7], [[]]);
  const good = [[], ...binaries.map((each) => [each])].map((more) => (mixed ? [...own, ...more] : more));
  return {
    field: "context.binaries",
    request: context({ ...others, binaries: bad } as JsonObject),
    meant: good.map((each) => wellFormed(request, "context", { ...others, binaries: each })),
  };
}

/** Returns the request with one field spoilt. */
export function oddFrom(request: OpenshellRequest, seed: number): Odd {
  const choose = chooser(seed);
  const isNetwork = request.action === "net:http" || request.action === "net:connect" || request.action === "credential:use";
  const nested = isNetwork ? (request.action === "net:http" ? ["query.key", "query.key", "host", "context.*"] : ["context.*"]) : [];
  const names = Object.keys(request) as Field[];
  const field = choose<string>(...names, ...nested);
  if (field === "query.key") return oddQuery(request, choose);
  if (field === "context.*") return oddContext(request, choose);
  const { bad, good } = spoiltOf(field as Field, request);
  if (field === "ip" && choose(0, 1, 2) === 0) {
    const meant = [request.ip ?? "", ...addresses].filter((ip) => !isClosed(ip)).map((ip) => wellFormed(request, "ip", ip));
    return { field: "no ip", request: replaced(request, "ip", ABSENT), meant };
  }
  const meant = good.map((value) => wellFormed(request, field, value));
  return { field, request: replaced(request, field, choose(...bad.filter((value) => value !== request[field as Field]))), meant };
}
