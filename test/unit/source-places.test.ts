// Places of JSON Pointers in JSON and YAML texts.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { nestingMax } from "../../prover/core.js";
import { findPlaces, type Place } from "../../src/cli/source-places.js";
import { arbPolicy } from "../generators/policies.js";
import { propertyParameters } from "../generators/seed.js";

const told = (place: Place | undefined): string | undefined => (place === undefined ? undefined : `${place.line}:${place.column}`);

const json = `{
  "language": "atmost/1", "a/b": 1,
  "rules": [ { "id": "}{\\"" },
    { "id": "b",
      "when": { "path": { "in": [ "[", 2,
        [ ] , { } ] } } } ],
  "m~n": [ -1.5e3,
    true ]
}`;
const yaml = `# a comment
language: atmost/1
"a/b": 1
rules:
  - { id: a }
  # another
  - id: b
    when:
      path:
        in: ["[", 2,
          three]
  -
    id: c
m~n: {}
`;

describe("in JSON", () => {
  test.each([
    ["", "1:1"],
    ["/language", "2:3"],
    ["/a~1b", "2:27"],
    ["/rules", "3:3"],
    ["/rules/0", "3:14"],
    ["/rules/1", "4:5"],
    ["/rules/1/when", "5:7"],
    ["/rules/1/when/path/in/2", "6:9"],
    ["/rules/1/when/path/in/3", "6:15"],
    ["/m~0n", "7:3"],
    ["/m~0n/1", "8:5"],
  ])("`%s` stands at %s", async (pointer, place) => expect(told((await findPlaces(json)).exact(pointer))).toBe(place));

  test("whatever ends the lines, and however a key is escaped", async () => {
    const text = '{ "a": [1, { "b": "}]\\"" },\n  [] ],\r\n "c/d~e": {\r"\\u0066": -1.5e3}, "last": null}\n';
    const { exact } = await findPlaces(text);
    const places = ["/a", "/a/0", "/a/1", "/a/1/b", "/a/2", "/c~1d~0e", "/c~1d~0e/f", "/last"].map(exact);
    expect(places.map(told)).toEqual(["1:3", "1:9", "1:12", "1:14", "2:3", "3:2", "4:1", "4:20"]);
  });

  test.each(["/nothing", "/rules/2", "/rules/01", "/rules/-", "/rules/0/id/x", "rules", "/m~0n/2"])(
    "`%s` stands nowhere",
    async (pointer) => expect((await findPlaces(json)).exact(pointer)).toBeUndefined(),
  );

  test.each(["{", '{"a', '{"a"', '{"a":', '{"\\x": 1}', "[[[", "[}", "[,", '{"a" 1}', "{b: 1}"])(
    "a broken text has no such place, and throws nothing: `%s`",
    async (text) => {
      const { exact, nearest } = await findPlaces(text);
      expect(exact("/b")).toBeUndefined();
      expect(nearest("/b")).toEqual({ line: 1, column: 1 });
    },
  );

  test("what nests deeper than anything that is read has no places there", async () => {
    const { exact } = await findPlaces("[".repeat(200_000));
    expect(exact("/0".repeat(nestingMax))).toEqual({ line: 1, column: nestingMax + 1 });
    expect(exact("/0".repeat(nestingMax + 1))).toBeUndefined();
  });
});

describe("in YAML", () => {
  test.each([
    ["", "2:1"],
    ["/language", "2:1"],
    ["/a~1b", "3:1"],
    ["/rules", "4:1"],
    ["/rules/0", "5:5"],
    ["/rules/0/id", "5:7"],
    ["/rules/1", "7:5"],
    ["/rules/1/when", "8:5"],
    ["/rules/1/when/path/in/2", "11:11"],
    ["/rules/2", "13:5"],
    ["/m~0n", "14:1"],
  ])("`%s` stands at %s", async (pointer, place) => expect(told((await findPlaces(yaml)).exact(pointer))).toBe(place));

  test("in blocks and in flows", async () => {
    const text = "# first\nname: x\nrules:\n  - id: a\n    when: { path: { path: [/a/**, /b] } }\n  - { id: b,\n      action: c }\n";
    const { exact } = await findPlaces(text);
    const places = ["/name", "/rules", "/rules/0", "/rules/0/when/path/path/1", "/rules/1", "/rules/1/action"].map(exact);
    expect(places.map(told)).toEqual(["2:1", "3:1", "4:5", "5:35", "6:5", "7:7"]);
  });

  test.each(["/nothing", "/rules/3", "/rules/01", "/language/x", "rules"])("`%s` stands nowhere", async (pointer) =>
    expect((await findPlaces(yaml)).exact(pointer)).toBeUndefined(),
  );

  test("a broken text has no such place, and throws nothing", async () => {
    for (const text of ["", "]", "a: [", "\t", "a: &x 1\nb: *y", "%YAML 3\n---\n", "- ".repeat(20_000)])
      expect((await findPlaces(text)).exact("/z")).toBeUndefined();
  });
});

describe("the nearest place", () => {
  test("is that of what it would be in where it is not there, and the first of an empty text", async () => {
    const { nearest } = await findPlaces('\n{"a":\n{}}');
    expect(nearest("/a/b/c")).toEqual({ line: 2, column: 2 });
    expect(nearest("/b")).toEqual({ line: 2, column: 1 });
    expect(nearest("no pointer")).toEqual({ line: 2, column: 1 });
    expect((await findPlaces("")).nearest("/x/y")).toEqual({ line: 1, column: 1 });
  });
});

describe("in generated policies", () => {
  type Item = readonly [pointer: string, value: unknown, key: string | undefined];
  const walk = (value: unknown, pointer: string): readonly Item[] => {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, item]): readonly Item[] => {
      const place = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      return [[place, item, Array.isArray(value) ? undefined : key], ...walk(item, place)];
    });
  };
  const restAt = (text: string, place: Place | undefined): string =>
    place === undefined ? "" : (text.split("\n")[place.line - 1] ?? "").slice(place.column - 1);

  test("the text of that member or element begins there, in JSON", async () => {
    await fc.assert(
      fc.asyncProperty(arbPolicy(), fc.constantFrom(undefined, 1), async (policy, indent) => {
        const text = JSON.stringify(policy, undefined, indent);
        const { exact, nearest } = await findPlaces(text);
        for (const [pointer, item, key] of walk(JSON.parse(text), "")) {
          const begins = key === undefined ? JSON.stringify(item).slice(0, 1) : JSON.stringify(key);
          expect(restAt(text, exact(pointer)).startsWith(begins), `${pointer} in ${text}`).toBe(true);
          expect(nearest(pointer)).toEqual(exact(pointer));
        }
      }),
      propertyParameters("places in JSON", 200),
    );
  });

  test("each key begins there, in YAML", async () => {
    await fc.assert(
      fc.asyncProperty(arbPolicy(), async (policy) => {
        const text = stringify(policy, { defaultKeyType: "QUOTE_DOUBLE", aliasDuplicateObjects: false, lineWidth: 0 });
        const { exact } = await findPlaces(text);
        for (const [pointer, , key] of walk(policy, "")) {
          const rest = restAt(text, exact(pointer));
          expect(key === undefined ? rest !== "" : rest.startsWith(JSON.stringify(key)), `${pointer} in ${text}`).toBe(true);
        }
      }),
      propertyParameters("places in YAML", 200),
    );
  });
});

test("the package that reads YAML is loaded for YAML alone", () => {
  const module = fileURLToPath(new URL("../../dist/src/cli/source-places.js", import.meta.url));
  const loaded = (text: string) =>
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { createRequire } from "node:module";
        const { findPlaces } = await import(${JSON.stringify(module)});
        const { exact } = await findPlaces(${JSON.stringify(text)});
        const { cache } = createRequire(${JSON.stringify(module)});
        console.log(exact("/a").column, Object.keys(cache).some((file) => /node_modules.yaml./.test(file)));`,
      ],
      { encoding: "utf8" },
    ).trim();
  expect(loaded('{"a": 1}')).toBe("2 false");
  expect(loaded("a: 1")).toBe("1 true");
});
