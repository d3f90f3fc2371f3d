// Turns the answer to a spawn check into a signed attestation: an in-toto Statement in a DSSE envelope. Not trusted: a signature says who
// issued an answer, and each certificate is named by hash so that anybody can check it.

import { createHash } from "node:crypto";
import {
  type Certificate,
  type ChainLink,
  canonicalJson,
  encodeLink,
  type LinkResult,
  type PolicyMention,
  type SpawnResult,
} from "../prover/index.js";
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
};

const encodeMention = ({ name, version, sha256, derived }: PolicyMention): PolicyReference => ({
  name,
  version,
  sha256,
  ...(derived === undefined ? {} : { derived: true }),
});

const canonicalText = (certificate: Certificate): string => {
  const text = canonicalJson(certificate);
  if (text === undefined) throw new Error("a certificate has no canonical form");
  return text;
};
const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Returns the SHA-256 of a certificate's RFC 8785 bytes, 64 lower-case hex digits: what a statement names it by.
 * @throws Error when the certificate is no JSON with an RFC 8785 form
 */
export const hashCertificate = (certificate: Certificate): string => hashText(canonicalText(certificate));

/** The answer for a link as text. */
export type LinkText = {
  /** The members of `encodeLink` as JSON, without the braces around them; the certificate in its RFC 8785 form. */
  readonly members: string;
  /** The hash of that form; absent where there is no certificate. */
  readonly certificateSha256?: string;
};

const writeLink = (result: LinkResult): LinkText => {
  const certificate = "certificate" in result ? canonicalText(result.certificate) : undefined;
  const parts = Object.entries(encodeLink(result)).map(
    ([key, value]) => `${JSON.stringify(key)}:${key === "certificate" && certificate !== undefined ? certificate : JSON.stringify(value)}`,
  );
  return { members: parts.join(), ...(certificate === undefined ? {} : { certificateSha256: hashText(certificate) }) };
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

/**
 * Returns what signs answers with `key`.
 * @param clock epoch milliseconds, for `issued_at`
 */
export const createAttester = (key: SigningKey, clock: () => number, write: LinkWriter = createLinkWriter()): Attester => ({
  keyId: key.keyId,
  attest: async ({ verdict, policies, links }) => {
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
        issuedAt: new Date(clock()).toISOString(),
        language: STATEMENT_LANGUAGE,
        certificateVersion: STATEMENT_CERTIFICATE_VERSION,
      },
      canonicalJson,
    );
    if (statement.kind === "refused") throw new Error(`${statement.code}: ${statement.message}`);
    const signed = await signEnvelope(statement.payload, key);
    if (signed.kind === "refused") throw new Error(`${signed.code}: ${signed.message}`);
    return signed.envelope;
  },
});
