// How bodies are read: the short way accepts only what the long way accepts, and both answer the same; the bounded stores.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLruMap, type PolicyResult, parsePolicy } from "../../prover/index.js";
import { readSpawnBody, splitMembers } from "../../src/http/body.js";
import { defaultLimits } from "../../src/http/limits.js";
import { createPolicyStore, textKey } from "../../src/http/store.js";
import { applyBody } from "../generators/http.js";
import { propertyParameters } from "../generators/seed.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const emptyStore = () => createPolicyStore(defaultLimits);
const read = (text: string, store = emptyStore()) => readSpawnBody(Buffer.from(text), store, defaultLimits.bodyBytesMax);

/** What the policies of a body are, read each by itself from a text that `JSON.parse` took apart. */
const hashesByParse = (text: string): readonly (string | undefined)[] => {
  const body: Record<string, unknown> = JSON.parse(text);
  return ["child", "parent_delegable", "parent_boundary", "admin_max"].map((role) => {
    const result: PolicyResult | undefined = body[role] === undefined ? undefined : parsePolicy(body[role]);
    return result?.kind === "ok" ? result.policy.sha256 : undefined;
  });
};

const hashes = (text: string): readonly (string | undefined)[] | string => {
  const result = read(text);
  if (result.kind === "problem") return result.code;
  const { child, parentDelegable, parentBoundary, adminMax } = result.policies;
  return [child.sha256, parentDelegable?.sha256, parentBoundary.sha256, adminMax.sha256];
};

describe("splitMembers", () => {
  it("cuts out the value of each member, whatever its strings hold", () => {
    const members = splitMembers(bytesOf(' { "a" : {"x":"}\\"{","y":{}} ,\n"b":{"ü":[{}]} } '));
    expect([...(members ?? [])].map(([key, value]) => [key, Buffer.from(value).toString()])).toEqual([
      ["a", '{"x":"}\\"{","y":{}}'],
      ["b", '{"ü":[{}]}'],
    ]);
  });

  it.each([
    "",
    "{",
    "{}",
    "[]",
    '{"a":1}',
    '{"a":{}',
    '{"a":{}}x',
    '{"a":{},}',
    '{"a":{}"b":{}}',
    '{"a":{},"a":{}}',
    '{"\\u0061":{}}',
    '{"A":{}}',
    "{a:{}}",
    "{'a':{}}",
    '{"a"{}}',
    ',{"a":{}}',
    '\ufeff{"a":{}}',
    '{"a":{}}\0',
    '{"a":{"x":"}',
    `{${Array.from({ length: 9 }, (_, index) => `"${"abcdefghi"[index]}":{}`).join(",")}}`,
  ])("leaves `%s` to the long way", (text) => {
    expect(splitMembers(bytesOf(text))).toBeUndefined();
  });
});

describe("readSpawnBody", () => {
  const good = JSON.stringify(applyBody());

  it("accepts only JSON texts, and of those reads what JSON.parse reads", () => {
    const parameters = propertyParameters("bodies with bytes changed", 3_000);
    const place = fc.nat({ max: good.length });
    const piece = fc.constantFrom(
      "",
      '"',
      "{",
      "}",
      ",",
      ":",
      "[",
      "]",
      "\\",
      " ",
      "\n",
      "\0",
      "1",
      "a",
      "{}",
      '"x":{},',
      "\ufeff",
      "ü",
      "//",
      "\\u0061",
    );
    fc.assert(
      fc.property(place, fc.nat({ max: 3 }), piece, (at, removed, added) => {
        const text = good.slice(0, at) + added + good.slice(at + removed);
        const found = hashes(text);
        if (typeof found !== "string") expect(found).toEqual(hashesByParse(text));
      }),
      parameters,
    );
  });

  it("reads a text again from what it remembers, and gives the very same policies", () => {
    const store = emptyStore();
    const [first, second] = [read(good, store), read(good, store)];
    expect(first).toEqual(second);
    if (first.kind === "policies" && second.kind === "policies") expect(second.policies.child).toBe(first.policies.child);
    expect(store.stats().inline).toMatchObject({ entries: 3, hits: 3, misses: 3 });
  });

  it("remembers no text that was refused", () => {
    const store = emptyStore();
    const bad = good.replace('"name":"child"', '"name":"chil\\ud800"');
    for (let time = 0; time < 2; time++) {
      expect(read(bad, store)).toMatchObject({ code: "invalid_request", problems: [{ code: "lone_surrogate", pointer: "/child/name" }] });
      // The other two were read all the same.
      expect(store.stats().inline.entries).toBe(2);
    }
  });

  it("reads keys that are written with escapes, the long way", () => {
    expect(hashes(good.replace('"child":', '"ch\\u0069ld":'))).toEqual(hashesByParse(good));
  });

  it("reads bytes, and of anything else says that there is no body", () => {
    for (const body of [undefined, null, "text", {}])
      expect(readSpawnBody(body, emptyStore(), 1_000)).toMatchObject({ code: "invalid_json" });
    expect(readSpawnBody(Uint8Array.of(0x7b, 0xc3, 0x28, 0x7d), emptyStore(), 1_000)).toMatchObject({ code: "invalid_utf8" });
  });
});

describe("the stores", () => {
  it("never hold more than their bounds, and drop what was used longest ago", () => {
    const parameters = propertyParameters("bounded map", 300);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 9 }), fc.integer({ min: 0, max: 40 }), fc.boolean())), (steps) => {
        const map = createLruMap<number>(4, 100);
        let model: { readonly key: string; readonly bytes: number }[] = [];
        for (const [name, bytes, isGet] of steps) {
          const key = String(name);
          const known = model.find((entry) => entry.key === key);
          if (isGet) {
            expect(map.get(key)).toBe(known?.bytes);
            if (known !== undefined) model = [...model.filter((entry) => entry !== known), known];
            continue;
          }
          map.set(key, bytes, bytes);
          model = [...model.filter((entry) => entry.key !== key), { key, bytes }];
          while (model.length > 4 || model.reduce((sum, entry) => sum + entry.bytes, 0) > 100) model.shift();
          expect(map.stats()).toMatchObject({ entries: model.length, bytes: model.reduce((sum, entry) => sum + entry.bytes, 0) });
        }
      }),
      parameters,
    );
  });

  it("keep nothing that alone is over the bounds", () => {
    const map = createLruMap<number>(4, 100);
    expect(map.set("a", 1, 101)).toBe(false);
    expect(createLruMap<number>(0, 100).set("a", 1, 1)).toBe(false);
    expect(map.stats().entries).toBe(0);
  });

  it("key a text by its SHA-256, so that texts that differ in one byte differ", () => {
    expect(textKey(bytesOf("a"))).not.toBe(textKey(bytesOf("b")));
    expect(textKey(bytesOf("a"))).toBe(textKey(bytesOf("a")));
  });
});
