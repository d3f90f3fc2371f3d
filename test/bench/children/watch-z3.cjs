// Loaded before everything else: notes when Z3 is loaded, here or in a worker that is started for it. Benchmark code, not trusted.

const { appendFileSync } = require("node:fs");
const Module = require("node:module");
const threads = require("node:worker_threads");

const note = () => appendFileSync(process.env.ATMOST_BENCH_Z3_LOG, "loaded\n");

const load = Module._load;
Module._load = function watch(request, ...rest) {
  if (/z3-built/.test(request)) note();
  return load.call(this, request, ...rest);
};

// The solver's worker has an environment of its own, so that this hook is not in it: its start stands for Z3's.
threads.Worker = class Watched extends threads.Worker {
  constructor(file, options) {
    if (/solver\/worker/.test(String(file))) note();
    super(file, options);
  }
};
Module.syncBuiltinESMExports();
