// OpenShell sandbox policies and provider profiles as `atmost/1`. Not trusted. docs/import-openshell.md has the table of what
// becomes what, and of what is refused; every key is read, translated or named as a problem, none is passed over.

import type { Problem } from "../../../prover/index.js";
import type { ImportOptions, ImportResult, Json, JsonObject } from "../index.js";
import { at, PROBLEMS_MAX, readDocument, type Tree, type TreeMap } from "./document.js";
import { describeMetadata, type Metadata } from "./metadata.js";
import { networkRules } from "./network.js";
import { placeEndpoints } from "./overlap.js";
import { profileRules, readProfile } from "./profile.js";
import { readEntry } from "./read-network.js";
import { type Report, readMap, refuse } from "./reader.js";
import { filesystemRules, startRule } from "./sandbox.js";

const POLICY_KEYS = [
  "version",
  "metadata",
  "filesystem_policy",
  "landlock",
  "process",
  "network_policies",
  "network_middlewares",
  "cedar_policy",
];

/**
 * Returns the policy as an `atmost/1` document iff every part of it could be translated; otherwise every problem at once.
 *
 * @param text an OpenShell policy or provider profile, YAML or JSON, at most 1 MiB
 * @param options `workdir` is needed by `include_workdir: true`
 * @returns `ok` with the document and notes, or `refused` with at least one problem
 * @throws never
 * @example importOpenshell("version: 1\nfilesystem_policy: { read_only: [/usr] }", { name: "reader" })
 */
export function importOpenshell(text: string, options: ImportOptions = {}): ImportResult {
  const report: Report = { problems: [], notes: [] };
  const root = readDocument(text, report.problems);
  const document = root === undefined ? undefined : translate(report, root, options);
  if (document === undefined || report.problems.length > 0) return { kind: "refused", problems: capped(report.problems) };
  return { kind: "ok", document, notes: report.notes };
}

function capped(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= PROBLEMS_MAX) return problems;
  const left = problems.length - PROBLEMS_MAX;
  return [...problems.slice(0, PROBLEMS_MAX), { code: "too_many_problems", pointer: "", message: `${left} more problems are not listed` }];
}

function translate(report: Report, root: Tree, options: ImportOptions): JsonObject | undefined {
  if (!(root instanceof Map)) {
    readMap(report, root, "", POLICY_KEYS);
    return undefined;
  }
  return root.has("id") && !root.has("version") ? translateProfile(report, root, options) : translatePolicy(report, root, options);
}

function translatePolicy(report: Report, root: TreeMap, options: ImportOptions): JsonObject {
  if (root.size === 1 && root.has("credentials")) {
    refuse(report, "not_a_policy", "/credentials", "a list of credentials is no policy: it says what exists, not what is permitted");
    return {};
  }
  readMap(report, root, "", POLICY_KEYS);
  readVersion(report, root);
  const metadata = describeMetadata(report, root.get("metadata"));
  refuseSections(report, root);
  const rules = [startRule(report, root), ...filesystemRules(report, root, options), ...policyNetworkRules(report, root)];
  return assemble(options, metadata, rules);
}

function policyNetworkRules(report: Report, root: TreeMap): readonly JsonObject[] {
  const value = root.get("network_policies");
  const map = value === undefined ? undefined : readMap(report, value, "/network_policies", "any");
  const entries = [...(map ?? [])].flatMap(([key, item]) => readEntry(report, item, at("/network_policies", key)) ?? []);
  return networkRules(placeEndpoints(report, entries));
}

function readVersion(report: Report, root: TreeMap): void {
  const version = root.get("version");
  if (version === undefined) refuse(report, "missing_key", "", "a policy needs `version`", { expected: "`version: 1`" });
  else if (version !== 1) {
    refuse(report, "invalid_value", "/version", "expected version `1`", {
      expected: "1",
      got: String(version instanceof Map ? "a map" : version),
    });
  }
}

/** Middlewares rewrite or stop requests by their content; Cedar text decides in place of everything else here. */
function refuseSections(report: Report, root: TreeMap): void {
  const middlewares = root.get("network_middlewares");
  const map = middlewares === undefined ? undefined : readMap(report, middlewares, "/network_middlewares", "any");
  for (const key of map?.keys() ?? []) {
    refuse(
      report,
      "not_supported",
      at("/network_middlewares", key),
      `middleware \`${key}\` is not translated: it decides by the content of a request`,
    );
  }
  if (root.has("cedar_policy"))
    refuse(report, "not_supported", "/cedar_policy", "`cedar_policy` is not translated: it is a language of its own");
}

function translateProfile(report: Report, root: TreeMap, options: ImportOptions): JsonObject {
  const profile = readProfile(report, root);
  const placements = placeEndpoints(report, [profile.entry]);
  const rules = [...networkRules(placements), ...profileRules(profile, placements)];
  return assemble(options, { name: profile.id, version: undefined, description: profile.description }, rules);
}

function assemble(options: ImportOptions, metadata: Metadata, rules: readonly JsonObject[]): JsonObject {
  const source = options.fileName?.split(/[\\/]/).at(-1);
  const stem = source?.replace(/\.(?:ya?ml|json)$/i, "");
  const delegation: Json | undefined = options.delegation;
  return {
    language: "atmost/1",
    name: options.name ?? metadata.name ?? (stem === undefined || stem === "" ? "openshell" : stem),
    version: metadata.version ?? "1",
    description: metadata.description ?? (source === undefined ? "imported from OpenShell" : `imported from OpenShell, ${source}`),
    rules,
    ...(delegation === undefined ? {} : { delegation }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  };
}
