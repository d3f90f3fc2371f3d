// Lint finds patterns that no canonical text matches, at their place.

import { afterAll, describe, expect, test } from "vitest";
import { createProver } from "../../prover/index.js";
import { inShort, lintedBy, policyOf } from "./lint-checked.js";

const prover = createProver({ clock: () => performance.now(), solver: "none" });
afterAll(() => prover.close());
const linted = lintedBy(prover);

describe("never_canonical", () => {
  test.each<[string, object, string, string]>([
    ["a host with capitals", { h: { host: ["a.example", "API*.example"] } }, "/rules/0/when/h/host/1", "API*.example"],
    ["a route with an escaped slash", { not: { r: { route: "/a%2F*" } } }, "/rules/0/when/not/r/route", "/a%2F*"],
    ["a url of such a host", { any: [{ u: { url: "https://A*/**" } }, {}] }, "/rules/0/when/any/0/u/url", "https://A*/**"],
    ["a path with a NUL", { "a/b": { each: { path: "/x\u0000*" } } }, "/rules/0/when/a~1b/each/path", "/x\u0000*"],
    ["within where", { l: { some: { where: { all: [{ h: { host: "A*" } }] } } } }, "/rules/0/when/l/some/where/all/0/h/host", "A*"],
  ])("is found of %s, at the pattern", async (_, when, pointer, text) => {
    const { findings } = await linted(policyOf([{ action: "x", when }]));
    const found = findings.filter(({ kind }) => kind === "never_canonical");
    expect(found).toMatchObject([{ pointer, summary: expect.stringContaining(`\`${text}\``), rule: { id: "r0" } }]);
  });

  test("is found of an action", async () => {
    const found = await linted(policyOf([{ action: ["x", "fs:*\u0001"] }]));
    expect(inShort(found)).toEqual(["never_canonical /rules/0/action/1"]);
  });
});
