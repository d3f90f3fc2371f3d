// Writes the policies of thirty agents from two templates, and the claims on each. Run it after a change: node generate.mjs

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The fifteen systems of record, and the class of data in each. */
const systems = {
  crm: "personal",
  hr: "personal",
  payroll: "payroll",
  clinic: "health",
  support: "personal",
  billing: "financial",
  ledger: "financial",
  treasury: "financial",
  orders: "business",
  inventory: "business",
  shipping: "business",
  contracts: "business",
  wiki: "business",
  website: "public",
  catalogue: "public",
};

const text = (value) => `${JSON.stringify(value, null, 2)}\n`;

const policy = (template, system, rules) => ({
  language: "atmost/1",
  name: `${template}-of-${system}`,
  version: "1",
  template: { name: template, version: "1" },
  rules,
});

/** May read one system, and send what it read to partners while only harmless classes were touched. */
const reader = (system) =>
  policy("reader", system, [
    { id: "read", effect: "allow", action: "record:read", when: { system: { eq: system } } },
    {
      id: "send",
      effect: "allow",
      action: "email:send",
      because: "after anything but public and business data, nothing leaves",
      when: { to: { suffix: ".partner.example" }, "context.touched": { each: { in: ["public", "business"] } } },
    },
  ]);

/** May read and write one system, and sends nothing. */
const steward = (system) =>
  policy("steward", system, [
    { id: "records", effect: "allow", action: ["record:read", "record:write"], when: { system: { eq: system } } },
  ]);

const leaving = ["email:**", "net:**", "file:export"];

function claimsOn(name, system) {
  const file = `agents/${name}.json`;
  return [
    {
      name: `${name} is within the maximum`,
      because: "every agent is, whatever template it came from",
      contained: { lower: file, upper: "maximum.yaml" },
    },
    {
      name: `after ${systems[system] === "public" || systems[system] === "business" ? "any other" : systems[system]} data, nothing leaves by ${name}`,
      because: "a workflow of which nobody knows what it has touched counts as one that has touched everything",
      never: {
        policy: file,
        is: "permitted",
        action: leaving,
        unless: { "context.touched": { each: { in: ["public", "business"] } } },
      },
    },
    {
      name: `${name} reaches no other system`,
      because: "fifteen systems of record, each with its own agents",
      never: { policy: file, is: "permitted", action: "record:**", unless: { system: { eq: system } } },
    },
  ];
}

/** Returns every file that follows from the systems and the templates, by its path in this folder. */
export function generated() {
  const files = new Map();
  const claims = [];
  for (const system of Object.keys(systems))
    for (const make of [reader, steward]) {
      const document = make(system);
      files.set(`agents/${document.name}.json`, text(document));
      claims.push(...claimsOn(document.name, system));
    }
  files.set("agents.claims.json", text({ language: "atmost-claims/1", description: "Made by generate.mjs.", claims }));
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const here = dirname(fileURLToPath(import.meta.url));
  mkdirSync(join(here, "agents"), { recursive: true });
  for (const [file, content] of generated()) writeFileSync(join(here, file), content);
}
