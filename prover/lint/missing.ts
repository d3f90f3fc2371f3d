// Denies and asks that a missing field slips past: the condition is false where the field is absent, and what permits the request, or allows
// it without a person, does not look at it. Not trusted: the two requests are replayed by the evaluator.

import { fieldText } from "../certify/state.js";
import { decide } from "../evaluate/decide.js";
import { absent, atomsOf, F, isObject, type Json, loadStated, obscured, parseField, resolve, T, truthOf, U } from "../kernel/index.js";
import type { Run } from "./run.js";
import { dropKeys, freshId, type Listed, looksAt, mentionOf, overlap, replaceRules, withEffect } from "./scope.js";
import type { Edit, Evidence, LintReason } from "./types.js";

type Request = { readonly [key: string]: Json };
type Field = readonly string[];

/** A request that is denied, or asked of, with the field, and without it permitted, or allowed. */
type Slip = { readonly field: Field; readonly denied: Request; readonly permitted: Request };

/** The most requests of one rule that are tried without each field. */
const triedMax = 5;

function withField(object: Request, [key, ...more]: Field, put: Json | undefined): Request {
  if (key === undefined) return object;
  const { [key]: member, ...others } = object;
  if (more.length > 0) return { ...others, [key]: withField(isObject(member) ? member : {}, more, put) };
  return put === undefined ? others : { ...others, [key]: put };
}

// What stands there, undefined where nothing does.
function valueAt(object: Request, [key, ...more]: Field): Json | undefined {
  const member = key !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
  return more.length === 0 ? member : isObject(member) ? valueAt(member, more) : undefined;
}

const withoutField = (request: Request, field: Field): Request => withField(request, field, undefined);

// The fields that the rule judges; one that it only asks to be present, or not, says of itself what a missing field means.
function fieldsOf({ rule }: Listed): readonly Field[] {
  const fields = new Map<string, Field>();
  const stated = new Set<string>();
  for (const { path, predicate } of atomsOf(rule.condition)) {
    if (path[0] === "action") continue;
    fields.set(JSON.stringify(path), path);
    if (predicate.kind === "present") stated.add(JSON.stringify(path));
  }
  return [...fields].filter(([key]) => !stated.has(key)).map(([, path]) => path);
}

// The condition with what it says of the field decided already, as `filled` has it; undefined where that is unknown.
function assuming(condition: Request, field: string, filled: Request): Request | undefined {
  const parts: Request[] = [];
  for (const [key, member] of Object.entries(condition)) {
    const items = key === "not" ? [member] : key === "all" || key === "any" ? member : undefined;
    if (Array.isArray(items)) {
      const assumed = items.map((item) => assuming(item, field, filled));
      if (assumed.includes(undefined)) return undefined;
      parts.push(key === "not" ? { not: assumed[0] ?? {} } : { [key]: assumed.map((item) => item ?? {}) });
    } else if (JSON.stringify(parseField(key)) !== field) parts.push({ [key]: member });
    else {
      const stated = loadStated({ [key]: member });
      const truth = stated === undefined ? U : truthOf(stated, filled);
      if (truth === U) return undefined;
      parts.push(truth === T ? { all: [] } : { any: [] });
    }
  }
  return { all: parts };
}

function ruleAssuming(stated: Request, field: string, filled: Request): Request | undefined {
  const parts = Object.entries(stated).map(([key, member]) => {
    const condition = (key === "when" || key === "unless") && isObject(member);
    return [key, condition ? assuming(member, field, filled) : member] as const;
  });
  const known = parts.flatMap(([key, member]) => (member === undefined ? [] : [[key, member] as const]));
  return known.length === parts.length ? Object.fromEntries(known) : undefined;
}

// Whether a rule gives what slips past `restricting`: permission of any kind past a deny, and past an ask nothing but an allow.
const gives = ({ rule }: Listed, restricting: Listed): boolean =>
  restricting.rule.effect === "ask" ? rule.effect === "allow" : rule.effect !== "deny";

/** Looks for fields without which requests slip past one deny, or one ask. */
class Slips {
  constructor(
    readonly run: Run,
    readonly deny: Listed,
    readonly rules: readonly Listed[],
  ) {}

  // Whether the request is stopped by the rule alone with the field and let through without it, by rules that do not look at it.
  #slip(field: Field, denied: Request): Slip | undefined {
    const { asker } = this.run;
    const permitted = withoutField(denied, field);
    const value = resolve(denied, field);
    if (value === absent || value === obscured || resolve(permitted, field) !== absent) return undefined;
    const { loaded } = asker.policy;
    const { condition, effect } = this.deny.rule;
    const through = decide(loaded, permitted);
    if (decide(loaded, denied) !== effect || (effect === "ask" ? through !== "allow" : through === "deny")) return undefined;
    if (truthOf(condition, denied) === F || truthOf(condition, permitted) !== F) return undefined;
    return this.#permitting(field, permitted).length === 0 ? undefined : { field, denied, permitted };
  }

  /** The rules that permit the request and do not look at the field. */
  #permitting(field: Field, permitted: Request): readonly Listed[] {
    return this.rules.filter((one) => gives(one, this.deny) && truthOf(one.rule.condition, permitted) === T && !looksAt(one, field));
  }

  // Asks for any request without the field of which the deny would hold if it had the value that it has in `denied`.
  async #ask(field: Field, denied: Request): Promise<Slip | LintReason | undefined> {
    const { asker } = this.run;
    const assumed = ruleAssuming(this.deny.stated, JSON.stringify(field), denied);
    if (assumed === undefined) return undefined;
    const near = this.rules.filter((one) => !gives(one, this.deny) || (overlap(one, this.deny) && !looksAt(one, field)));
    const others = near.filter((one) => one.index !== this.deny.index).map(({ stated }) => stated);
    const all = [this.deny.stated, ...others];
    const absentOnly: Request = {
      id: freshId("without-the-field", all),
      effect: "deny",
      action: "**",
      when: { [fieldText(field)]: { present: true } },
    };
    const edits = dropKeys(asker.policy, "delegation");
    const lower = asker.variant([...edits, replaceRules("/rules", [...all, absentOnly])]);
    // An ask permits too: where it is assumed it stands beside itself, so that nothing but an allow can be more below.
    const beside = this.deny.rule.effect === "ask" ? [this.deny.stated, { ...assumed, id: freshId("with-the-field", all) }] : [assumed];
    const upper = asker.variant([...edits, replaceRules("/rules", [...beside, ...others, absentOnly])]);
    const answer = await asker.ask("nothing slips past without the field", lower, upper);
    if (answer.kind === "undecided") return answer.reason;
    if (answer.kind === "yes") return undefined;
    const value = valueAt(denied, field);
    for (const request of answer.requests) {
      const found = this.#slip(field, withField(request, field, value));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Returns false where every rule that permits what the deny stops looks at the field. */
  mayBePermitted(field: Field): boolean {
    return this.rules.some((one) => gives(one, this.deny) && !looksAt(one, field) && overlap(one, this.deny));
  }

  /** Returns a request that slips past without the field, or why that is not known. */
  async of(field: Field, stopped: readonly Request[]): Promise<Slip | LintReason | undefined> {
    if (!this.mayBePermitted(field)) return undefined;
    for (const denied of stopped) {
      const found = this.#slip(field, denied);
      if (found !== undefined) return found;
    }
    const [first] = stopped.filter((denied) => ![absent, obscured].some((none) => resolve(denied, field) === none));
    return first === undefined ? undefined : this.#ask(field, first);
  }

  /** Returns who permits what slips past, and the two requests. */
  describe({ field, denied, permitted }: Slip): { readonly by: readonly Listed[]; readonly evidence: readonly Evidence[] } {
    const { asker } = this.run;
    const whole = asker.variant([]);
    const { id, effect } = this.deny.rule;
    const [stops, through] = effect === "ask" ? ["asks", "allowed"] : ["denies it", "permitted"];
    const name = fieldText(field);
    return {
      by: this.#permitting(field, permitted),
      evidence: [
        asker.replay(`with \`${name}\`, \`${id}\` ${stops}`, denied, whole),
        asker.replay(`without \`${name}\`, \`${id}\` is false and it is ${through}`, permitted, whole),
      ],
    };
  }
}

// Requests that the deny alone stops because it is true of them: those that the others permit, as far as a delegation to where the deny holds
// hands them on. Of an ask, those that the others allow. Where there are none, `unknown` are such that it stops without being able to judge them.
async function stoppedBy(run: Run, deny: Listed, rules: readonly Listed[], unknown: readonly Request[]): Promise<readonly Request[]> {
  const { asker } = run;
  const near = rules.filter((one) => one.index !== deny.index && overlap(one, deny)).map(({ stated }) => stated);
  const { limits } = asker.policy.document;
  const room: Edit = { op: "add", path: "/limits", value: { ...(isObject(limits) ? limits : {}), depth: 1 } };
  const handed: Edit = { op: "add", path: "/delegation", value: { rules: [withEffect(deny.stated, "allow")] } };
  const lower = asker.variant([room, handed, replaceRules("/rules", near)], true);
  const most = deny.rule.effect === "ask" ? [{ id: "ask", effect: "ask", action: "**" }] : [];
  const answer = await asker.ask("it alone stops nothing that it is true of", lower, asker.variant([room, replaceRules("/rules", most)]));
  return answer.kind === "no" && answer.requests.length > 0 ? answer.requests : unknown;
}

/**
 * Finds out which fields can be left out of a request to slip past a deny or an ask, and says so.
 * @param stopped requests that this rule alone stops, of which it may be unknown
 */
export async function checkMissing(run: Run, deny: Listed, rules: readonly Listed[], stopped: readonly Request[]): Promise<void> {
  const slips = new Slips(run, deny, rules);
  const place = { pointer: deny.pointer, rule: mentionOf(deny) };
  const fields = fieldsOf(deny);
  const { fieldsMax } = run.asker.bounds;
  if (fields.length > fieldsMax) run.leave("missing_field", place, "lint_bound");
  const found: Slip[] = [];
  const examples = fields.some((field) => slips.mayBePermitted(field)) ? await stoppedBy(run, deny, rules, stopped) : [];
  for (const field of fields.slice(0, fieldsMax)) {
    const slip = await slips.of(field, examples.slice(0, triedMax));
    if (typeof slip === "string") run.leave("missing_field", place, slip);
    else if (slip !== undefined) found.push(slip);
  }
  if (found.length === 0) return;
  const described = found.map((slip) => slips.describe(slip));
  const names = found.map(({ field }) => `\`${fieldText(field)}\``).join(" or ");
  const ids = [...new Set(described.flatMap(({ by }) => by.map(({ rule }) => `\`${rule.id}\``)))].join(", ");
  const verb = deny.rule.effect === "ask" ? "allow" : "permit";
  run.find({
    kind: "missing_field",
    ...place,
    summary: `a request without ${names} slips past \`${deny.rule.id}\`: it is false there, and ${ids} ${verb}${ids.includes(",") ? "" : "s"} it without looking`,
    evidence: described.flatMap(({ evidence }) => evidence),
  });
}
