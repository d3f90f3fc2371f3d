// Asks the prover, within the bounds, and makes evidence of what it answers. Not trusted: a yes is a certificate that the kernel has accepted,
// a no is a request that the evaluator has replayed.

import { type Decision, decide } from "../evaluate/decide.js";
import { evaluate } from "../explain.js";
import type { Json } from "../kernel/index.js";
import type { ParsedPolicy } from "../results.js";
import type { Edit, Evidence, LinkProver, LintBounds, LintOptions, LintReason } from "./types.js";
import { type Variant, variantOf } from "./variants.js";

type Request = { readonly [key: string]: Json };
type Proof = Extract<Evidence, { readonly kind: "certificate" }>;

/** Whether `lower ≤ upper`: a proof, requests that escape, or neither. */
export type Answer =
  | { readonly kind: "yes"; readonly proof: Proof }
  | { readonly kind: "no"; readonly requests: readonly Request[] }
  | { readonly kind: "undecided"; readonly reason: LintReason };

/** Asks about one policy and its variants. */
export class Asker {
  checks = 0;
  readonly #end: number;

  constructor(
    readonly policy: ParsedPolicy,
    readonly prover: LinkProver,
    readonly options: LintOptions,
    readonly bounds: LintBounds,
  ) {
    this.#end = this.#now() + (options.deadlineMs ?? bounds.deadlineMs);
  }

  #now = (): number => this.options.clock?.() ?? 0;

  /** Returns the policy after `edits`, or its view. */
  variant(edits: readonly Edit[], view = false): Variant {
    return variantOf(this.policy, edits, view);
  }

  /** Returns why nothing more may be asked; undefined where it may. */
  stopped(): LintReason | undefined {
    if (this.options.signal?.aborted === true || this.#now() > this.#end) return "deadline";
    return this.checks >= this.bounds.checksMax ? "lint_bound" : undefined;
  }

  /** Returns whether `lower` decides no request higher than `upper`. `claim` says in words what a yes proves. */
  async ask(claim: string, lower: Variant, upper: Variant): Promise<Answer> {
    const reason = this.stopped();
    if (reason !== undefined) return { kind: "undecided", reason };
    this.checks++;
    const left = Math.ceil(this.#end - this.#now());
    const result = await this.prover.checkContainment(lower.subject, upper.subject, {
      deadlineMs: Math.max(1, Math.min(left, this.bounds.checkDeadlineMs)),
      ...(this.options.signal === undefined ? {} : { signal: this.options.signal }),
    });
    if (result.kind === "undecided") return { kind: "undecided", reason: result.reason };
    if (result.kind === "contained") {
      const { certificate } = result;
      return { kind: "yes", proof: { kind: "certificate", claim, lower: lower.side, upper: upper.side, certificate } };
    }
    const requests = result.counterexamples.flatMap((example) => (example.kind === "request" ? [example.request] : []));
    return { kind: "no", requests };
  }

  /** Returns the evidence that `of` decides `request` as it does. */
  replay(claim: string, request: Request, of: Variant): Evidence {
    const decision: Decision = decide(of.subject.loaded, request);
    return { kind: "request", claim, request, of: of.side, decision, evaluation: evaluate(of.subject, request) };
  }
}
