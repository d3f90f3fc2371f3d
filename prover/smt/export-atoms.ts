// The truths of predicates and conditions as SMT formulas. Each has two: that it is true, and that it is not false. Not trusted.

import { type Atom, type Condition, canonicalForms, type FormKind, formKinds, parsePattern, type TextKind } from "../kernel/index.js";
import { type Field, isKind } from "./export-fields.js";
import { type Alphabet, commentOf, encodeExpression, encodeReal, encodeText, unsupported } from "./export-text.js";

/** The two formulas of a truth: it is unknown where only `open` holds. */
export type Formulas = { readonly isTrue: string; readonly isOpen: string };

const all = (parts: readonly string[]): string => (parts.length > 1 ? `(and ${parts.join(" ")})` : (parts[0] ?? "true"));
const any = (parts: readonly string[]): string => (parts.length > 1 ? `(or ${parts.join(" ")})` : (parts[0] ?? "false"));
const not = (part: string): string => `(not ${part})`;
export const connect = { all, any, not };

const textsOf = ({ argument }: Atom): readonly string[] =>
  Array.isArray(argument) ? argument.filter((text) => typeof text === "string") : [];

/** Writes definitions, each once, and says how to name the truth of a condition on a field's members. */
export class Definitions {
  readonly lines: string[] = [];
  readonly #atoms = new Map<string, Formulas>();
  readonly #forms = new Map<FormKind, string>();
  readonly #patterns = new Map<string, string>();
  characters = 0;

  constructor(
    readonly alphabet: Alphabet,
    readonly charactersMax: number,
  ) {}

  #add(line: string): void {
    this.characters += line.length;
    if (this.characters > this.charactersMax) unsupported(`a text of more than ${this.charactersMax} characters`);
    this.lines.push(line);
  }

  /** Returns the name of the regular expression of the canonical texts of `kind`. */
  form(kind: FormKind): string {
    const known = this.#forms.get(kind);
    if (known !== undefined) return known;
    const name = `canonical-${kind}`;
    const expression = parsePattern("matches", canonicalForms[kind]);
    if (typeof expression === "string") return unsupported(`the canonical form of ${kind}`);
    this.#add(`(define-fun ${name} () RegLan ${encodeExpression(expression, this.alphabet)})`);
    this.#forms.set(kind, name);
    return name;
  }

  /** Returns the name of the regular expression that any of the patterns matches. */
  patterns(kind: TextKind, texts: readonly string[]): string {
    const key = JSON.stringify([kind, texts]);
    const known = this.#patterns.get(key);
    if (known !== undefined) return known;
    const parts = texts.map((text) => {
      const expression = parsePattern(kind, text);
      return typeof expression === "string" ? unsupported(`the pattern \`${text}\``) : encodeExpression(expression, this.alphabet);
    });
    const name = `p${this.#patterns.size}`;
    this.#add(`; ${name}: ${kind} ${commentOf(JSON.stringify(texts))}`);
    const union = parts.length > 1 ? `(re.union ${parts.join(" ")})` : (parts[0] ?? "re.none");
    this.#add(`(define-fun ${name} () RegLan ${union})`);
    this.#patterns.set(key, name);
    return name;
  }

  /** Returns the truth of `condition` on the object (or element) `root`. */
  truth(condition: Condition, root: Field): Formulas {
    switch (condition.kind) {
      case "atom":
        return this.#atom(condition, root);
      case "not": {
        const { isTrue, isOpen } = this.truth(condition.item, root);
        return { isTrue: not(isOpen), isOpen: not(isTrue) };
      }
      case "all":
      case "any": {
        const items = condition.items.map((item) => this.truth(item, root));
        const join = condition.kind === "all" ? all : any;
        return { isTrue: join(items.map(({ isTrue }) => isTrue)), isOpen: join(items.map(({ isOpen }) => isOpen)) };
      }
    }
  }

  #atom(atom: Atom, root: Field): Formulas {
    let field = root;
    // The action is no field: it has a constant of its own.
    for (const key of atom.predicate.kind === "action" ? [] : atom.path)
      field = field.members.get(key) ?? unsupported("a field that was not planted");
    const key = `${field.name} ${atom.key}`;
    const known = this.#atoms.get(key);
    if (known !== undefined) return known;
    const { isTrue, isOpen } = this.#judge(atom, field);
    const name = `a${this.#atoms.size}`;
    this.#add(
      `; ${name}: ${commentOf(`${atom.predicate.kind === "action" ? "" : field.label} ${atom.predicate.kind} ${JSON.stringify(atom.argument)}`)}`,
    );
    this.#add(`(define-fun ${name}-true () Bool ${isTrue})`);
    if (isOpen !== isTrue) this.#add(`(define-fun ${name}-open () Bool ${isOpen})`);
    const made = { isTrue: `${name}-true`, isOpen: isOpen === isTrue ? `${name}-true` : `${name}-open` };
    this.#atoms.set(key, made);
    return made;
  }

  // SOURCE: section 4 of the language: false where absent; unknown where there is something that it can not judge.
  #judge(atom: Atom, field: Field): Formulas {
    const { predicate: p } = atom;
    const { name } = field;
    const judged = (canJudge: string, holds: string): Formulas => {
      const isTrue = all([canJudge, holds]);
      return { isTrue, isOpen: any([isTrue, all([not(isKind(field, "absent")), not(canJudge)])]) };
    };
    switch (p.kind) {
      case "present": {
        const there = not(isKind(field, "absent", "obscured"));
        return { isTrue: there, isOpen: there };
      }
      case "in":
        return judged(isKind(field, "null", "boolean", "number", "string"), any([...p.values].map((value) => this.#equals(field, value))));
      case "lt":
      case "lte":
      case "gt":
      case "gte": {
        const sign = { lt: "<", lte: "<=", gt: ">", gte: ">=" }[p.kind];
        return judged(isKind(field, "number"), `(${sign} ${name}-number ${encodeReal(p.bound)})`);
      }
      case "cidr": {
        const inside = p.blocks.map(([first, last]) => `(and (<= ${first} ${name}-address) (<= ${name}-address ${last}))`);
        return judged(all([isKind(field, "string"), `${name}-is-address`]), any(inside));
      }
      case "only": {
        const others = [...field.members].filter(([key]) => !p.keys.has(key)).map(([, member]) => isKind(member, "absent"));
        return judged(isKind(field, "object"), all([not(`${name}-unnamed-key`), ...others]));
      }
      case "has": {
        const members = [...p.keys].map((key) => field.members.get(key) ?? unsupported("a key that was not planted"));
        return judged(isKind(field, "object"), all(members.map((member) => not(isKind(member, "absent")))));
      }
      case "each":
      case "some":
        return this.#quantify(p, field);
      case "action": {
        // An action is always a canonical text: section 1 of the language.
        const matches = `(str.in_re action ${this.patterns("action", textsOf(atom))})`;
        return { isTrue: matches, isOpen: matches };
      }
      default: {
        const form = formKinds.find((kind) => kind === p.kind);
        const canonical = form === undefined ? [] : [`(str.in_re ${name}-text ${this.form(form)})`];
        const matches = `(str.in_re ${name}-text ${this.patterns(p.kind, textsOf(atom))})`;
        return judged(all([isKind(field, "string"), ...canonical]), matches);
      }
    }
  }

  #equals(field: Field, value: unknown): string {
    switch (typeof value) {
      case "string":
        return all([isKind(field, "string"), `(= ${field.name}-text ${encodeText(value, this.alphabet)})`]);
      case "number":
        return all([isKind(field, "number"), `(= ${field.name}-number ${encodeReal(value)})`]);
      case "boolean":
        return all([isKind(field, "boolean"), value ? `${field.name}-boolean` : not(`${field.name}-boolean`)]);
      default:
        return isKind(field, "null");
    }
  }

  #quantify(p: { readonly kind: "each" | "some"; readonly inner: Condition; readonly where: boolean }, field: Field): Formulas {
    const elements = field.elements.map((element, i) => {
      const { isTrue, isOpen } = this.truth(p.inner, element);
      const isObject = isKind(element, "object");
      const there = `(< ${i} ${field.name}-length)`;
      const truth = p.where ? { isTrue: all([isObject, isTrue]), isOpen: any([not(isObject), isOpen]) } : { isTrue, isOpen };
      if (p.kind === "some") return { isTrue: all([there, truth.isTrue]), isOpen: all([there, truth.isOpen]) };
      return { isTrue: any([not(there), truth.isTrue]), isOpen: any([not(there), truth.isOpen]) };
    });
    const join = p.kind === "each" ? all : any;
    const isArray = isKind(field, "array");
    const isTrue = all([isArray, join(elements.map((element) => element.isTrue))]);
    const isOpen = join(elements.map((element) => element.isOpen));
    return { isTrue, isOpen: all([not(isKind(field, "absent")), any([not(isArray), isOpen])]) };
  }
}
