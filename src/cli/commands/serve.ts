// `atmost serve`: the HTTP service, until it is told to stop. Not trusted.

import type { ExitCode } from "../../errors.js";
import { withoutCaches } from "../../http/limits.js";
import { serveUntilStopped } from "../../http/server.js";
import { exitCodes, fileProblem, type Io } from "../io.js";
import { refuseInput } from "../report.js";
import { packageVersion } from "../version.js";

/** The options of `serve`. */
export type ServeCommandOptions = {
  readonly host: string;
  readonly port: number;
  readonly tokens?: string;
  readonly key?: string;
  readonly cache: boolean;
};

/** Serves until SIGTERM or SIGINT. */
export async function runServe(options: ServeCommandOptions, io: Io): Promise<ExitCode> {
  const ended = await serveUntilStopped(
    {
      host: options.host,
      port: options.port,
      tokensFile: options.tokens,
      keyFile: options.key,
      limits: options.cache ? {} : withoutCaches,
      env: io.env,
      stderr: process.stderr,
      version: packageVersion(),
    },
    process.stdout,
    process,
  );
  return ended.kind === "stopped" ? exitCodes.held : refuseInput(io, {}, [fileProblem("serve", ended.code, ended.message)]);
}
