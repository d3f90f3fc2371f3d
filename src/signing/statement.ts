// The in-toto Statement that binds a spawn check together: the policies by hash, the verdict, and each link with the hash of its
// certificate. Not trusted: whoever doubts a link fetches its certificate and lets the kernel check it.

import { z } from "zod";
import { PAYLOAD_BYTES_MAX, verifyEnvelope } from "./dsse.js";
import { refuse, type SigningRefusal } from "./keys.js";

/** The `_type` of an in-toto Statement, version 1. */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
/** The type of our predicate. A name, not an address: nothing is ever fetched from it, so it claims no domain. */
export const SPAWN_CHECK_PREDICATE_TYPE = "urn:atmost:attestation:spawn-check:v1";

/** The four policies of a spawn check, by the part each plays. */
export const ROLES = ["child", "parent_delegable", "parent_boundary", "admin_max"] as const;
const VERDICTS = ["apply", "ask", "reject"] as const;
const RESULTS = ["contained", "review", "exceeds", "undecided"] as const;

const NAME_CHARS_MAX = 4_096;
const CODE_CHARS_MAX = 64;
const TIME_CHARS_MAX = 40;
const LINKS_MAX = 16;
// SOURCE: `language.md`, section 7: the chain, and besides, directly, child ≤ admin_max.
const REQUIRED_LINKS = ["child parent_delegable", "parent_delegable parent_boundary", "parent_boundary admin_max", "child admin_max"];

/** One of the four parts a policy plays. */
export type Role = (typeof ROLES)[number];
/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** The RFC 8785 form of a JSON value, `undefined` where it has none: the kernel's `canonicalJson`. */
export type CanonicalJson = (value: Json) => string | undefined;

const text = (charsMax: number) =>
  z
    .string({ error: "expected a string" })
    .min(1, { error: "expected a string that is not empty" })
    .max(charsMax, { error: `expected at most ${charsMax} characters` })
    .refine((value) => !/\p{Surrogate}/u.test(value), { error: "expected no lone surrogate" });
const sha256 = z.string({ error: "expected a string" }).regex(/^[0-9a-f]{64}$/, { error: "expected 64 lower-case hex digits" });
const role = z.enum(ROLES, { error: `expected one of ${ROLES.join(", ")}` });
const object = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape, { error: "expected an object" });

const policySchema = object({
  name: text(NAME_CHARS_MAX),
  version: text(NAME_CHARS_MAX),
  sha256,
  derived: z.literal(true).optional(),
});
const linkSchema = object({
  lower: role,
  upper: role,
  result: z.enum(RESULTS, { error: `expected one of ${RESULTS.join(", ")}` }),
  reason: text(CODE_CHARS_MAX).optional(),
  certificate_sha256: sha256.optional(),
});

/** The predicate of a spawn check: what was decided, about what, when. */
export const spawnPredicateSchema = object({
  verdict: z.enum(VERDICTS, { error: `expected one of ${VERDICTS.join(", ")}` }),
  policies: object({
    child: policySchema,
    parent_delegable: policySchema,
    parent_boundary: policySchema,
    admin_max: policySchema,
  }),
  links: z.array(linkSchema, { error: "expected an array" }).max(LINKS_MAX, { error: `expected at most ${LINKS_MAX} links` }),
  issued_at: z.iso
    .datetime({ error: "expected an RFC 3339 time in UTC" })
    .max(TIME_CHARS_MAX, { error: `expected at most ${TIME_CHARS_MAX} characters` }),
  language: text(CODE_CHARS_MAX),
  certificate_version: text(CODE_CHARS_MAX),
});

/** The whole Statement. Unknown members are ignored, as the in-toto parsing rules ask. */
export const spawnStatementSchema = object({
  _type: z.literal(STATEMENT_TYPE, { error: `expected \`${STATEMENT_TYPE}\`` }),
  subject: z
    .array(object({ name: role, digest: object({ sha256 }) }), { error: "expected an array" })
    .max(ROLES.length, { error: `expected at most ${ROLES.length} subjects` }),
  predicateType: z.literal(SPAWN_CHECK_PREDICATE_TYPE, { error: `expected \`${SPAWN_CHECK_PREDICATE_TYPE}\`` }),
  predicate: spawnPredicateSchema,
});

/** A spawn check's predicate that has been checked. */
export type SpawnPredicate = z.infer<typeof spawnPredicateSchema>;
/** A spawn check's Statement that has been checked. */
export type SpawnStatement = z.infer<typeof spawnStatementSchema>;

/** A policy by name, version and hash. `derived`: it is a delegable view that no document holds, so it is no subject. */
export type PolicyReference = {
  readonly name: string;
  readonly version: string;
  /** Lower-case hex. The hash that the certificates name for this policy. */
  readonly sha256: string;
  readonly derived?: boolean | undefined;
};

/** One link's outcome, with the hash of its certificate's RFC 8785 bytes where it has one. */
export type LinkOutcome = {
  readonly lower: Role;
  readonly upper: Role;
  readonly result: (typeof RESULTS)[number];
  readonly reason?: string | undefined;
  readonly certificateSha256?: string | undefined;
};

/** What a statement is made of. */
export type SpawnStatementInput = {
  readonly verdict: (typeof VERDICTS)[number];
  readonly policies: { readonly [key in Role]: PolicyReference };
  readonly links: readonly LinkOutcome[];
  /** RFC 3339, UTC, with `Z`. Passed in: this module reads no clock. */
  readonly issuedAt: string;
  /** For example "atmost/1". */
  readonly language: string;
  readonly certificateVersion: string;
};

const encodePolicy = (policy: PolicyReference) => ({
  name: policy.name,
  version: policy.version,
  sha256: policy.sha256,
  ...(policy.derived === true ? { derived: true } : {}),
});

const encodeLink = (link: LinkOutcome) => ({
  lower: link.lower,
  upper: link.upper,
  result: link.result,
  ...(link.reason === undefined ? {} : { reason: link.reason }),
  ...(link.certificateSha256 === undefined ? {} : { certificate_sha256: link.certificateSha256 }),
});

type PolicyHashes = { readonly [key in Role]: { readonly sha256: string; readonly derived?: boolean | undefined } };

const subjectsOf = (policies: PolicyHashes) =>
  ROLES.filter((name) => policies[name].derived !== true).map((name) => ({
    name,
    digest: { sha256: policies[name].sha256 },
  }));

/**
 * Returns what is wrong with a predicate that has the right shape, or `undefined`. INVARIANT: no statement says `apply` or `ask` unless
 * its own links carry that verdict. A verdict that is stricter than the links is not wrong.
 */
const findContradiction = ({ verdict, links }: SpawnPredicate): string | undefined => {
  const names = links.map((link) => `${link.lower} ${link.upper}`);
  for (const [index, link] of links.entries()) {
    const at = `\`/predicate/links/${index}\``;
    if (names.indexOf(`${link.lower} ${link.upper}`) !== index) return `expected each link once, got another at ${at}`;
    const isProved = link.result === "contained" || link.result === "review";
    if (isProved && link.certificate_sha256 === undefined) return `expected a certificate for the result at ${at}`;
    if (link.result === "undecided" && link.reason === undefined) return `expected a reason for the result at ${at}`;
  }
  if (verdict === "reject") return undefined;
  const missing = REQUIRED_LINKS.find((name) => !names.includes(name));
  if (missing !== undefined) return `verdict \`${verdict}\` needs the link \`${missing.replace(" ", " ≤ ")}\``;
  const allowed = verdict === "apply" ? ["contained"] : ["contained", "review"];
  const index = links.findIndex((link) => !allowed.includes(link.result));
  if (index === -1) return undefined;
  return `verdict \`${verdict}\` contradicts the link at \`/predicate/links/${index}\``;
};

const refuseStatement = (why: string): SigningRefusal => refuse("invalid_statement", `statement is malformed: ${why}`);

const parseStatement = (value: unknown): { readonly kind: "statement"; readonly statement: SpawnStatement } | SigningRefusal => {
  const parsed = spawnStatementSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const pointer = issue === undefined ? "" : issue.path.map((part) => `/${String(part)}`).join("");
    return refuseStatement(`at \`${pointer}\`: ${issue?.message ?? "expected an object"}`);
  }
  const { predicate, subject } = parsed.data;
  const contradiction = findContradiction(predicate);
  if (contradiction !== undefined) return refuseStatement(contradiction);
  const expected = subjectsOf(predicate.policies);
  const isSame =
    subject.length === expected.length &&
    subject.every(({ name, digest }, index) => name === expected[index]?.name && digest.sha256 === expected[index]?.digest.sha256);
  return isSame
    ? { kind: "statement", statement: parsed.data }
    : refuseStatement("at `/subject`: expected the hashes of `/predicate/policies`, in the order child to admin_max");
};

/**
 * Returns the payload bytes of a spawn check's Statement: RFC 8785 JSON, UTF-8. What contradicts itself is never encoded, so never signed.
 * @param canonicalJson RFC 8785
 * @returns the bytes (at most 1 MiB), or the refusal `invalid_statement`
 */
export const encodeSpawnStatement = (
  input: SpawnStatementInput,
  canonicalJson: CanonicalJson,
): { readonly kind: "encoded"; readonly payload: Uint8Array } | SigningRefusal => {
  const { policies } = input;
  const statement = {
    _type: STATEMENT_TYPE,
    subject: subjectsOf(policies),
    predicateType: SPAWN_CHECK_PREDICATE_TYPE,
    predicate: {
      verdict: input.verdict,
      policies: {
        child: encodePolicy(policies.child),
        parent_delegable: encodePolicy(policies.parent_delegable),
        parent_boundary: encodePolicy(policies.parent_boundary),
        admin_max: encodePolicy(policies.admin_max),
      },
      links: input.links.map(encodeLink),
      issued_at: input.issuedAt,
      language: input.language,
      certificate_version: input.certificateVersion,
    },
  };
  const parsed = parseStatement(statement);
  if (parsed.kind === "refused") return parsed;
  const source = canonicalJson(statement);
  if (source === undefined) return refuseStatement("expected a value with an RFC 8785 form");
  return { kind: "encoded", payload: new TextEncoder().encode(source) };
};

/**
 * Returns the Statement that payload bytes hold, iff they are the RFC 8785 bytes of one that does not contradict itself. The inverse of
 * `encodeSpawnStatement`. Says nothing of who wrote them: see `verifySpawnEnvelope`.
 * @param payload at most 1 MiB
 * @returns the statement, or the refusal `invalid_statement`
 */
export const decodeSpawnStatement = (
  payload: Uint8Array,
  canonicalJson: CanonicalJson,
): { readonly kind: "statement"; readonly statement: SpawnStatement } | SigningRefusal => {
  if (payload.length > PAYLOAD_BYTES_MAX) return refuseStatement(`expected at most ${PAYLOAD_BYTES_MAX} bytes, got ${payload.length}`);
  try {
    const source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
    const value: Json = JSON.parse(source);
    // One text for each value: a key given twice, another order or other spacing is no statement of ours.
    if (canonicalJson(value) !== source) return refuseStatement("expected canonical JSON (RFC 8785)");
    return parseStatement(value);
  } catch {
    return refuseStatement("expected JSON in UTF-8");
  }
};

/**
 * Returns the Statement in an envelope iff a trusted key signed it and it is a spawn check's. Never rejects, whatever the envelope.
 * @param envelope a parsed JSON value from anyone
 * @param publicKeys the trusted keys, 1..16 of 32 bytes each
 * @returns the statement and the key that signed it, or a refusal of `verifyEnvelope` or `decodeSpawnStatement`
 */
export const verifySpawnEnvelope = async (
  envelope: unknown,
  publicKeys: readonly Uint8Array[],
  canonicalJson: CanonicalJson,
): Promise<{ readonly kind: "verified"; readonly statement: SpawnStatement; readonly keyId: string } | SigningRefusal> => {
  const verified = await verifyEnvelope(envelope, publicKeys);
  if (verified.kind === "refused") return verified;
  const decoded = decodeSpawnStatement(verified.payload, canonicalJson);
  return decoded.kind === "refused" ? decoded : { kind: "verified", statement: decoded.statement, keyId: verified.keyId };
};
