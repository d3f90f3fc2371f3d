// TRUSTED. The rules of one effect, found by the keys of what they require. A rule is left out only where something that it requires is false.
import { type Check, type Checks, type Field, judgeAll, no, type Reading, type Room } from "./checks.js";
import { type Table, tableOf } from "./tables.js";

/** Rules that cost less than this to be asked for what would tell them apart are asked one by one. */
const costMin = 12;
/** How often rules that share a key are parted by another field. */
const depthMax = 3;
/** The most keys that the tables of one list hold. Past it, rules are asked one by one. */
export const keysMax = 262_144;

type Keyed = Extract<Check, { readonly kind: "atom" }> & { readonly keys: NonNullable<Extract<Check, { readonly kind: "atom" }>["keys"]> };
const isKeyed = (check: Check): check is Keyed => check.kind === "atom" && check.keys !== undefined;
type Bucket = { readonly key: unknown; readonly rules: Checks[] };
type Part = {
  readonly by: Keyed;
  readonly all: Checks[];
  readonly byText: Map<string, Bucket>;
};

// Returns for each rule the check by which the fewest others are found with it; none where every rule would be.
function choose(rules: readonly Checks[]): readonly (Keyed | undefined)[] {
  const crowds = new Map<string, number>();
  const textsOf = ({ name, keys }: Keyed) => [...keys.byText.keys()].map((text) => `${name} ${text}`);
  for (const checks of rules) for (const text of checks.filter(isKeyed).flatMap(textsOf)) crowds.set(text, (crowds.get(text) ?? 0) + 1);
  return rules.map((checks) => {
    let [least, chosen]: [number, Keyed | undefined] = [rules.length, undefined];
    for (const check of checks.filter(isKeyed)) {
      const crowd = textsOf(check).reduce((most, text) => Math.max(most, crowds.get(text) ?? 0), 0);
      if (crowd < least) [least, chosen] = [crowd, check];
    }
    return chosen;
  });
}
// Returns the rules in parts, by the field and the predicate that tell them from most others, and those that nothing tells apart.
function part(
  rules: readonly Checks[],
  depth: number,
  room: Room,
): { readonly listed: readonly Checks[]; readonly parts: readonly Part[] } {
  if (rules.length < 2 || depth >= depthMax) return { listed: rules, parts: [] };
  const listed: Checks[] = [];
  const parts = new Map<string, Part>();
  for (const [i, by] of choose(rules).entries()) {
    const checks = rules[i] ?? [];
    if (by === undefined || by.keys.byText.size > room.keys) {
      listed.push(checks);
      continue;
    }
    room.keys -= by.keys.byText.size;
    const one: Part = parts.get(by.name) ?? { by, all: [], byText: new Map() };
    parts.set(by.name, one);
    one.all.push(checks);
    // Where the key says all of it, nobody has to ask again.
    const left = by.keys.settled ? checks.filter((check) => check.condition !== by.condition) : checks;
    for (const [text, key] of by.keys.byText) {
      const together: Bucket = one.byText.get(text) ?? { key, rules: [] };
      one.byText.set(text, together);
      together.rules.push(left);
    }
  }
  const worth = [...parts.values()].filter(({ all, by }) => all.length > 1 && all.length * by.cost >= costMin);
  return { listed: [...listed, ...[...parts.values()].filter((one) => !worth.includes(one)).flatMap(({ all }) => all)], parts: worth };
}

/** Rules of one effect, by what they require. */
export class Finder {
  readonly #listed: readonly Checks[];
  readonly #tables: readonly { readonly field: Field; readonly table: Table<Finder>; readonly all: readonly Checks[] }[];
  /** @param sure true where only rules that are surely true count: rules that allow */
  constructor(
    rules: readonly Checks[],
    readonly sure: boolean,
    room: Room,
    depth = 0,
  ) {
    const { listed, parts } = part(rules, depth, room);
    this.#listed = listed;
    this.#tables = parts.map(({ by, all, byText }) => {
      const entries = [...byText.values()].map(({ key, rules: found }) => ({ key, thing: new Finder(found, sure, room, depth + 1) }));
      return { field: by.field, table: tableOf(by.keys, entries), all };
    });
  }
  /** Returns how far the rule that holds best does; no more is asked once one holds as far as `enough`. */
  best(reading: Reading, enough: number): number {
    let best = bestOf(this.#listed, reading, this.sure, enough);
    for (const { field, table, all } of this.#tables) {
      if (best >= enough) return best;
      const found: Finder[] = [];
      if (table.find(reading.value(field), found, this.sure))
        for (const finder of found) best = Math.max(best, finder.best(reading, enough));
      else if (!this.sure) best = Math.max(best, bestOf(all, reading, this.sure, enough));
    }
    return best;
  }
}
function bestOf(rules: readonly Checks[], reading: Reading, sure: boolean, enough: number): number {
  let best: number = no;
  for (const checks of rules) {
    best = Math.max(best, judgeAll(checks, reading, sure));
    if (best >= enough) return best;
  }
  return best;
}
