// Bytes, keys, statements and envelopes to sign and to verify. Test code, not trusted.

import { createHash } from "node:crypto";
import {
  type Envelope,
  encodeSpawnStatement,
  type Json,
  type KeyPair,
  keyPairFromSeed,
  type SpawnStatementInput,
  signEnvelope,
  toSigningKey,
} from "../../src/signing/index.js";
import { RFC_8032_VECTORS } from "./vectors/rfc8032.js";

/** The prime of the field of Curve25519. */
export const PRIME = 2n ** 255n - 19n;
/** The bytes that a text in hexadecimal is of. */
export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
/** The bytes in hexadecimal, in lower case. */
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** The bytes in base64, with padding. */
export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
/** The bytes of a text in UTF-8. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The 32 bytes of a number below 2^256, the lowest first. */
export const littleEndian = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, "0")).reverse();

/** The canonical text of a value: enough of RFC 8785 for the statements here, which hold ASCII and no numbers. */
export const canonicalJson = (value: Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
};

/** The key pair of one of the vectors of RFC 8032. */
export const vectorPair = async (index: number): Promise<KeyPair> => {
  const vector = RFC_8032_VECTORS[index];
  if (vector === undefined) throw new Error("no such vector");
  return keyPairFromSeed(fromHex(vector.seed));
};

/** The code of what is refused, and the kind of what is not. */
export const refusalOf = (result: { readonly kind: string }): string =>
  "code" in result && typeof result.code === "string" ? result.code : result.kind;

/** The SHA-256 of a text, in hexadecimal. */
export const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A statement that is in order in every part: a spawn that applies. */
export const input = (): SpawnStatementInput => ({
  verdict: "apply",
  policies: {
    child: { name: "cloner", version: "3", sha256: hash("child") },
    parent_delegable: { name: "finder", version: "7", sha256: hash("view"), derived: true },
    parent_boundary: { name: "finder", version: "7", sha256: hash("boundary") },
    admin_max: { name: "ceiling", version: "1", sha256: hash("max") },
  },
  links: [
    { lower: "child", upper: "parent_delegable", result: "contained", certificateSha256: hash("c1") },
    { lower: "parent_delegable", upper: "parent_boundary", result: "contained", certificateSha256: hash("c2") },
    { lower: "parent_boundary", upper: "admin_max", result: "contained", certificateSha256: hash("c3") },
    { lower: "child", upper: "admin_max", result: "contained", certificateSha256: hash("c4") },
  ],
  issuedAt: "2026-11-20T12:00:00Z",
  language: "atmost/1",
  certificateVersion: "1",
});

/** The payload of a statement; throws where it is refused. */
export const encode = (statement: SpawnStatementInput): Uint8Array => {
  const encoded = encodeSpawnStatement(statement, canonicalJson);
  if (encoded.kind === "refused") throw new Error(encoded.message);
  return encoded.payload;
};

/** A payload in its envelope, signed by the pair; throws where it is refused. */
export const seal = async (payload: Uint8Array, pair: KeyPair): Promise<Envelope> => {
  const signed = await signEnvelope(payload, toSigningKey(pair));
  if (signed.kind === "refused") throw new Error(signed.message);
  return signed.envelope;
};
