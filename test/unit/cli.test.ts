// The command line with a world of its own: no process, no terminal.
import { describe, expect, test } from "vitest";
import { exitOfLink } from "../../src/cli/commands/check.js";
import { readText } from "../../src/cli/io.js";
import { columns, plain, wrap } from "../../src/cli/layout.js";
import { paintWith } from "../../src/cli/paint.js";
import { run } from "../../src/cli/program.js";
import { renderProblems } from "../../src/cli/render.js";
import { renderJson } from "../../src/cli/render-json.js";
import { world } from "../generators/cli.js";

describe("a command line", () => {
  test("in error is JSON where machines read, and words elsewhere", async () => {
    const machine = world("");
    expect(await run(["check", "--json"], machine.io)).toBe(2);
    expect(JSON.parse(machine.written.out)).toMatchObject({ code: "bad_input", problems: [{ code: "usage" }] });
    const person = world("");
    expect(await run(["check"], person.io)).toBe(2);
    expect(person.written).toMatchObject({ out: "", err: expect.stringContaining("missing required argument") });
  });

  test("without a command is an error that shows the help on standard error", async () => {
    const { io, written } = world("");
    expect(await run([], io)).toBe(2);
    expect(written.out).toBe("");
    expect(written.err).toContain("Usage: atmost");
  });

  test("paints words on a terminal only", async () => {
    for (const colours of [true, false]) {
      const { io, written } = world("nonsense", { colours });
      expect(await run(["eval", "-", "/dev/null"], io)).toBe(2);
      expect(written.err.includes("\u001b[")).toBe(colours);
    }
  });
});

describe("import", () => {
  test("hands `--home`, `--workdir` and `--server` on to the format", async () => {
    const settings = '{"permissions": {"allow": ["Read(~/a)", "Edit(./b)"]}}';
    const named = world(settings);
    expect(await run(["import", "claude-code", "-", "--home", "/home/me", "--workdir", "/w"], named.io)).toBe(0);
    expect(named.written.out).toContain('"/home/me/a/**"');
    expect(named.written.out).toContain('"/w/b/**"');
    const without = world(settings);
    expect(await run(["import", "claude-code", "-", "--json"], without.io)).toBe(2);
    const codes = JSON.parse(without.written.out).problems.map(({ code }: { readonly code: string }) => code);
    expect(codes).toEqual(["home_required", "workdir_required"]);
    const tools = world('{"tools": [{"name": "now", "inputSchema": {"type": "object"}}]}');
    expect(await run(["import", "mcp-tools", "-", "--server", "clock"], tools.io)).toBe(0);
    expect(tools.written.out).toContain('"mcp:clock:now"');
  });

  test("says what lint finds in the document, and nothing where it passes", async () => {
    const notesOf = async (allow: readonly string[]): Promise<readonly string[]> => {
      const settings = world(JSON.stringify({ permissions: { allow, deny: ["Read(./.env)"] } }));
      expect(await run(["import", "claude-code", "-", "--workdir", "/w"], settings.io)).toBe(0);
      return settings.written.err.split("\n").filter((line) => line.includes("lint"));
    };
    expect(await notesOf(["Edit"])).toEqual([]);
    expect(await notesOf(["Read"])).toEqual([
      "note: lint: redundant: `workdir` can be removed: rule `permissions/allow/0` decides every request of it alike",
    ]);
  });
});

test("each result of a link has its own exit code, and only contained has 0", () => {
  const effort = { stage: "search", findMs: 0, checkMs: 0, nodes: 0, solverChecks: 0 } as const;
  expect(exitOfLink({ kind: "contained", certificate: {}, effort })).toBe(0);
  expect(exitOfLink({ kind: "exceeds", counterexamples: [], effort })).toBe(1);
  expect(exitOfLink({ kind: "undecided", reason: "deadline", effort })).toBe(3);
  expect(exitOfLink({ kind: "review", certificate: {}, counterexamples: [], effort })).toBe(4);
});

describe("reading", () => {
  test("a byte order mark is left out", async () => {
    expect(await readText("-", 10, world("\ufeffa").io)).toEqual({ kind: "ok", value: "a" });
  });

  test("what is too large is refused, never cut short", async () => {
    expect(await readText("-", 3, world("abc").io)).toEqual({ kind: "ok", value: "abc" });
    expect(await readText("-", 2, world("abc").io)).toMatchObject({ kind: "invalid", problems: [{ code: "too_large" }] });
  });

  test("what is not UTF-8 is refused", async () => {
    expect(await readText("-", 9, world(Uint8Array.of(0xff)).io)).toMatchObject({ problems: [{ code: "invalid_utf8" }] });
  });
});

describe("rendering", () => {
  test("lines have 80 columns at most, and a word is cut only where it is longer than one", () => {
    const word = "x".repeat(100);
    const lines = wrap(`${"some words ".repeat(20)}${word}`, "1. ");
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.slice(-2)).toEqual([`   ${"x".repeat(77)}`, `   ${"x".repeat(23)}`]);
    expect(
      lines
        .join("")
        .replace(/^1. |^ {3}| {3}/g, "")
        .endsWith(word),
    ).toBe(true);
    expect(lines.slice(1).every((line) => line.startsWith("   "))).toBe(true);
  });

  test("control characters, lone surrogates and characters that turn a line around are escaped", () => {
    expect(plain("a\u001b[2J\n\u202e\u0085\ud800é\u{1f600}")).toBe("a\\u001b[2J\\u000a\\u202e\\u0085\\ud800é\u{1f600}");
  });

  test("a long request is printed in lines, a short one on one", () => {
    expect(renderJson({ action: 'x":1,"y', n: [1, 2] }, "  ")).toEqual(['  {"action": "x\\":1,\\"y", "n": [1, 2]}']);
    const long = { action: "x".repeat(60), list: [1, "2"], deep: { a: ["y".repeat(60), null], b: {} } };
    expect(renderJson(long, "")[2]).toBe('  "list": [1, "2"],');
    expect(JSON.parse(renderJson(long, "").join("\n"))).toEqual(long);
  });

  test("a problem names its file, pointer, code, what was expected, what was got and what is nearest", () => {
    const problem = { file: "-", code: "unknown_key", pointer: "/a", message: "m", expected: "`b`", got: "`c`", nearest: "d" };
    expect(renderProblems([problem], paintWith(false)).join("\n")).toBe(
      "atmost: 1 problem with the input\n\n<stdin>:/a  unknown_key\n  expected  `b`\n  got       `c`\n  nearest   d",
    );
  });
});
