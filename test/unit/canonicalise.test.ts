// The helpers that write paths, hosts and URLs canonically, beside the kernel's own idea of what is canonical.
import { domainToASCII } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCanonical } from "../../prover/kernel/index.js";
import { canonicalHost, canonicalPath, canonicalRoute, canonicalUrl } from "../../prover/language/canonicalise.js";
import { propertyParameters } from "../generators/seed.js";

describe("canonicalPath", () => {
  test.each<[string, string | undefined]>([
    ["/", "/"],
    ["//", "/"],
    ["/a/b", "/a/b"],
    ["/a//b/", "/a/b"],
    ["/data/../etc//passwd/", "/etc/passwd"],
    ["/../../a", "/a"],
    ["/a/.", "/a"],
    ["/a/..", "/"],
    ["/a/./b/../c", "/a/c"],
    ["/.../..a/.b", "/.../..a/.b"],
    ["/a b/ü\n", "/a b/ü\n"],
    ["", undefined],
    ["a/b", undefined],
    ["./a", undefined],
    ["/a\0b", undefined],
    ["/\ud800/", "/\ud800"],
    [`/${"a".repeat(65_536)}`, undefined],
  ])("of %j is %j", (text, expected) => {
    expect(canonicalPath(text)).toBe(expected);
  });
});

describe("canonicalHost", () => {
  test.each<[string, string | undefined]>([
    ["API.Example.com.", "api.example.com"],
    ["a_b-c.d", "a_b-c.d"],
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["0x7F.0.0.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0177.0.0.01", "127.0.0.1"],
    ["0x", "0.0.0.0"],
    ["1.2.3.4.", "1.2.3.4"],
    ["4294967296", undefined],
    ["256.0.0.1", undefined],
    ["1.2.3.4.5", undefined],
    ["08.0.0.1", undefined],
    ["a.1", undefined],
    ["", undefined],
    [".", undefined],
    ["a..b", undefined],
    ["a..", undefined],
    ["[::1]", undefined],
    ["a b", undefined],
    ["ex%61mple.com", undefined],
    ["bücher.example", undefined],
    ["еxample.com", undefined],
  ])("of %j is %j", (text, expected) => {
    expect(canonicalHost(text)).toBe(expected);
  });

  test("takes international names through the function that is passed", () => {
    const options = { toAscii: domainToASCII };
    expect(canonicalHost("Bücher.example", options)).toBe("xn--bcher-kva.example");
    expect(canonicalHost("ＥＸＡＭＰＬＥ.com", options)).toBe("example.com");
    expect(canonicalHost("a\u200b..b", options)).toBeUndefined();
    expect(canonicalHost("ü", { toAscii: () => "ü" })).toBeUndefined();
  });
});

describe("canonicalRoute", () => {
  test.each<[string, string | undefined]>([
    ["/", "/"],
    ["/a/", "/a/"],
    ["/a/./b/../c", "/a/c"],
    ["/a/..", "/"],
    ["/a/.", "/a/"],
    ["/%7euser/%41", "/~user/A"],
    ["/a/%2e%2E/b", "/b"],
    ["/%e2%82%ac", "/%E2%82%AC"],
    ["/€ x", "/%E2%82%AC%20x"],
    ["/a|b", "/a%7Cb"],
    ["/a//b", undefined],
    ["/a%2Fb", undefined],
    ["/a%5cb", undefined],
    ["/a%3ab", undefined],
    ["/a\\b", undefined],
    ["/a%", undefined],
    ["/a%zz", undefined],
    ["/a?b", undefined],
    ["/a\nb", undefined],
    ["a", undefined],
  ])("of %j is %j", (text, expected) => {
    expect(canonicalRoute(text)).toBe(expected);
  });
});

describe("canonicalUrl", () => {
  test.each<[string, string | undefined]>([
    ["HTTPS://API.example.com:443/a/../b?q=%7e#top", "https://api.example.com/b?q=~"],
    ["http://a", "http://a/"],
    ["http://a:/", "http://a/"],
    ["http://a:0080/", "http://a/"],
    ["https://a:80/", "https://a:80/"],
    ["wss://a:443", "wss://a/"],
    ["http://a?", "http://a/?"],
    ["http://a/?a b=ü&c=[x]", "http://a/?a%20b=%C3%BC&c=%5Bx%5D"],
    ["http://a/?q=a/b?c%2f", "http://a/?q=a/b?c%2F"],
    ["http://0x7f.1/", "http://127.0.0.1/"],
    ["http://a:0/", undefined],
    ["http://a:65536/", undefined],
    ["http://user@a/", undefined],
    ["http://u:p@a/", undefined],
    ["http://[::1]/", undefined],
    ["ftp://a/", undefined],
    ["http:/a", undefined],
    ["//a/", undefined],
    ["http://a\\b", undefined],
    ["http://a/\tb", undefined],
    [" http://a/", undefined],
    ["http://a/ ", undefined],
    ["http:///a", undefined],
    ["http://a/%", undefined],
    ["http://a/?%zz", undefined],
  ])("of %j is %j", (text, expected) => {
    expect(canonicalUrl(text)).toBe(expected);
  });
});

describe("what the helpers return", () => {
  const piece = fc.constantFrom(
    ..."/ // . .. a A é %2e %2F %41 %3a %zz %e2 ? # : @ 1 0x7f 256 \\ [ ] | ~ * \0 \n \ud800 : http:// https:// :443 :080 example.com XN-- _ & =".split(
      " ",
    ),
    " ",
  );
  const unescaped = (route: string) => route.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const helpers = [
    ["path", canonicalPath, "/"],
    ["host", canonicalHost, ""],
    ["route", canonicalRoute, "/"],
    ["url", canonicalUrl, "https://a"],
  ] as const;

  test.each(helpers)("is canonical, and stays as it is: %s", (kind, helper, start) => {
    let made = 0;
    fc.assert(
      fc.property(text, fc.boolean(), (end, led) => {
        const canonical = helper(led ? start + end : end);
        if (canonical === undefined) return;
        made++;
        expect(isCanonical(kind, canonical)).toBe(true);
        expect(helper(canonical)).toBe(canonical);
      }),
      propertyParameters(`canonical ${kind}`, 3000),
    );
    expect(made).toBeGreaterThan(0);
  });

  // Not of URLs: a query may hold escapes that it does not need, and the helper undoes those.
  test.each(helpers.filter(([kind]) => kind !== "url"))("of a canonical text is that text: %s", (kind, helper, start) => {
    fc.assert(
      fc.property(text, (end) => {
        const given = start + end;
        if (isCanonical(kind, given)) expect(helper(given)).toBe(given);
      }),
      propertyParameters(`canonical ${kind} is kept`, 3000),
    );
  });

  test("agrees with the URL of the platform, wherever both have an answer", () => {
    fc.assert(
      fc.property(text, (end) => {
        const given = `https://a.example${end}`;
        const ours = canonicalUrl(given);
        if (ours === undefined) return;
        // The platform also refuses A-labels that decode to nothing; here a label is what it is made of.
        if (!URL.canParse(given)) return;
        const theirs = new URL(given);
        expect(new URL(ours).host).toBe(theirs.host.replace(/\.(?=:|$)/, ""));
        expect(unescaped(new URL(ours).pathname)).toBe(unescaped(theirs.pathname));
      }),
      propertyParameters("canonical urls and the platform's", 3000),
    );
  });
});
