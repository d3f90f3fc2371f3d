// PUT /policies/{sha256}: keeps a policy, so that spawn checks can name it by its hash.

import { readPolicyBody } from "../body.js";
import type { Route } from "../context.js";
import { hashParameter } from "../parameters.js";
import { httpProblem, sendProblem } from "../problem.js";

/** `PUT /policies/{sha256}`. */
export const putPolicyRoute: Route = {
  method: "PUT",
  path: "/policies/:sha256",
  summary: "Keeps a policy in memory, under the SHA-256 of its RFC 8785 form. The policy used longest ago is forgotten to make room.",
  operationId: "putPolicy",
  open: false,
  whileStopping: false,
  body: "Policy",
  answers: {
    200: { description: "It was held already.", component: "StoredPolicy" },
    201: { description: "It is held now.", component: "StoredPolicy" },
  },
  errors: ["hash_mismatch", "overloaded"],
  handle: (context, request, reply) => {
    const wanted = hashParameter(request);
    if (wanted.kind === "problem") return sendProblem(reply, wanted);
    const read = readPolicyBody(request.body);
    if (read.kind === "problem") return sendProblem(reply, read);
    const { sha256, name, version } = read.policy;
    if (sha256 !== wanted.sha256) {
      const [expected, got] = [`the policy with the hash \`${wanted.sha256}\``, `one with the hash \`${sha256}\``];
      const problem = { code: "hash_mismatch", pointer: "", message: `expected ${expected}, got ${got}`, expected, got };
      return sendProblem(reply, httpProblem("hash_mismatch", { problems: [problem] }));
    }
    const kept = context.store.put(read.policy, read.bytes);
    if (kept === "full") return sendProblem(reply, httpProblem("too_large", { detail: "the store has no room for a policy of this size" }));
    return reply.code(kept === "new" ? 201 : 200).send({ sha256, name, version });
  },
};
