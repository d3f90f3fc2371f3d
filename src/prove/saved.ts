// The file of certificates that is kept beside a claims file: its name, its text, and reading it back. Not trusted: what it says counts only
// once the kernel has accepted its certificates and the evaluator has replayed its requests.

import * as z from "zod";
import { isObject, type Json } from "../../prover/core.js";
import { strictShape } from "../../prover/index.js";
import { claimsMax } from "./limits.js";
import type { Evidence } from "./results.js";
import { invalid, problem, type Reading } from "./world.js";

/** The language of saved certificates, as their files name it. */
export const savedLanguage = "atmost-claims-certificates/1";

/** Returns the path of the certificates of a claims file: `a.claims.yaml` has them in `a.certificates.json`. */
export const savedFileOf = (claimsFile: string): string => `${claimsFile.replace(/(?:\.claims)?\.(?:json|ya?ml)$/i, "")}.certificates.json`;

const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/);

/** What is kept beside a claims file. */
export const savedSchema = strictShape({
  language: z.literal(savedLanguage),
  claims: z
    .array(
      strictShape({
        name: z.string().min(1),
        found: z.enum(["holds", "fails"]),
        policies: z.record(z.string(), sha256()).meta({ description: "The SHA-256 of each policy, by the part it plays." }),
        links: z.array(
          strictShape({
            title: z.string(),
            result: z.enum(["contained", "review", "exceeds"]),
            certificate: z.looseObject({}).optional().meta({ description: "Of `contained` and `review`; see the certificate's schema." }),
            request: z.looseObject({}).optional().meta({ description: "Of `review` and `exceeds`: a request that shows it." }),
            limit: z.string().optional().meta({ description: "Of `exceeds`: the limit that is greater." }),
          }),
        ),
      }),
    )
    .max(claimsMax),
});

/** Returns the text of what is kept: one claim a line, so that a difference names the claims that changed. */
export function encodeSaved(evidence: readonly Evidence[]): string {
  const claims = evidence.map((one) => JSON.stringify(one)).join(",\n");
  return `{ "language": ${JSON.stringify(savedLanguage)},\n  "claims": [\n${claims}\n] }\n`;
}

/** Returns what was kept, by the names of the claims. */
export function parseSaved(text: string, file: string): Reading<ReadonlyMap<string, Evidence>> {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid(problem("json_syntax", file, "", "expected JSON"));
  }
  const result = savedSchema.safeParse(value);
  if (result.success) return { kind: "ok", value: new Map(asEvidence(value).map((one) => [one.name, one])) };
  const [issue] = result.error.issues;
  const pointer = (issue?.path ?? []).map((part) => `/${String(part)}`).join("");
  return invalid(problem("invalid_value", file, pointer, `expected saved certificates, got something else: ${issue?.message ?? ""}`));
}

// INVARIANT: the schema has accepted the value. Certificates and requests are taken as they stand, keys named `__proto__` too.
const asEvidence = (value: Json): readonly Evidence[] => (isObject(value) ? (value["claims"] as unknown as readonly Evidence[]) : []);
