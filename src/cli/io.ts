// How the command line reads and writes: files, standard input, problems with what was read. Not trusted. It reads no clock and no
// environment of its own: all that comes in through `Io`, so that a test can be the whole world.

import { open, writeFile } from "node:fs/promises";
import { type ParsedPolicy, type Problem, parsePolicyAsync } from "../../prover/core.js";
import type { ExitCode } from "../errors.js";

/** The world as a command sees it. */
export type Io = {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Writes a result. */
  readonly out: (text: string) => void;
  /** Writes what is no result. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether each of the two is shown to a person who wants colours. */
  readonly colours: { readonly out: boolean; readonly err: boolean };
  /** Whether standard error is a terminal, where a line can be drawn over; absent where it is none. */
  readonly terminal?: boolean;
  /** Milliseconds of a steady clock. */
  readonly steadyMs: () => number;
  /** Epoch milliseconds. */
  readonly epochMs: () => number;
};

/** A problem, and the file it is in. */
export type FileProblem = Problem & { readonly file: string };
/** What was read, or every problem with it. */
export type Reading<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "invalid"; readonly problems: readonly FileProblem[] };

/** The exit codes of design section 5. */
export const exitCodes = { held: 0, refused: 1, badInput: 2, undecided: 3, review: 4 } as const satisfies Readonly<
  Record<string, ExitCode>
>;

/** The largest policy, request and foreign policy that is read, bytes. The language refuses those over 1 MiB in its own words. */
export const documentReadMax = 4_194_304;
/** The largest certificate, or answer with certificates, that is read, bytes. */
export const certificateReadMax = 134_217_728;

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

/** Returns the problem that something is wrong with a whole file. */
export const fileProblem = (file: string, code: string, message: string): FileProblem => ({ code, file, pointer: "", message });

const invalid = (file: string, code: string, message: string) =>
  ({ kind: "invalid", problems: [fileProblem(file, code, message)] }) as const;

async function* chunksOf(file: string): AsyncIterable<Uint8Array> {
  const handle = await open(file, "r");
  // The stream closes the handle, at its end and when it is left early.
  for await (const chunk of handle.createReadStream()) yield chunk;
}

/**
 * Returns the text of `file`, or of standard input where it is `-`: UTF-8, a byte order mark left out.
 * @returns the text, or one of the problems `file_unreadable`, `too_large`, `invalid_utf8`
 */
export async function readText(file: string, bytesMax: number, io: Io): Promise<Reading<string>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of file === "-" ? io.stdin : chunksOf(file)) {
      const part = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      bytes += part.length;
      if (bytes > bytesMax) return invalid(file, "too_large", `expected at most ${bytesMax} bytes, got more`);
      chunks.push(part);
    }
  } catch (error) {
    return invalid(file, "file_unreadable", `expected a file that can be read, got the error \`${errorCode(error)}\``);
  }
  try {
    return { kind: "ok", value: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return invalid(file, "invalid_utf8", "expected UTF-8");
  }
}

/** Returns the policy in `file`, JSON or YAML by its content, or every problem with it. */
export async function readPolicy(file: string, io: Io): Promise<Reading<ParsedPolicy>> {
  const text = await readText(file, documentReadMax, io);
  if (text.kind === "invalid") return text;
  const result = await parsePolicyAsync(text.value);
  if (result.kind === "ok") return { kind: "ok", value: result.policy };
  return { kind: "invalid", problems: result.problems.map((problem) => ({ ...problem, file })) };
}

/** Returns the policies in the files by the names given, or the problems of all the files at once. */
export async function readPolicies(
  files: Readonly<Record<string, string>>,
  io: Io,
): Promise<Reading<{ readonly get: (name: string) => ParsedPolicy }>> {
  const twice = stdinTwice(Object.values(files));
  if (twice !== undefined) return { kind: "invalid", problems: [twice] };
  const policies = new Map<string, ParsedPolicy>();
  const problems: FileProblem[] = [];
  for (const [name, file] of Object.entries(files)) {
    const read = await readPolicy(file, io);
    if (read.kind === "ok") policies.set(name, read.value);
    else problems.push(...read.problems);
  }
  if (problems.length > 0) return { kind: "invalid", problems };
  const get = (name: string): ParsedPolicy => {
    const policy = policies.get(name);
    if (policy === undefined) throw new Error(`no policy \`${name}\` was read`);
    return policy;
  };
  return { kind: "ok", value: { get } };
}

/** Returns the problem that standard input is named more than once; undefined where it is not. */
export const stdinTwice = (files: readonly string[]): FileProblem | undefined =>
  files.filter((file) => file === "-").length > 1
    ? fileProblem("-", "usage", "expected `-` for one file at most: standard input can be read once")
    : undefined;

/** Writes `text` to `file`, over what is there. Returns the problem `file_unwritable` where that fails. */
export async function writeText(file: string, text: string): Promise<FileProblem | undefined> {
  try {
    await writeFile(file, text);
    return undefined;
  } catch (error) {
    return fileProblem(file, "file_unwritable", `expected a file that can be written, got the error \`${errorCode(error)}\``);
  }
}
