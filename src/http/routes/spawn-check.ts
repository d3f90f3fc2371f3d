// POST /spawn-check: the whole chain, proved, and the answer signed.

import type { SpawnResult } from "../../../prover/index.js";
import { readSpawnBody } from "../body.js";
import type { Notes, Route } from "../context.js";
import { judge } from "../judge.js";
import { sendProblem } from "../problem.js";

// Hashes, results and reasons; no name, which is the caller's own text, and no part of a policy.
const notesOf = ({ verdict, policies, links }: SpawnResult): Notes => ({
  verdict,
  policies: [policies.child, policies.parent_delegable, policies.parent_boundary, policies.admin_max].map(({ sha256 }) => sha256),
  links: links.map(({ result }) => (result.kind === "undecided" ? `undecided:${result.reason}` : result.kind)),
});

/** `POST /spawn-check`. */
export const spawnCheckRoute: Route = {
  method: "POST",
  path: "/spawn-check",
  summary: "Proves child ≤ parent_delegable ≤ parent_boundary ≤ admin_max, and says apply, ask or reject.",
  operationId: "spawnCheck",
  open: false,
  whileStopping: false,
  body: "SpawnCheckRequest",
  answers: { 200: { description: "The verdict. Whatever the proof says, it is no error.", component: "SpawnCheckResponse" } },
  errors: ["unknown_policy", "overloaded"],
  handle: async (context, request, reply) => {
    const read = readSpawnBody(request.body, context.store, context.limits.bodyBytesMax);
    if (read.kind === "problem") return sendProblem(reply, read);
    const onGone = (then: () => void): void => {
      reply.raw.once("close", () => {
        if (!reply.raw.writableFinished) then();
      });
    };
    const result = await judge(context, read.policies, onGone);
    if ("kind" in result) return sendProblem(reply, result);
    const attestation = await context.attester.attest(result);
    context.metrics.spawnChecked(result);
    context.notes.set(request, notesOf(result));
    return reply.type("application/json").send(context.writeAnswer(result, attestation));
  },
};
