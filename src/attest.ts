// Turns the answer to a spawn check into a signed attestation: an in-toto Statement in a DSSE envelope. Not trusted: a signature says who
// issued an answer, and each certificate is named by hash so that anybody can check it.

import { createHash } from "node:crypto";
import {
  type Certificate,
  type ChainLink,
  createLruMap,
  encodeLink,
  type LinkResult,
  type PolicyMention,
  type SpawnResult,
  type StoreStats,
} from "../prover/index.js";
import { canonicalText } from "./canonical-text.js";
import {
  type Envelope,
  encodeSpawnStatement,
  type LinkOutcome,
  type PolicyReference,
  type SigningKey,
  signEnvelope,
} from "./signing/index.js";

/** The policy language that a statement names. */
export const STATEMENT_LANGUAGE = "atmost/1";
/** The version of the certificates that a statement names by hash. */
export const STATEMENT_CERTIFICATE_VERSION = "atmost-certificate/1";

/** Signs answers. */
export type Attester = {
  /** Identifies the key: what the envelope's `keyid` will be. */
  readonly keyId: string;
  /**
   * Returns the envelope that binds verdict, policies and certificates together.
   * @throws Error when the result contradicts itself, such as `apply` over a link that is not contained: a bug of ours, never signed
   */
  readonly attest: (result: SpawnResult) => Promise<Envelope>;
  /** Figures of the envelopes that are kept; each counts as one byte. */
  readonly stats: () => StoreStats;
};

const encodeMention = ({ name, version, sha256, derived }: PolicyMention): PolicyReference => ({
  name,
  version,
  sha256,
  ...(derived === undefined ? {} : { derived: true }),
});

const writeCertificate = (certificate: Certificate): string => {
  const text = canonicalText(certificate);
  if (text === undefined) throw new Error("a certificate has no canonical form");
  return text;
};
const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Returns the SHA-256 of a certificate's RFC 8785 bytes, 64 lower-case hex digits: what a statement names it by.
 * @throws Error when the certificate is no JSON with an RFC 8785 form
 */
export const hashCertificate = (certificate: Certificate): string => hashText(writeCertificate(certificate));

/** The answer for a link as text. */
export type LinkText = {
  /** The members of `encodeLink` as JSON in UTF-8, without the braces around them; the certificate in its RFC 8785 form. */
  readonly members: Uint8Array;
  /** The hash of that form; absent where there is no certificate. */
  readonly certificateSha256?: string;
};

const writeLink = (result: LinkResult): LinkText => {
  const certificate = "certificate" in result ? writeCertificate(result.certificate) : undefined;
  const parts = Object.entries(encodeLink(result)).map(
    ([key, value]) => `${JSON.stringify(key)}:${key === "certificate" && certificate !== undefined ? certificate : JSON.stringify(value)}`,
  );
  return { members: Buffer.from(parts.join()), ...(certificate === undefined ? {} : { certificateSha256: hashText(certificate) }) };
};

/** Writes answers for links down. @throws Error when a certificate is no JSON with an RFC 8785 form: a bug of ours */
export type LinkWriter = (result: LinkResult) => LinkText;

/**
 * Returns what writes each answer down once, for the statement and for the response alike: results are values that nobody changes, and a
 * prover that keeps its answers gives the same object again. A text is forgotten with its result.
 */
export const createLinkWriter = (): LinkWriter => {
  const texts = new WeakMap<LinkResult, LinkText>();
  return (result) => {
    const known = texts.get(result);
    if (known !== undefined) return known;
    const made = writeLink(result);
    texts.set(result, made);
    return made;
  };
};

const encodeOutcome = ({ lower, upper, result }: ChainLink, write: LinkWriter): LinkOutcome => {
  switch (result.kind) {
    case "contained":
    case "review":
      return { lower, upper, result: result.kind, certificateSha256: write(result).certificateSha256 };
    case "exceeds":
      return { lower, upper, result: "exceeds" };
    case "undecided":
      return { lower, upper, result: "undecided", reason: result.reason };
  }
};

const MS_PER_SECOND = 1_000;

// What a statement is made of besides the time, as one text: two answers with one text have one statement.
const textOf = ({ verdict, policies, links }: SpawnResult, write: LinkWriter): string => {
  const outcomes = links.map(({ lower, upper, result }) =>
    [lower, upper, result.kind, result.kind === "undecided" ? result.reason : (write(result).certificateSha256 ?? "")].join(),
  );
  return JSON.stringify([verdict, policies, outcomes]);
};

const sign = async ({ verdict, policies, links }: SpawnResult, key: SigningKey, issuedAt: string, write: LinkWriter): Promise<Envelope> => {
  const statement = encodeSpawnStatement(
    {
      verdict,
      policies: {
        child: encodeMention(policies.child),
        parent_delegable: encodeMention(policies.parent_delegable),
        parent_boundary: encodeMention(policies.parent_boundary),
        admin_max: encodeMention(policies.admin_max),
      },
      links: links.map((link) => encodeOutcome(link, write)),
      issuedAt,
      language: STATEMENT_LANGUAGE,
      certificateVersion: STATEMENT_CERTIFICATE_VERSION,
    },
    canonicalText,
  );
  if (statement.kind === "refused") throw new Error(`${statement.code}: ${statement.message}`);
  const signed = await signEnvelope(statement.payload, key);
  if (signed.kind === "refused") throw new Error(`${signed.code}: ${signed.message}`);
  return signed.envelope;
};

/**
 * Returns what signs answers with `key`. The time in a statement is to the second, and Ed25519 gives the same statement the same signature:
 * an envelope that was made in this second is given again for the same answer. It is the one that signing again would make.
 * @param clock epoch milliseconds, for `issued_at`
 * @param envelopesMax 0 or more; with 0 every answer is signed anew
 */
export const createAttester = (
  key: SigningKey,
  clock: () => number,
  write: LinkWriter = createLinkWriter(),
  envelopesMax = 0,
): Attester => {
  const made = createLruMap<Envelope>(envelopesMax, envelopesMax);
  return {
    keyId: key.keyId,
    attest: async (result) => {
      const second = Math.floor(clock() / MS_PER_SECOND);
      const text = `${second} ${textOf(result, write)}`;
      const known = made.get(text);
      if (known !== undefined) return known;
      const envelope = await sign(result, key, new Date(second * MS_PER_SECOND).toISOString(), write);
      made.set(text, envelope, 1);
      return envelope;
    },
    stats: made.stats,
  };
};
