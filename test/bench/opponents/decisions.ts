// Engines for single decisions, with the same policy put into their own words. Where they have no word for a predicate, a cheaper one stands
// in its place, so that they are not made to look slow. Benchmark code, not trusted.

import { readFileSync } from "node:fs";
import { isRecord, type LooseRule, rulesOf, textsOf } from "../json.js";
import type { Json } from "../product.js";

type Request = { readonly [key: string]: unknown };

/** An engine with a policy. */
export type Engine = { readonly name: string; readonly permits: (request: Request) => boolean };

// The engines are the benchmark's own dependencies: they are not there where the product is type-checked.
const load = async (name: string): Promise<unknown> => import(name);
const named = (name: string): string => {
  // A package may not export its package.json, so it is read where it lies beside this bundle.
  const { version } = JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return `${name} ${version}`;
};

const actionsOf = (rules: readonly LooseRule[]): readonly string[] => [
  ...new Set(rules.flatMap(({ actions }) => actions).filter((action) => !action.includes("*"))),
];
// The actions that the policy names and that a pattern with wildcards meets.
const actionsMeeting = (pattern: string, known: readonly string[]): readonly string[] =>
  pattern.includes("*") ? known.filter((action) => action.startsWith(pattern.replace(/\*+$/, ""))) : [pattern];

// ---- Cedar ----

type Cedar = {
  readonly preparsePolicySet: (id: string, policies: { readonly staticPolicies: string }) => { readonly type: string };
  readonly statefulIsAuthorized: (call: unknown) => { readonly type: string; readonly response?: { readonly decision: string } };
};
const parseCedar = (module: unknown): Cedar => {
  const { default: inner, ...outer } = module as Cedar & { readonly default?: Cedar };
  return inner?.preparsePolicySet === undefined ? outer : inner;
};

const like = (pattern: string): string => JSON.stringify(pattern.replaceAll("/**/", "/*").replaceAll("**.", "*").replaceAll("**", "*"));

function cedarPredicate(field: string, name: string, argument: Json): string {
  const either = (parts: readonly string[]) => (parts.length === 1 ? (parts[0] ?? "false") : `(${parts.join(" || ")})`);
  switch (name) {
    case "eq":
      return `${field} == ${JSON.stringify(argument)}`;
    case "in":
      return `${JSON.stringify(argument)}.contains(${field})`;
    case "gt":
    case "after":
      return `${field} > ${name === "gt" ? argument : Date.parse(String(argument))}`;
    case "gte":
      return `${field} >= ${argument}`;
    case "lt":
    case "before":
      return `${field} < ${name === "lt" ? argument : Date.parse(String(argument))}`;
    case "lte":
      return `${field} <= ${argument}`;
    case "cidr":
      return either(textsOf(argument).map((block) => `ip(${field}).isInRange(ip(${JSON.stringify(block)}))`));
    case "each":
      return `${JSON.stringify(isRecord(argument) ? (argument["in"] ?? [argument["eq"] ?? ""]) : [])}.containsAll(${field})`;
    case "prefix":
      return either(textsOf(argument).map((text) => `${field} like ${JSON.stringify(`${text}*`)}`));
    case "suffix":
      return either(textsOf(argument).map((text) => `${field} like ${JSON.stringify(`*${text}`)}`));
    case "matches":
      return either(textsOf(argument).map((text) => `${field} like ${JSON.stringify(`${text.split(/[[(\\]/)[0] ?? ""}*`)}`));
    default:
      return either(textsOf(argument).map((pattern) => `${field} like ${like(pattern)}`));
  }
}

function cedarPolicy({ id, effect, actions, when }: LooseRule, known: readonly string[]): string {
  const uids = actions.flatMap((action) => actionsMeeting(action, known)).map((action) => `Action::${JSON.stringify(action)}`);
  const conditions = Object.entries(when).flatMap(([field, predicates]) => {
    const [first = "", second] = field.replace(/^context\./, "env.").split(".");
    const has = second === undefined ? `context has ${first}` : `context has ${first} && context.${first} has ${second}`;
    const path = second === undefined ? `context.${first}` : `context.${first}.${second}`;
    return [has, ...Object.entries(isRecord(predicates) ? predicates : {}).map(([name, argument]) => cedarPredicate(path, name, argument))];
  });
  const head = `@id(${JSON.stringify(id)})\n${effect === "deny" ? "forbid" : "permit"} (principal, action in [${uids.join(", ")}], resource)`;
  return conditions.length === 0 ? `${head};` : `${head} when { ${conditions.join(" && ")} };`;
}

/** Returns Cedar with the policy parsed once. An ask is a permit there. */
export async function createCedar(policy: string): Promise<Engine> {
  const cedar = parseCedar(await load("@cedar-policy/cedar-wasm/nodejs"));
  const rules = rulesOf(policy);
  const known = actionsOf(rules);
  const parsed = cedar.preparsePolicySet("bench", { staticPolicies: rules.map((rule) => cedarPolicy(rule, known)).join("\n") });
  if (parsed.type !== "success") throw new Error(`cedar: ${JSON.stringify(parsed).slice(0, 500)}`);
  const principal = { type: "Agent", id: "a" };
  const resource = { type: "World", id: "w" };
  return {
    name: named("@cedar-policy/cedar-wasm"),
    permits: ({ action, context, ...others }) => {
      const answer = cedar.statefulIsAuthorized({
        principal,
        action: { type: "Action", id: action },
        resource,
        context: { ...others, env: context },
        preparsedPolicySetId: "bench",
        entities: [],
      });
      if (answer.type !== "success") throw new Error(`cedar: ${JSON.stringify(answer).slice(0, 500)}`);
      return answer.response?.decision === "allow";
    },
  };
}

// ---- casbin ----

type Casbin = {
  readonly newEnforcer: (model: unknown, adapter: unknown) => Promise<{ readonly enforceSync: (...values: readonly unknown[]) => boolean }>;
  readonly newModelFromString: (text: string) => unknown;
  readonly StringAdapter: new (text: string) => unknown;
};
const parseCasbin = (module: unknown): Casbin => {
  const { default: inner, ...outer } = module as Casbin & { readonly default?: Casbin };
  return outer.newEnforcer === undefined && inner !== undefined ? inner : outer;
};

const casbinModel = `
[request_definition]
r = obj, act
[policy_definition]
p = obj, act, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = keyMatch(r.act, p.act) && keyMatch(r.obj, p.obj)
`;
const texts = new Set(["path", "host", "route", "glob", "prefix", "eq", "in", "cidr"]);

const reversed = (host: string): string => host.split(".").reverse().join(".");

// casbin's usual matchers see one text with a `*` at its end: the first field of a rule stands for all, host names are turned round, and a
// deny of several fields is left out, or it would deny everything. All of it is less work than ours.
function casbinLines({ effect, actions, when }: LooseRule): readonly string[] {
  if (effect === "deny" && Object.keys(when).length > 1) return [];
  const [field = "", predicates] = Object.entries(when)[0] ?? [];
  const entry = Object.entries(isRecord(predicates) ? predicates : {}).find(([name]) => texts.has(name));
  const patternOf = (text: string) =>
    (field === "host" ? reversed(text.replace(/^\*+/, "*")) : text.replace(/\.0\.0\/\d+$|:\/\d+$/, ".*")).replace(/\*.*$/, "*");
  const patterns = entry === undefined ? ["*"] : textsOf(entry[1]).map(patternOf);
  return actions.flatMap((action) =>
    patterns.map((pattern) => `p, "${pattern}", ${action.replace(/\*+$/, "*")}, ${effect === "deny" ? "deny" : "allow"}`),
  );
}

function firstText({ path, host, ip, args }: Request): string {
  if (typeof host === "string") return reversed(host);
  return String(path ?? ip ?? (typeof args === "object" && args !== null ? Object.values(args)[0] : ""));
}

/** Returns casbin with the policy read once. */
export async function createCasbin(policy: string): Promise<Engine> {
  const casbin = parseCasbin(await load("casbin"));
  const lines = rulesOf(policy).flatMap(casbinLines).join("\n");
  const enforcer = await casbin.newEnforcer(casbin.newModelFromString(casbinModel), new casbin.StringAdapter(lines));
  return { name: named("casbin"), permits: (request) => enforcer.enforceSync(firstText(request), request["action"]) };
}

// ---- CASL ----

type Casl = {
  readonly createMongoAbility: (rules: readonly unknown[]) => { readonly can: (action: string, subject: unknown) => boolean };
  readonly subject: (type: string, object: object) => unknown;
};

const expressionOf = (pattern: string, separator: string): string =>
  pattern
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*\\\.|\*\*|\*/g, (wild) =>
      wild === "*" ? `[^${separator}]*` : wild === "**" ? ".*" : `(?:[^${separator}]+${wild === "**/" ? "/" : "\\."})*`,
    );
const anchored = (parts: readonly string[]): RegExp => new RegExp(`^(?:${parts.join("|")})$`);

function caslPredicate(name: string, argument: Json): Readonly<Record<string, unknown>> {
  switch (name) {
    case "eq":
      return { $eq: argument };
    case "in":
      return { $in: argument };
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return { [`$${name}`]: argument };
    case "after":
      return { $gte: Date.parse(String(argument)) };
    case "before":
      return { $lt: Date.parse(String(argument)) };
    case "each":
      return { $in: isRecord(argument) ? (argument["in"] ?? [argument["eq"] ?? ""]) : [] };
    case "matches":
      return { $regex: anchored(textsOf(argument)) };
    case "prefix":
      return { $regex: anchored(textsOf(argument).map((text) => `${expressionOf(text, "/")}.*`)) };
    case "suffix":
      return { $regex: anchored(textsOf(argument).map((text) => `.*${expressionOf(text, "/")}`)) };
    case "cidr":
      return { $regex: anchored(textsOf(argument).map((block) => `${expressionOf(block.replace(/\.0.*$|::.*$/, ""), "/")}[.:].*`)) };
    default:
      return { $regex: anchored(textsOf(argument).map((pattern) => expressionOf(pattern, name === "host" ? "." : "/"))) };
  }
}

/** Returns CASL with the policy as rules with conditions. An ask is a grant there. */
export async function createCasl(policy: string): Promise<Engine> {
  const casl = (await load("@casl/ability")) as Casl;
  const rules = rulesOf(policy);
  const known = actionsOf(rules);
  const grants = rules.filter(({ effect }) => effect !== "deny");
  const denies = rules.filter(({ effect }) => effect === "deny");
  const ability = casl.createMongoAbility(
    [...grants, ...denies].map(({ effect, actions, when }) => ({
      action: actions.flatMap((action) => actionsMeeting(action, known)),
      subject: "request",
      inverted: effect === "deny",
      conditions: Object.fromEntries(
        Object.entries(when).map(([field, predicates]) => [
          field,
          Object.assign(
            {},
            ...Object.entries(isRecord(predicates) ? predicates : {}).map(([name, argument]) => caslPredicate(name, argument)),
          ),
        ]),
      ),
    })),
  );
  return {
    name: named("@casl/ability"),
    permits: (request) => ability.can(String(request["action"]), casl.subject("request", { ...request })),
  };
}
