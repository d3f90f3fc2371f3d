// Statements as rules. Not trusted. A rule's actions are globs, which cannot say "all but these". So
//   a deny of all but X stands in the allows: each becomes itself within X, and itself outside `unless` the deny holds;
//   an allow of all but X is an allow of all beside a deny of X, which is the same only where no other allow is about X.

import type { JsonObject } from "../index.js";
import { at } from "../openshell/document.js";
import { type Report, refuse } from "../openshell/reader.js";
import { type ActionPattern, ANY_ACTION, actionText, coversAction, distinctActions, intersectActions } from "./actions.js";
import { all, any, oneOrMore } from "./logic.js";
import type { Statement } from "./statement.js";

/** Most rules that the allows may become; past it an import is refused. */
export const PIECES_MAX = 1_000;

type Piece = {
  readonly id: string;
  readonly actions: readonly ActionPattern[];
  readonly when: readonly JsonObject[];
  readonly unless: readonly JsonObject[];
  readonly because: string | undefined;
};

/** Returns the rules of the statements. */
export function rulesOf(report: Report, statements: readonly Statement[]): readonly JsonObject[] {
  const allows = statements.filter(({ effect }) => effect === "Allow");
  const denies = statements.filter(({ effect }) => effect === "Deny");
  let pieces: readonly Piece[] = allows.map(pieceOf);
  for (const deny of denies.filter(({ except }) => except)) {
    pieces = foldDeny(report, pieces, deny);
    if (pieces.length > PIECES_MAX) {
      refuse(report, "too_large", at(deny.pointer, "NotAction"), "the allow statements fall into too many rules", {
        expected: `at most ${PIECES_MAX} rules`,
      });
      return [];
    }
  }
  if (allows.length === 0) report.notes.push("no statement allows anything, so the policy permits nothing by itself");
  return [
    guardRule(),
    ...pieces.map((piece) => ruleOf("allow", piece)),
    ...allows.filter(({ except }) => except).map((allow) => exceptionRule(report, allow, allows)),
    ...denies.filter(({ except }) => !except).map((deny) => ruleOf("deny", pieceOf(deny))),
  ];
}

function pieceOf({ pointer, except, actions, conditions, sid }: Statement): Piece {
  return { id: idOf(pointer), actions: except ? [ANY_ACTION] : actions, when: conditions, unless: [], because: sid };
}

function idOf(pointer: string): string {
  return pointer.slice(1);
}

function ruleOf(effect: "allow" | "deny", { id, actions, when, unless, because }: Piece): JsonObject {
  return {
    id,
    effect,
    action: oneOrMore(actions.map(actionText)),
    ...(when.length === 0 ? {} : { when: all(when) }),
    ...(unless.length === 0 ? {} : { unless: any(unless) }),
    ...(because === undefined ? {} : { because }),
  };
}

/** Returns the rule that denies every action with a capital letter in it: no deny of ours would match its other spelling. */
export function guardRule(): JsonObject {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return {
    id: "lower-case",
    effect: "deny",
    action: letters.map((letter) => `aws:**:*${letter}*:**`),
    because: "actions have no case there; here they are lower case",
  };
}

function foldDeny(report: Report, pieces: readonly Piece[], { pointer, actions, conditions }: Statement): readonly Piece[] {
  const note = `the deny of all but some actions at ${pointer} stands in the \`unless\` of the allow rules`;
  report.notes.push(note);
  return pieces.flatMap((piece): readonly Piece[] => {
    if (piece.actions.every((inner) => actions.some((outer) => coversAction(outer, inner)))) return [piece];
    const within = intersectActions(piece.actions, actions);
    if (within === undefined) {
      refuse(report, "too_large", at(pointer, "NotAction"), `what these actions share with those of ${piece.id} takes too many patterns`);
      return [piece];
    }
    const inside = within.length === 0 ? [] : [{ ...piece, id: `${piece.id}/within/${idOf(pointer)}`, actions: within }];
    // Without conditions the deny always holds outside.
    if (conditions.length === 0) return inside;
    return [...inside, { ...piece, id: `${piece.id}/unless/${idOf(pointer)}`, unless: [...piece.unless, all(conditions)] }];
  });
}

function exceptionRule(report: Report, allow: Statement, allows: readonly Statement[]): JsonObject {
  const place = at(allow.pointer, "NotAction");
  for (const other of allows) {
    if (other === allow || !allowsSome(other, allow.actions)) continue;
    refuse(
      report,
      "not_supported",
      place,
      `\`NotAction\` is not translated where another statement, ${other.pointer}, may allow what it leaves out`,
      {
        expected: "`NotAction` in one allow statement, and no other that allows the same actions",
      },
    );
    break;
  }
  return {
    id: idOf(place),
    effect: "deny",
    action: oneOrMore(distinctActions(allow.actions).map(actionText)),
    because: "left out of the allow",
  };
}

function allowsSome({ except, actions }: Statement, left: readonly ActionPattern[]): boolean {
  if (except) return !left.every((inner) => actions.some((outer) => coversAction(outer, inner)));
  return intersectActions(actions, left)?.length !== 0;
}
