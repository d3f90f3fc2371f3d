// IAM action patterns as segment globs of ours, and sets of them. Not trusted. Actions are compared without regard to case there:
// here patterns are lower case, and so must requests be (`guardRule` denies any that is not).

/** An action pattern by its two parts, in lower case; `*` is any run that is not empty by itself, `?` one character. */
export type ActionPattern = { readonly service: string; readonly verb: string };

/** The pattern of every action. */
export const ANY_ACTION: ActionPattern = { service: "*", verb: "*" };

/** Most patterns that the intersection of two parts is written with; past it an import is refused. */
export const PARTS_MAX = 32;

/** Longest action pattern, in characters. */
export const ACTION_LENGTH_MAX = 128;

/** Returns the pattern that `text` writes, or undefined where it is none: `*`, or `service:verb` of letters, digits, `-`, `_`, `.`, `*`, `?`. */
export function readActionPattern(text: string): ActionPattern | undefined {
  if (/^\*+$/.test(text)) return ANY_ACTION;
  if (text.length > ACTION_LENGTH_MAX) return undefined;
  const [, service, verb] = /^([a-z0-9*?-]+):([a-z0-9_.*?-]+)$/.exec(text.toLowerCase()) ?? [];
  // Lower-casing may bring letters from elsewhere into ASCII (the Kelvin sign is a `k` then): such a text is no action.
  if (service === undefined || verb === undefined || /[^\x21-\x7e]/.test(text)) return undefined;
  return { service: service.replace(/\*+/g, "*"), verb: verb.replace(/\*+/g, "*") };
}

/** Returns the pattern as a rule's `action` writes it. */
export function actionText({ service, verb }: ActionPattern): string {
  return `aws:${service}:${verb}`;
}

/** Returns true only if every action of `inner` is one of `outer`. */
export function coversAction(outer: ActionPattern, inner: ActionPattern): boolean {
  return coversPart(outer.service, inner.service) && coversPart(outer.verb, inner.verb);
}

// A wildcard of `inner` stands for anything, so only a wildcard of `outer` takes it. Sound, and complete for what policies write.
function coversPart(outer: string, inner: string): boolean {
  let reached = new Set([0]);
  for (const token of `${inner}\n`) {
    const next = new Set<number>();
    for (const start of reached) {
      let at = start;
      for (; outer[at] === "*"; at += 1) next.add(at);
      if (token === "\n" ? at === outer.length : outer[at] === token || (outer[at] === "?" && token !== "*")) next.add(at + 1);
    }
    if (token === "\n") return next.has(outer.length + 1);
    reached = next;
  }
  return false;
}

/** Returns patterns of exactly the actions that some of `left` and some of `right` match; undefined where there would be too many. */
export function intersectActions(left: readonly ActionPattern[], right: readonly ActionPattern[]): readonly ActionPattern[] | undefined {
  const found: ActionPattern[] = [];
  for (const a of left) {
    for (const b of right) {
      const services = intersectParts(a.service, b.service);
      const verbs = services?.length === 0 ? [] : intersectParts(a.verb, b.verb);
      if (services === undefined || verbs === undefined) return undefined;
      found.push(...services.flatMap((service) => verbs.map((verb) => ({ service, verb }))));
    }
  }
  return distinctActions(found);
}

/** Returns the patterns without those that another of them covers. */
export function distinctActions(patterns: readonly ActionPattern[]): readonly ActionPattern[] {
  const unique = [...new Map(patterns.map((pattern) => [actionText(pattern), pattern])).values()];
  return unique.filter((inner, index) => !unique.some((outer, other) => other !== index && coversAction(outer, inner)));
}

// Of two runs that both start with a wildcard, one wildcard ends first; of one, it takes nothing or the other's next token.
function intersectParts(left: string, right: string): readonly string[] | undefined {
  if (left === right) return [left];
  const known = new Map<string, readonly string[] | undefined>();
  const meet = (i: number, j: number): readonly string[] | undefined => {
    const key = `${i} ${j}`;
    if (!known.has(key)) known.set(key, step(i, j));
    return known.get(key);
  };
  const after = (token: string, rest: readonly string[] | undefined) => rest?.map((text) => `${token}${text}`.replace(/\*+/g, "*"));
  const step = (i: number, j: number): readonly string[] | undefined => {
    const [a, b] = [left[i], right[j]];
    if (a === undefined && b === undefined) return [""];
    if (a === "*" && b === "*") return joined(after("*", meet(i + 1, j)), after("*", meet(i, j + 1)));
    if (a === "*") return joined(meet(i + 1, j), b === undefined ? [] : after(b, meet(i, j + 1)));
    if (b === "*") return joined(meet(i, j + 1), a === undefined ? [] : after(a, meet(i + 1, j)));
    if (a === undefined || b === undefined) return [];
    if (a === "?" || a === b) return after(b, meet(i + 1, j + 1));
    return b === "?" ? after(a, meet(i + 1, j + 1)) : [];
  };
  const joined = (...parts: readonly (readonly string[] | undefined)[]): readonly string[] | undefined => {
    const texts = new Set<string>();
    for (const part of parts) {
      if (part === undefined) return undefined;
      for (const text of part) texts.add(text);
    }
    const all = [...texts];
    const kept = all.filter((inner) => !all.some((outer) => outer !== inner && coversPart(outer, inner) && !coversPart(inner, outer)));
    return kept.length > PARTS_MAX ? undefined : kept;
  };
  return meet(0, 0);
}
