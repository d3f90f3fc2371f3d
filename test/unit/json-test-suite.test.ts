// JSONTestSuite against our readers of JSON: what every parser must accept or refuse, and what it leaves to each as the language says.
import { describe, expect, test } from "vitest";
import { readJsonText } from "../../prover/language/json.js";
import { parsePolicy, parseRequest } from "../../prover/language/parse.js";
import { readText } from "../../src/cli/io.js";
import { asBytes } from "../../src/http/body.js";
import { world } from "../generators/cli.js";
import { ACCEPTED, LEFT_OPEN, NOT_UTF8, REFUSED } from "./vectors/json-test-suite.js";

const read = (text: string, exact: boolean) => readJsonText(text, { bytesMax: 65_536, tooLarge: "too_large", nestingMax: 32, exact });
const codesOf = (text: string, exact: boolean) => read(text, exact).problems.map(({ code }) => code);

// What the language refuses though it is RFC 8259: two parsers would not agree on what it says.
const STRICTER: Readonly<Record<string, string>> = {
  y_object_duplicated_key: "duplicate_key",
  y_object_duplicated_key_and_value: "duplicate_key",
};

// What policies are refused for, and what requests are: those come from elsewhere, and may hold what a policy may not.
const CHOSEN: Readonly<Record<string, readonly [inPolicies: string | undefined, inRequests: string | undefined]>> = {
  i_number_double_huge_neg_exp: ["number_too_precise", undefined],
  i_number_neg_int_huge_exp: ["number_not_finite", "number_not_finite"],
  i_number_pos_double_huge_exp: ["number_not_finite", "number_not_finite"],
  i_number_real_neg_overflow: ["number_not_finite", "number_not_finite"],
  i_number_real_pos_overflow: ["number_not_finite", "number_not_finite"],
  i_number_real_underflow: ["number_too_precise", undefined],
  i_number_too_big_neg_int: ["number_too_precise", undefined],
  i_number_too_big_pos_int: [undefined, undefined],
  i_object_key_lone_2nd_surrogate: ["lone_surrogate", undefined],
  i_string_1st_surrogate_but_2nd_missing: ["lone_surrogate", undefined],
  i_string_1st_valid_surrogate_2nd_invalid: ["lone_surrogate", undefined],
  i_string_incomplete_surrogate_and_escape_valid: ["lone_surrogate", undefined],
  i_string_invalid_lonely_surrogate: ["lone_surrogate", undefined],
  "i_string_inverted_surrogates_U+1D11E": ["lone_surrogate", undefined],
  i_string_lone_second_surrogate: ["lone_surrogate", undefined],
  i_structure_500_nested_arrays: ["too_deep", "too_deep"],
  "i_structure_UTF-8_BOM_empty_object": ["json_syntax", "json_syntax"],
};

const lists = [ACCEPTED, REFUSED, LEFT_OPEN, NOT_UTF8];

describe("JSONTestSuite", () => {
  test("has more than 200 cases here, none of them twice, and every exception is one of them", () => {
    const names = lists.flat().map(([name]) => name);
    expect(names.length).toBeGreaterThan(200);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(STRICTER)));
    expect(LEFT_OPEN.map(([name]) => name)).toEqual(Object.keys(CHOSEN));
  });

  test.each(ACCEPTED.filter(([name]) => STRICTER[name] === undefined))("%s is read, as JSON.parse reads it", (_, text) => {
    for (const exact of [true, false]) expect(read(text, exact)).toEqual({ value: JSON.parse(text), problems: [] });
    expect(parseRequest(`{"action":"x","value":${text}}`).kind).toBe("ok");
  });

  test.each(ACCEPTED.filter(([name]) => STRICTER[name] !== undefined))("%s is refused by the language, which is stricter", (name, text) => {
    for (const exact of [true, false]) expect(codesOf(text, exact)).toEqual([STRICTER[name]]);
    expect(parseRequest(text)).toMatchObject({ kind: "invalid", problems: [{ code: STRICTER[name] }] });
  });

  test.each(REFUSED)("%s is refused, also inside of a request", (_, text) => {
    for (const exact of [true, false]) expect(codesOf(text, exact)).toContain("json_syntax");
    expect(() => JSON.parse(text)).toThrow();
    // With the brace first it is JSON to our readers, and not YAML.
    expect(parseRequest(`{"action":"x","value":${text}}`).kind).toBe("invalid");
  });

  test.each(LEFT_OPEN)("%s is as the language says, in policies and in requests", (name, text) => {
    const [inPolicies, inRequests] = CHOSEN[name] ?? [];
    expect(codesOf(text, true)).toEqual(inPolicies === undefined ? [] : [inPolicies]);
    expect(codesOf(text, false)).toEqual(inRequests === undefined ? [] : [inRequests]);
    const policy = parsePolicy(
      `{"language":"atmost/1","name":"p","version":"1","rules":[{"id":"r","effect":"allow","action":"x","when":{"a":{"in":${text}}}}]}`,
    );
    if (inPolicies === undefined) expect(policy.kind).toBe("ok");
    else
      expect(policy).toMatchObject({ kind: "invalid", problems: expect.arrayContaining([expect.objectContaining({ code: inPolicies })]) });
    expect(parseRequest(`{"action":"x","value":${text}}`).kind).toBe(inRequests === undefined ? "ok" : "invalid");
  });

  test.each(NOT_UTF8)("%s is no UTF-8: neither the command line nor the service reads it", async (_, hex) => {
    const bytes = Buffer.from(hex, "hex");
    expect(asBytes(bytes)).toMatchObject({ code: "invalid_utf8" });
    const { io } = world(bytes);
    expect(await readText("-", 65_536, io)).toMatchObject({ kind: "invalid", problems: [{ code: "invalid_utf8" }] });
  });
});
