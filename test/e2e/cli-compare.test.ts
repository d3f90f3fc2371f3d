// `diff`, `narrow` and the table of exit codes in docs/cli.md, by the built executable on real files. `npm test` builds first.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bin, execute, type Run, root } from "./executable.js";

let dir = "";

const atmost = (args: readonly string[], input = "", env = {}): Run => execute(process.execPath, [bin, ...args], dir, env, input);

const policy = (name: string, rules: readonly unknown[], more = {}): string =>
  JSON.stringify({ language: "atmost/1", name, version: "1", rules, ...more });
const allow = (path: unknown) => ({ id: "files", effect: "allow", action: "fs:*", when: { path } });
const ask = { id: "pay", effect: "ask", action: "pay" };
// Nothing decides within a millisecond whether two such expressions have a string in common.
const hard = (n: number) => allow({ matches: `(a|b)*a(a|b){${n}}`, glob: `*b*a${"?".repeat(n)}*` });
const spawned = (child: string) => ["spawn-check", "--child", child, "--boundary", "parent.json", "--max", "parent.json"];
const files: Readonly<Record<string, string>> = {
  "parent.json": policy("parent", [allow({ path: "/repo/**" }), ask], { delegation: "all", limits: { depth: 1 } }),
  "child.json": policy("child", [allow({ path: "/repo/src/**" })]),
  "wide.json": policy("wide", [allow({ path: ["/repo/**", "/etc/**"] })]),
  "payer.json": policy("payer", [{ ...ask, effect: "allow" }]),
  "again.json": policy("again", [allow({ path: "/repo/src/**" })]),
  "twice.json": policy("twice", [allow({ path: "/repo/**" }), { ...allow({ path: "/repo/src/**" }), id: "src" }]),
  "hard.json": policy("hard", [hard(40)]),
  "harder.json": policy("harder", [hard(41)]),
  // Each of the rules of the one overlaps each of the other: more than the 2,000 that a narrowing keeps on its way.
  "many.json": policy(
    "many",
    Array.from({ length: 50 }, (_, i) => ({ id: `r${i}`, effect: "allow", action: "x", when: { a: { gte: i } } })),
  ),
  "many-more.json": policy(
    "more",
    Array.from({ length: 50 }, (_, i) => ({ id: `s${i}`, effect: "allow", action: "x", when: { b: { gte: i } } })),
  ),
  "wide-characters.json": policy("wide-characters", [allow({ eq: "\u{30000}" })]),
  "bad.json": '{"language": "atmost/1", "nmae": "x"}',
  "allowed.request": '{"action": "fs:read", "path": "/repo/a"}',
  "denied.request": '{"action": "fs:read", "path": "/etc"}',
  "asked.request": '{"action": "pay"}',
};
const claims = (lower: string, upper: string) =>
  JSON.stringify({ language: "atmost-claims/1", claims: [{ name: "n", because: "b", contained: { lower, upper } }] });

beforeAll(() => {
  expect(existsSync(bin), "the executable is not built: run `npm run build`").toBe(true);
  dir = mkdtempSync(join(tmpdir(), "atmost-compare-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  writeFileSync(join(dir, "held.claims.json"), claims("child.json", "parent.json"));
  writeFileSync(join(dir, "failed.claims.json"), claims("wide.json", "parent.json"));
  writeFileSync(join(dir, "open.claims.json"), claims("hard.json", "harder.json"));
  writeFileSync(join(dir, "bad.claims.json"), claims("bad.json", "parent.json"));
  for (const [name, child] of [
    ["contained.cert", "child.json"],
    ["review.cert", "payer.json"],
  ] as const)
    atmost(["check", child, "parent.json", "--certificate", name]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("diff", () => {
  test("ends with 1 and lists the parts where policies differ", () => {
    const run = atmost(["diff", "child.json", "wide.json"]);
    expect(run).toMatchObject({ code: 1, err: "" });
    expect(run.out).toMatch(/^DIFFERS {2}child 1 → wide 1\n/);
    expect(run.out).toContain("1. deny → allow");
  });

  test("ends with 0 where they are equivalent, and a policy comes from standard input", () => {
    expect(atmost(["diff", "child.json", "again.json"])).toMatchObject({ code: 0, err: "" });
    expect(atmost(["diff", "-", "again.json"], files["child.json"])).toMatchObject({ code: 0, err: "" });
    expect(atmost(["diff", "-", "-"], files["child.json"])).toMatchObject({ code: 2, out: "" });
  });

  test("prints JSON on standard output, bad input included", () => {
    const run = atmost(["diff", "child.json", "wide.json", "--json"]);
    expect(run).toMatchObject({ code: 1, err: "" });
    expect(JSON.parse(run.out)).toMatchObject({ old: { name: "child" }, new: { name: "wide" }, result: "differs", complete: true });
    const bad = atmost(["diff", "bad.json", "absent.json", "--json"]);
    expect(bad).toMatchObject({ code: 2, err: "" });
    expect(JSON.parse(bad.out)).toMatchObject({ code: "bad_input" });
  });

  test("tells bad files and bad usage on standard error, and ends with 2", () => {
    const run = atmost(["diff", "bad.json", "absent.json"]);
    expect(run).toMatchObject({ code: 2, out: "" });
    expect(run.err).toContain("bad.json:/nmae");
    expect(run.err).toContain("absent.json:  file_unreadable");
    expect(atmost(["diff", "child.json"])).toMatchObject({ code: 2, out: "" });
  });

  test("compares delegable views where that is asked for", () => {
    expect(atmost(["diff", "parent.json", "parent.json", "--new-view"]).code).toBe(1);
    expect(atmost(["diff", "parent.json", "parent.json", "--old-view", "--new-view"]).code).toBe(0);
  });
});

describe("narrow", () => {
  test("prints a policy on standard output and the loss on standard error, and the policy is within its bounds", () => {
    const run = atmost(["narrow", "wide.json", "parent.json"]);
    expect(run.code).toBe(0);
    expect(run.err).toMatch(/^DIFFERS {2}wide 1 → narrowed\n/);
    expect(run.err).toContain("nothing more can be kept");
    writeFileSync(join(dir, "narrowed.json"), run.out);
    expect(atmost(["check", "narrowed.json", "parent.json"]).code).toBe(0);
    expect(atmost(["check", "narrowed.json", "wide.json"]).code).toBe(0);
  });

  test("reads the child or a bound from standard input, and not both", () => {
    expect(JSON.parse(atmost(["narrow", "-", "parent.json"], files["child.json"]).out)).toEqual(JSON.parse(files["child.json"] ?? ""));
    expect(atmost(["narrow", "wide.json", "-"], files["parent.json"])).toMatchObject({ code: 0 });
    expect(atmost(["narrow", "-", "-"], files["parent.json"])).toMatchObject({ code: 2, out: "" });
  });

  test("prints JSON with certificates for machines, and nothing else", () => {
    const run = atmost(["narrow", "wide.json", "parent.json", "--json"]);
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(run.out)).toMatchObject({ result: "narrowed", unchanged: false, lost: { result: "differs" } });
  });

  test("tells bad files and bad usage on standard error, and ends with 2", () => {
    expect(atmost(["narrow", "bad.json", "parent.json"])).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining("bad.json:/nmae"),
    });
    expect(atmost(["narrow", "child.json"])).toMatchObject({ code: 2, out: "" });
    const many = Array.from({ length: 17 }, () => "parent.json");
    expect(atmost(["narrow", "child.json", ...many])).toMatchObject({ code: 2, out: "" });
  });
});

describe("colours", () => {
  test("are there where they are forced, and never where NO_COLOR is set or machines read", () => {
    const args = ["diff", "child.json", "wide.json"];
    expect(atmost(args, "", { FORCE_COLOR: "1" }).out).toContain("\u001b[");
    for (const env of [{}, { FORCE_COLOR: "0" }, { FORCE_COLOR: "1", NO_COLOR: "1" }])
      expect(atmost(args, "", env).out).not.toContain("\u001b");
    expect(atmost([...args, "--json"], "", { FORCE_COLOR: "1" }).out).not.toContain("\u001b");
  });
});

describe("the table of exit codes in docs/cli.md", () => {
  const page = readFileSync(join(root, "docs/cli.md"), "utf8");
  const rows = (/^\| exit code[\s\S]*?\n\n/m.exec(page)?.[0] ?? "")
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = [], , ...codes] = rows;
  const told = codes.flatMap(([code = "", ...cells]) =>
    cells.flatMap((cell, i) => (cell === "" ? [] : cell.split(", ").map((word) => `${code} ${head[i + 1] ?? ""}: ${word}`))),
  );
  const link = ["--lower", "child.json", "--upper", "parent.json"];
  const runs: Readonly<Record<string, readonly string[]>> = {
    "0 check: contained": ["check", "child.json", "parent.json"],
    "1 check: exceeds": ["check", "wide.json", "parent.json"],
    "2 check: bad input": ["check", "bad.json", "parent.json"],
    "3 check: undecided": ["check", "hard.json", "harder.json", "--deadline", "1"],
    "4 check: review": ["check", "payer.json", "parent.json"],
    "0 spawn-check: apply": spawned("child.json"),
    "1 spawn-check: reject": spawned("wide.json"),
    "2 spawn-check: bad input": spawned("bad.json"),
    "4 spawn-check: ask": spawned("payer.json"),
    "0 verify: contained": ["verify", "contained.cert", ...link],
    "0 verify: apply": ["verify", "answer.json", "--child", "child.json", "--boundary", "parent.json", "--max", "parent.json"],
    "1 verify: refused": ["verify", "review.cert", ...link],
    "2 verify: bad input": ["verify", "contained.cert", "--lower", "bad.json", "--upper", "parent.json"],
    "4 verify: review": ["verify", "review.cert", "--lower", "payer.json", "--upper", "parent.json"],
    "4 verify: ask": ["verify", "asked.json", "--child", "payer.json", "--boundary", "parent.json", "--max", "parent.json"],
    "0 eval: allow": ["eval", "parent.json", "allowed.request"],
    "1 eval: deny": ["eval", "parent.json", "denied.request"],
    "2 eval: bad input": ["eval", "bad.json", "denied.request"],
    "4 eval: ask": ["eval", "parent.json", "asked.request"],
    "0 lint: nothing found": ["lint", "child.json"],
    "1 lint: findings": ["lint", "twice.json"],
    "2 lint: bad input": ["lint", "bad.json"],
    "3 lint: only open questions": ["lint", "child.json", "--deadline", "1"],
    "0 prove: all as expected": ["prove", "held.claims.json"],
    "1 prove: some not": ["prove", "failed.claims.json"],
    "2 prove: bad input": ["prove", "bad.claims.json"],
    "3 prove: some undecided": ["prove", "open.claims.json", "--deadline", "1"],
    "0 diff: equivalent": ["diff", "child.json", "again.json"],
    "1 diff: differs": ["diff", "child.json", "wide.json"],
    "2 diff: bad input": ["diff", "bad.json", "wide.json"],
    "3 diff: undecided": ["diff", "hard.json", "harder.json", "--deadline", "1"],
    "0 narrow: narrowed": ["narrow", "wide.json", "parent.json"],
    "2 narrow: bad input": ["narrow", "wide.json", "bad.json"],
    "3 narrow: undecided": ["narrow", "many.json", "many-more.json"],
    "0 export: printed": ["export", "--smt2", "child.json", "parent.json"],
    "2 export: bad input": ["export", "--smt2", "bad.json", "parent.json"],
    "3 export: SMT-LIB can not": ["export", "--smt2", "wide-characters.json", "wide-characters.json"],
  };

  beforeAll(() => {
    writeFileSync(join(dir, "answer.json"), atmost([...spawned("child.json"), "--json"]).out);
    writeFileSync(join(dir, "asked.json"), atmost([...spawned("payer.json"), "--json"]).out);
  });

  test("names what is tried here, and nothing else", () => {
    expect(told.toSorted()).toEqual(Object.keys(runs).toSorted());
  });

  test.each(Object.entries(runs))("%s", (title, args) => {
    expect(atmost(args).code, args.join(" ")).toBe(Number(title[0]));
  });
});
