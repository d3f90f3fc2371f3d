// What the Claude Code importer takes for one command, real shells take for one: they are run on it. Test code, not trusted.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { decide } from "../../prover/evaluate/decide.js";
import { propertyParameters } from "../generators/index.js";
import { bash, load, settings } from "./import-claude-code-permissions.js";

const shells = ["/bin/bash", "/bin/dash", "/bin/zsh"].filter((shell) => existsSync(shell));
const both = shells.includes("/bin/bash") && shells.includes("/bin/dash");
const folder = mkdtempSync(join(tmpdir(), "atmost-shells-"));
const [empty, marker] = [join(folder, "empty"), join(folder, "ran")];
mkdirSync(empty);
writeFileSync(join(folder, "probe"), `#!/bin/sh\n: > '${marker}'\n`);
chmodSync(join(folder, "probe"), 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

// Runs the text in an empty folder, and says whether the program `probe` was run by it.
function runsProbe(shell: string, text: string): boolean {
  rmSync(marker, { force: true });
  spawnSync(shell, ["-c", text], { cwd: empty, env: { PATH: `${folder}:/usr/bin:/bin`, x: "y" }, input: "", timeout: 10_000 });
  return existsSync(marker);
}

const policy = load(settings({ allow: ["Bash(echo *)"] }));

// Without bash and dash these are skipped: what one of them takes for one command, the other may take for two.
describe.skipIf(!both)("texts that a shell reads as two commands (skipped where bash or dash is absent)", () => {
  it.each([
    ...[`echo "\${x#'"'}" ; probe #'`, `echo "\${x-"'"}" ; probe #'`, "echo \\\n; probe", "echo $\\\n(probe)", 'echo "$\\\n(probe)"'],
    ...["echo $'\\'' ; probe # '", "echo # '\nprobe\n#'", "echo <(probe)", `echo \${y:-$(probe)}`, 'echo "$((1 + $(probe)))"'],
    ...["echo 'a' \"b\";probe", "echo 'a\n'\nprobe", "echo >&2; probe", "echo a 2>&1 | probe", "echo <<a\n$(probe)\na", "echo &> b probe"],
  ])("%j is not permitted by a rule for its first", (text) => {
    expect(shells.some((shell) => runsProbe(shell, text))).toBe(true);
    expect(decide(policy, bash(text))).toBe("deny");
  });

  it("no text that a rule for one command permits runs another", { timeout: 120_000 }, () => {
    const signs = [
      ..."'\"\\$`;&|\n()#<>[]{}!=\t\r",
      ..."$' $\" &> 2>&1 /dev/null $[ $(( ;probe &probe $(probe) `probe`".split(" "),
      "${",
      "x#",
      "x-",
    ];
    const calm = [..."'a;b' \"a|b\" '\"' \"'\" $x \\; a".split(" "), `\${x}`, " ", " ", " ", " probe", " probe", " probe"];
    const piece = fc.oneof(fc.constantFrom(...signs), fc.constantFrom(...calm));
    const text = fc.array(piece, { minLength: 2, maxLength: 9 }).map((pieces) => `echo ${pieces.join("")}`);
    let permitted = 0;
    fc.assert(
      fc.property(fc.array(text, { minLength: 40, maxLength: 40 }), (texts) => {
        for (const one of texts) {
          if (!one.includes("probe") || decide(policy, bash(one)) === "deny") continue;
          permitted += 1;
          for (const shell of shells) expect([shell, one, runsProbe(shell, one)]).toEqual([shell, one, false]);
        }
      }),
      propertyParameters("claude-code commands in a shell", 250),
    );
    expect(permitted).toBeGreaterThan(100);
  });
});
