// Writes the answer to a spawn check. The links are the long part of it, and are written once for each answer of the prover. Not trusted.

import type { ChainLink, SpawnResult } from "../../prover/index.js";
import type { LinkWriter } from "../attest.js";
import type { Envelope } from "../signing/index.js";

const writeChainLink = ({ lower, upper, result }: ChainLink, write: LinkWriter): string =>
  `{"lower":"${lower}","upper":"${upper}",${write(result).members}}`;

/** Returns the JSON text of `encodeSpawnResult(result)` with the member `attestation` after the others. */
export const writeAnswer = (result: SpawnResult, attestation: Envelope, write: LinkWriter): string => {
  const links = result.links.map((link) => writeChainLink(link, write)).join();
  const { verdict, policies } = result;
  return `{"verdict":"${verdict}","policies":${JSON.stringify(policies)},"links":[${links}],"attestation":${JSON.stringify(attestation)}}`;
};
