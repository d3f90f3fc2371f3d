// Reads YAML 1.2 that parses to the same JSON: no anchors, aliases, merge keys, tags, keys that are no strings, or second documents.
// Not trusted: the kernel judges what comes out.

import { Composer, type CST, type Document, isAlias, isMap, isPair, isScalar, isSeq, Lexer, Parser, type Range } from "yaml";
import type { Json } from "../kernel/index.js";
import { yamlStackMax, yamlTokensMax } from "./bounds.js";
import {
  duplicateKey,
  hasLoneSurrogate,
  isJsonNumber,
  numberProblem,
  type ReadOptions,
  type ReadResult,
  setOwn,
  surrogateProblem,
  tooDeep,
  tooLarge,
  utf8Length,
} from "./json-parts.js";
import type { Problem } from "./problem.js";
import { mismatch, type Path, ProblemList, quote } from "./report.js";

// Thrown and caught inside this file only: reading can not go on.
class Stop {}
const stop = new Stop();

type YamlNode = { readonly anchor?: unknown; readonly tag?: unknown; readonly source?: unknown; readonly range?: Range | null };

const stopped = (problem: Problem): ReadResult => ({ value: undefined, problems: [problem] });

// INVARIANT: nothing deep reaches the composer. It recurses, and a stack that is nearly full can end the whole process inside the regular
// expression compiler, where nothing can be caught; the parser below does not recurse.
function tokensOf(text: string, options: ReadOptions): CST.Token[] | Problem {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > yamlStackMax) return tooDeep([], options);
    if (++lexemes > yamlTokensMax) return mismatch("too_large", [], `at most ${yamlTokensMax} tokens of YAML`, "more");
  }
  tokens.push(...parser.end());
  return tokens;
}

class Walker {
  readonly #options: ReadOptions;
  readonly #document: Document.Parsed;
  readonly problems = new ProblemList();
  readonly #path: (string | number)[] = [];
  readonly #complained: boolean;
  // The places of nodes in the text, to point at what the YAML reader complains of. Inner places come before outer ones.
  readonly places: { readonly path: Path; readonly start: number; readonly end: number }[] = [];

  constructor(document: Document.Parsed, options: ReadOptions) {
    this.#document = document;
    this.#options = options;
    this.#complained = document.errors.length + document.warnings.length > 0;
  }

  read(): Json | undefined {
    try {
      return this.#value(this.#document.contents, 0);
    } catch (error) {
      if (error !== stop) throw error;
      return undefined;
    }
  }

  #refuse(expected: string, got: string): void {
    this.problems.add(mismatch("yaml_not_json", this.#path, expected, got));
  }

  #checkNode(node: YamlNode): void {
    if (node.anchor !== undefined) this.#refuse("no anchors", quote(`&${String(node.anchor)}`));
    if (node.tag !== undefined) this.#refuse("no tags", quote(String(node.tag)));
  }

  #value(node: unknown, depth: number): Json {
    let value: Json = null;
    if (isAlias(node)) this.#refuse("no aliases", quote(`*${node.source}`));
    else if (isScalar(node)) {
      this.#checkNode(node);
      value = this.#scalar(node.value, node.source);
    } else if (isSeq(node)) {
      this.#checkNode(node);
      value = this.#sequence(node.items, depth + 1);
    } else if (isMap(node)) {
      this.#checkNode(node);
      value = this.#mapping(node.items, depth + 1);
    }
    const range = (node as YamlNode | null)?.range;
    if (range && this.#complained) this.places.push({ path: [...this.#path], start: range[0], end: range[2] });
    return value;
  }

  #scalar(value: unknown, source: unknown): Json {
    if (typeof value === "string") {
      if (this.#options.exact && hasLoneSurrogate(value)) this.problems.add(surrogateProblem(this.#path, value));
      return value;
    }
    if (typeof value === "boolean" || value === null) return value;
    const literal = String(source);
    if (typeof value !== "number") this.#refuse("a JSON value", quote(literal));
    else if (Number.isFinite(value) && !isJsonNumber(literal))
      this.#refuse("a number as JSON writes it, or a text in quotation marks", quote(literal));
    else {
      const problem = numberProblem(literal, value, this.#path, this.#options.exact);
      if (problem === undefined) return value;
      this.problems.add(problem);
    }
    return 0;
  }

  #enter(depth: number): void {
    if (depth <= this.#options.nestingMax) return;
    this.problems.add(tooDeep(this.#path, this.#options));
    throw stop;
  }

  #sequence(items: readonly unknown[], depth: number): Json {
    this.#enter(depth);
    const values = items.map((item, index) => {
      this.#path.push(index);
      const value = this.#value(item, depth);
      this.#path.pop();
      return value;
    });
    return Object.freeze(values);
  }

  #mapping(items: readonly unknown[], depth: number): Json {
    this.#enter(depth);
    const object: { [key: string]: Json } = {};
    for (const pair of items) {
      const key = isPair(pair) ? this.#key(pair.key) : undefined;
      if (key === undefined || !isPair(pair)) continue;
      this.#path.push(key);
      if (Object.hasOwn(object, key)) this.problems.add(duplicateKey(this.#path, key));
      setOwn(object, key, this.#value(pair.value, depth));
      this.#path.pop();
    }
    return Object.freeze(object);
  }

  #key(node: unknown): string | undefined {
    if (!isScalar(node) || typeof node.value !== "string") {
      const got = isScalar(node) ? quote(String(node.source)) : "something else";
      this.#refuse("keys that are texts (in quotation marks where YAML would read them otherwise)", got);
      return undefined;
    }
    this.#checkNode(node);
    if (node.value === "<<" && node.type === "PLAIN") this.#refuse("no merge keys", quote("<<"));
    if (this.#options.exact && hasLoneSurrogate(node.value)) this.problems.add(surrogateProblem([...this.#path, node.value], node.value));
    return node.value;
  }
}

function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return `line ${before.split("\n").length}, column ${offset - before.lastIndexOf("\n")}`;
}

// What the YAML reader complains of, at the innermost node that holds the place.
function syntaxProblems(document: Document.Parsed, walker: Walker, text: string): void {
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    if (walker.problems.full) return;
    const inside = walker.places.find(({ start, end }) => start <= pos[0] && pos[0] < end);
    const said = message.split("\n", 1)[0] ?? "";
    const reason = said.charAt(0).toLowerCase() + said.slice(1).replace(/[.:]$/, "");
    walker.problems.add(mismatch("yaml_syntax", inside?.path ?? [], "YAML 1.2", `${reason} at ${positionOf(text, pos[0])}`));
  }
}

function readDocument(text: string, options: ReadOptions): ReadResult {
  const tokens = tokensOf(text, options);
  if (!Array.isArray(tokens)) return stopped(tokens);
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    merge: false,
    // Duplicates are found by the walker: it points at them, and does not compare every key with every other.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents = composer.compose(tokens, true, text.length);
  const first = documents.next().value;
  if (first === undefined) return stopped(mismatch("yaml_syntax", [], "a YAML document", "nothing"));
  const walker = new Walker(first, options);
  const value = walker.read();
  syntaxProblems(first, walker, text);
  const { yaml } = first.directives ?? {};
  if (yaml?.explicit === true && yaml.version !== "1.2")
    walker.problems.add(mismatch("yaml_not_json", [], "YAML 1.2", `version ${quote(yaml.version)}`));
  if (documents.next().done !== true) walker.problems.add(mismatch("yaml_not_json", [], "one document", "more"));
  return { value, problems: walker.problems.all };
}

/**
 * Returns the value of a YAML 1.2 text (core schema) that is JSON too, deeply frozen, and every problem with it. Numbers must be written as
 * JSON writes them. Too deep a nesting, too long a text and more than 500,000 tokens end the reading.
 */
export function readYamlText(text: string, options: ReadOptions): ReadResult {
  const bytes = text.length * 3 <= options.bytesMax ? 0 : utf8Length(text);
  if (bytes > options.bytesMax) return stopped(tooLarge(options, `${bytes}`));
  try {
    return readDocument(text, options);
  } catch (error) {
    // The reader of YAML is not ours: whatever it throws on strange input is a problem with the input.
    const reason = error instanceof Error ? error.message : String(error);
    return stopped(mismatch("yaml_syntax", [], "YAML 1.2", `what can not be read (${quote(reason)})`));
  }
}
