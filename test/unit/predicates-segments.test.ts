// The predicates on segments: path, route, host, url, cidr, and the action of a rule (section 4 of the language).
import { describe, expect, test } from "vitest";
import { evaluate, type Json, parsePolicy } from "../../src/index.js";
import { codesOf, holds, read } from "./predicate-table.js";

const notText: readonly unknown[] = [null, true, 0, [], ["/a"], {}];

describe("path", () => {
  // What no canonical path is, whatever the pattern.
  const odd = [
    "",
    "a",
    "a/b",
    "./a",
    "//",
    "//a",
    "/a/",
    "/a//b",
    "/.",
    "/..",
    "/a/.",
    "/a/..",
    "/a/./b",
    "/../a",
    "/a\0",
    "\0",
    " /a",
    "~/a",
    "\\a",
  ];
  holds([
    {
      when: { path: "/**" },
      true: ["/", "/a", "/a/b", "/...", "/.a", "/..a", "/a..", "/a\nb", "/\ud834", "/a b", "/%2e%2e"],
      unknown: odd,
    },
    { when: { path: "/" }, true: ["/"], false: ["/a", "/a/b"], unknown: odd },
    { when: { path: "/*" }, true: ["/a", "/.a", "/\n"], false: ["/", "/a/b"], unknown: ["/a/", "//"] },
    { when: { path: "/a" }, true: ["/a"], false: ["/", "/A", "/b", "/a/b", "/ab"], unknown: ["/a/", ...notText] },
    { when: { path: "/a/**" }, true: ["/a", "/a/b", "/a/b/c"], false: ["/", "/b", "/ab", "/ab/c", "/A/b"], unknown: ["/a/", "/a/../b"] },
    { when: { path: "/a/*" }, true: ["/a/b", "/a/.b"], false: ["/a", "/a/b/c"] },
    { when: { path: "/a/**/b" }, true: ["/a/b", "/a/x/b", "/a/x/y/b", "/a/b/b"], false: ["/a", "/b", "/a/b/c", "/a/xb"] },
    { when: { path: "/**/b" }, true: ["/b", "/a/b", "/a/a/b"], false: ["/", "/b/a", "/ab"] },
    { when: { path: "/**/*" }, true: ["/a", "/a/b"], false: ["/"] },
    { when: { path: "/*/**" }, true: ["/a", "/a/b"], false: ["/"] },
    { when: { path: "/**/**" }, true: ["/", "/a", "/a/b"] },
    { when: { path: "/**/a/**" }, true: ["/a", "/a/b", "/b/a", "/b/a/c"], false: ["/", "/b", "/ab"] },
    { when: { path: "/a*b/c" }, true: ["/ab/c", "/axb/c"], false: ["/a/b/c", "/axb", "/ab/c/d"] },
    { when: { path: "/?" }, true: ["/a", "/𝄞", "/\ud834"], false: ["/", "/ab", "/a/b"] },
    { when: { path: "/**/.env*" }, true: ["/.env", "/a/.env", "/a/.env.local"], false: ["/env", "/.env/a", "/a.env"] },
    { when: { path: "/a\\*" }, true: ["/a*"], false: ["/ab"] },
    { when: { path: ["/a", "/b/**"] }, true: ["/a", "/b", "/b/c"], false: ["/", "/a/b"], unknown: ["/b/"] },
    { when: { path: "/é" }, true: ["/\u00e9"], false: ["/e\u0301"] },
  ]);

  test.each<[pattern: string, code: string]>([
    ["/a/**b", "pattern_malformed"],
    ["/a**", "pattern_malformed"],
    ["/***", "pattern_malformed"],
    ["a/b", "pattern_malformed"],
    ["", "pattern_malformed"],
    ["/a/", "pattern_not_canonical"],
    ["/a//b", "pattern_not_canonical"],
    ["/a/../b", "pattern_not_canonical"],
    ["/./a", "pattern_not_canonical"],
    ["/a\0", "pattern_not_canonical"],
  ])("refuses the pattern `%s` as %s", (path, code) => {
    expect(codesOf({ path })).toEqual([code]);
  });
});

describe("route", () => {
  const odd = [
    "",
    "a",
    "//",
    "/a//",
    "//a",
    "/a//b",
    "/.",
    "/..",
    "/a/./b",
    "/a/..",
    "/a/../",
    "/%2e",
    "/%2E%2E/a",
    "/a%2fb",
    "/a%2Fb",
    "/a%5Cb",
    "/a%5cb",
  ];
  const raw = [
    "/a\\b",
    "/a\0",
    "/a\n",
    "/é",
    "/a b",
    "/a?",
    "/a?b",
    "/a#b",
    "/%61",
    "/%7E",
    "/%c3%a9",
    "/%",
    "/%4",
    "/%zz",
    '/"',
    "/[a]",
    "/a|b",
  ];
  holds([
    {
      when: { route: "/**" },
      true: ["/", "/a", "/a/", "/a/b", "/a/b/", "/...", "/.a", "/%C3%A9", "/%20", "/%25", "/a:@!$&'()*+,;=b"],
      unknown: [...odd, ...raw],
    },
    { when: { route: "/" }, true: ["/"], false: ["/a", "/a/"] },
    { when: { route: "/a" }, true: ["/a"], false: ["/", "/a/", "/a/b", "/A"], unknown: notText },
    { when: { route: "/a/" }, true: ["/a/"], false: ["/a", "/a/b", "/"], unknown: ["/a//"] },
    { when: { route: "/a/**" }, true: ["/a", "/a/", "/a/b", "/a/b/"], false: ["/", "/ab", "/ab/"] },
    { when: { route: "/a/*" }, true: ["/a/", "/a/b"], false: ["/a", "/a/b/", "/a/b/c"] },
    { when: { route: "/a/*/" }, true: ["/a/b/"], false: ["/a/", "/a/b", "/a/b/c"] },
    { when: { route: "/a/?" }, true: ["/a/b"], false: ["/a/", "/a/bc"] },
    { when: { route: "/*" }, true: ["/a"], false: ["/", "/a/", "/a/b"] },
    { when: { route: "/**/a" }, true: ["/a", "/b/a", "/b/c/a"], false: ["/", "/a/", "/ba"] },
    { when: { route: "/a/**/b" }, true: ["/a/b", "/a/x/b"], false: ["/a/b/", "/a/"] },
    { when: { route: "/a*/b" }, true: ["/a/b", "/ax/b"], false: ["/a/x/b"] },
    { when: { route: "/%C3%A9" }, true: ["/%C3%A9"], false: ["/%C3%A8"], unknown: ["/é", "/%c3%a9"] },
    { when: { route: ["/a", "/a/"] }, true: ["/a", "/a/"], false: ["/a/b"] },
  ]);

  test.each<[pattern: string, code: string]>([
    ["/a**", "pattern_malformed"],
    ["a", "pattern_malformed"],
    ["/a//b", "pattern_not_canonical"],
    ["/a/../b", "pattern_not_canonical"],
    ["/%2e", "pattern_not_canonical"],
    ["/%61", "pattern_not_canonical"],
    ["/%c3%a9", "pattern_not_canonical"],
    ["/é", "pattern_not_canonical"],
  ])("refuses the pattern `%s` as %s", (route, code) => {
    expect(codesOf({ route })).toEqual([code]);
  });
});

describe("host", () => {
  const names = [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "A",
    "Example.com",
    "a b",
    "bücher.example",
    "a/b",
    "a:80",
    "[::1]",
    "::1",
    "a*",
    "a\0",
    "%61",
    " a",
  ];
  const numeric = [
    "1",
    "127.1",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "1.2.3.04",
    "01.2.3.4",
    "0x7f.0.0.1",
    "0x7f",
    "a.1",
    "a.0x",
    "0x",
    "2130706433",
    "1.2.3.0x4",
  ];
  holds([
    {
      when: { host: "**" },
      true: [
        "a",
        "example.com",
        "a.b.c.d.e",
        "a-b",
        "-",
        "_dmarc.a",
        "xn--bcher-kva.example",
        "1.a",
        "1a",
        "0x1g",
        "1.2.3.4",
        "0.0.0.0",
        "255.255.255.255",
      ],
      unknown: [...names, ...numeric],
    },
    { when: { host: "example.com" }, true: ["example.com"], false: ["a.example.com", "example.org", "com"], unknown: notText },
    {
      when: { host: "*.example.com" },
      true: ["a.example.com", "1.example.com"],
      false: ["example.com", "a.b.example.com", "aexample.com"],
      unknown: [".example.com", "a.example.com."],
    },
    {
      when: { host: "**.example.com" },
      true: ["example.com", "a.example.com", "a.b.example.com"],
      false: ["aexample.com", "example.com.evil", "com"],
      unknown: ["EXAMPLE.com", "example.com."],
    },
    { when: { host: "a.**.b" }, true: ["a.b", "a.x.b", "a.x.y.b"], false: ["ab", "a", "b"] },
    { when: { host: "a.**" }, true: ["a", "a.b", "a.b.c"], false: ["b", "ab.c"] },
    { when: { host: "**.**" }, true: ["a", "a.b"] },
    { when: { host: "*" }, true: ["a"], false: ["a.b", "1.2.3.4"] },
    { when: { host: "?.a" }, true: ["b.a", "1.a"], false: ["bb.a", "a"] },
    { when: { host: "a*.b" }, true: ["a.b", "ax.b"], false: ["a.x.b", "b"] },
    { when: { host: "1.2.3.*" }, true: ["1.2.3.4", "1.2.3.a"], false: ["1.2.4.4"], unknown: ["1.2.3.256", "1.2.3.04"] },
    { when: { host: ["a", "b"] }, true: ["a", "b"], false: ["c"] },
  ]);

  test.each<[pattern: string, code: string]>([
    ["Example.com", "pattern_not_canonical"],
    ["example.com.", "pattern_not_canonical"],
    ["bücher.example", "pattern_not_canonical"],
    ["2130706433", "pattern_not_canonical"],
    ["a.**b", "pattern_malformed"],
    ["", "pattern_not_canonical"],
    ["a..b", "pattern_not_canonical"],
    ["::1", "pattern_not_canonical"],
  ])("refuses the pattern `%s` as %s", (host, code) => {
    expect(codesOf({ host })).toEqual([code]);
  });
});

describe("url", () => {
  const odd = [
    "",
    "a.example/",
    "//a.example/",
    "https://a.example",
    "https:///",
    "HTTPS://a.example/",
    "https://A.example/",
    "https://a.example./",
    "https://a.example:443/",
    "http://a.example:80/",
    "wss://a.example:443/",
    "https://a.example:/",
    "https://a.example:0/",
    "https://a.example:08/",
    "https://a.example:65536/",
    "https://a.example:99999/",
    "https://u@a.example/",
    "https://u:p@a.example/",
    "https://a.example/#",
    "https://a.example/#f",
    "https://a.example//",
    "https://a.example/a/../b",
    "https://a.example/%2e",
    "https://a.example/a b",
    "https://a.example/?a b",
    "https://a.example/?%c3%a9",
    "https://a.example/?%zz",
    "https://a.example/?a#b",
    "https://a.example/?é",
    "https://[::1]/",
    "https://127.1/",
    "https://a.example\\b/",
    " https://a.example/",
    "https://a.example/\n",
  ];
  holds([
    {
      when: { url: ["*://**:*/**", "*://**:*/**?*"] },
      true: [
        "http://a/",
        "https://a/",
        "ws://a/",
        "wss://a/",
        "https://a:1/",
        "https://a:65535/",
        "https://a:80/",
        "http://a:443/",
        "https://1.2.3.4/a/?b=%C3%A9",
        "https://a/?",
        "https://a/?a?b/c",
      ],
      unknown: [...odd, ...notText],
    },
    {
      when: { url: "https://api.example.com/v1/**" },
      true: ["https://api.example.com/v1", "https://api.example.com/v1/", "https://api.example.com/v1/a/b"],
      false: [
        "http://api.example.com/v1",
        "wss://api.example.com/v1",
        "https://api.example.com/",
        "https://api.example.com:8443/v1",
        "https://api.example.com/v1?",
        "https://api.example.com/v1?a=1",
        "https://example.com/v1",
        "https://api.example.com/v10",
      ],
      unknown: ["https://api.example.com:443/v1", "https://api.example.com/v1#a"],
    },
    { when: { url: "https://a/" }, true: ["https://a/"], false: ["https://a/?", "https://a/b", "https://a:1/"] },
    { when: { url: "https://a:443/" }, true: ["https://a/"], false: ["https://a:444/"], unknown: ["https://a:443/"] },
    { when: { url: "https://a:80/" }, true: ["https://a:80/"], false: ["https://a/"] },
    { when: { url: "http://a:443/" }, true: ["http://a:443/"], false: ["http://a/"] },
    {
      when: { url: "*://a:443/" },
      true: ["https://a/", "wss://a/", "http://a:443/", "ws://a:443/"],
      false: ["http://a/"],
      unknown: ["https://a:443/"],
    },
    { when: { url: "*://a/" }, true: ["https://a/", "http://a/", "ws://a/", "wss://a/"], false: ["http://a:443/", "https://a:80/"] },
    {
      when: { url: "https://a:*/" },
      true: ["https://a/", "https://a:1/", "https://a:80/"],
      false: ["http://a/", "https://b/"],
      unknown: ["https://a:443/", "https://a:0/"],
    },
    {
      when: { url: "https://a/s?q=*" },
      true: ["https://a/s?q=", "https://a/s?q=x&y=/z?"],
      false: ["https://a/s", "https://a/s?", "https://a/s?p=1"],
    },
    { when: { url: "https://a/s?*" }, true: ["https://a/s?", "https://a/s?x"], false: ["https://a/s"] },
    { when: { url: "https://a/?x=?" }, true: ["https://a/?x=1"], false: ["https://a/?x=", "https://a/?x=12"] },
    {
      when: { url: "https://**.example.com/**" },
      true: ["https://example.com/", "https://a.b.example.com/c"],
      false: ["https://aexample.com/"],
    },
    { when: { url: "https://a/*" }, true: ["https://a/b"], false: ["https://a/", "https://a/b/c", "https://a/b?c"] },
  ]);

  test.each<[pattern: string, code: string]>([
    ["ftp://a/", "pattern_malformed"],
    ["https://a", "pattern_malformed"],
    ["https://a:0/", "pattern_malformed"],
    ["https://a:65536/", "pattern_malformed"],
    ["https://A/", "pattern_not_canonical"],
    ["https://a/../b", "pattern_not_canonical"],
    ["https://a/%2f", "pattern_not_canonical"],
  ])("refuses the pattern `%s` as %s", (url, code) => {
    expect(codesOf({ url })).toEqual([code]);
  });
});

describe("cidr", () => {
  const odd = ["", "a", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4/32", " 1.2.3.4", "0x1.2.3.4", "16909060", "1.2.3.4\n"];
  const odd6 = [
    "::0",
    "0:0:0:0:0:0:0:0",
    "0::",
    "1::0",
    "2001:DB8::1",
    "2001:0db8::1",
    "2001:db8:0:0:1::1",
    "2001:db8::1:1:1:1:1",
    "::ffff:1.2.3.4",
    "::ffff:102:304",
    "[::1]",
    "::1%eth0",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "::g",
  ];
  holds([
    {
      when: { cidr: "0.0.0.0/0" },
      true: ["0.0.0.0", "1.2.3.4", "255.255.255.255"],
      false: ["::", "::1", "2001:db8::"],
      unknown: [...odd, ...odd6, ...notText],
    },
    {
      when: { cidr: "::/0" },
      true: ["::", "::1", "1::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:0:1:1:1:1:1", "2001:db8::1:0:0:1"],
      false: ["0.0.0.0", "1.2.3.4"],
      unknown: [...odd, ...odd6],
    },
    { when: { cidr: "10.0.0.0/8" }, true: ["10.0.0.0", "10.1.2.3", "10.255.255.255"], false: ["9.255.255.255", "11.0.0.0", "::a00:0"] },
    { when: { cidr: "10.0.0.0/9" }, true: ["10.127.255.255"], false: ["10.128.0.0"] },
    { when: { cidr: "1.2.3.4/32" }, true: ["1.2.3.4"], false: ["1.2.3.5", "1.2.3.3"] },
    { when: { cidr: "::/128" }, true: ["::"], false: ["::1", "0.0.0.0"] },
    { when: { cidr: "::1/128" }, true: ["::1"], false: ["::", "::2"] },
    {
      when: { cidr: "2001:db8::/32" },
      true: ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
      false: ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
    },
    { when: { cidr: ["10.0.0.0/8", "::/8"] }, true: ["10.0.0.1", "::1"], false: ["11.0.0.1", "100::"] },
  ]);

  test.each([
    "10.0.0.1/8",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "010.0.0.0/8",
    "2001:DB8::/32",
    "0::/0",
    "",
    "/8",
  ])("refuses the block `%s`", (cidr) => {
    expect(codesOf({ cidr })).toEqual(["pattern_malformed"]);
  });
});

describe("the action of a rule", () => {
  const permits = (pattern: Json, action: unknown): string =>
    evaluate(read([{ id: "a", effect: "allow", action: pattern }]), { action }).decision;

  test.each<[pattern: Json, allowed: readonly string[], denied: readonly string[]]>([
    ["fs:read", ["fs:read"], ["fs", "fs:write", "fs:read:x", "FS:read", "fs:read "]],
    ["fs:*", ["fs:read", "fs:*"], ["fs", "fs:x:y"]],
    ["fs:**", ["fs", "fs:read", "fs:x:y"], ["fsx", "x:fs"]],
    ["**", ["a", "a:b", "é", "a b", "a/b.c", "𝄞", "\ud834"], []],
    ["*", ["a"], ["a:b"]],
    ["**:read", ["read", "fs:read", "a:b:read"], ["read:a", "fread"]],
    ["a:**:b", ["a:b", "a:x:b", "a:x:y:b"], ["a", "b", "ab"]],
    ["a:**:**", ["a", "a:b"], ["b"]],
    ["a?", ["ab", "a𝄞"], ["a", "abc", "a:b"]],
    ["a*b", ["ab", "axb"], ["a:b"]],
    ["a\\*", ["a*"], ["ab"]],
    [
      ["a", "b:*"],
      ["a", "b:c"],
      ["b", "a:c"],
    ],
  ])("%j permits what it matches, by segments", (pattern, allowed, denied) => {
    for (const action of allowed) expect(permits(pattern, action), action).toBe("allow");
    for (const action of denied) expect(permits(pattern, action), action).toBe("deny");
  });

  test.each<[action: unknown]>([
    [""],
    [":"],
    ["a:"],
    [":a"],
    ["a::b"],
    ["a\0"],
    ["a\n"],
    ["\u007f"],
    ["a\u0085"],
    [undefined],
    [null],
    [7],
    [["a"]],
    [{}],
  ])("a request with the action %j is denied whatever the policy says", (action) => {
    expect(permits("**", action)).toBe("deny");
    expect(permits(["**", "*", "a"], action)).toBe("deny");
  });

  test("a request without an action is denied, and so is what is no object", () => {
    const all = read([{ id: "a", effect: "allow", action: "**" }]);
    for (const request of [{}, { Action: "a" }, null, undefined, "a", 7, [], ["a"], [{ action: "a" }]])
      expect(evaluate(all, request).decision).toBe("deny");
    expect(evaluate(all, Object.create({ action: "a" })).decision).toBe("deny");
  });

  test.each(["", ":", "a:", "a::b", "a:**b", "a\n", "a\\"])("refuses the pattern `%s`", (action) => {
    const result = parsePolicy({ language: "atmost/1", name: "p", version: "1", rules: [{ id: "a", effect: "allow", action }] });
    expect(result).toMatchObject({ kind: "invalid", problems: [{ pointer: "/rules/0/action" }] });
  });

  test("a list of no actions is refused", () => {
    const result = parsePolicy({ language: "atmost/1", name: "p", version: "1", rules: [{ id: "a", effect: "allow", action: [] }] });
    expect(result).toMatchObject({ kind: "invalid" });
  });
});
