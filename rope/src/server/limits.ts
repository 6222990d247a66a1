/** How much a server takes, and how long it waits. `docs/protocol.md`, section 6, says what happens beyond each. */
export interface Limits {
  /** How long the objects of a client without a link are kept. Default: 30 s. */
  readonly leaseMs: number;
  /** How often clients ask whether this side is there; after twice that without a word a link is broken. Default: 5 s. */
  readonly heartbeatMs: number;
  /** From the socket to its hello, and from a close frame to its answer. Default: 5 s. */
  readonly handshakeTimeoutMs: number;
  /** The longest message that is taken. Default: 4 MiB. */
  readonly maxMessageBytes: number;
  /** Calls of one session that may be under way. Default: 10,000. */
  readonly maxPendingRequests: number;
  /** Calls of one session in a second, and at once after a pause; what has no answer counts too. Default: 20,000. */
  readonly maxRequestsPerSecond: number;
  /** Objects of one owner: of a session, or of several that share an `ownerId`. Default: 50,000. */
  readonly maxObjectsPerSession: number;
  /** Sessions that share an `ownerId`. Default: 16. */
  readonly maxSessionsPerOwner: number;
  /** Sessions of one principal. Default: 1,024. */
  readonly maxSessionsPerPrincipal: number;
  /** A client that leaves more than this unread loses its link, which it may make again. Default: 16 MiB. */
  readonly maxBufferedBytes: number;
  /** What is kept for a client without a link, so that it misses nothing; beyond it, its next link brings a snapshot. Default: 256 KiB. */
  readonly maxReplayBytes: number;
  /** The same for all clients together. Default: 64 MiB. */
  readonly maxReplayBytesInSum: number;
}

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Those of a server that was told nothing else. */
export const DEFAULT_LIMITS: Limits = {
  leaseMs: 30_000,
  heartbeatMs: 5_000,
  handshakeTimeoutMs: 5_000,
  maxMessageBytes: 4 * MIB,
  maxPendingRequests: 10_000,
  maxRequestsPerSecond: 20_000,
  maxObjectsPerSession: 50_000,
  maxSessionsPerOwner: 16,
  maxSessionsPerPrincipal: 1_024,
  maxBufferedBytes: 16 * MIB,
  maxReplayBytes: 256 * KIB,
  maxReplayBytesInSum: 64 * MIB,
};

/** The defaults, and in their place what was given; `undefined` gives nothing. */
export function limitsOf(given: Partial<Limits>): Limits {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
  return Object.fromEntries(names.map(name => [name, given[name] ?? DEFAULT_LIMITS[name]])) as unknown as Limits;
}
