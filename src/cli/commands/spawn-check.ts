// `atmost spawn-check`: the chain of a spawn and its verdict, signed where that is asked for. Not trusted.

import { type ChainLink, encodeSpawnResult, type ParsedPolicy, type Role, type SpawnResult } from "../../../prover/core.js";
import type { ExitCode } from "../../errors.js";
import type { Envelope } from "../../signing/index.js";
import { exitCodes, type FileProblem, fileProblem, type Io, readPolicies, writeText } from "../io.js";
import { painted, plain } from "../layout.js";
import { type Paint, paintWith } from "../paint.js";
import { withProver } from "../prover.js";
import { policyTitle, renderCounterexamples, renderVerdict } from "../render.js";
import { markOf, renderChain, roleTitle } from "../render-chain.js";
import { type CommonOptions, refuseInput, writeJson, writeLines } from "../report.js";

/** The options of `spawn-check`: files, and where the signed answer goes. */
export type SpawnCheckOptions = CommonOptions & {
  readonly child: string;
  readonly delegable?: string;
  readonly boundary: string;
  readonly max: string;
  readonly deadline?: number;
  readonly attestation?: string;
  readonly key?: string;
};

const verdictExit = { apply: exitCodes.held, ask: exitCodes.review, reject: exitCodes.refused } as const;

/** Answers whether the child may be spawned. */
export async function runSpawnCheck(options: SpawnCheckOptions, io: Io): Promise<ExitCode> {
  const { child, delegable, boundary, max } = options;
  const read = await readPolicies({ child, ...(delegable === undefined ? {} : { delegable }), boundary, max }, io);
  if (read.kind === "invalid") return refuseInput(io, options, read.problems);
  const policy = read.value.get;
  const given = delegable === undefined ? {} : { parentDelegable: policy("delegable") };
  const input = { child: policy("child"), ...given, parentBoundary: policy("boundary"), adminMax: policy("max") };
  const result = await withProver(io, (prover) =>
    prover.spawnCheck(input, options.deadline === undefined ? {} : { deadlineMs: options.deadline }),
  );
  const signed = options.attestation === undefined && options.key === undefined ? undefined : await sign(result, options, io);
  if (signed?.kind === "refused") return refuseInput(io, options, [signed.problem]);
  const attestation = signed === undefined ? {} : { attestation: signed.envelope };
  if (options.json === true) writeJson(io, { ...encodeSpawnResult(result), ...attestation });
  else {
    const boundaryDocument = input.parentBoundary.document;
    const documents = {
      child: input.child.document,
      parent_delegable: delegable === undefined ? boundaryDocument : policy("delegable").document,
      parent_boundary: boundaryDocument,
      admin_max: input.adminMax.document,
    };
    writeLines(io, renderSpawn(result, documents, paintWith(io.colours.out)));
  }
  return verdictExit[result.verdict];
}

type Signed = { readonly kind: "signed"; readonly envelope: Envelope } | { readonly kind: "refused"; readonly problem: FileProblem };

// Signing is loaded here, and only here: an answer that nobody wants signed does not wait for it.
async function sign(result: SpawnResult, { key: file, attestation }: SpawnCheckOptions, io: Io): Promise<Signed> {
  const [{ createAttester }, signing, { randomBytes }, { homedir }] = await Promise.all([
    import("../../attest.js"),
    import("../../signing/index.js"),
    import("node:crypto"),
    import("node:os"),
  ]);
  const key = await signing.loadSigningKey({
    file,
    env: io.env[signing.SIGNING_KEY_VARIABLE],
    developmentFile: signing.developmentKeyFile(io.env["XDG_STATE_HOME"], io.env["HOME"] ?? homedir()),
    random: randomBytes,
  });
  if (key.kind === "refused") return { kind: "refused", problem: fileProblem(file ?? "signing key", key.code, key.message) };
  if (key.source === "development") {
    const made = key.created ? "was made for it" : "is used";
    io.err(`atmost: no signing key was given: the development key \`${plain(key.file ?? "")}\` ${made}\n`);
  }
  const envelope = await createAttester(key.key, io.epochMs).attest(result);
  const problem = attestation === undefined ? undefined : await writeText(attestation, `${JSON.stringify(envelope)}\n`);
  return problem === undefined ? { kind: "signed", envelope } : { kind: "refused", problem };
}

type Documents = { readonly [role in Role]: ParsedPolicy["document"] };

const renderSpawn = (result: SpawnResult, documents: Documents, paint: Paint): readonly string[] => [
  ...renderVerdict(result.verdict, policyTitle(result.policies.child), paint),
  "",
  ...renderChain(result, paint),
  ...result.links.flatMap((link, i) => renderEscapes(link, result, result.links.slice(0, i), documents, paint)),
];

const requestsOf = ({ result }: ChainLink): string =>
  result.kind === "exceeds" || result.kind === "review"
    ? JSON.stringify(result.counterexamples.map((example) => (example.kind === "request" ? example.request : example)))
    : "";

// The counterexamples of a link, once: where an earlier link has the same requests, it is named instead.
function renderEscapes(
  { lower, upper, result: found }: ChainLink,
  result: SpawnResult,
  earlier: readonly ChainLink[],
  documents: Documents,
  paint: Paint,
): readonly string[] {
  const side = (role: Role) => ({ title: roleTitle(result, role), document: documents[role] });
  const shown = renderCounterexamples(found, { lower: side(lower), upper: side(upper) }, paint);
  if (shown.length === 0) return [];
  const heading = renderVerdict(found.kind, `${lower} ≤ ${upper}`, paint);
  const mark = painted([markOf(found.kind)], paint);
  const same = earlier.find(
    (other) => other.result.kind === found.kind && requestsOf(other) === requestsOf({ lower, upper, result: found }),
  );
  return [
    "",
    ...heading.map((line) => `${mark} ${line}`),
    ...(same === undefined ? shown : [`   by the same requests as ${same.lower} ≤ ${same.upper}`]),
  ];
}
