// Envelopes give back what was signed, and with any byte changed, malformed, or past a bound are refused; so is their base64.

import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  decodeBase64,
  encodePublicKey,
  keyId,
  PAYLOAD_BYTES_MAX,
  preAuthEncoding,
  signEnvelope,
  toSigningKey,
  verifyEnvelope,
} from "../../src/signing/index.js";
import { encode, fromHex, input, refusalOf, seal, toBase64, utf8, vectorPair } from "./signing-samples.js";

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
