// The fields of a request as SMT constants: what kind of value stands at each, and what it is. Not trusted.
//
// One constant of the sort `Kind` for each field says what stands there; others hold the value it has if it is of that kind.
// Arrays: of an array, a policy sees only the truths of the predicates `each` and `some` on it. Of those with one truth on some
// array, at most one element each is needed to have that truth on a shorter one (the element that makes `each` false or unknown,
// or `some` true or unknown; where there is no such element, none appears by leaving others out). So an array of as many
// elements as there are such predicates, or fewer, stands for every array; and the same holds for the elements' own arrays.
// Objects: keys that no policy names are all alike, so one Boolean says whether there is one.

import type { Atom, Condition } from "../kernel/index.js";
import { parseIp } from "../kernel/index.js";
import { type Alphabet, commentOf, encodeText, unsupported } from "./export-text.js";

/** The most fields that one question may speak about, those of elements included. */
const fieldsMax = 5_000;

/** A field: its SMT constant, what is said of it, and the fields below it. */
export type Field = {
  /** The constant of the sort `Kind`; the others are named after it. */
  readonly name: string;
  /** For people: where in the request this is. */
  readonly label: string;
  readonly atoms: readonly Atom[];
  readonly members: ReadonlyMap<string, Field>;
  /** The elements that an array here may have. */
  readonly elements: readonly Field[];
};

/** The atoms of `conditions`, each once. */
export function atomsOf(conditions: readonly Condition[]): readonly Atom[] {
  const atoms = new Map<string, Atom>();
  const collect = (condition: Condition): void => {
    if (condition.kind === "atom") atoms.set(condition.key, condition);
    else for (const item of condition.kind === "not" ? [condition.item] : condition.items) collect(item);
  };
  for (const condition of conditions) collect(condition);
  return [...atoms.values()];
}

/** Returns the tree of the fields that `atoms` speak about. @throws Unsupported where it has more than 5,000 fields */
export function plantFields(atoms: readonly Atom[]): Field {
  let count = 0;
  const plant = (label: string, here: readonly (readonly [readonly string[], Atom])[]): Field => {
    const name = `f${count}`;
    if (++count > fieldsMax) unsupported(`more than ${fieldsMax} fields`);
    const own = here.filter(([path]) => path.length === 0).map(([, atom]) => atom);
    const below = new Map<string, (readonly [readonly string[], Atom])[]>();
    for (const { predicate } of own)
      if (predicate.kind === "only" || predicate.kind === "has") for (const key of predicate.keys) below.set(key, []);
    for (const [[key, ...path], atom] of here) if (key !== undefined) below.set(key, [...(below.get(key) ?? []), [path, atom]]);
    const quantified = own.flatMap(({ predicate }) => ("inner" in predicate ? [predicate.inner] : []));
    const inner = atomsOf(quantified).map((atom) => [atom.path, atom] as const);
    return {
      name,
      label: label === "" ? "the request" : label,
      atoms: own,
      members: new Map([...below].map(([key, atomsBelow]) => [key, plant(labelOf(label, key), atomsBelow)])),
      elements: quantified.map((_, i) => plant(`${label}[${i}]`, inner)),
    };
  };
  return plant(
    "",
    atoms.map((atom) => [atom.path, atom]),
  );
}

const labelOf = (label: string, key: string): string => {
  const plain = /^[^.[\]]+$/.test(key);
  return plain ? (label === "" ? key : `${label}.${key}`) : `${label}[${JSON.stringify(key)}]`;
};

/** Returns the formula that `field` is of one of the kinds. */
export const isKind = (field: Field, ...kinds: readonly Kind[]): string => {
  const tests = kinds.map((kind) => `(= ${field.name} k-${kind})`);
  return tests.length === 1 ? (tests[0] ?? "false") : `(or ${tests.join(" ")})`;
};
const kinds = ["absent", "obscured", "null", "boolean", "number", "string", "array", "object"] as const;
/** What can stand at a field. `obscured`: the path leads through an array or a scalar. */
export type Kind = (typeof kinds)[number];

/** The declaration of the sort `Kind`. */
export const kindDeclaration = `(declare-datatypes ((Kind 0)) ((${kinds.map((kind) => `(k-${kind})`).join(" ")})))`;

const speaksOfText = ({ predicate: p }: Atom): boolean =>
  p.kind === "in" ? [...p.values].some((value) => typeof value === "string") : "language" in p || p.kind === "cidr";
const speaksOfNumbers = ({ predicate: p }: Atom): boolean =>
  "bound" in p || (p.kind === "in" && [...p.values].some((value) => typeof value === "number"));
const speaksOfBooleans = ({ predicate: p }: Atom): boolean => p.kind === "in" && (p.values.has(true) || p.values.has(false));

/** Returns the lines that declare `field`, its values and what is below it. `parent` is undefined for a request and for an element. */
export function declareField(field: Field, parent: Field | undefined, isElement: boolean, alphabet: Alphabet): readonly string[] {
  const { name, atoms } = field;
  const lines = [`; ${name} is ${commentOf(field.label)}`, `(declare-const ${name} Kind)`];
  if (parent !== undefined) {
    lines.push(`(assert (= ${isKind(field, "obscured")} ${isKind(parent, "obscured", "null", "boolean", "number", "string", "array")}))`);
    lines.push(`(assert (=> ${isKind(parent, "absent")} ${isKind(field, "absent")}))`);
  } else lines.push(isElement ? `(assert (not ${isKind(field, "absent", "obscured")}))` : `(assert ${isKind(field, "object")})`);
  if (atoms.some(speaksOfText)) {
    lines.push(`(declare-const ${name}-text String)`);
    if (alphabet.tellsSurrogates) lines.push(`(assert (str.in_re ${name}-text paired-surrogates-none))`);
  }
  if (atoms.some(speaksOfNumbers)) lines.push(`(declare-const ${name}-number Real)`);
  if (atoms.some(speaksOfBooleans)) lines.push(`(declare-const ${name}-boolean Bool)`);
  if (atoms.some(({ predicate }) => predicate.kind === "only")) lines.push(`(declare-const ${name}-unnamed-key Bool)`);
  if (atoms.some(({ predicate }) => predicate.kind === "cidr")) lines.push(...declareAddress(field, alphabet));
  if (field.elements.length > 0) {
    lines.push(`(declare-const ${name}-length Int)`, `(assert (and (<= 0 ${name}-length) (<= ${name}-length ${field.elements.length})))`);
    for (const element of field.elements) lines.push(...declareField(element, undefined, true, alphabet));
  }
  for (const member of field.members.values()) lines.push(...declareField(member, field, false, alphabet));
  return lines;
}

// An address stands beside its text: `-is-address` says that the text is canonical, and `-address` is its number, IPv4 from 2^128 on.
// The two are tied to the text at every text that a policy names, both ways. At any other text they are free, and that is exact: each
// number has one canonical text, so where the number is none of a named text's, its text is none of the named ones; and some text that
// is neither an address nor named always exists. It would not be exact beside a text pattern, so that is refused.
function declareAddress({ name, atoms, label }: Field, alphabet: Alphabet): readonly string[] {
  if (atoms.some(({ predicate }) => "language" in predicate && predicate.kind !== "in"))
    unsupported(`\`cidr\` beside a text pattern on \`${label}\``);
  const named = new Set(atoms.flatMap(({ predicate: p }) => (p.kind === "in" ? [...p.values].filter((v) => typeof v === "string") : [])));
  const mapped = 0xffffn << 32n;
  const lines = [
    `(declare-const ${name}-is-address Bool)`,
    `(declare-const ${name}-address Int)`,
    `(assert (and (<= 0 ${name}-address) (< ${name}-address ${(1n << 128n) + (1n << 32n)})))`,
    `(assert (not (and (<= ${mapped} ${name}-address) (< ${name}-address ${mapped + (1n << 32n)}))))`,
  ];
  for (const text of named) {
    const number = parseIp(text);
    const isText = `(= ${name}-text ${encodeText(text, alphabet)})`;
    if (number === undefined) lines.push(`(assert (=> ${isText} (not ${name}-is-address)))`);
    else lines.push(`(assert (= ${isText} (and ${name}-is-address (= ${name}-address ${number}))))`);
  }
  return lines;
}
