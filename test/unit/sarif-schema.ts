// The part of SARIF 2.1.0 that `prove` writes, as a JSON Schema written by hand from the specification: closed, so that whatever else is written
// is refused. The published schema, which is open in places, is in `published-schemas.ts`. Test code.
// SOURCE: OASIS SARIF 2.1.0, sections 3.13 (sarifLog), 3.14 (run), 3.18 (tool), 3.19 (toolComponent), 3.27 (result), 3.28 (location), 3.29
// (physicalLocation), 3.30 (region), 3.49 (reportingDescriptor), 3.11 (message).

const object = (properties: object, required: readonly string[]) => ({ type: "object", properties, required, additionalProperties: false });
const text = { type: "string", minLength: 1 };
const message = object({ text }, ["text"]);
const place = {
  artifactLocation: object({ uri: { type: "string", pattern: "^[A-Za-z0-9._~!$&'()*+,;=:@%/-]+$" } }, ["uri"]),
  region: object({ startLine: { type: "integer", minimum: 1 } }, ["startLine"]),
};
const location = object({ id: { type: "integer", minimum: 0 }, message, physicalLocation: object(place, ["artifactLocation"]) }, []);

/** The schema. */
export const sarifSchema = object(
  {
    $schema: { type: "string", pattern: "^https://.*sarif-schema-2\\.1\\.0\\.json$" },
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      items: object(
        {
          tool: object(
            {
              driver: object(
                {
                  name: text,
                  semanticVersion: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+" },
                  rules: { type: "array", uniqueItems: true, items: object({ id: text, shortDescription: message }, ["id"]) },
                },
                ["name"],
              ),
            },
            ["driver"],
          ),
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          results: {
            type: "array",
            items: object(
              {
                ruleId: text,
                ruleIndex: { type: "integer", minimum: 0 },
                // Section 3.27.10: a level other than `none` needs the kind `fail`.
                level: { enum: ["warning", "error", "note"] },
                kind: { const: "fail" },
                message,
                locations: { type: "array", items: location },
                relatedLocations: { type: "array", uniqueItems: true, items: location },
              },
              ["message"],
            ),
          },
        },
        ["tool"],
      ),
    },
  },
  ["version", "runs"],
);
