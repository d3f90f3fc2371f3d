// A worker that misbehaves as its URL says: `mode` how, `once` a file by which it knows that it has done so before, and
// `real` the worker that it is from then on. Plain JavaScript, because Node 20 loads no TypeScript in a thread.
import { existsSync, writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";

const { searchParams } = new URL(import.meta.url);
const [mode, once, real] = ["mode", "once", "real"].map((name) => searchParams.get(name));

const answer =
  (value, more = {}) =>
  (m) =>
    parentPort.postMessage({ kind: "answer", session: m.session, check: m.check, heapBytes: 1, answer: value, ...more });
const sat = (model) => answer({ kind: "sat", model });
const unsat = (core) => answer({ kind: "unsat", core });
const good = { kind: "sat", model: new Uint8Array(2) };
// The sizes of the problem that was opened last: a liar that is well formed must know them.
let sizes = { bools: 2, tracked: 2 };
const model = (truth) => (m) => sat(Uint8Array.from({ length: sizes.bools }, (_, place) => truth(place, m.check)))(m);
const devour = () => {
  const kept = [];
  for (;;) kept.push(new Array(100_000).fill({ size: kept.length }));
};

// What it says to a check of a problem with two Booleans and two tracked nodes.
const replies = {
  "never answers": () => undefined,
  throws: () => {
    throw new Error("a fault on purpose");
  },
  rejects: () => {
    Promise.reject(new Error("a fault on purpose"));
  },
  exits: () => process.exit(0),
  "exits with an error": () => process.exit(9),
  "uses all memory": devour,
  "overflows its stack": () => {
    const fall = (n) => fall(n + 1) + 1;
    fall(0);
  },
  "says a number": () => parentPort.postMessage(7),
  "says null": () => parentPort.postMessage(null),
  "says text": () => parentPort.postMessage("unsat"),
  "says a list": () => parentPort.postMessage([]),
  "says nothing known": () => parentPort.postMessage({ kind: "contained" }),
  "is ready again": () => parentPort.postMessage({ kind: "ready" }),
  "answers another session": (m) => answer(good)({ ...m, session: m.session + 1 }),
  "answers another check": (m) => answer(good)({ ...m, check: m.check + 1 }),
  "answers without a size": (m) => answer(good, { heapBytes: "1" })(m),
  "answers with no answer": answer(undefined),
  "answers with an unknown kind": answer({ kind: "contained" }),
  "gives a short model": sat(new Uint8Array(1)),
  "gives a long model": sat(new Uint8Array(3)),
  "gives a model of words": sat([true, false]),
  "gives a model of other bytes": sat(new Uint8Array([1, 2])),
  "gives no model": sat(undefined),
  "gives a core that is none": unsat({ length: 0 }),
  "gives a core past the end": unsat([0, 2]),
  "gives a core below zero": unsat([-1]),
  "gives a core with fractions": unsat([0.5]),
  "gives a core twice": unsat([1, 1]),
  "gives a core of texts": unsat(["0"]),
  "gives too large a core": unsat([0, 1, 2]),
  "gives an unknown reason": answer({ kind: "unknown", reason: "contained" }),
  // Liars that are well formed: whoever asks them must find out.
  "agrees that nothing is true": model(() => 0),
  "agrees that all is true": model(() => 1),
  "agrees to something else each time": model((place, check) => (((place + 1) * (check + 1) * 7919) % 11) % 2),
  "refutes everything": unsat([]),
  "refutes everything by a core of its own": (m) => unsat(Array.from({ length: sizes.tracked }, (_, place) => place))(m),
};

const starts = {
  "throws at the start": () => {
    throw new Error("a fault on purpose");
  },
  "exits at the start": () => process.exit(0),
  "never starts": () => parentPort.on("message", () => undefined),
  "speaks unasked": () => {
    answer(good)({ session: 0, check: 0 });
    parentPort.postMessage({ kind: "ready" });
    parentPort.on("message", () => undefined);
  },
};

if (once !== null && existsSync(once)) {
  await import(real);
} else {
  if (once !== null) writeFileSync(once, "");
  const start = starts[mode];
  if (start !== undefined) start();
  else {
    parentPort.on("message", (m) => {
      if (m.kind === "open") sizes = { bools: m.problem.bools, tracked: m.problem.tracked.length };
      if (m.kind === "check") replies[mode](m);
    });
    parentPort.postMessage({ kind: "ready" });
  }
}
