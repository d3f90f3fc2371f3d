// The lock file has to install on every platform and from any registry: CI once failed on an entry that only this machine had.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Entry {
  readonly resolved?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const locks = ["package-lock.json", "test/bench/package-lock.json"];

describe.each(locks)("%s", (file) => {
  const { packages } = JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")) as { packages: Record<string, Entry> };
  const installed = (name: string): boolean => Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`));

  test("holds every package that one of its packages asks for, those of other platforms too", () => {
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => !installed(name))
        .map((name) => `${path} asks for ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test("names no registry host", () => {
    expect(Object.entries(packages).filter(([path, { resolved }]) => path !== "" && /^https?:/.test(resolved ?? ""))).toEqual([]);
  });
});
