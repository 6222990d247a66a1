/** How a request ended. */
export type Outcome = 'ok' | 'error' | 'cancelled' | 'refused';

/** How a link went on from the one before. */
export type ResumeKind = 'new' | 'snapshot' | 'replay';

/** Upper bounds of the buckets in which calls are counted by how long they took; what takes longer is counted in the sum and number alone. */
export const LATENCY_BUCKETS_MS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** How long the calls of one method took, from the message to its answer. Refused ones are not among them. */
export interface Latency {
  readonly method: string;
  /** For each of LATENCY_BUCKETS_MS, how many took at most that long and longer than the one before. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

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
  readonly requests: readonly { readonly method: string; readonly outcome: Outcome; readonly count: number }[];
  /** Since the start, by method. */
  readonly latencies: readonly Latency[];
  /** Links since the start, by how they went on. */
  readonly resumes: Readonly<Record<ResumeKind, number>>;
  /** Clients that were not let in since the start, by the code of the error. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Since the start, over all links. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface MethodCounts {
  readonly outcomes: Record<Outcome, number>;
  readonly buckets: number[];
  count: number;
  sumMs: number;
}

/** Counts what a server does. */
export class Counters {
  readonly #methods = new Map<string, MethodCounts>();
  readonly resumes: Record<ResumeKind, number> = { new: 0, snapshot: 0, replay: 0 };
  readonly rejections: Record<string, number> = {};

  /** A request has ended; `tookMs` is absent for one that was refused. */
  count(method: string, outcome: Outcome, tookMs?: number): void {
    let counts = this.#methods.get(method);
    if (!counts) {
      counts = { outcomes: { ok: 0, error: 0, cancelled: 0, refused: 0 }, buckets: LATENCY_BUCKETS_MS.map(() => 0), count: 0, sumMs: 0 };
      this.#methods.set(method, counts);
    }
    counts.outcomes[outcome] += 1;
    if (tookMs === undefined) return;
    counts.count += 1;
    counts.sumMs += tookMs;
    const bucket = LATENCY_BUCKETS_MS.findIndex(boundMs => tookMs <= boundMs);
    if (bucket >= 0) counts.buckets[bucket]! += 1;
  }

  /** A client was not let in. */
  rejected(code: string): void {
    this.rejections[code] = (this.rejections[code] ?? 0) + 1;
  }

  /** Those that are not zero. */
  requests(): RopeMetrics['requests'] {
    return [...this.#methods].flatMap(([method, { outcomes }]) =>
      (Object.entries(outcomes) as [Outcome, number][])
        .filter(([, count]) => count > 0)
        .map(([outcome, count]) => ({ method, outcome, count })));
  }

  latencies(): Latency[] {
    return [...this.#methods].filter(([, { count }]) => count > 0)
      .map(([method, { buckets, count, sumMs }]) => ({ method, buckets: [...buckets], count, sumMs }));
  }
}
