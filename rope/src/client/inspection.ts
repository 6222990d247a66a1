import type { CallCount, Latency } from '../counters.ts';
import type { NodeIdentity } from '../protocol/message.ts';
import type { CallOutcome, SessionState } from '../session/session.ts';
import type { ReadyState, Resume } from './events.ts';

/** What a client has done, and a moment of it. */
export interface RopeClientMetrics {
  /** Since the client was made, by method and outcome. */
  readonly calls: readonly CallCount<CallOutcome>[];
  /** Of calls that were answered, from the call to its answer. */
  readonly latencies: readonly Latency[];
  /** Links, by how they went on from the one before. */
  readonly resumes: Readonly<Record<Resume, number>>;
  /** The size of the replica. */
  readonly objects: number;
  readonly pendingCalls: number;
  /** Messages that wait for a link, or for room in it. */
  readonly queuedMessages: number;
  /** What waits, or was sent and is not acknowledged. */
  readonly queuedBytes: number;
  /** Of data frames, since `open()`. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** How a client stands, as plain data. Of the session nothing is there while the client is closed. */
export interface RopeClientInspection extends Partial<SessionState> {
  readonly url: string | undefined;
  readonly readyState: ReadyState;
  /** The beginning of the session's id. */
  readonly session: string | undefined;
  readonly node: NodeIdentity | undefined;
  readonly resumes: Readonly<Record<Resume, number>>;
  readonly objects: number;
}
