// Signatures are those of RFC 8032, and one that is malleable, of small order or of another length is refused.

import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { Point, utils } from "@noble/ed25519";
import { describe, expect, it } from "vitest";
import {
  encodePrivateKey,
  encodePublicKey,
  keyPairFromSeed,
  parsePublicKey,
  toSigningKey,
  verifySignature,
} from "../../src/signing/index.js";
import { fromHex, littleEndian, PRIME, refusalOf, toHex, utf8, vectorPair } from "./signing-samples.js";
import { RFC_8032_VECTORS } from "./vectors/rfc8032.js";
import { WYCHEPROOF_VECTORS } from "./vectors/wycheproof-ed25519.js";

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const fromLittleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);

describe("signatures", () => {
  for (const vector of RFC_8032_VECTORS) {
    it(`agree with RFC 8032 ${vector.name} and with node:crypto`, async () => {
      const pair = await keyPairFromSeed(fromHex(vector.seed));
      const message = fromHex(vector.message);
      const signature = await toSigningKey(pair).sign(message);
      expect(toHex(pair.publicKey)).toBe(vector.publicKey);
      expect(toHex(signature)).toBe(vector.signature);
      expect(await verifySignature(signature, message, pair.publicKey)).toBe(true);
      expect(sign(null, message, createPrivateKey(encodePrivateKey(pair))).toString("hex")).toBe(vector.signature);
      expect(verify(null, message, createPublicKey(encodePublicKey(pair.publicKey)), signature)).toBe(true);
    });
  }

  it("are refused when S is not below the group order", async () => {
    const pair = await vectorPair(1);
    const message = utf8("malleable");
    const signature = await toSigningKey(pair).sign(message);
    const scalar = fromLittleEndian(signature.subarray(32));
    const forged = Uint8Array.from([...signature.subarray(0, 32), ...littleEndian(scalar + ORDER)]);
    expect(await verifySignature(forged, message, pair.publicKey)).toBe(false);
  });

  it("are refused when R is not encoded canonically, though the equation holds", async () => {
    const pair = await vectorPair(1);
    const message = utf8("two spellings of one point");
    const { scalar } = await utils.getExtendedPublicKeyAsync(pair.seed);
    const forge = (r: Uint8Array): Uint8Array => {
      const digest = createHash("sha512").update(r).update(pair.publicKey).update(message).digest();
      return Uint8Array.from([...r, ...littleEndian((fromLittleEndian(digest) * scalar) % ORDER)]);
    };
    // R is the neutral element, y = 1, once as 1 and once as p + 1: the first shows that the construction is right.
    expect(await verifySignature(forge(littleEndian(1n)), message, pair.publicKey)).toBe(true);
    expect(await verifySignature(forge(littleEndian(PRIME + 1n)), message, pair.publicKey)).toBe(false);
  });

  it("are refused under every public key of small order, for any message", async () => {
    const zeroS = new Uint8Array(32);
    // SOURCE: the eight points of the torsion subgroup, here from a point of order 8; RFC 8032 curve constants.
    const generator = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    let point = generator;
    for (let index = 0; index < 8; index += 1) {
      const publicKey = Uint8Array.from(point.toBytes());
      const forged = Uint8Array.from([...littleEndian(1n), ...zeroS]);
      expect(await verifySignature(forged, utf8(`message ${index}`), publicKey)).toBe(false);
      expect(refusalOf(parsePublicKey(encodePublicKey(publicKey), "key"))).toBe("invalid_key");
      point = point.add(generator);
    }
    expect(point.equals(generator)).toBe(true);
  });

  it("are refused at any other length, and under a key that is no point", async () => {
    const pair = await vectorPair(0);
    const signature = await toSigningKey(pair).sign(utf8("x"));
    expect(await verifySignature(signature.subarray(0, 63), utf8("x"), pair.publicKey)).toBe(false);
    expect(await verifySignature(Uint8Array.from([...signature, 0]), utf8("x"), pair.publicKey)).toBe(false);
    expect(await verifySignature(new Uint8Array(0), utf8("x"), pair.publicKey)).toBe(false);
    expect(await verifySignature(signature, utf8("x"), new Uint8Array(31))).toBe(false);
    expect(await verifySignature(signature, utf8("x"), new Uint8Array(32).fill(255))).toBe(false);
  });
});

describe("Wycheproof", () => {
  const sigOf = (tcId: number): string => WYCHEPROOF_VECTORS.find((vector) => vector.tcId === tcId)?.sig ?? "";

  it.each(WYCHEPROOF_VECTORS)("tcId $tcId, $comment: $result, and so says node:crypto", async ({ publicKey, msg, sig, result }) => {
    const [key, message, signature] = [publicKey, msg, sig].map(fromHex);
    if (key === undefined || message === undefined || signature === undefined) throw new Error("three fields");
    expect(await verifySignature(signature, message, key)).toBe(result === "valid");
    expect(verify(null, message, createPublicKey(encodePublicKey(key)), signature)).toBe(result === "valid");
  });

  it("is written down rightly where one vector is made from another", () => {
    const scalarOf = (tcId: number) => fromLittleEndian(fromHex(sigOf(tcId)).subarray(32));
    const added = [63, 64, 66, 67, 70].map((tcId) => scalarOf(tcId) - scalarOf(3));
    expect(added).toEqual([ORDER, 2n * ORDER, 8n * ORDER, 2n ** 253n, PRIME]);
    expect(sigOf(3).startsWith(sigOf(32))).toBe(true);
    const firstOf = (tcId: number) => fromLittleEndian(fromHex(sigOf(tcId)).subarray(0, 32));
    expect([42, 59, 62].map((tcId) => firstOf(tcId) ^ firstOf(5))).toEqual([1n, 2n ** 255n, 2n ** 256n - 1n]);
  });
});
