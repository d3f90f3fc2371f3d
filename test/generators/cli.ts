// A world for the command line in one process: what it reads is given, what it writes is kept, and no clock moves unless it is given. Test code.

import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/program.js";

/** A world, and what was written into it. */
export type World = { readonly io: Io; readonly written: { out: string; err: string } };

/** What may differ from one world to the next. */
export type WorldOptions = { readonly colours?: boolean; readonly steadyMs?: () => number };

/** Returns a world in which `input` stands on standard input. */
export function world(input: string | Uint8Array, { colours = false, steadyMs = () => 0 }: WorldOptions = {}): World {
  const written = { out: "", err: "" };
  const stdin = (async function* () {
    yield input;
  })();
  const io: Io = {
    stdin,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    env: {},
    colours: { out: colours, err: colours },
    steadyMs,
    epochMs: () => 0,
  };
  return { io, written };
}

/** Resolves to how the command line `args` ends in a world of its own, and what it wrote there. */
export async function runIn(args: readonly string[], input = "", options: WorldOptions = {}) {
  const { io, written } = world(input, options);
  return { code: await run(args, io), ...written };
}
