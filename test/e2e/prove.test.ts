// `atmost prove` as people and CI run it: the built executable on real files. `npm test` builds first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { runIn } from "../generators/cli.js";
import { isWithoutProgram } from "../outside.js";
import { junitProblems } from "../unit/junit-schema.js";
import { jenkinsProblems, sarifProblems } from "../unit/published-schemas.js";
import { atmost, broken, claims, dir, engineer, execute, inFolders, maximum, write } from "./prove-world.js";

inFolders();

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
    const before = process.cwd();
    process.chdir(dir);
    const { code, out } = await runIn(["prove", "more.claims.yaml"]).finally(() => process.chdir(before));
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
    // Every look at this clock is a second later: no deadline can be kept.
    const steadyMs = () => {
      now += 1_000;
      return now;
    };
    const { code, out } = await runIn(["prove", join(dir, "team.claims.yaml"), "--json", "--deadline", "1"], "", { steadyMs });
    expect(code).toBe(3);
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
    expect(jenkinsProblems(junit?.out ?? "")).toEqual([]);
    expect(sarifProblems(JSON.parse(sarif?.out ?? ""))).toEqual([]);
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
  test("of two files are never kept in one: which would be lost is said before anything is proved", () => {
    const [one, two] = [join(dir, "s.claims.yaml"), join(dir, "s.claims.yml")];
    for (const file of [one, two]) writeFileSync(file, readFileSync(join(dir, "team.claims.yaml")));
    const run = atmost(["--save", one, two]);
    expect(run).toMatchObject({ code: 2, out: "" });
    expect(run.err).toContain("s.certificates.json` twice");
    for (const file of [one, two]) rmSync(file);
  });

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

describe.skipIf(isWithoutProgram("git"))("--base", () => {
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
