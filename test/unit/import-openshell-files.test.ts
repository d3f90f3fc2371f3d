// Policies in real files import, or are refused by name, and decide what they say: the shared fixtures and proofs/openshell-clone.

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { decide, escapes } from "../../prover/evaluate/decide.js";
import { loadPolicy } from "../../prover/load.js";
import type { JsonObject } from "../../src/import/index.js";
import { fixturesOf, isWithoutFixtures } from "../outside.js";
import { documentOf, http, load, problemsOf } from "./import-openshell-texts.js";
import { loadDocument, relate } from "./import-results.js";

const root = resolve(import.meta.dirname, "../..");
const fixtures = fixturesOf("openshell");
const isWithout = isWithoutFixtures("openshell");
const clone = resolve(root, "proofs/openshell-clone");

// Without the shared fixtures (they are no part of the repository) these are skipped, but not in CI; every other test stands without them.
describe.skipIf(isWithout)("the real files in shared/fixtures/openshell (skipped where that folder is absent)", () => {
  const read = (name: string) => readFileSync(resolve(fixtures, name), "utf8");
  const refused: Readonly<Record<string, string>> = {
    "02b-prover-testdata-credentials.yaml": "not_a_policy /credentials",
    "04-mcp-conformance-policy-template.yaml.tmpl": "invalid_yaml ",
    "12-middleware-content-guard.yaml": "not_supported /network_middlewares/prototype-content-guard",
    "15-provider-github-gator.yaml": "not_supported /endpoints/1/protocol",
    "16-provider-github.yaml": "not_supported /endpoints/1/protocol",
  };
  const names = isWithout
    ? []
    : readdirSync(fixtures)
        .filter((name) => /^\d/.test(name))
        .sort();

  it("are all there", () => expect(names).toHaveLength(29));
  it.each(names)("%s imports as a policy that loads, or is refused by name and place", (name) => {
    const options = { fileName: name, workdir: "/sandbox" };
    const expected = refused[name];
    if (expected !== undefined) expect(problemsOf(read(name), options)[0]).toBe(expected);
    else expect(loadPolicy(documentOf(read(name), options)).kind).toBe("loaded");
  });
  const child = () => documentOf(read("20-github-child-clone.yaml"), { workdir: "/sandbox" });
  /** The parent, with `rules` at the endpoint that discovers and `entries` beside its own: as its author would write them. */
  const parentWith = (rules: readonly JsonObject[], entries: JsonObject = {}) => {
    const foreign = JSON.parse(read("21-github-parent-discovery.json"));
    foreign.network_policies.github_pi_subagents_clone_discovery.endpoints[0].rules.push(...rules.map((allow) => ({ allow })));
    Object.assign(foreign.network_policies, entries);
    return documentOf(JSON.stringify(foreign), { workdir: "/sandbox" });
  };
  // What the child adds: the discovery under the name with `.git`, and the fetch, which is a POST, under either name.
  const discovery = { method: "GET", path: "/nicobailon/pi-subagents.git/info/refs", query: { service: "git-upload-pack" } };
  const fetches = ["pi-subagents.git", "pi-subagents"].map((name) => ({ method: "POST", path: `/nicobailon/${name}/git-upload-pack` }));
  const added = [
    { rule: discovery, request: ["github.com", 443, "GET", discovery.path, { service: ["git-upload-pack"] }] },
    ...fetches.map((rule) => ({ rule, request: ["github.com", 443, "POST", rule.path, undefined] })),
  ];
  // Who asks is left out: git, or anybody where identity is off. `relate` has replayed every request as a whole.
  const answerOn = async (lower: unknown, upper: unknown) => {
    const { kind, requests } = await relate(lower, upper);
    return { kind, requests: requests.map(({ host, port, method, route, query }) => [host, port, method, route, query]) };
  };

  it("20 exceeds 21 by the clone's three requests, which git may send; 21 exceeds 20 by its own service and a bare discovery", async () => {
    expect(await answerOn(child(), parentWith([]))).toEqual({ kind: "exceeds", requests: added.map(({ request }) => request) });
    for (const { rule, request } of added) {
      const [host, port, method, route, query] = request;
      const asked = { action: "net:http", host, port, method, route, ...("query" in rule ? { query } : {}) };
      const byGit = { ...asked, context: { binaries: ["/usr/bin/git"] } };
      expect(escapes(loadDocument(child()), loadDocument(parentWith([])), byGit)).toBe(true);
    }
    expect(await answerOn(parentWith([]), child())).toEqual({
      kind: "exceeds",
      requests: [
        ["github.com", 443, "GET", "/nicobailon/pi-subagents/info/refs", undefined],
        ["host.openshell.internal", 8765, "POST", "/v1/jobs", undefined],
        ["host.openshell.internal", 8765, "GET", expect.stringMatching(/^\/v1\/jobs\//), undefined],
      ],
    });
  });
  it("20 is contained in 21 with its entry beside, and with those three rules; by the one that is left out it exceeds", async () => {
    const { network_policies } = parse(read("20-github-child-clone.yaml"));
    expect(await answerOn(child(), parentWith([], network_policies))).toEqual({ kind: "contained", requests: [] });
    expect((await answerOn(child(), parentWith(added.map(({ rule }) => rule)))).kind).toBe("contained");
    for (const left of added) {
      const others = added.filter((each) => each !== left).map(({ rule }) => rule);
      expect(await answerOn(child(), parentWith(others))).toEqual({ kind: "exceeds", requests: [left.request] });
    }
  });
  it("22: each service is within any, and any exceeds each; of two services each exceeds the other by itself", async () => {
    const document = (name: string) => documentOf(read(`22-query-${name}.yaml`));
    const asks = (service: unknown) => ["github.com", 443, "GET", "/org/repo.git/info/refs", { service: [service] }];
    for (const [one, other] of [
      ["upload", "receive"],
      ["receive", "upload"],
    ] as const) {
      expect((await answerOn(document(one), document(one))).kind).toBe("contained");
      expect((await answerOn(document(one), document("any"))).kind).toBe("contained");
      expect(await answerOn(document(one), document(other))).toEqual({ kind: "exceeds", requests: [asks(`git-${one}-pack`)] });
      const another = expect.not.stringMatching(`^git-${one}-pack$`);
      expect(await answerOn(document("any"), document(one))).toEqual({ kind: "exceeds", requests: [asks(another)] });
    }
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
