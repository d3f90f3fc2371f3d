// A narrowing as the JSON that crosses borders. Not trusted.

import { encodeDiff } from "../diff/encode.js";
import type { Json } from "../kernel/index.js";
import type { NarrowResult } from "./narrow.js";

/** Returns `{result, policy?, sha256?, unchanged?, certificates?, lost?, reason?}`; `certificates.largest` where nothing more could be kept. */
export function encodeNarrow(result: NarrowResult): { readonly [key: string]: Json } {
  if (result.kind === "undecided") return { result: result.kind, reason: result.reason };
  const { policy, unchanged, certificates, largest, lost } = result;
  return {
    result: result.kind,
    policy: policy.document,
    sha256: policy.sha256,
    unchanged,
    certificates: { child: certificates.child, bounds: certificates.bounds, ...(largest === undefined ? {} : { largest }) },
    lost: encodeDiff(lost),
  };
}
