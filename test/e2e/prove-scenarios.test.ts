// `atmost prove` on the scenarios in proofs/, and as other tools call it.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isWithoutProgram } from "../outside.js";
import { atmost, bin, broken, dir, execute, inFolders, proofs, root, scratch, write } from "./prove-world.js";

inFolders();

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
  test.skipIf(isWithoutProgram("bash"))("the GitHub Action runs what its inputs say, as arguments and never as text of the script", () => {
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
