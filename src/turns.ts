// Turns of the event loop, for work that holds the thread: a service that does one piece a turn hears signals, timers and other requests in
// between. Not trusted.

/**
 * Returns a function that waits for a turn of its own. Who comes at once gets turns one after the other: work that begins as a turn comes is
 * alone in it, and all that waits outside is heard before the next.
 */
export function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    // INVARIANT: an immediate that is asked for while immediates run waits for the next turn, after the poll for signals and sockets.
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return last;
  };
}
