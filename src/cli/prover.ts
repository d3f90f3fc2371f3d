// The prover as the command line uses it. Not trusted.

import { createProver, type Prover } from "../../prover/core.js";
import type { Io } from "./io.js";

/** Returns what `use` makes with a prover, which is closed afterwards. */
export async function withProver<Result>(io: Io, use: (prover: Prover) => Promise<Result>): Promise<Result> {
  const prover = createProver({ clock: io.steadyMs });
  try {
    return await use(prover);
  } finally {
    await prover.close();
  }
}
