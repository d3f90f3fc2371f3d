// Delegations of the Agent Passport System as `atmost/1`. Not trusted. docs/import-agent-passport.md has the table of what becomes
// what, and of what is refused. Signatures are not checked here: a proof is about what a delegation says, not about who signed it.

import type { ImportOptions, ImportResult, JsonObject } from "../index.js";
import { assembleDocument, concludeImport, readJsonTree } from "../json-document.js";
import { at, describe, type Tree, type TreeMap } from "../openshell/document.js";
import { type Report, readChoice, readMap, readOptionalText, readTexts, refuse } from "../openshell/reader.js";
import { instantAfter, readInstant, remainingAmount } from "./amounts.js";
import { translateScope } from "./scopes.js";

const SCOPES_MAX = 1_000;
const TEXT_KEYS = ["delegationId", "delegatedTo", "delegatedBy", "createdAt", "signature", "revocationCheckUrl"];
const REFUSED_KEYS: ReadonlyMap<string, string> = new Map([
  ["derivation_rights", "it limits what may be learned from telemetry, which no request says"],
  ["observation_policy", "it is about how an agent is watched, which no request says"],
  ["obligationBundleHash", "the obligations themselves are not in the document"],
  ["credentialCheckPolicy", "it says when to verify again, which the enforcer decides"],
]);
const KEYS = [
  ...TEXT_KEYS,
  ...REFUSED_KEYS.keys(),
  "scope",
  "scopeInterpretation",
  "expiresAt",
  "notBefore",
  "spendLimit",
  "spentAmount",
  "spendLimitUnit",
  "maxDepth",
  "currentDepth",
];

/**
 * Returns the delegation as an `atmost/1` document iff every part of it could be translated; otherwise every problem at once.
 *
 * @param text one delegation as JSON, at most 1 MiB
 * @param options `limits` may add `children`; what the delegation says itself is not overwritten
 * @returns `ok` with the document and notes, or `refused` with at least one problem
 * @throws never
 * @example importAgentPassport('{"scope":["data:read"],"expiresAt":"2026-12-01T00:00:00Z","maxDepth":1,"currentDepth":0}')
 */
export function importAgentPassport(text: string, options: ImportOptions = {}): ImportResult {
  const report: Report = { problems: [], notes: [] };
  const root = readJsonTree(report, text);
  return concludeImport(report, root === undefined ? undefined : translate(report, root, options));
}

function translate(report: Report, root: Tree, options: ImportOptions): JsonObject | undefined {
  if (root instanceof Map && (root.has("passport") || root.has("delegations"))) {
    refuse(report, "not_a_policy", "", "a passport says who an agent is, and may hold several delegations with limits of their own", {
      expected: "one delegation",
      got: "a passport",
    });
    return undefined;
  }
  const map = readMap(report, root, "", KEYS);
  if (map === undefined) return undefined;
  for (const [key, reason] of REFUSED_KEYS) {
    if (map.has(key)) refuse(report, "not_supported", at("", key), `\`${key}\` is not translated: ${reason}`);
  }
  for (const key of TEXT_KEYS) readOptionalText(report, map, key, "");
  const rules = readRules(report, map);
  const depth = readDepth(report, map);
  const expires = readExpiry(report, map);
  const spend = readSpend(report, map);
  const own: JsonObject = { expires, depth, ...(depth === 0 ? {} : { children: "unlimited" }), spend };
  const name = map.get("delegationId");
  const head = { format: "agent-passport", title: "an agent passport's delegation", name: typeof name === "string" ? name : undefined };
  report.notes.push("signatures and revocation are not part of a proof: verify the delegation before it counts");
  const limits = mergeLimits(report, own, options.limits ?? {});
  return assembleDocument({ ...options, limits, delegation: options.delegation ?? (depth === 0 ? "none" : "all") }, head, rules);
}

function mergeLimits(report: Report, own: JsonObject, given: JsonObject): JsonObject {
  for (const key of Object.keys(given)) {
    if (key === "children" || !Object.hasOwn(own, key)) continue;
    refuse(report, "invalid_value", "", `the limit \`${key}\` is the delegation's own and cannot be given beside it`, { got: key });
  }
  return { ...own, ...given };
}

function readRules(report: Report, map: TreeMap): readonly JsonObject[] {
  const value = map.get("scope");
  if (value === undefined) missing(report, "scope", "a list of scopes");
  const interpretation = map.get("scopeInterpretation");
  if (interpretation === "exact" || interpretation === "glob") {
    refuse(report, "not_enforced", "/scopeInterpretation", "the check at use does not read it: a scope covers what is beneath it", {
      expected: "`hierarchical`",
      got: interpretation,
    });
  } else if (interpretation !== undefined) readChoice(report, interpretation, "/scopeInterpretation", ["hierarchical"]);
  const start = readNotBefore(report, map);
  const scopes = value === undefined ? [] : readTexts(report, value, "/scope");
  if (scopes.length > SCOPES_MAX) {
    refuse(report, "too_large", "/scope", `${scopes.length} scopes are too many`, { expected: `at most ${SCOPES_MAX} scopes` });
    return [];
  }
  return scopes.flatMap(({ text, pointer }) => {
    const translated = translateScope(text);
    if (translated.kind === "pattern") {
      return [{ id: pointer.slice(1), effect: "allow", action: translated.pattern, ...start, because: `scope ${text}` }];
    }
    refuse(report, translated.code, pointer, `scope \`${text}\` cannot be translated: ${translated.reason}`, { got: text });
    return [];
  });
}

function readNotBefore(report: Report, map: TreeMap): JsonObject {
  const text = readOptionalText(report, map, "notBefore", "");
  if (text === undefined) return {};
  if (readInstant(text) === undefined) badTime(report, "notBefore", text);
  return { when: { "context.time": { after: text } } };
}

function readExpiry(report: Report, map: TreeMap): string {
  if (!map.has("expiresAt")) missing(report, "expiresAt", "a time such as `2026-12-01T00:00:00Z`");
  const text = readOptionalText(report, map, "expiresAt", "");
  const time = text === undefined ? undefined : readInstant(text);
  const after = time === undefined ? undefined : instantAfter(time);
  if (text !== undefined && after === undefined) badTime(report, "expiresAt", text);
  return after ?? "";
}

function badTime(report: Report, key: string, text: string): void {
  refuse(report, "time_malformed", at("", key), `\`${text}\` is no time with a zone, to the millisecond at most`, {
    expected: "a time such as `2026-12-01T00:00:00.000Z`",
    got: text,
  });
}

function readDepth(report: Report, map: TreeMap): number {
  const [most, now] = ["maxDepth", "currentDepth"].map((key) => readNumber(report, map, key, true));
  if (most === undefined || now === undefined) return 0;
  if (now <= most) return most - now;
  refuse(report, "invalid_value", "/currentDepth", "a delegation deeper than its `maxDepth` is not valid", {
    expected: `at most ${most}`,
    got: String(now),
  });
  return 0;
}

function readSpend(report: Report, map: TreeMap): JsonObject | string {
  const unit = map.has("spendLimitUnit")
    ? readChoice(report, map.get("spendLimitUnit") ?? null, "/spendLimitUnit", ["currency", "invocations"])
    : "currency";
  const spent = map.has("spentAmount") ? readNumber(report, map, "spentAmount", false) : 0;
  if (!map.has("spendLimit")) {
    report.notes.push("without `spendLimit` spending is unlimited there, and so it is here");
    return "unlimited";
  }
  const limit = readNumber(report, map, "spendLimit", false);
  if (limit === undefined || spent === undefined || unit === undefined) return {};
  const left = remainingAmount(limit, spent);
  if (left === undefined) refuse(report, "invalid_value", "/spendLimit", "the amount has more than 30 digits", { got: String(limit) });
  const name = unit.toUpperCase();
  report.notes.push(`\`spendLimit\` names no currency: it is the limit of \`${name}\`, whatever is spent`);
  return { [name]: left ?? "0" };
}

function readNumber(report: Report, map: TreeMap, key: string, whole: boolean): number | undefined {
  const expected = whole ? "a whole number of at least 0" : "a number of at least 0";
  const value = map.get(key);
  if (value === undefined) missing(report, key, expected);
  else if (typeof value === "number" && value >= 0 && (!whole || Number.isSafeInteger(value))) return value;
  else refuse(report, "wrong_type", at("", key), `expected ${expected}`, { expected, got: describe(value) });
  return undefined;
}

function missing(report: Report, key: string, expected: string): void {
  refuse(report, "missing_key", "", `a delegation needs \`${key}\``, { expected });
}
