// JUnit's XML as Jenkins reads it, as checks that its published XSD does not make (`published-schemas.ts` has that one): only what `prove` writes,
// with types of the attributes and counts that are right. Test code.
// SOURCE: the XSD of Jenkins' xUnit plugin (junit-10.xsd), restated by hand.

/** An element as it stands in the text, with its parent's name. */
export type Element = { readonly name: string; readonly parent: string; readonly attributes: Readonly<Record<string, string>> };

type Shape = { readonly parents: readonly string[]; readonly required: readonly string[]; readonly optional: readonly string[] };
const shapes: Readonly<Record<string, Shape>> = {
  testsuites: { parents: [""], required: [], optional: ["name", "time", "tests", "failures", "disabled", "errors"] },
  testsuite: {
    parents: ["testsuites"],
    required: ["name"],
    optional: [
      "tests",
      "failures",
      "errors",
      "group",
      "time",
      "skipped",
      "timestamp",
      "hostname",
      "id",
      "package",
      "file",
      "log",
      "url",
      "version",
    ],
  },
  testcase: {
    parents: ["testsuite"],
    required: ["name"],
    optional: ["assertions", "time", "classname", "status", "class", "file", "line"],
  },
  failure: { parents: ["testcase"], required: [], optional: ["type", "message"] },
  error: { parents: ["testcase"], required: [], optional: ["type", "message"] },
};
const types: Readonly<Record<string, RegExp>> = {
  tests: /^\d+$/,
  failures: /^\d+$/,
  errors: /^\d+$/,
  skipped: /^\d+$/,
  time: /^\d+\.\d{3}$/,
};

const tag = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/y;
const text = /^(?:[^&<>]|&(?:amp|lt|gt|quot|#10);)*$/;

/** Returns the elements of well-formed XML, in their order. Throws where it is not. */
export function elementsOf(xml: string): readonly Element[] {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!xml.startsWith(head)) throw new Error("no declaration");
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/u.test(xml))
    throw new Error("a character that XML 1.0 has not");
  const open: string[] = [];
  const elements: Element[] = [];
  tag.lastIndex = head.length;
  while (tag.lastIndex < xml.length) {
    const at = tag.lastIndex;
    const found = tag.exec(xml);
    if (found === null) throw new Error(`no markup at ${at}`);
    const [, closes, name = "", attributes = "", empty, characters] = found;
    if (characters !== undefined) {
      if (!text.test(characters) || (open.length === 0 && characters.trim() !== "")) throw new Error(`text at ${at}`);
    } else if (closes === "/") {
      if (open.pop() !== name) throw new Error(`\`${name}\` is closed and was not open`);
    } else {
      const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value] as const);
      if (new Set(pairs.map(([key]) => key)).size < pairs.length || !pairs.every(([, value]) => text.test(value)))
        throw new Error("attributes");
      elements.push({ name, parent: open.at(-1) ?? "", attributes: Object.fromEntries(pairs) });
      if (empty !== "/") open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`\`${open.at(-1)}\` is never closed`);
  return elements;
}

/** Returns what the schema finds wrong with `xml`. */
export function junitProblems(xml: string): readonly string[] {
  let elements: readonly Element[];
  try {
    elements = elementsOf(xml);
  } catch (error) {
    return [String(error)];
  }
  const problems = elements.flatMap(({ name, parent, attributes }) => {
    const shape = shapes[name];
    if (shape === undefined) return [`\`${name}\` is no element`];
    const keys = Object.keys(attributes);
    return [
      ...(shape.parents.includes(parent) ? [] : [`\`${name}\` stands in \`${parent}\``]),
      ...shape.required.filter((key) => !keys.includes(key)).map((key) => `\`${name}\` has no \`${key}\``),
      ...keys.filter((key) => ![...shape.required, ...shape.optional].includes(key)).map((key) => `\`${name}\` has \`${key}\``),
      ...keys.filter((key) => types[key]?.test(attributes[key] ?? "") === false).map((key) => `\`${name}\` has a wrong \`${key}\``),
    ];
  });
  if (elements.filter(({ parent }) => parent === "").length !== 1) problems.push("there is not one root");
  const count = (name: string) => String(elements.filter((element) => element.name === name).length);
  const suites = elements.filter(({ name }) => name === "testsuite");
  for (const [attribute, name] of [
    ["tests", "testcase"],
    ["failures", "failure"],
    ["errors", "error"],
  ] as const) {
    const said = suites.reduce((sum, { attributes }) => sum + Number(attributes[attribute] ?? 0), 0);
    if (String(said) !== count(name)) problems.push(`\`${attribute}\` says ${said}, and there are ${count(name)}`);
  }
  return problems;
}
