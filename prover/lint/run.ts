// What one run of lint has found so far. Not trusted.

import type { Asker } from "./asker.js";
import type { Finding, LintKind, LintReason, Undecided } from "./types.js";

type Place = Pick<Undecided, "pointer" | "rule">;

/** Findings and open questions, as they come. */
export class Run {
  readonly findings: Finding[] = [];
  readonly #undecided = new Map<string, Undecided>();

  constructor(readonly asker: Asker) {}

  /** Adds a finding; what is not said is: a warning, no covers, not removable. */
  find(finding: Pick<Finding, "kind" | "pointer" | "summary" | "evidence"> & Partial<Finding>): void {
    this.findings.push({ level: "warning", covers: [], removable: false, ...finding });
  }

  /** Adds an open question. The first reason stands where there are several. */
  leave(kind: LintKind, { pointer, rule }: Place, reason: LintReason): void {
    const key = `${kind} ${pointer}`;
    if (!this.#undecided.has(key)) this.#undecided.set(key, { kind, pointer, ...(rule === undefined ? {} : { rule }), reason });
  }

  /** Returns the open questions. */
  get undecided(): readonly Undecided[] {
    return [...this.#undecided.values()];
  }
}
