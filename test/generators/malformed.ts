// Bodies that no spawn check is: made from a good one by breaking it, each in a way that has a name. Same seed, same bodies.

import type { Random } from "./mutate.js";

/** A body, and how it was broken. */
export type MalformedBody = { readonly how: string; readonly bytes: Uint8Array };

type Breaker = (good: string, random: Random) => string | Uint8Array;

const pick = <Item>(items: readonly Item[], random: Random): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
};
const whole = (random: Random, max: number): number => Math.floor(random() * max);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Puts `piece` in the place of a random value of the body: what follows some colon. */
const replaceValue = (good: string, random: Random, piece: string): string => {
  const parts = JSON.stringify(JSON.parse(good)).split(/(?<=":)("[^"]*"|[0-9]+)/);
  const at = 1 + 2 * whole(random, Math.floor((parts.length - 1) / 2));
  return parts.map((part, index) => (index === at ? piece : part)).join("");
};

/** Puts a member into a random object of the body. */
const addMember = (good: string, random: Random, member: string): string => {
  const places = [...good.matchAll(/\{/g)].map(({ index }) => index);
  const at = pick(places, random) + 1;
  return `${good.slice(0, at)}${member}${good[at] === "}" ? "" : ","}${good.slice(at)}`;
};

const withByte = (good: string, random: Random, bytes: readonly number[]): Uint8Array => {
  const source = bytesOf(good);
  const at = 1 + whole(random, source.length - 1);
  return Uint8Array.from([...source.subarray(0, at), ...bytes, ...source.subarray(at)]);
};

const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));

/** Every way of breaking a body. Each gives a body that is refused, whatever its numbers were. */
export const breakers: Readonly<Record<string, Breaker>> = {
  truncated: (good, random) => good.slice(0, whole(random, good.length)),
  "cut in the middle": (good, random) => {
    const at = 1 + whole(random, good.length - 2);
    return good.slice(0, at) + good.slice(at + 1 + whole(random, 8)).replace(/.$/, "");
  },
  "another type in a value's place": (good, random) => replaceValue(good, random, pick(["true", "{}", "[[]]", "-1.5", '{"a":1}'], random)),
  "a huge number": (good, random) =>
    replaceValue(
      good,
      random,
      pick(["1e400", "-1e999", "9".repeat(400), `0.${"1".repeat(300)}`, "123456789012345678901", "1e-400"], random),
    ),
  "no number": (good, random) => replaceValue(good, random, pick(["NaN", "Infinity", "-", "01", "+1", "1.", ".5", "0x10", "1e"], random)),
  "deep nesting": (good, random) => {
    const depth = 33 + whole(random, pick([10, 1_000, 50_000], random));
    const [open, close] = pick(
      [
        ["[", "]"],
        ['{"a":', "}"],
        ['{"not":', "}"],
      ] as const,
      random,
    );
    return replaceValue(good, random, `${open.repeat(depth)}${open === "[" ? "" : "{}"}${close.repeat(depth)}`);
  },
  "nesting that never ends": (good, random) => replaceValue(good, random, pick(["[", '{"a":'], random).repeat(1 + whole(random, 100_000))),
  "__proto__ and its like": (good, random) =>
    addMember(
      good,
      random,
      `"${pick(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"], random)}":${pick(["{}", '{"effect":"allow"}', "null", "[]"], random)}`,
    ),
  "a key twice": (good, random) => {
    const keys = [...good.matchAll(/[{,]("[a-z_]+"):/g)];
    const { 1: key = "", index } = pick(keys, random);
    const written = random() < 0.5 ? key : `"\\u00${key.charCodeAt(1).toString(16)}${key.slice(2)}`;
    return `${good.slice(0, index + 1)}${written}:${pick(["1", "{}", "[]", '"x"'], random)},${good.slice(index + 1)}`;
  },
  "a lone surrogate": (good, random) =>
    replaceValue(good, random, pick(['"\\ud800"', '"a\\udfffb"', '"\\ud800\\ud800"', '"\\udc00\\ud800"'], random)),
  "a surrogate in a key": (good, random) => addMember(good, random, `"${pick(["\\ud800", "\\udead"], random)}":1`),
  "bytes that are not UTF-8": (good, random) =>
    withByte(
      good,
      random,
      pick([[0xff], [0xc3, 0x28], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82]], random),
    ),
  "a NUL": (good, random) => withByte(good, random, [0]),
  "a control character": (good, random) => withByte(good, random, [pick([1, 8, 11, 12, 27, 31], random)]),
  "another encoding": (good, random) =>
    pick(
      [() => utf16(good), () => bytesOf(`\ufeff${good}`), () => new Uint8Array(Buffer.from(`${good.slice(0, -1)},"é":1}`, "latin1"))],
      random,
    )(),
  "an unknown key": (good, random) =>
    addMember(good, random, `"${pick(["rulez", "Rules", "sha256", "", " ", "𝔵", "then"], random)}":${pick(["1", "{}", "null"], random)}`),
  "a bad pattern": (good, random) =>
    good.replace(
      /"path":"\/[^"]*"/,
      `"path":${pick(['"a/**b"', '"/a/../b"', '"relative"', '"/a\\\\"', `"/${"*a".repeat(3_000)}"`, '["/a",7]'], random)}`,
    ),
  "a bad hash": (_good, random) =>
    `{"child":{"sha256":${pick(['"x"', "1", `"${"A".repeat(64)}"`, `"${"0".repeat(64)}"`, "null", `"${"0".repeat(65)}"`], random)}},"parent_boundary":{},"admin_max":{}}`,
  "no object": (_good, random) =>
    pick(["", " ", "null", "true", "7", '"text"', "[]", "[{}]", "{}", "{}{}", "undefined", "---\na: 1", "<xml/>"], random),
  noise: (_good, random) => Uint8Array.from({ length: whole(random, 2_000) }, () => whole(random, 256)),
  "noise of JSON's own characters": (_good, random) =>
    Array.from({ length: 1 + whole(random, 500) }, () =>
      pick(['"', "{", "}", "[", "]", ",", ":", "1", "-", "e", "true", "\\", "\\u", " "], random),
    ).join(""),
};

/** Breakers whose bodies are large, so that fewer of them are made. */
export const largeBreakers: Readonly<Record<string, Breaker>> = {
  "2 MiB in one policy": (good, random) =>
    good.replace(
      '"name":"child"',
      `"name":"child","description":"${pick(["x", "é", "\\u0000", "\\\\"], random).repeat(2_097_152 / pick([1, 2], random))}"`,
    ),
  "2 MiB of white space": (good, random) => good.replace('"name"', `${pick([" ", "\n", "\t"], random).repeat(2_097_152)}"name"`),
  "2 MiB of unknown keys": (good) =>
    good.replace('"name":"child"', `"name":"child",${Array.from({ length: 150_000 }, (_, index) => `"key${index}":1`).join(",")}`),
  "more rules than there may be": (good) =>
    good.replace('"rules":[', `"rules":[${'{"id":"r","effect":"allow","action":"a"},'.repeat(11_000)}`),
  "over the limit of bodies": (good, random) => `${good}${" ".repeat(4_718_592 + whole(random, 1_000_000))}`,
};

/** Returns `count` broken bodies, every breaker in its turn. */
export function malformedBodies(
  ways: Readonly<Record<string, Breaker>>,
  good: string,
  random: Random,
  count: number,
): readonly MalformedBody[] {
  const entries = Object.entries(ways);
  return Array.from({ length: count }, (_, index): MalformedBody => {
    const [how, breaker] = entries[index % entries.length] ?? ["", () => ""];
    const made = breaker(good, random);
    return { how, bytes: typeof made === "string" ? bytesOf(made) : made };
  });
}
