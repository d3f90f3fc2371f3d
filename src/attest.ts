// Turns the answer to a spawn check into a signed attestation: an in-toto Statement in a DSSE envelope. Not trusted: a signature says who
// issued an answer, and each certificate is named by hash so that anybody can check it.

import { createHash } from "node:crypto";
import { type Certificate, type ChainLink, canonicalJson, type PolicyMention, type SpawnResult } from "../prover/index.js";
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

/**
 * Returns the SHA-256 of a certificate's RFC 8785 bytes, 64 lower-case hex digits: what a statement names it by.
 * @throws Error when the certificate is no JSON with an RFC 8785 form
 */
export const hashCertificate = (certificate: Certificate): string => {
  const text = canonicalJson(certificate);
  if (text === undefined) throw new Error("a certificate has no canonical form");
  return createHash("sha256").update(text).digest("hex");
};

const encodeOutcome = ({ lower, upper, result }: ChainLink, hash: (certificate: Certificate) => string): LinkOutcome => {
  switch (result.kind) {
    case "contained":
    case "review":
      return { lower, upper, result: result.kind, certificateSha256: hash(result.certificate) };
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
export const createAttester = (key: SigningKey, clock: () => number): Attester => {
  // A prover that answers the same question again gives the same certificate: its hash need not be made twice.
  const hashes = new WeakMap<Certificate, string>();
  const hash = (certificate: Certificate): string => {
    const known = hashes.get(certificate);
    if (known !== undefined) return known;
    const made = hashCertificate(certificate);
    hashes.set(certificate, made);
    return made;
  };
  return {
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
          links: links.map((link) => encodeOutcome(link, hash)),
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
  };
};
