// Policies to make claims about, and the answers to such claims. Test code, not trusted.

import type { Json } from "../../prover/index.js";
import { type ProveResult, prove } from "../../src/prove/index.js";
import type { ClaimResult } from "../../src/prove/results.js";

/** The text of a policy of these rules, with `more` beside them. */
export const policy = (name: string, rules: readonly Json[], more: object = {}): string =>
  JSON.stringify({ language: "atmost/1", name, version: "1", rules, ...more }, undefined, 1);
/** A rule that allows. */
export const allow = (id: string, action: string, more: object = {}): Json => ({ id, effect: "allow", action, ...more });
/** A rule that asks. */
export const ask = (id: string, action: string, more: object = {}): Json => ({ id, effect: "ask", action, ...more });

/** The policies by their paths. */
export const files: Readonly<Record<string, string>> = {
  "p/small.json": policy("small", [
    allow("read", "fs:read", { when: { path: { path: "/repo/src/**" } }, unless: { path: { path: "/**/.env" } } }),
  ]),
  "p/large.json": policy("large", [
    allow("files", "fs:**", { when: { path: { path: "/repo/**" } } }),
    ask("mail", "mail:send", { reviewers: ["me"] }),
    { id: "env", effect: "deny", action: "**", when: { path: { path: "/**/.env" } } },
  ]),
  "p/mailer.json": policy("mailer", [allow("mail", "mail:send", { unless: { path: { present: true } } })]),
  "p/same.yaml":
    "language: atmost/1\nname: other\nversion: '2'\nrules:\n  - id: r\n    effect: allow\n    action: [fs:read]\n    when: { path: { path: /repo/src/** } }\n    unless: { path: { path: /**/.env } }\n",
  "p/expiring.json": policy("expiring", [allow("read", "fs:read")], { limits: { expires: "2027-01-01T00:00:00Z" } }),
  "p/parent.json": policy("parent", [allow("files", "fs:**", { when: { path: { path: "/repo/**" } } })], {
    delegation: { rules: [allow("reads", "fs:read")] },
    limits: { depth: 1 },
  }),
  "p/top.json": policy("top", [allow("all", "**")], { limits: { depth: 3 } }),
  "p/given.json": policy("given", [allow("reads", "fs:read", { when: { path: { path: "/repo/**" } } })], { limits: { depth: 1 } }),
  "p/shell.yaml": "version: 1\nfilesystem_policy:\n  read_only: [/usr]\n",
  "p/broken.json": '{ "language": "atmost/1", "name": "b", "version": "1", "rules": [ { "id": "x", "efect": "allow", "action": "a" } ] }',
};

/** The answers to these claims, with `more` beside them in their file. */
export const run = (claims: readonly object[], more: object = {}, options: object = {}): Promise<ProveResult> =>
  prove({ language: "atmost-claims/1", claims, ...more }, { file: "p/t.claims.json", readFile: (path) => files[path], ...options });

/** The answer to one claim; throws where the input is refused. */
export async function one(claim: object, more: object = {}, options: object = {}): Promise<ClaimResult> {
  const result = await run([{ name: "n", because: "b", ...claim }], more, options);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  const [first] = result.claims;
  if (first === undefined) throw new Error("no claim was answered");
  return first;
}
