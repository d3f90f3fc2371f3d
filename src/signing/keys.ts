// Ed25519 keys: how keys are written as text, and the bare signature. Not trusted: a signature says who issued an answer; whether the
// answer is true is for the kernel. No message here ever holds a part of a key.

import { createHash, createPrivateKey, sign } from "node:crypto";
import { getPublicKeyAsync, Point, verifyAsync } from "@noble/ed25519";

/** Bytes in an Ed25519 secret seed and in a public key (RFC 8032, section 5.1.5). */
export const KEY_BYTES = 32;
/** Bytes in an Ed25519 signature (RFC 8032, section 5.1.6). */
export const SIGNATURE_BYTES = 64;
/** Most characters a key text may have; a longer one is refused unread. */
export const KEY_TEXT_CHARS_MAX = 16_384;

// SOURCE: RFC 8410, section 7 (PKCS#8, version 1 and version 2 with the public key) and section 4 (SubjectPublicKeyInfo). Ed25519 keys
// have one length, so in DER everything before the key is constant and no ASN.1 parser is needed.
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PKCS8_V2_PREFIX = Buffer.from("3051020101300506032b657004220420", "hex");
const PKCS8_V2_MIDDLE = Buffer.from("812100", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

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
