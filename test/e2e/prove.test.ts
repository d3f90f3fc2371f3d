// `atmost prove` as people and CI run it: the built executable on real files. `npm test` builds first.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/program.js";
import { junitProblems } from "../unit/junit-schema.js";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = join(root, "dist/src/cli/main.js");
const scratch = mkdtempSync(join(tmpdir(), "atmost-prove-"));
const proofs = join(scratch, "proofs");
let dir = "";
let count = 0;

type Run = { readonly code: number | null; readonly out: string; readonly err: string };

function execute(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Run {
  const { status, stdout, stderr } = spawnSync(command, [...args], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: scratch, NO_COLOR: "1", ...env },
  });
  return { code: status, out: stdout, err: stderr };
}
const atmost = (args: readonly string[], cwd = dir, env = {}) => execute(process.execPath, [bin, "prove", ...args], cwd, env);
const write = (name: string, text: string) => {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), text);
};

const maximum = `language: atmost/1
name: maximum
version: "3"
rules:
  - id: files
    effect: allow
    action: "fs:**"
    when: { path: { path: /repo/** } }
  - id: deploy
    effect: ask
    action: deploy:release
    because: customers see it
    reviewers: [owner]
`;
const engineer = `{ "language": "atmost/1", "name": "engineer", "version": "1",
  "rules": [
    { "id": "code", "effect": "allow", "action": ["fs:read", "fs:write"],
      "when": { "path": { "path": "/repo/src/**" } } }
  ] }
`;
const claims = `language: atmost-claims/1
claims:
  - name: the engineer is within the maximum
    because: everybody is
    contained: { lower: engineer.json, upper: maximum.yaml }
  - name: nobody deploys without a person
    because: customers see it
    never: { policy: maximum.yaml, is: allowed, action: "deploy:**" }
  - name: the maximum is within the engineer
    because: it is not, which must be found
    expect: fails
    contained: { lower: maximum.yaml, upper: engineer.json }
`;
const broken = engineer.replace('"/repo/src/**"', '["/repo/src/**", "/etc/**"]');

beforeAll(() => {
  expect(existsSync(bin), "the executable is not built: run `npm run build`").toBe(true);
  cpSync(join(root, "proofs"), proofs, { recursive: true });
});
beforeEach(() => {
  dir = join(scratch, String(count++));
  mkdirSync(dir);
  write("engineer.json", engineer);
  write("maximum.yaml", maximum);
  write("team.claims.yaml", claims);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the text for people", () => {
  // The world is our own, so that no clock is in the snapshot.
  test("is laid out for the eye in 80 columns", async () => {
    write("engineer.json", broken);
    write("old.json", engineer);
    write(
      "more.claims.yaml",
      `${claims}  - name: the engineer can do no more than before
    because: a change of access is reviewed
    no_new_access: { old: old.json, new: engineer.json }
  - name: the engineer never deploys
    because: who writes does not release
    expect: fails
    never: { policy: engineer.json, is: permitted, action: "deploy:**" }
`,
    );
    let out = "";
    const io: Io = {
      stdin: (async function* () {})(),
      out: (text) => {
        out += text;
      },
      err: () => undefined,
      env: {},
      colours: { out: false, err: false },
      steadyMs: () => 0,
      epochMs: () => 0,
    };
    const before = process.cwd();
    process.chdir(dir);
    const code = await run(["prove", "more.claims.yaml"], io).finally(() => process.chdir(before));
    expect(code).toBe(1);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatchSnapshot();
  });

  test("is without colours where it is piped, and the progress leaves no trace there", () => {
    const ended = atmost([]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(ended.out).not.toContain("\u001b");
    expect(ended.out).toMatch(/\n3 of 3 claims as expected \(1 failing as they must\), \d+\.\d s\n$/);
  });
});

describe("exit codes", () => {
  test("0 where all is as expected, 1 where a claim is not", () => {
    expect(atmost(["team.claims.yaml"]).code).toBe(0);
    write("engineer.json", broken);
    expect(atmost(["team.claims.yaml"]).code).toBe(1);
  });

  test("1 where a planned failure does not fail", () => {
    write("maximum.yaml", engineer);
    const ended = atmost(["."]);
    expect(ended.code).toBe(1);
    expect(ended.out).toContain("HOLDS      the maximum is within the engineer");
    expect(ended.out).toContain("found    it must fail, but no request is decided higher by");
  });

  test("2 and every problem where the input is bad, and nothing is proved then", () => {
    write("engineer.json", "{}");
    write("x/other.claims.json", '{ "language": "atmost-claims/1", "claims": [] }');
    const ended = atmost(["--json"]);
    expect(ended).toMatchObject({ code: 2, err: "" });
    const problems: readonly { file: string; code: string }[] = JSON.parse(ended.out).problems;
    expect(new Set(problems.map(({ file, code }) => `${file} ${code}`))).toEqual(
      new Set(["engineer.json missing_key", "x/other.claims.json empty"]),
    );
  });

  test.each([
    [["nothing.yaml"], "file_unreadable"],
    [["--save", "--verify-only"], "usage"],
    [["--base", "--output=x"], "usage"],
    [["--base", "a:b"], "usage"],
  ])("2 for %j", (args, code) => {
    expect(JSON.parse(atmost([...args, "--json"]).out).problems).toMatchObject([{ code }]);
  });

  test("2 where a folder holds no claims file, and those of node_modules and of dot folders count for nothing", () => {
    mkdirSync(join(dir, "e/node_modules/x"), { recursive: true });
    mkdirSync(join(dir, "e/.git"));
    for (const place of ["e/node_modules/x/a.claims.json", "e/.git/a.claims.json"]) write(place, "{}");
    const ended = atmost(["e", "--json"]);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.out).problems).toMatchObject([{ code: "no_claims", file: "e" }]);
  });

  test("3 where a claim is undecided, for people and for machines", async () => {
    write("engineer.json", engineer.replace('"/repo/src/**"', '"/repo/src/**", "glob": "*a*"'));
    let now = 0;
    let out = "";
    const io: Io = {
      stdin: (async function* () {})(),
      out: (text) => {
        out += text;
      },
      err: () => undefined,
      env: {},
      colours: { out: false, err: false },
      // Every look at this clock is a second later: no deadline can be kept.
      steadyMs: () => {
        now += 1_000;
        return now;
      },
      epochMs: () => 0,
    };
    expect(await run(["prove", join(dir, "team.claims.yaml"), "--json", "--deadline", "1"], io)).toBe(3);
    const { totals } = JSON.parse(out);
    expect(totals.undecided).toBeGreaterThan(0);
    expect(totals.unexpected).toBe(0);
  });
});

describe("formats", () => {
  test("github: one annotation at the rule to blame, in the right line", () => {
    write("engineer.json", broken);
    const ended = atmost(["--format", "github"]);
    expect(ended.code).toBe(1);
    const annotations = ended.out.split("\n").filter((line) => line.startsWith("::"));
    expect(annotations).toHaveLength(1);
    const line = broken.split("\n").findIndex((text) => text.includes('"id": "code"')) + 1;
    expect(annotations[0]).toMatch(new RegExp(`^::error file=engineer\\.json,line=${line},title=the engineer is within the maximum::`));
    expect(annotations[0]).toContain("claimed at team.claims.yaml:3");
    expect(ended.err).toBe("atmost: team.claims.yaml: 3 claims, 1 not as expected\n");
  });

  test("junit, sarif and json say the same", () => {
    write("engineer.json", broken);
    const [junit, sarif, json] = ["junit", "sarif", "json"].map((format) => atmost(["--format", format]));
    expect([junit, sarif, json].map((ended) => ended?.code)).toEqual([1, 1, 1]);
    expect(junitProblems(junit?.out ?? "")).toEqual([]);
    expect(junit?.out).toContain('tests="3" failures="1" errors="0"');
    expect(JSON.parse(sarif?.out ?? "").runs[0].results).toHaveLength(1);
    const report = JSON.parse(json?.out ?? "");
    expect(report.totals).toEqual({ claims: 3, expected: 2, planned: 1, unexpected: 1, undecided: 0 });
    expect(report.claims[0]).toMatchObject({
      found: "fails",
      outcome: "unexpected",
      blame: [{ file: "engineer.json", line: 3, id: "code" }],
    });
    expect(report.claims[0].counterexamples[0].request.path).toMatch(/^\/etc/);
  });
});

describe("kept certificates", () => {
  const saved = () => join(dir, "team.certificates.json");
  test("are the same whenever they are saved, and verify", () => {
    expect(atmost(["--save"]).code).toBe(0);
    const first = readFileSync(saved(), "utf8");
    expect(atmost(["--save"]).code).toBe(0);
    expect(readFileSync(saved(), "utf8")).toBe(first);
    const ended = atmost(["--verify-only"]);
    expect(ended.code).toBe(0);
    expect(ended.out).toContain("3 of 3 claims as expected");
  });

  test("prove nothing of a policy that changed since, in its texts too", () => {
    atmost(["--save"]);
    write("maximum.yaml", maximum.replace("customers see it", "customers can see it"));
    const ended = atmost(["--verify-only", "--json"]);
    expect(ended.code).toBe(1);
    const { claims: answers } = JSON.parse(ended.out);
    for (const answer of answers) {
      expect(answer).toMatchObject({ found: "unproved", outcome: "unexpected" });
      expect(answer.summary).toMatch(
        /^`maximum\.yaml` changed since the certificates were kept \(sha256 [0-9a-f]{12}… then, [0-9a-f]{12}… now\)/,
      );
    }
  });

  test("prove nothing of a claim that changed since, or that is new, or where nothing was kept", () => {
    atmost(["--save"]);
    write("team.claims.yaml", claims.replace('"deploy:**"', '"**"').replace("the engineer is within", "each engineer is within"));
    const changed = JSON.parse(atmost(["--verify-only", "--json"]).out).claims;
    expect(changed.map(({ found }: { found: string }) => found)).toEqual(["unproved", "unproved", "fails"]);
    expect(changed[0].summary).toContain("nothing was kept of this claim");
    expect(changed[1].summary).toContain("the kernel refuses the certificate");
    rmSync(saved());
    expect(JSON.parse(atmost(["--verify-only", "--json"]).out).claims[0].summary).toContain("no file of certificates");
  });

  test("are refused where they were tampered with", () => {
    atmost(["--save"]);
    const text = readFileSync(saved(), "utf8");
    const kept = JSON.parse(text);
    const tamper = (change: (copy: typeof kept) => void) => {
      const copy = JSON.parse(text);
      change(copy);
      writeFileSync(saved(), JSON.stringify(copy));
      return atmost(["--verify-only"]);
    };
    expect(tamper(() => undefined).code).toBe(0);
    const certificate = (copy: typeof kept) => copy.claims[0].links[0].certificate;
    expect(Object.keys(certificate(kept))).toContain("nodes");
    // Another tree, another relation, another answer, another request: none of them is believed.
    expect(tamper((copy) => certificate(copy).nodes.pop()).code).toBe(1);
    expect(tamper((copy) => Object.assign(certificate(copy), { relation: "review" })).code).toBe(1);
    expect(
      tamper((copy) => Object.assign(copy.claims[0].links[0], { result: "exceeds", request: { action: "fs:read", path: "/repo/src/a" } }))
        .code,
    ).toBe(1);
    expect(tamper((copy) => Object.assign(copy.claims[2].links[0], { request: { action: "fs:read", path: "/repo/src/a" } })).code).toBe(1);
    expect(tamper((copy) => Object.assign(copy.claims[2].links[0], { result: "contained", certificate: certificate(copy) })).code).toBe(1);
    // That a claim holds is never taken from the file.
    expect(tamper((copy) => Object.assign(copy.claims[0], { found: "fails" })).code).toBe(0);
    writeFileSync(saved(), text.slice(0, -10));
    expect(atmost(["--verify-only"]).code).toBe(2);
    writeFileSync(saved(), JSON.stringify({ ...kept, language: "other" }));
    expect(atmost(["--verify-only"]).code).toBe(2);
  });

  test("are not kept of a claim that is not as expected", () => {
    write("engineer.json", broken);
    expect(atmost(["--save"]).code).toBe(1);
    expect(JSON.parse(readFileSync(saved(), "utf8")).claims.map(({ name }: { name: string }) => name)).toEqual([
      "nobody deploys without a person",
      "the maximum is within the engineer",
    ]);
  });
});

describe("--base", () => {
  const git = (...args: readonly string[]) => {
    const ended = execute("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", ...args], dir);
    if (ended.code !== 0) throw new Error(ended.err);
  };
  beforeEach(() => {
    write("sub/engineer.json", engineer);
    write(
      "sub/access.claims.yaml",
      "language: atmost-claims/1\nclaims:\n  - name: no more\n    because: reviewed\n    no_new_access: { new: engineer.json }\n",
    );
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-q", "-m", "first");
  });

  test("reads the old version from git, from wherever it is called", () => {
    expect(atmost(["sub", "--base", "HEAD"]).code).toBe(0);
    write("sub/engineer.json", broken);
    const ended = atmost(["sub", "--base", "HEAD"]);
    expect(ended.code).toBe(1);
    expect(ended.out).toContain("changed  ~ rule `code` at sub/engineer.json:3");
    expect(atmost(["."], join(dir, "sub")).code).toBe(2);
    expect(atmost([".", "--base", "main"], join(dir, "sub")).code).toBe(1);
    git("commit", "-q", "-am", "wider");
    expect(atmost(["sub", "--base", "HEAD"]).code).toBe(0);
    expect(atmost(["sub", "--base", "HEAD~1"]).code).toBe(1);
  });

  test("is bad input where git has no such revision, or the file is new", () => {
    for (const [file, revision] of [
      ["engineer.json", "no-such"],
      ["new.json", "HEAD"],
    ]) {
      write("sub/new.json", engineer);
      write("sub/access.claims.yaml", `language: atmost-claims/1\nclaims:\n  - { name: n, because: b, no_new_access: { new: ${file} } }\n`);
      const ended = atmost(["sub", "--base", revision ?? "", "--json"]);
      expect(ended.code).toBe(2);
      expect(JSON.parse(ended.out).problems).toMatchObject([{ code: "base_unreadable", file: `sub/${file}` }]);
    }
  });
});

describe("the scenarios in proofs/", () => {
  const scenarios = ["workflow-scopes", "role-company", "spawned-agents", "approval-flow", "runtime-governance"];
  type Answer = { readonly file: string; readonly name: string; readonly found: string; readonly expect: string; readonly outcome: string };

  test("are all proved, with the planned failures failing as planned, in less than a minute", () => {
    const started = performance.now();
    const ended = atmost(["proofs", "--json"], scratch);
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(ended.code, ended.out.slice(0, 2_000)).toBe(0);
    const { claims: answers }: { claims: readonly Answer[] } = JSON.parse(ended.out);
    expect(answers.length).toBeGreaterThan(150);
    for (const scenario of scenarios) {
      const own = answers.filter(({ file }) => file.startsWith(`proofs/${scenario}/`));
      expect(own.filter(({ found }) => found === "holds").length, scenario).toBeGreaterThan(5);
      expect(own.filter(({ found, expect: planned }) => found === "fails" && planned === "fails").length, scenario).toBeGreaterThan(1);
      expect(readFileSync(join(root, "proofs", scenario, "README.md"), "utf8")).toContain(`npx atmost prove proofs/${scenario}`);
    }
  });

  // Nothing of the solver is there at all: neither its package, nor what could start it unseen.
  test("verify from what is kept beside them, where Z3 is not installed and no worker starts", () => {
    const bare = join(scratch, "bare");
    cpSync(join(root, "dist"), join(bare, "dist"), { recursive: true });
    cpSync(join(root, "package.json"), join(bare, "package.json"));
    mkdirSync(join(bare, "node_modules"));
    for (const name of ["commander", "yaml", "zod"]) symlinkSync(join(root, "node_modules", name), join(bare, "node_modules", name));
    const log = join(scratch, "solver.log");
    const env = { ATMOST_TEST_SOLVER_LOG: log, NODE_OPTIONS: `--require ${join(root, "test/e2e/watch-solver.cjs")}` };
    const ended = execute(process.execPath, [join(bare, "dist/src/cli/main.js"), "prove", "proofs", "--verify-only"], scratch, env);
    expect(ended, ended.out.slice(-2_000)).toMatchObject({ code: 0, err: "" });
    expect(ended.out).toMatch(/\n(\d+) of \1 claims as expected/);
    expect(existsSync(log)).toBe(false);
    // What would have been noticed is.
    const worker = pathToFileURL(join(root, "dist/prover/solver/worker.js")).href;
    const control = `import { Worker } from "node:worker_threads"; const w = new Worker(new URL(${JSON.stringify(worker)})); await w.terminate();`;
    execute(process.execPath, ["--input-type=module", "--eval", control], root, env);
    expect(readFileSync(log, "utf8")).toContain("solver/worker.js");
    execute(process.execPath, ["--eval", 'require("z3-solver")'], root, env);
    expect(readFileSync(log, "utf8")).toMatch(/^z3-solver$/m);
  });

  // The proofs themselves may be found otherwise one day, and stay proofs: what they are about is compared, not their bytes.
  test("keep what is saved now: the claims, their policies and how each question is answered", () => {
    const files = scenarios.flatMap((name) =>
      name === "runtime-governance" ? ["agents", "governance"].map((file) => [name, file]) : [[name, name]],
    );
    const kept = () =>
      files.map(([folder = "", file = ""]) => {
        const { claims: all } = JSON.parse(readFileSync(join(proofs, folder, `${file}.certificates.json`), "utf8"));
        type Kept = { name: string; found: string; policies: object; links: readonly { title: string; result: string }[] };
        return all.map(({ name, found, policies, links }: Kept) => ({
          name,
          found,
          policies,
          links: links.map(({ title, result }) => `${title}: ${result}`),
        }));
      });
    const before = kept();
    expect(atmost(["proofs", "--save"], scratch).code).toBe(0);
    expect(kept()).toEqual(before);
  });

  test("the agents of runtime-governance are what their templates say", async () => {
    const { generated } = (await import(pathToFileURL(join(root, "proofs/runtime-governance/generate.mjs")).href)) as {
      generated: () => ReadonlyMap<string, string>;
    };
    const files = [...generated()];
    expect(files.length).toBe(31);
    for (const [file, text] of files) expect(readFileSync(join(root, "proofs/runtime-governance", file), "utf8"), file).toBe(text);
  });
});

describe("in other tools", () => {
  test("the GitHub Action runs what its inputs say, as arguments and never as text of the script", () => {
    const { inputs, runs } = parse(readFileSync(join(root, ".github/actions/prove/action.yml"), "utf8"));
    const [step] = runs.steps;
    expect(runs.using).toBe("composite");
    expect(step.run).not.toContain("${{");
    const named = Object.values(step.env).map((value) => /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(String(value))?.[1]);
    expect(named.toSorted()).toEqual(Object.keys(inputs).toSorted());
    mkdirSync(join(dir, "bin"));
    writeFileSync(join(dir, "bin/npx"), `#!/bin/sh\nprintf '%s\\n' "$@" > arguments\nshift 2\nexec "${process.execPath}" "${bin}" "$@"\n`, {
      mode: 0o755,
    });
    const script = (env: Readonly<Record<string, string>>) =>
      execute("bash", ["-c", step.run], dir, {
        PATH: `${join(dir, "bin")}:${process.env["PATH"] ?? ""}`,
        ...Object.fromEntries(Object.entries(step.env).map(([key], index) => [key, String(inputs[named[index] ?? ""].default)])),
        ...env,
      });
    expect(script({}).code).toBe(0);
    expect(readFileSync(join(dir, "arguments"), "utf8")).toBe("--yes\natmost\nprove\n--format\ngithub\n--jobs\n4\n--\n.\n");
    write("engineer.json", broken);
    const failing = script({ ATMOST_PATHS: "team.claims.yaml\n", ATMOST_VERSION: "1.2.3" });
    expect(failing.code).toBe(1);
    expect(failing.out).toContain("::error file=engineer.json,line=3,");
    expect(readFileSync(join(dir, "arguments"), "utf8")).toContain("atmost@1.2.3\n");
    expect(script({ ATMOST_PATHS: "$(touch pwned)" }).code).toBe(2);
    expect(existsSync(join(dir, "pwned"))).toBe(false);
    expect(script({ ATMOST_VERIFY_ONLY: "true" }).code).toBe(1);
  });

  test("the hooks of pre-commit call commands that are there", () => {
    const hooks: readonly { id: string; entry: string; files: string }[] = parse(
      readFileSync(join(root, ".pre-commit-hooks.yaml"), "utf8"),
    );
    expect(hooks.map(({ id }) => id)).toEqual(["atmost-prove", "atmost-verify"]);
    atmost(["--save"]);
    for (const { entry, files } of hooks) {
      const [program, ...args] = entry.split(" ");
      expect(program).toBe("atmost");
      expect(execute(process.execPath, [bin, ...args], dir).code, entry).toBe(0);
      expect(["a.claims.yaml", "p.yml", "p.json"].every((file) => new RegExp(files).test(file))).toBe(true);
    }
  });
});
