// Reads the policies that claims name: `atmost/1` documents and foreign formats, now and at the base revision. Not trusted.

import { delegableView, type ParsedPolicy, parsePolicyAsync, type Subject } from "../../prover/core.js";
import { findPlaces, type Places } from "../cli/source-places.js";
import { findImporter } from "../import/index.js";
import { type ClaimsDocument, isAlias, type PolicyReference, type PolicySource } from "./schema.js";
import { invalid, type ProveProblem, type ProveWorld, problem, type Reading } from "./world.js";

/** A policy that a claim names, and where it comes from. */
export type NamedPolicy = {
  readonly policy: ParsedPolicy;
  /** The policy, or its delegable view. */
  readonly subject: Subject;
  readonly file: string;
  /** The places in the text it comes from. */
  readonly places: Places;
  readonly imported: boolean;
  /** Whether this is the version of the base revision. */
  readonly old: boolean;
};

/** Which version of a file is meant. */
export type Version = "now" | "base";

/** Returns the path that `path`, as a claims file in `folder` says it, names. Both have `/` between their parts. */
export function joinPath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split("/")) {
    const last = parts.at(-1);
    if (part === "." || (part === "" && parts.length > 0)) continue;
    // Above the root there is the root.
    if (part === ".." && last === "") continue;
    if (part === ".." && last !== undefined && last !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf("/"))) || (file.startsWith("/") ? "/" : ".");

/** Reads the policies of one claims file, each file once. */
export class Policies {
  readonly #world: ProveWorld;
  readonly #file: string;
  readonly #aliases: NonNullable<ClaimsDocument["policies"]>;
  readonly #known = new Map<string, Promise<Reading<NamedPolicy>>>();

  constructor(world: ProveWorld, file: string, document: ClaimsDocument) {
    this.#world = world;
    this.#file = file;
    this.#aliases = document.policies ?? {};
  }

  /** Returns the policy that `reference` names, at `pointer` of the claims file. */
  async get(reference: PolicyReference, pointer: string, version: Version = "now"): Promise<Reading<NamedPolicy>> {
    const view = typeof reference !== "string" && reference.view === true;
    const source = this.#sourceOf(reference, pointer);
    if (source.kind === "invalid") return source;
    const key = JSON.stringify([source.value, version]);
    const known = this.#known.get(key) ?? this.#read(source.value, pointer, version);
    this.#known.set(key, known);
    const read = await known;
    if (read.kind === "invalid" || !view) return read;
    return { kind: "ok", value: { ...read.value, subject: delegableView(read.value.policy) } };
  }

  #sourceOf(reference: PolicyReference, pointer: string): Reading<PolicySource> {
    if (typeof reference !== "string" && "import" in reference) {
      const { view: _, ...source } = reference;
      return { kind: "ok", value: source };
    }
    const name = typeof reference === "string" ? reference : reference.policy;
    if (!isAlias(name)) return { kind: "ok", value: name };
    const source = Object.hasOwn(this.#aliases, name) ? this.#aliases[name] : undefined;
    if (source !== undefined) return { kind: "ok", value: source };
    const names = Object.keys(this.#aliases).map((known) => `\`${known}\``);
    const expected = names.length === 0 ? "a path" : `a path, or one of ${names.join(", ")}`;
    return invalid(problem("unknown_name", this.#file, pointer, `expected ${expected}, got \`${name}\``));
  }

  async #read(source: PolicySource, pointer: string, version: Version): Promise<Reading<NamedPolicy>> {
    const path = typeof source === "string" ? source : source.file;
    if (path.startsWith("/"))
      return invalid(problem("invalid_value", this.#file, pointer, `expected a path from the claims file's folder, got \`${path}\``));
    const file = joinPath(folderOf(this.#file), path);
    const { readBase, readFile } = this.#world;
    if (version === "base" && readBase === undefined)
      return invalid(problem("base_required", this.#file, pointer, "expected `old`, or `--base` with a revision of git"));
    const text = await (version === "base" && readBase !== undefined ? readBase(file) : readFile(file));
    if (text.kind === "invalid") return text;
    const parsed = await parseSource(source, file, text.value);
    if (parsed.kind === "invalid") return parsed;
    const policy = parsed.value;
    const places = await findPlaces(text.value);
    const named = { policy, subject: policy, file, places, imported: typeof source !== "string", old: version === "base" };
    return { kind: "ok", value: named };
  }
}

async function parseSource(source: PolicySource, file: string, text: string): Promise<Reading<ParsedPolicy>> {
  let input: unknown = text;
  let place = file;
  if (typeof source !== "string") {
    const importer = findImporter(source.import);
    if (importer === undefined) return invalid(problem("invalid_value", file, "", `no importer is called \`${source.import}\``));
    const { workdir, name, delegation, limits } = source;
    const result = importer(text, {
      fileName: file,
      ...(workdir === undefined ? {} : { workdir }),
      ...(name === undefined ? {} : { name }),
      // The language's parser judges both with the document that they become part of.
      ...(delegation === undefined ? {} : { delegation }),
      ...(limits === undefined ? {} : { limits }),
    });
    if (result.kind === "refused") return invalid(...inFile(result.problems, file));
    input = result.document;
    place = `${file} (imported)`;
  }
  const parsed = await parsePolicyAsync(input);
  return parsed.kind === "ok" ? { kind: "ok", value: parsed.policy } : invalid(...inFile(parsed.problems, place));
}

const inFile = (problems: readonly Omit<ProveProblem, "file">[], file: string): readonly ProveProblem[] =>
  problems.map((found) => ({ ...found, file }));

/**
 * Returns the line on which a rule of `named` stands. The ids of imported rules are pointers into the foreign text, as far as that goes: the
 * innermost place that is there is taken.
 */
export function lineOfRule(
  { places, imported }: Pick<NamedPolicy, "places" | "imported">,
  rule: { readonly id: string; readonly pointer: string },
): number | undefined {
  if (!imported) return places.exact(rule.pointer)?.line;
  const parts = rule.id.split("/");
  for (let count = parts.length; count > 0; count--) {
    const line = places.exact(`/${parts.slice(0, count).join("/")}`)?.line;
    if (line !== undefined) return line;
  }
  return undefined;
}
