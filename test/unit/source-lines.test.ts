// The line of what a JSON Pointer names, in JSON and in YAML.
import { describe, expect, test } from "vitest";
import { lineOf } from "../../src/cli/source-lines.js";

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
    ["", 1],
    ["/language", 2],
    ["/a~1b", 2],
    ["/rules", 3],
    ["/rules/0", 3],
    ["/rules/1", 4],
    ["/rules/1/when", 5],
    ["/rules/1/when/path/in/2", 6],
    ["/rules/1/when/path/in/3", 6],
    ["/m~0n", 7],
    ["/m~0n/1", 8],
  ])("`%s` stands on line %i", (pointer, line) => expect(lineOf(json, "json", pointer)).toBe(line));

  test.each(["/nothing", "/rules/2", "/rules/01", "/rules/-", "/rules/0/id/x", "rules", "/m~0n/2"])("`%s` stands nowhere", (pointer) =>
    expect(lineOf(json, "json", pointer)).toBeUndefined(),
  );

  test.each(["", "{", '{"a', '{"a"', '{"a":', '{"\\x": 1}', "[[[", "]", '{"a" 1}'])("a broken text has no such place: `%s`", (text) =>
    expect(lineOf(text, "json", "/b")).toBeUndefined(),
  );
});

describe("in YAML", () => {
  test.each([
    ["", 2],
    ["/language", 2],
    ["/a~1b", 3],
    ["/rules", 4],
    ["/rules/0", 5],
    ["/rules/0/id", 5],
    ["/rules/1", 7],
    ["/rules/1/when", 8],
    ["/rules/1/when/path/in/2", 11],
    ["/rules/2", 13],
    ["/m~0n", 14],
  ])("`%s` stands on line %i", (pointer, line) => expect(lineOf(yaml, "yaml", pointer)).toBe(line));

  test.each(["/nothing", "/rules/3", "/rules/01", "/language/x", "rules"])("`%s` stands nowhere", (pointer) =>
    expect(lineOf(yaml, "yaml", pointer)).toBeUndefined(),
  );

  test("a broken text has no such place, and throws nothing", () => {
    for (const text of ["", "a: [", "\t", "a: &x 1\nb: *y", "%YAML 3\n---\n"]) expect(lineOf(text, "yaml", "/z")).toBeUndefined();
  });
});
