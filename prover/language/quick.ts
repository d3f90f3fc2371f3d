// Tells in one cheap walk whether a document needs the full report: it looks at what the kernel does not. Not trusted.

import { type Json, textKinds } from "../kernel/index.js";
import { nameUnitsMax, patternBytesMax, patternsMax, rulesMax, significantDigitsMax } from "./bounds.js";
import { literalsAreCanonical, type PatternKind } from "./checks.js";
import { significantDigits } from "./json-parts.js";

type JsonObject = { readonly [key: string]: Json };
const isRecord = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const patternKinds: ReadonlyMap<string, PatternKind> = new Map(textKinds.filter((kind) => kind !== "action").map((kind) => [kind, kind]));

const isText = (value: Json | undefined): boolean => typeof value === "string" && value !== "";
const isName = (value: Json | undefined): boolean => isText(value) && String(value).length <= nameUnitsMax;

function patternsPass(kind: PatternKind, value: Json | undefined): boolean {
  if (isList(value)) return value.length <= patternsMax && value.every((item) => patternsPass(kind, item));
  return typeof value === "string" && value.length * 3 <= patternBytesMax && literalsAreCanonical(kind, value);
}

const numbersPass = (value: Json | undefined): boolean =>
  isList(value) ? value.every(numbersPass) : typeof value !== "number" || significantDigits(value) <= significantDigitsMax;

function predicatesPass(value: Json | undefined): boolean {
  if (!isRecord(value)) return false;
  for (const name of Object.keys(value)) {
    const kind = patternKinds.get(name);
    if (kind !== undefined && !patternsPass(kind, value[name])) return false;
    if (!numbersPass(value[name])) return false;
    if ((name === "each" || name === "some") && !elementsPass(value[name])) return false;
  }
  return true;
}

const elementsPass = (value: Json | undefined): boolean =>
  isRecord(value) && (Object.hasOwn(value, "where") ? conditionPasses(value["where"]) : predicatesPass(value));

function conditionPasses(value: Json | undefined): boolean {
  if (!isRecord(value)) return false;
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (key === "all" || key === "any") {
      if (!isList(member) || !member.every(conditionPasses)) return false;
    } else if (!(key === "not" ? conditionPasses(member) : predicatesPass(member))) return false;
  }
  return true;
}

const namesPass = (rule: JsonObject): boolean =>
  isText(rule["id"]) &&
  (rule["because"] === undefined || typeof rule["because"] === "string") &&
  (rule["reviewers"] === undefined || (rule["effect"] === "ask" && isList(rule["reviewers"]) && rule["reviewers"].every(isText)));

const rulePasses = (rule: Json): boolean =>
  isRecord(rule) &&
  namesPass(rule) &&
  !(isList(rule["action"]) && rule["action"].length === 0) &&
  patternsPass("action", rule["action"]) &&
  (rule["when"] === undefined || conditionPasses(rule["when"])) &&
  (rule["unless"] === undefined || conditionPasses(rule["unless"]));

const rulesPass = (rules: Json | undefined): boolean =>
  isList(rules) &&
  rules.length <= rulesMax &&
  rules.every(rulePasses) &&
  new Set(rules.map((rule) => isRecord(rule) && rule["id"])).size === rules.length;

const isCount = (value: Json | undefined): boolean =>
  value === undefined || value === "unlimited" || (Number.isSafeInteger(value) && Number(value) >= 0);

// The kernel reads the amounts; it does not look at the names of currencies.
const spendPasses = (spend: Json | undefined): boolean =>
  spend === undefined ||
  spend === "unlimited" ||
  (isRecord(spend) && Object.entries(spend).every(([name, amount]) => /^[A-Z][A-Z0-9]{0,15}$/.test(name) && typeof amount === "string"));

const limitsPass = (limits: Json | undefined): boolean =>
  limits === undefined || (isRecord(limits) && isCount(limits["depth"]) && isCount(limits["children"]) && spendPasses(limits["spend"]));

/**
 * Returns true only if `document`, once the kernel has loaded it, is one that `policySchema` accepts: the kernel looks at structure, fields
 * and the grammar of patterns; this looks at names and texts for people, the length and literals of patterns, numbers, the template and limits.
 */
export function passesQuickly(document: Json): boolean {
  if (!isRecord(document) || !rulesPass(document["rules"])) return false;
  const { template, limits, delegation } = document;
  if (!limitsPass(limits) || !isName(document["name"]) || !isName(document["version"])) return false;
  if (![document["description"], document["$schema"]].every((text) => text === undefined || typeof text === "string")) return false;
  if (isRecord(delegation) && !rulesPass(delegation["rules"])) return false;
  if (template === undefined) return true;
  return isRecord(template) && Object.keys(template).length === 2 && isText(template["name"]) && isText(template["version"]);
}
