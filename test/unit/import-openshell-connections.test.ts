// Who reaches what under an OpenShell policy is decided as there: hosts, binaries, addresses, and the layers of a connection.

import { describe, expect, it } from "vitest";
import { escapes } from "../../prover/evaluate/decide.js";
import { at, decideOn, documentOf, entry, http, load, problemsOf, rest } from "./import-openshell-texts.js";
import { listIn, relate } from "./import-results.js";

describe("hosts", () => {
  it.each([
    ["api.example.com", { "api.example.com": true, "x.example.com": false }],
    ["API.Example.com", { "api.example.com": true }],
    ["*.example.com", { "a.example.com": true, "a.b.example.com": false, "example.com": false }],
    ["**.example.com", { "a.example.com": true, "a.b.example.com": true, "example.com": false }],
    ["*-api.example.com", { "eu-api.example.com": true, "-api.example.com": true, "api.example.com": false }],
  ])("%s matches what it matches there", (host, cases) => {
    for (const [name, matches] of Object.entries(cases)) {
      expect([name, decideOn(entry("", host), http({ host: name, ip: "93.184.216.34" }))]).toEqual([name, matches ? "allow" : "deny"]);
    }
  });
  it.each(["*", "**", "*.com", "a.*.com", "a..b", "[::1]", "1.2.3", "exämple.com", "a**.example.com", "example.com."])(
    "refuses %s",
    (host) => {
      expect(problemsOf(entry("", host)).map((problem) => problem.split(" ")[1])).toEqual([`${at}/host`]);
    },
  );
});

describe("binaries", () => {
  const text = entry("").replace("/usr/bin/curl", "/opt/py/**/python3*");
  it("opens an entry to the executable, to what it starts, and where identity is off", () => {
    for (const context of [
      { binaries: ["/opt/py/python3"] },
      { binaries: ["/usr/bin/curl", "/opt/py/3.13/bin/python3.13"] },
      { binary_identity: "off" },
    ]) {
      expect(decideOn(text, http({ context }))).toBe("allow");
    }
    for (const context of [
      {},
      { binaries: [] },
      { binaries: ["/usr/bin/curl"] },
      { binary_identity: "on" },
      { binaries: "/opt/py/python3" },
    ]) {
      expect(decideOn(text, http({ context }))).toBe("deny");
    }
  });
  it("an entry without binaries is open only where identity is off", () => {
    const none = text.replace(/ {4}binaries.*\n/, "");
    expect(decideOn(none, http())).toBe("deny");
    expect(decideOn(none, http({ context: { binary_identity: "off" } }))).toBe("allow");
  });
  it("`/**` is every executable", () => {
    expect(decideOn(text.replace("/opt/py/**/python3*", "/**"), http())).toBe("allow");
  });
});

describe("addresses", () => {
  it("allowed_ips hold the address, bare ones as blocks of one, canonical however they were written", () => {
    const text = entry("allowed_ips: ['10.1.2.3', '10.200.0.9/16', '2001:DB8:0:0:1::/80']");
    expect(JSON.stringify(documentOf(text))).toContain('["10.1.2.3/32","10.200.0.0/16","2001:db8:0:0:1::/80"]');
    expect(decideOn(text, http({ ip: "10.200.255.1" }))).toBe("allow");
    expect(decideOn(text, http({ ip: "2001:db8::1:0:0:7" }))).toBe("allow");
    expect(decideOn(text, http({ ip: "8.8.8.8" }))).toBe("deny");
    expect(decideOn(text, http())).toBe("deny");
  });
  it("a wildcard does not reach internal addresses by itself; an exact host does", () => {
    const wildcard = entry("", "*.example.com");
    expect(decideOn(wildcard, http({ ip: "10.0.0.1" }))).toBe("deny");
    expect(decideOn(wildcard, http({ ip: "8.8.8.8" }))).toBe("allow");
    expect(decideOn(entry(""), http({ ip: "10.0.0.1" }))).toBe("allow");
    expect(decideOn(entry("allowed_ips: [10.0.0.0/8]", "*.example.com"), http({ ip: "10.0.0.1" }))).toBe("allow");
  });
  const closed = ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::", "::1", "fe80::1", "::ffff:127.0.0.1"];
  it.each(["api.example.com", "*.example.com"])("%s never reaches loopback, link-local or unspecified addresses", (host) => {
    for (const ip of closed) {
      expect([ip, decideOn(entry("", host), http({ ip }))]).toEqual([ip, "deny"]);
      expect([ip, decideOn(entry("", host), { ...http({ ip }), action: "net:connect" })]).toEqual([ip, "deny"]);
    }
  });
  it("a wildcard host needs an address that is known, an exact one does not", () => {
    expect(decideOn(entry("", "*.example.com"), http())).toBe("deny");
    expect(decideOn(entry(""), http())).toBe("allow");
    for (const ip of [7, ["8.8.8.8"], "08.8.8.8"]) expect(decideOn(entry(""), http({ ip }))).toBe("deny");
  });
  it("an IPv4 literal is reached at its own address only, and refused where that is one of those", () => {
    for (const literal of [entry("", "10.1.2.3"), entry("allowed_ips: [10.0.0.0/8]", "10.1.2.3")]) {
      expect(decideOn(literal, http({ host: "10.1.2.3", ip: "10.1.2.3" }))).toBe("allow");
      expect(decideOn(literal, http({ host: "10.1.2.3", ip: "10.1.2.4" }))).toBe("deny");
    }
    for (const host of ["127.0.0.1", "169.254.169.254", "0.0.0.0"])
      expect(problemsOf(entry("", host))).toEqual([`invalid_value ${at}/host`]);
  });
  it("a profile's credentials go to no address that its wildcard host does not reach", () => {
    const profile = "id: p\ncredentials: [{ name: K }]\nendpoints: [{ host: '*.example.com', port: 443 }]\nbinaries: [/usr/bin/curl]";
    const use = (ip: string) => ({ ...http({ ip }), action: "credential:use", provider: "p", credential: "K" });
    expect(decideOn(profile, use("8.8.8.8"))).toBe("allow");
    for (const ip of ["10.0.0.1", "169.254.169.254"]) expect(decideOn(profile, use(ip))).toBe("deny");
  });
  it.each(["127.0.0.1", "169.254.0.0/16", "0.0.0.0/0", "::/0", "::1", "::ffff:10.0.0.1", "10.0.0.0/33", "010.0.0.1", "x", "1::2::3"])(
    "refuses the block %s",
    (block) => expect(problemsOf(entry(`allowed_ips: ['${block}']`))).toEqual([`invalid_value ${at}/allowed_ips/0`]),
  );
});

describe("layers", () => {
  const connect = { ...http(), action: "net:connect" };
  it("L4 covers connections and every request; REST never a connection", () => {
    for (const l4 of [entry(""), entry("protocol: tcp"), entry("tls: skip")]) {
      expect(decideOn(l4, connect)).toBe("allow");
      expect(decideOn(l4, http({ method: "DELETE", route: "/x" }))).toBe("allow");
    }
    expect(decideOn(rest("access: full"), connect)).toBe("deny");
  });
  it("an L4 boundary contains a REST child; a REST boundary never contains an L4 child, not even one that only connects", async () => {
    const children = ["access: full", "access: read-only"].map((access) => documentOf(rest(access)));
    const noRequests = { id: "no-requests", effect: "deny", action: "net:http" };
    for (const l4 of [entry(""), entry("protocol: tcp"), entry("tls: skip")].map((text) => documentOf(text))) {
      const connects = { ...l4, rules: [...listIn(l4, "rules"), noRequests] };
      for (const child of children) {
        expect(await relate(child, l4)).toEqual({ kind: "contained", requests: [] });
        expect((await relate(l4, child)).kind).toBe("exceeds");
        expect(await relate(connects, child)).toEqual({
          kind: "exceeds",
          requests: [{ action: "net:connect", host: "api.example.com", port: 443, context: { binary_identity: "off" } }],
        });
      }
      const elsewhere = await relate(documentOf(rest("access: full").replace("api.", "www.")), l4);
      expect(elsewhere.kind).toBe("exceeds");
      expect(elsewhere.requests.map(({ action, host }) => [action, host])).toEqual([["net:http", "www.example.com"]]);
    }
  });
  it("where both meet in one policy, the request is inspected for those whom the REST entry is about", () => {
    const both = `${rest("access: read-only")}  m:
    endpoints: [{ host: api.example.com, port: 443 }]
    binaries: [{ path: /usr/bin/node }]
`;
    const post = (...binaries: string[]) => http({ method: "POST", context: { binaries } });
    expect(decideOn(both, post("/usr/bin/node"))).toBe("allow");
    expect(decideOn(both, post("/usr/bin/curl"))).toBe("deny");
    expect(decideOn(both, post("/usr/bin/curl", "/usr/bin/node"))).toBe("deny");
    const tcp = both.replace("api.example.com, port: 443 }", "api.example.com, port: 443, protocol: tcp }");
    expect(problemsOf(tcp)).toEqual(["ambiguous_overlap /network_policies/m/endpoints/0"]);
    const wildcard = both.replace("host: api.example.com, port: 443 }", "host: '*.example.com', port: 443 }");
    expect(problemsOf(wildcard)).toEqual(["ambiguous_overlap /network_policies/m/endpoints/0"]);
  });
  it("a credential binding is a permission of its own", () => {
    const bound = rest("access: read-only, credential_binding: { provider: vault }");
    const use = { ...http(), action: "credential:use", provider: "vault" };
    expect(escapes(load(bound), load(rest("access: full")), use)).toBe(true);
    expect(decideOn(bound, { ...use, provider: "other" })).toBe("deny");
  });
});
