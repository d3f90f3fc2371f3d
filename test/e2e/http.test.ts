// The HTTP service from the outside: started as the command line starts it, asked over sockets, its answers re-checked with nothing of its
// own, stopped by a signal. The `curl` examples of the documentation run here as they stand.

import { execFile } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson, delegableView, parsePolicy, type Subject, verifyCertificate } from "../../prover/index.js";
import { serveUntilStopped } from "../../src/http/server.js";
import { verifySpawnEnvelope } from "../../src/signing/index.js";
import { applyBody, askBody, keptStream, rejectBody, testKey } from "../generators/http.js";
import { isWithoutProgram } from "../outside.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

type Answer = {
  readonly verdict: string;
  readonly links: readonly { readonly lower: Role; readonly upper: Role; readonly result: string; readonly certificate?: unknown }[];
  readonly attestation: unknown;
};
type Role = "child" | "parent_delegable" | "parent_boundary" | "admin_max";

const subjects = (body: ReturnType<typeof applyBody>): { readonly [role in Role]: Subject } => {
  const read = (document: unknown) => {
    const result = parsePolicy(document);
    if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
    return result.policy;
  };
  const parent_boundary = read(body.parent_boundary);
  return { child: read(body.child), parent_delegable: delegableView(parent_boundary), parent_boundary, admin_max: read(body.admin_max) };
};

/** Indented blocks of a page that hold a `curl` command. */
const curlExamples = (file: string): readonly string[] => {
  if (!existsSync(join(root, file))) return [];
  const blocks = readFileSync(join(root, file), "utf8").match(/(?:^ {4}.*\n)+/gm) ?? [];
  const fenced = [...readFileSync(join(root, file), "utf8").matchAll(/^```(?:sh|bash|console|shell)\n([\s\S]*?)^```/gm)].map(
    ([, text = ""]) => text,
  );
  return [...blocks.map((block) => block.replace(/^ {4}/gm, "")), ...fenced].filter((block) => /^\s*\$? ?curl /m.test(block));
};

describe("atmost serve", () => {
  const signals = new EventEmitter();
  const [stdout, log] = [keptStream(), keptStream()];
  let scratch = "";
  let url = "";
  let ended: ReturnType<typeof serveUntilStopped>;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "atmost-e2e-"));
    const env = { ATMOST_SIGNING_KEY: Buffer.alloc(32, 7).toString("base64") };
    const listening = new Promise<void>((resolve) => {
      stdout.stream.on("finish", resolve);
      const write = stdout.stream.write.bind(stdout.stream);
      stdout.stream.write = (chunk: unknown) => {
        resolve();
        return write(chunk);
      };
    });
    ended = serveUntilStopped({ port: 0, env, stderr: log.stream, version: "0.0.0" }, stdout.stream, signals);
    await Promise.race([listening, ended]);
    url = /^atmost listens on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(stdout.text())?.[1] ?? "";
  });
  afterAll(async () => {
    signals.emit("SIGTERM");
    await ended;
    await rm(scratch, { recursive: true });
  });

  const ask = async (body: unknown): Promise<Answer> => {
    const sent = await fetch(`${url}/spawn-check`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(sent.status).toBe(200);
    return (await sent.json()) as Answer;
  };

  it("says in one line on standard output where it listens", () => {
    expect(url).not.toBe("");
    expect(stdout.text().split("\n")).toHaveLength(2);
  });

  it.each([
    ["apply", applyBody()],
    ["ask", askBody()],
    ["reject", rejectBody()],
  ])("answers %s with certificates that the kernel accepts and a signature that verifies", async (verdict, body) => {
    const answer = await ask(body);
    expect(answer.verdict).toBe(verdict);
    const policies = subjects(body);
    let checked = 0;
    for (const { lower, upper, result, certificate } of answer.links) {
      if (result !== "contained" && result !== "review") continue;
      expect(verifyCertificate(certificate, policies[lower], policies[upper])).toMatchObject({ kind: "accepted", relation: result });
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
    const key = await testKey();
    expect(await verifySpawnEnvelope(answer.attestation, [key.publicKey], canonicalJson)).toMatchObject({
      kind: "verified",
      statement: { predicate: { verdict } },
    });
  });

  // What each example is answered, in the order of the pages: for every `curl` of it the status, and what stands in the answer.
  type Reply = readonly [status: number, body: { readonly [key: string]: unknown }];
  const apply: Reply = [
    200,
    { verdict: "apply", links: Array.from({ length: 4 }, () => expect.objectContaining({ result: "contained" })) },
  ];
  const replies: readonly (readonly [example: string, ...Reply[]])[] = [
    ["docs/http.md: a spawn check", apply],
    [
      "docs/http.md: an evaluation",
      [200, { decision: "deny", near: [expect.objectContaining({ rule: expect.objectContaining({ id: "read" }) })] }],
    ],
    ["docs/http.md: a difference", [200, { result: "differs", complete: true }]],
    ["docs/http.md: a narrowing", [200, { result: "narrowed", unchanged: false }]],
    [
      "docs/http.md: a lint",
      [200, { undecided: [], findings: [expect.objectContaining({ rule: expect.objectContaining({ id: "read" }) })] }],
    ],
    ["docs/http.md: a policy that is put", [201, { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]],
    ["README.md: a spawn check", [200, { status: "ok" }], apply],
  ];
  const examples = [...curlExamples("docs/http.md"), ...curlExamples("README.md")];
  it("knows what every curl example of the documentation is answered", () => {
    expect(examples).toHaveLength(replies.length);
  });
  // Between every two answers of an example stands the status of the first.
  const STATUS = /\u001e(\d{3})\u001e/;
  it
    .skipIf(isWithoutProgram("curl"))
    .each(replies.map(([title, ...expected], index) => ({ title, expected, example: examples[index] ?? "" })))(
    "answers the documentation's example as it stands, $title (skipped without `curl`)",
    async ({ example, expected }) => {
      // What an example installs or starts for its reader runs here already.
      const script = example
        .replace(/^\$ /gm, "")
        .replace(/^(?:npx|npm|atmost)\b.*$/gm, "")
        .replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost):8750/g, url);
      const withStatus = `curl() { command curl --write-out '\u001e%{http_code}\u001e' "$@"; }\n${script}`;
      const { stdout: out } = await run("sh", ["-eu", "-c", withStatus], {
        cwd: root,
        env: { ...process.env, TMPDIR: scratch },
        timeout: 30_000,
      });
      const parts = out.split(STATUS);
      expect(parts.pop()?.trim()).toBe("");
      const answers = parts.flatMap((text, i) => (i % 2 === 0 ? [[Number(parts[i + 1]), JSON.parse(text)]] : []));
      expect(answers).toEqual(expected.map(([status, body]) => [status, expect.objectContaining(body)]));
    },
  );

  it("stops at a signal: it ends as stopped, and nobody listens any more", async () => {
    signals.emit("SIGTERM");
    expect(await ended).toEqual({ kind: "stopped" });
    expect(signals.listenerCount("SIGTERM") + signals.listenerCount("SIGINT")).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(log.text()).toContain('"msg":"stopped"');
  });
});

describe("atmost serve, told to listen to others", () => {
  it("refuses to start without tokens, and writes nothing on standard output", async () => {
    const [stdout, log] = [keptStream(), keptStream()];
    const options = { host: "0.0.0.0", port: 0, env: {}, stderr: log.stream, version: "0.0.0" };
    expect(await serveUntilStopped(options, stdout.stream, new EventEmitter())).toMatchObject({
      kind: "refused",
      code: "address_needs_tokens",
    });
    expect(stdout.text()).toBe("");
  });
});
