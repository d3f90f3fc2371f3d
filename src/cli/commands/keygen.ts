// `atmost keygen FILE`: a new Ed25519 key pair. Not trusted.

import { randomBytes } from "node:crypto";
import type { ExitCode } from "../../errors.js";
import { writeKeyPair } from "../../signing/index.js";
import { exitCodes, fileProblem, type Io } from "../io.js";
import { plain } from "../layout.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";

/** Makes `file` (mode 0600) and `file.pub`; neither may exist. */
export async function runKeygen(file: string, options: CommonOptions, io: Io): Promise<ExitCode> {
  const written = await writeKeyPair(file, randomBytes);
  if (written.kind === "refused") return refuseInput(io, options, [fileProblem(file, written.code, written.message)]);
  const { privateFile, publicFile, keyId } = written;
  if (options.json === true) writeJson(io, { private_file: privateFile, public_file: publicFile, key_id: keyId });
  else writeLines(io, [`private key  ${plain(privateFile)}`, `public key   ${plain(publicFile)}`, `key id       ${keyId}`]);
  return exitCodes.held;
}
