// The built executable on real files. `npm test` builds first.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../prover/index.js";
import { parsePublicKey, verifySpawnEnvelope } from "../../src/signing/index.js";
import { bin, execute, type Run, root } from "./executable.js";

let dir = "";

const atmost = (args: readonly string[], input = "", env = {}): Run => execute(process.execPath, [bin, ...args], dir, env, input);
const jsonOf = (run: Run) => JSON.parse(run.out);

const parent = `
language: atmost/1
name: engineer
version: "7"
rules:
  - { id: read, effect: allow, action: "fs:read", when: { path: { path: "/workspace/**" } } }
  - { id: issues, effect: ask, action: "tool:issue", because: "an issue is seen outside" }
  - { id: no-env, effect: deny, action: "fs:**", when: { path: { path: "/**/.env*" } } }
delegation: all
limits: { depth: 2 }
`;
const policy = (rule: unknown, more = {}) =>
  JSON.stringify({ language: "atmost/1", name: "helper", version: "1", rules: rule === undefined ? [] : [rule], ...more });
const files: Readonly<Record<string, string>> = {
  "parent.yaml": parent,
  "roof.json": policy({ id: "src", effect: "allow", action: "fs:**" }),
  "inside.json": policy({
    id: "src",
    effect: "allow",
    action: "fs:read",
    when: { path: { path: "/workspace/src/*" } },
    unless: { path: { path: "/**/.env*" } },
  }),
  "outside.json": policy({ id: "all", effect: "allow", action: "fs:read", when: { path: { path: "/**" } } }),
  "asked.json": policy({ id: "open", effect: "allow", action: "tool:issue" }),
  "nothing.json": policy(undefined),
  "deep.json": policy(undefined, { limits: { depth: 9 } }),
  "bad.yaml": "language: atmost/1\nnmae: x\nversion: '1'\nrules:\n  - { id: a, efect: allow, action: 'x' }\n",
  "odd.json": policy({ id: "\u001b[31m", effect: "allow", action: "x" }, { name: "a\u001b]0;title\u0007\u202e" }),
};

beforeAll(() => {
  expect(existsSync(bin), "the executable is not built: run `npm run build`").toBe(true);
  dir = mkdtempSync(join(tmpdir(), "atmost-cli-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("check", () => {
  test("ends with 0 and a certificate where the lower policy is contained", () => {
    const run = atmost(["check", "inside.json", "parent.yaml", "--certificate", "inside.cert"]);
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(run.out).toMatch(/^CONTAINED {2}helper 1 ≤ engineer 7\n/);
    expect(JSON.parse(readFileSync(join(dir, "inside.cert"), "utf8"))).toMatchObject({ relation: "contained" });
  });

  test("ends with 1 where it exceeds, and shows the request, the rule below and the nearest above", () => {
    const run = atmost(["check", "outside.json", "parent.yaml"]);
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/^EXCEEDS {2}helper 1 ≤ engineer 7\n/);
    expect(run.out).toContain('{"action": "fs:read", "path": "');
    expect(run.out).toMatch(/\n {3}allow rule `all` at \/rules\/0 +│ allow rule `read` at \/rules\/0\n/);
    expect(run.out).toMatch(/\n {3}decides {2}no rule permits it: `path` must be path "\/workspace\/\*\*"/);
    expect(run.out).toMatch(/\n ▶ path: path "\/\*\*" +│ path: path "\/workspace\/\*\*"\n/);
    expect(run.out.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(run.out).not.toContain("\u001b");
  });

  test("ends with 4 where a person must review", () => {
    expect(atmost(["check", "asked.json", "parent.yaml"])).toMatchObject({ code: 4 });
  });

  test("prints the answer as JSON with snake_case keys", () => {
    const answer = jsonOf(atmost(["check", "asked.json", "parent.yaml", "--json"]));
    expect(answer).toMatchObject({
      lower: { name: "helper", version: "1" },
      result: "review",
      certificate: { relation: "review" },
      counterexamples: [{ request: { action: "tool:issue" }, lower: { decision: "allow" }, upper: { decision: "ask" } }],
    });
  });

  test("shows a limit that is greater", () => {
    const run = atmost(["check", "deep.json", "parent.yaml"]);
    expect(run.code).toBe(1);
    expect(run.out).toContain("`depth`");
  });

  test("compares with the delegable view where that is asked for", () => {
    expect(atmost(["check", "parent.yaml", "parent.yaml"])).toMatchObject({ code: 0 });
    expect(atmost(["check", "parent.yaml", "parent.yaml", "--upper-view"])).toMatchObject({ code: 1 });
    expect(atmost(["check", "parent.yaml", "parent.yaml", "--lower-view"])).toMatchObject({ code: 0 });
  });

  test("reads one of the policies from standard input, and not both", () => {
    expect(atmost(["check", "-", "parent.yaml"], files["inside.json"])).toMatchObject({ code: 0 });
    expect(atmost(["check", "-", "-"], parent)).toMatchObject({ code: 2, out: "" });
  });

  test.each([
    ["no package but the command line's own for JSON", "roof.json", ["commander"]],
    ["the reader of YAML where a policy is YAML", "parent.yaml", ["commander", "yaml"]],
    ["the schemas where a policy is wrong", "bad.yaml", ["commander", "yaml", "zod"]],
  ])("loads %s, and never the service, signing or the solver", (_, upper, packages) => {
    const log = join(dir, `loaded-${upper}.txt`);
    const hook = `import{appendFileSync}from"node:fs";export async function resolve(s,c,n){const r=await n(s,c);appendFileSync(${JSON.stringify(log)},r.url+"\\n");return r}`;
    const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const preload = url(`import{register}from"node:module";register(${JSON.stringify(url(hook))})`);
    const code = packages.includes("zod") ? 2 : 0;
    expect(atmost(["check", "inside.json", upper], "", { NODE_OPTIONS: `--import=${preload}` })).toMatchObject({ code });
    const loaded = readFileSync(log, "utf8");
    expect(loaded).toContain("/dist/src/cli/commands/check.js");
    expect(loaded).not.toMatch(/\/dist\/(?:src\/(?:http|signing|import)|prover\/(?:smt|solver))\//);
    const used = [...loaded.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name);
    expect([...new Set(used)].toSorted()).toEqual(packages);
  });
});

describe("bad input", () => {
  test("ends with 2 and lists every problem by file and pointer, with what was expected, got and nearest", () => {
    const run = atmost(["check", "bad.yaml", "parent.yaml"]);
    expect(run).toMatchObject({ code: 2, out: "" });
    for (const place of ["bad.yaml:/name ", "bad.yaml:/nmae ", "bad.yaml:/rules/0/effect ", "bad.yaml:/rules/0/efect "])
      expect(run.err).toContain(place);
    expect(run.err).toMatch(/ {2}expected {2}.*\n(?:.*\n)? {2}got {7}`efect`\n {2}nearest {3}effect\n/);
  });

  test("is JSON on standard output where machines read", () => {
    const run = atmost(["check", "bad.yaml", "missing.yaml", "--json"]);
    expect(run).toMatchObject({ code: 2, err: "" });
    const problems: readonly { readonly file: string; readonly code: string }[] = jsonOf(run).problems;
    expect(new Set(problems.map(({ file }) => file))).toEqual(new Set(["bad.yaml", "missing.yaml"]));
    expect(problems.map(({ code }) => code)).toContain("file_unreadable");
  });

  test.each([
    [[]],
    [["chek"]],
    [["check", "inside.json"]],
    [["check", "inside.json", "parent.yaml", "--nonsense"]],
    [["check", "inside.json", "parent.yaml", "--deadline", "soon"]],
    [["check", ".", "parent.yaml"]],
    [["export", "inside.json", "parent.yaml"]],
    [["verify", "inside.json", "--lower", "inside.json"]],
    [["import", "nothing", "parent.yaml"]],
    [["serve", "--port", "70000"]],
  ])("ends with 2 for the command line %j", (args) => {
    const run = atmost(args);
    expect(run).toMatchObject({ code: 2, out: "" });
    expect(run.err).not.toBe("");
  });

  test("that is not UTF-8 is refused", () => {
    writeFileSync(join(dir, "latin1.yaml"), Buffer.from([0x61, 0xe9]));
    expect(atmost(["check", "latin1.yaml", "parent.yaml"]).err).toContain("invalid_utf8");
  });

  test("never reaches the terminal as control characters", () => {
    const run = atmost(["check", "odd.json", "nothing.json"]);
    expect(run.code).toBe(1);
    expect(run.out).toContain("\\u001b");
    expect(run.out).not.toMatch(/[\u001b\u0007\u202e]/);
  });
});

describe("spawn-check", () => {
  const chain = (child: string) => ["spawn-check", "--child", child, "--boundary", "parent.yaml", "--max", "parent.yaml"];

  test("ends with 0 and applies where every link is contained", () => {
    const run = atmost(chain("inside.json"));
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(run.out).toMatch(/^APPLY {2}helper 1\n/);
    expect(run.out.match(/CONTAINED/g)).toHaveLength(4);
  });

  test("ends with 1 and rejects where the child exceeds", () => {
    const run = atmost(chain("outside.json"));
    expect(run).toMatchObject({ code: 1, err: "" });
    expect(run.out).toMatch(/^REJECT {2}helper 1\n/);
    expect(run.out).toContain("by the same requests as child ≤ parent_delegable");
  });

  test("ends with 4 and asks where a link needs a review", () => {
    expect(atmost(chain("asked.json"))).toMatchObject({ code: 4, err: "" });
  });

  test("takes a delegable policy that has less depth, and no other", () => {
    const delegable = (depth: number) => policy(undefined, { limits: { depth } });
    writeFileSync(join(dir, "delegable1.json"), delegable(1));
    writeFileSync(join(dir, "delegable2.json"), delegable(2));
    expect(atmost([...chain("nothing.json"), "--delegable", "delegable1.json"])).toMatchObject({ code: 0 });
    expect(atmost([...chain("nothing.json"), "--delegable", "delegable2.json"])).toMatchObject({ code: 1 });
  });

  test("writes a signed envelope that the public key verifies", async () => {
    expect(atmost(["keygen", "sign.key"])).toMatchObject({ code: 0 });
    const run = atmost([...chain("inside.json"), "--key", "sign.key", "--attestation", "answer.dsse", "--json"]);
    expect(run).toMatchObject({ code: 0, err: "" });
    const envelope = JSON.parse(readFileSync(join(dir, "answer.dsse"), "utf8"));
    expect(jsonOf(run).attestation).toEqual(envelope);
    const key = parsePublicKey(readFileSync(join(dir, "sign.key.pub"), "utf8"), "the key");
    const verified = key.kind === "bytes" ? await verifySpawnEnvelope(envelope, [key.bytes], canonicalJson) : key;
    expect(verified).toMatchObject({ kind: "verified", statement: { predicate: { verdict: "apply" } } });
  });

  test("makes a development key of mode 0600 on first use, and says so", () => {
    const args = [...chain("nothing.json"), "--attestation", "development.dsse"];
    const env = { XDG_STATE_HOME: join(dir, "state") };
    expect(atmost(args, "", env).err).toMatch(/^atmost: no signing key was given: the development key .* was made for it\n$/);
    expect(statSync(join(dir, "state/atmost/development.key")).mode & 0o777).toBe(0o600);
    expect(atmost(args, "", env).err).toContain("is used");
    expect(atmost(args, "", { ATMOST_SIGNING_KEY: "" })).toMatchObject({ code: 2, out: "" });
  });
});

describe("verify", () => {
  const link = ["--lower", "inside.json", "--upper", "parent.yaml"];
  const spawned = ["--child", "inside.json", "--boundary", "parent.yaml", "--max", "parent.yaml"];

  test("accepts a certificate, a link and a chain's answer from standard input, and refuses them for other policies", () => {
    const answer = atmost(["check", "inside.json", "parent.yaml", "--json"]).out;
    const chain = atmost(["spawn-check", ...spawned, "--json"]).out;
    for (const text of [answer, JSON.stringify(JSON.parse(answer).certificate), chain]) {
      expect(atmost(["verify", "-", ...link], text)).toMatchObject({ code: 0, err: "" });
      expect(atmost(["verify", "-", "--lower", "outside.json", "--upper", "parent.yaml"], text)).toMatchObject({ code: 1, err: "" });
      expect(atmost(["verify", "-", ...link, "--lower-view"], text)).toMatchObject({ code: 1 });
    }
    expect(jsonOf(atmost(["verify", "-", ...link, "--json"], answer))).toMatchObject({ result: "accepted", relation: "contained" });
  });

  test("accepts a whole chain, and refuses it once a certificate is missing or changed", () => {
    const text = atmost(["spawn-check", ...spawned, "--json"]).out;
    expect(atmost(["verify", "-", ...spawned], text)).toMatchObject({ code: 0, err: "" });
    const answer = JSON.parse(text);
    expect(atmost(["verify", "-", ...spawned], JSON.stringify({ ...answer, links: answer.links.slice(1) }))).toMatchObject({ code: 1 });
    expect(atmost(["verify", "-", ...spawned], text.replaceAll('"leaf": "upper_permits"', '"leaf": "lower_asks"'))).toMatchObject({
      code: 1,
    });
  });

  test("refuses an answer of links in links, however deep", () => {
    const deep = `${'{"links":['.repeat(20_000)}${"]}".repeat(20_000)}`;
    expect(atmost(["verify", "-", ...link], deep)).toMatchObject({ code: 1, err: "" });
  });

  test("ends with 4 for a certificate of a review", () => {
    const text = atmost(["check", "asked.json", "parent.yaml", "--json"]).out;
    expect(atmost(["verify", "-", "--lower", "asked.json", "--upper", "parent.yaml"], text)).toMatchObject({ code: 4 });
  });

  test.each(["", "{", "null", "[]", "7", "{}", '{"certificate":7}', '{"links":[null]}'])("refuses %j, and never as a yes", (text) => {
    expect([1, 2]).toContain(atmost(["verify", "-", ...link], text).code);
  });
});

describe("eval", () => {
  test.each([
    ["allow", 0, { action: "fs:read", path: "/workspace/a" }],
    ["deny", 1, { action: "fs:read", path: "/workspace/.env" }],
    ["deny", 1, { action: "fs:read", path: ["/workspace/a"] }],
    ["ask", 4, { action: "tool:issue" }],
  ] as const)("decides %s and ends with %i", (decision, code, request) => {
    const run = atmost(["eval", "parent.yaml", "-"], JSON.stringify(request));
    expect(run).toMatchObject({ code, err: "" });
    expect(run.out).toMatch(new RegExp(`^${decision.toUpperCase()} {2}engineer 7\n`));
    expect(jsonOf(atmost(["eval", "parent.yaml", "-", "--json"], JSON.stringify(request)))).toMatchObject({ decision });
  });

  test("decides by the delegable view where that is asked for", () => {
    writeFileSync(join(dir, "keeps.json"), policy({ id: "r", effect: "allow", action: "x" }));
    expect(atmost(["eval", "keeps.json", "-"], '{"action":"x"}')).toMatchObject({ code: 0 });
    expect(atmost(["eval", "keeps.json", "-", "--view"], '{"action":"x"}')).toMatchObject({ code: 1 });
  });

  test("refuses what is no request", () => {
    expect(atmost(["eval", "parent.yaml", "-"], "[1]")).toMatchObject({ code: 2, out: "" });
  });
});

describe("export, import and keygen", () => {
  test("export prints SMT-LIB, and ends with 3 where that can not say the question", () => {
    const run = atmost(["export", "--smt2", "inside.json", "parent.yaml"]);
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(run.out).toMatch(/^\(set-info :smt-lib-version 2\.6\)\n[\s\S]*\(check-sat\)\n$/);
    writeFileSync(join(dir, "tiny.json"), policy({ id: "r", effect: "allow", action: "x", when: { n: { gt: 5e-324 } } }));
    expect(atmost(["export", "--smt2", "tiny.json", "parent.yaml"])).toMatchObject({ code: 3, out: "" });
  });

  test("import prints a document that our own reader accepts", () => {
    const run = atmost(["import", "openshell", join(root, "proofs/openshell-clone/child-clone.yaml")]);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({ language: "atmost/1" });
    expect(atmost(["check", "-", "parent.yaml"], run.out).code).toBe(1);
    expect(atmost(["import", "openshell", "-"], "version: 1\nnonsense: 1\n")).toMatchObject({ code: 2, out: "" });
  });

  test("import reads what it is told of limits and delegation as strictly as a policy", () => {
    const told = (...options: readonly string[]) =>
      atmost(["import", "openshell", join(root, "proofs/openshell-clone/child-clone.yaml"), ...options]);
    expect(jsonOf(told("--limits", '{"depth":1}', "--delegation", "all"))).toMatchObject({ limits: { depth: 1 }, delegation: "all" });
    const twice = told("--limits", '{"depth":1,"depth":"unlimited"}');
    expect(twice).toMatchObject({ code: 2, out: "" });
    expect(twice.err).toContain("--limits:/depth  duplicate_key");
    expect(told("--delegation", '{"rules":[],"rules":[]}')).toMatchObject({ code: 2, out: "" });
    expect(told("--delegation", "[]")).toMatchObject({ code: 2, out: "" });
    expect(told("--limits", "{")).toMatchObject({ code: 2, out: "" });
  });

  test.skipIf(!existsSync("/dev/full"))("no command that could not write its answer ends like one that holds", () => {
    const full = (command: string) =>
      execute("/bin/sh", ["-c", `exec "$0" "$@" > /dev/full`, process.execPath, bin, ...command.split(" ")], dir);
    expect(full("check inside.json parent.yaml").code).toBe(3);
    expect(full(`import openshell ${join(root, "proofs/openshell-clone/child-clone.yaml")}`).code).toBe(3);
    expect(full("narrow inside.json parent.yaml").code).toBe(3);
    expect(full("check outside.json parent.yaml").code).toBe(1);
  });

  test("keygen makes a private file of mode 0600 and never overwrites", () => {
    const run = atmost(["keygen", "new.key", "--json"]);
    expect(jsonOf(run)).toMatchObject({ private_file: "new.key", public_file: "new.key.pub" });
    expect(statSync(join(dir, "new.key")).mode & 0o777).toBe(0o600);
    expect(atmost(["keygen", "new.key"])).toMatchObject({ code: 2, out: "" });
  });

  test("--version and --help end with 0", () => {
    expect(atmost(["--version"])).toMatchObject({ code: 0, err: "" });
    expect(atmost(["--version"]).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(atmost(["check", "--help"])).toMatchObject({ code: 0, err: "" });
  });
});

describe("serve", () => {
  test("says in one line that it listens, answers, and ends with 0 when told to stop", async () => {
    const child = spawn(process.execPath, [bin, "serve", "--port", "0"], {
      cwd: dir,
      env: { HOME: dir },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise<number | null>((done) => child.on("close", done));
    let out = "";
    const line = await new Promise<string>((done) => {
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString("utf8");
        if (out.includes("\n")) done(out);
      });
      child.on("close", () => done(out));
    });
    expect(line).toMatch(/^atmost listens on http:\/\/127\.0\.0\.1:\d+\n$/);
    const answer = await fetch(`${line.trim().split(" ").at(-1)}/healthz`);
    expect(answer.status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(out).toBe(line);
  });

  test("does not start on an address that others reach without tokens", () => {
    const run = atmost(["serve", "--host", "0.0.0.0", "--port", "0"]);
    expect(run).toMatchObject({ code: 2, out: "" });
    expect(run.err).toContain("address_needs_tokens");
  });
});

describe("lint", () => {
  const twice = JSON.stringify({
    language: "atmost/1",
    name: "twice",
    version: "1",
    rules: ["a", "b"].map((id) => ({ id, effect: "allow", action: "fs:read" })),
  });

  test("says at which line of which file what is wrong, and that removing it changes nothing is so", () => {
    writeFileSync(join(dir, "twice.json"), JSON.stringify(JSON.parse(twice), undefined, 2));
    const text = atmost(["lint", "twice.json"]);
    expect(text).toMatchObject({ code: 1, err: "" });
    expect(text.out).toContain("twice.json:11:5  REDUNDANT  allow rule `b`");
    expect(text.out).not.toContain("\u001b");
    const { findings } = jsonOf(atmost(["lint", "twice.json", "--json"]));
    expect(findings).toMatchObject([{ pointer: "/rules/1", removable: true }]);
    const less = JSON.parse(twice);
    less.rules.splice(1, 1);
    writeFileSync(join(dir, "once.json"), JSON.stringify(less));
    for (const [lower, upper] of [
      ["twice.json", "once.json"],
      ["once.json", "twice.json"],
    ] as const)
      expect(atmost(["check", lower, upper]).code).toBe(0);
    expect(atmost(["lint", "once.json"])).toMatchObject({ code: 0, out: expect.stringMatching(/^CLEAN {2}twice 1/) });
  });

  test("writes annotations and SARIF, reads standard input and YAML, and refuses what is no policy with 2", () => {
    expect(atmost(["lint", "twice.json", "--format", "github"]).out).toMatch(/^::warning file=twice\.json,line=11,col=5,title=/);
    expect(jsonOf(atmost(["lint", "-", "--format", "sarif"], twice))).toMatchObject({ version: "2.1.0", runs: [{ results: [{}] }] });
    expect(atmost(["lint", "parent.yaml"]).out).toContain("parent.yaml:");
    expect(atmost(["lint", "bad.yaml"])).toMatchObject({ code: 2, out: "" });
    expect(atmost(["lint", "absent.json", "--json"])).toMatchObject({ code: 2 });
  });
});
