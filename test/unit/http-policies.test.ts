// Policies put by their hash are given back and judged as themselves, and no more of them are held than the bound. By injection.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { applyBody, askBody, policy, rejectBody, testApp } from "../generators/http.js";
import { check, expectProblem, hashOf, send } from "./http-requests.js";
import { expectValid } from "./http-schemas.js";

describe("policies by hash", () => {
  it("puts a policy once (201, then 200), gives it back, and judges by its hash as by itself", async () => {
    const app = await testApp();
    const { child, parent_boundary, admin_max } = applyBody();
    const hashes: string[] = [];
    for (const document of [child, parent_boundary, admin_max]) {
      const sha256 = hashOf(document);
      hashes.push(sha256);
      const url = `/policies/${sha256}`;
      const first = await send(app, "PUT", url, document);
      expect([first.status, first.json()]).toEqual([201, { sha256, name: document.name, version: "1" }]);
      // The hash is of the canonical form, so another spelling is the same policy.
      expect((await send(app, "PUT", url, JSON.stringify(document, null, 2))).status).toBe(200);
      expect((await send(app, "GET", url)).json()).toEqual(document);
    }
    const [c = "", b = "", m = ""] = hashes;
    const body = { child: { sha256: c }, parent_boundary: { sha256: b }, admin_max: { sha256: m } };
    expectValid("SpawnCheckRequest", body);
    const byHash = await check(app, body);
    expect(byHash.status).toBe(200);
    expect(byHash.json()).toEqual((await check(app, applyBody())).json());
  });

  it("names every hash that is not held, as unknown_policy", async () => {
    const sha256 = createHash("sha256").update("nothing").digest("hex");
    const body = { ...applyBody(), child: { sha256 }, admin_max: { sha256 } };
    const { problems } = expectProblem(await check(await testApp(), body), "unknown_policy");
    expect(problems?.map(({ code, pointer }) => [code, pointer])).toEqual([
      ["unknown_policy", "/child"],
      ["unknown_policy", "/admin_max"],
    ]);
  });

  it("refuses a policy under another hash, and one that is none", async () => {
    const app = await testApp();
    const url = `/policies/${"0".repeat(64)}`;
    expectProblem(await send(app, "PUT", url, applyBody().child), "hash_mismatch");
    expectProblem(await send(app, "PUT", url, { language: "atmost/1" }), "invalid_request");
    expectProblem(await send(app, "PUT", url, "{"), "invalid_json");
    expectProblem(await send(app, "PUT", url, "name: yaml"), "invalid_json");
    expectProblem(await send(app, "PUT", url, Uint8Array.of(0xff)), "invalid_utf8");
    expectProblem(await send(app, "PUT", "/policies/ABC", applyBody().child), "not_found");
    expectProblem(await send(app, "GET", url), "not_found");
  });

  it("forgets the policy used longest ago past its bound, and says unknown_policy of it", async () => {
    const app = await testApp({ limits: { storeEntriesMax: 2 } });
    const documents = ["a", "b", "c"].map((name) => policy(name, []));
    const [a = "", b = "", c = ""] = documents.map(hashOf);
    const put = (document: unknown) => send(app, "PUT", `/policies/${hashOf(document)}`, document);
    await put(documents[0]);
    await put(documents[1]);
    // Using it keeps it.
    expect((await send(app, "GET", `/policies/${a}`)).status).toBe(200);
    await put(documents[2]);
    expectProblem(await send(app, "GET", `/policies/${b}`), "not_found");
    const body = (sha256: string) => ({ ...applyBody(), child: { sha256 } });
    expectProblem(await check(app, body(b)), "unknown_policy");
    expect((await check(app, body(a))).status).toBe(200);
    expect((await check(app, body(c))).status).toBe(200);
  });

  it("answers the same whether a text was seen before or not", async () => {
    for (const body of [applyBody(), askBody(), rejectBody()]) {
      const [warm, cold] = [await testApp(), await testApp({ limits: { inlineEntriesMax: 0 } })];
      const answers = [];
      for (const app of [warm, warm, cold, cold]) answers.push((await check(app, body)).text);
      expect(new Set(answers).size).toBe(1);
    }
  });
});
