// The commands, their arguments and options. Each command's own code is loaded when it runs, so that none waits for another's. Not trusted.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { ExitCode } from "../errors.js";
import { exitCodes, fileProblem, type Io } from "./io.js";
import { plain } from "./layout.js";
import { deadlineMsMax, jobsMax, proveFormats } from "./limits.js";
import { refuseInput } from "./report.js";
import { packageVersion } from "./version.js";

const exitText = `
Exit codes:
  0  contained, apply, allow,       1  exceeds, reject, deny, refused,
     equivalent, narrowed              differs, findings
  2  bad input or usage             3  undecided
  4  review, ask

A FILE is JSON or YAML, told apart by its content; \`-\` is standard input.
Results go to standard output, everything else to standard error.`;

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number of ${least} to ${most}`);
  };
}

const json = ["--json", "print JSON for machines"] as const;
const milliseconds = wholeNumber(1, deadlineMsMax);
const deadline = ["--deadline <ms>", "time for each link, milliseconds", milliseconds] as const;

// Where the commands are added, the world that they run in, and who is told how they ended.
type Wiring = { readonly program: Command; readonly io: Io; readonly done: (code: ExitCode) => void };

const withPair = (command: Command, low: string, high: string): Command =>
  command.argument(`<${low}>`, "policy document").argument(`<${high}>`, "policy document");

const withViews = (command: Command, low: string, high: string): Command =>
  command.option(`--${low}-view`, `take the delegable view of ${low}`).option(`--${high}-view`, `take the delegable view of ${high}`);

/** Returns the program; `done` is told the exit code of the command that ran. */
export function createProgram(io: Io, done: (code: ExitCode) => void): Command {
  const program = new Command("atmost")
    .description("Proves that an agent you spawn can do at most what you were allowed to hand it.")
    .option("-V, --version", "print the version")
    .addHelpText("after", exitText)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err });
  program.on("option:version", () => {
    io.out(`${packageVersion()}\n`);
    throw new CommanderError(0, "commander.version", "version");
  });
  const wiring: Wiring = { program, io, done };
  addProofCommands(wiring);
  addProveCommand(wiring);
  addPolicyCommands(wiring);
  addServiceCommands(wiring);
  return program;
}

// What is about one policy, or writes one.
function addPolicyCommands({ program, io, done }: Wiring): void {
  program
    .command("eval")
    .description("decide one request, with the rules that made the decision")
    .argument("<policy>", "policy document")
    .argument("<request>", "request")
    .option("--view", "decide by the policy's delegable view")
    .option(...json)
    .action(async (policy, request, options) => done(await (await import("./commands/eval.js")).runEval(policy, request, options, io)));
  program
    .command("lint")
    .description("find what in a policy is proved not to do what it seems to")
    .argument("<policy>", "policy document")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json", "sarif", "github"]).default("text"))
    .option("--now <time>", "RFC 3339 time at which limits are judged; without it none has expired")
    .option("--deadline <ms>", "time for all of it, milliseconds", milliseconds)
    .option(...json)
    .action(async (policy, options) => done(await (await import("./commands/lint.js")).runLint(policy, options, io)));
  const exporting = withPair(program.command("export"), "lower", "upper")
    .description("print the question lower ≤ upper in SMT-LIB 2.6, for any other solver")
    .requiredOption("--smt2", "as SMT-LIB 2.6 with strings: `unsat` is contained, `sat` escapes")
    .option("--review", "ask whether anything that lower permits is denied by upper");
  withViews(exporting, "lower", "upper")
    .option(...json)
    .action(async (lower, upper, options) => done(await (await import("./commands/export.js")).runExport(lower, upper, options, io)));
  program
    .command("import")
    .description("print a foreign policy as an atmost/1 document")
    .argument("<format>", "agent-passport, aws-iam, claude-code, mcp-tools, openshell")
    .argument("<file>", "foreign policy")
    .option("--workdir <dir>", "what the foreign policy's working directory stands for")
    .option("--home <dir>", "what `~` stands for in the foreign policy")
    .option("--server <name>", "MCP server that a list of tools is of")
    .option("--name <name>", "name of the policy")
    .option("--delegation <what>", "`none`, `all`, or JSON")
    .option("--limits <json>", "limits of the policy, as JSON")
    .option(...json)
    .action(async (format, file, options) => done(await (await import("./commands/import.js")).runImport(format, file, options, io)));
}

function addServiceCommands({ program, io, done }: Wiring): void {
  program
    .command("serve")
    .description("serve POST /spawn-check, /evaluate, /lint, /diff and /narrow over HTTP")
    .option("--host <host>", "address; others than loopback need tokens", "127.0.0.1")
    .option("--port <port>", "0 takes any free port", wholeNumber(0, 65_535), 8_750)
    .option("--tokens <file>", "bearer tokens, one a line")
    .option("--key <file>", "signing key")
    .option("--no-cache", "keep nothing from one request for the next: prove and sign every answer anew")
    .action(async (options) => done(await (await import("./commands/serve.js")).runServe(options, io)));
  program
    .command("keygen")
    .description("make an Ed25519 key pair: FILE (mode 0600) and FILE.pub")
    .argument("<file>", "the private key's new file")
    .option(...json)
    .action(async (file, options) => done(await (await import("./commands/keygen.js")).runKeygen(file, options, io)));
}

function addProofCommands({ program, io, done }: Wiring): void {
  withViews(withPair(program.command("check"), "lower", "upper"), "lower", "upper")
    .description("prove one link, lower ≤ upper")
    .option("--certificate <file>", "write the certificate there")
    .option(...deadline)
    .option(...json)
    .action(async (lower, upper, options) => done(await (await import("./commands/check.js")).runCheck(lower, upper, options, io)));
  program
    .command("spawn-check")
    .description("prove the chain child ≤ delegable ≤ boundary ≤ max, and child ≤ max")
    .requiredOption("--child <file>", "policy of the child")
    .option("--delegable <file>", "what the parent may hand on; else derived from the boundary")
    .requiredOption("--boundary <file>", "policy of the parent")
    .requiredOption("--max <file>", "policy of the administrator")
    .option("--attestation <file>", "write the answer there as a signed DSSE envelope")
    .option("--key <file>", "signing key; else ATMOST_SIGNING_KEY, else a development key")
    .option(...deadline)
    .option(...json)
    .action(async (options) => done(await (await import("./commands/spawn-check.js")).runSpawnCheck(options, io)));
  withViews(withPair(program.command("diff"), "old", "new"), "old", "new")
    .description("list what a new policy permits that the old one did not, and the other way round")
    .option(...deadline)
    .option(...json)
    .action(async (old, fresh, options) => done(await (await import("./commands/diff.js")).runDiff(old, fresh, options, io)));
  program
    .command("narrow")
    .description("print the largest policy within a child and all its bounds")
    .argument("<child>", "policy document")
    .argument("<bounds...>", "policy documents")
    .option(...deadline)
    .option(...json)
    .action(async (child, bounds, options) => done(await (await import("./commands/narrow.js")).runNarrow(child, bounds, options, io)));
  program
    .command("verify")
    .description("check a certificate, or those of an answer, with the kernel alone")
    .argument("<certificate>", "certificate, or the JSON answer of check or spawn-check")
    .option("--lower <file>", "lower policy of one link")
    .option("--upper <file>", "upper policy of one link")
    .option("--lower-view", "the claim is of the delegable view of lower")
    .option("--upper-view", "the claim is of the delegable view of upper")
    .option("--child <file>", "for a whole chain: policy of the child")
    .option("--delegable <file>", "for a whole chain: what the parent may hand on")
    .option("--boundary <file>", "for a whole chain: policy of the parent")
    .option("--max <file>", "for a whole chain: policy of the administrator")
    .option(...json)
    .action(async (file, options) => done(await (await import("./commands/verify.js")).runVerify(file, options, io)));
}

function addProveCommand({ program, io, done }: Wiring): void {
  program
    .command("prove")
    .description("prove what claims files state of policies; planned failures must fail")
    .argument("[paths...]", "claims files, and folders to look for them; else the current one")
    .addOption(new Option("--format <format>", "how answers are written").choices(proveFormats).default("text"))
    .option("--jobs <n>", "claims under way at one time, on one thread", wholeNumber(1, jobsMax), 4)
    .option("--base <rev>", "the revision of git that has the old versions for `no_new_access`")
    .option("--save", "keep certificates and requests beside the claims files")
    .option("--verify-only", "check what was kept, by the kernel alone: no search, no solver")
    .option(...deadline)
    .option(...json)
    .action(async (paths, options) => done(await (await import("./commands/prove.js")).runProve(paths, options, io)));
}

/**
 * Returns the exit code of the command line `args`, without node and script.
 * @throws only what is a bug of ours
 */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCodes.badInput;
  const program = createProgram(io, (ended) => {
    code = ended;
  });
  // What machines read is JSON even where the command line is wrong; commander's own words go to standard error.
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.badInput;
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (problem) {
    if (!(problem instanceof CommanderError)) throw problem;
    if (problem.exitCode === 0) return exitCodes.held;
    if (args.includes("--json")) return refuseInput(io, { json: true }, [fileProblem("command line", "usage", plain(problem.message))]);
    return exitCodes.badInput;
  }
}
