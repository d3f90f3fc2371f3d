// The YAML reader: the same JSON or nothing.
import { describe, expect, test } from "vitest";
import { type ParseOptions, parsePolicy } from "../../prover/language/parse.js";

/** The problems of `input` as `code pointer`, in order. */
function told(input: unknown, options?: ParseOptions): readonly string[] {
  const result = parsePolicy(input, options);
  return result.kind === "ok" ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe("YAML", () => {
  const yaml = (text: string) => told(`language: atmost/1\nname: p\nversion: "1"\n${text}`, { format: "yaml" });

  test("reads times as texts, numbers as numbers and `no` as a text", () => {
    const text =
      "rules:\n- {id: a, effect: allow, action: x, when: {f: {in: [no, 5, 1.5e3, true, ~, 2026-12-01]}}}\nlimits: {expires: 2026-12-01T00:00:00Z}";
    const result = parsePolicy(`language: atmost/1\nname: p\nversion: "1"\n${text}`);
    if (result.kind !== "ok") throw new Error(JSON.stringify(result.problems));
    expect(result.policy.document).toMatchObject({
      rules: [{ when: { f: { in: ["no", 5, 1500, true, null, "2026-12-01"] } } }],
      limits: { expires: "2026-12-01T00:00:00Z" },
    });
  });

  test.each<[string, string, string]>([
    ["an anchor", "rules: &r []", "yaml_not_json /rules"],
    ["an alias", "rules: []\ndescription: *r", "yaml_not_json /description"],
    ["a tag", "rules: !!seq []", "yaml_not_json /rules"],
    ["a tag of its own", "rules: []\ndescription: !secret x", "yaml_not_json /description"],
    ["a merge key", "rules: []\nlimits: {<<: {}}", "yaml_not_json /limits"],
    ["a key that is a number", "rules: []\nlimits: {5: x}", "yaml_not_json /limits"],
    ["a key that is null", "rules: []\n~: x", "yaml_not_json "],
    ["a key that is a list", "rules: []\n? [a]\n: x", "yaml_not_json "],
    ["a second document", "rules: []\n---\nrules: []", "yaml_not_json "],
    ["a duplicate key", "rules: []\nlimits: {depth: 1, depth: 2}", "duplicate_key /limits/depth"],
    ["a hexadecimal number", "rules: []\nlimits: {depth: 0x1}", "yaml_not_json /limits/depth"],
    ["a number with leading zeros", "rules: []\nlimits: {depth: 010}", "yaml_not_json /limits/depth"],
    ["infinity", "rules: []\nlimits: {depth: .inf}", "number_not_finite /limits/depth"],
    ["too many digits", "rules: []\nlimits: {depth: 0.1000000000000000055}", "number_too_precise /limits/depth"],
    ["a lone surrogate", 'rules: []\ndescription: "\\ud800"', "lone_surrogate /description"],
  ])("is refused with %s", (_, text, expected) => {
    expect(yaml(text)).toContain(expected);
  });

  test("is refused with a directive of another version, and with broken syntax at its place", () => {
    expect(told("%YAML 1.1\n---\nlanguage: atmost/1", { format: "yaml" })).toContain("yaml_not_json ");
    expect(yaml("rules: [\n")).toContainEqual(expect.stringMatching(/^yaml_syntax /));
    expect(yaml("rules:\n- id: 'a\n")).toContainEqual(expect.stringMatching(/^yaml_syntax /));
    expect(yaml("rules:\n- id: a\n  effect: 'b' c\n")).toContainEqual(expect.stringMatching(/^yaml_syntax \/rules\/0/));
    expect(yaml("rules:\n\t- x")).toContainEqual(expect.stringMatching(/^yaml_syntax /));
  });

  test("that nests deep or is full of aliases is refused in bounded time", () => {
    for (const text of ["[".repeat(900_000), "- ".repeat(500_000), "? ".repeat(500_000), "{a: ".repeat(200_000)])
      expect(told(text, { format: "yaml" })).toEqual(["too_deep "]);
    const bomb = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? "x" : `*a${i - 1}, *a${i - 1}`}]`).join("\n");
    expect(told(bomb)).toContain("yaml_not_json /a1/0");
    expect(told(`- ${"x\n- ".repeat(400_000)}`, { format: "yaml" })).toEqual(["too_large "]);
  });

  test("nests 32 levels and no more", () => {
    const text = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(told(text(32), { format: "yaml" })).toEqual(["wrong_type "]);
    expect(told(text(33), { format: "yaml" })).toEqual([`too_deep ${"/0".repeat(32)}`]);
    expect(told(`${"- ".repeat(33)}x`, { format: "yaml" })).toEqual([`too_deep ${"/0".repeat(32)}`]);
  });
});
