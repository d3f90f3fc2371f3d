// The strings of a universe, by what judges them. Test code, not trusted.
import { referenceTruth } from "../property/reference.js";
import { parseAddress } from "../property/reference-forms.js";
import {
  ANY,
  exactly,
  explore,
  globTokens,
  literalTokens,
  type Machine,
  RUN,
  regexMachine,
  symbolsFor,
  tokenMachine,
  type Values,
} from "./automata.js";
import type { Json } from "./documents.js";
import { blockBorders, isJsonArray } from "./mutate.js";

/** A predicate on a value within the one at hand. */
export type Atom = { readonly keys: readonly string[]; readonly name: string; readonly argument: Json };

/** Returns the literals of the atoms with these names. */
export function literalsOf(atoms: readonly Atom[], names: readonly string[]): readonly Json[] {
  return atoms.flatMap(({ name, argument }) => {
    if (!names.includes(name)) return [];
    return isJsonArray(argument) ? argument : [argument];
  });
}

/** True iff the value is a string. */
export const isText = (value: Json): value is string => typeof value === "string";
/** Returns those literals of the atoms with these names that are strings. */
export const textLiterals = (atoms: readonly Atom[], names: readonly string[]) => literalsOf(atoms, names).filter(isText);
const TEXT_NAMES = ["prefix", "suffix", "contains", "glob", "matches"];

function textMachine(name: string, pattern: string): Machine {
  const letters = literalTokens(pattern);
  switch (name) {
    case "prefix":
      return tokenMachine([...letters, RUN]);
    case "suffix":
      return tokenMachine([RUN, ...letters]);
    case "contains":
      return tokenMachine([RUN, ...letters, RUN]);
    case "glob":
      return tokenMachine(globTokens(pattern));
    case "matches":
      return regexMachine(pattern);
    default:
      return tokenMachine(letters);
  }
}

function textValues(atoms: readonly Atom[]): Values<string> {
  const names = [...TEXT_NAMES, "eq", "in"];
  const machines = names.flatMap((name) => textLiterals(atoms, [name]).map((pattern) => textMachine(name, pattern)));
  const { values, complete } = explore(machines, symbolsFor(machines, /[\s\S]/u));
  const hasAnchor = textLiterals(atoms, ["matches"]).some((pattern) => /[\^$]|\\[Az]/u.test(pattern.replaceAll("[^", "[")));
  return { values: values.map((word) => word.join("")), complete: complete && !hasAnchor };
}

type Segmented = { readonly separator: string; readonly allowed: RegExp; readonly odd: readonly Machine[] };

// Words that a canonical form excludes get states of their own, so that no other state has one of them as its only word.
const PATH_LIKE: Segmented = {
  separator: "/",
  allowed: /[^/\0]/u,
  odd: ["", ".", ".."].map((word) => tokenMachine(literalTokens(word))),
};
const ROUTE_LIKE: Segmented = { ...PATH_LIKE, allowed: /[A-Za-z0-9\-._~!$&'()*+,;=:@]/u };
const HOST_LIKE: Segmented = { separator: ".", allowed: /[a-z0-9_-]/u, odd: [tokenMachine([])] };
/** Actions, as segments. */
export const ACTION_LIKE: Segmented = { separator: ":", allowed: /[^:\p{Cc}]/u, odd: [tokenMachine([])] };

/** Returns sequences of segments, one for every state that the segment patterns (lists of segment globs) can be in. */
export function segmentWords(patterns: readonly (readonly string[])[], kind: Segmented): Values<readonly string[]> {
  const globs = [...new Set(patterns.flat())].filter((glob) => glob !== "**");
  const letters = [...globs.map((glob) => tokenMachine(globTokens(glob))), ...kind.odd];
  const segments = explore(letters, symbolsFor(letters, kind.allowed));
  const texts = segments.values.map((word) => word.join("")).filter((text) => text !== "." && text !== "..");
  const machines = patterns.map((pattern) =>
    tokenMachine(pattern.map((glob) => (glob === "**" ? RUN : { test: (text: string) => referenceTruth("glob", glob, text) === "true" }))),
  );
  const shape = [tokenMachine([]), tokenMachine([RUN, exactly("")]), tokenMachine([RUN, exactly(""), ANY, RUN])];
  const words = explore([...machines, ...shape], texts);
  return { values: words.values, complete: segments.complete && words.complete };
}

const escapeGlob = (text: string): string => text.replaceAll(/[\\*?]/gu, (character) => `\\${character}`);
const slashed = (pattern: string): readonly string[] => (pattern === "/" ? [] : pattern.slice(1).split("/"));

function pathValues(atoms: readonly Atom[], name: "path" | "route"): Values<string> {
  const exact = textLiterals(atoms, ["eq", "in"]).filter((text) => referenceTruth(name, "/**", text) === "true");
  const patterns = [...textLiterals(atoms, [name]), ...exact.map(escapeGlob)].map(slashed);
  const { values, complete } = segmentWords(patterns, name === "path" ? PATH_LIKE : ROUTE_LIKE);
  const hasEscapes = name === "route" && JSON.stringify(patterns).includes("%");
  return { values: ["//", ...values.map((word) => `/${word.join("/")}`)], complete: complete && !hasEscapes };
}

function hostValues(atoms: readonly Atom[]): Values<string> {
  const exact = textLiterals(atoms, ["eq", "in"]).filter((text) => referenceTruth("host", "**", text) === "true");
  const patterns = [...textLiterals(atoms, ["host"]), ...exact];
  const { values, complete } = segmentWords(
    patterns.map((pattern) => pattern.split(".")),
    HOST_LIKE,
  );
  const hasDigits = patterns.some((pattern) => /[0-9]/u.test(pattern));
  return { values: ["", ...values.map((word) => word.join("."))], complete: complete && !hasDigits };
}

function urlValues(atoms: readonly Atom[]): Values<string> {
  const exact = textLiterals(atoms, ["eq", "in"]).filter(
    (text) => referenceTruth("url", ["*://**:*/**", "*://**:*/**?*"], text) === "true",
  );
  // A canonical URL is its own pattern but for `*` in its route or query, which a canonical one of ours never holds.
  const parts = [...textLiterals(atoms, ["url"]), ...exact].flatMap((pattern) => {
    const match = /^([^:]*):\/\/([^/:]*)(?::([^/]*))?(\/[^?]*)(?:\?([\s\S]*))?$/u.exec(pattern);
    return match === null ? [] : [match];
  });
  const hosts = segmentWords(
    parts.map((part) => (part[2] ?? "").split(".")),
    HOST_LIKE,
  );
  const routes = segmentWords(
    parts.map((part) => slashed(part[4] ?? "/")),
    ROUTE_LIKE,
  );
  const machines = parts.flatMap((part) => (part[5] === undefined ? [] : [tokenMachine(globTokens(part[5]))]));
  const queries = explore(machines, symbolsFor(machines, /[A-Za-z0-9\-._~!$&'()*+,;=:@/?]/u));
  const ports = ["", ":1", ...parts.flatMap((part) => (part[3] === undefined || part[3] === "*" ? [] : [`:${part[3]}`]))];
  const tails = ["", ...queries.values.map((word) => `?${word.join("")}`)];
  const values = ["http", "https", "ws", "wss"].flatMap((scheme) =>
    hosts.values.flatMap((host) =>
      [...new Set(ports)].flatMap((port) =>
        routes.values.flatMap((route) => tails.map((tail) => `${scheme}://${host.join(".")}${port}/${route.join("/")}${tail}`)),
      ),
    ),
  );
  const isPlain = !parts.some((part) => /%/u.test(part[0]) || /[0-9]/u.test(part[2] ?? ""));
  return { values: ["", ...values], complete: isPlain && hosts.complete && routes.complete && queries.complete };
}

function addressValues(atoms: readonly Atom[]): Values<string> {
  const single = textLiterals(atoms, ["eq", "in"]).flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [`${text}/${address.bits}`];
  });
  const borders = [...textLiterals(atoms, ["cidr"]), ...single].flatMap(blockBorders);
  return { values: ["", "0.0.0.0", "::", ...borders], complete: true };
}

/** Returns strings that between them bring out every combination of truths of the atoms. */
export function stringValues(atoms: readonly Atom[]): Values<string> {
  const groups: Values<string>[] = [];
  const has = (...names: readonly string[]) => atoms.some(({ name }) => names.includes(name));
  if (has("path")) groups.push(pathValues(atoms, "path"));
  if (has("route")) groups.push(pathValues(atoms, "route"));
  if (has("host")) groups.push(hostValues(atoms));
  if (has("url")) groups.push(urlValues(atoms));
  if (has("cidr")) groups.push(addressValues(atoms));
  if (has(...TEXT_NAMES) || groups.length === 0) groups.push(textValues(atoms));
  const values = [...textLiterals(atoms, ["eq", "in"]), ...groups.flatMap((group) => group.values)];
  return { values, complete: groups.length === 1 && groups.every((group) => group.complete) };
}
