// Who may ask: bearer tokens from a file, and, where there are none, only the loopback interface by a loopback name. Not trusted with
// anything but keeping strangers out.

import { createHash, timingSafeEqual } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isIPv4 } from "node:net";
import type { ErrorCode } from "../errors.js";

/** The environment variable that names the token file. */
export const TOKENS_FILE_VARIABLE = "ATMOST_TOKENS_FILE";
/** Most tokens a file may hold; all are compared with on every request. */
export const TOKENS_MAX = 100;
/** Most bytes a token file may have. */
export const TOKENS_FILE_BYTES_MAX = 65_536;
/** Fewest and most characters of a token. */
export const TOKEN_CHARS_MIN = 16;
export const TOKEN_CHARS_MAX = 512;

const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const HASHED = /^sha256:([0-9a-f]{64})$/;
const OTHERS_MASK = 0o077;

/** The tokens that open the service, by SHA-256: the tokens themselves are not kept. */
export type Tokens = { readonly kind: "tokens"; readonly digests: readonly Buffer[]; readonly plain: boolean };
/** Why the service does not start. `code` is one of the registry; the message holds no token. */
export type ServeRefusal = { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string };

const refuse = (code: ErrorCode, message: string): ServeRefusal => ({ kind: "refused", code, message });
const digestOf = (token: string): Buffer => createHash("sha256").update(token).digest();

const isToken = (text: string): boolean => text.length >= TOKEN_CHARS_MIN && text.length <= TOKEN_CHARS_MAX && TOKEN.test(text);

/**
 * Returns the tokens that `text` lists: one a line, either itself or `sha256:` and the 64 lower-case hex digits of its SHA-256. Empty
 * lines and lines that start with `#` are passed over.
 * @returns 1..100 tokens, or the refusal `invalid_tokens`, which names lines by number only
 */
export const parseTokens = (text: string, name: string): Tokens | ServeRefusal => {
  const digests: Buffer[] = [];
  let plain = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const hex = HASHED.exec(line)?.[1];
    if (hex === undefined && !isToken(line)) {
      const expected = `a token of ${TOKEN_CHARS_MIN} to ${TOKEN_CHARS_MAX} characters \`A-Za-z0-9._~+/-\`, or \`sha256:\` and 64 hex digits`;
      return refuse("invalid_tokens", `${name}, line ${index + 1}: expected ${expected}`);
    }
    if (hex === undefined) plain = true;
    digests.push(hex === undefined ? digestOf(line) : Buffer.from(hex, "hex"));
    if (digests.length > TOKENS_MAX) return refuse("invalid_tokens", `${name}: expected at most ${TOKENS_MAX} tokens`);
  }
  return digests.length === 0
    ? refuse("invalid_tokens", `${name}: expected at least one token, got none`)
    : { kind: "tokens", digests, plain };
};

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

/**
 * Returns the tokens in a file. A file that holds a token itself (and not its hash) must be readable by its owner alone.
 * @returns the tokens, or a refusal: `tokens_file_unreadable`, `tokens_file_permissions`, `invalid_tokens`
 */
export const loadTokens = async (file: string): Promise<Tokens | ServeRefusal> => {
  const name = `token file \`${file}\``;
  try {
    // O_NONBLOCK: opening a pipe must not hang.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (!status.isFile()) return refuse("tokens_file_unreadable", `${name} cannot be read: expected a regular file`);
      if (status.size > TOKENS_FILE_BYTES_MAX) {
        return refuse("tokens_file_unreadable", `${name} cannot be read: expected at most ${TOKENS_FILE_BYTES_MAX} bytes`);
      }
      const tokens = parseTokens(await handle.readFile("utf8"), name);
      const isOpen = process.platform !== "win32" && (status.mode & OTHERS_MASK) !== 0;
      if (tokens.kind === "refused" || !tokens.plain || !isOpen) return tokens;
      const got = (status.mode & 0o777).toString(8).padStart(4, "0");
      return refuse("tokens_file_permissions", `${name} is open to others: expected mode 0600 or less, or hashed tokens, got ${got}`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return refuse("tokens_file_unreadable", `${name} cannot be read: ${errorCode(error)}`);
  }
};

/**
 * Returns true iff an `Authorization` header carries one of the tokens. Compares hashes in constant time, and always with all of them, so
 * that the time says nothing of how near a guess was.
 */
export const isAuthorized = (tokens: Tokens, header: string | undefined): boolean => {
  const token = /^bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? "";
  const digest = digestOf(token);
  let found = false;
  for (const known of tokens.digests) if (timingSafeEqual(known, digest)) found = true;
  return found && isToken(token);
};

/** Returns true iff `host` names this machine's loopback interface: `localhost`, an address in 127.0.0.0/8, or `::1`. */
export const isLoopback = (host: string): boolean => {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
};

/**
 * Returns true iff a `Host` header names the loopback interface, with any port. A page in a browser whose name was rebound to 127.0.0.1
 * sends its own name, so it is kept out.
 */
export const isLoopbackHost = (header: string | undefined): boolean => {
  const host = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::[0-9]{1,5})?$/.exec(header ?? "")?.[1];
  return host !== undefined && isLoopback(host);
};
