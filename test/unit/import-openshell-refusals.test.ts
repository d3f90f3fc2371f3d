// What the OpenShell importer refuses, each by its code and its place, all of it at once, and in bounded time whatever the text.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importOpenshell } from "../../src/import/openshell/index.js";
import { propertyParameters } from "../generators/index.js";
import { at, entry, problemsOf, rest } from "./import-openshell-texts.js";

describe("what is refused", () => {
  it.each([
    ["version: 2", "invalid_value /version"],
    ["landlock: {}", "missing_key "],
    ["version: 1\nfilesystem_polciy: {}", "unknown_key /filesystem_polciy"],
    ["version: 1\nversion: 1", "duplicate_key /version"],
    ["version: 1\nprocess: { run_as_user: 1500 }", "wrong_type /process/run_as_user"],
    ["version: 1\nlandlock: { compatibility: none }", "invalid_value /landlock/compatibility"],
    ["version: 1\nfilesystem_policy: { read_only: [usr, /a/../b] }", "not_canonical /filesystem_policy/read_only/0"],
    ["version: 1\ncedar_policy: x", "not_supported /cedar_policy"],
    ["version: 1\nnetwork_middlewares: { 'a/b': {} }", "not_supported /network_middlewares/a~1b"],
    ["version: 1\nmetadata: { allowed_modes: [ask] }", "not_supported /metadata/allowed_modes"],
    ["credentials: []", "not_a_policy /credentials"],
    ["[]", "wrong_type "],
    ["", "wrong_type "],
    ["a: &x 1", "not_supported /a"],
    ["a: 1\nb: *x", "not_supported /b"],
    ["a: !!str 1", "not_supported /a"],
    ["version: 0x1", "not_supported /version"],
    ["1: x", "not_supported "],
    ['version: 1\nprocess: { run_as_user: "\\ud800" }', "lone_surrogate /process/run_as_user"],
    [entry("access: full"), `not_enforced ${at}/access`],
    [entry("path: /x"), `not_enforced ${at}/path`],
    [entry("protocol: rest, access: full"), `missing_key ${at}`],
    [entry("protocol: rest, enforcement: audit, access: full"), `not_enforced ${at}/enforcement`],
    [rest("tls: skip, access: full"), `not_enforced ${at}/tls`],
    [rest("access: full, allow_encoded_slash: true"), `not_supported ${at}/allow_encoded_slash`],
    [rest("access: full, signing_service: s3"), `not_supported ${at}/signing_service`],
    [rest("access: everything"), `invalid_value ${at}/access`],
    [rest("rules: []"), `invalid_value ${at}/rules`],
    [rest("access: full, deny_rules: []"), `invalid_value ${at}/deny_rules`],
    [rest("access: full, rules: [{ allow: { method: GET, path: '**' } }]"), `invalid_value ${at}/rules`],
    [rest("path: '/a'"), `missing_key ${at}`],
    [rest("rules: [{ allow: { method: GET } }]"), `missing_key ${at}/rules/0/allow`],
    [rest("rules: [{ allow: { path: '**' } }]"), `missing_key ${at}/rules/0/allow`],
    [rest("rules: [{ allow: { method: GET, path: '**', tool: x } }]"), `not_supported ${at}/rules/0/allow/tool`],
    [rest("rules: [{ allow: { method: GET, path: '**', query: { q: { any: [] } } } }]"), `invalid_value ${at}/rules/0/allow/query/q`],
    [rest("rules: [{ allow: { method: GET, path: '**', query: { q: 'a?' } } }]"), `ambiguous_glob ${at}/rules/0/allow/query/q`],
    [entry("ports: [80]"), `invalid_value ${at}`],
    [entry("protocol: graphql, access: full"), `not_supported ${at}/protocol`],
    [entry("protocol: ftp"), `invalid_value ${at}/protocol`],
  ])("names it by code and place: %#", (text, first) => {
    expect(problemsOf(text)[0]).toBe(first);
  });
  // What took the YAML reader by itself more than a minute, or its whole stack. All of them together take about 3 s.
  it.each([
    ["[", 200_000, "too_deep "],
    ["{a: ", 200_000, "too_deep "],
    ["- ", 200_000, "too_deep "],
    ["? ", 200_000, "too_deep "],
    ["&a ", 200_000, "not_supported "],
    ["*a ", 200_000, "not_supported "],
    ["a: b\n", 200_000, "too_large "],
    ["%", 200_000, "invalid_yaml "],
    ["é", 600_000, "too_large "],
  ])("refuses %j written %i times by name, in bounded time", (text, times, first) => {
    const begun = performance.now();
    const problems = problemsOf(text.repeat(times));
    expect(problems[0]).toBe(first);
    expect(problems.length).toBeLessThanOrEqual(501);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
  it("tells every problem at once, with the nearest known key", () => {
    const text = `${rest("acess: full, rules: [{ allow: { method: '', path: 'x' } }]")}unknown: 1\n`;
    const result = importOpenshell(text);
    const problems = result.kind === "refused" ? result.problems : [];
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      "/unknown",
      `${at}/acess`,
      `${at}/rules/0/allow/method`,
      `${at}/rules/0/allow/path`,
    ]);
    expect(problems[1]?.nearest).toBe("access");
    for (const { message } of problems) expect(message).toMatch(/^[^A-Z].*[^.]$/);
  });
  it("ends in an answer for text of any kind, the same every time", () => {
    const piece = fc.constantFrom(
      "version: 1\n",
      "network_policies:\n",
      "  n: {",
      "endpoints: [",
      "host: a.b",
      ", ",
      "}",
      "]",
      "\n",
      "*x",
      "&x ",
      "__proto__: ",
      "'",
      "? ",
      "!!binary x",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(text, (input) => {
        expect(importOpenshell(input)).toEqual(importOpenshell(input));
      }),
      propertyParameters("openshell: any text is answered", 500),
    );
    for (const input of ["[".repeat(200_000), `${"{a: ".repeat(5_000)}1`, " ".repeat(1_100_000)]) {
      expect(importOpenshell(input).kind).toBe("refused");
    }
  });
});
