// `diff` and `narrow` on policies that a person reads: the regions, the text, the ids, the limits, and actions in common.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createProver, diff, narrow, narrowMax, type ParsedPolicy, parsePolicy } from "../../prover/index.js";
import { meetActions } from "../../prover/narrow/actions.js";
import { runIn } from "../generators/cli.js";

const folder = mkdtempSync(join(tmpdir(), "atmost-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

const edit = { id: "edit", effect: "allow", action: ["fs:read", "fs:write"] };
const old = {
  language: "atmost/1",
  name: "engineer",
  version: "7",
  rules: [
    { ...edit, when: { path: { path: "/repo/**" } } },
    { id: "secrets", effect: "deny", action: "fs:**", when: { path: { path: "/**/.env*" } } },
  ],
  limits: { depth: 1, spend: { USD: "5" } },
};
const fresh = {
  ...old,
  version: "8",
  rules: [{ ...edit, when: { path: { path: ["/repo/**", "/docs/**"] } } }],
  limits: { depth: 2, spend: "unlimited" },
};

function read(document: unknown): ParsedPolicy {
  const result = parsePolicy(document);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  return result.policy;
}

function fileOf(name: string, document: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(document));
  return file;
}

const command = (...args: readonly string[]) => runIn(args, "", { steadyMs: () => performance.now() });

test("a deny that went and a path that came are two parts, and each limit is one", async () => {
  const result = await diff(createProver({ solver: "none" }), read(old), read(fresh));
  expect(result).toMatchObject({
    kind: "differs",
    complete: true,
    items: [
      { from: "deny", to: "allow", region: { side: "old", rule: { id: "secrets" }, except: [] } },
      { from: "deny", to: "allow", region: { side: "new", rule: { id: "edit" }, except: [{ id: "secrets" }] } },
      { kind: "limit", limit: "depth", old: "1", new: "2" },
      { kind: "limit", limit: "spend", old: "0", new: "unlimited" },
    ],
  });
});

test("rules in another order and under other ids are equivalent", async () => {
  const renamed = { ...old, rules: old.rules.map((rule, i) => ({ ...rule, id: `r${i}` })).reverse() };
  expect((await diff(createProver({ solver: "none" }), read(old), read(renamed))).kind).toBe("equivalent");
});

test("without room for questions nothing is claimed", async () => {
  const prover = createProver({ solver: "none" });
  expect(await diff(prover, read(old), read({ ...old, rules: [] }), { questionsMax: 0 })).toMatchObject({
    kind: "undecided",
    reason: "search_bound",
  });
  expect(await diff(prover, read(old), read(fresh), { questionsMax: 3 })).toMatchObject({ complete: false, reason: "search_bound" });
});

test("a child within its bounds is returned as it is, and one beyond them by rules that tell their origin", async () => {
  const prover = createProver({ solver: "none" });
  const child = read({ ...fresh, name: "helper" });
  const narrowed = await narrow(prover, child, [read(old)]);
  if (narrowed.kind !== "narrowed") throw new Error(narrowed.reason);
  expect(narrowed.policy.document["rules"]).toMatchObject([
    { id: "helper.edit+engineer.edit", effect: "allow", when: { path: { path: "/repo/**" } } },
    { id: "engineer.secrets", effect: "deny" },
  ]);
  expect(narrowed.policy.document["limits"]).toEqual({ depth: 1, spend: { USD: "5" } });
  expect(narrowed.largest).toBeDefined();
  const again = await narrow(prover, narrowed.policy, [read(old)]);
  expect(again).toMatchObject({ kind: "narrowed", unchanged: true, policy: narrowed.policy, lost: { kind: "equivalent" } });
});

test.each([
  [["fs:**"], ["*:read"], ["fs:read"]],
  [["a:*"], ["*:b"], ["a:b"]],
  [["*a"], ["b*"], ["b*a"]],
  [["ab*"], ["*bc"], ["ab*bc", "abc"]],
  [["x"], ["y"], []],
  [["a:**"], ["**:b"], ["a:**:b"]],
])("%j and %j have the actions %j in common", (one, two, common) => {
  expect(meetActions(one, two, { left: 1_000 })).toEqual(common);
});

// Found by an adversary: the first overflowed the stack, the others took as much time and memory as they liked.
test.each([
  ["long runs of `?`", [`a:${"?".repeat(4_000)}`], [`a:${"?".repeat(3_999)}b`]],
  ["many wildcards", [`a:${"*?".repeat(400)}`], [`a:${"*?".repeat(399)}*`]],
  ["many lists", Array.from({ length: 3_000 }, (_, i) => `a:${i}`), Array.from({ length: 3_000 }, (_, i) => `b:${i}`)],
])("what %s have in common is given up within the budget", (_, one, two) => {
  const budget = { left: narrowMax.actionsWork };
  expect(meetActions(one, two, budget)).toBeUndefined();
  expect(budget.left).toBeGreaterThan(-100_000);
});

test("a narrowing ends when it is told to, and says why", async () => {
  const many = (from: string) => ({
    ...fresh,
    limits: {},
    rules: Array.from({ length: 300 }, (_, i) => ({ id: `r${i}`, effect: "allow", action: `${from}:${i}` })),
  });
  const [child, bound] = [read(many("a")), read(many("b"))];
  const prover = createProver({ solver: "none" });
  const end = new AbortController();
  let asked = 0;
  const counting: Parameters<typeof narrow>[0] = {
    checkContainment: (lower, upper, options) => {
      if (++asked === 20) end.abort();
      return prover.checkContainment(lower, upper, options);
    },
  };
  expect(await narrow(counting, child, [bound], { signal: end.signal })).toEqual({ kind: "undecided", reason: "deadline" });
  expect(asked).toBe(20);
  expect(await narrow(prover, child, [bound], { questionsMax: 20 })).toEqual({ kind: "undecided", reason: "search_bound" });
});

test("the text of a comparison names each part, at most 80 columns wide, and the exit codes say what came out", async () => {
  const [before, after] = [fileOf("old.json", old), fileOf("new.json", fresh)];
  const differs = await command("diff", before, after);
  expect(differs).toMatchObject({ code: 1, err: "" });
  expect(Math.max(...differs.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(differs.out).toMatchSnapshot();
  expect((await command("diff", before, before)).code).toBe(0);
  expect((await command("diff", before, join(folder, "none.json"))).code).toBe(2);
  const narrowed = await command("narrow", after, before);
  expect(narrowed.code).toBe(0);
  expect((await command("check", fileOf("narrowed.json", JSON.parse(narrowed.out)), before)).code).toBe(0);
  expect(JSON.parse((await command("narrow", after, before, "--json")).out)).toMatchObject({ result: "narrowed", unchanged: false });
});
