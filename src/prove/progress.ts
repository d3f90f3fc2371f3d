// How far proving has come, for people: a bar on a terminal, plain lines elsewhere. Not trusted.

import { columns, plain } from "../cli/layout.js";
import type { ClaimResult } from "./results.js";

/** Is told each answer, and the end. */
export type Progress = { readonly claim: (result: ClaimResult) => void; readonly end: () => void };

const barWidth = 24;

/** Returns a progress that draws one line over and over, and leaves nothing behind. */
export function barProgress(total: number, write: (text: string) => void): Progress {
  let done = 0;
  let odd = 0;
  return {
    claim: ({ name, outcome }) => {
      done++;
      if (outcome !== "expected") odd++;
      const full = Math.floor((done / total) * barWidth);
      const bar = `[${"#".repeat(full)}${".".repeat(barWidth - full)}] ${done}/${total}${odd === 0 ? "" : `, ${odd} not as expected`}  `;
      // SOURCE: ECMA-48 section 8.3.41, erase in line. One column stays free, so that no terminal wraps.
      write(`\r\u001b[K${bar}${plain(name).slice(0, Math.max(0, columns - 1 - bar.length))}`);
    },
    end: () => write("\r\u001b[K"),
  };
}

/** Returns a progress that writes one line whenever a claims file is done. */
export function lineProgress(files: ReadonlyMap<string, number>, write: (text: string) => void): Progress {
  const seen = new Map<string, { done: number; odd: number }>();
  return {
    claim: ({ file, outcome }) => {
      const state = seen.get(file) ?? { done: 0, odd: 0 };
      seen.set(file, state);
      state.done++;
      if (outcome !== "expected") state.odd++;
      if (state.done !== files.get(file)) return;
      const claims = `${state.done} claim${state.done === 1 ? "" : "s"}`;
      write(`atmost: ${plain(file)}: ${claims}, ${state.odd === 0 ? "all as expected" : `${state.odd} not as expected`}\n`);
    },
    end: () => undefined,
  };
}
