// Policies in real files import, or are refused by name, and decide what they say: the shared fixtures and proofs/openshell-clone.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { decide, escapes } from "../../prover/evaluate/decide.js";
import { loadPolicy } from "../../prover/load.js";
import type { JsonObject } from "../../src/import/index.js";
import { documentOf, http, load, problemsOf } from "./import-openshell-texts.js";

const root = resolve(import.meta.dirname, "../..");
const fixtures = resolve(root, "../shared/fixtures/openshell");
const clone = resolve(root, "proofs/openshell-clone");

const upload = (repository: string) =>
  http({ host: "github.com", method: "POST", route: `/nicobailon/${repository}/git-upload-pack`, context: { binaries: ["/usr/bin/git"] } });

// Without the shared fixtures (they are no part of the repository) these are skipped; every other test stands without them.
describe.skipIf(!existsSync(fixtures))("the real files in shared/fixtures/openshell (skipped where that folder is absent)", () => {
  const read = (name: string) => readFileSync(resolve(fixtures, name), "utf8");
  const refused: Readonly<Record<string, string>> = {
    "02b-prover-testdata-credentials.yaml": "not_a_policy /credentials",
    "04-mcp-conformance-policy-template.yaml.tmpl": "invalid_yaml ",
    "12-middleware-content-guard.yaml": "not_supported /network_middlewares/prototype-content-guard",
    "15-provider-github-gator.yaml": "not_supported /endpoints/1/protocol",
    "16-provider-github.yaml": "not_supported /endpoints/1/protocol",
  };
  const names = existsSync(fixtures)
    ? readdirSync(fixtures)
        .filter((name) => /^\d/.test(name))
        .sort()
    : [];

  it("are all there", () => expect(names).toHaveLength(29));
  it.each(names)("%s imports as a policy that loads, or is refused by name and place", (name) => {
    const options = { fileName: name, workdir: "/sandbox" };
    const expected = refused[name];
    if (expected !== undefined) expect(problemsOf(read(name), options)[0]).toBe(expected);
    else expect(loadPolicy(documentOf(read(name), options)).kind).toBe("loaded");
  });
  it("20 escapes 21 by the clone, and no longer once its rule is above", () => {
    const [child, parent] = [read("20-github-child-clone.yaml"), read("21-github-parent-discovery.json")];
    const options = { workdir: "/sandbox" };
    expect(escapes(load(child, options), load(parent, options), upload("pi-subagents"))).toBe(true);
    const lower = documentOf(child, options);
    const upper = documentOf(parent, options);
    const rules = [upper["rules"], lower["rules"]].flatMap((list, side) =>
      Array.isArray(list) ? list.map((each, index) => ({ ...each, id: `${side}/${index}` })) : [],
    );
    const both = loadPolicy({ ...upper, rules });
    expect(both.kind === "loaded" && escapes(load(child, options), both.policy, upload("pi-subagents"))).toBe(false);
  });
  it("22-receive escapes 22-upload, which escapes nothing of 22-any", () => {
    const [any, receive, uploadOnly] = ["any", "receive", "upload"].map((name) => load(read(`22-query-${name}.yaml`)));
    const asks = (service: string) =>
      http({
        host: "github.com",
        route: "/org/repo.git/info/refs",
        query: { service: [service] },
        context: { binaries: ["/usr/bin/git"] },
      });
    if (any === undefined || receive === undefined || uploadOnly === undefined) throw new Error("three files");
    expect(escapes(receive, uploadOnly, asks("git-receive-pack"))).toBe(true);
    expect(decide(uploadOnly, asks("git-upload-pack"))).toBe("allow");
    expect(escapes(uploadOnly, any, asks("git-upload-pack"))).toBe(false);
  });
});

describe("proofs/openshell-clone", () => {
  const policy = (name: string) => load(readFileSync(resolve(clone, name), "utf8"), { fileName: name });
  const [max, parent] = [policy("admin-maximum.yaml"), policy("parent-boundary.yaml")];
  const git = (more: JsonObject) => http({ host: "git.fernhill.example", context: { binaries: ["/usr/bin/git"] }, ...more });
  const discover = git({ route: "/fernhill/almanac.git/info/refs", query: { service: ["git-upload-pack"] } });
  const fetchObjects = git({ method: "POST", route: "/fernhill/almanac.git/git-upload-pack" });
  const issue = git({ method: "POST", route: "/api/v1/repos/fernhill/almanac/issues", context: { binaries: ["/usr/bin/curl"] } });
  it("lets a child discover, asks for an issue, and shows the clone as an escape from the parent that the maximum would permit", () => {
    expect([max, parent, policy("child-discover.yaml")].map((each) => decide(each, discover))).toEqual(["allow", "allow", "allow"]);
    expect([max, parent, policy("child-review.yaml")].map((each) => decide(each, issue))).toEqual(["ask", "ask", "allow"]);
    expect([max, parent, policy("child-clone.yaml")].map((each) => decide(each, fetchObjects))).toEqual(["allow", "deny", "allow"]);
    expect(escapes(policy("child-clone.yaml"), parent, fetchObjects)).toBe(true);
  });
  it("keeps a push out of every one of them", () => {
    const push = git({ route: "/fernhill/almanac.git/info/refs", query: { service: ["git-upload-pack", "git-receive-pack"] } });
    for (const name of readdirSync(clone).filter((file) => file.endsWith(".yaml"))) expect(decide(policy(name), push)).toBe("deny");
  });
});
