// Keys are read from the texts that they are written as, and from no others. Their files are in test/fault/keys.test.ts.

import { createHash, createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  encodePrivateKey,
  encodePublicKey,
  generateKeyPair,
  keyId,
  keyPairFromSeed,
  parsePrivateKey,
  parsePublicKey,
  toSigningKey,
} from "../../src/signing/index.js";
import { fromHex, littleEndian, PRIME, refusalOf, toBase64, toHex, vectorPair } from "./signing-samples.js";

describe("key texts", () => {
  it("round-trip through our own parser and node:crypto, both ways", async () => {
    const pair = await generateKeyPair(randomBytes);
    const parsed = await parsePrivateKey(encodePrivateKey(pair), "key");
    const parsedPublic = parsePublicKey(encodePublicKey(pair.publicKey), "key");
    expect(parsed.kind === "pair" && toHex(parsed.seed)).toBe(toHex(pair.seed));
    expect(parsedPublic.kind === "bytes" && toHex(parsedPublic.bytes)).toBe(toHex(pair.publicKey));
    const theirs = createPrivateKey(encodePrivateKey(pair));
    expect(theirs.export({ type: "pkcs8", format: "pem" })).toBe(encodePrivateKey(pair));
    expect(createPublicKey(theirs).export({ type: "spki", format: "pem" })).toBe(encodePublicKey(pair.publicKey));
  });

  it("are read with CRLF, with white space around them, and as a base64 seed in either alphabet", async () => {
    const pair = await keyPairFromSeed(new Uint8Array(32).fill(251));
    const standard = toBase64(pair.seed);
    const texts = [
      encodePrivateKey(pair).replaceAll("\n", "\r\n"),
      `\n  ${encodePrivateKey(pair)}\n`,
      standard,
      `${standard}\n`,
      standard.replaceAll("+", "-").replaceAll("/", "_"),
    ];
    for (const text of texts) {
      const parsed = await parsePrivateKey(text, "key");
      expect(parsed.kind === "pair" && toHex(parsed.publicKey)).toBe(toHex(pair.publicKey));
    }
  });

  it("are read as PKCS#8 version 2 only when the public key in it is the seed's", async () => {
    const pair = await vectorPair(0);
    const other = await vectorPair(1);
    const v2 = (publicKey: Uint8Array): string => {
      const der = `3051020101300506032b657004220420${toHex(pair.seed)}812100${toHex(publicKey)}`;
      return `-----BEGIN PRIVATE KEY-----\n${toBase64(fromHex(der))}\n-----END PRIVATE KEY-----\n`;
    };
    const parsed = await parsePrivateKey(v2(pair.publicKey), "key");
    expect(parsed.kind === "pair" && toHex(parsed.seed)).toBe(toHex(pair.seed));
    expect(refusalOf(await parsePrivateKey(v2(other.publicKey), "key"))).toBe("invalid_key");
  });

  it("that are no Ed25519 private key are refused, and no message holds the text", async () => {
    const pair = await vectorPair(0);
    const good = encodePrivateKey(pair);
    const body = good.split("\n")[1] ?? "";
    const block = (label: string, text: string): string => `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
    const texts = [
      "",
      "   ",
      "not a key",
      toBase64(pair.seed.subarray(1)),
      toBase64(Uint8Array.from([...pair.seed, ...pair.publicKey])),
      toBase64(pair.seed).replace("=", ""),
      encodePublicKey(pair.publicKey),
      block("ENCRYPTED PRIVATE KEY", body),
      block("OPENSSH PRIVATE KEY", body),
      block("PRIVATE KEY", body.slice(0, -4)),
      block("PRIVATE KEY", `${body}AAAA`),
      block("PRIVATE KEY", `${body}=`),
      block("PRIVATE KEY", `${body.slice(0, 10)} ${body.slice(10)}`),
      block("PRIVATE KEY", ""),
      // X25519 (1.3.101.110) differs from Ed25519 in one byte.
      block("PRIVATE KEY", toBase64(fromHex(`302e020100300506032b656e04220420${toHex(pair.seed)}`))),
      good + good,
      good.replace("-----END PRIVATE KEY-----", ""),
      good.replace("END PRIVATE KEY", "END PUBLIC KEY"),
      "A".repeat(16_385),
      `-----BEGIN PRIVATE KEY-----\n${"\n".repeat(16_000)}`,
    ];
    for (const text of texts) {
      const parsed = await parsePrivateKey(text, "key");
      expect(refusalOf(parsed)).toBe("invalid_key");
      expect("message" in parsed && parsed.message.includes(body.slice(0, 20))).toBe(false);
    }
  });

  it("that are no Ed25519 public key are refused", async () => {
    const pair = await vectorPair(0);
    const good = encodePublicKey(pair.publicKey);
    const notOnCurve = encodePublicKey(littleEndian(2n));
    const notCanonical = encodePublicKey(littleEndian(PRIME + 3n));
    const texts = ["", good.slice(5), encodePrivateKey(pair), notOnCurve, notCanonical, good + good, "A".repeat(16_385)];
    for (const text of texts) expect(refusalOf(parsePublicKey(text, "key"))).toBe("invalid_key");
  });

  it("give a key id that is the SHA-256 of the DER that node:crypto exports", async () => {
    const { publicKey } = await vectorPair(2);
    const der = createPublicKey(encodePublicKey(publicKey)).export({ type: "spki", format: "der" });
    expect(keyId(publicKey)).toBe(createHash("sha256").update(der).digest("hex"));
  });

  it("never show through a signing key that is logged", async () => {
    const pair = await vectorPair(0);
    const shown = JSON.stringify(toSigningKey(pair));
    expect(shown).not.toContain(toHex(pair.seed));
    expect(Object.keys(toSigningKey(pair))).toEqual(["keyId", "publicKey", "sign"]);
  });

  it("come from a seed of 32 bytes and no other", async () => {
    await expect(generateKeyPair(() => new Uint8Array(31))).rejects.toThrow(RangeError);
  });
});
