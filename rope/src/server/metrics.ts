import { CallCounters } from '../counters.ts';
import type { CallCount, Latency } from '../counters.ts';

/** How a request ended. */
export type Outcome = 'ok' | 'error' | 'cancelled' | 'refused';

/** How a link went on from the one before. */
export type ResumeKind = 'new' | 'snapshot' | 'replay';

/** A moment of a server, for whoever exports metrics. */
export interface RopeMetrics {
  /** Sessions that live, with or without a link. */
  readonly sessions: number;
  /** Sessions with a link. */
  readonly connected: number;
  readonly objects: number;
  readonly pendingRequests: number;
  /** What waits to be sent, acknowledged or replayed, over all sessions. */
  readonly queuedBytes: number;
  /** Since the start, by method and outcome. Methods that do not exist count as `unknown`. */
  readonly requests: readonly CallCount<Outcome>[];
  /** Since the start, by method; refused calls are not among them. */
  readonly latencies: readonly Latency[];
  /** Links since the start, by how they went on. */
  readonly resumes: Readonly<Record<ResumeKind, number>>;
  /** Clients that were not let in since the start, by the code of the error. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Since the start, over all links. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Counts what a server does. */
export class Counters extends CallCounters<Outcome> {
  readonly resumes: Record<ResumeKind, number> = { new: 0, snapshot: 0, replay: 0 };
  readonly rejections: Record<string, number> = {};

  /** A client was not let in. */
  rejected(code: string): void {
    this.rejections[code] = (this.rejections[code] ?? 0) + 1;
  }
}
