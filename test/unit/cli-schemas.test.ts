// Every document that a command prints with `--json` is what its published schema says, and a command's kinds of answers are all tried.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publishedCliSchemas } from "../../src/cli/schemas.js";
import { runIn } from "../generators/cli.js";
import { entry } from "./import-openshell-texts.js";

const root = resolve(import.meta.dirname, "../..");
const dir = mkdtempSync(join(tmpdir(), "atmost-schemas-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
const validatorOf = (name: string) => ajv.compile(JSON.parse(readFileSync(join(root, "schemas", `${name}.schema.json`), "utf8")));
const validators = new Map([...publishedCliSchemas.map(({ name }) => name), "lint-response"].map((name) => [name, validatorOf(name)]));

const policy = (name: string, rules: readonly unknown[], more = {}) =>
  JSON.stringify({ language: "atmost/1", name, version: "1", rules, ...more });
const files = (path: unknown, more = {}) => ({ id: "files", effect: "allow", action: "fs:*", when: { path }, ...more });
const ask = { id: "pay", effect: "ask", action: "pay", because: "it costs" };
const many = (field: string) =>
  Array.from({ length: 50 }, (_, i) => ({ id: `r${i}`, effect: "allow", action: "x", when: { [field]: { gte: i } } }));
const claim = (name: string, more: object) => ({ name, because: "a reason", ...more });
const written: Readonly<Record<string, string>> = {
  "parent.json": policy("parent", [files({ path: "/repo/**" }), ask], { delegation: "all", limits: { depth: 1 } }),
  "child.json": policy("child", [files({ path: "/repo/src/**" })]),
  "again.json": policy("again", [files({ path: "/repo/src/**" })]),
  "wide.json": policy("wide", [files({ path: ["/repo/**", "/etc/**"] })]),
  "payer.json": policy("payer", [{ ...ask, effect: "allow" }]),
  "deep.json": policy("deep", [], { limits: { depth: 9 } }),
  "twice.json": policy("twice", [files({ path: "/repo/**" }), files({ path: "/repo/src/**" }, { id: "src" })]),
  "denies.json": policy("denies", [files({ path: "/**" }), files({ path: "/etc/**" }, { id: "etc", effect: "deny" })]),
  "many.json": policy("many", many("a")),
  "more.json": policy("more", many("b")),
  "odd.json": policy("odd", [files({ eq: "\u{30000}" })]),
  "bad.json": '{"language": "atmost/1", "nmae": "x"}',
  "cut.json": '{"language":',
  "openshell.yaml": entry(""),
  "foreign.yaml": entry("protocol: nothing"),
  "request.json": '{"action": "fs:read", "path": "/repo/a"}',
  "other.request.json": '{"action": "fs:read", "path": 7}',
  "a.claims.json": JSON.stringify({
    language: "atmost-claims/1",
    claims: [
      claim("holds", { contained: { lower: "child.json", upper: "parent.json" } }),
      claim("fails by a request", { contained: { lower: "wide.json", upper: { policy: "parent.json", view: true } } }),
      claim("fails by a limit", { contained: { lower: "deep.json", upper: "parent.json" } }),
      claim("fails by a review", { expect: "fails", contained: { lower: "payer.json", upper: "parent.json" } }),
      claim("differs from before", { no_new_access: { old: "child.json", new: "wide.json" } }),
      claim("is never", { never: { policy: "denies.json", is: "permitted", action: "fs:read" } }),
      claim("decides", { decision: { policy: "denies.json", request: { action: "fs:read", path: 7 }, is: "allow" } }),
    ],
  }),
  "bad.claims.json": '{"language": "atmost-claims/1", "claims": []}',
};
for (const [name, text] of Object.entries(written)) writeFileSync(join(dir, name), text);

/** Runs a command in this process, with `--json`; arguments that name a file of the folder are found there. */
async function run(args: readonly string[]) {
  const known = new Set([...readdirSync(dir), "new.key", "sign.key"]);
  // A clock that runs a second at each look, where there is a deadline.
  let now = 0;
  const steadyMs = () => {
    if (args.includes("--deadline")) now += 1_000;
    return now;
  };
  const { code, out } = await runIn([...args.map((arg) => (known.has(arg) ? join(dir, arg) : arg)), "--json"], "", { steadyMs });
  const document: unknown = JSON.parse(out);
  return { code, out, document };
}

const chain = (child: string) => ["--child", child, "--boundary", "parent.json", "--max", "parent.json"];
const link = (lower: string) => ["--lower", lower, "--upper", "parent.json"];

beforeAll(async () => {
  await run(["keygen", "sign.key"]);
  writeFileSync(join(dir, "contained.cert"), (await run(["check", "child.json", "parent.json"])).out);
  writeFileSync(join(dir, "chain.cert"), (await run(["spawn-check", ...chain("child.json")])).out);
});

// The schema, what of it is tried, the exit code, and the command.
const cases: readonly (readonly [schema: string, what: string, code: number, args: readonly string[]])[] = [
  ["cli-check", "contained", 0, ["check", "child.json", "parent.json"]],
  ["cli-check", "review", 4, ["check", "payer.json", "parent.json"]],
  ["cli-check", "exceeds by a request", 1, ["check", "wide.json", "parent.json"]],
  ["cli-check", "undecided", 3, ["check", "child.json", "parent.json", "--deadline", "1"]],
  ["cli-check", "exceeds by a limit", 1, ["check", "deep.json", "parent.json"]],
  ["cli-check", "of delegable views", 0, ["check", "parent.json", "parent.json", "--lower-view", "--upper-view"]],
  ["cli-spawn-check", "apply", 0, ["spawn-check", ...chain("child.json")]],
  ["cli-spawn-check", "ask", 4, ["spawn-check", ...chain("payer.json")]],
  ["cli-spawn-check", "reject", 1, ["spawn-check", ...chain("wide.json")]],
  ["cli-spawn-check", "a given delegable policy", 0, ["spawn-check", ...chain("child.json"), "--delegable", "again.json"]],
  ["cli-keygen", "a pair", 0, ["keygen", "new.key"]],
  ["cli-spawn-check", "signed", 0, ["spawn-check", ...chain("child.json"), "--key", "sign.key"]],
  ["cli-diff", "equivalent", 0, ["diff", "child.json", "again.json"]],
  ["cli-diff", "differs by requests and limits", 1, ["diff", "wide.json", "parent.json"]],
  ["cli-diff", "of delegable views", 1, ["diff", "child.json", "parent.json", "--old-view", "--new-view"]],
  ["cli-diff", "undecided", 3, ["diff", "child.json", "wide.json", "--deadline", "1"]],
  ["cli-narrow", "narrowed", 0, ["narrow", "wide.json", "parent.json"]],
  ["cli-narrow", "unchanged", 0, ["narrow", "child.json", "parent.json"]],
  ["cli-narrow", "undecided", 3, ["narrow", "many.json", "more.json"]],
  ["cli-eval", "allow", 0, ["eval", "parent.json", "request.json"]],
  ["cli-eval", "deny, with what was near", 1, ["eval", "child.json", "request.json"]],
  ["cli-eval", "deny by what is unknown", 1, ["eval", "denies.json", "other.request.json"]],
  ["cli-verify", "contained", 0, ["verify", "contained.cert", ...link("child.json")]],
  ["cli-verify", "refused", 1, ["verify", "contained.cert", ...link("wide.json")]],
  ["cli-verify", "a chain", 0, ["verify", "chain.cert", ...chain("child.json")]],
  ["cli-verify", "a chain that is refused", 1, ["verify", "contained.cert", ...chain("wide.json")]],
  ["cli-prove", "claims of every outcome", 1, ["prove", "a.claims.json"]],
  ["cli-export", "exported", 0, ["export", "--smt2", "child.json", "parent.json"]],
  ["cli-export", "what SMT-LIB can not say", 3, ["export", "--smt2", "odd.json", "odd.json"]],
  ["cli-import", "a policy with notes", 0, ["import", "openshell", "openshell.yaml", "--workdir", "/w"]],
  ["lint-response", "findings", 1, ["lint", "twice.json"]],
  ["lint-response", "nothing found", 0, ["lint", "child.json"]],
  ["lint-response", "open questions", 3, ["lint", "child.json", "--deadline", "1"]],
  ["cli-problems", "check", 2, ["check", "bad.json", "absent.json"]],
  ["cli-problems", "spawn-check", 2, ["spawn-check", ...chain("cut.json")]],
  ["cli-problems", "a key that is there", 2, ["keygen", "sign.key"]],
  ["cli-problems", "diff", 2, ["diff", "-", "-"]],
  ["cli-problems", "narrow", 2, ["narrow", "child.json", "bad.json"]],
  ["cli-problems", "eval", 2, ["eval", "parent.json", "cut.json"]],
  ["cli-problems", "verify", 2, ["verify", "cut.json", ...link("child.json")]],
  ["cli-problems", "prove", 2, ["prove", "bad.claims.json"]],
  ["cli-problems", "import", 2, ["import", "openshell", "foreign.yaml"]],
  ["cli-problems", "lint", 2, ["lint", "bad.json"]],
  ["cli-problems", "usage", 2, ["check", "child.json"]],
];

describe("what a command prints with `--json` is what its schema says, and with one key more it is not", () => {
  test.each(cases)("%s: %s", async (name, _, code, args) => {
    const { code: ended, document } = await run(args);
    expect(ended).toBe(code);
    const validate = validators.get(name);
    expect({ valid: validate?.(document), errors: validate?.errors }).toEqual({ valid: true, errors: null });
    expect(validate?.({ ...Object(document), more: 1 })).toBe(false);
  });

  test("no schema is without a case, and docs/cli.md names them all", () => {
    expect(new Set(cases.map(([name]) => name))).toEqual(new Set(validators.keys()));
    const page = readFileSync(join(root, "docs/cli.md"), "utf8");
    expect([...validators.keys()].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
