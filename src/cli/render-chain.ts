// A chain of policies, drawn: the least first, what is between each two of them, and where it breaks. Not trusted.

import type { ChainLink, LinkResult, Role, SpawnResult } from "../../prover/core.js";
import { columns, flow, pad, painted, type Span, spansWidth, widthOf } from "./layout.js";
import type { Paint, Tone } from "./paint.js";
import { policyTitle, renderGround, shortHash } from "./render.js";

/** A policy of a chain as it is drawn. */
export type Node = { readonly role: string; readonly title: string; readonly sha256: string };

const marks: { readonly [kind in LinkResult["kind"]]: { readonly mark: string; readonly tone: Tone; readonly note: string } } = {
  contained: { mark: "✓", tone: "good", note: "" },
  review: { mark: "?", tone: "warn", note: "◀ a person must approve" },
  undecided: { mark: "?", tone: "bad", note: "◀ not proved" },
  exceeds: { mark: "✗", tone: "bad", note: "◀ breaks here" },
};

/** Returns the mark of a link: `✓` is proved, `✗` is refuted, `?` is left to a person, or to nobody. */
export const markOf = (kind: LinkResult["kind"]): Span => ({ text: marks[kind].mark, tone: marks[kind].tone });

const verdictOf = (kind: LinkResult["kind"]): Span => ({ text: kind.toUpperCase(), tone: marks[kind].tone });
const noteOf = (kind: LinkResult["kind"]): readonly Span[] =>
  marks[kind].note === "" ? [] : [{ text: marks[kind].note, tone: marks[kind].tone }, { text: "  " }];

type Cells = { readonly rail: Span; readonly more: string; readonly name: Span; readonly text: readonly Span[]; readonly end: string };

// One line: a rail at the left, a name, and whatever is beside it, as many lines as that takes.
function row({ rail, more, name, text, end }: Cells, nameWidth: number, paint: Paint): readonly string[] {
  const room = columns - nameWidth - 6 - (end === "" ? 0 : widthOf(end) + 2);
  return flow(text, room).map((line, i) => {
    const head = i === 0 ? painted([name], paint) + " ".repeat(nameWidth - widthOf(name.text)) : " ".repeat(nameWidth);
    const start = `  ${i === 0 ? painted([rail], paint) : more} ${head}  ${painted(line, paint)}`;
    return i === 0 && end !== "" ? `${start}${" ".repeat(room - spansWidth(line) + 2)}${paint.faint(end)}` : start.trimEnd();
  });
}

/**
 * Returns policies with the links between them, as a drawing: a link that is not contained is pointed at.
 * @param links one fewer than `nodes`, in their order
 */
export function drawChain(nodes: readonly Node[], links: readonly LinkResult[], paint: Paint): readonly string[] {
  const names = [...nodes.map(({ role }) => role), ...links.map(({ kind }) => `≤ ${kind}`)];
  const width = Math.max(...names.map(widthOf));
  return nodes.flatMap(({ role, title, sha256 }, i) => {
    const isLast = i === nodes.length - 1;
    const rail = { text: i === 0 ? "┌" : isLast ? "└" : "├" };
    const name: Span = { text: role, tone: "strong" };
    const policy = { rail, more: isLast ? " " : "│", name, text: [{ text: title }], end: `sha256 ${shortHash(sha256)}` };
    const link = isLast ? undefined : links[i];
    if (link === undefined) return row(policy, width, paint);
    const ground: readonly Span[] = [...noteOf(link.kind), { text: renderGround(link), tone: "faint" }];
    const { text: word, ...tone } = verdictOf(link.kind);
    const between = { rail: markOf(link.kind), more: "│", name: { text: `≤ ${word}`, ...tone }, text: ground, end: "" };
    return [...row(policy, width, paint), ...row(between, width, paint)];
  });
}

/** The roles of a spawn's chain, least first. */
const roles: readonly Role[] = ["child", "parent_delegable", "parent_boundary", "admin_max"];

/** Returns the name and version of the policy in a role of a spawn, and whether it is a view. */
export const roleTitle = ({ policies }: Pick<SpawnResult, "policies">, role: Role): string =>
  `${policies[role].derived === undefined ? "" : "delegable view of "}${policyTitle(policies[role])}`;

/** Returns the chain of a spawn, drawn, and its direct link below. */
export function renderChain(result: SpawnResult, paint: Paint): readonly string[] {
  const between = (lower: Role | undefined, upper: Role | undefined): readonly ChainLink[] =>
    result.links.filter((link) => link.lower === lower && link.upper === upper);
  const nodes = roles.map((role) => ({ role, title: roleTitle(result, role), sha256: result.policies[role].sha256 }));
  const links = roles.slice(1).flatMap((role, i) => between(roles[i], role).map((link) => link.result));
  const direct = between("child", "admin_max").map((link) => {
    const { kind } = link.result;
    const word = painted([{ ...verdictOf(kind), text: pad(kind.toUpperCase(), 9) }], paint);
    return `  ${painted([markOf(kind)], paint)} child ≤ admin_max, directly  ${word}  ${painted(noteOf(kind), paint)}`.trimEnd();
  });
  return [...drawChain(nodes, links, paint), "", ...direct];
}
