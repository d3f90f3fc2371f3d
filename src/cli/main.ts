#!/usr/bin/env node
// The executable `atmost`: it gives a command the process's own streams, environment and clocks. Not trusted.

import { findError } from "../errors.js";
import { exitCodes } from "./io.js";
import { wantsColours } from "./paint.js";
import { run } from "./program.js";

const colours = (stream: NodeJS.WriteStream): boolean => wantsColours({ isTTY: stream.isTTY === true, env: process.env });

// A reader that went away, such as `head`, is no fault; but an answer that was not given, or that a full disk swallowed, is no yes.
process.stdout.on("error", (problem) => {
  const gone = "code" in problem && problem.code === "EPIPE";
  const unheard = process.exitCode === undefined || (process.exitCode === exitCodes.held && !gone);
  process.exit(unheard ? exitCodes.undecided : process.exitCode);
});

try {
  process.exitCode = await run(process.argv.slice(2), {
    stdin: process.stdin,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    colours: { out: colours(process.stdout), err: colours(process.stderr) },
    terminal: process.stderr.isTTY === true && process.env["TERM"] !== "dumb",
    steadyMs: () => performance.now(),
    epochMs: () => Date.now(),
  });
} catch (problem) {
  // INVARIANT: a bug of ours never ends like an answer that holds.
  process.stderr.write(
    `atmost: a bug of ours (internal): ${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`,
  );
  process.exitCode = findError("internal").exitCode;
}
