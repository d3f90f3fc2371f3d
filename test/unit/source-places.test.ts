// Places of JSON Pointers in JSON and YAML texts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPlaces } from "../../src/cli/source-places.js";
import { arbPolicy } from "../generators/policies.js";
import { propertyParameters } from "../generators/seed.js";

describe("the place of a pointer", () => {
  test("is that of a key or of an element in JSON", async () => {
    const text = '{ "a": [1, { "b": "}]\\"" },\n  [] ],\r\n "c/d~e": {\n"\\u0066": -1.5e3}, "last": null}\n';
    const find = await findPlaces(text);
    const places = ["/a", "/a/0", "/a/1", "/a/1/b", "/a/2", "/c~1d~0e", "/c~1d~0e/f", "/last"].map(find);
    expect(places.map(({ line, column }) => `${line}:${column}`)).toEqual(["1:3", "1:9", "1:12", "1:14", "2:3", "3:2", "4:1", "4:20"]);
  });

  test("is that of a key or of an element in YAML, in blocks and in flows", async () => {
    const text = "# first\nname: x\nrules:\n  - id: a\n    when: { path: { path: [/a/**, /b] } }\n  - { id: b,\n      action: c }\n";
    const find = await findPlaces(text);
    const places = ["/name", "/rules", "/rules/0", "/rules/0/when/path/path/1", "/rules/1", "/rules/1/action"].map(find);
    expect(places.map(({ line, column }) => `${line}:${column}`)).toEqual(["2:1", "3:1", "4:5", "5:35", "6:5", "7:7"]);
  });

  test("is that of what it would be in where it is not there, and the first of an empty text", async () => {
    const find = await findPlaces('\n{"a":\n{}}');
    expect(find("/a/b/c")).toEqual({ line: 2, column: 2 });
    expect(find("/b")).toEqual({ line: 2, column: 1 });
    expect((await findPlaces(""))("/x/y")).toEqual({ line: 1, column: 1 });
  });

  test("is, in generated policies, where the text of that member or element begins", async () => {
    const walk = (value: unknown, pointer: string): readonly (readonly [string, unknown, string | undefined])[] => {
      if (typeof value !== "object" || value === null) return [];
      return Object.entries(value).flatMap(([key, item]) => {
        const place = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        return [[place, item, Array.isArray(value) ? undefined : key] as const, ...walk(item, place)];
      });
    };
    await fc.assert(
      fc.asyncProperty(arbPolicy(), fc.constantFrom(undefined, 1), async (policy, indent) => {
        const text = JSON.stringify(policy, undefined, indent);
        const lines = text.split("\n");
        const find = await findPlaces(text);
        for (const [pointer, item, key] of walk(JSON.parse(text), "")) {
          const { line, column } = find(pointer);
          const rest = (lines[line - 1] ?? "").slice(column - 1);
          const begins = key === undefined ? JSON.stringify(item).slice(0, 1) : JSON.stringify(key);
          expect(rest.startsWith(begins), `${pointer} in ${text}`).toBe(true);
        }
      }),
      propertyParameters("places in JSON", 200),
    );
  });
});
