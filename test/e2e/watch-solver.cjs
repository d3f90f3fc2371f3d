// Loaded before everything else: notes when Z3, or a worker of the solver, is loaded. Test code.

const { appendFileSync } = require("node:fs");
const Module = require("node:module");
const threads = require("node:worker_threads");

const note = (what) => appendFileSync(process.env.ATMOST_TEST_SOLVER_LOG, `${what}\n`);

const load = Module._load;
Module._load = function watch(request, ...rest) {
  if (/z3/.test(request)) note(request);
  return load.call(this, request, ...rest);
};
threads.Worker = class Watched extends threads.Worker {
  constructor(file, options) {
    note(String(file));
    super(file, options);
  }
};
Module.syncBuiltinESMExports();
