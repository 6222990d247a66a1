/** Upper bounds of the buckets in which calls are counted by how long they took; what takes longer is counted in the sum and number alone. */
export const LATENCY_BUCKETS_MS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** How often calls of one method ended in one way. */
export interface CallCount<Outcome extends string> {
  readonly method: string;
  readonly outcome: Outcome;
  readonly count: number;
}

/** How long the calls of one method took. */
export interface Latency {
  readonly method: string;
  /** For each of LATENCY_BUCKETS_MS, how many took at most that long and longer than the one before. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

interface MethodCounts {
  readonly outcomes: Map<string, number>;
  readonly buckets: number[];
  count: number;
  sumMs: number;
}

/** Counts calls by method and outcome, and how long they took. */
export class CallCounters<Outcome extends string> {
  readonly #methods = new Map<string, MethodCounts>();

  /** A call has ended. `tookMs` is absent where it says nothing, as for one that was refused. */
  count(method: string, outcome: Outcome, tookMs?: number): void {
    let counts = this.#methods.get(method);
    if (!counts) this.#methods.set(method, (counts = { outcomes: new Map(), buckets: LATENCY_BUCKETS_MS.map(() => 0), count: 0, sumMs: 0 }));
    counts.outcomes.set(outcome, (counts.outcomes.get(outcome) ?? 0) + 1);
    if (tookMs === undefined) return;
    counts.count += 1;
    counts.sumMs += tookMs;
    let bucket = 0;
    while (tookMs > LATENCY_BUCKETS_MS[bucket]!) bucket += 1; // nothing is larger than what is not there
    if (bucket < counts.buckets.length) counts.buckets[bucket]! += 1;
  }

  /** Since the start. */
  calls(): CallCount<Outcome>[] {
    return [...this.#methods].flatMap(([method, { outcomes }]) => Array.from(outcomes, ([outcome, count]) => ({ method, outcome: outcome as Outcome, count })));
  }

  /** Since the start, of methods of which a call was measured. */
  latencies(): Latency[] {
    return [...this.#methods].filter(([, { count }]) => count > 0)
      .map(([method, { buckets, count, sumMs }]) => ({ method, buckets: [...buckets], count, sumMs }));
  }
}
