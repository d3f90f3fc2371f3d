// The part of SARIF 2.1.0 that `atmost lint` writes, as a JSON Schema: written by hand from the specification. It is stricter than
// the published schema (`published-schemas.ts` has that one): it knows no property that is not written here.
// SOURCE: OASIS, SARIF 2.1.0: sarifLog 3.13, run 3.14, toolComponent 3.19, result 3.27, location 3.28, physicalLocation 3.29, region 3.30,
// logicalLocation 3.33, reportingDescriptor 3.49, artifactLocation 3.4, message 3.11.

const object = (required: readonly string[], properties: Readonly<Record<string, unknown>>) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});
const text = { type: "string", minLength: 1 };
const message = object(["text"], { text });
const location = object([], {
  id: { type: "integer", minimum: -1 },
  message,
  physicalLocation: object(["artifactLocation"], {
    artifactLocation: object(["uri"], { uri: { type: "string", pattern: "^(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2}|^file:|:)+$" } }),
    region: object(["startLine"], { startLine: { type: "integer", minimum: 1 }, startColumn: { type: "integer", minimum: 1 } }),
  }),
  logicalLocations: {
    type: "array",
    uniqueItems: true,
    items: object([], { name: { type: "string" }, fullyQualifiedName: { type: "string" }, kind: { type: "string" } }),
  },
});

/** The schema. */
export const sarifSubset = object(["version", "runs"], {
  $schema: { type: "string" },
  version: { const: "2.1.0" },
  runs: {
    type: "array",
    minItems: 1,
    items: object(["tool", "results"], {
      tool: object(["driver"], {
        driver: object(["name"], {
          name: text,
          semanticVersion: { type: "string", pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+" },
          rules: { type: "array", uniqueItems: true, items: object(["id"], { id: text, shortDescription: message }) },
        }),
      }),
      columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
      results: {
        type: "array",
        items: {
          ...object(["message"], {
            ruleId: text,
            ruleIndex: { type: "integer", minimum: -1 },
            kind: { enum: ["notApplicable", "pass", "fail", "review", "open", "informational"] },
            level: { enum: ["none", "note", "warning", "error"] },
            message,
            locations: { type: "array", items: location },
            relatedLocations: { type: "array", uniqueItems: true, items: location },
            partialFingerprints: { type: "object", additionalProperties: { type: "string" } },
            properties: { type: "object" },
          }),
          // Section 3.27.10: where the kind is any but `fail`, the level is `none`.
          if: { required: ["kind"], properties: { kind: { not: { const: "fail" } } } },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: { properties: { level: { const: "none" } } },
        },
      },
    }),
  },
});
