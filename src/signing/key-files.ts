// Ed25519 keys in files: where the service's signing key comes from, and where new ones go. Not trusted. No message here ever holds a part of a key.

import { constants } from "node:fs";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import {
  encodePrivateKey,
  encodePublicKey,
  generateKeyPair,
  KEY_TEXT_CHARS_MAX,
  type KeyPair,
  keyId,
  parsePrivateKey,
  type RandomBytes,
  refuse,
  type SigningKey,
  type SigningRefusal,
  toSigningKey,
} from "./keys.js";

/** The environment variable that holds the signing key: PKCS#8 PEM, or base64 of the 32-byte seed. */
export const SIGNING_KEY_VARIABLE = "ATMOST_SIGNING_KEY";

const TEMPORARY_NAME_BYTES = 16;
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const DIRECTORY_MODE = 0o700;
const OTHERS_MASK = 0o077;

const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

const unreadable = (file: string, why: string): SigningRefusal =>
  refuse("key_file_unreadable", `key file \`${file}\` cannot be read: ${why}`);

// Reads by one handle, so that what is judged is what is read. O_NONBLOCK: opening a pipe must not hang.
const readKeyFile = async (file: string): Promise<KeyPair | { readonly kind: "missing" } | SigningRefusal> => {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (!status.isFile()) return unreadable(file, "expected a regular file");
      // Windows has no such modes: there, the directory's access list is what protects the file.
      if (process.platform !== "win32" && (status.mode & OTHERS_MASK) !== 0) {
        const got = (status.mode & 0o777).toString(8).padStart(4, "0");
        return refuse("key_file_permissions", `key file \`${file}\` is open to others: expected mode 0600 or less, got ${got}`);
      }
      if (status.size > KEY_TEXT_CHARS_MAX) return unreadable(file, `expected at most ${KEY_TEXT_CHARS_MAX} bytes`);
      const buffer = Buffer.alloc(KEY_TEXT_CHARS_MAX);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return await parsePrivateKey(buffer.toString("utf8", 0, bytesRead), `key file \`${file}\``);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" ? { kind: "missing" } : unreadable(file, code);
  }
};

// INVARIANT: `file` comes into being whole and with its mode, or not at all, and what is already there stays: the text goes to a fresh
// file beside it, and `link` gives that the final name only where nothing has the name yet.
const placeFile = async (
  file: string,
  text: string,
  mode: number,
  random: RandomBytes,
): Promise<{ readonly kind: "placed" } | SigningRefusal> => {
  const temporary = `${file}.${Buffer.from(random(TEMPORARY_NAME_BYTES)).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
      await handle.close();
      await link(temporary, file);
      return { kind: "placed" };
    } finally {
      await handle.close().catch(() => undefined);
      await unlink(temporary).catch(() => undefined);
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") return refuse("key_file_exists", `\`${file}\` exists already: expected a new file`);
    return refuse("key_file_unwritable", `key file \`${file}\` cannot be written: ${code}`);
  }
};

/** Where to look for the signing key, in this order: `file`, `env`, `developmentFile`. */
export type LoadSigningKeyOptions = {
  /** Path that the user named. */
  readonly file?: string | undefined;
  /** Value of `ATMOST_SIGNING_KEY`, `undefined` where it is not set. Set but empty is an error, never a development key. */
  readonly env?: string | undefined;
  /** Path of the development key, see `developmentKeyFile`. Its directory is made when absent, mode 0700. */
  readonly developmentFile: string;
  readonly random: RandomBytes;
};

/** A loaded key and where it is from. With `source: "development"` the caller logs that a development key is in use. */
export type LoadedSigningKey = {
  readonly kind: "loaded";
  readonly key: SigningKey;
  readonly source: "file" | "environment" | "development";
  /** The file it was read from; absent for the environment. */
  readonly file?: string;
  /** True iff this call made the development key. */
  readonly created: boolean;
};

/**
 * Returns the path of the development key: `atmost/development.key` in `$XDG_STATE_HOME`, or in `~/.local/state` where that is not set.
 * @param xdgStateHome ignored unless absolute, as the XDG base directory specification asks
 * @param home the user's home directory
 */
export const developmentKeyFile = (xdgStateHome: string | undefined, home: string): string => {
  const isUsable = xdgStateHome !== undefined && isAbsolute(xdgStateHome);
  return join(isUsable ? xdgStateHome : join(home, ".local", "state"), "atmost", "development.key");
};

const loadDevelopmentKey = async (file: string, random: RandomBytes): Promise<LoadedSigningKey | SigningRefusal> => {
  const found = await readKeyFile(file);
  if (found.kind === "pair") return { kind: "loaded", key: toSigningKey(found), source: "development", file, created: false };
  if (found.kind === "refused") return found;
  try {
    await mkdir(dirname(file), { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    return refuse("key_file_unwritable", `key file \`${file}\` cannot be written: ${errorCode(error)}`);
  }
  const placed = await placeFile(file, encodePrivateKey(await generateKeyPair(random)), PRIVATE_MODE, random);
  // Another process may have been first; then its key is the one, and ours was never used.
  if (placed.kind === "refused" && placed.code !== "key_file_exists") return placed;
  const made = await readKeyFile(file);
  if (made.kind === "pair") {
    const created = placed.kind === "placed";
    return { kind: "loaded", key: toSigningKey(made), source: "development", file, created };
  }
  return made.kind === "missing" ? unreadable(file, "ENOENT") : made;
};

/**
 * Returns the service's signing key: from the file that the user named, else from the environment, else a development key that is made
 * on first use (mode 0600; processes that start together agree on one). The first source that is given decides: a bad one is refused,
 * never passed over.
 * @returns the key and its source, or a refusal: `invalid_key`, `key_file_unreadable`, `key_file_permissions`, `key_file_unwritable`
 */
export const loadSigningKey = async (options: LoadSigningKeyOptions): Promise<LoadedSigningKey | SigningRefusal> => {
  if (options.file !== undefined) {
    const found = await readKeyFile(options.file);
    if (found.kind === "pair") {
      return { kind: "loaded", key: toSigningKey(found), source: "file", file: options.file, created: false };
    }
    return found.kind === "missing" ? unreadable(options.file, "ENOENT") : found;
  }
  if (options.env !== undefined) {
    const found = await parsePrivateKey(options.env, `\`${SIGNING_KEY_VARIABLE}\``);
    return found.kind === "pair" ? { kind: "loaded", key: toSigningKey(found), source: "environment", created: false } : found;
  }
  return loadDevelopmentKey(options.developmentFile, options.random);
};

/** A pair of key files just written. */
export type WrittenKeyPair = {
  readonly kind: "written";
  readonly privateFile: string;
  readonly publicFile: string;
  readonly keyId: string;
};

/**
 * Returns the names of two new files iff both were made: `path` (PKCS#8 PEM, mode 0600) and `path.pub` (SubjectPublicKeyInfo PEM, mode
 * 0644). Nothing is ever overwritten.
 * @param path where the private key goes; its directory must exist
 * @returns the files, or the refusal `key_file_exists` or `key_file_unwritable`
 */
export const writeKeyPair = async (path: string, random: RandomBytes): Promise<WrittenKeyPair | SigningRefusal> => {
  const pair = await generateKeyPair(random);
  const publicFile = `${path}.pub`;
  // The public file first: where the second step fails, what is taken back is never a private key.
  const first = await placeFile(publicFile, encodePublicKey(pair.publicKey), PUBLIC_MODE, random);
  if (first.kind === "refused") return first;
  const second = await placeFile(path, encodePrivateKey(pair), PRIVATE_MODE, random);
  if (second.kind === "placed") return { kind: "written", privateFile: path, publicFile, keyId: keyId(pair.publicKey) };
  await unlink(publicFile).catch(() => undefined);
  return second;
};
