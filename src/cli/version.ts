// The version of this package, as its own package.json says. Not trusted.

import { readFileSync } from "node:fs";

/** Returns the version, `unknown` where package.json is not beside the built files. */
export function packageVersion(): string {
  // From `dist/src/cli/` when built, from `src/cli/` in a test.
  for (const place of ["../../../package.json", "../../package.json"]) {
    try {
      const { name, version }: { readonly name?: unknown; readonly version?: unknown } = JSON.parse(
        readFileSync(new URL(place, import.meta.url), "utf8"),
      );
      if (name === "atmost" && typeof version === "string") return version;
    } catch {
      // Not there: the next place.
    }
  }
  return "unknown";
}
