// Claude Code's path patterns in ours. Not trusted.
// SOURCE: code.claude.com/docs/en/permissions, "Read and Edit", and git-scm.com/docs/gitignore, "Pattern format". What differs from ours:
//   there a pattern that matches a directory matches everything beneath it, so `src/a` becomes `…/src/a/**`
//   there `src/**` is what is beneath `src` and not `src`; ours matches both, so it becomes `…/src/**/*`
//   there a name without a slash stands at any depth, so `.env` becomes `…/**/.env/**`; with `./`, `/`, `//` or `~/` it does not

import { canonicalPathOf, escapePattern, PATTERN_LENGTH_MAX } from "../openshell/globs.js";

/** The directories that `./` and `~/` stand for: canonical, or undefined where nobody said. */
export type Anchors = { readonly workdir: string | undefined; readonly home: string | undefined };

/** A `path` pattern of ours, whether it is anchored at the settings, or why there is none. */
export type PathPattern =
  | { readonly kind: "pattern"; readonly pattern: string; readonly fromSettings: boolean }
  | { readonly kind: "refused"; readonly code: PathCode; readonly reason: string };

/** Why a path is refused. */
export type PathCode = "ambiguous_glob" | "home_required" | "invalid_value" | "not_canonical" | "not_supported" | "workdir_required";

type Refused = Extract<PathPattern, { kind: "refused" }>;
const refused = (code: PathCode, reason: string): Refused => ({ kind: "refused", code, reason });

/** Returns the pattern for the specifier of a `Read` or `Edit` rule. */
export function translatePath(text: string, anchors: Anchors): PathPattern {
  const problem = spellingProblem(text);
  if (problem !== undefined) return problem;
  const { base, body, floating, fromSettings } = anchorOf(text, anchors);
  if (typeof base !== "string") return base;
  const directoryOnly = body.endsWith("/");
  const segments: string[] = [];
  for (const raw of (directoryOnly ? body.slice(0, -1) : body).split("/")) {
    const segment = translateSegment(raw);
    if (typeof segment !== "string") return segment;
    if (segment !== "**" || segments.at(-1) !== "**") segments.push(segment);
  }
  const within = segments.at(-1) === "**";
  const core = [...(floating && segments.length === 1 && !within ? ["**"] : []), ...segments, ...(within ? ["*"] : [])];
  const below = directoryOnly ? ["**", "*"] : within ? [] : ["**"];
  return { kind: "pattern", pattern: `${base}/${[...core, ...below].join("/")}`, fromSettings };
}

function spellingProblem(text: string): Refused | undefined {
  if (text === "") return refused("invalid_value", "there is no path in it");
  if (text.length > PATTERN_LENGTH_MAX) return refused("invalid_value", `longer than ${PATTERN_LENGTH_MAX} characters`);
  if (text === "*")
    return refused("ambiguous_glob", "`*` may be every file or those of the working directory: write the tool alone, or `**`");
  if (/[\u0000-\u001f\u007f]/.test(text)) return refused("not_canonical", "it holds a control character");
  if (text.trim() !== text) return refused("ambiguous_glob", "gitignore drops blanks at the end, and keeps them at the start");
  if (/^[A-Za-z]:[\\/]/.test(text)) return refused("not_canonical", "a Windows path is written `//c/…` there");
  if (text.startsWith("!")) return refused("not_supported", "`!` takes out of other patterns, and a rule has no other");
  if (text.startsWith("#")) return refused("ambiguous_glob", "gitignore reads `#` at the start as a comment");
  return undefined;
}

type Anchored = { readonly base: string | Refused; readonly body: string; readonly floating: boolean; readonly fromSettings: boolean };

function anchorOf(text: string, anchors: Anchors): Anchored {
  const at = (base: string | Refused, body: string, floating = false, fromSettings = false) => ({ base, body, floating, fromSettings });
  if (text.startsWith("//")) return at("", text.slice(2));
  if (text.startsWith("~")) {
    if (!text.startsWith("~/")) return at(refused("not_canonical", "only `~/` stands for a home directory"), text);
    return at(prefixOf(anchors.home) ?? refused("home_required", "`~` stands for a directory that the file does not name"), text.slice(2));
  }
  const workdir = prefixOf(anchors.workdir) ?? refused("workdir_required", "it starts at a directory that the file does not name");
  if (text.startsWith("/")) return at(workdir, text.slice(1), false, true);
  if (text.startsWith("./")) return at(workdir, text.slice(2));
  return at(workdir, text, !text.slice(0, -1).includes("/"));
}

function prefixOf(directory: string | undefined): string | undefined {
  return directory === undefined ? undefined : directory === "/" ? "" : escapePattern(directory);
}

function translateSegment(raw: string): string | Refused {
  if (raw === "**") return raw;
  if (raw === "") return refused("not_canonical", "an empty segment matches no canonical path");
  if (raw === "." || raw === "..") return refused("not_canonical", `a \`${raw}\` segment matches no canonical path`);
  let pattern = "";
  for (let index = 0; index < raw.length; index += 1) {
    const letter = raw[index] ?? "";
    if (letter === "\\") {
      index += 1;
      const literal = raw[index];
      if (literal === undefined) return refused("not_canonical", "a backslash escapes nothing");
      pattern += escapePattern(literal);
    } else if (letter === "[" || letter === "]")
      return refused("not_supported", "brackets are not translated: list the names, or escape them");
    else if (letter === "{" || letter === "}") return refused("ambiguous_glob", "gitignore has no braces: they would be letters there");
    else if (letter === "*" && raw[index + 1] === "*")
      return refused("ambiguous_glob", "a `**` that shares its segment has no meaning of its own");
    else pattern += letter;
  }
  return pattern;
}

/** Returns the canonical directory of an entry of `additionalDirectories`, where a leading `/` is the root as usual. */
export function directoryOf(text: string, anchors: Anchors): { readonly kind: "directory"; readonly path: string } | Refused {
  const home = text === "~" || text.startsWith("~/");
  const base = home ? anchors.home : text.startsWith("/") ? "" : anchors.workdir;
  if (base === undefined) {
    return refused(home ? "home_required" : "workdir_required", "it starts at a directory that the file does not name");
  }
  const parts: string[] = [];
  for (const part of `${base}/${home ? text.slice(1) : text}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const path = text === "" ? undefined : canonicalPathOf(`/${parts.join("/")}`);
  return path === undefined ? refused("not_canonical", "it has no canonical form") : { kind: "directory", path };
}
