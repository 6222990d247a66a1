import type { LossReason } from '../state/replica.ts';

/** WebSocket's states, and CONNECTED: the first snapshot has been applied. */
export const READY_STATE = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3, CONNECTED: 4 } as const;

export type ReadyState = (typeof READY_STATE)[keyof typeof READY_STATE];

/** How a connection goes on from the one before: not at all, with a snapshot of what is there, or with all that was missed. */
export type Resume = 'new' | 'snapshot' | 'replay';

/** What a RopeClient tells. All of it comes after `open()` and `close()` have returned. */
export interface RopeClientEvents {
  /** Connecting has begun. */
  open: [];
  /** A socket is up; once for each. */
  websocketOpen: [];
  /** The snapshot has been applied, or what was missed follows: reads are true and calls go out. */
  connected: [info: { resume: Resume }];
  /** The link broke and may return. Not emitted for our own `close()`. */
  disconnected: [];
  /** After `disconnected`; not emitted for our own `close()`. */
  websocketClose: [wasClean: boolean];
  /** Our own `close()` or `destroy()` is done. */
  close: [];
  /** An attempt to connect failed, or the peer broke the protocol. The client goes on trying. */
  error: [error: Error];
  /** The node is gone; `host.lost()` has been called. The client goes on trying: a node may come back. */
  lost: [reason: LossReason];
  /** The node leaves as planned; `host.left()` has been called. */
  goodbye: [reason: string];
  /** The node wants nothing new, or is ready again. */
  draining: [draining: boolean];
}
