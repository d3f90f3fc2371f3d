// SHA-256 in plain code, so that the prover runs where nothing else does. Not trusted: nothing that the kernel proves rests on a hash.

/** Returns the UTF-8 bytes of a well-formed string. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let size = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    bytes[size++] = more === 0 ? point : ((0xff00 >> (more + 1)) & 0xff) | (point >> (6 * more));
    for (let i = more - 1; i >= 0; i--) bytes[size++] = 0x80 | ((point >> (6 * i)) & 63);
  }
  return bytes.subarray(0, size);
}

// SOURCE: FIPS 180-4 section 4.2.2: the fractional parts of the cube (and square) roots of the first primes.
const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
const [squareRoots, cubeRoots] = [2, 3].map((root) => primes.map((prime) => ((prime ** (1 / root) % 1) * 0x100000000) | 0));
const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n));

/** Returns the SHA-256 of the UTF-8 bytes of `text`, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  const bytes = encodeUtf8(text);
  const blocks = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setBigUint64(blocks.length - 8, BigInt(bytes.length) << 3n);
  const w = new Int32Array(64);
  let hash: readonly number[] = squareRoots?.slice(0, 8) ?? [];
  for (let block = 0; block < blocks.length; block += 64) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
    for (let i = 0; i < 64; i++) {
      const x = w[i - 15] ?? 0;
      const y = w[i - 2] ?? 0;
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      const word = i < 16 ? view.getInt32(block + i * 4) : ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0;
      w[i] = word;
      const t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (cubeRoots?.[i] ?? 0) + word;
      const t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
    }
    hash = [a, b, c, d, e, f, g, h].map((x, i) => ((hash[i] ?? 0) + x) | 0);
  }
  return hash.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}
