// Finds claims files: those that are named, and those below folders that are named. Not trusted.

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { claimsFilesMax, entriesMax, foldersDeepMax } from "./limits.js";
import { invalid, type ProveProblem, problem, type Reading } from "./world.js";

const isClaimsFile = (name: string): boolean => /\.claims\.(?:json|ya?ml)$/i.test(name);
// What git, npm and others keep for themselves is nobody's policy.
const isSkipped = (name: string): boolean => name.startsWith(".") || name === "node_modules";

const withSlashes = (path: string): string => (process.platform === "win32" ? path.replaceAll("\\", "/") : path);
const join = (folder: string, name: string): string => (folder === "." ? name : `${folder.replace(/\/$/, "")}/${name}`);

class Finder {
  readonly files: string[] = [];
  readonly problems: ProveProblem[] = [];
  #entries = 0;

  async path(path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) this.#refuse("file_unreadable", path, "expected a claims file or a folder, got nothing that can be read");
    else if (!found.isDirectory()) this.files.push(path);
    else {
      const before = this.files.length;
      await this.#folder(path.length > 1 ? path.replace(/\/+$/, "") : path, 0);
      if (this.files.length === before && this.problems.length === 0)
        this.#refuse(
          "no_claims",
          path,
          "expected a file named `*.claims.json`, `*.claims.yaml` or `*.claims.yml` in this folder, got none",
        );
    }
  }

  #refuse(code: string, file: string, message: string): void {
    this.problems.push(problem(code, file, "", message));
  }

  async #folder(folder: string, depth: number): Promise<void> {
    if (depth > foldersDeepMax) {
      this.#refuse("no_claims", folder, `expected folders at most ${foldersDeepMax} deep, got one more`);
      return;
    }
    const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => {
      this.#refuse("file_unreadable", folder, "expected a folder that can be read");
      return [];
    });
    this.#entries += entries.length;
    if (this.#entries > entriesMax || this.files.length > claimsFilesMax) {
      if (this.problems.length === 0)
        this.#refuse("no_claims", folder, `expected at most ${claimsFilesMax} claims files among ${entriesMax} entries, got more`);
      return;
    }
    // Symbolic links are not followed: they can lead in circles.
    for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (isSkipped(entry.name)) continue;
      if (entry.isDirectory()) await this.#folder(join(folder, entry.name), depth + 1);
      else if (entry.isFile() && isClaimsFile(entry.name)) this.files.push(join(folder, entry.name));
    }
  }
}

/** Returns the claims files at `paths`, each once: a file as it is named, a folder's in the order of their names. */
export async function findClaimsFiles(paths: readonly string[]): Promise<Reading<readonly string[]>> {
  const finder = new Finder();
  for (const path of paths) await finder.path(withSlashes(path));
  return finder.problems.length > 0 ? invalid(...finder.problems) : { kind: "ok", value: [...new Set(finder.files)] };
}
