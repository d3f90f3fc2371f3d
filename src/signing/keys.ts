// Ed25519 keys: where the service's signing key comes from, how keys are written as text, and the bare signature. Not trusted: a
// signature says who issued an answer; whether the answer is true is for the kernel. No message here ever holds a part of a key.

import { createHash, createPrivateKey, sign } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { getPublicKeyAsync, Point, verifyAsync } from "@noble/ed25519";

/** Bytes in an Ed25519 secret seed and in a public key (RFC 8032, section 5.1.5). */
export const KEY_BYTES = 32;
/** Bytes in an Ed25519 signature (RFC 8032, section 5.1.6). */
export const SIGNATURE_BYTES = 64;
/** Most characters a key text may have; a longer one is refused unread. */
export const KEY_TEXT_CHARS_MAX = 16_384;
/** The environment variable that holds the signing key: PKCS#8 PEM, or base64 of the 32-byte seed. */
export const SIGNING_KEY_VARIABLE = "ATMOST_SIGNING_KEY";

// SOURCE: RFC 8410, section 7 (PKCS#8, version 1 and version 2 with the public key) and section 4 (SubjectPublicKeyInfo). Ed25519 keys
// have one length, so in DER everything before the key is constant and no ASN.1 parser is needed.
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PKCS8_V2_PREFIX = Buffer.from("3051020101300506032b657004220420", "hex");
const PKCS8_V2_MIDDLE = Buffer.from("812100", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const TEMPORARY_NAME_BYTES = 16;
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const DIRECTORY_MODE = 0o700;
const OTHERS_MASK = 0o077;

/** Why signing, verifying or key handling was refused. `code` is a key of the registry in `src/errors.ts`; `message` holds no secret. */
export type SigningRefusal = { readonly kind: "refused"; readonly code: SigningCode; readonly message: string };

/** Every code that `src/signing` refuses with. */
export type SigningCode =
  | "invalid_key"
  | "key_file_unreadable"
  | "key_file_permissions"
  | "key_file_exists"
  | "key_file_unwritable"
  | "no_trusted_key"
  | "invalid_envelope"
  | "envelope_too_large"
  | "payload_type_unsupported"
  | "signature_invalid"
  | "invalid_statement";

/** A source of secret random bytes, `node:crypto`'s `randomBytes` in the service. */
export type RandomBytes = (byteLength: number) => Uint8Array;

/** A secret seed and its public key, 32 bytes each. Handle with care: printing it prints the secret. */
export type KeyPair = { readonly kind: "pair"; readonly seed: Uint8Array; readonly publicKey: Uint8Array };

/** A key that signs. The seed lives only in the closure, so logging or serialising this value cannot leak it. */
export type SigningKey = {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
};

type Bytes = { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** Returns a refusal with `code` and `message`. */
export const refuse = (code: SigningCode, message: string): SigningRefusal => ({ kind: "refused", code, message });

/**
 * Returns the bytes that `text` encodes in base64, iff it is the one canonical, padded encoding of them.
 * @param text RFC 4648 base64, standard or URL-safe alphabet; the two are never mixed, no whitespace, no stray bits
 * @returns the bytes, or `undefined`
 */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, "base64");
  const standard = bytes.toString("base64");
  const urlSafe = standard.replaceAll("+", "-").replaceAll("/", "_");
  return text === standard || text === urlSafe ? Uint8Array.from(bytes) : undefined;
};

/**
 * Returns the key's identifier: lower-case hex SHA-256 of its DER SubjectPublicKeyInfo (44 bytes), which is also what
 * `openssl pkey -pubin -in KEY.pub -outform DER | sha256sum` prints.
 * @param publicKey 32-byte public key
 */
export const keyId = (publicKey: Uint8Array): string => createHash("sha256").update(SPKI_PREFIX).update(publicKey).digest("hex");

/**
 * Returns the pair of a 32-byte seed.
 * @throws RangeError when the seed is not 32 bytes
 */
export const keyPairFromSeed = async (seed: Uint8Array): Promise<KeyPair> => {
  if (seed.length !== KEY_BYTES) throw new RangeError(`a seed has ${KEY_BYTES} bytes`);
  const copy = Uint8Array.from(seed);
  return { kind: "pair", seed: copy, publicKey: await getPublicKeyAsync(copy) };
};

/**
 * Returns a fresh pair.
 * @param random source of 32 secret random bytes
 * @throws RangeError when `random` gives another number of bytes
 */
export const generateKeyPair = (random: RandomBytes): Promise<KeyPair> => keyPairFromSeed(random(KEY_BYTES));

/**
 * Returns a key that signs with the pair's seed. Ed25519 signatures are deterministic (RFC 8032, section 5.1.6), so whose code makes them
 * shows in the time alone: OpenSSL's takes 28 µs for 2 kB, that of `@noble/ed25519` 420 µs. Verification stays with the latter: it is
 * strict about encodings and points of small order, the same on every platform.
 */
export const toSigningKey = (pair: KeyPair): SigningKey => {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, pair.seed]), format: "der", type: "pkcs8" });
  return {
    keyId: keyId(pair.publicKey),
    publicKey: Uint8Array.from(pair.publicKey),
    sign: async (message) => Uint8Array.from(sign(null, message, key)),
  };
};

/**
 * Returns true iff `signature` is a strict Ed25519 signature of `message` by `publicKey`: canonical encodings of both points, `S` below
 * the group order, no public key of small order. Never rejects; anything malformed is false.
 * @param signature 64 bytes
 * @param publicKey 32 bytes
 */
export const verifySignature = async (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): Promise<boolean> => {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== KEY_BYTES) return false;
  try {
    return await verifyAsync(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};

const encodePem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;

/** Returns the secret key as PKCS#8 PEM (RFC 8410), as `openssl genpkey -algorithm ed25519` writes it. */
export const encodePrivateKey = (pair: KeyPair): string => encodePem("PRIVATE KEY", Buffer.concat([PKCS8_PREFIX, pair.seed]));

/** Returns the 32-byte public key as SubjectPublicKeyInfo PEM, as `openssl pkey -pubout` writes it. */
export const encodePublicKey = (publicKey: Uint8Array): string => encodePem("PUBLIC KEY", Buffer.concat([SPKI_PREFIX, publicKey]));

const parsePem = (text: string, label: string, name: string): Bytes | SigningRefusal => {
  const match = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END ([A-Z0-9 ]+)-----$/.exec(text);
  if (match === null) return refuse("invalid_key", `${name} is malformed: expected one PEM block \`${label}\``);
  const [, begin = "", body = "", end = ""] = match;
  if (begin !== label || end !== label) {
    return refuse("invalid_key", `${name}: expected a PEM block \`${label}\`, got \`${begin}\``);
  }
  const bytes = decodeBase64(body.replace(/[\r\n]/g, ""));
  if (bytes === undefined) return refuse("invalid_key", `${name} is malformed: expected canonical base64 in the PEM block`);
  return { kind: "bytes", bytes };
};

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => Buffer.from(bytes.subarray(0, prefix.length)).equals(prefix);

/**
 * Returns the pair that a text holds: PKCS#8 PEM of an Ed25519 key (version 1, or 2 where the public key in it is the seed's), or
 * base64 of the 32-byte seed.
 * @param text at most 16,384 characters; whitespace around it is ignored
 * @param name what messages call the key, for example "`ATMOST_SIGNING_KEY`"
 * @returns the pair, or the refusal `invalid_key`
 */
export const parsePrivateKey = async (text: string, name: string): Promise<KeyPair | SigningRefusal> => {
  if (text.length > KEY_TEXT_CHARS_MAX) {
    return refuse("invalid_key", `${name} is too long: expected at most ${KEY_TEXT_CHARS_MAX} characters, got ${text.length}`);
  }
  const trimmed = text.trim();
  if (!trimmed.startsWith("-----")) {
    const seed = decodeBase64(trimmed);
    if (seed?.length === KEY_BYTES) return keyPairFromSeed(seed);
    return refuse("invalid_key", `${name} is no key: expected PKCS#8 PEM or base64 of a ${KEY_BYTES}-byte seed`);
  }
  const pem = parsePem(trimmed, "PRIVATE KEY", name);
  if (pem.kind === "refused") return pem;
  const { bytes } = pem;
  const seedStart = PKCS8_PREFIX.length;
  const seedEnd = seedStart + KEY_BYTES;
  if (startsWith(bytes, PKCS8_PREFIX) && bytes.length === seedEnd) return keyPairFromSeed(bytes.subarray(seedStart));
  const publicStart = seedEnd + PKCS8_V2_MIDDLE.length;
  const isV2 = startsWith(bytes, PKCS8_V2_PREFIX) && startsWith(bytes.subarray(seedEnd), PKCS8_V2_MIDDLE);
  if (!isV2 || bytes.length !== publicStart + KEY_BYTES) {
    return refuse("invalid_key", `${name} is no Ed25519 key: expected PKCS#8 with the algorithm Ed25519`);
  }
  const pair = await keyPairFromSeed(bytes.subarray(seedStart, seedEnd));
  if (Buffer.from(pair.publicKey).equals(bytes.subarray(publicStart))) return pair;
  return refuse("invalid_key", `${name} is inconsistent: the public key in it is not the private key's`);
};

/**
 * Returns the 32-byte public key that a SubjectPublicKeyInfo PEM text holds.
 * @param text at most 16,384 characters; whitespace around it is ignored
 * @param name what messages call the key
 * @returns the bytes, or the refusal `invalid_key` (also for bytes that are no point of the curve, or one of small order)
 */
export const parsePublicKey = (text: string, name: string): Bytes | SigningRefusal => {
  if (text.length > KEY_TEXT_CHARS_MAX) {
    return refuse("invalid_key", `${name} is too long: expected at most ${KEY_TEXT_CHARS_MAX} characters, got ${text.length}`);
  }
  const pem = parsePem(text.trim(), "PUBLIC KEY", name);
  if (pem.kind === "refused") return pem;
  const bytes = pem.bytes.subarray(SPKI_PREFIX.length);
  if (!startsWith(pem.bytes, SPKI_PREFIX) || bytes.length !== KEY_BYTES) {
    return refuse("invalid_key", `${name} is no Ed25519 key: expected SubjectPublicKeyInfo with the algorithm Ed25519`);
  }
  try {
    if (!Point.fromBytes(bytes).isSmallOrder()) return { kind: "bytes", bytes: Uint8Array.from(bytes) };
  } catch {
    // Not on the curve: refused below, like a point of small order, which would verify signatures that nobody made.
  }
  return refuse("invalid_key", `${name} is no Ed25519 key: expected a point of the curve that is not of small order`);
};

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
