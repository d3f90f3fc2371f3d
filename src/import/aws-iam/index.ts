// IAM policies of AWS as `atmost/1`. Not trusted. docs/import-aws-iam.md has the table of what becomes what, of what a request must
// look like, and of what is refused; every key is read, translated or named as a problem, none is passed over.

import { parsePolicy } from "../../../prover/index.js";
import type { ImportOptions, ImportResult, JsonObject } from "../index.js";
import { assembleDocument, concludeImport, readJsonTree } from "../json-document.js";
import { at, describe, type Tree } from "../openshell/document.js";
import { type Report, readMap, readOptionalText, refuse } from "../openshell/reader.js";
import { readMany } from "./logic.js";
import { rulesOf } from "./rules.js";
import { readStatement, type Statement } from "./statement.js";

const VERSION = "2012-10-17";
const STATEMENTS_MAX = 500;

/**
 * Returns the policy as an `atmost/1` document iff every part of it could be translated; otherwise every problem at once.
 *
 * @param text an IAM policy as JSON, version 2012-10-17, at most 1 MiB
 * @param options `delegation` and `limits` are put into the document as they are
 * @returns `ok` with the document and notes, or `refused` with at least one problem
 * @throws never
 * @example importAwsIam('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}')
 */
export function importAwsIam(text: string, options: ImportOptions = {}): ImportResult {
  const report: Report = { problems: [], notes: [] };
  const root = readJsonTree(report, text);
  const document = root === undefined ? undefined : translate(report, root, options);
  if (document !== undefined && report.problems.length === 0) checkDocument(report, document);
  return concludeImport(report, document);
}

function translate(report: Report, root: Tree, options: ImportOptions): JsonObject | undefined {
  const map = readMap(report, root, "", ["Version", "Id", "Statement"]);
  if (map === undefined) return undefined;
  const version = map.get("Version");
  if (version === undefined) {
    refuse(report, "missing_key", "", "without `Version` a policy is of 2008-10-17, which is not translated", {
      expected: `\`${VERSION}\``,
    });
  } else if (version !== VERSION) {
    refuse(report, "invalid_value", "/Version", `expected version \`${VERSION}\``, { expected: VERSION, got: describe(version) });
  }
  const id = readOptionalText(report, map, "Id", "");
  const statements = map.get("Statement");
  if (statements === undefined) {
    refuse(report, "missing_key", "", "a policy needs `Statement`", { expected: "a statement, or a list of them" });
    return undefined;
  }
  const rules = rulesOf(report, readStatements(report, statements));
  return assembleDocument(options, { format: "aws-iam", title: "AWS IAM", name: id }, rules);
}

function readStatements(report: Report, value: Tree): readonly Statement[] {
  const placed = readMany<Tree>(report, value, "/Statement");
  if (placed.length > STATEMENTS_MAX) {
    refuse(report, "too_large", "/Statement", `${placed.length} statements are too many`, {
      expected: `at most ${STATEMENTS_MAX} statements`,
    });
    return [];
  }
  const statements = placed.flatMap((item) => readStatement(report, item.value, item.pointer) ?? []);
  const sids = new Set<string>();
  for (const { sid, pointer } of statements) {
    if (sid === undefined || sids.size !== sids.add(sid).size) continue;
    refuse(report, "duplicate_id", at(pointer, "Sid"), `\`${sid}\` is the \`Sid\` of another statement`, {
      expected: "an id of its own",
      got: sid,
    });
  }
  return statements;
}

// What is right piece by piece may be too much together: patterns that expand to too many states. It is told by the rule's place.
function checkDocument(report: Report, document: JsonObject): void {
  const { delegation, limits, ...own } = document;
  const result = parsePolicy(own);
  if (result.kind === "ok") return;
  const rules = Array.isArray(own["rules"]) ? own["rules"] : [];
  for (const { code, pointer, message } of result.problems) {
    const [, index = ""] = /^\/rules\/([0-9]+)/.exec(pointer) ?? [];
    const rule: unknown = rules[Number(index || Number.NaN)];
    const id = rule instanceof Object && "id" in rule ? `/${rule.id}` : "";
    refuse(report, code, id, `the imported rule is not accepted: ${message}`);
  }
}
