// TRUSTED. Canonical JSON (RFC 8785), and how the kernel refuses: what is not as it must be, and work without end.

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** The deepest nesting of a JSON value that the kernel reads. */
export const nestingMax = 64;
/** Returns true iff `value` is an object that is neither null nor an array. */
export const isObject = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

class Refused extends Error {}
/** Refuses an input. @throws what `attempt` catches; it never leaves the kernel */
export function refuse(message: string): never {
  throw new Refused(message);
}
let [spent, limit] = [0, Number.POSITIVE_INFINITY];
/** Counts work; one is about a step of an automaton. @throws what `attempt` catches, once it is more than that allows */
export function charge(work: number): void {
  spent += work;
  if (spent > limit) refuse("too much work");
}
/** Returns what `read` returns, or what `refused` makes of its refusal; so too where the engine gives up, as on a full stack. It may cost `most`. */
export function attempt<A, B>(read: () => A, refused: (message: string) => B, most = limit - spent): A | B {
  const before = limit;
  limit = spent + most;
  try {
    return read();
  } catch (problem) {
    return refused(problem instanceof Refused ? problem.message : "malformed, or too large");
  } finally {
    limit = before;
  }
}
/** Returns the RFC 8785 form of `value`; undefined where it has none, nests over `nestingMax`, or has more than about `most` characters. */
export function canonicalJson(value: unknown, most?: number): string | undefined {
  const write = (item: unknown, depth: number): string => {
    charge((typeof item === "string" ? item.length + 1 : 1) / 64);
    if (depth > nestingMax) refuse("nested too deeply");
    if (typeof item === "string" && item.isWellFormed()) return JSON.stringify(item);
    if (item === null || typeof item === "boolean" || Number.isFinite(item)) return String(item === 0 ? 0 : item);
    const parts: string[] = [];
    // SOURCE: RFC 8785 section 3.2.3: keys are ordered by UTF-16 code units, which is JavaScript's own order of strings.
    if (isObject(item)) for (const key of Object.keys(item).sort()) parts.push(`${write(key, depth)}:${write(item[key], depth + 1)}`);
    else if (!Array.isArray(item)) refuse("expected JSON");
    else for (let i = 0; i < item.length; i++) parts.push(write(item[i], depth + 1)); // its own iterator may never end
    return isObject(item) ? `{${parts.join()}}` : `[${parts.join()}]`;
  };
  const none = () => undefined;
  return attempt(() => write(value, 0), none, most && most / 64);
}
