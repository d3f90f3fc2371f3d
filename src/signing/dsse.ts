// DSSE envelopes, version 1: one payload, its type, and Ed25519 signatures over both. Not trusted: the envelope says who issued a
// statement, not that it is true.

import { z } from "zod";
import { decodeBase64, keyId, refuse, type SigningKey, type SigningRefusal, verifySignature } from "./keys.js";

/** The payload type of an in-toto Statement. */
export const IN_TOTO_PAYLOAD_TYPE = "application/vnd.in-toto+json";
/** Most bytes a payload may have. */
export const PAYLOAD_BYTES_MAX = 1_048_576;
/** Most signatures an envelope may carry. */
export const SIGNATURES_MAX = 8;
/** Most public keys a verification may trust; with `SIGNATURES_MAX` it bounds the work on one envelope. */
export const TRUSTED_KEYS_MAX = 16;

const PAYLOAD_CHARS_MAX = 4 * Math.ceil(PAYLOAD_BYTES_MAX / 3);
const PAYLOAD_TYPE_CHARS_MAX = 256;
const KEY_ID_CHARS_MAX = 256;
const SIGNATURE_CHARS_MAX = 88;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const text = (charsMax: number) =>
  z.string({ error: "expected a string" }).max(charsMax, { error: `expected at most ${charsMax} characters` });

const wellFormed = (value: string): boolean => !/\p{Surrogate}/u.test(value);

/**
 * A DSSE envelope as JSON. Unknown members are ignored, as the DSSE parsing rules ask. Base64 is the standard or the URL-safe alphabet,
 * padded; the schema checks its characters, `verifyEnvelope` that it is canonical.
 */
export const envelopeSchema = z.object(
  {
    payload: text(PAYLOAD_CHARS_MAX).regex(BASE64, { error: "expected base64" }),
    payloadType: text(PAYLOAD_TYPE_CHARS_MAX).refine(wellFormed, { error: "expected no lone surrogate" }),
    signatures: z
      .array(
        z.object(
          {
            keyid: text(KEY_ID_CHARS_MAX).optional(),
            sig: text(SIGNATURE_CHARS_MAX).regex(BASE64, { error: "expected base64" }),
          },
          { error: "expected an object" },
        ),
        { error: "expected an array" },
      )
      .min(1, { error: "expected at least one signature" })
      .max(SIGNATURES_MAX, { error: `expected at most ${SIGNATURES_MAX} signatures` }),
  },
  { error: "expected an object" },
);

/** A DSSE envelope that this service made: one signature, with its key's identifier. */
export type Envelope = {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

/** What came of verifying an envelope. The payload exists only on the verified side: it is what was signed, byte for byte. */
export type VerifiedEnvelope = { readonly kind: "verified"; readonly payload: Uint8Array; readonly keyId: string } | SigningRefusal;

/**
 * Returns the bytes that are signed: "DSSEv1", and the type and the payload each after its length in bytes.
 * SOURCE: DSSE protocol 1.0, "Signature Definition" (PAE).
 * @param payloadType encoded as UTF-8
 */
export const preAuthEncoding = (payloadType: string, payload: Uint8Array): Uint8Array => {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
};

/**
 * Returns an envelope with the payload and one signature over it and its type.
 * @param payload at most 1 MiB
 * @returns the envelope, or the refusal `envelope_too_large`
 */
export const signEnvelope = async (
  payload: Uint8Array,
  key: SigningKey,
  payloadType: string = IN_TOTO_PAYLOAD_TYPE,
): Promise<{ readonly kind: "signed"; readonly envelope: Envelope } | SigningRefusal> => {
  if (payload.length > PAYLOAD_BYTES_MAX) {
    return refuse("envelope_too_large", `payload too large: expected at most ${PAYLOAD_BYTES_MAX} bytes, got ${payload.length}`);
  }
  const signature = await key.sign(preAuthEncoding(payloadType, payload));
  return {
    kind: "signed",
    envelope: {
      payload: Buffer.from(payload).toString("base64"),
      payloadType,
      signatures: [{ keyid: key.keyId, sig: Buffer.from(signature).toString("base64") }],
    },
  };
};

const refuseShape = (error: z.ZodError): SigningRefusal => {
  const issue = error.issues[0];
  const pointer = issue === undefined ? "" : issue.path.map((part) => `/${String(part)}`).join("");
  const message = `envelope is malformed at \`${pointer}\`: ${issue?.message ?? "expected an object"}`;
  return refuse(issue?.code === "too_big" ? "envelope_too_large" : "invalid_envelope", message);
};

const verifyParsed = async (
  envelope: z.infer<typeof envelopeSchema>,
  publicKeys: readonly Uint8Array[],
  payloadType: string,
): Promise<VerifiedEnvelope> => {
  if (envelope.payloadType !== payloadType) {
    const got = `expected \`${payloadType}\`, got \`${envelope.payloadType}\``;
    return refuse("payload_type_unsupported", `payload type not supported: ${got}`);
  }
  const payload = decodeBase64(envelope.payload);
  if (payload === undefined) {
    return refuse("invalid_envelope", "envelope is malformed at `/payload`: expected canonical, padded base64");
  }
  // The characters allow up to two bytes more than the bytes do.
  if (payload.length > PAYLOAD_BYTES_MAX) {
    return refuse("envelope_too_large", `payload too large: expected at most ${PAYLOAD_BYTES_MAX} bytes, got ${payload.length}`);
  }
  const message = preAuthEncoding(payloadType, payload);
  const keys = publicKeys.map((publicKey) => ({ id: keyId(publicKey), publicKey }));
  for (const [index, { keyid, sig }] of envelope.signatures.entries()) {
    const signature = decodeBase64(sig);
    if (signature === undefined) {
      const place = `\`/signatures/${index}/sig\``;
      return refuse("invalid_envelope", `envelope is malformed at ${place}: expected canonical, padded base64`);
    }
    // The `keyid` is an unauthenticated hint: it says which key to try first, and decides nothing.
    const hinted = keys.filter((key) => key.id === keyid);
    for (const key of [...hinted, ...keys.filter((other) => other.id !== keyid)]) {
      if (await verifySignature(signature, message, key.publicKey)) return { kind: "verified", payload, keyId: key.id };
    }
  }
  return refuse("signature_invalid", "no signature in the envelope is by a trusted key over this payload and type");
};

/**
 * Returns the payload iff the envelope is well formed, of the expected type, and carries a valid signature by one of the keys. Never
 * rejects, whatever the input.
 * @param envelope a parsed JSON value from anyone
 * @param publicKeys the trusted keys, 1..16 of 32 bytes each
 * @param payloadType the one type that the caller can read
 * @returns the payload and the key that signed it, or a refusal: `invalid_envelope`, `envelope_too_large`, `payload_type_unsupported`,
 * `signature_invalid`, `no_trusted_key`
 */
export const verifyEnvelope = async (
  envelope: unknown,
  publicKeys: readonly Uint8Array[],
  payloadType: string = IN_TOTO_PAYLOAD_TYPE,
): Promise<VerifiedEnvelope> => {
  if (publicKeys.length === 0 || publicKeys.length > TRUSTED_KEYS_MAX) {
    return refuse("no_trusted_key", `expected 1 to ${TRUSTED_KEYS_MAX} trusted keys, got ${publicKeys.length}`);
  }
  try {
    const parsed = envelopeSchema.safeParse(envelope);
    return parsed.success ? await verifyParsed(parsed.data, publicKeys, payloadType) : refuseShape(parsed.error);
  } catch {
    // Only a value that is no JSON comes here, such as an object with a getter that throws. Refusing is the safe side.
    return refuse("invalid_envelope", "envelope is malformed at ``: expected a JSON value");
  }
};
