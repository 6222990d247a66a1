/** How a request ended. */
export type Outcome = 'ok' | 'error' | 'cancelled' | 'refused';

/** A moment of a server, for whoever exports metrics. */
export interface RopeMetrics {
  /** Sessions that live, with or without a link. */
  readonly sessions: number;
  /** Sessions with a link. */
  readonly connected: number;
  readonly objects: number;
  readonly pendingRequests: number;
  /** Since the start, by method and outcome. Methods that do not exist count as `unknown`. */
  readonly requests: readonly { readonly method: string; readonly outcome: Outcome; readonly count: number }[];
}

/** Counts requests by method and outcome. */
export class RequestCounter {
  readonly #counts = new Map<string, Record<Outcome, number>>();

  count(method: string, outcome: Outcome): void {
    let counts = this.#counts.get(method);
    if (!counts) this.#counts.set(method, (counts = { ok: 0, error: 0, cancelled: 0, refused: 0 }));
    counts[outcome] += 1;
  }

  /** Those that are not zero. */
  list(): RopeMetrics['requests'] {
    return [...this.#counts].flatMap(([method, counts]) =>
      (Object.entries(counts) as [Outcome, number][])
        .filter(([, count]) => count > 0)
        .map(([outcome, count]) => ({ method, outcome, count })));
  }
}
