// An imported OpenShell policy has the name that it was given, and the importer is found by the name of its format.

import { describe, expect, it } from "vitest";
import { findImporter, type ImportOptions, importers } from "../../src/import/index.js";
import { importOpenshell } from "../../src/import/openshell/index.js";
import { documentOf } from "./import-openshell-texts.js";

describe("names", () => {
  it("come from the option, the metadata, the profile or the file, in this order", () => {
    const name = (text: string, options: ImportOptions) => documentOf(text, options)["name"];
    const named = "version: 1\nfilesystem_policy: {}\nmetadata: { policy_id: m, version: 3 }";
    expect(name(named, { name: "n", fileName: "/x/f.yaml" })).toBe("n");
    expect(name(named, { fileName: "/x/f.yaml" })).toBe("m");
    expect(documentOf(named)["version"]).toBe("3");
    expect(name("id: p\nendpoints: []", { fileName: "f.yaml" })).toBe("p");
    expect(name("version: 1", { fileName: "/x/f.yaml" })).toBe("f");
    expect(name("version: 1", {})).toBe("openshell");
  });
  it("of entries and reasons of reviews that are not required change no rule, and a note says them", () => {
    const entry = (more: string, review: string) => `version: 1
filesystem_policy: {}
network_policies:
  forge: {
    ${more} binaries: [{ path: /usr/bin/git }],
    endpoints: [{ host: a.example.com, port: 443, protocol: rest, enforcement: enforce, rules: [{ allow: { method: GET, path: '**'${review} } }] }]
  }`;
    const notes = (text: string) => {
      const result = importOpenshell(text);
      return result.kind === "ok" ? result.notes : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
    };
    const unreviewed = ", review: { required: false, reason: for later }";
    expect(notes(entry("", ""))).toEqual([]);
    expect(notes(entry("name: forge,", ", review: { required: false }"))).toEqual([]);
    expect(notes(entry("name: the forge,", ""))).toEqual(["`/network_policies/forge` is named `the forge`, which grants nothing"]);
    expect(notes(entry("", unreviewed))).toEqual([
      "`/network_policies/forge/endpoints/0/rules/0/allow/review` requires no review, and gives a reason all the same: for later",
    ]);
    expect(documentOf(entry("name: the forge,", unreviewed))).toEqual(documentOf(entry("", "")));
    expect(notes(entry("", ", review: { required: true, reason: why }"))).toEqual([]);
    expect(notes(entry("name: 7,", ", review: { required: false, reason: 7 }"))).toEqual([
      "wrong_type /network_policies/forge/name",
      "wrong_type /network_policies/forge/endpoints/0/rules/0/allow/review/reason",
    ]);
    expect(notes(entry(`name: ${"x".repeat(5_000)},`, ""))[0]?.length).toBeLessThan(400);
  });
  it("of formats are own keys of the registry", () => {
    expect(findImporter("openshell")).toBe(importers["openshell"]);
    expect(findImporter("constructor")).toBeUndefined();
  });
});
