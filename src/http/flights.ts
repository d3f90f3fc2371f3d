// What is under way: admits requests within the bounds, and tells them when the service stops. Not trusted.

import type { HttpLimits } from "./limits.js";

/** Gives back the place of one request; a second call does nothing. */
export type Release = () => void;

/** The requests that are under way. */
export type Flights = {
  /** A place for a request with a body of `bytes`, or undefined where there is none left. */
  readonly admit: (bytes: number) => Release | undefined;
  /** True once no new work is taken. */
  readonly isStopping: () => boolean;
  /** Takes no new work from now on. */
  readonly stop: () => void;
  /** Calls `then` once proofs must end; the answer takes the call back. */
  readonly onAbort: (then: () => void) => Release;
  /** Ends the proofs that are under way. */
  readonly abort: () => void;
  readonly stats: () => { readonly requests: number; readonly bytes: number };
};

/** Returns the register of what is under way, with nothing in it. */
export const createFlights = (limits: Pick<HttpLimits, "inFlightMax" | "inFlightBytesMax">): Flights => {
  const listeners = new Set<() => void>();
  let requests = 0;
  let bytes = 0;
  let stopping = false;
  let aborted = false;
  return {
    admit: (size) => {
      // A single body is always within `bodyBytesMax`, so one request at least has a place whatever the bounds are.
      const fits = requests === 0 || (requests < limits.inFlightMax && bytes + size <= limits.inFlightBytesMax);
      if (!fits) return undefined;
      requests++;
      bytes += size;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        requests--;
        bytes -= size;
      };
    },
    isStopping: () => stopping,
    stop: () => {
      stopping = true;
    },
    onAbort: (then) => {
      if (aborted) then();
      else listeners.add(then);
      return () => {
        listeners.delete(then);
      };
    },
    abort: () => {
      stopping = true;
      aborted = true;
      for (const then of listeners) then();
      listeners.clear();
    },
    stats: () => ({ requests, bytes }),
  };
};
