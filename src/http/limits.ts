// The bounds of the service, with their defaults, in one table: `docs/http.md` repeats it.

/** What one service may hold and how long it may take. Times are milliseconds. */
export type HttpLimits = {
  /** The largest body, bytes. Four policies of 1 MiB each fit, with room for the rest. */
  readonly bodyBytesMax: number;
  /** All bodies that are being read or judged, bytes by their declared length (`bodyBytesMax` where none is declared); past it 503. */
  readonly inFlightBytesMax: number;
  /** Spawn checks that are being read or judged; past it 503. */
  readonly inFlightMax: number;
  /** The time for the proof of one spawn check; links that are left then are undecided, `deadline`. */
  readonly deadlineMs: number;
  /** How long after `deadlineMs`, or after a stop was asked for, the prover may take to say so itself. */
  readonly graceMs: number;
  /** The time for the header of a request to arrive. */
  readonly headersTimeoutMs: number;
  /** The time for a whole request to arrive. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveTimeoutMs: number;
  /** How often connections are looked over for the three times above. */
  readonly connectionsCheckMs: number;
  /** How long proofs may go on once a stop was asked for; those left then answer undecided, `shutdown`. */
  readonly drainMs: number;
  /** Policies that were put: how many, and bytes of their text. In memory a policy takes up to about 120 times its text: its patterns are compiled. */
  readonly storeEntriesMax: number;
  readonly storeBytesMax: number;
  /** Policies that stood in bodies and are kept read: how many, and bytes of their text. 0 turns the cache off. */
  readonly inlineEntriesMax: number;
  readonly inlineBytesMax: number;
  /** Answers for links that are kept, so that the same question is not proved twice: how many, and about the characters of their texts. 0 turns the cache off. */
  readonly linkEntriesMax: number;
  readonly linkBytesMax: number;
  /** Attestations that are kept for askers of the same second, each with its answer's bytes where these are at most 64 KiB. 0 signs every answer anew. */
  readonly envelopesMax: number;
  /** What `Retry-After` says when there is too much to do, seconds. */
  readonly retryAfterSeconds: number;
};

const MIB = 1_048_576;

/** The bounds that hold where nothing else is asked for. */
export const defaultLimits: HttpLimits = {
  bodyBytesMax: 4.5 * MIB,
  inFlightBytesMax: 64 * MIB,
  inFlightMax: 1_024,
  deadlineMs: 10_000,
  graceMs: 500,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  connectionsCheckMs: 1_000,
  drainMs: 5_000,
  storeEntriesMax: 1_024,
  storeBytesMax: 4 * MIB,
  inlineEntriesMax: 256,
  inlineBytesMax: 2 * MIB,
  linkEntriesMax: 4_096,
  linkBytesMax: 8 * MIB,
  envelopesMax: 256,
  retryAfterSeconds: 1,
};

/** The bounds with which nothing is kept from one request for the next, but for the policies that were put. */
export const withoutCaches = { inlineEntriesMax: 0, linkEntriesMax: 0, envelopesMax: 0 } as const;
