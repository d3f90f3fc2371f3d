// The address blocks of `allowed_ips`, made canonical. Not trusted. OpenShell takes a bare address as a block of one, ignores host
// bits, and refuses blocks that touch what it never lets through.

/** A block in RFC 5952 form with no host bits set, or why there is none. */
export type Block = { readonly kind: "block"; readonly cidr: string } | { readonly kind: "refused"; readonly reason: string };

type Net = { readonly width: 32 | 128; readonly bits: bigint; readonly prefix: number };

/**
 * What a wildcard host, or no host at all, does not reach by itself: private, shared, documentation and benchmark ranges.
 * An exactly named host does reach them. SOURCE: OpenShell's prover, `containment/ip.rs` at 34e17948f9f4, and its schema reference.
 */
export const INTERNAL_BLOCKS: readonly string[] = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "255.255.255.255/32",
  "fc00::/7",
];

/** Loopback, link-local and unspecified, which OpenShell lets through for no host and no policy. SOURCE: as above. */
export const CLOSED_BLOCKS: readonly string[] = ["0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "::/127", "fe80::/10"];

/** What `allowed_ips` may not touch: the same, and every IPv4-mapped address, which is canonical nowhere. */
const NEVER_BLOCKS: readonly string[] = [...CLOSED_BLOCKS, "::ffff:0:0/96"];

/** Returns the canonical block of one `allowed_ips` entry; `anywhere` reads blocks of other formats, which may touch any address. */
export function canonicalBlock(text: string, reach: "allowed_ips" | "anywhere" = "allowed_ips"): Block {
  const net = parseNet(text);
  if (net === undefined) return { kind: "refused", reason: "not an IP address or CIDR block" };
  for (const never of reach === "anywhere" ? [] : NEVER_BLOCKS) {
    const other = parseNet(never);
    if (other !== undefined && overlaps(net, other)) {
      return { kind: "refused", reason: `it overlaps \`${never}\`, which OpenShell never lets through` };
    }
  }
  return { kind: "block", cidr: `${formatAddress(net)}/${net.prefix}` };
}

function parseNet(text: string): Net | undefined {
  const [address = "", prefixText, ...more] = text.split("/");
  if (more.length > 0) return undefined;
  const v4 = parseIpv4(address);
  const bits = v4 ?? parseIpv6(address);
  if (bits === undefined) return undefined;
  const width = v4 === undefined ? 128 : 32;
  if (prefixText !== undefined && !/^(?:0|[1-9][0-9]{0,2})$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? width : Number(prefixText);
  if (prefix > width) return undefined;
  const hostBits = BigInt(width - prefix);
  return { width, bits: (bits >> hostBits) << hostBits, prefix };
}

function overlaps(left: Net, right: Net): boolean {
  if (left.width !== right.width) return false;
  const shift = BigInt(left.width - Math.min(left.prefix, right.prefix));
  return left.bits >> shift === right.bits >> shift;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const left = parseGroups(halves[0] ?? "");
  const right = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let bits = 0n;
  for (const group of [...left, ...Array.from({ length: missing }, () => 0), ...right]) bits = (bits << 16n) | BigInt(group);
  return bits;
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (v4 !== undefined) groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

// SOURCE: RFC 5952 section 4: lower case, no leading zeros, the longest run of at least two zero groups (the first of equals) as `::`.
function formatAddress({ width, bits }: Net): string {
  const size = width === 32 ? 8n : 16n;
  const count = width === 32 ? 4 : 8;
  const groups = Array.from({ length: count }, (_, index) => Number((bits >> (size * BigInt(count - 1 - index))) & ((1n << size) - 1n)));
  if (width === 32) return groups.join(".");
  let start = -1;
  let length = 1;
  for (let from = 0; from < count; from += 1) {
    let to = from;
    while (to < count && groups[to] === 0) to += 1;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const hex = groups.map((group) => group.toString(16));
  return start < 0 ? hex.join(":") : `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}
