// Rules that can be removed without a change, and why: others do their work, or there is none to do. Not trusted.

import { decide } from "../evaluate/decide.js";
import type { Json } from "../kernel/index.js";
import type { Answer } from "./asker.js";
import { coversOf, deniesEnough, grantsEnough } from "./covers.js";
import type { Run } from "./run.js";
import { dropKeys, type Listed, type ListPath, mentionOf, overlap, removeRules, replaceRules } from "./scope.js";
import type { Evidence, Finding } from "./types.js";
import type { Variant } from "./variants.js";

type Request = { readonly [key: string]: Json };

/** The rules of a list, and those of its policy where it is a delegation's. */
export type Lists = { readonly list: ListPath; readonly rules: readonly Listed[]; readonly own: readonly Listed[] };

/** What was found of a rule. `differing` are requests that are decided differently without it. */
export type Removal = { readonly kind: "removable" | "needed" | "undecided"; readonly differing: readonly Request[] };

/** The most requests that are kept to show that other rules are needed too. */
const witnessesMax = 128;

/** Looks at the rules of one list, one after the other. */
export class Redundancy {
  readonly #removed: Listed[] = [];
  readonly #witnesses: Request[] = [];
  readonly #pending: { readonly listed: Listed; readonly kept: readonly Listed[]; readonly witnesses: readonly Request[] }[] = [];

  constructor(
    readonly run: Run,
    readonly lists: Lists,
  ) {}

  /** Says that a rule was found to be removable: what is found later takes it to be away. */
  remove(listed: Listed): void {
    this.#removed.push(listed);
  }

  /** Keeps requests that a rule holds of. */
  witness(requests: readonly Request[]): void {
    this.#witnesses.unshift(...requests);
    this.#witnesses.length = Math.min(this.#witnesses.length, witnessesMax);
  }

  // The policy with the rules that meet `listed` and no others: no other one has a part in what changes without it.
  #local(listed: Listed, rules: readonly Listed[]): Variant {
    const { lists, run } = this;
    const stated = rules.map((rule) => rule.stated);
    if (lists.list === "/rules") return run.asker.variant([...dropKeys(run.asker.policy, "delegation"), replaceRules("/rules", stated)]);
    const own = lists.own.filter((other) => overlap(listed, other)).map((other) => other.stated);
    return run.asker.variant([replaceRules("/rules", own), replaceRules("/delegation/rules", stated)], true);
  }

  async #same(listed: Listed, others: readonly Listed[]): Promise<Answer & { readonly differing: readonly Request[] }> {
    const { asker } = this.run;
    const [beside, without] = [this.#local(listed, [...others, listed]), this.#local(listed, others)];
    const differs = (request: Request) => decide(beside.subject.loaded, request) !== decide(without.subject.loaded, request);
    const known = this.#witnesses.filter(differs);
    if (known.length > 0) return { kind: "no", requests: known, differing: known };
    const { effect } = listed.rule;
    let answer: Answer | undefined;
    for (const [claim, lower, upper, effects] of [
      ["nothing more is permitted with it", beside, without, ["allow", "ask"]],
      ["nothing more is permitted without it", without, beside, ["deny", "ask"]],
    ] as const) {
      if (!effects.some((one) => one === effect)) continue;
      answer = await asker.ask(claim, lower, upper);
      if (answer.kind !== "yes") break;
    }
    if (answer === undefined) throw new Error("an effect that neither grants nor restricts");
    const differing = answer.kind === "no" ? answer.requests.filter(differs) : [];
    this.witness(differing);
    return { ...answer, differing };
  }

  /** Finds out whether the policy decides alike without `listed`; `finish` says so. @param witnesses requests that it holds of */
  async check(listed: Listed, witnesses: readonly Request[]): Promise<Removal> {
    this.witness(witnesses);
    const { run, lists } = this;
    const place = { pointer: listed.pointer, rule: mentionOf(listed) };
    const stopped = run.asker.stopped();
    if (stopped !== undefined) {
      run.leave("redundant", place, stopped);
      return { kind: "undecided", differing: [] };
    }
    const near = lists.rules.filter((other) => other.index !== listed.index && overlap(listed, other));
    const kept = near.filter((other) => !this.#removed.includes(other));
    // Alone, and together with all that were found before: whoever removes all of them changes nothing either.
    for (const others of kept.length === near.length ? [near] : [near, kept]) {
      const answer = await this.#same(listed, others);
      if (answer.kind === "no") return { kind: "needed", differing: answer.differing };
      if (answer.kind === "undecided") {
        run.leave("redundant", place, answer.reason);
        return { kind: "undecided", differing: [] };
      }
    }
    this.remove(listed);
    this.#pending.push({ listed, kept, witnesses });
    return { kind: "removable", differing: [] };
  }

  /** Proves of the whole policy what was found of the rules that meet each one, and says so. It comes last: a large policy takes long. */
  async finish(): Promise<void> {
    for (const { listed, kept, witnesses } of this.#pending) {
      const place = { pointer: listed.pointer, rule: mentionOf(listed) };
      const proved = await this.#prove(listed);
      if ("reason" in proved) this.run.leave("redundant", place, proved.reason);
      else this.run.find({ ...place, removable: true, ...(await this.#explain(listed, kept, witnesses)), evidence: proved.evidence });
    }
  }

  async #prove(listed: Listed): Promise<{ readonly evidence: readonly Evidence[] } | Extract<Answer, { readonly kind: "undecided" }>> {
    const { asker } = this.run;
    // To make the variants of a large policy takes time, too.
    const stopped = asker.stopped();
    if (stopped !== undefined) return { kind: "undecided", reason: stopped };
    const view = this.lists.list !== "/rules";
    const what = view ? "the delegable view" : "the policy";
    const [whole, without] = [asker.variant([], view), asker.variant(removeRules([listed]), view)];
    const { id } = listed.rule;
    const less = await asker.ask(`without \`${id}\`, ${what} permits no less`, whole, without);
    const more = less.kind === "yes" ? await asker.ask(`without \`${id}\`, ${what} permits no more`, without, whole) : less;
    if (less.kind === "yes" && more.kind === "yes") return { evidence: [less.proof, more.proof] };
    const open = [less, more].find((answer) => answer.kind === "undecided");
    return open?.kind === "undecided" ? open : { kind: "undecided", reason: "certificate_refused" };
  }

  // Which of the ways to have no effect it is.
  async #explain(
    listed: Listed,
    kept: readonly Listed[],
    witnesses: readonly Request[],
  ): Promise<Pick<Finding, "kind" | "summary" | "covers">> {
    const { asker } = this.run;
    const { id, effect } = listed.rule;
    const drop = dropKeys(asker.policy, "delegation");
    const most = asker.bounds.coverChecksMax;
    const ids = (covers: readonly Listed[]) =>
      `rule${covers.length === 1 ? "" : "s"} ${covers.map(({ rule }) => `\`${rule.id}\``).join(", ")}`;
    const said = (kind: Finding["kind"], covers: readonly Listed[], summary: string) => ({ kind, covers: covers.map(mentionOf), summary });
    if (effect !== "allow") {
      const denies = kept.filter(({ rule }) => rule.effect === "deny");
      const covers = await coversOf(denies, witnesses, deniesEnough(asker, drop, listed), most);
      const of = covers === undefined || covers.length === 0 ? "the limits" : ids(covers);
      if (covers !== undefined && effect === "ask")
        return said(
          "hidden_ask",
          covers,
          `\`${id}\` never asks: ${of} den${covers.length > 1 ? "y" : "ies"} every request that it holds of`,
        );
      if (covers !== undefined)
        return said(
          "redundant",
          covers,
          `\`${id}\` can be removed: ${of} den${covers.length > 1 ? "y" : "ies"} every request that it denies`,
        );
      if (effect === "deny")
        return said("denies_nothing", [], `\`${id}\` denies nothing: where it holds, the policy permits nothing without it either`);
    }
    const covers = await coversOf(kept, witnesses, grantsEnough(asker, drop, listed), most);
    const alike = `decide${covers?.length === 1 ? "s" : ""} every request of it alike`;
    if (covers !== undefined && covers.length > 0) return said("redundant", covers, `\`${id}\` can be removed: ${ids(covers)} ${alike}`);
    const outside = covers === undefined ? "nothing is decided otherwise without it" : "the limits deny every request that it holds of";
    const why = this.lists.list === "/rules" ? outside : "the policy itself permits nothing of it";
    return said("redundant", [], `\`${id}\` can be removed: ${why}`);
  }
}
