// Key files when things go wrong: open modes, absent and unreadable files, names that are taken, and processes that start together.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  developmentKeyFile,
  encodePrivateKey,
  keyPairFromSeed,
  loadSigningKey,
  parsePrivateKey,
  parsePublicKey,
  writeKeyPair,
} from "../../src/signing/index.js";

const repoRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const seed = new Uint8Array(32).fill(7);
let base = "";
let count = 0;

const freshDirectory = async (): Promise<string> => {
  count += 1;
  const directory = join(base, String(count));
  await mkdir(directory);
  return directory;
};

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

const codeOf = (result: { readonly kind: string }): string =>
  "code" in result && typeof result.code === "string" ? result.code : result.kind;

const load = (options: { file?: string; env?: string; developmentFile?: string }) =>
  loadSigningKey({ developmentFile: join(base, "never", "development.key"), ...options, random: randomBytes });

const keyIdOf = async (): Promise<string> => {
  const loaded = await load({ env: Buffer.from(seed).toString("base64") });
  return loaded.kind === "loaded" ? loaded.key.keyId : "";
};

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "atmost-keys-"));
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

describe("the order of sources", () => {
  it("is the named file, then the environment, then the development key", async () => {
    const directory = await freshDirectory();
    const file = join(directory, "signing.key");
    await writeFile(file, encodePrivateKey(await keyPairFromSeed(seed)), { mode: 0o600 });
    const env = Buffer.from(new Uint8Array(32).fill(9)).toString("base64");
    const developmentFile = join(directory, "state", "development.key");
    const fromFile = await load({ file, env, developmentFile });
    expect(fromFile).toMatchObject({ kind: "loaded", source: "file", file, created: false, key: { keyId: await keyIdOf() } });
    const fromEnvironment = await load({ env, developmentFile });
    expect(fromEnvironment).toMatchObject({ kind: "loaded", source: "environment", created: false });
    expect(await readdir(directory)).toEqual(["signing.key"]);
    const development = await load({ developmentFile });
    expect(development).toMatchObject({ kind: "loaded", source: "development", file: developmentFile, created: true });
  });

  it("never passes over a source that is given but bad", async () => {
    const directory = await freshDirectory();
    const developmentFile = join(directory, "development.key");
    const env = Buffer.from(seed).toString("base64");
    expect(codeOf(await load({ file: join(directory, "absent"), env, developmentFile }))).toBe("key_file_unreadable");
    expect(codeOf(await load({ env: "", developmentFile }))).toBe("invalid_key");
    expect(codeOf(await load({ env: "rubbish", developmentFile }))).toBe("invalid_key");
    expect(await readdir(directory)).toEqual([]);
  });

  it("puts the development key in the XDG state directory, and ignores a relative one", () => {
    expect(developmentKeyFile("/var/state", "/home/u")).toBe("/var/state/atmost/development.key");
    expect(developmentKeyFile(undefined, "/home/u")).toBe("/home/u/.local/state/atmost/development.key");
    expect(developmentKeyFile("", "/home/u")).toBe("/home/u/.local/state/atmost/development.key");
    expect(developmentKeyFile("state", "/home/u")).toBe("/home/u/.local/state/atmost/development.key");
  });
});

describe("a key file", () => {
  it("that others can read, write or run is refused, whatever its source", async () => {
    const directory = await freshDirectory();
    const file = join(directory, "signing.key");
    await writeFile(file, encodePrivateKey(await keyPairFromSeed(seed)));
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777]) {
      await chmod(file, mode);
      expect(codeOf(await load({ file }))).toBe("key_file_permissions");
      expect(codeOf(await load({ developmentFile: file }))).toBe("key_file_permissions");
    }
    for (const mode of [0o600, 0o400, 0o700]) {
      await chmod(file, mode);
      expect(codeOf(await load({ file }))).toBe("loaded");
    }
  });

  it("that is a directory, a device, empty, rubbish, or too long is refused", async () => {
    const directory = await freshDirectory();
    const write = async (name: string, text: string | Uint8Array): Promise<string> => {
      const file = join(directory, name);
      await writeFile(file, text, { mode: 0o600 });
      return file;
    };
    expect(codeOf(await load({ file: directory }))).toBe("key_file_unreadable");
    expect(codeOf(await load({ file: "/dev/null" }))).toBe("key_file_unreadable");
    expect(codeOf(await load({ file: await write("long", "A".repeat(16_385)) }))).toBe("key_file_unreadable");
    expect(codeOf(await load({ file: await write("empty", "") }))).toBe("invalid_key");
    expect(codeOf(await load({ file: await write("rubbish", Uint8Array.from([0, 255, 254])) }))).toBe("invalid_key");
    expect(codeOf(await load({ file: `${directory}/nul\0` }))).toBe("key_file_unreadable");
  });

  it("cut short at any byte is refused, and no message shows what is in it", async () => {
    const file = join(await freshDirectory(), "signing.key");
    const text = encodePrivateKey(await keyPairFromSeed(seed));
    const secret = text.split("\n")[1] ?? "";
    for (let length = 0; length < text.trimEnd().length; length += 1) {
      await writeFile(file, text.slice(0, length), { mode: 0o600 });
      const loaded = await load({ file });
      expect(codeOf(loaded)).toBe("invalid_key");
      expect("message" in loaded && loaded.message.includes(secret.slice(20, 30))).toBe(false);
    }
  });
});

describe("the development key", () => {
  it("is made once, mode 0600 in a directory of mode 0700, and found again", async () => {
    const directory = await freshDirectory();
    const developmentFile = join(directory, "state", "atmost", "development.key");
    const first = await load({ developmentFile });
    const second = await load({ developmentFile });
    expect(first).toMatchObject({ kind: "loaded", source: "development", created: true });
    expect(second).toMatchObject({ kind: "loaded", source: "development", created: false });
    expect(first.kind === "loaded" && second.kind === "loaded" && first.key.keyId === second.key.keyId).toBe(true);
    expect(await modeOf(developmentFile)).toBe(0o600);
    expect(await modeOf(dirname(developmentFile))).toBe(0o700);
    expect(await readdir(dirname(developmentFile))).toEqual(["development.key"]);
  });

  it("is not replaced when it is damaged", async () => {
    const developmentFile = join(await freshDirectory(), "development.key");
    await writeFile(developmentFile, "damaged", { mode: 0o600 });
    expect(codeOf(await load({ developmentFile }))).toBe("invalid_key");
    expect(await readFile(developmentFile, "utf8")).toBe("damaged");
  });

  it("is not written through a dangling link, nor where a file stands in for its directory", async () => {
    const directory = await freshDirectory();
    const link = join(directory, "development.key");
    await symlink(join(directory, "elsewhere"), link);
    expect(codeOf(await load({ developmentFile: link }))).toBe("key_file_unreadable");
    expect(await readdir(directory)).toEqual(["development.key"]);
    const file = join(directory, "file");
    await writeFile(file, "");
    expect((await load({ developmentFile: join(file, "atmost", "development.key") })).kind).toBe("refused");
  });

  it("is one key when 16 callers in this process want it at once", async () => {
    const developmentFile = join(await freshDirectory(), "state", "development.key");
    const loaded = await Promise.all(Array.from({ length: 16 }, () => load({ developmentFile })));
    const ids = loaded.map((result) => (result.kind === "loaded" ? result.key.keyId : result.message));
    expect(new Set(ids).size).toBe(1);
    expect(loaded.filter((result) => result.kind === "loaded" && result.created).length).toBe(1);
    expect(await readdir(dirname(developmentFile))).toEqual(["development.key"]);
  });

  it("is one key when four processes start together", async () => {
    const directory = await freshDirectory();
    const developmentFile = join(directory, "state", "development.key");
    const bundle = join(directory, "keys.mjs");
    const entryPoints = [join(repoRoot, "src/signing/key-files.ts")];
    await build({ entryPoints, outfile: bundle, bundle: true, platform: "node", format: "esm", logLevel: "silent" });
    // Each says when it is ready and waits for the word, so that all four reach the empty directory together.
    const program = `
      const { loadSigningKey } = await import(${JSON.stringify(bundle)});
      const { randomBytes } = await import("node:crypto");
      process.stdin.once("data", async () => {
        const loaded = await loadSigningKey({ developmentFile: ${JSON.stringify(developmentFile)}, random: randomBytes });
        console.log(loaded.kind === "loaded" ? loaded.key.keyId + " " + loaded.created : loaded.message);
        process.exit(0);
      });
      console.log("ready");`;
    const start = () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
      let output = "";
      const ready = new Promise<void>((done) => {
        child.stdout.on("data", (chunk: Buffer) => {
          output += chunk.toString();
          if (output.includes("ready\n")) done();
        });
      });
      const ended = new Promise<string>((done) => child.on("close", () => done(output.replace("ready\n", "").trim())));
      return { child, ready, ended };
    };
    const started = Array.from({ length: 4 }, start);
    await Promise.all(started.map(({ ready }) => ready));
    for (const { child } of started) child.stdin.write("go\n");
    const answers = await Promise.all(started.map(({ ended }) => ended));
    const ids = new Set(answers.map((answer) => answer.split(" ")[0]));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^[0-9a-f]{64}$/);
    expect(answers.filter((answer) => answer.endsWith("true")).length).toBe(1);
    expect(await readdir(dirname(developmentFile))).toEqual(["development.key"]);
  });
});

describe("keygen", () => {
  it("writes a private file of mode 0600 and a public one of mode 0644 that belong together", async () => {
    const directory = await freshDirectory();
    const path = join(directory, "signing.key");
    const written = await writeKeyPair(path, randomBytes);
    expect(written).toMatchObject({ kind: "written", privateFile: path, publicFile: `${path}.pub` });
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(`${path}.pub`)).toBe(0o644);
    const pair = await parsePrivateKey(await readFile(path, "utf8"), "key");
    const publicKey = parsePublicKey(await readFile(`${path}.pub`, "utf8"), "key");
    expect(pair.kind === "pair" && publicKey.kind === "bytes" && Buffer.from(pair.publicKey).equals(publicKey.bytes)).toBe(true);
    expect((await readdir(directory)).sort()).toEqual(["signing.key", "signing.key.pub"]);
    expect(await load({ file: path })).toMatchObject({ key: { keyId: "keyId" in written && written.keyId } });
  });

  it("overwrites neither file, nor a link, and leaves nothing behind", async () => {
    for (const taken of ["signing.key", "signing.key.pub"]) {
      const directory = await freshDirectory();
      await writeFile(join(directory, taken), "mine");
      expect(codeOf(await writeKeyPair(join(directory, "signing.key"), randomBytes))).toBe("key_file_exists");
      expect(await readdir(directory)).toEqual([taken]);
      expect(await readFile(join(directory, taken), "utf8")).toBe("mine");
    }
    const directory = await freshDirectory();
    const path = join(directory, "signing.key");
    await symlink(join(directory, "elsewhere"), path);
    expect(codeOf(await writeKeyPair(path, randomBytes))).toBe("key_file_exists");
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readdir(directory)).toEqual(["signing.key"]);
  });

  it("gives one winner, whose files match, when eight run at once", async () => {
    const path = join(await freshDirectory(), "signing.key");
    const results = await Promise.all(Array.from({ length: 8 }, () => writeKeyPair(path, randomBytes)));
    const winners = results.filter((result) => result.kind === "written");
    expect(winners.length).toBe(1);
    expect(results.filter((result) => codeOf(result) === "key_file_exists").length).toBe(7);
    const pair = await parsePrivateKey(await readFile(path, "utf8"), "key");
    const publicKey = parsePublicKey(await readFile(`${path}.pub`, "utf8"), "key");
    expect(pair.kind === "pair" && publicKey.kind === "bytes" && Buffer.from(pair.publicKey).equals(publicKey.bytes)).toBe(true);
  });

  it("refuses a directory that is absent", async () => {
    const path = join(await freshDirectory(), "absent", "signing.key");
    expect(codeOf(await writeKeyPair(path, randomBytes))).toBe("key_file_unwritable");
  });
});
