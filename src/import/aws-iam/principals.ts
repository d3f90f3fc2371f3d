// `Principal` and `NotPrincipal`. Not trusted. Who asks is what AWS itself says in the context of a request: the keys that the
// `Condition` block knows too, so that both are about one thing.

import type { JsonObject } from "../index.js";
import { at, type Tree } from "../openshell/document.js";
import { type Placed, type Report, readMap, readText, refuse } from "../openshell/reader.js";
import { all, any, contextField, not, type Polarity, present, readGlobs, readMany, textIs } from "./logic.js";

const ARN = contextField("aws:PrincipalArn");
const ACCOUNT = contextField("aws:PrincipalAccount");
const SERVICE = contextField("aws:PrincipalServiceName");
const FEDERATED = contextField("aws:FederatedProvider");

/** Who is named, each list as globs of ours. */
type Named = {
  readonly everyone: boolean;
  readonly accounts: readonly string[];
  readonly arns: readonly string[];
  readonly services: readonly string[];
  readonly providers: readonly string[];
};

type One = { readonly kind: "everyone" } | { readonly kind: "accounts" | "arns" | "services" | "providers"; readonly glob: string };

/** Returns the conditions of `Principal`: none where it is everyone. */
export function readPrincipal(report: Report, value: Tree, pointer: string, polarity: Polarity): readonly JsonObject[] {
  const named = readNamed(report, value, pointer, false);
  if (named.everyone) return [];
  const hits = [
    ...facet(ACCOUNT, named.accounts),
    ...facet(ARN, named.arns),
    ...facet(SERVICE, named.services),
    ...facet(FEDERATED, named.providers),
  ];
  if (polarity === "grant") return [any(hits)];
  const nobody = all([ARN, ACCOUNT, SERVICE, FEDERATED].map((field) => present(field, false)));
  return [any([...hits, nobody])];
}

/** Returns the conditions of `NotPrincipal` in a deny: whom it exempts must be named with the account, as there. */
export function readNotPrincipal(report: Report, value: Tree, pointer: string): readonly JsonObject[] {
  const named = readNamed(report, value, pointer, true);
  if (named.everyone) refuse(report, "invalid_value", pointer, "everyone is exempt, so the statement never applies");
  const roots = named.accounts.map((account) => `arn:*:iam::${account}:root`);
  const callers = named.accounts.length === 0 ? [] : [all([...facet(ACCOUNT, named.accounts), ...facet(ARN, [...roots, ...named.arns])])];
  const exempt = [...callers, ...facet(SERVICE, named.services), ...facet(FEDERATED, named.providers)];
  return exempt.length === 0 ? [] : [not(any(exempt))];
}

function facet(field: string, globs: readonly string[]): readonly JsonObject[] {
  return globs.length === 0 ? [] : [textIs(field, globs)];
}

function readNamed(report: Report, value: Tree, pointer: string, exempt: boolean): Named {
  const found = value === "*" ? [{ kind: "everyone" } as const] : readKinds(report, value, pointer, exempt);
  const globs = (kind: One["kind"]) => found.flatMap((one) => (one.kind === kind && one.kind !== "everyone" ? [one.glob] : []));
  return {
    everyone: found.some(({ kind }) => kind === "everyone"),
    accounts: globs("accounts"),
    arns: globs("arns"),
    services: globs("services"),
    providers: globs("providers"),
  };
}

function readKinds(report: Report, value: Tree, pointer: string, exempt: boolean): readonly One[] {
  const map = readMap(report, value, pointer, ["AWS", "Service", "Federated", "CanonicalUser"]);
  if (map?.size === 0) refuse(report, "invalid_value", pointer, "nobody is named", { expected: "at least one principal" });
  return [...(map ?? [])].flatMap(([kind, list]) => {
    const place = at(pointer, kind);
    if (kind === "CanonicalUser") {
      refuse(report, "not_supported", place, "canonical user ids are not in the context of a request", {
        expected: "the account's id under `AWS`",
      });
      return [];
    }
    return readMany<Tree>(report, list, place).flatMap((item): readonly One[] => {
      const text = readText(report, item.value, item.pointer);
      if (text === undefined) return [];
      const placed: Placed = { text, pointer: item.pointer };
      if (kind === "AWS") return readAws(report, placed, exempt);
      if (text.includes("*")) refuse(report, "invalid_value", item.pointer, "a wildcard is everyone under `AWS` only", { got: text });
      return readGlobs(report, [placed], false).map((glob) => ({ kind: kind === "Service" ? "services" : "providers", glob }) as const);
    });
  });
}

function readAws(report: Report, { text, pointer }: Placed, exempt: boolean): readonly One[] {
  if (text === "*") return [{ kind: "everyone" }];
  const [, account] = /^(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?$/.exec(text) ?? [];
  if (account !== undefined && text.startsWith("arn:") === text.endsWith(":root")) return [{ kind: "accounts", glob: account }];
  const [, kind] = /^arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)\/[\x21-\x29\x2b-\x3e\x40-\x5b\x5d-\x7e]+$/.exec(text) ?? [];
  if (kind === "user" || (kind === "role" && !exempt)) {
    return readGlobs(report, [{ text, pointer }], false).map((glob) => ({ kind: "arns", glob }));
  }
  const reason =
    kind === "role"
      ? "which sessions of an exempt role are exempt depends on their names"
      : "only accounts, users and roles are, each without wildcards";
  refuse(report, "not_supported", pointer, `principal \`${text}\` is not translated: ${reason}`, {
    expected: "`*`, an account, or the ARN of a user or a role",
    got: text,
  });
  return [];
}
