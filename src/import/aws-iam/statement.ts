// One statement, read: plain data with conditions of ours. Not trusted.

import type { JsonObject } from "../index.js";
import { at, type Tree, type TreeMap } from "../openshell/document.js";
import { type Placed, type Report, readChoice, readMap, readOptionalText, readText, refuse } from "../openshell/reader.js";
import { type ActionPattern, distinctActions, readActionPattern } from "./actions.js";
import { readConditions } from "./conditions.js";
import { any, not, oneOrMore, type Polarity, present, readMany, readTokenLists, textIs } from "./logic.js";
import { readNotPrincipal, readPrincipal } from "./principals.js";
import { globOf, segmentExpression, type Token } from "./texts.js";

/** A statement. `except`: the actions are those that it is not about. `conditions` must all hold, erring as its effect must. */
export type Statement = {
  readonly pointer: string;
  readonly effect: "Allow" | "Deny";
  readonly except: boolean;
  readonly actions: readonly ActionPattern[];
  readonly conditions: readonly JsonObject[];
  readonly sid: string | undefined;
};

const KEYS = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const RESOURCE = "resource.arn";

/** Returns the statement, or undefined after its effect or its actions could not be read; everything that is wrong with it is named. */
export function readStatement(report: Report, value: Tree, pointer: string): Statement | undefined {
  const map = readMap(report, value, pointer, KEYS);
  if (map === undefined) return undefined;
  const sid = readOptionalText(report, map, "Sid", pointer);
  if (!map.has("Effect")) missing(report, pointer, "Effect");
  const effect = map.has("Effect") ? readChoice(report, map.get("Effect") ?? null, at(pointer, "Effect"), ["Allow", "Deny"]) : undefined;
  const polarity: Polarity = effect === "Deny" ? "restrict" : "grant";
  const action = oneOf(report, map, pointer, "Action", "NotAction", true);
  const actions = action === undefined ? [] : readActions(report, action);
  const conditions = [
    ...readWho(report, map, pointer, effect, polarity),
    ...readResources(report, map, pointer, polarity),
    ...readConditions(report, map.get("Condition"), at(pointer, "Condition"), polarity),
  ];
  if (effect === undefined || action === undefined) return undefined;
  return { pointer, effect, except: action.key === "NotAction", actions, conditions, sid };
}

type Chosen = { readonly key: string; readonly value: Tree; readonly pointer: string };

function oneOf(report: Report, map: TreeMap, pointer: string, key: string, notKey: string, needed: boolean): Chosen | undefined {
  const [value, notValue] = [map.get(key), map.get(notKey)];
  if (value !== undefined && notValue !== undefined) {
    refuse(report, "invalid_value", at(pointer, notKey), `\`${key}\` and \`${notKey}\` cannot stand together`, { expected: "one of them" });
  }
  if (value !== undefined) return { key, value, pointer: at(pointer, key) };
  if (notValue !== undefined) return { key: notKey, value: notValue, pointer: at(pointer, notKey) };
  if (needed) missing(report, pointer, key);
  return undefined;
}

function missing(report: Report, pointer: string, key: string): void {
  refuse(report, "missing_key", pointer, `a statement needs \`${key}\``, { expected: `\`${key}\`` });
}

function readPlaced(report: Report, { value, pointer }: Chosen): readonly Placed[] {
  return readMany<Tree>(report, value, pointer).flatMap((item) => {
    const text = readText(report, item.value, item.pointer);
    return text === undefined ? [] : [{ text, pointer: item.pointer }];
  });
}

function readActions(report: Report, chosen: Chosen): readonly ActionPattern[] {
  const patterns = readPlaced(report, chosen).flatMap(({ text, pointer }) => {
    const pattern = readActionPattern(text);
    if (pattern !== undefined) {
      if (chosen.key === "NotAction" && pattern.service === "*" && pattern.verb === "*") neverApplies(report, pointer, text);
      return [pattern];
    }
    const expected = "`*`, or a service and an operation such as `s3:Get*`";
    refuse(report, "invalid_value", pointer, `\`${text}\` is no action`, { expected, got: text });
    return [];
  });
  return distinctActions(patterns);
}

function neverApplies(report: Report, pointer: string, got: string): void {
  refuse(report, "invalid_value", pointer, "everything is left out, so the statement never applies", { got });
}

/** A request whose resource is not said is held by every deny and by no allow that names one. */
function readResources(report: Report, map: TreeMap, pointer: string, polarity: Polarity): readonly JsonObject[] {
  // A trust policy is attached to what it is about, and names no resource.
  const attached = map.has("Principal") || map.has("NotPrincipal");
  const chosen = oneOf(report, map, pointer, "Resource", "NotResource", !attached);
  if (chosen === undefined) return [];
  const placed = readPlaced(report, chosen);
  const everything = placed.find(({ text }) => /^\*+$/.test(text));
  for (const { text, pointer: place } of placed) {
    if (text.startsWith("arn:") || /^\*+$/.test(text)) continue;
    refuse(report, "invalid_value", place, `\`${text}\` is no resource`, { expected: "`*`, or an ARN", got: text });
  }
  const texts = readTokenLists(report, placed, true);
  if (texts.length === 0) return [];
  // What grants matches as little, and what restricts as much, as the wildcards may mean; what is left out, the other way round.
  const hit = resourceIs(texts, (polarity === "grant") === (chosen.key === "Resource"));
  if (chosen.key === "NotResource") {
    if (everything !== undefined) neverApplies(report, everything.pointer, everything.text);
    return polarity === "grant" ? [present(RESOURCE, true), not(hit)] : [not(hit)];
  }
  if (everything !== undefined) return [];
  return polarity === "grant" ? [hit] : [any([hit, present(RESOURCE, false)])];
}

function resourceIs(texts: readonly (readonly Token[])[], narrow: boolean): JsonObject {
  const read = texts.map((tokens) => ({ glob: globOf(tokens), expression: narrow ? segmentExpression(tokens) : undefined }));
  const globs = read.flatMap(({ glob, expression }) => (expression === undefined ? [glob] : []));
  const expressions = read.flatMap(({ expression }) => (expression === undefined ? [] : [expression]));
  return any([
    ...(globs.length === 0 ? [] : [textIs(RESOURCE, globs)]),
    ...(expressions.length === 0 ? [] : [{ [RESOURCE]: { matches: oneOrMore([...new Set(expressions)]) } }]),
  ]);
}

function readWho(
  report: Report,
  map: TreeMap,
  pointer: string,
  effect: Statement["effect"] | undefined,
  polarity: Polarity,
): readonly JsonObject[] {
  const chosen = oneOf(report, map, pointer, "Principal", "NotPrincipal", false);
  if (chosen === undefined) return [];
  if (chosen.key === "Principal") return readPrincipal(report, chosen.value, chosen.pointer, polarity);
  if (effect === "Allow") {
    refuse(report, "not_supported", chosen.pointer, "`NotPrincipal` in an allow grants to everyone else, anonymous callers included", {
      expected: "`Principal`",
    });
    return [];
  }
  return readNotPrincipal(report, chosen.value, chosen.pointer);
}
