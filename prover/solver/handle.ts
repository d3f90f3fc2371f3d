// One worker thread as the pool sees it: it can be told things and ended, and it may say anything or die. Not trusted.
import { Worker } from "node:worker_threads";
import type { ToWorker, WorkerSettings } from "./protocol.js";

/** A worker thread that was started. */
export type WorkerHandle = {
  readonly send: (message: ToWorker) => void;
  /** Says whether the thread keeps the process alive. It does not when it starts. */
  readonly hold: (holds: boolean) => void;
  /** Ends the thread, whatever it does, and resolves when it is gone: about 5 ms. Nothing is heard of it any more. */
  readonly end: () => Promise<void>;
};

/** What a thread is given: V8's limits in MiB, and the worker's own settings. */
export type WorkerLimits = WorkerSettings & { readonly oldGenerationMiB: number; readonly stackMiB: number };

/**
 * Starts the thread at `url`, without our environment and arguments.
 *
 * @param hear is called with each message, unparsed
 * @param gone is called once, never before this function has returned, when the thread has died of itself
 */
export function startWorker(url: URL, limits: WorkerLimits, hear: (message: unknown) => void, gone: (why: string) => void): WorkerHandle {
  let over = false;
  const die = (why: string): void => {
    if (over) return;
    over = true;
    gone(why);
  };
  let worker: Worker;
  try {
    worker = new Worker(url, {
      name: "atmost-solver",
      argv: [],
      env: {},
      execArgv: [],
      workerData: { memoryMiB: limits.memoryMiB } satisfies WorkerSettings,
      resourceLimits: { maxOldGenerationSizeMb: limits.oldGenerationMiB, stackSizeMb: limits.stackMiB },
    });
  } catch (error) {
    queueMicrotask(() => die(String(error)));
    return { send: () => undefined, hold: () => undefined, end: async () => undefined };
  }
  worker.on("message", (message: unknown) => {
    if (!over) hear(message);
  });
  worker.on("messageerror", () => die("a message that can not be read"));
  worker.on("error", (error) => die(String(error)));
  worker.on("exit", (code) => die(`exit ${code}`));
  worker.unref();
  return {
    send: (message) => worker.postMessage(message),
    hold: (holds) => (holds ? worker.ref() : worker.unref()),
    end: async () => {
      over = true;
      await worker.terminate();
    },
  };
}
