// Keys, envelopes and statements as values: vectors, round trips, and everything that must be refused. Files are in test/fault/keys.test.ts.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { Point, utils } from "@noble/ed25519";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  decodeBase64,
  decodeSpawnStatement,
  type Envelope,
  encodePrivateKey,
  encodePublicKey,
  encodeSpawnStatement,
  envelopeSchema,
  generateKeyPair,
  type Json,
  type KeyPair,
  keyId,
  keyPairFromSeed,
  PAYLOAD_BYTES_MAX,
  parsePrivateKey,
  parsePublicKey,
  preAuthEncoding,
  type SpawnStatementInput,
  signEnvelope,
  spawnStatementSchema,
  toSigningKey,
  verifyEnvelope,
  verifySignature,
  verifySpawnEnvelope,
} from "../../src/signing/index.js";
import { RFC_8032_VECTORS } from "./vectors/rfc8032.js";

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const PRIME = 2n ** 255n - 19n;
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const littleEndian = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, "0")).reverse();
const fromLittleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);

// Enough of RFC 8785 for the statements here, whose keys and strings are ASCII and which hold no numbers.
const canonicalJson = (value: Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
};

const vectorPair = async (index: number): Promise<KeyPair> => {
  const vector = RFC_8032_VECTORS[index];
  if (vector === undefined) throw new Error("no such vector");
  return keyPairFromSeed(fromHex(vector.seed));
};

const refusalOf = (result: { readonly kind: string }): string =>
  "code" in result && typeof result.code === "string" ? result.code : result.kind;

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

const input = (): SpawnStatementInput => ({
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

const encode = (statement: SpawnStatementInput): Uint8Array => {
  const encoded = encodeSpawnStatement(statement, canonicalJson);
  if (encoded.kind === "refused") throw new Error(encoded.message);
  return encoded.payload;
};

const seal = async (payload: Uint8Array, pair: KeyPair): Promise<Envelope> => {
  const signed = await signEnvelope(payload, toSigningKey(pair));
  if (signed.kind === "refused") throw new Error(signed.message);
  return signed.envelope;
};

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

describe("base64", () => {
  it("is read in either alphabet, padded", () => {
    expect(decodeBase64("-_-_Pj8=")).toEqual(fromHex("fbffbf3e3f"));
    expect(decodeBase64("+/+/Pj8=")).toEqual(fromHex("fbffbf3e3f"));
    expect(decodeBase64("")).toEqual(new Uint8Array(0));
  });

  it("is refused unpadded, mixed, spaced, or with stray bits", () => {
    for (const text of ["Pj8", "-/+_", " Pj8=", "Pj8=\n", "Pj9=", "P===", "=", "Pj8==", "Pj\u00008="]) {
      expect(decodeBase64(text)).toBeUndefined();
    }
  });
});

describe("envelopes", () => {
  it("sign the bytes of the DSSE specification's example", () => {
    // SOURCE: DSSE protocol 1.0, "Test Vectors".
    const encoded = preAuthEncoding("http://example.com/HelloWorld", utf8("hello world"));
    expect(Buffer.from(encoded).toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("count bytes, not characters, and end with a space for an empty payload", () => {
    expect(Buffer.from(preAuthEncoding("é", utf8("日"))).toString()).toBe("DSSEv1 2 é 3 日");
    expect(Buffer.from(preAuthEncoding("t", new Uint8Array(0))).toString()).toBe("DSSEv1 1 t 0 ");
  });

  it("give the payload and the key back when verified, and node:crypto agrees", async () => {
    const pair = await vectorPair(0);
    const payload = encode(input());
    const envelope = await seal(payload, pair);
    const verified = await verifyEnvelope(JSON.parse(JSON.stringify(envelope)), [pair.publicKey]);
    expect(verified).toEqual({ kind: "verified", payload, keyId: keyId(pair.publicKey) });
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");
    const signedBytes = preAuthEncoding("application/vnd.in-toto+json", payload);
    expect(verify(null, signedBytes, createPublicKey(encodePublicKey(pair.publicKey)), signature)).toBe(true);
  });

  it("are refused with any byte of the payload or the signature changed", async () => {
    const pair = await vectorPair(0);
    const payload = encode(input());
    const envelope = await seal(payload, pair);
    const signature = Uint8Array.from(Buffer.from(envelope.signatures[0]?.sig ?? "", "base64"));
    const flip = (bytes: Uint8Array, index: number): string =>
      toBase64(bytes.map((byte, at) => (at === index ? byte ^ (1 << (index % 8)) : byte)));
    for (let index = 0; index < payload.length; index += 1) {
      const changed = { ...envelope, payload: flip(payload, index) };
      expect(refusalOf(await verifyEnvelope(changed, [pair.publicKey]))).toBe("signature_invalid");
    }
    for (let index = 0; index < signature.length; index += 1) {
      const changed = { ...envelope, signatures: [{ keyid: "", sig: flip(signature, index) }] };
      expect(refusalOf(await verifyEnvelope(changed, [pair.publicKey]))).toBe("signature_invalid");
    }
  });

  it("are refused with any character of the payload's or the signature's base64 changed or dropped", async () => {
    const pair = await vectorPair(0);
    const envelope = await seal(utf8('{"a":"short payload"}'), pair);
    const sig = envelope.signatures[0]?.sig ?? "";
    for (const replacement of ["", "A", "b", "=", "+", "-", " "]) {
      const change = (text: string, at: number) => text.slice(0, at) + replacement + text.slice(at + 1);
      for (let at = 0; at < envelope.payload.length; at += 1) {
        if (envelope.payload[at] === replacement) continue;
        const changed = { ...envelope, payload: change(envelope.payload, at) };
        expect((await verifyEnvelope(changed, [pair.publicKey])).kind).toBe("refused");
      }
      for (let at = 0; at < sig.length; at += 1) {
        // "-" for a lone "+" is the other alphabet's spelling of the same bytes, which DSSE has verifiers accept.
        if (sig[at] === replacement || (sig[at] === "+" && replacement === "-")) continue;
        const changed = { ...envelope, signatures: [{ sig: change(sig, at) }] };
        expect((await verifyEnvelope(changed, [pair.publicKey])).kind).toBe("refused");
      }
    }
  });

  it("are refused under another key, another type, or no key", async () => {
    const pair = await vectorPair(0);
    const other = await vectorPair(1);
    const envelope = await seal(utf8("{}"), pair);
    expect(refusalOf(await verifyEnvelope(envelope, [other.publicKey]))).toBe("signature_invalid");
    expect(refusalOf(await verifyEnvelope(envelope, []))).toBe("no_trusted_key");
    expect(refusalOf(await verifyEnvelope(envelope, new Array(17).fill(pair.publicKey)))).toBe("no_trusted_key");
    const swapped = { ...envelope, payloadType: "application/json" };
    expect(refusalOf(await verifyEnvelope(swapped, [pair.publicKey]))).toBe("payload_type_unsupported");
    expect(refusalOf(await verifyEnvelope(swapped, [pair.publicKey], "application/json"))).toBe("signature_invalid");
  });

  it("verify whatever `keyid` claims, because it is no more than a hint", async () => {
    const pair = await vectorPair(0);
    const other = await vectorPair(1);
    const envelope = await seal(utf8("{}"), pair);
    const sig = envelope.signatures[0]?.sig ?? "";
    for (const signature of [{ sig }, { sig, keyid: "" }, { sig, keyid: keyId(other.publicKey) }]) {
      const verified = await verifyEnvelope({ ...envelope, signatures: [signature] }, [other.publicKey, pair.publicKey]);
      expect(verified.kind === "verified" && verified.keyId).toBe(keyId(pair.publicKey));
      const claimed = { ...envelope, signatures: [{ sig, keyid: keyId(other.publicKey) }] };
      expect((await verifyEnvelope(claimed, [other.publicKey])).kind).toBe("refused");
    }
  });

  it("verify when one of several signatures is by a trusted key, and ignore members they do not know", async () => {
    const pair = await vectorPair(0);
    const other = await vectorPair(1);
    const mine = await seal(utf8("{}"), pair);
    const theirs = await seal(utf8("{}"), other);
    const both = { ...mine, signatures: [...theirs.signatures, { ...mine.signatures[0], cert: "x" }], extra: {} };
    const verified = await verifyEnvelope(both, [pair.publicKey]);
    expect(verified.kind === "verified" && verified.keyId).toBe(keyId(pair.publicKey));
  });

  it("verify in the URL-safe alphabet", async () => {
    const pair = await vectorPair(0);
    const envelope = await seal(fromHex("fbffbf3e3f"), pair);
    const urlSafe = (text: string): string => text.replaceAll("+", "-").replaceAll("/", "_");
    const sig = urlSafe(envelope.signatures[0]?.sig ?? "");
    const respelled = { ...envelope, payload: urlSafe(envelope.payload), signatures: [{ sig }] };
    expect((await verifyEnvelope(respelled, [pair.publicKey])).kind).toBe("verified");
  });

  it("that are malformed are refused at a place, and nothing is thrown", async () => {
    const pair = await vectorPair(0);
    const good = await seal(utf8("{}"), pair);
    const hostile = Object.defineProperty({}, "payload", {
      get: () => {
        throw new Error("boom");
      },
    });
    const malformed: readonly unknown[] = [
      undefined,
      null,
      1,
      "text",
      [],
      {},
      hostile,
      JSON.parse('{"__proto__":{"payload":"e30="},"payloadType":"t","signatures":[]}'),
      { ...good, payload: 1 },
      { ...good, payload: "e30" },
      { ...good, payload: "e3 0=" },
      { ...good, payloadType: undefined },
      { ...good, payloadType: "\ud800" },
      { ...good, signatures: [] },
      { ...good, signatures: {} },
      { ...good, signatures: [null] },
      { ...good, signatures: [{}] },
      { ...good, signatures: [{ sig: "*" }] },
      { ...good, signatures: [{ sig: "AA" }] },
      { ...good, signatures: [{ sig: "", keyid: 1 }] },
    ];
    for (const envelope of malformed) {
      const result = await verifyEnvelope(envelope, [pair.publicKey]);
      expect(refusalOf(result)).toBe("invalid_envelope");
      expect("message" in result && result.message).toMatch(/^envelope is malformed at `[^`]*`: expected /);
    }
  });

  it("of 1 MiB verify, and past any bound are refused as too large", async () => {
    const pair = await vectorPair(0);
    const good = await seal(new Uint8Array(PAYLOAD_BYTES_MAX).fill(255), pair);
    expect((await verifyEnvelope(good, [pair.publicKey])).kind).toBe("verified");
    const oversized = new Uint8Array(PAYLOAD_BYTES_MAX + 1);
    expect(refusalOf(await signEnvelope(oversized, toSigningKey(pair)))).toBe("envelope_too_large");
    const tooLarge: readonly unknown[] = [
      { ...good, payload: toBase64(oversized) },
      { ...good, payload: "A".repeat(8_000_000) },
      { ...good, payloadType: "t".repeat(257) },
      { ...good, signatures: new Array(9).fill({ sig: "" }) },
      { ...good, signatures: [{ sig: "A".repeat(92) }] },
    ];
    for (const envelope of tooLarge) {
      expect(refusalOf(await verifyEnvelope(envelope, [pair.publicKey]))).toBe("envelope_too_large");
    }
  });
});

describe("statements", () => {
  it("name the policies as subjects and the links with their certificates", () => {
    const statement = JSON.parse(Buffer.from(encode(input())).toString());
    expect(statement).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [
        { name: "child", digest: { sha256: hash("child") } },
        { name: "parent_boundary", digest: { sha256: hash("boundary") } },
        { name: "admin_max", digest: { sha256: hash("max") } },
      ],
      predicateType: "urn:atmost:attestation:spawn-check:v1",
      predicate: { verdict: "apply", issued_at: "2026-11-20T12:00:00Z", language: "atmost/1", certificate_version: "1" },
    });
    expect(statement.predicate.links[0]).toEqual({
      lower: "child",
      upper: "parent_delegable",
      result: "contained",
      certificate_sha256: hash("c1"),
    });
  });

  it("decode to what was encoded, through a signed envelope", async () => {
    const pair = await vectorPair(0);
    const envelope = await seal(encode(input()), pair);
    const verified = await verifySpawnEnvelope(envelope, [pair.publicKey], canonicalJson);
    expect(verified.kind === "verified" && verified.statement.predicate.policies.parent_delegable).toEqual({
      name: "finder",
      version: "7",
      sha256: hash("view"),
      derived: true,
    });
    const other = await vectorPair(1);
    expect(refusalOf(await verifySpawnEnvelope(envelope, [other.publicKey], canonicalJson))).toBe("signature_invalid");
    const alien = await seal(utf8("{}"), pair);
    expect(refusalOf(await verifySpawnEnvelope(alien, [pair.publicKey], canonicalJson))).toBe("invalid_statement");
  });

  it("are never encoded with a verdict that the links do not carry", () => {
    const base = input();
    const [first, second, third, fourth] = base.links;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error("four");
    const review = { ...fourth, result: "review" } as const;
    const exceeds = { lower: "child", upper: "admin_max", result: "exceeds" } as const;
    const undecided = { lower: "child", upper: "admin_max", result: "undecided", reason: "deadline" } as const;
    const cases: readonly (readonly [SpawnStatementInput, "encoded" | "invalid_statement"])[] = [
      [base, "encoded"],
      [{ ...base, verdict: "reject" }, "encoded"],
      [{ ...base, verdict: "reject", links: [] }, "encoded"],
      [{ ...base, verdict: "ask", links: [first, second, third, review] }, "encoded"],
      [{ ...base, verdict: "reject", links: [first, second, third, exceeds] }, "encoded"],
      [{ ...base, verdict: "reject", links: [first, second, third, undecided] }, "encoded"],
      [{ ...base, links: [first, second, third, review] }, "invalid_statement"],
      [{ ...base, links: [first, second, third, exceeds] }, "invalid_statement"],
      [{ ...base, links: [first, second, third, undecided] }, "invalid_statement"],
      [{ ...base, verdict: "ask", links: [first, second, third, exceeds] }, "invalid_statement"],
      [{ ...base, verdict: "ask", links: [first, second, third, undecided] }, "invalid_statement"],
      [{ ...base, links: [first, second, third] }, "invalid_statement"],
      [{ ...base, links: [first, second, third, fourth, exceeds] }, "invalid_statement"],
      [{ ...base, links: [] }, "invalid_statement"],
      [{ ...base, verdict: "reject", links: [{ ...first, certificateSha256: undefined }] }, "invalid_statement"],
      [{ ...base, verdict: "reject", links: [{ ...undecided, reason: undefined }] }, "invalid_statement"],
    ];
    for (const [statement, expected] of cases) expect(refusalOf(encodeSpawnStatement(statement, canonicalJson))).toBe(expected);
  });

  it("are never encoded with a time, hash or name out of form", () => {
    const base = input();
    const child = (change: object): SpawnStatementInput => ({
      ...base,
      policies: { ...base.policies, child: { ...base.policies.child, ...change } },
    });
    const malformed = [
      { ...base, issuedAt: "2026-02-30T00:00:00Z" },
      { ...base, issuedAt: "2026-11-20" },
      { ...base, issuedAt: "2026-11-20T12:00:00+01:00" },
      { ...base, language: "" },
      child({ sha256: "ABC" }),
      child({ sha256: hash("x").toUpperCase() }),
      child({ name: "" }),
      child({ name: "\udfff" }),
      child({ name: "n".repeat(4_097) }),
    ];
    for (const statement of malformed) {
      expect(refusalOf(encodeSpawnStatement(statement, canonicalJson))).toBe("invalid_statement");
    }
  });

  it("are decoded only from the canonical bytes of a whole statement", () => {
    const source = Buffer.from(encode(input())).toString();
    expect(decodeSpawnStatement(utf8(source), canonicalJson).kind).toBe("statement");
    const changed = [
      ` ${source}`,
      `\ufeff${source}`,
      source.replace('"verdict":"apply"', '"verdict":"reject","verdict":"apply"'),
      source.replace(hash("child"), hash("another child")),
      source.replace('"name":"admin_max"', '"name":"child"'),
      source.replace("Statement/v1", "Statement/v2"),
      source.replace("spawn-check:v1", "spawn-check:v2"),
      source.slice(0, -1),
      "",
      "null",
      "[".repeat(100_000),
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      "x".repeat(PAYLOAD_BYTES_MAX + 1),
    ];
    for (const text of changed) {
      expect(text).not.toBe(source);
      expect(refusalOf(decodeSpawnStatement(utf8(text), canonicalJson))).toBe("invalid_statement");
    }
    expect(refusalOf(decodeSpawnStatement(fromHex("ff"), canonicalJson))).toBe("invalid_statement");
  });

  it("and envelopes have a JSON Schema 2020-12", () => {
    for (const schema of [envelopeSchema, spawnStatementSchema]) {
      expect(z.toJSONSchema(schema)).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" });
    }
  });
});
