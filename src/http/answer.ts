// Writes the answer to a spawn check. The links are the long part of it, and are written once for each answer of the prover. Not trusted.

import type { Json, LinkResult, SpawnResult } from "../../prover/index.js";
import type { LinkWriter } from "../attest.js";
import type { Envelope } from "../signing/index.js";

/**
 * Returns the bytes of the JSON text of `encodeSpawnResult(result)` with the member `attestation` after the others. Bytes and no string: what
 * is long was encoded before, and is only copied here.
 */
export const writeAnswer = ({ verdict, policies, links }: SpawnResult, attestation: Envelope, write: LinkWriter): Buffer => {
  const parts: Uint8Array[] = [];
  let before = `{"verdict":"${verdict}","policies":${JSON.stringify(policies)},"links":[`;
  for (const { lower, upper, result } of links) {
    parts.push(Buffer.from(`${before}{"lower":"${lower}","upper":"${upper}",`), write(result).members);
    before = "},";
  }
  const end = links.length === 0 ? before : "}";
  parts.push(Buffer.from(`${end}],"attestation":${JSON.stringify(attestation)}}`));
  return Buffer.concat(parts);
};

/** Returns the bytes of an answer with the member `narrowed` after the others. */
export const withNarrowed = (answer: Buffer, narrowed: Json): Buffer =>
  Buffer.concat([answer.subarray(0, -1), Buffer.from(`,"narrowed":${JSON.stringify(narrowed)}}`)]);

/** Writes an answer's bytes. */
export type AnswerWriter = (result: SpawnResult, attestation: Envelope) => Buffer;

// The longest answer that is kept; the attester keeps a bounded number of envelopes.
const KEPT_BYTES_MAX = 65_536;

/**
 * Returns `writeAnswer` with a memory: the same envelope over the same answers of the prover has the same bytes, and they live as long as
 * the envelope.
 */
export const createAnswerWriter = (write: LinkWriter): AnswerWriter => {
  const kept = new WeakMap<Envelope, { readonly links: readonly LinkResult[]; readonly bytes: Buffer }>();
  return (result, attestation) => {
    const known = kept.get(attestation);
    // INVARIANT: one envelope has one verdict, one set of policies, and one set of links by name; the answers for these are compared.
    if (known?.links.every((link, at) => link === result.links[at]?.result)) return known.bytes;
    const bytes = writeAnswer(result, attestation, write);
    if (bytes.length <= KEPT_BYTES_MAX) kept.set(attestation, { links: result.links.map((link) => link.result), bytes });
    return bytes;
  };
};
