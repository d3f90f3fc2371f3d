// The Claude Code importer against a plain re-statement of what its rules mean, on random settings and requests. Test code, not trusted.
// SOURCE: Claude Code's documentation, "Configure permissions": deny before ask before allow; commands by prefix and `*`, behind wrappers and
// (of deny and ask rules) assignments; paths as gitignore has them. "Permission modes": under `dontAsk` what would be asked is denied.

import fc from "fast-check";
import { expect, test } from "vitest";
import { decide, decisions } from "../../prover/evaluate/decide.js";
import { loadPolicy } from "../../prover/load.js";
import { importClaudeCode } from "../../src/import/claude-code/index.js";
import type { JsonObject } from "../../src/import/index.js";
import { propertyParameters } from "../generators/index.js";
import { isGlob } from "./glob-by-hand.js";

const RUNS = 2_000;
const anchors = { workdir: "/w", home: "/home/me" };
const reading = ["tool:read", "tool:grep", "tool:glob", "tool:ls", "tool:notebook_read"];
const changing = ["tool:edit", "tool:write", "tool:multi_edit", "tool:notebook_edit"];

const ranks: readonly string[] = decisions;

// `seen` is what deny and ask rules there see of a command, `granted` what allow rules see, undefined where only `Bash` alone may let it through.
type Asked = { readonly action: string; readonly text: string; readonly seen?: string; readonly granted?: string | undefined };

const isCommand = (specifier: string, command: string): boolean => {
  const prefix = / \*$|:\*$/.test(specifier) ? specifier.slice(0, -2) : undefined;
  return prefix === undefined ? isGlob(specifier, command) : isGlob(prefix, command) || isGlob(`${prefix} *`, command);
};

// Whether the segments of a path are those of a pattern, or lie beneath what it names.
function isBeneath(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...more] = pattern;
  if (first === undefined) return true;
  if (first === "**") return more.length === 0 ? path.length > 0 : path.some((_, i) => isBeneath(more, path.slice(i)));
  const [segment, ...rest] = path;
  return segment !== undefined && isGlob(first, segment) && isBeneath(more, rest);
}
function isPath(specifier: string, path: string): boolean {
  const starts = [
    ["//", "/"],
    ["~/", `${anchors.home}/`],
    ["/", `${anchors.workdir}/`],
    ["./", `${anchors.workdir}/`],
  ] as const;
  const start = starts.find(([written]) => specifier.startsWith(written));
  const written = start === undefined ? specifier : specifier.slice(start[0].length);
  const anywhere = start === undefined && !/\/./.test(written);
  const pattern = written.split("/").map((segment) => (segment === "" ? "**" : segment)); // `build/` is what is in it
  const base = start?.[1] ?? `${anchors.workdir}/`;
  return path.startsWith(base) && isBeneath(anywhere ? ["**", ...pattern] : pattern, path.slice(base.length).split("/"));
}

function matches(rule: string, effect: string, asked: Asked): boolean {
  const { action, text } = asked;
  const [, tool = "", specifier] = /^([\w*]+)(?:\((.*)\))?$/.exec(rule) ?? [];
  if (tool.startsWith("mcp__")) return isGlob(tool.split("__").length === 2 ? `${tool}__*` : rule, action.replaceAll(":", "__"));
  if (tool === "Bash") {
    const command = effect === "allow" && "granted" in asked ? asked.granted : (asked.seen ?? text);
    return action === "tool:bash" && (specifier === undefined || (command !== undefined && isCommand(specifier, command)));
  }
  if (tool === "WebFetch") {
    const domain = specifier?.replace("domain:", "") ?? "*";
    return action === "net:fetch" && isGlob(domain, text);
  }
  const tools = tool === "Edit" ? changing : effect === "deny" ? [...reading, "tool:edit"] : reading;
  return tools.includes(action) && (specifier === undefined || isPath(specifier, text));
}

type Settings = {
  readonly deny: readonly string[];
  readonly ask: readonly string[];
  readonly allow: readonly string[];
  readonly defaultMode: "default" | "dontAsk";
};

function decisionOf(settings: Settings, asked: Asked): string {
  for (const effect of ["deny", "ask", "allow"] as const) {
    if (!settings[effect].some((rule) => matches(rule, effect, asked))) continue;
    // Nobody is asked in this mode: what a rule would ask about is denied.
    return effect === "ask" && settings.defaultMode === "dontAsk" ? "deny" : effect;
  }
  // Claude Code reads its working directory without a rule.
  return reading.includes(asked.action) && /^\/w(?:\/|$)/.test(asked.text) ? "allow" : "deny";
}

const word = fc.constantFrom("npm", "run", "test", "git", "push", "x");
const words = (least: number, most: number) => fc.array(word, { minLength: least, maxLength: most }).map((list) => list.join(" "));
const name = fc.constantFrom("src", "a.ts", ".env", "build", "docs", "w", "etc");
const names = (most: number) => fc.array(name, { minLength: 1, maxLength: most }).map((list) => list.join("/"));
const host = fc.array(fc.constantFrom("a", "b", "example", "com"), { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const rule = fc.oneof(
  fc.tuple(words(1, 3), fc.constantFrom("", ":*", " *", "*")).map(([text, end]) => `Bash(${text}${end})`),
  fc.tuple(word, word).map(([first, last]) => `Bash(${first} * ${last})`),
  fc
    .tuple(
      fc.constantFrom("Read", "Edit"),
      fc.constantFrom("", "./", "/", "//", "~/"),
      names(3),
      fc.constantFrom("", "/", "/**", "/*", "/*.ts"),
    )
    .map(([tool, start, path, end]) => `${tool}(${start}${path}${end})`),
  fc.tuple(fc.constantFrom("", "*."), host).map(([start, domain]) => `WebFetch(domain:${start}${domain})`),
  fc.constantFrom("mcp__s", "mcp__s__t", "mcp__s__get_*", "Bash", "Read", "Edit", "WebFetch"),
);
const asked: fc.Arbitrary<Asked> = fc.oneof(
  words(1, 4).map((text) => ({ action: "tool:bash", text })),
  fc
    .tuple(fc.constantFrom(...reading, ...changing), fc.constantFrom("/w", "/home/me", ""), names(4))
    .map(([action, base, path]) => ({ action, text: `${base}/${path}` })),
  host.map((text) => ({ action: "net:fetch", text })),
  fc.constantFrom("mcp:s:t", "mcp:s:get_x", "mcp:s:u", "mcp:r:t").map((action) => ({ action, text: "" })),
);
// Commands written otherwise: what stands in front, what behind, and whether a rule for the command alone may still grant it.
const before: readonly (readonly [string, boolean])[] = [
  ...["", "timeout 5 ", "nohup ", "command ", "builtin ", "noglob ", "nice -n 5 nohup ", "xargs "].map((text) => [text, true] as const),
  ...["A=1 ", "A=1 B='x y' ", "A+=1 ", " ", "\t", "sudo ", "env A=1 ", "! "].map((text) => [text, false] as const),
];
const after: readonly (readonly [string, boolean])[] = [
  ...["", " 2>&1", " > /dev/null 2>&1", " "].map((text) => [text, true] as const),
  ...[">a", "; x", " && x", " `x`", `"\${x#'"'}" ; x #'`, `"\${x-"'"}" ; x #'`, " &> a x", "\nx"].map((text) => [text, false] as const),
];
const disguised: fc.Arbitrary<Asked> = fc
  .tuple(words(1, 3), fc.constantFrom(...before), fc.constantFrom(...after), fc.constantFrom(" ", "  ", "\t"))
  .map(([seen, [front, grantedBehind], [end, grantedBefore], blank]) => {
    const text = front + seen.replace(" ", blank) + end;
    return { action: "tool:bash", text, seen, granted: grantedBehind && grantedBefore ? seen : undefined };
  });
const fieldsOf = ({ action, text }: Asked): JsonObject =>
  action === "tool:bash"
    ? { action, args: { command: text } }
    : action === "net:fetch"
      ? { action, host: text }
      : { action, args: { path: text } };

test("imported settings decide as a plain re-statement of Claude Code's rules does", { timeout: 120_000 }, () => {
  const list = fc.array(rule, { maxLength: 4 });
  const parameters = propertyParameters("claude-code", RUNS);
  const tally = new Map<string, number>();
  let disguises = 0;
  fc.assert(
    fc.property(
      fc.record({ deny: list, ask: list, allow: list, defaultMode: fc.constantFrom("default" as const, "dontAsk" as const) }),
      fc.array(asked, { minLength: 8, maxLength: 8 }),
      fc.array(disguised, { minLength: 8, maxLength: 8 }),
      (settings, requests, others) => {
        const result = importClaudeCode(JSON.stringify({ permissions: settings }), anchors);
        if (result.kind === "refused") throw new Error(JSON.stringify(result.problems));
        const loaded = loadPolicy(result.document);
        if (loaded.kind === "invalid") throw new Error(loaded.message);
        for (const one of requests) {
          const expected = decisionOf(settings, one);
          tally.set(expected, (tally.get(expected) ?? 0) + 1);
          expect([one, decide(loaded.policy, fieldsOf(one))]).toEqual([one, expected]);
          // Without the field that tells requests apart, or with one that is no text, no more is permitted than of any request that has it.
          for (const spoilt of [{}, { args: {} }, { args: { command: 5, path: 5 }, host: 5 }]) {
            const odd = { action: one.action, ...spoilt };
            expect([one, odd, ranks.indexOf(decide(loaded.policy, odd)) <= ranks.indexOf(expected)]).toEqual([one, odd, true]);
          }
        }
        // A command that is written otherwise is permitted no more than there.
        for (const one of others) {
          const [expected, decision] = [decisionOf(settings, one), decide(loaded.policy, fieldsOf(one))];
          if (decision !== "deny") disguises += 1;
          expect([one, decision, ranks.indexOf(decision) <= ranks.indexOf(expected)]).toEqual([one, decision, true]);
        }
      },
    ),
    parameters,
  );
  console.log(`claude-code: ${JSON.stringify(Object.fromEntries(tally))}`);
  expect([...tally.keys()].toSorted()).toEqual(["allow", "ask", "deny"]);
  expect(disguises).toBeGreaterThan(0);
});
