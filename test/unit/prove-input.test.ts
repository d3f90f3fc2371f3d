// Claims that can not be read are refused by code, file and place, all at once; paths are joined; and the docs' claims are claims.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { joinPath } from "../../src/prove/policies.js";
import { parseClaims } from "../../src/prove/read.js";
import { claimKinds } from "../../src/prove/schema.js";
import { run } from "./prove-answers.js";

describe("bad input", () => {
  const claim = { name: "n", because: "b", contained: { lower: "small.json", upper: "large.json" } };
  test.each<[string, readonly object[], object, string]>([
    ["no kind", [{ name: "n", because: "b" }], {}, "missing_key p/t.claims.json /claims/0"],
    ["two kinds", [{ ...claim, disjoint: ["a.json", "b.json"] }], {}, "invalid_value p/t.claims.json /claims/0"],
    ["a kind that is none", [{ name: "n", because: "b", contains: {} }], {}, "unknown_key p/t.claims.json /claims/0/contains"],
    ["no reason", [{ name: "n", contained: claim.contained }], {}, "missing_key p/t.claims.json /claims/0/because"],
    ["a name twice", [claim, claim], {}, "duplicate_name p/t.claims.json /claims/1/name"],
    ["no claims", [], {}, "empty p/t.claims.json /claims"],
    ["another language", [claim], { language: "atmost/1" }, "invalid_value p/t.claims.json /language"],
    ["a short name that is a path", [claim], { policies: { "a.json": "a.json" } }, "invalid_value p/t.claims.json /policies/a.json"],
    [
      "a name that nobody gave",
      [{ ...claim, contained: { lower: "nobody", upper: "large.json" } }],
      {},
      "unknown_name p/t.claims.json /claims/0/contained/lower",
    ],
    ["a file that is not there", [{ ...claim, contained: { lower: "no.json", upper: "large.json" } }], {}, "file_unreadable p/no.json "],
    [
      "a path from the root",
      [{ ...claim, contained: { lower: "/etc/a.json", upper: "large.json" } }],
      {},
      "invalid_value p/t.claims.json /claims/0/contained/lower",
    ],
    [
      "a policy that is none",
      [{ ...claim, contained: { lower: "broken.json", upper: "large.json" } }],
      {},
      "missing_key p/broken.json /rules/0/effect",
    ],
    [
      "a foreign policy that is none",
      [{ ...claim, contained: { lower: { import: "openshell", file: "small.json" }, upper: "large.json" } }],
      {},
      "unknown_key p/small.json /language",
    ],
    [
      "a pattern that is none",
      [{ name: "n", because: "b", never: { policy: "small.json", is: "permitted", when: { path: { path: "/a/../b" } } } }],
      {},
      "pattern_not_canonical p/t.claims.json /claims/0/never/when/path/path",
    ],
    [
      "a view with rules of its own, of `disjoint`",
      [{ name: "n", because: "b", disjoint: ["large.json", { policy: "parent.json", view: true }] }],
      {},
      "not_supported p/t.claims.json /claims/0/disjoint",
    ],
    [
      "a view with rules of its own, of `never asked`",
      [{ name: "n", because: "b", never: { policy: { policy: "parent.json", view: true }, is: "asked" } }],
      {},
      "not_supported p/t.claims.json /claims/0/never",
    ],
    [
      "a view with rules of its own, of `always asked`",
      [{ name: "n", because: "b", always: { policy: { policy: "parent.json", view: true }, is: "asked" } }],
      {},
      "not_supported p/t.claims.json /claims/0/always",
    ],
    [
      "a view in a spawn, which takes the boundary's itself",
      [
        {
          name: "n",
          because: "b",
          spawn: { child: "small.json", boundary: { policy: "parent.json", view: true }, max: "top.json", verdict: "apply" },
        },
      ],
      {},
      "not_supported p/t.claims.json /claims/0/spawn",
    ],
    [
      "no old version",
      [{ name: "n", because: "b", no_new_access: { new: "small.json" } }],
      {},
      "base_required p/t.claims.json /claims/0/no_new_access/new",
    ],
  ])("is told by code, file and place: %s", async (_, claims, more, expected) => {
    const result = await run(claims, more);
    if (result.kind !== "invalid") throw new Error("the input was taken");
    expect(result.problems.map(({ code, file, pointer }) => `${code} ${file} ${pointer}`)).toContain(expected);
  });

  test("is told all at once, over claims and policies", async () => {
    const result = await run([
      { ...claim, name: "a", contained: { lower: "broken.json", upper: "no.json" } },
      { ...claim, name: "b", contained: { lower: "broken.json", upper: "nobody" } },
    ]);
    const told = result.kind === "invalid" ? result.problems.map(({ file, code }) => `${file} ${code}`) : [];
    expect(told.filter((line) => line.startsWith("p/broken.json")).length).toBe(2);
    expect(told).toContain("p/no.json file_unreadable");
    expect(told).toContain("p/t.claims.json unknown_name");
  });
});

test.each([
  [".", "a.json", "a.json"],
  ["p", "../a.json", "a.json"],
  ["p/q", "./r/a.json", "p/q/r/a.json"],
  [".", "../a.json", "../a.json"],
  ["..", "../a.json", "../../a.json"],
  ["/p", "../../a.json", "/a.json"],
])("the path from `%s` to `%s` is `%s`", (folder, path, joined) => expect(joinPath(folder, path)).toBe(joined));

test("the claims file of docs/prove.md is one", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../docs/prove.md"), "utf8");
  const examples = [...page.matchAll(/^```yaml\n(language: atmost-claims[\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  expect(examples.length).toBe(1);
  for (const text of examples) expect(parseClaims(text, "a.claims.yaml").kind).toBe("ok");
  const named = [...page.matchAll(/^\| `([a-z_]+)` \| .* \| .* \|$/gm)].map(([, name = ""]) => name).filter((name) => name !== "");
  expect(named.toSorted()).toEqual([...claimKinds].toSorted());
});
