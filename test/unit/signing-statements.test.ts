// Statements say no more than their links carry, and are decoded only from the very bytes that they are encoded as.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  decodeSpawnStatement,
  encodeSpawnStatement,
  envelopeSchema,
  PAYLOAD_BYTES_MAX,
  type SpawnStatementInput,
  spawnStatementSchema,
  verifySpawnEnvelope,
} from "../../src/signing/index.js";
import { canonicalJson, encode, fromHex, hash, input, refusalOf, seal, utf8, vectorPair } from "./signing-samples.js";

describe("statements", () => {
  it("name the policies as subjects and the links with their certificates", () => {
    const statement = JSON.parse(Buffer.from(encode(input())).toString());
    expect(statement).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [
        { name: "child", digest: { sha256: hash("child") } },
        { name: "parent_boundary", digest: { sha256: hash("boundary") } },
        { name: "admin_max", digest: { sha256: hash("max") } },
      ],
      predicateType: "urn:atmost:attestation:spawn-check:v1",
      predicate: { verdict: "apply", issued_at: "2026-11-20T12:00:00Z", language: "atmost/1", certificate_version: "1" },
    });
    expect(statement.predicate.links[0]).toEqual({
      lower: "child",
      upper: "parent_delegable",
      result: "contained",
      certificate_sha256: hash("c1"),
    });
  });

  it("decode to what was encoded, through a signed envelope", async () => {
    const pair = await vectorPair(0);
    const envelope = await seal(encode(input()), pair);
    const verified = await verifySpawnEnvelope(envelope, [pair.publicKey], canonicalJson);
    expect(verified.kind === "verified" && verified.statement.predicate.policies.parent_delegable).toEqual({
      name: "finder",
      version: "7",
      sha256: hash("view"),
      derived: true,
    });
    const other = await vectorPair(1);
    expect(refusalOf(await verifySpawnEnvelope(envelope, [other.publicKey], canonicalJson))).toBe("signature_invalid");
    const alien = await seal(utf8("{}"), pair);
    expect(refusalOf(await verifySpawnEnvelope(alien, [pair.publicKey], canonicalJson))).toBe("invalid_statement");
  });

  it("are never encoded with a verdict that the links do not carry", () => {
    const base = input();
    const [first, second, third, fourth] = base.links;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error("four");
    const review = { ...fourth, result: "review" } as const;
    const exceeds = { lower: "child", upper: "admin_max", result: "exceeds" } as const;
    const undecided = { lower: "child", upper: "admin_max", result: "undecided", reason: "deadline" } as const;
    const cases: readonly (readonly [SpawnStatementInput, "encoded" | "invalid_statement"])[] = [
      [base, "encoded"],
      [{ ...base, verdict: "reject" }, "encoded"],
      [{ ...base, verdict: "reject", links: [] }, "encoded"],
      [{ ...base, verdict: "ask", links: [first, second, third, review] }, "encoded"],
      [{ ...base, verdict: "reject", links: [first, second, third, exceeds] }, "encoded"],
      [{ ...base, verdict: "reject", links: [first, second, third, undecided] }, "encoded"],
      [{ ...base, links: [first, second, third, review] }, "invalid_statement"],
      [{ ...base, links: [first, second, third, exceeds] }, "invalid_statement"],
      [{ ...base, links: [first, second, third, undecided] }, "invalid_statement"],
      [{ ...base, verdict: "ask", links: [first, second, third, exceeds] }, "invalid_statement"],
      [{ ...base, verdict: "ask", links: [first, second, third, undecided] }, "invalid_statement"],
      [{ ...base, links: [first, second, third] }, "invalid_statement"],
      [{ ...base, links: [first, second, third, fourth, exceeds] }, "invalid_statement"],
      [{ ...base, links: [] }, "invalid_statement"],
      [{ ...base, verdict: "reject", links: [{ ...first, certificateSha256: undefined }] }, "invalid_statement"],
      [{ ...base, verdict: "reject", links: [{ ...undecided, reason: undefined }] }, "invalid_statement"],
    ];
    for (const [statement, expected] of cases) expect(refusalOf(encodeSpawnStatement(statement, canonicalJson))).toBe(expected);
  });

  it("are never encoded with a time, hash or name out of form", () => {
    const base = input();
    const child = (change: object): SpawnStatementInput => ({
      ...base,
      policies: { ...base.policies, child: { ...base.policies.child, ...change } },
    });
    const malformed = [
      { ...base, issuedAt: "2026-02-30T00:00:00Z" },
      { ...base, issuedAt: "2026-11-20" },
      { ...base, issuedAt: "2026-11-20T12:00:00+01:00" },
      { ...base, language: "" },
      child({ sha256: "ABC" }),
      child({ sha256: hash("x").toUpperCase() }),
      child({ name: "" }),
      child({ name: "\udfff" }),
      child({ name: "n".repeat(4_097) }),
    ];
    for (const statement of malformed) {
      expect(refusalOf(encodeSpawnStatement(statement, canonicalJson))).toBe("invalid_statement");
    }
  });

  it("are decoded only from the canonical bytes of a whole statement", () => {
    const source = Buffer.from(encode(input())).toString();
    expect(decodeSpawnStatement(utf8(source), canonicalJson).kind).toBe("statement");
    const changed = [
      ` ${source}`,
      `\ufeff${source}`,
      source.replace('"verdict":"apply"', '"verdict":"reject","verdict":"apply"'),
      source.replace(hash("child"), hash("another child")),
      source.replace('"name":"admin_max"', '"name":"child"'),
      source.replace("Statement/v1", "Statement/v2"),
      source.replace("spawn-check:v1", "spawn-check:v2"),
      source.slice(0, -1),
      "",
      "null",
      "[".repeat(100_000),
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      "x".repeat(PAYLOAD_BYTES_MAX + 1),
    ];
    for (const text of changed) {
      expect(text).not.toBe(source);
      expect(refusalOf(decodeSpawnStatement(utf8(text), canonicalJson))).toBe("invalid_statement");
    }
    expect(refusalOf(decodeSpawnStatement(fromHex("ff"), canonicalJson))).toBe("invalid_statement");
  });

  it("and envelopes have a JSON Schema 2020-12", () => {
    for (const schema of [envelopeSchema, spawnStatementSchema]) {
      expect(z.toJSONSchema(schema)).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" });
    }
  });
});
