// An imported OpenShell policy has the name that it was given, and the importer is found by the name of its format.

import { describe, expect, it } from "vitest";
import { findImporter, type ImportOptions, importers } from "../../src/import/index.js";
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
  it("of formats are own keys of the registry", () => {
    expect(findImporter("openshell")).toBe(importers["openshell"]);
    expect(findImporter("constructor")).toBeUndefined();
  });
});
