// What people read of the six commands, held by snapshots: look at each change of one as a reader would. The files are made here and the
// clock stands still, so that nothing else can change them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { columns, flow, painted, spansWidth, widthOf } from "../../src/cli/layout.js";
import { paintWith, wantsColours } from "../../src/cli/paint.js";
import { run } from "../../src/cli/program.js";
import { renderRequest } from "../../src/cli/render-json.js";
import { renderBeside } from "../../src/cli/render-rules.js";
import { world } from "../generators/cli.js";

type Ended = { readonly code: number; readonly out: string; readonly err: string };

const dir = mkdtempSync(join(tmpdir(), "atmost-texts-"));
const before = process.cwd();

async function atmost(args: readonly string[], colours = false): Promise<Ended> {
  const { io, written } = world("", { colours });
  // Files are named as a person does, from the folder that they are in.
  process.chdir(dir);
  const code = await run(args, io).finally(() => process.chdir(before));
  return { code, ...written };
}

const policy = (name: string, rules: readonly unknown[], more = {}): string =>
  JSON.stringify({ language: "atmost/1", name, version: "1", rules, ...more });
const src = { id: "src", effect: "allow", action: "fs:read", when: { path: { path: "/repo/src/**" } } };
const issues = { id: "issues", effect: "allow", action: "tool:issue", when: { "args.repo": { in: ["acme/web", "acme/api"] } } };
const long = "a-name-that-goes-on-and-on/".repeat(6);
const boundary = [
  { id: "files", effect: "allow", action: ["fs:read", "fs:write"], when: { path: { path: "/repo/**" } } },
  { id: "no-secrets", effect: "deny", action: "fs:**", when: { path: { path: "/**/.env*" } }, because: "secrets stay where they are" },
  { id: "ask-issues", effect: "ask", action: "tool:issue", because: "an issue is seen outside" },
  { id: "hosts", effect: "allow", action: "net:get", when: { any: [{ host: { host: "**.example.com" } }, { local: { eq: true } }] } },
];
const files: Readonly<Record<string, string>> = {
  "boundary.json": policy("boundary", boundary, { delegation: "all", limits: { depth: 2 } }),
  "maximum.json": policy("maximum", [{ id: "all", effect: "allow", action: "**" }], { limits: { depth: 3 } }),
  "reader.json": policy("reader", [{ ...src, unless: { path: { path: "/**/.env*" } } }]),
  "secrets.json": policy("secrets", [src]),
  "writer.json": policy("writer", [{ ...src, action: "fs:write", when: { path: { path: ["/repo/**", "/etc/**"] } } }]),
  "issuer.json": policy("issuer", [issues]),
  "stranger.json": policy("stranger", [{ id: "mail", effect: "allow", action: "mail:send" }]),
  "deep.json": policy("deep", [], { limits: { depth: 9, spend: { USD: "30.00" } } }),
  "narrow-maximum.json": policy("narrow-maximum", boundary.slice(0, 1), { limits: { depth: 3 } }),
  "long-child.json": policy(`child-${long}`, [
    {
      id: `rule-${long}`,
      effect: "allow",
      action: "fs:read",
      when: { path: { eq: `/${long}file` }, "args.note": { eq: "n".repeat(200) } },
    },
  ]),
  "long-parent.json": policy(`parent-${long}`, [
    { id: `other-${long}`, effect: "allow", action: "fs:read", when: { path: { eq: `/${long}other` } }, because: `b${"é".repeat(120)}` },
  ]),
  "old.json": policy("engineer", [src, issues], { limits: { depth: 1 } }),
  "new.json": policy("engineer", [
    { ...src, when: { path: { path: ["/repo/src/**", "/docs/**"] } } },
    { ...issues, effect: "ask" },
  ]),
  "lint.json": policy("engineer", [
    { id: "read", effect: "allow", action: "fs:read" },
    src,
    { id: "no-env", effect: "deny", action: "fs:**", when: { path: { path: "/**/.env*" } } },
  ]),
  "team.claims.json": JSON.stringify({
    language: "atmost-claims/1",
    claims: [
      { name: "the reader is within the boundary", because: "it is spawned", contained: { lower: "reader.json", upper: "boundary.json" } },
      { name: "the writer is within the boundary", because: "it is spawned", contained: { lower: "writer.json", upper: "boundary.json" } },
      {
        name: "nobody reads a secret",
        because: "secrets stay where they are",
        never: { policy: "secrets.json", is: "permitted", action: "fs:read", when: { path: { glob: "*.env" } } },
      },
      {
        name: "the limits are those of the boundary",
        because: "depth is handed on",
        contained: { lower: "deep.json", upper: "boundary.json" },
      },
      { name: "mail is not sent", because: "as planned", expect: "fails", contained: { lower: "stranger.json", upper: "boundary.json" } },
    ],
  }),
};

beforeAll(() => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const spawn = (child: string, max = "maximum.json") => ["spawn-check", "--child", child, "--boundary", "boundary.json", "--max", max];
const tooWide = (text: string): readonly string[] => text.split("\n").filter((line) => widthOf(line) > columns);

describe("the text of", () => {
  test.each([
    ["check, contained", 0, ["check", "reader.json", "boundary.json"]],
    ["check, where a deny above decides", 1, ["check", "secrets.json", "boundary.json"]],
    ["check, where the nearest rule fails", 1, ["check", "writer.json", "boundary.json"]],
    ["check, where a person must approve", 4, ["check", "issuer.json", "boundary.json"]],
    ["check, where nothing above names the action", 1, ["check", "stranger.json", "boundary.json"]],
    ["check, of limits", 1, ["check", "deep.json", "boundary.json"]],
    ["check, with names and values longer than a line", 1, ["check", "long-child.json", "long-parent.json"]],
    ["spawn-check, applied", 0, spawn("reader.json")],
    ["spawn-check, asked", 4, spawn("issuer.json")],
    ["spawn-check, rejected at the first link", 1, spawn("writer.json")],
    ["spawn-check, rejected above the child", 1, spawn("reader.json", "narrow-maximum.json")],
    ["prove", 1, ["prove", "team.claims.json"]],
    ["diff", 1, ["diff", "old.json", "new.json"]],
    ["diff, equivalent", 0, ["diff", "old.json", "old.json"]],
    ["narrow", 0, ["narrow", "writer.json", "boundary.json"]],
    ["lint", 1, ["lint", "lint.json"]],
  ])("%s is laid out in 80 columns, without colours", async (_, code, args) => {
    const ended = await atmost(args);
    expect(ended.code).toBe(code);
    expect(tooWide(ended.out + ended.err)).toEqual([]);
    expect(ended.out + ended.err).not.toContain("\u001b");
    expect(`${ended.out}${ended.err === "" ? "" : `--- standard error ---\n${ended.err}`}`).toMatchSnapshot();
  });

  test("a rejected spawn has colours on a terminal, the same text, and nothing else", async () => {
    const [told, coloured] = [await atmost(spawn("secrets.json")), await atmost(spawn("secrets.json"), true)];
    expect(coloured.out.replace(/\u001b\[[0-9;]*m/g, "")).toBe(told.out);
    expect(coloured.out).toMatchSnapshot();
  });

  test.each([
    ["prove", ["prove", "team.claims.json"]],
    ["diff", ["diff", "old.json", "new.json"]],
    ["lint", ["lint", "lint.json"]],
    ["check", ["check", "long-child.json", "long-parent.json"]],
  ])("%s is the same with colours as without", async (_, args) => {
    const [told, coloured] = [await atmost(args), await atmost(args, true)];
    expect(coloured.out).not.toBe(told.out);
    expect(coloured.out.replace(/\u001b\[[0-9;]*m/g, "")).toBe(told.out);
  });

  test.each([
    ["prove", ["json", "junit", "sarif", "github"], "team.claims.json"],
    ["lint", ["json", "sarif", "github"], "lint.json"],
  ])("%s for machines has no colours, not even on a terminal", async (command, formats, file) => {
    for (const format of formats) expect((await atmost([command, file, "--format", format], true)).out).not.toContain("\u001b");
    for (const args of [["check", "secrets.json", "boundary.json"], spawn("secrets.json"), ["diff", "old.json", "new.json"]])
      expect((await atmost([...args, "--json"], true)).out).not.toContain("\u001b");
  });
});

test("no line of a snapshot of what people read is wider than 80 columns", () => {
  const root = resolve(import.meta.dirname, "..");
  const snapshots = [
    "unit/__snapshots__/texts",
    "unit/__snapshots__/cli-lint",
    "unit/__snapshots__/diff-narrow",
    "e2e/__snapshots__/prove",
  ];
  for (const name of snapshots) {
    const text = readFileSync(join(root, `${dirname(name)}/${name.split("/").at(-1)}.test.ts.snap`), "utf8");
    const lines = text
      .split("\n")
      .filter((line) => !line.startsWith("exports["))
      .map((line) =>
        line
          .replace(/^"/, "")
          .replaceAll("\\`", "`")
          .replaceAll("\\\\", "\\")
          .replaceAll(/\u001b\[[0-9;]*m/g, ""),
      );
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  }
});

describe("colours", () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: "dumb" }, false],
    [true, { NO_COLOR: "" }, true],
    [true, { NO_COLOR: "1" }, false],
    [false, { FORCE_COLOR: "1" }, true],
    [false, { FORCE_COLOR: "true", TERM: "dumb" }, true],
    [false, { FORCE_COLOR: "" }, false],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "false" }, false],
    [true, { FORCE_COLOR: "3", NO_COLOR: "x" }, false],
  ])("on a terminal (%s) with %j: %s", (isTTY, env, wanted) => {
    expect(wantsColours({ isTTY, env })).toBe(wanted);
  });
});

describe("a line", () => {
  test("is broken between words, and inside a word after a joint where it is longer than a line", () => {
    const lines = (text: string, most: number) => flow(text, most).map((line) => painted(line, paintWith(false)));
    expect(lines("ab cd efg", 5)).toEqual(["ab cd", "efg"]);
    expect(lines("/usr/local/bin/node", 12)).toEqual(["/usr/local/", "bin/node"]);
    expect(lines("abcdefgh", 3)).toEqual(["abc", "def", "gh"]);
    expect(lines("\u{1f600}".repeat(3), 2)).toEqual(["\u{1f600}\u{1f600}", "\u{1f600}"]);
    expect(lines("a\u001b[2J", 80)).toEqual(["a\\u001b[2J"]);
  });

  test("keeps the tone of each of its words, and colours have no width", () => {
    const [first = [], second = []] = flow([{ text: "one " }, { text: "two three", tone: "bad" }], 7);
    expect(first).toEqual([{ text: "one " }, { text: "two", tone: "bad" }]);
    expect(second).toEqual([{ text: "three", tone: "bad" }]);
    expect(spansWidth(first)).toBe(7);
  });
});

describe("a request", () => {
  test("has what decides marked in it: by carets on one line, by a margin on several", () => {
    expect(renderRequest({ action: "x", f: 1 }, ["f"]).join("\n")).toBe(
      '   request  {"action": "x", "f": 1}\n                            ^^^^^^',
    );
    const lines = renderRequest({ action: "x".repeat(70), args: { "a.b": [1], c: 2 } }, ['args["a.b"]']);
    expect(lines).toContain('   ▶   "args": {"a.b": [1], "c": 2}');
    expect(lines.filter((line) => line.includes("▶"))).toHaveLength(1);
  });

  test("says which field decides by being absent, and marks a value that stands in the way of one", () => {
    expect(renderRequest({ action: "x" }, ["args.env"])).toEqual(['   request  {"action": "x"}', "            ▶ no `args.env`"]);
    expect(renderRequest({ action: "x", args: 7 }, ["args.env"])[1]?.trim()).toBe("^^^^^^^^^");
  });
});

describe("two rules side by side", () => {
  const rule = (id: string) => ({ id, effect: "allow", pointer: "/rules/0" }) as const;
  test("stand field by field, and a row of which only one says something has a dash", () => {
    const left = { head: ["L"], shown: { rule: rule("a"), place: "/rules/0", stated: { action: "x", when: { f: { eq: 1 } } } } };
    const right = { head: ["R"], shown: { rule: rule("b"), place: "/rules/1", stated: { action: "x", unless: { g: { eq: 2 } } } } };
    const lines = renderBeside(left, right, ["g"], paintWith(false));
    expect(lines.map((line) => line.replace(/ +/g, " "))).toContain(" f: eq 1 │ –");
    expect(lines.map((line) => line.replace(/ +/g, " "))).toContain(" ▶ – │ unless g: eq 2");
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });

  test("a value that is too long is cut with a word on how much is left out, and so are rows", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, { eq: i }]));
    const stated = { action: "x".repeat(500), when: many };
    const text = renderBeside({ head: ["L"], shown: { rule: rule("a"), place: "p", stated } }, { head: ["R"] }, [], paintWith(false)).join(
      "\n",
    );
    expect(text).toContain("102 characters");
    expect(text).toContain("… and 7 fields more");
  });
});
