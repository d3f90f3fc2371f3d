// A narrowing within the time of one answer. Not trusted: what it gives is certified.

import { type NarrowResult, narrow, type ParsedPolicy, type Subject } from "../../prover/index.js";
import { ask, type OnGone } from "./ask.js";
import type { Context } from "./context.js";

/** Returns the child narrowed to its bounds; undecided once its time is over, nobody waits any more, or the service stops. */
export const narrowInTime = (
  context: Context,
  onGone: OnGone,
  fromMs: number,
  child: ParsedPolicy,
  bounds: readonly Subject[],
): Promise<NarrowResult> =>
  ask(context, onGone, fromMs, async (prover, { signal, reason }) => {
    const result = await narrow(prover, child, bounds, { signal });
    // Where the service stops, that is why: a narrowing itself knows only that it was told to end.
    return result.kind === "undecided" && result.reason === "deadline" ? { ...result, reason: reason() } : result;
  });
