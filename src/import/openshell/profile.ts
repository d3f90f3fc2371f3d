// Provider profiles: endpoints and binaries like one network entry, and the credentials that the runtime may put into requests to
// those endpoints. Not trusted. A profile has no filesystem and no process, so it grants none of either.

import type { JsonObject } from "../index.js";
import { at, type Tree, type TreeMap } from "./document.js";
import { credentialRule, oneOf } from "./network.js";
import type { Placement } from "./overlap.js";
import { readProfileEntry } from "./read-network.js";
import { type Report, readFlag, readList, readMap, readOptionalText, readTexts, refuse } from "./reader.js";
import type { Entry } from "./shape.js";

/** A provider profile once it is read. */
export type Profile = {
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly credentials: readonly string[];
  readonly entry: Entry;
};

const PROFILE_KEYS = [
  "id",
  "display_name",
  "description",
  "category",
  "inference_capable",
  "credentials",
  "discovery",
  "endpoints",
  "binaries",
];
const CREDENTIAL_KEYS = ["name", "description", "env_vars", "required", "auth_style", "header_name"];

/** Returns the profile; keys that only describe are checked for their type and kept out of the rules. */
export function readProfile(report: Report, root: TreeMap): Profile {
  readMap(report, root, "", PROFILE_KEYS);
  for (const key of ["display_name", "category"]) readOptionalText(report, root, key, "");
  readFlag(report, root, "inference_capable", "");
  const discovery = root.get("discovery");
  const found = discovery === undefined ? undefined : readMap(report, discovery, "/discovery", ["credentials"])?.get("credentials");
  if (found !== undefined) readTexts(report, found, "/discovery/credentials");
  return {
    id: readOptionalText(report, root, "id", ""),
    description: readOptionalText(report, root, "description", ""),
    credentials: readCredentials(report, root.get("credentials")),
    entry: readProfileEntry(report, root),
  };
}

function readCredentials(report: Report, value: Tree | undefined): readonly string[] {
  const list = value === undefined ? [] : (readList(report, value, "/credentials") ?? []);
  return list.flatMap((item, index) => {
    const pointer = at("/credentials", index);
    const map = readMap(report, item, pointer, CREDENTIAL_KEYS);
    if (map === undefined) return [];
    for (const key of ["description", "auth_style", "header_name"]) readOptionalText(report, map, key, pointer);
    readFlag(report, map, "required", pointer);
    const variables = map.get("env_vars");
    if (variables !== undefined) readTexts(report, variables, at(pointer, "env_vars"));
    const name = readOptionalText(report, map, "name", pointer);
    if (!map.has("name")) refuse(report, "missing_key", pointer, "a credential needs `name`", { expected: "`name`" });
    return name === undefined ? [] : [name];
  });
}

/** Returns the rule that lets the profile's credentials be used at its endpoints, for every endpoint rule that there is. */
export function profileRules({ id, credentials }: Profile, placements: readonly Placement[]): readonly JsonObject[] {
  if (id === undefined || credentials.length === 0) return [];
  const who: JsonObject = { provider: { eq: id }, credential: oneOf(credentials) };
  return placements.map((each) => credentialRule(`${each.endpoint.pointer}/credentials`, who, each, placements));
}
