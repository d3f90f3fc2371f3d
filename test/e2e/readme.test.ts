import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(resolve(root, "README.md"), "utf8");

/** The code block between two markers of the README. */
function block(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\n\`\`\`[a-z]*\n([\\s\\S]*?)\n\`\`\`\n<!-- /${name} -->`).exec(readme);
  return found?.[1] ?? "";
}

describe("the README", () => {
  const shown = execFileSync(process.execPath, [resolve(root, "scripts/demo.mjs")], { encoding: "utf8" });

  it.each(["apply", "reject"])("shows what `npm run demo` prints for the %s", (name) => {
    const text = block(`demo:${name}`);
    expect(text.length).toBeGreaterThan(100);
    expect(shown).toContain(text);
  });

  it("shows what a new user's first run prints", () => {
    const printed = execFileSync(process.execPath, [resolve(root, "scripts/walkthrough.mjs")], { encoding: "utf8" });
    expect(block("walkthrough")).toBe(printed.replace(/^\n+|\n+$/g, ""));
  });

  it("links only to files that are there", () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(resolve(root, link)))).toEqual([]);
  });
});
