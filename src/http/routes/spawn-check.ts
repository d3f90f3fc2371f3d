// POST /spawn-check: the whole chain, proved, and the answer signed.

import { delegableView, encodeNarrow, type NarrowResult, type SpawnResult } from "../../../prover/index.js";
import { withNarrowed } from "../answer.js";
import { type OnGone, whenGone } from "../ask.js";
import { readSpawnBody, type SpawnPolicies } from "../body.js";
import type { Context, Notes, Route } from "../context.js";
import { judge } from "../judge.js";
import { narrowInTime } from "../narrowing.js";
import { sendProblem } from "../problem.js";

// Hashes, results and reasons; no name, which is the caller's own text, and no part of a policy.
const notesOf = ({ verdict, policies, links }: SpawnResult): Notes => ({
  verdict,
  policies: [policies.child, policies.parent_delegable, policies.parent_boundary, policies.admin_max].map(({ sha256 }) => sha256),
  links: links.map(({ result }) => (result.kind === "undecided" ? `undecided:${result.reason}` : result.kind)),
});

// Within the parent's policies and the maximum all three, so that what is returned is within each whatever the other links are.
const narrowChild = (context: Context, policies: SpawnPolicies, onGone: OnGone, fromMs: number): Promise<NarrowResult> => {
  const { child, parentDelegable, parentBoundary, adminMax } = policies;
  const bounds = [parentDelegable ?? delegableView(parentBoundary), parentBoundary, adminMax];
  return narrowInTime(context, onGone, fromMs, child, bounds);
};

const narrowedNotes = (narrowed: NarrowResult): Notes => ({
  narrowed: narrowed.kind === "narrowed" ? narrowed.policy.sha256 : `undecided:${narrowed.reason}`,
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
    const fromMs = context.steadyClock();
    const onGone = whenGone(reply);
    const result = await judge(context, read.policies, onGone);
    if ("kind" in result) return sendProblem(reply, result);
    const attestation = await context.attester.attest(result);
    context.metrics.spawnChecked(result);
    context.notes.set(request, notesOf(result));
    const answer = context.writeAnswer(result, attestation);
    reply.type("application/json");
    if (!read.narrow || result.verdict === "apply") return reply.send(answer);
    const narrowed = await narrowChild(context, read.policies, onGone, fromMs);
    context.notes.set(request, { ...notesOf(result), ...narrowedNotes(narrowed) });
    return reply.send(withNarrowed(answer, encodeNarrow(narrowed)));
  },
};
