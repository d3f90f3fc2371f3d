// Paths, methods and queries of an OpenShell REST endpoint match the requests that they match there, and no deny or review is slipped.

import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/import/index.js";
import { at, decideOn, documentOf, entry, http, problemsOf, rest } from "./import-openshell-texts.js";

const rule = (path: string) => rest(`rules: [{ allow: { method: GET, path: '${path}' } }]`);

describe("path globs", () => {
  it.each([
    ["/a/**", { "/a": false, "/a/": true, "/a/b": true, "/a/b/c": true, "/ab": false }],
    ["/**", { "/": true, "/a": true, "/a/": true }],
    ["**", { "/": true, "/a/b": true }],
    ["/*", { "/": true, "/a": true, "/a/": false, "/a/b": false }],
    ["/**/*", { "/": true, "/a": true, "/a/b": true }],
    ["/**/", { "/": true, "/a/": true, "/a/b/": true, "/a": false }],
    ["/**/info/refs*", { "/info/refs": true, "/o/r.git/info/refs": true, "/o/info/refsx": true, "/o/info/refs/x": false }],
    ["/a/**/b", { "/a/b": true, "/a/x/y/b": true, "/a/xb": false }],
    ["/a/**/**/b/**", { "/a/b": false, "/a/b/": true, "/a/x/b/c": true }],
    ["/issues/*/labels/*", { "/issues/7/labels/x": true, "/issues/7/labels/": true, "/issues/7/8/labels/x": false }],
    ["/repos/__OWNER__/x", { "/repos/__OWNER__/x": true, "/repos/me/x": false }],
    ["/@scope/%20x", { "/@scope/%20x": true, "/@scope/ x": false }],
  ])("%s matches what it matches there", (glob, cases) => {
    for (const [route, matches] of Object.entries(cases)) {
      expect([route, decideOn(rule(glob), http({ route }))]).toEqual([route, matches ? "allow" : "deny"]);
    }
  });
  it.each([
    ["a/b", "not_canonical"],
    ["*", "not_canonical"],
    ["/a//b", "not_canonical"],
    ["/a/../b", "not_canonical"],
    ["/a b", "not_canonical"],
    ["/%2Fa", "not_canonical"],
    ["/a**", "ambiguous_glob"],
    ["/a?", "ambiguous_glob"],
    ["/[0-9]", "ambiguous_glob"],
    ["/{a,b}", "ambiguous_glob"],
  ])("%s is refused as %s", (glob, code) => {
    expect(problemsOf(rule(glob))).toEqual([`${code} ${at}/rules/0/allow/path`]);
  });
});

describe("path parameters", () => {
  const parameters = ["/admin;v=1/users", "/admin;/users", "/admin;v=1", "/;a/admin/users", "/admin/;a", "/a;b/", "/a/b;c", "/;"];
  it("a route with parameters is permitted by no rule with a wildcard, so that no deny rule and no review is slipped by one", () => {
    const denied = rest("access: full, deny_rules: [{ method: '*', path: '/admin/**' }, { method: '*', path: '/admin' }]");
    const asks = rest(
      "rules: [{ allow: { method: GET, path: '**' } }, { allow: { method: GET, path: '/admin/*', review: { required: true } } }]",
    );
    for (const text of [denied, asks, rest("access: full"), rule("/*"), rule("/a/*c"), rest("path: '/admin/**', access: full")]) {
      for (const route of parameters) expect([route, decideOn(text, http({ route }))]).toEqual([route, "deny"]);
    }
    expect(decideOn(denied, http({ route: "/administer/users" }))).toBe("allow");
    expect(decideOn(asks, http({ route: "/admin/users" }))).toBe("ask");
    expect(decideOn(denied, http({ route: "/a%3Bb" }))).toBe("deny");
  });
  it("an entry that nobody inspects takes them like any other bytes, and a rule without a wildcard never means one", () => {
    for (const route of parameters) expect([route, decideOn(entry(""), http({ route }))]).toEqual([route, "allow"]);
    expect(decideOn(rule("/admin"), http({ route: "/admin" }))).toBe("allow");
    expect(decideOn(rule("/admin"), http({ route: "/admin;v=1" }))).toBe("deny");
    expect(JSON.stringify(documentOf(rule("/admin")))).not.toContain(";");
    expect(problemsOf(rule("/admin;v=1"))).toEqual([`not_canonical ${at}/rules/0/allow/path`]);
  });
  it("at a wildcard host, addresses and parameters are both held back", () => {
    const text = rest("access: full").replace("api.example.com", "*.example.com");
    const asked = (more: JsonObject) => decideOn(text, http({ ip: "93.184.216.34", ...more }));
    expect([asked({}), asked({ ip: "10.0.0.1" }), asked({ route: "/a;b" })]).toEqual(["allow", "deny", "deny"]);
  });
});

describe("methods", () => {
  it.each([
    ["read-only", ["GET", "HEAD", "OPTIONS"], ["POST", "DELETE"]],
    ["read-write", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"], ["DELETE"]],
    ["full", ["GET", "DELETE", "PROPFIND"], ["get"]],
  ])("the preset %s is its methods and no others", (preset, allowed, denied) => {
    for (const method of allowed) expect(decideOn(rest(`access: ${preset}`), http({ method }))).toBe("allow");
    for (const method of denied) expect(decideOn(rest(`access: ${preset}`), http({ method }))).toBe("deny");
  });
  it("GET implies HEAD, in an allow and in a deny; case is of no matter", () => {
    expect(decideOn(rule("/"), http({ method: "HEAD" }))).toBe("allow");
    const denied = rest("access: full, deny_rules: [{ method: get, path: '/x' }]");
    expect(decideOn(denied, http({ method: "HEAD", route: "/x" }))).toBe("deny");
    expect(decideOn(denied, http({ method: "POST", route: "/x" }))).toBe("allow");
  });
  it("review.required asks, with its reason", () => {
    const text = rest("rules: [{ allow: { method: POST, path: '**', review: { required: true, reason: why } } }]");
    expect(decideOn(text, http({ method: "POST" }))).toBe("ask");
    expect(JSON.stringify(documentOf(text))).toContain('"because":"why"');
    expect(decideOn(text.replace("required: true", "required: false"), http({ method: "POST" }))).toBe("allow");
  });
  it("a deny of the root by `/**/` holds there too", () => {
    expect(decideOn(rest("access: full, deny_rules: [{ method: '*', path: '/**/' }]"), http({ route: "/" }))).toBe("deny");
  });
  it("an endpoint without a host is held to the deny rules of those with one, however the host is spelt", () => {
    const of = (where: string, more: string) =>
      `{ ${where} port: 443, allowed_ips: [10.0.0.0/8], protocol: rest, enforcement: enforce, access: full${more} }`;
    const denied = ", deny_rules: [{ method: DELETE, path: '**' }]";
    const text = `version: 1\nfilesystem_policy: {}\nnetwork_policies:\n  n:
    binaries: [{ path: /usr/bin/curl }]
    endpoints: [${of("", "")}, ${of("host: api.example.com,", denied)}]`;
    const asked = (more: JsonObject) => http({ method: "DELETE", ip: "10.0.0.1", ...more });
    expect(decideOn(text, asked({ host: "other.test" }))).toBe("allow");
    for (const host of ["api.example.com", "API.example.com", "api.example.com.", 7, ["api.example.com"], null]) {
      expect([host, decideOn(text, asked({ host }))]).toEqual([host, "deny"]);
    }
    const { host: _, ...unnamed } = asked({});
    expect(decideOn(text, unnamed)).toBe("deny");
  });
  it("a review is not slipped by a value that is no text, nor by an oddly spelt host", () => {
    const asks = "rules: [{ allow: { method: POST, path: '**', query: { q: '1' }, review: { required: true } } }]";
    const of = (more: string) => `{ ${more}, port: 443, allowed_ips: [10.0.0.0/8], protocol: rest, enforcement: enforce, `;
    const text = `version: 1\nfilesystem_policy: {}\nnetwork_policies:\n  n:
    binaries: [{ path: /usr/bin/curl }]
    endpoints: [${of("path: '**'")} access: full }, ${of("host: api.example.com")} ${asks} }]`;
    const asked = (more: JsonObject) => http({ method: "POST", ip: "10.0.0.1", query: { q: ["1"] }, ...more });
    for (const more of [{}, { query: { q: [1] } }, { host: "API.example.com" }, { host: 7 }])
      expect(decideOn(text, asked(more))).toBe("ask");
    expect(decideOn(text, asked({ query: { q: ["2"] } }))).toBe("allow");
  });
  it("an endpoint's own path holds its allow rules and its deny rules", () => {
    const text = rest("path: '/repos/**', access: full, deny_rules: [{ method: DELETE, path: '**' }]");
    expect(decideOn(text, http({ route: "/repos/x" }))).toBe("allow");
    expect(decideOn(text, http({ route: "/users" }))).toBe("deny");
    expect(decideOn(text, http({ route: "/repos/x", method: "DELETE" }))).toBe("deny");
  });
});

describe("queries", () => {
  const allow = (query: string) => rest(`rules: [{ allow: { method: GET, path: '**', query: ${query} } }]`);
  const asking = (query: JsonObject) => http({ query });
  it("an allow needs the key and every one of its values; other keys are free", () => {
    const text = allow("{ service: git-upload-pack }");
    expect(decideOn(text, asking({ service: ["git-upload-pack"], other: ["x"] }))).toBe("allow");
    expect(decideOn(text, asking({ service: ["git-upload-pack", "git-upload-pack"] }))).toBe("allow");
    for (const query of [{}, { service: [] }, { service: ["git-upload-pack", "x"] }, { service: "git-upload-pack" }]) {
      expect(decideOn(text, asking(query))).toBe("deny");
    }
  });
  it("a deny needs one value that matches", () => {
    const text = rest("access: full, deny_rules: [{ method: GET, path: '**', query: { service: '*-receive-*' } }]");
    expect(decideOn(text, asking({ service: ["a", "git-receive-pack"] }))).toBe("deny");
    expect(decideOn(text, asking({ service: ["a"] }))).toBe("allow");
    expect(decideOn(text, asking({}))).toBe("allow");
    expect(decideOn(text, asking({ service: "git-receive-pack" }))).toBe("deny");
  });
  it.each([
    ["'*'", "", true],
    ["'*'", "a/b c", true],
    ["'*'", "v1.2", false],
    ["'**'", "v1.2", true],
    ["'*repo:Acme/Web*'", "is:open repo:Acme/Web label:x", true],
    ["'*repo:Acme/Web*'", "repo:Acme/Other", false],
    ["'a+b(c)'", "a+b(c)", true],
    ["'v1.*'", "v1.2", true],
    ["'v1.*'", "v1x2", false],
    ["{ any: ['v1.*', 'v2'] }", "v2", true],
    ["{ any: ['v1.*', 'v2'] }", "v3", false],
    ["{ any: ['v1', 'v2'] }", "v2", true],
    ["''", "", true],
  ])("the matcher %s on %j is %s: `*` there stops at a dot", (matcher, value, matches) => {
    expect(decideOn(allow(`{ q: ${matcher} }`), asking({ q: [value] }))).toBe(matches ? "allow" : "deny");
  });
  it("a deny is not slipped by a value that is no text", () => {
    for (const matcher of ["'1'", "{ any: ['1', '2'] }", "'1*'"]) {
      const text = rest(`access: full, deny_rules: [{ method: GET, path: '**', query: { q: ${matcher} } }]`);
      for (const values of [["1"], [1], ["a", 1], [null], [["1"]], 1, "1"]) expect(decideOn(text, asking({ q: values }))).toBe("deny");
      expect(decideOn(text, asking({ q: ["a"] }))).toBe("allow");
    }
    const star = rest("access: full, deny_rules: [{ method: GET, path: '**', query: { q: 'a+b' } }]");
    expect(decideOn(star, asking({ q: ["a+b"] }))).toBe("deny");
    expect(decideOn(star, asking({ q: ["aab"] }))).toBe("allow");
  });
  it("keys of any spelling are one field each", () => {
    const text = allow(`{ 'a.b["c\\d': x }`);
    expect(decideOn(text, asking({ 'a.b["c\\d': ["x"] }))).toBe("allow");
    expect(decideOn(text, asking({ a: { b: ["x"] } }))).toBe("deny");
  });
});
